-- Events: one append for a single write, one for a bulk write with an event per chain.

-- name: lock_head
-- The newest event of one chain, locked until the transaction ends.
SELECT sequence, hash FROM event_heads
WHERE chain_kind = %(chain_kind)s AND chain_id = %(chain_id)s FOR UPDATE;

-- name: start_chain
-- Makes the head of a chain that has no event yet; does nothing when it is there.
INSERT INTO event_heads (chain_kind, chain_id, sequence, hash, recorded_at)
VALUES (%(chain_kind)s, %(chain_id)s, 0, %(genesis)s, %(recorded_at)s)
ON CONFLICT (chain_kind, chain_id) DO NOTHING;

-- name: append
-- Writes one event; its hash was made by kept.core.events.
INSERT INTO events (recorded_at, chain_kind, chain_id, sequence, actor, action, subject,
                    batch_id, body, previous_hash, hash)
VALUES (%(recorded_at)s, %(chain_kind)s, %(chain_id)s, %(sequence)s, %(actor)s, %(action)s,
        %(subject)s, %(batch_id)s, %(body)s, %(previous_hash)s, %(hash)s);

-- name: move_head
-- Points the chain's head at its newest event.
UPDATE event_heads SET sequence = %(sequence)s, hash = %(hash)s, recorded_at = %(recorded_at)s
WHERE chain_kind = %(chain_kind)s AND chain_id = %(chain_id)s;

-- name: append_prepared
-- One event for each row of the temporary table `new_events` (chain_kind, chain_id, action, subject, body), one row a chain.
WITH locked AS (
    SELECT h.chain_kind, h.chain_id, h.sequence, h.hash
    FROM event_heads h JOIN new_events n USING (chain_kind, chain_id)
    ORDER BY h.chain_kind, h.chain_id FOR UPDATE OF h
), chained AS (
    SELECT n.chain_kind, n.chain_id, n.action, n.subject, n.body,
           coalesce(l.sequence, 0) + 1 AS sequence,
           coalesce(l.hash, %(genesis)s::bytea) AS previous_hash
    FROM new_events n LEFT JOIN locked l USING (chain_kind, chain_id)
), written AS (
    INSERT INTO events (recorded_at, chain_kind, chain_id, sequence, actor, action, subject,
                        batch_id, body, previous_hash, hash)
    SELECT %(recorded_at)s, chain_kind, chain_id, sequence, %(actor)s, action, subject,
           %(batch_id)s, body, previous_hash,
           kept_event_hash(previous_hash, chain_kind, chain_id, sequence,
                           %(recorded_at)s::timestamptz, %(actor)s, action, subject,
                           %(batch_id)s, body)
    FROM chained
    RETURNING chain_kind, chain_id, sequence, hash
)
INSERT INTO event_heads (chain_kind, chain_id, sequence, hash, recorded_at)
SELECT chain_kind, chain_id, sequence, hash, %(recorded_at)s FROM written
ON CONFLICT (chain_kind, chain_id) DO UPDATE
SET sequence = excluded.sequence, hash = excluded.hash, recorded_at = excluded.recorded_at;

-- name: timeline
-- The events of one case and its debtor, newest first, before a cursor.
SELECT recorded_at, id, chain_kind, sequence, actor, action, subject, batch_id, body
FROM events
WHERE ((chain_kind = 'case' AND chain_id = %(case_id)s)
       OR (chain_kind = 'debtor' AND chain_id = %(debtor_id)s))
  AND (%(before_at)s::timestamptz IS NULL
       OR (recorded_at, id) < (%(before_at)s::timestamptz, %(before_id)s::bigint))
ORDER BY recorded_at DESC, id DESC
LIMIT %(limit)s;

-- name: house
-- The house's own chain, newest first, before a place in it.
SELECT recorded_at, id, chain_kind, chain_id, sequence, actor, action, subject, batch_id, body
FROM events
WHERE chain_kind = 'house' AND chain_id = 0
  AND (%(before)s::bigint IS NULL OR sequence < %(before)s::bigint)
ORDER BY sequence DESC
LIMIT %(limit)s;
