-- Instalment plans of files: their staged rows, each an instalment, checked as plans, and written.
-- The rows themselves are checked and picked as every record (records.sql).

-- name: refuse_rows
-- Rows that do not fit the debtor's open case, or the first row of their plan.
WITH said AS (
    SELECT r.line_no, r.external_id, r.at, f.debtor_id, f.case_id, f.account_ids,
           f.unknown_accounts + f.other_accounts > 0 AS is_lost,
           r.details::jsonb->>'currency' AS currency, (r.details::jsonb->>'due_on')::date AS due_on,
           jsonb_build_array(f.debtor_id, r.accounts, r.at, r.details::jsonb->'currency',
                             r.details::jsonb->'total', r.details::jsonb->'state') AS common
    FROM staged_records r JOIN staged_found f USING (line_no)
), placed AS (
    SELECT *, first_value(common) OVER plan AS first_common,
           row_number() OVER (PARTITION BY external_id, due_on ORDER BY line_no) AS of_day
    FROM said WINDOW plan AS (PARTITION BY external_id ORDER BY line_no)
)
INSERT INTO staged_refusals (line_no, field, code)
SELECT p.line_no, 'plan.' || fault.field, fault.code
FROM placed p LEFT JOIN cases k ON k.id = p.case_id AND k.closed_on IS NULL
CROSS JOIN LATERAL (VALUES
    ('debtor', 'no_open_case', p.debtor_id IS NOT NULL AND k.id IS NULL),
    ('accounts', 'account_not_in_case', k.id IS NOT NULL AND NOT p.is_lost AND (
        NOT EXISTS (
            SELECT 1 FROM case_accounts c JOIN accounts a ON a.id = c.account_id
            WHERE c.case_id = k.id AND c.left_on IS NULL AND a.currency = p.currency
              AND (p.account_ids IS NULL OR a.id = ANY (p.account_ids)))
        OR EXISTS (
            SELECT 1 FROM unnest(p.account_ids) AS named WHERE NOT EXISTS (
                SELECT 1 FROM case_accounts c
                WHERE c.case_id = k.id AND c.left_on IS NULL AND c.account_id = named)))),
    ('external_id', 'plan_rows_differ', p.common <> p.first_common),
    ('due_on', 'instalment_twice', p.of_day > 1),
    ('due_on', 'plan_too_long', 12 * (extract(year FROM p.due_on)
            - extract(year FROM p.at AT TIME ZONE %(zone)s))
        + extract(month FROM p.due_on) - extract(month FROM p.at AT TIME ZONE %(zone)s)
        > %(months_most)s)
) AS fault (field, code, is_so)
WHERE fault.is_so;

-- name: refuse_totals
-- Plans whose instalments are not what they should come to; told at their first row.
INSERT INTO staged_refusals (line_no, field, code)
SELECT min(line_no), 'plan.total', 'plan_total_differs'
FROM (SELECT line_no, external_id, (details::jsonb->>'amount')::numeric AS amount,
             (details::jsonb->>'total')::numeric AS total FROM staged_records) r
GROUP BY external_id HAVING sum(amount) <> min(total);

-- name: leave_alone
-- Plans that do not run any more, or of which nothing is left; told at their first row.
INSERT INTO staged_refusals (line_no, field, code)
SELECT min(line_no), 'plan.external_id', 'plan_not_running'
FROM (SELECT line_no, external_id, details::jsonb AS details FROM staged_records) r
GROUP BY external_id
HAVING bool_or(coalesce(details->>'state', 'running') <> 'running')
    OR bool_and(coalesce(details->>'paid' = details->>'amount', false));

-- name: refuse_differing
-- A number that was taken before with other instalments.
INSERT INTO staged_refusals (line_no, field, code)
SELECT g.line_no, 'plan.external_id', 'record_differs'
FROM (
    SELECT min(r.line_no) AS line_no, r.external_id,
           substr(sha256(string_agg(r.row_hash, ''::bytea ORDER BY r.row_hash)), 1, 16) AS hash
    FROM staged_records r WHERE r.external_id NOT IN (
        SELECT x.external_id FROM staged_records x JOIN staged_refusals f USING (line_no)
        WHERE f.code = 'plan_not_running')
    GROUP BY r.external_id
) g
JOIN loaded_rows l ON l.creditor_id = %(creditor_id)s AND l.file_type = %(file_type)s
    AND l.external_id = g.external_id
WHERE l.row_hash <> g.hash AND l.key_number = %(key_number)s;

-- name: refuse_incomplete
-- The other rows of a plan of which a row is refused, or could not be read.
INSERT INTO staged_refusals (line_no, field, code)
SELECT r.line_no, 'plan.external_id', 'plan_incomplete'
FROM staged_records r
WHERE r.external_id IN (
    SELECT x.external_id FROM staged_records x JOIN staged_refusals f USING (line_no)
    WHERE f.code <> ALL (%(warnings)s)
    UNION
    SELECT j.external_id FROM intake_rejects j
    WHERE j.intake_file_id = %(intake_file_id)s AND j.severity = 'reject' AND j.external_id <> '')
  AND NOT EXISTS (SELECT 1 FROM staged_refusals f
                  WHERE f.line_no = r.line_no AND f.code <> ALL (%(warnings)s));

-- name: refuse_running
-- New plans for a case that has one, in the book or in the file.
WITH fresh AS (
    SELECT r.external_id, min(r.line_no) AS line_no, min(f.case_id) AS case_id
    FROM staged_records r JOIN staged_found f USING (line_no)
    WHERE NOT EXISTS (
        SELECT 1 FROM loaded_rows l WHERE l.creditor_id = %(creditor_id)s
          AND l.file_type = %(file_type)s AND l.external_id = r.external_id)
    GROUP BY r.external_id
    HAVING NOT EXISTS (
        SELECT 1 FROM staged_refusals x WHERE x.line_no = min(r.line_no)
          AND (x.code <> ALL (%(warnings)s) OR x.code = 'plan_not_running'))
), counted AS (
    SELECT *, count(*) OVER (PARTITION BY case_id) AS of_case FROM fresh
)
INSERT INTO staged_refusals (line_no, field, code)
SELECT c.line_no, 'plan.external_id', 'plan_runs' FROM counted c
WHERE c.of_case > 1
   OR EXISTS (SELECT 1 FROM plans p WHERE p.case_id = c.case_id AND p.state = 'active');

-- name: confirm_plans
-- Plans that were taken before: this is the last file that named them.
UPDATE loaded_rows l SET intake_file_id = %(intake_file_id)s, row_hash = g.hash,
    key_number = %(key_number)s
FROM (
    SELECT r.external_id,
           substr(sha256(string_agg(r.row_hash, ''::bytea ORDER BY r.row_hash)), 1, 16) AS hash
    FROM staged_plan p JOIN staged_records r USING (line_no)
    WHERE p.chunk = %(chunk)s AND p.verdict = 'unchanged' AND r.external_id NOT IN (
        SELECT x.external_id FROM staged_records x JOIN staged_refusals f USING (line_no)
        WHERE f.code = 'plan_not_running')
    GROUP BY r.external_id
) g
WHERE l.creditor_id = %(creditor_id)s AND l.file_type = %(file_type)s
  AND l.external_id = g.external_id AND l.intake_file_id <> %(intake_file_id)s;

-- name: lock_cases
-- The cases of the chunk, as whoever agrees on a plan locks them.
SELECT id FROM cases WHERE id IN (SELECT case_id FROM chunk_records) ORDER BY id FOR UPDATE;

-- name: leave_late
-- Whose case was closed, or got a plan, since the check is left out.
DELETE FROM chunk_records r
WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = r.case_id AND c.closed_on IS NULL)
   OR EXISTS (SELECT 1 FROM plans p WHERE p.case_id = r.case_id AND p.state = 'active');

-- name: gather_plans
-- The first row of each plan stands for it, under one number and one hash.
UPDATE chunk_records r SET record_id = g.record_id, row_hash = g.hash,
    noun = CASE WHEN r.line_no = g.line_no THEN 'plan' ELSE 'instalment' END
FROM (
    SELECT external_id, min(line_no) AS line_no, min(record_id) AS record_id,
           substr(sha256(string_agg(row_hash, ''::bytea ORDER BY row_hash)), 1, 16) AS hash
    FROM chunk_records GROUP BY external_id
) g
WHERE g.external_id = r.external_id;

-- name: pick_instalments
-- What is left of each instalment. What is told as paid has paid the interest of its row first.
CREATE TEMPORARY TABLE chunk_instalments ON COMMIT DROP AS
SELECT r.record_id AS plan_id, r.due_on, r.has_paid,
       (row_number() OVER (PARTITION BY r.record_id ORDER BY r.due_on))::smallint AS number,
       greatest(r.interest - r.paid, 0) AS interest_minor,
       r.amount - r.paid - greatest(r.interest - r.paid, 0) AS principal_minor
FROM (
    SELECT record_id, (details->>'due_on')::date AS due_on, details->>'paid' IS NOT NULL AS has_paid,
           (details->>'amount')::bigint AS amount,
           coalesce((details->>'paid')::bigint, 0) AS paid,
           coalesce((details->>'interest')::bigint,
                    (details->>'amount')::bigint - (details->>'principal')::bigint, 0) AS interest
    FROM chunk_records
) r;

-- name: pick_plans
-- The plans of the chunk. Where a file tells what was paid, money counts from the day after its figures; else from the agreement on.
CREATE TEMPORARY TABLE chunk_plans ON COMMIT DROP AS
SELECT r.record_id AS plan_id, nextval('hardships_id_seq') AS hardship_id, r.external_id,
       r.debtor_id, r.case_id, r.at, r.details->>'currency' AS currency,
       coalesce(r.details->>'taken_by', '') AS taken_by, (r.at AT TIME ZONE %(zone)s)::date AS made_on,
       CASE WHEN i.has_paid THEN greatest(%(paid_from)s::date, (r.at AT TIME ZONE %(zone)s)::date)
            ELSE (r.at AT TIME ZONE %(zone)s)::date END AS began_on,
       i.last_due, i.next_due, i.owed_minor, (
           SELECT array_agg(a.id ORDER BY a.id)
           FROM case_accounts c JOIN accounts a ON a.id = c.account_id
           WHERE c.case_id = r.case_id AND c.left_on IS NULL
             AND a.currency = r.details->>'currency'
             AND (r.account_ids IS NULL OR a.id = ANY (r.account_ids))) AS account_ids
FROM chunk_records r JOIN (
    SELECT plan_id, bool_or(has_paid) AS has_paid, max(due_on) AS last_due,
           min(due_on) FILTER (WHERE principal_minor + interest_minor > 0) AS next_due,
           sum(principal_minor)::bigint AS owed_minor
    FROM chunk_instalments GROUP BY plan_id
) i ON i.plan_id = r.record_id
WHERE r.noun = 'plan';

-- name: write_hardships
-- A running plan is a record of relief for the person.
INSERT INTO hardships (id, debtor_id, account_ids, received_at, recorded_at, recorded_by, ended_by,
                       kind, from_on, until_on, is_breached)
SELECT hardship_id, debtor_id, account_ids, at, %(now)s, %(actor)s, '', 'instalment', made_on,
       greatest(last_due + %(tolerance_days)s::int + 1, made_on), false
FROM chunk_plans;

-- name: write_plans
-- Plans, running under the terms of the creditor's policy of the day of the file.
INSERT INTO plans (id, case_id, creditor_id, account_ids, external_id, currency, shape, state,
                   owed_minor, rate_nano, tolerance_days, tolerance_minor, offered_at, offered_by,
                   offer_until, began_on, accepted_at, re_ages, hardship_id, paid_minor,
                   overdue_minor, next_due_on, end_reason, judged_on, seen_postings)
SELECT plan_id, case_id, %(creditor_id)s, account_ids, external_id, currency, 'irregular', 'active',
       owed_minor, 0, %(tolerance_days)s, %(tolerance_minor)s, at,
       CASE taken_by WHEN '' THEN %(actor)s ELSE taken_by END, made_on, began_on, at, 0,
       hardship_id, 0, 0, next_due, '', began_on, -1
FROM chunk_plans;
INSERT INTO plan_instalments (plan_id, number, due_on, principal_minor, interest_minor)
SELECT plan_id, number, due_on, principal_minor, interest_minor FROM chunk_instalments
WHERE principal_minor + interest_minor > 0;

-- name: list_plans
-- The plans of the chunk, and whose open promises and standing offers they end.
SELECT p.plan_id, p.case_id, p.debtor_id, p.account_ids,
       EXISTS (SELECT 1 FROM promises m JOIN promise_accounts a ON a.promise_id = m.id
               WHERE m.debtor_id = p.debtor_id AND m.state = 'open' AND m.ended_on IS NULL
                 AND a.account_id = ANY (p.account_ids)) AS has_promises,
       EXISTS (SELECT 1 FROM plans o
               WHERE o.case_id = p.case_id AND o.state = 'offered') AS has_offers
FROM chunk_plans p ORDER BY p.case_id;
