-- Keys of persons, by their owners and by their numbers.

-- name: of_owners
-- The keys of these owners, held against a destruction until the transaction ends.
SELECT k.id, k.debtor_id, k.related_person_id, k.wrapped
FROM unnest(%(debtor_ids)s::bigint[], %(related_person_ids)s::bigint[])
    AS o (debtor_id, related_person_id)
JOIN person_keys k ON k.debtor_id = o.debtor_id
    AND k.related_person_id IS NOT DISTINCT FROM o.related_person_id
FOR SHARE OF k;

-- name: make
-- Keys for owners who have none.
INSERT INTO person_keys (debtor_id, related_person_id, wrapped, made_at)
SELECT debtor_id, related_person_id, wrapped, %(now)s
FROM unnest(%(debtor_ids)s::bigint[], %(related_person_ids)s::bigint[], %(wrapped)s::bytea[])
    AS o (debtor_id, related_person_id, wrapped)
ORDER BY debtor_id, related_person_id
ON CONFLICT (debtor_id, related_person_id) DO NOTHING;

-- name: by_id
-- Wrapped keys by number; a destroyed one is null.
SELECT id, wrapped FROM person_keys WHERE id = ANY (%(ids)s);
