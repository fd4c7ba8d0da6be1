-- Attempts: a history that came with the book, taken in as one set.

-- name: make_history
-- The empty list of attempts to take in, each named by its debtor's number.
CREATE TEMPORARY TABLE new_attempts (
    debtor_external_id varchar(64) NOT NULL, kind varchar(8) NOT NULL, channel varchar(24) NOT NULL,
    outcome varchar(32) NOT NULL, started_at timestamptz NOT NULL
) ON COMMIT DROP;

-- name: know_history
-- Statistics of what was just loaded, without which the set is joined row by row.
ANALYZE new_attempts, debtors, contact_points, cases, holds;

-- name: pick_history
-- Attempts within a stay in a case and not under a hold on contact, on the debtor's first contact point of the kind.
CREATE TEMPORARY TABLE taken_attempts ON COMMIT DROP AS
WITH first_points AS (
    SELECT DISTINCT ON (c.debtor_id, c.kind) c.debtor_id, c.kind, c.id
    FROM contact_points c JOIN debtors d ON d.id = c.debtor_id
    WHERE d.creditor_id = %(creditor_id)s AND c.related_person_id IS NULL
    ORDER BY c.debtor_id, c.kind, c.position, c.id
)
SELECT n.started_at, k.id AS case_id, d.id AS debtor_id, p.id AS contact_point_id, n.channel,
       n.outcome
FROM new_attempts n
JOIN debtors d ON d.creditor_id = %(creditor_id)s AND d.external_id = n.debtor_external_id
JOIN first_points p ON p.debtor_id = d.id AND p.kind = n.kind
JOIN cases k ON k.debtor_id = d.id
    AND k.opened_on <= (n.started_at AT TIME ZONE %(zone)s)::date
    AND (k.closed_on IS NULL OR k.closed_on > (n.started_at AT TIME ZONE %(zone)s)::date)
WHERE NOT EXISTS (
    SELECT 1 FROM holds h WHERE h.debtor_id = d.id AND 'contact' = ANY (h.effects)
      AND h.placed_at <= n.started_at
      AND (h.released_at IS NULL OR h.released_at > n.started_at));

-- name: write_history
-- The attempts that were picked.
INSERT INTO attempts (started_at, case_id, debtor_id, contact_point_id, channel, outcome,
                      recorded_at)
SELECT started_at, case_id, debtor_id, contact_point_id, channel, outcome, %(now)s
FROM taken_attempts ORDER BY started_at, debtor_id;

-- name: write_loaded
-- Attempts of a file's chunk (sql/records.sql): somebody else made them, no permit was issued and none can be.
INSERT INTO attempts (id, started_at, case_id, debtor_id, contact_point_id, related_person_id,
                      channel, outcome, inbound, legal_entity_id, account_ids, recorded_at)
SELECT record_id, at, case_id, debtor_id, contact_point_id, related_person_id, channel, outcome,
       inbound, legal_entity_id, account_ids, %(now)s
FROM chunk_records WHERE noun = 'attempt' ORDER BY at, record_id;

-- name: learn_validity
-- A number that is not in service is invalid; one on which the debtor spoke is valid. The latest such attempt counts.
UPDATE contact_points c SET validity = seen.validity
FROM (
    SELECT DISTINCT ON (contact_point_id) contact_point_id,
           CASE WHEN outcome = 'not_in_service' THEN 'invalid' ELSE 'valid' END AS validity
    FROM taken_attempts
    WHERE outcome IN ('not_in_service', 'conversation')
    ORDER BY contact_point_id, started_at DESC
) seen
WHERE c.id = seen.contact_point_id AND c.validity <> seen.validity;

-- name: tell_of_history
-- One event for each case with the number of attempts taken in.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT 'case'::text AS chain_kind, case_id AS chain_id, 'attempt.take_history'::text AS action,
       'case:' || case_id AS subject,
       '{"attempts":' || count(*) || ',"conversations":'
           || count(*) FILTER (WHERE outcome = 'conversation') || '}' AS body
FROM taken_attempts GROUP BY case_id;

-- name: forget_history
-- The tables of one taking, so that another may follow in the same transaction.
DROP TABLE new_attempts, taken_attempts;
