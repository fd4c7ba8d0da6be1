-- Counts of work (work_counts): one row a creditor's day, seat and treatment, counted as it happens.

-- name: add
-- Adds to the counts of one seat and treatment on the creditor's day of an instant.
INSERT INTO work_counts AS w (creditor_id, day, seat_id, team_id, treatment, batch, done_in_time,
                              done_late, lapsed, cancelled, follow_ups)
SELECT cr.id, (%(now)s AT TIME ZONE cr.zone)::date, s.id, s.team_id, %(treatment)s, 0,
       %(done_in_time)s, %(done_late)s, %(lapsed)s, %(cancelled)s, %(follow_ups)s
FROM creditors cr LEFT JOIN seats s ON s.id = %(seat_id)s::bigint
WHERE cr.id = %(creditor_id)s
ON CONFLICT (creditor_id, day, seat_id, team_id, treatment, batch) DO UPDATE
SET done_in_time = w.done_in_time + excluded.done_in_time,
    done_late = w.done_late + excluded.done_late,
    lapsed = w.lapsed + excluded.lapsed,
    cancelled = w.cancelled + excluded.cancelled,
    follow_ups = w.follow_ups + excluded.follow_ups;

-- name: count_lapsed
-- What a night ended that was late by then, counted once however often it is asked.
INSERT INTO work_counts (creditor_id, day, seat_id, team_id, treatment, batch, done_in_time,
                         done_late, lapsed, cancelled, follow_ups)
SELECT t.creditor_id, %(on)s, t.seat_id, s.team_id, t.treatment, %(run_id)s, 0, 0, count(*), 0, 0
FROM tasks t LEFT JOIN seats s ON s.id = t.seat_id
WHERE t.creditor_id = %(creditor_id)s AND t.state = 'expired' AND t.closed_at = %(now)s
  AND t.due_at < %(now)s
GROUP BY t.creditor_id, t.seat_id, s.team_id, t.treatment
ON CONFLICT (creditor_id, day, seat_id, team_id, treatment, batch) DO UPDATE
SET lapsed = excluded.lapsed;

-- name: escalate
-- Marks open tasks whose time to tell the team lead has come, the oldest first.
UPDATE tasks t SET escalated_at = %(now)s
FROM (
    SELECT id FROM tasks
    WHERE state = 'open' AND escalated_at IS NULL AND escalates_at <= %(now)s
    ORDER BY escalates_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
) due
WHERE t.id = due.id
RETURNING t.id, t.case_id;

-- name: to_escalate
-- Whether a task waits to be escalated.
SELECT EXISTS (SELECT 1 FROM tasks WHERE state = 'open' AND escalated_at IS NULL
               AND escalates_at <= %(now)s) AS found;
