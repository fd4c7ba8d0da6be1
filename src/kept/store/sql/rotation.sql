-- A key rotation: sealed values opened and sealed anew in batches, hashes replaced all at once.
-- _TABLE, _CIPHER, _KIND and _HASH stand for names of one sealed column (store/rotation.py).

-- name: next_sealed
-- The next rows of a column without a hash that another key sealed, locked until the batch is done.
SELECT id, _KIND AS kind, _CIPHER AS sealed FROM _TABLE
WHERE id > %(after)s AND get_byte(_CIPHER, 0) <> %(number)s
ORDER BY id LIMIT %(limit)s FOR UPDATE;

-- name: next_hashed
-- As next_sealed for a column with a hash, and those whose next hash is not ready.
SELECT t.id, t._KIND AS kind, t._CIPHER AS sealed, t._HASH AS old_hash FROM _TABLE t
WHERE t.id > %(after)s AND (get_byte(t._CIPHER, 0) <> %(number)s OR NOT EXISTS (
    SELECT 1 FROM rotated_hashes r WHERE r.of_table = '_TABLE' AND r.row_id = t.id
        AND r.old_hash = t._HASH AND r.number = %(number)s))
ORDER BY t.id LIMIT %(limit)s FOR UPDATE;

-- name: seal_anew
-- Write the cipher texts of a batch.
UPDATE _TABLE t SET _CIPHER = n.sealed
FROM unnest(%(ids)s::bigint[], %(sealed)s::bytea[]) AS n (id, sealed) WHERE t.id = n.id;

-- name: make_ready
-- Remember the next hashes of a batch.
INSERT INTO rotated_hashes (of_table, row_id, number, old_hash, value_hash)
SELECT '_TABLE', id, %(number)s, old_hash, value_hash
FROM unnest(%(ids)s::bigint[], %(old)s::bytea[], %(new)s::bytea[]) AS n (id, old_hash, value_hash)
ON CONFLICT (of_table, row_id) DO UPDATE
SET number = excluded.number, old_hash = excluded.old_hash, value_hash = excluded.value_hash;

-- name: take_hashes
-- Every row takes its next hash.
UPDATE _TABLE t SET _HASH = r.value_hash FROM rotated_hashes r
WHERE r.of_table = '_TABLE' AND r.row_id = t.id AND r.old_hash = t._HASH
  AND r.number = %(number)s;

-- name: rename_debtors
-- A debtor whom files name by identity alone has the hash as its number: that moves too.
UPDATE debtors d SET external_id = 'I:' || encode(r.value_hash, 'hex') FROM rotated_hashes r
WHERE r.of_table = 'identity_keys' AND r.number = %(number)s
  AND d.external_id = 'I:' || encode(r.old_hash, 'hex');

-- name: unmark
-- The old key makes no hashes any more.
UPDATE key_checks SET hashes = false WHERE hashes AND id <> %(number)s;

-- name: mark
-- The new key makes the hashes from now on.
UPDATE key_checks SET hashes = true WHERE id = %(number)s;

-- name: forget_ready
-- What was made ready is in use.
DELETE FROM rotated_hashes;

-- name: count_sealed
-- How many values of a column a key sealed.
SELECT count(*) AS n FROM _TABLE WHERE get_byte(_CIPHER, 0) = %(number)s;
