-- Verification: one pass that says whether every chain is whole, and slow ones that say where not.

-- name: whole
-- All events in one scan, in any order: how many, how many do not have the hash of their fields, and the sums of their links to themselves and to the event before.
SELECT count(*) AS events,
       count(*) FILTER (WHERE hash IS DISTINCT FROM kept_event_hash(
           previous_hash, chain_kind, chain_id, sequence, recorded_at, actor, action, subject,
           batch_id, key_id, personal, body)) AS altered,
       coalesce(sum(kept_event_link(%(key)s, chain_kind, chain_id, sequence, hash)), 0) AS own,
       coalesce(sum(kept_event_link(%(key)s, chain_kind, chain_id, sequence - 1, previous_hash)), 0)
           AS before
FROM events;

-- name: heads
-- The ends and the beginnings of all chains, as the same sums; what retention cut off begins later.
SELECT count(*) AS chains, count(s.sequence) AS cut,
       coalesce(sum(kept_event_link(%(key)s, h.chain_kind, h.chain_id, h.sequence, h.hash)), 0)
           AS ends,
       coalesce(sum(kept_event_link(%(key)s, h.chain_kind, h.chain_id, coalesce(s.sequence, 0),
                                    coalesce(s.hash, %(genesis)s::bytea))), 0) AS starts
FROM event_heads h LEFT JOIN event_starts s USING (chain_kind, chain_id);

-- name: locate
-- The first event of each chain that does not fit, in the order of chains.
WITH linked AS (
    SELECT e.chain_kind, e.chain_id, e.sequence, e.recorded_at, e.action,
           e.hash IS DISTINCT FROM kept_event_hash(
               e.previous_hash, e.chain_kind, e.chain_id, e.sequence, e.recorded_at, e.actor,
               e.action, e.subject, e.batch_id, e.key_id, e.personal, e.body) AS altered,
           e.previous_hash IS DISTINCT FROM coalesce(
               lag(e.hash) OVER chain, s.hash, %(genesis)s::bytea) AS unlinked,
           coalesce(lag(e.sequence) OVER chain, s.sequence, 0) + 1 AS expected
    FROM events e LEFT JOIN event_starts s USING (chain_kind, chain_id)
    WINDOW chain AS (PARTITION BY e.chain_kind, e.chain_id ORDER BY e.sequence)
), faults AS (
    SELECT *, CASE WHEN sequence > expected THEN 'missing' WHEN sequence < expected THEN 'doubled'
                   WHEN altered THEN 'altered' ELSE 'unlinked' END AS fault
    FROM linked WHERE sequence <> expected OR altered OR unlinked
)
SELECT DISTINCT ON (chain_kind, chain_id) chain_kind, chain_id, sequence, expected, fault,
       recorded_at, action
FROM faults ORDER BY chain_kind, chain_id, expected, sequence LIMIT %(limit)s;

-- name: locate_ends
-- Chains whose head is not their last event, and those that have no head at all.
SELECT coalesce(h.chain_kind, e.chain_kind) AS chain_kind,
       coalesce(h.chain_id, e.chain_id) AS chain_id,
       e.last AS sequence, h.sequence AS expected,
       CASE WHEN h.sequence IS NULL THEN 'headless' WHEN e.last IS NULL OR e.last < h.sequence
            THEN 'cut_short' WHEN e.last > h.sequence THEN 'head_behind' ELSE 'head_altered' END
           AS fault
FROM event_heads h
FULL JOIN (
    SELECT chain_kind, chain_id, max(sequence) AS last FROM events GROUP BY 1, 2
) e USING (chain_kind, chain_id)
LEFT JOIN event_starts s ON s.chain_kind = h.chain_kind AND s.chain_id = h.chain_id
WHERE coalesce(e.last, s.sequence, 0) IS DISTINCT FROM h.sequence
   OR NOT EXISTS (
       SELECT 1 FROM events n WHERE n.chain_kind = h.chain_kind AND n.chain_id = h.chain_id
           AND n.sequence = h.sequence AND n.hash = h.hash
       UNION ALL
       SELECT 1 WHERE s.sequence = h.sequence AND s.hash = h.hash)
ORDER BY 1, 2 LIMIT %(limit)s;

-- name: unsealed
-- Chains that do not hold the event which a seal saw as their head.
SELECT l.chain_kind, l.chain_id, l.sequence, 'rewritten' AS fault
FROM (SELECT DISTINCT ON (chain_kind, chain_id) chain_kind, chain_id, sequence, hash
      FROM seal_leaves WHERE seal_id <= %(number)s
      ORDER BY chain_kind, chain_id, sequence DESC) l
LEFT JOIN event_starts s ON s.chain_kind = l.chain_kind AND s.chain_id = l.chain_id
LEFT JOIN events e ON e.chain_kind = l.chain_kind AND e.chain_id = l.chain_id
    AND e.sequence = l.sequence AND e.hash = l.hash
WHERE e.hash IS NULL
  AND NOT (s.sequence IS NOT NULL
           AND (s.sequence > l.sequence OR (s.sequence = l.sequence AND s.hash = l.hash)))
ORDER BY 1, 2 LIMIT %(limit)s;

-- name: leaves_unlike_heads
-- Chains whose head was noted as sealed in another way than the newest seal holds it.
SELECT coalesce(l.chain_kind, h.chain_kind) AS chain_kind,
       coalesce(l.chain_id, h.chain_id) AS chain_id, l.sequence, 'seal_mark_altered' AS fault
FROM (SELECT DISTINCT ON (chain_kind, chain_id) chain_kind, chain_id, sequence, hash
      FROM seal_leaves ORDER BY chain_kind, chain_id, sequence DESC) l
FULL JOIN (SELECT * FROM event_heads WHERE sealed_sequence > 0) h
    ON h.chain_kind = l.chain_kind AND h.chain_id = l.chain_id
WHERE l.sequence IS DISTINCT FROM h.sealed_sequence OR l.hash IS DISTINCT FROM h.sealed_hash
ORDER BY 1, 2 LIMIT %(limit)s;
