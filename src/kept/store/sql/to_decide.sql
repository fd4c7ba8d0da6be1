-- Cases to be decided again by day: marked by whatever changes them, taken off by the decision.
-- A case is marked only where a night has begun: before the first one there is nothing to go by.

-- scope: person
c.debtor_id IN (SELECT o.id FROM debtors d JOIN debtors o ON o.id = d.id OR o.person_id = d.person_id
                WHERE d.id = %(debtor_id)s)

-- scope: case
c.id = %(case_id)s

-- scope: touched
c.id IN (SELECT stay.case_id FROM touched_accounts a
         JOIN case_accounts stay ON stay.account_id = a.account_id AND stay.left_on IS NULL)

-- scope: paid
c.id IN (SELECT stay.case_id FROM touched_accounts a
         JOIN case_accounts stay ON stay.account_id = a.account_id AND stay.left_on IS NULL
         JOIN entries e ON e.account_id = a.account_id AND e.run_id = %(run_id)s
         JOIN postings p ON p.entry_id = e.id AND p.from_book = 'receivable'
             AND p.to_book IN ('cash', 'unexplained'))

-- name: mark
-- Marks open cases; returns the creditors for whom nobody is on the way yet.
INSERT INTO cases_to_decide AS m
    (case_id, creditor_id, cause, asked_at, due_at, priority, version, tries)
SELECT c.id, c.creditor_id, %(cause)s, %(now)s, %(now)s, 0, 1, 0
FROM cases c
WHERE /* scope */ true AND c.closed_on IS NULL
  AND EXISTS (SELECT 1 FROM runs r WHERE r.creditor_id = c.creditor_id AND r.kind = 'nightly'
              AND r.state IN ('running', 'done'))
ORDER BY c.id
ON CONFLICT (case_id) DO UPDATE
SET cause = excluded.cause, asked_at = greatest(m.asked_at, excluded.asked_at),
    due_at = least(m.due_at, excluded.due_at), priority = 0, version = m.version + 1, tries = 0
RETURNING m.creditor_id, m.xmax = 0 OR NOT EXISTS (
    SELECT 1 FROM cases_to_decide o WHERE o.case_id = m.case_id AND o.due_at <= %(now)s)
    AS is_new;

-- name: mark_tasks
-- Marks the cases of open tasks: those of some seats, or of a creditor's channels (none: of all). `direction` 1 decides the least urgent first, -1 the most urgent.
INSERT INTO cases_to_decide AS m
    (case_id, creditor_id, cause, asked_at, due_at, priority, version, tries)
SELECT t.case_id, min(t.creditor_id), %(cause)s, %(now)s, %(now)s,
       min(t.priority * %(direction)s), 1, 0
FROM tasks t
WHERE t.state = 'open' AND t.run_id IS NOT NULL
  AND (%(seat_id)s::bigint IS NULL OR t.seat_id = %(seat_id)s::bigint)
  AND (%(creditor_id)s::bigint IS NULL OR t.creditor_id = %(creditor_id)s::bigint)
  AND (%(channels)s::text[] IS NULL OR t.channel = ANY (%(channels)s::text[]))
GROUP BY t.case_id
ORDER BY t.case_id
ON CONFLICT (case_id) DO UPDATE
SET cause = excluded.cause, asked_at = greatest(m.asked_at, excluded.asked_at),
    due_at = least(m.due_at, excluded.due_at), priority = excluded.priority,
    version = m.version + 1, tries = 0
RETURNING m.creditor_id, true AS is_new;

-- name: claim
-- Cases to be decided next. Those whose decision did not end before come last, and alone.
SELECT case_id, cause, asked_at, version, priority, tries FROM cases_to_decide
WHERE creditor_id = %(creditor_id)s AND due_at <= %(now)s AND tries < %(tries_most)s
ORDER BY tries, asked_at, priority, case_id
LIMIT %(limit)s;

-- name: count_try
-- Counted before the decision, so that one that ends its worker is known.
WITH locked AS (SELECT case_id FROM cases_to_decide WHERE case_id = ANY (%(case_ids)s)
                ORDER BY case_id FOR UPDATE)
UPDATE cases_to_decide m SET tries = m.tries + 1 FROM locked WHERE m.case_id = locked.case_id;

-- name: lock_marks
-- In the order in which they are written, so that nobody waits in a circle.
SELECT case_id FROM cases_to_decide WHERE case_id = ANY (%(case_ids)s)
ORDER BY case_id FOR UPDATE;

-- name: take_off
-- The decided ones, but for those that were written to since.
DELETE FROM cases_to_decide m
USING unnest(%(case_ids)s::bigint[], %(versions)s::bigint[]) AS seen (case_id, version)
WHERE m.case_id = seen.case_id AND m.version = seen.version;

-- name: put_off
-- Decided when nobody has it in hand any more, unless it is written to before.
UPDATE cases_to_decide SET due_at = %(due_at)s, tries = 0
WHERE case_id = %(case_id)s AND version = %(version)s;

-- name: forgive
-- What was written to while it was decided begins anew.
UPDATE cases_to_decide SET tries = 0 WHERE case_id = ANY (%(case_ids)s) AND tries > 0;

-- name: forget
-- Everything of a creditor that has no night.
DELETE FROM cases_to_decide WHERE creditor_id = %(creditor_id)s;

-- name: is_due
-- Whether a creditor has cases to be decided now.
SELECT EXISTS (SELECT 1 FROM cases_to_decide WHERE creditor_id = %(creditor_id)s
               AND due_at <= %(now)s AND tries < %(tries_most)s) AS found;

-- name: creditors_waiting
-- Creditors whose cases have waited since before a moment, but for those whose night is being run.
SELECT DISTINCT m.creditor_id FROM cases_to_decide m
WHERE m.due_at <= %(before)s AND m.tries < %(tries_most)s
  AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.creditor_id = m.creditor_id
                  AND r.kind = 'nightly' AND r.state = 'running');

-- name: lock_house
-- One decision at a time takes from what is left in the house, until the transaction ends.
SELECT pg_advisory_xact_lock(1684105586, 0);

-- name: in_hand
-- Until when somebody has the cases in hand: a case taken up, or a permit under way.
SELECT x.case_id, max(x.until) AS until FROM (
    SELECT case_id, until FROM case_takings
    WHERE case_id = ANY (%(case_ids)s) AND until > %(now)s
    UNION ALL
    SELECT case_id, expires_at FROM permits
    WHERE case_id = ANY (%(case_ids)s) AND state IN ('reserved', 'used') AND expires_at > %(now)s
) AS x GROUP BY x.case_id;

-- name: open_cases
-- The open ones of some cases.
SELECT id, stage, seat_id FROM cases WHERE id = ANY (%(case_ids)s) AND closed_on IS NULL;

-- name: persons_of_cases
-- The person of each case, and the open cases of the same person at the creditor.
SELECT c.id AS case_id, d.person_id,
       (SELECT array_agg(o.id ORDER BY o.id) FROM debtors s
        JOIN cases o ON o.debtor_id = s.id AND o.closed_on IS NULL
        WHERE s.person_id = d.person_id AND s.creditor_id = d.creditor_id AND o.id <> c.id)
           AS others
FROM cases c JOIN debtors d ON d.id = c.debtor_id
WHERE c.id = ANY (%(case_ids)s) ORDER BY c.id;

-- name: tonight_of_persons
-- The open tasks of nights, and those of one date, of all cases of the persons of some cases.
SELECT t.id, t.case_id, d.person_id, t.treatment, t.state, t.seat_id, t.priority, t.lawful_from,
       t.due_at, t.reason, t.run_id
FROM (SELECT DISTINCT d.person_id FROM cases c JOIN debtors d ON d.id = c.debtor_id
      WHERE c.id = ANY (%(case_ids)s)) AS asked
JOIN debtors d ON d.person_id = asked.person_id AND d.creditor_id = %(creditor_id)s
JOIN cases c ON c.debtor_id = d.id AND c.closed_on IS NULL
JOIN tasks t ON t.case_id = c.id AND t.run_id IS NOT NULL
    AND (t.state = 'open' OR t.business_date = %(on)s)
ORDER BY t.case_id, t.priority DESC, t.id;

-- name: spent
-- What a night's tasks have taken so far, by treatment.
SELECT treatment, count(*) AS tasks FROM tasks
WHERE run_id = %(run_id)s AND state IN ('open', 'done') GROUP BY treatment;

-- name: minutes_spent
-- Minutes of each seat on a day: open and done tasks of the nights of that date, call-backs asked for by its end, and call-backs done.
SELECT s.seat_id, sum(s.minutes)::bigint AS minutes FROM (
    SELECT t.seat_id, t.minutes FROM tasks t
    WHERE t.run_id IN (SELECT r.id FROM runs r
                       WHERE r.kind = 'nightly' AND r.business_date = %(on)s)
      AND t.seat_id IS NOT NULL AND t.state IN ('open', 'done')
    UNION ALL
    SELECT t.seat_id, t.minutes FROM tasks t JOIN creditors cr ON cr.id = t.creditor_id
    WHERE t.run_id IS NULL AND t.state = 'open' AND t.seat_id IS NOT NULL
      AND (t.wanted_at AT TIME ZONE cr.zone)::date <= %(on)s
    UNION ALL
    SELECT w.seat_id, (w.done_in_time + w.done_late) * %(callback_minutes)s
    FROM creditors cr JOIN work_counts w ON w.creditor_id = cr.id AND w.day = %(on)s
    WHERE w.treatment = %(callback)s AND w.seat_id IS NOT NULL
) AS s GROUP BY s.seat_id;

-- name: close_task
-- An open task that may not, or need not, be done any more.
UPDATE tasks SET state = 'expired', closed_at = %(now)s,
    reason = reason || jsonb_build_object('closed', %(closed)s::text)
WHERE id = %(task_id)s AND state = 'open';

-- name: renew_task
-- The figures of a task that stays.
UPDATE tasks SET priority = %(priority)s, lawful_from = %(lawful_from)s, seat_id = %(seat_id)s,
    dpd = %(dpd)s, bucket = %(bucket)s, balance_minor = %(balance)s,
    overdue_minor = %(overdue_balance)s, currency = %(currency)s,
    reason = reason || %(reason)s::jsonb
WHERE id = %(task_id)s AND state = 'open';

-- name: write_task
-- A new task, or the one that the day closed before, opened again.
INSERT INTO tasks AS t
    (creditor_id, case_id, seat_id, run_id, business_date, strategy, treatment, stage, channel,
     skill, minutes, priority, due_at, escalates_at, lawful_from, state, reason, dpd, bucket,
     balance_minor, overdue_minor, currency)
SELECT c.creditor_id, c.id, %(seat_id)s, %(run_id)s, %(on)s, %(strategy)s, %(code)s, %(stage)s,
       %(channel)s, %(skill)s, %(minutes)s, %(priority)s, %(due_at)s, %(escalates_at)s,
       %(lawful_from)s, 'open', %(reason)s::jsonb, %(dpd)s, %(bucket)s, %(balance)s,
       %(overdue_balance)s, %(currency)s
FROM cases c WHERE c.id = %(case_id)s AND c.closed_on IS NULL
ON CONFLICT (case_id, business_date, treatment) WHERE run_id IS NOT NULL DO UPDATE
SET state = 'open', closed_at = NULL, seat_id = excluded.seat_id, priority = excluded.priority,
    due_at = excluded.due_at, escalates_at = excluded.escalates_at, escalated_at = NULL,
    lawful_from = excluded.lawful_from, reason = excluded.reason, dpd = excluded.dpd,
    bucket = excluded.bucket, balance_minor = excluded.balance_minor,
    overdue_minor = excluded.overdue_minor, currency = excluded.currency
WHERE t.state = 'expired'
RETURNING id;

-- name: hand_over
-- The case goes to the seat of its task and to the stage that its treatment stands for.
UPDATE cases SET stage = %(stage)s, seat_id = coalesce(%(seat_id)s, seat_id),
    dealt_on = CASE WHEN %(seat_id)s::bigint IS NULL THEN dealt_on
                    WHEN seat_id IS DISTINCT FROM %(seat_id)s THEN %(on)s::date
                    ELSE coalesce(dealt_on, %(on)s::date) END
WHERE id = %(case_id)s;

-- name: take_along
-- What was asked for by day (a call-back) goes along with its case.
UPDATE tasks SET seat_id = %(seat_id)s
WHERE case_id = %(case_id)s AND state = 'open' AND run_id IS NULL
  AND %(seat_id)s::bigint IS NOT NULL AND seat_id IS DISTINCT FROM %(seat_id)s;
