-- Events that prove themselves: what the hash covers now, one call to append, seals, cut chains.

-- What the earlier form hashed cannot be proved in the new one; no released version wrote it.
TRUNCATE events, event_heads;

-- Personal values of an event lie encrypted in a column of their own; key_id names their key.
ALTER TABLE events ADD COLUMN key_id bigint, ADD COLUMN personal bytea;
ALTER TABLE events ADD CONSTRAINT event_personal_with_its_key
    CHECK ((key_id IS NULL) = (personal IS NULL));

-- A chain and a place in it name an event; a number of its own would differ from run to run.
DROP INDEX events_by_chain;
ALTER TABLE events DROP CONSTRAINT events_pkey, DROP COLUMN id,
    ADD PRIMARY KEY (chain_id, chain_kind, sequence, recorded_at);

-- The trigger on statements does not see a statement that names a partition; one on rows does.
CREATE TRIGGER event_rows_only_grow BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION kept_refuse_change();

-- Heads change with every event: room on the page keeps the new version beside the old one.
ALTER TABLE event_heads SET (fillfactor = 70);

DROP FUNCTION kept_event_hash;

-- The same bytes as kept.core.events.event_hash; a test holds the two together.
CREATE FUNCTION kept_event_hash(
    previous bytea, chain_kind text, chain_id bigint, sequence bigint,
    recorded_at timestamptz, actor text, action text, subject text, batch_id bigint,
    key_id bigint, personal bytea, body text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to(
        encode(previous, 'hex') || E'\n' || chain_kind || E'\n' || chain_id || E'\n'
        || sequence || E'\n' || (extract(epoch FROM recorded_at) * 1000000)::bigint
        || E'\n' || actor || E'\n' || action || E'\n' || subject || E'\n'
        || coalesce(batch_id::text, '') || E'\n' || coalesce(key_id::text, '') || E'\n'
        || coalesce(encode(personal, 'hex'), '-') || E'\n' || body, 'UTF8'))
$$;

-- The leaf of a chain in a seal, as in RFC 6962: the hash over a zero byte and the leaf's text.
-- The same bytes as kept.core.merkle.leaf_hash(kept.core.seals.leaf_text(...)).
CREATE FUNCTION kept_seal_leaf(chain_kind text, chain_id bigint, sequence bigint, hash bytea)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256('\x00'::bytea || convert_to(
        chain_kind || E'\n' || chain_id || E'\n' || sequence || E'\n' || encode(hash, 'hex'),
        'UTF8'))
$$;

-- A link of a chain under a key of seven bytes chosen for one verification: two links have equal
-- numbers only where they are equal, and nobody who wrote the rows knew the key. Sums of it compare
-- sets. Key, hash and place are 55 bytes, which SHA-256 takes in one block.
CREATE FUNCTION kept_event_link(
    key bytea, chain_kind text, chain_id bigint, sequence bigint, hash bytea
) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT hashtextextended(
        encode(sha256(key || hash || int8send(chain_id) || int8send(sequence)), 'hex'),
        hashtext(chain_kind))
$$;

-- Appends one event to its chain and returns its sequence: locks the head, hashes, writes, moves on.
CREATE FUNCTION kept_append_event(
    of_kind text, of_chain bigint, at timestamptz, by_actor text, did text, what text,
    of_batch bigint, with_key bigint, sealed bytea, told text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head record;
    made_hash bytea;
BEGIN
    -- Many who wait for one row wake each other in vain; before the one chain that all write to
    -- they queue for a lock that goes from hand to hand.
    IF of_kind = 'house' THEN
        PERFORM pg_advisory_xact_lock(1752135027, 0);
    END IF;
    SELECT h.sequence, h.hash INTO head FROM event_heads h
    WHERE h.chain_kind = of_kind AND h.chain_id = of_chain FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO event_heads (chain_kind, chain_id, sequence, hash, sealed_sequence)
        VALUES (of_kind, of_chain, 0, decode(repeat('00', 32), 'hex'), 0)
        ON CONFLICT (chain_kind, chain_id) DO NOTHING;
        SELECT h.sequence, h.hash INTO head FROM event_heads h
        WHERE h.chain_kind = of_kind AND h.chain_id = of_chain FOR NO KEY UPDATE;
    END IF;
    made_hash := kept_event_hash(head.hash, of_kind, of_chain, head.sequence + 1, at,
                                 by_actor, did, what, of_batch, with_key, sealed, told);
    INSERT INTO events (recorded_at, chain_kind, chain_id, sequence, actor, action, subject,
                        batch_id, key_id, personal, body, previous_hash, hash)
    VALUES (at, of_kind, of_chain, head.sequence + 1, by_actor, did, what,
            of_batch, with_key, sealed, told, head.hash, made_hash);
    UPDATE event_heads h SET sequence = head.sequence + 1, hash = made_hash
    WHERE h.chain_kind = of_kind AND h.chain_id = of_chain;
    RETURN head.sequence + 1;
END $$;
