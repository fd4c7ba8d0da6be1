-- Seals: the leaves of a seal taken chunk by chunk, and read in their order.

-- name: open_seal
-- The seal that was begun and not finished, or a new one after the last.
INSERT INTO seals (number, sealed_at, document)
SELECT coalesce(max(number), 0) + 1, %(now)s, '' FROM seals
HAVING count(*) FILTER (WHERE root IS NULL) = 0;

-- name: take_leaves
-- Marks the next heads that moved since the last seal as sealed, each as it is at this moment; answers with the last of them.
WITH picked AS (
    SELECT chain_kind, chain_id, sequence, hash FROM event_heads
    WHERE sealed_sequence <> sequence
      AND (chain_kind, chain_id) > (%(after_kind)s, %(after_id)s)
    ORDER BY chain_kind, chain_id
    LIMIT %(limit)s
    FOR NO KEY UPDATE
), marked AS (
    UPDATE event_heads h SET sealed_sequence = p.sequence, sealed_hash = p.hash
    FROM picked p WHERE h.chain_kind = p.chain_kind AND h.chain_id = p.chain_id
), written AS (
    INSERT INTO seal_leaves (chain_kind, chain_id, sequence, seal_id, hash)
    SELECT chain_kind, chain_id, sequence, %(number)s, hash FROM picked
)
SELECT chain_kind, chain_id, count(*) OVER () AS leaves FROM picked
ORDER BY chain_kind DESC, chain_id DESC LIMIT 1;

-- name: leaves_now
-- The leaf hashes of the newest seal in their order, one line of hex each.
COPY (
    SELECT encode(kept_seal_leaf(chain_kind, chain_id, sealed_sequence, sealed_hash), 'hex')
    FROM event_heads WHERE sealed_sequence > 0
    ORDER BY chain_kind, chain_id
) TO STDOUT;

-- name: leaves_of
-- The leaf hashes of one seal in their order, one line of hex each: of every chain its newest leaf until then.
COPY (
    SELECT encode(kept_seal_leaf(chain_kind, chain_id, sequence, hash), 'hex')
    FROM (SELECT DISTINCT ON (chain_kind, chain_id) chain_kind, chain_id, sequence, hash
          FROM seal_leaves WHERE seal_id <= _SEAL
          ORDER BY chain_kind, chain_id, sequence DESC) leaves
    ORDER BY chain_kind, chain_id
) TO STDOUT;

-- name: leaf_of_chain
-- The leaf of one chain in one seal, and its place among the leaves, from 0.
SELECT l.sequence, l.hash,
       (SELECT count(DISTINCT (o.chain_kind, o.chain_id)) FROM seal_leaves o
        WHERE o.seal_id <= %(number)s
          AND (o.chain_kind, o.chain_id) < (l.chain_kind, l.chain_id)) AS place
FROM seal_leaves l
WHERE l.chain_kind = %(chain_kind)s AND l.chain_id = %(chain_id)s AND l.seal_id <= %(number)s
ORDER BY l.sequence DESC LIMIT 1;
