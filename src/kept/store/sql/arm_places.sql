-- Places among the arms of a stratified strategy: who has none yet, how full the strata are.

-- name: unplaced
-- The open cases of a range whose debtor has no place yet, one a debtor, with a hash that orders them.
SELECT DISTINCT ON (c.debtor_id) c.id AS case_id, c.debtor_id,
       ('x' || left(md5(%(strategy)s || ':' || c.debtor_id), 8))::bit(32)::bigint AS hash
FROM cases c
WHERE c.creditor_id = %(creditor_id)s AND c.closed_on IS NULL
      AND c.id >= %(first_id)s AND c.id < %(end_id)s
      AND NOT EXISTS (SELECT 1 FROM arm_places p
                      WHERE p.debtor_id = c.debtor_id AND p.strategy = %(strategy)s)
ORDER BY c.debtor_id, c.id;

-- name: unplaced_some
-- The same of the cases named.
SELECT DISTINCT ON (c.debtor_id) c.id AS case_id, c.debtor_id,
       ('x' || left(md5(%(strategy)s || ':' || c.debtor_id), 8))::bit(32)::bigint AS hash
FROM cases c
WHERE c.creditor_id = %(creditor_id)s AND c.closed_on IS NULL AND c.id = ANY (%(case_ids)s)
      AND NOT EXISTS (SELECT 1 FROM arm_places p
                      WHERE p.debtor_id = c.debtor_id AND p.strategy = %(strategy)s)
ORDER BY c.debtor_id, c.id;

-- name: strata
-- How many debtors each stratum of a strategy has.
SELECT stratum, count(*) AS debtors
FROM arm_places
WHERE strategy = %(strategy)s
GROUP BY stratum;

-- name: alone
-- Others that would place under the same strategy wait until this transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('arm places of ' || %(strategy)s, 0));
