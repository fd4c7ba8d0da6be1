-- Cases: accounts enter, are gathered and leave; cases open and close. Set-based over the
-- temporary table touched_accounts; the rules are those of kept.core.cases.

-- name: lock_creditor
-- The lock of one creditor's cases, until the transaction ends.
SELECT pg_advisory_xact_lock(1667331443, %(creditor_id)s::int);

-- name: share_creditor
-- The same lock beside others who share it.
SELECT pg_advisory_xact_lock_shared(1667331443, %(creditor_id)s::int);

-- name: lock_creditors
-- One settling at a time for each creditor, until the transaction ends.
SELECT count(*) FROM (
    SELECT pg_advisory_xact_lock(1667331443, creditor_id::int)
    FROM (SELECT DISTINCT a.creditor_id FROM touched_accounts t
          JOIN accounts a ON a.id = t.account_id ORDER BY a.creditor_id) AS creditors
) AS locked;

-- name: widen
-- Every account of the debtors of the touched accounts.
CREATE TEMPORARY TABLE settled_accounts ON COMMIT DROP AS
SELECT a.id AS account_id, a.debtor_id, a.creditor_id, a.product_id, a.state
FROM (SELECT DISTINCT touched.debtor_id FROM touched_accounts t
      JOIN accounts touched ON touched.id = t.account_id) AS debtors
JOIN accounts a ON a.debtor_id = debtors.debtor_id;

-- name: stand
-- How each account stands today: its position, its terms, its stay and why it would leave.
CREATE TEMPORARY TABLE standings ON COMMIT DROP AS
SELECT s.account_id, s.debtor_id, s.creditor_id, s.product_id, s.state, t.id AS terms_id,
       coalesce(p.balance_minor, 0) AS balance_minor,
       coalesce(p.overdue_minor, 0) AS overdue_minor,
       coalesce(p.dpd, 0) AS dpd,
       c.id AS case_id, stay.id AS stay_id, stay.gathered,
       s.state = 'active' AND coalesce(p.balance_minor, 0) > 0 AS owing,
       false AS cured,
       verdict.old_enough,
       CASE WHEN stay.id IS NULL THEN NULL
            WHEN s.state IN ('recalled', 'closed') THEN s.state
            WHEN coalesce(p.balance_minor, 0) <= 0 THEN 'paid'
            WHEN NOT stay.gathered AND NOT verdict.delinquent AND NOT verdict.old_enough
            THEN 'cure' END AS leave_reason
FROM settled_accounts s
LEFT JOIN settled_positions p ON p.account_id = s.account_id
LEFT JOIN product_terms t ON t.product_id = s.product_id AND t.valid_from <= %(on)s
    AND (t.valid_to IS NULL OR t.valid_to >= %(on)s)
-- Each through its index: where the last statistics saw hardly an open case, as before a first large
-- file, the planner would go through all of them for each account.
LEFT JOIN LATERAL (
    SELECT id FROM cases WHERE debtor_id = s.debtor_id AND closed_on IS NULL OFFSET 0
) AS c ON true
LEFT JOIN LATERAL (
    SELECT id, gathered FROM case_accounts
    WHERE account_id = s.account_id AND left_on IS NULL OFFSET 0
) AS stay ON true
CROSS JOIN LATERAL (
    SELECT coalesce(%(on)s - coalesce(p.oldest_due_on, p.next_due_on) >= t.entry_dpd, false)
               AS old_enough,
           coalesce(p.overdue_minor > 0 AND p.dpd > coalesce(t.grace_days, 0), false)
               AS delinquent
) AS verdict;

-- name: mark_cured
-- Accounts that have left their debtor's open case by a cure. A join, and not a question for each
-- row: on tables that the planner has not counted yet, such a question reads them all every time.
UPDATE standings s SET cured = true FROM case_accounts past
WHERE past.case_id = s.case_id AND past.account_id = s.account_id
  AND past.leave_reason = 'cure' AND s.stay_id IS NULL;

-- name: judge
-- One row for each debtor whose case opens, stays or closes; without an anchor no case stays open.
CREATE TEMPORARY TABLE settled_debtors ON COMMIT DROP AS
SELECT debtor_id, min(creditor_id) AS creditor_id, min(case_id) AS case_id,
       coalesce(bool_or(anchor), false) AS anchored,
       (ARRAY['recalled', 'closed', 'cure', 'paid'])[min(CASE WHEN stay_id IS NOT NULL
            AND NOT gathered THEN array_position(
                ARRAY['recalled', 'closed', 'cure', 'paid'], leave_reason) END)] AS close_reason
FROM (SELECT *, CASE WHEN stay_id IS NOT NULL AND NOT gathered THEN leave_reason IS NULL
                     ELSE owing AND old_enough END AS anchor FROM standings) AS judged
GROUP BY debtor_id
HAVING bool_or(anchor) OR min(case_id) IS NOT NULL;

-- name: list_changes
-- The empty list of what changed, for the caller to make events of.
CREATE TEMPORARY TABLE case_changes (
    case_id bigint NOT NULL, account_id bigint, change text NOT NULL, reason text
) ON COMMIT DROP;

-- name: open_cases
-- Opens a case for each debtor who needs one.
WITH opened AS (
    INSERT INTO cases (creditor_id, debtor_id, stage, opened_on, close_reason, created_at)
    SELECT creditor_id, debtor_id, '', %(on)s, '', %(now)s
    FROM settled_debtors WHERE anchored AND case_id IS NULL ORDER BY debtor_id
    RETURNING id, debtor_id
), known AS (
    UPDATE settled_debtors d SET case_id = o.id FROM opened o WHERE o.debtor_id = d.debtor_id
)
INSERT INTO case_changes (case_id, change) SELECT id, 'opened' FROM opened;

-- name: take_in
-- Accounts that enter by themselves, and the debtor's other accounts with a balance. What has cured
-- in this case is not gathered again: it would come back the moment it left.
WITH taken AS (
    INSERT INTO case_accounts (case_id, account_id, entered_on, gathered, leave_reason)
    SELECT d.case_id, s.account_id, %(on)s, NOT s.old_enough, ''
    FROM settled_debtors d JOIN standings s ON s.debtor_id = d.debtor_id
    WHERE d.anchored AND s.stay_id IS NULL AND s.owing AND (s.old_enough OR NOT s.cured)
    ORDER BY d.case_id, s.account_id
    RETURNING case_id, account_id, gathered
)
INSERT INTO case_changes (case_id, account_id, change)
SELECT case_id, account_id, CASE WHEN gathered THEN 'gathered' ELSE 'entered' END FROM taken;

-- name: enter_gathered
-- Gathered accounts that have become old enough themselves now keep the case open.
WITH entered AS (
    UPDATE case_accounts stay SET gathered = false FROM standings s
    WHERE stay.id = s.stay_id AND s.gathered AND s.owing AND s.old_enough
    RETURNING stay.case_id, stay.account_id
)
INSERT INTO case_changes (case_id, account_id, change)
SELECT case_id, account_id, 'entered' FROM entered;

-- name: leave
-- Accounts that leave, each for its own reason or with the case.
WITH gone AS (
    UPDATE case_accounts stay
    SET left_on = greatest(%(on)s, stay.entered_on),
        leave_reason = coalesce(s.leave_reason, 'with_case')
    FROM standings s JOIN settled_debtors d ON d.debtor_id = s.debtor_id
    WHERE stay.id = s.stay_id AND (s.leave_reason IS NOT NULL OR NOT d.anchored)
    RETURNING stay.case_id, stay.account_id, stay.leave_reason
)
INSERT INTO case_changes (case_id, account_id, change, reason)
SELECT case_id, account_id, 'left', leave_reason FROM gone;

-- name: close_cases
-- Closes the cases of which no entered account is left, and cancels their open tasks.
WITH closed AS (
    UPDATE cases c SET closed_on = greatest(%(on)s, c.opened_on), close_reason = d.close_reason
    FROM settled_debtors d WHERE c.id = d.case_id AND NOT d.anchored
    RETURNING c.id, c.close_reason
), cancelled AS (
    UPDATE tasks t
    SET state = 'cancelled', closed_at = %(now)s,
        reason = t.reason || jsonb_build_object('closed', 'case_' || closed.close_reason)
    FROM closed WHERE t.case_id = closed.id AND t.state = 'open'
)
INSERT INTO case_changes (case_id, change, reason) SELECT id, 'closed', close_reason FROM closed;

-- name: count_changes
-- How often each change happened.
SELECT change, count(*) AS times FROM case_changes GROUP BY change;
