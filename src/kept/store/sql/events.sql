-- Events: one append for a single write, one for a bulk write with an event per chain.

-- name: append
-- Writes one event at the end of its chain; hash and sequence are made by the function.
SELECT kept_append_event(%(chain_kind)s, %(chain_id)s, %(recorded_at)s, %(actor)s, %(action)s,
                         %(subject)s, %(batch_id)s, %(key_id)s, %(personal)s, %(body)s) AS sequence;

-- name: append_prepared
-- One event for each row of the temporary table `new_events` (chain_kind, chain_id, action, subject, body), one row a chain, with the personal values given beside it.
WITH locked AS (
    SELECT h.chain_kind, h.chain_id, h.sequence, h.hash
    FROM event_heads h JOIN new_events n USING (chain_kind, chain_id)
    ORDER BY h.chain_kind, h.chain_id FOR NO KEY UPDATE OF h
), sealed AS (
    SELECT * FROM unnest(%(sealed_kinds)s::text[], %(sealed_chains)s::bigint[],
                         %(sealed_keys)s::bigint[], %(sealed_values)s::bytea[])
        AS s (chain_kind, chain_id, key_id, personal)
), chained AS (
    SELECT n.chain_kind, n.chain_id, n.action, n.subject, n.body,
           s.key_id, s.personal, coalesce(l.sequence, 0) + 1 AS sequence,
           coalesce(l.hash, %(genesis)s::bytea) AS previous_hash
    FROM new_events n
    LEFT JOIN locked l USING (chain_kind, chain_id)
    LEFT JOIN sealed s USING (chain_kind, chain_id)
), written AS (
    INSERT INTO events (recorded_at, chain_kind, chain_id, sequence, actor, action, subject,
                        batch_id, key_id, personal, body, previous_hash, hash)
    SELECT %(recorded_at)s, chain_kind, chain_id, sequence, %(actor)s, action, subject,
           %(batch_id)s::bigint, key_id, personal, body, previous_hash,
           kept_event_hash(previous_hash, chain_kind, chain_id, sequence,
                           %(recorded_at)s::timestamptz, %(actor)s, action, subject,
                           %(batch_id)s, key_id, personal, body)
    FROM chained
    RETURNING chain_kind, chain_id, sequence, hash
)
INSERT INTO event_heads (chain_kind, chain_id, sequence, hash, sealed_sequence)
SELECT chain_kind, chain_id, sequence, hash, 0 FROM written
ON CONFLICT (chain_kind, chain_id) DO UPDATE
SET sequence = excluded.sequence, hash = excluded.hash;

-- name: timeline
-- The events of one case and its debtor, newest first, before a cursor.
SELECT recorded_at, chain_kind, sequence, actor, action, subject, batch_id, key_id, personal,
       body
FROM events
WHERE ((chain_kind = 'case' AND chain_id = %(case_id)s)
       OR (chain_kind = 'debtor' AND chain_id = %(debtor_id)s))
  AND (%(before_at)s::timestamptz IS NULL
       OR (recorded_at, chain_kind, sequence)
           < (%(before_at)s::timestamptz, %(before_kind)s, %(before_sequence)s::bigint))
ORDER BY recorded_at DESC, chain_kind DESC, sequence DESC
LIMIT %(limit)s;

-- name: house
-- The house's own chain, newest first, before a place in it.
SELECT recorded_at, chain_kind, chain_id, sequence, actor, action, subject, batch_id, body
FROM events
WHERE chain_kind = 'house' AND chain_id = 0
  AND (%(before)s::bigint IS NULL OR sequence < %(before)s::bigint)
ORDER BY sequence DESC
LIMIT %(limit)s;

-- name: chain
-- Every event of one chain in its order, as it is hashed.
SELECT sequence, recorded_at, actor, action, subject, batch_id, key_id, personal, body,
       previous_hash, hash
FROM events WHERE chain_kind = %(chain_kind)s AND chain_id = %(chain_id)s
ORDER BY sequence;

-- name: start_of_chain
-- Where a chain begins: after the last event that retention took away, or at the very beginning.
SELECT sequence, hash FROM event_starts
WHERE chain_kind = %(chain_kind)s AND chain_id = %(chain_id)s;

-- name: tell_of_cases
-- One event a case of what happened to some of its rows by itself, for `append_prepared`.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT 'case'::text AS chain_kind, n.case_id AS chain_id, %(action)s::text AS action,
       'case:' || n.case_id AS subject,
       '{"' || %(noun)s::text || '":[' || string_agg(n.id::text, ',' ORDER BY n.id) || ']}' AS body
FROM unnest(%(ids)s::bigint[], %(case_ids)s::bigint[]) AS n (id, case_id)
GROUP BY n.case_id;
