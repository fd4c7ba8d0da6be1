-- Dealing: what is known of cases and seats before it, and the moves that it makes.
-- `_RUN` stands for the number of a night's run, which keeps what it saw in a table of its own.

-- name: cases_before
-- The open cases that have a seat, with their stage, and 8 where the seat was idle on it, 9 where it made no progress, else 0.
SELECT c.id AS case_id, c.stage,
       CASE
           WHEN %(idle_days)s > 0 AND c.dealt_on <= %(on)s::date - %(idle_days)s::int
                AND NOT EXISTS (SELECT 1 FROM tasks t
                                WHERE t.case_id = c.id AND t.state = 'done'
                                  AND t.seat_id = c.seat_id
                                  AND t.closed_at > %(now)s::timestamptz
                                      - make_interval(days => %(idle_days)s::int))
                AND NOT EXISTS (SELECT 1 FROM attempts a
                                WHERE a.debtor_id = c.debtor_id AND a.seat_id = c.seat_id
                                  AND a.started_at <= %(now)s
                                  AND a.started_at > %(now)s::timestamptz
                                      - make_interval(days => %(idle_days)s::int))
           THEN 8
           WHEN %(tries)s > 0 AND c.dealt_on <= %(on)s::date - %(try_days)s::int
                AND (SELECT count(*) FILTER (WHERE a.seat_id = c.seat_id) >= %(tries)s
                            AND count(*) FILTER (WHERE a.outcome = ANY (%(conversations)s)) = 0
                     FROM attempts a
                     WHERE a.debtor_id = c.debtor_id AND a.started_at <= %(now)s
                       AND a.started_at > %(now)s::timestamptz
                           - make_interval(days => %(try_days)s::int))
                AND NOT EXISTS (SELECT 1 FROM case_accounts stay
                                JOIN postings p ON p.account_id = stay.account_id
                                WHERE stay.case_id = c.id AND p.from_book = 'receivable'
                                  AND p.to_book IN ('cash', 'unexplained')
                                  AND p.effective_on > %(on)s::date - %(try_days)s::int)
           THEN 9
           ELSE 0
       END AS leaves
FROM cases c
WHERE c.creditor_id = %(creditor_id)s AND c.closed_on IS NULL AND c.seat_id IS NOT NULL;

-- name: read_before
-- What a night saw of its cases before it began.
SELECT case_id, stage, leaves FROM night_before_RUN ORDER BY case_id;

-- name: conflicts
-- Debtors of a creditor that seats must not work: the same person, however the conflict is written down.
SELECT DISTINCT x.seat_id, o.id AS debtor_id
FROM seat_conflicts x
JOIN debtors d ON d.id = x.debtor_id
JOIN debtors o ON (o.id = d.id OR o.person_id = d.person_id)
    AND o.creditor_id = %(creditor_id)s
ORDER BY x.seat_id, o.id;

-- name: cases_of_debtors
-- The open cases of some debtors.
SELECT debtor_id, id AS case_id FROM cases
WHERE debtor_id = ANY (%(debtor_ids)s) AND closed_on IS NULL;

-- name: cases_held
-- How many open cases lie with each seat, at whatever creditor.
SELECT seat_id, count(*) AS cases FROM cases
WHERE closed_on IS NULL AND seat_id = ANY (%(seat_ids)s) GROUP BY seat_id;

-- name: open_pile
-- The open tasks of a creditor as they lie, one a case: of those of nights that with the highest priority speaks for it, since a call-back goes along. With seats given, what lies or waits with another one is left out.
SELECT DISTINCT ON (t.case_id) t.id AS task_id, t.case_id, t.treatment, t.stage, t.skill, t.minutes,
       t.priority, coalesce(t.seat_id, c.seat_id, 0) AS seat_id, coalesce(t.seat_id, 0) AS task_seat,
       coalesce(nullif(d.language, ''), '') AS language, t.balance_minor, t.overdue_minor,
       t.currency, c.stage AS case_stage
FROM tasks t JOIN cases c ON c.id = t.case_id JOIN debtors d ON d.id = c.debtor_id
WHERE t.creditor_id = %(creditor_id)s AND t.state = 'open' AND c.closed_on IS NULL
  AND (%(seat_ids)s::bigint[] IS NULL
       OR (coalesce(t.seat_id, c.seat_id, 0) = ANY (0 || %(seat_ids)s::bigint[])
           AND NOT EXISTS (SELECT 1 FROM tasks o
                           WHERE o.case_id = t.case_id AND o.state = 'open'
                             AND o.seat_id <> ALL (%(seat_ids)s::bigint[]))))
ORDER BY t.case_id, t.run_id IS NULL, t.priority DESC, t.id;

-- name: minutes_spoken_for
-- Minutes of each seat that are not this pile's to give: done today, and open at other creditors.
SELECT t.seat_id, sum(t.minutes)::bigint AS minutes
FROM tasks t JOIN creditors cr ON cr.id = t.creditor_id
WHERE t.seat_id IS NOT NULL
  AND ((t.state = 'done' AND (t.closed_at AT TIME ZONE cr.zone)::date = %(on)s::date)
       OR (t.state = 'open' AND t.creditor_id <> %(creditor_id)s))
GROUP BY t.seat_id;

-- name: make_moved
-- An empty table for the moves that are made together.
CREATE TEMPORARY TABLE moved_cases (
    case_id bigint PRIMARY KEY, task_id bigint, seat_after bigint, why text NOT NULL,
    reason jsonb NOT NULL
) ON COMMIT DROP;

-- name: stranded_to_pile
-- The open tasks of a seat that it cannot take any more, as moves back to the pile.
INSERT INTO moved_cases (case_id, task_id, seat_after, why, reason)
SELECT DISTINCT ON (t.case_id) t.case_id, t.id, NULL, %(why)s,
       jsonb_build_object('dealing', %(why)s::text, 'seat_before', t.seat_id)
FROM tasks t
WHERE t.state = 'open' AND t.seat_id = %(seat_id)s
  AND (%(all)s OR t.skill <> ALL (%(skills)s)
       OR (cardinality(%(creditor_ids)s::bigint[]) > 0
           AND t.creditor_id <> ALL (%(creditor_ids)s::bigint[])))
ORDER BY t.case_id, t.priority DESC, t.id;

-- name: record_moves
-- Each move of a run, with what it can be undone to.
INSERT INTO dealing_moves (creditor_id, run_id, case_id, task_id, task_seat_before,
                           case_seat_before, seat_after, reason_before, why)
SELECT c.creditor_id, %(run_id)s, m.case_id, m.task_id, t.seat_id, c.seat_id, m.seat_after,
       coalesce(t.reason, '{}'), m.why
FROM moved_cases m JOIN cases c ON c.id = m.case_id LEFT JOIN tasks t ON t.id = m.task_id
ORDER BY m.case_id;

-- name: tell_of_moves
-- One event for each case that moves, from where to where and why.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT 'case' AS chain_kind, m.case_id AS chain_id, 'case.deal' AS action,
       'case:' || m.case_id AS subject,
       '{"seat":' || coalesce(m.seat_after::text, 'null')
       || ',"seat_before":' || coalesce(coalesce(t.seat_id, c.seat_id)::text, 'null')
       || ',"why":"' || m.why || '"}' AS body
FROM moved_cases m JOIN cases c ON c.id = m.case_id LEFT JOIN tasks t ON t.id = m.task_id;

-- name: move_tasks
-- The open tasks of the cases go to the new seat, or back to the pile.
UPDATE tasks t
SET seat_id = m.seat_after,
    reason = (t.reason - 'dealing' - 'seat_before') || m.reason
FROM moved_cases m WHERE t.case_id = m.case_id AND t.state = 'open';

-- name: move_cases
-- And so do the cases; one whose task goes to the pile stays in name with its seat, unless that is cleared.
UPDATE cases c
SET seat_id = CASE WHEN %(clears)s THEN m.seat_after ELSE coalesce(m.seat_after, c.seat_id) END,
    dealt_on = CASE WHEN m.seat_after IS NULL THEN c.dealt_on ELSE %(on)s::date END
FROM moved_cases m WHERE c.id = m.case_id;

-- name: lock_moves
-- The moves of a run that are not undone, locked.
SELECT id FROM dealing_moves WHERE run_id = %(run_id)s AND undone_at IS NULL FOR UPDATE;

-- name: moves_to_undo
-- Moves back, for the tasks that nobody touched since; never to a seat that is gone or must not work the debtor by now. Of the reason that of the dealing goes back: other tasks of the case keep their own.
INSERT INTO moved_cases (case_id, task_id, seat_after, why, reason)
SELECT m.case_id, m.task_id, m.task_seat_before, 'undone',
       (SELECT coalesce(jsonb_object_agg(each.key, each.value), '{}')
        FROM jsonb_each(m.reason_before) AS each WHERE each.key IN ('dealing', 'seat_before'))
FROM dealing_moves m
JOIN cases c ON c.id = m.case_id AND c.closed_on IS NULL
LEFT JOIN tasks t ON t.id = m.task_id
WHERE m.run_id = %(run_id)s AND m.undone_at IS NULL
  AND (m.task_seat_before IS NULL OR EXISTS (
      SELECT 1 FROM seats s WHERE s.id = m.task_seat_before AND s.active))
  AND NOT EXISTS (
      SELECT 1 FROM seat_conflicts x JOIN debtors d ON d.id = x.debtor_id
      JOIN debtors o ON o.id = d.id OR o.person_id = d.person_id
      WHERE x.seat_id = m.task_seat_before AND o.id = c.debtor_id)
  AND (m.task_id IS NULL OR (t.state = 'open' AND t.seat_id IS NOT DISTINCT FROM m.seat_after
                             AND t.reason ->> 'dealing' IS NOT DISTINCT FROM m.why))
  AND (m.seat_after IS NULL OR c.seat_id = m.seat_after)
ORDER BY m.case_id;

-- name: undo_case_seats
-- The cases go back to the seats they had.
UPDATE cases c
SET seat_id = (SELECT s.id FROM seats s WHERE s.id = m.case_seat_before AND s.active), dealt_on = %(on)s::date
FROM dealing_moves m JOIN moved_cases u ON u.case_id = m.case_id
WHERE m.run_id = %(run_id)s AND c.id = m.case_id;

-- name: mark_undone
-- What was undone, and when.
UPDATE dealing_moves m SET undone_at = %(now)s
FROM moved_cases u WHERE m.run_id = %(run_id)s AND m.case_id = u.case_id;

-- name: moves_left
-- The cases of a run that stay where it put them, and why: closed, done, moved again, or the seat they had must not have them.
SELECT m.case_id,
       CASE WHEN c.closed_on IS NOT NULL THEN 'case_closed'
            WHEN t.id IS NOT NULL AND t.state <> 'open' THEN 'task_' || t.state
            WHEN c.seat_id IS DISTINCT FROM coalesce(m.seat_after, c.seat_id)
                 OR t.seat_id IS DISTINCT FROM m.seat_after
                 OR t.reason ->> 'dealing' IS DISTINCT FROM m.why THEN 'moved_again'
            ELSE 'seat_gone' END AS why
FROM dealing_moves m JOIN cases c ON c.id = m.case_id LEFT JOIN tasks t ON t.id = m.task_id
WHERE m.run_id = %(run_id)s AND m.undone_at IS NULL ORDER BY m.case_id;
