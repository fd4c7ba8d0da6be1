-- Jobs of the queue: what the sweep, the schedule and the page of jobs ask of procrastinate's tables.
-- Times of the queue are those of the database's clock.

-- name: set_heartbeats_right
-- A heartbeat from the future means that the clock went back; counted from now, it ages again.
UPDATE procrastinate_workers SET last_heartbeat = now()
WHERE last_heartbeat > now() + make_interval(secs => %(seconds)s);

-- name: stalled
-- Jobs under way whose worker has not been heard of; locked, and left to whoever has them already.
SELECT j.id, j.task_name, j.attempts
FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE j.status = 'doing'
  AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %(seconds)s))
ORDER BY j.id
LIMIT %(limit)s
FOR UPDATE OF j SKIP LOCKED;

-- name: begin_again
-- A job under way or failed goes back to the queue.
SELECT procrastinate_retry_job_v2(%(id)s, now(), NULL, NULL, NULL);

-- name: give_up
-- A job that ended its workers too often is failed.
SELECT procrastinate_finish_job_v1(%(id)s, 'failed', false);

-- name: note
-- Why a job did not end well; the last reason stands.
INSERT INTO job_notes (job_id, code, detail, noted_at)
VALUES (%(id)s, %(code)s, %(detail)s, clock_timestamp())
ON CONFLICT (job_id) DO UPDATE
SET code = excluded.code, detail = excluded.detail, noted_at = excluded.noted_at;

-- name: shown
-- Jobs of some states, with why they failed and since when they are in their state.
SELECT j.id, j.task_name, j.queue_name, j.priority, j.status::text AS status, j.attempts, j.args,
       j.scheduled_at, n.code, n.detail,
       (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) AS since
FROM procrastinate_jobs j LEFT JOIN job_notes n ON n.job_id = j.id
WHERE j.status::text = ANY (%(states)s::text[])
ORDER BY j.priority DESC, CASE WHEN j.status = 'failed' THEN -j.id ELSE j.id END
LIMIT %(limit)s;

-- name: locked
-- One job, locked, as the page shows it.
SELECT id, task_name, status::text AS status, attempts, args
FROM procrastinate_jobs WHERE id = %(id)s FOR UPDATE;

-- name: counts
-- How many jobs there are in each state.
SELECT status::text AS status, count(*) AS jobs FROM procrastinate_jobs GROUP BY status;

-- name: is_known
-- Whether a job of this task and these arguments waits, runs or has failed.
SELECT EXISTS (
    SELECT FROM procrastinate_jobs
    WHERE task_name = %(task)s AND status IN ('todo', 'doing', 'failed') AND args @> %(args)s::jsonb
) AS known;

-- name: work_waits
-- Whether there are intents or news to be carried out now, or leases that ran out.
SELECT EXISTS (SELECT FROM intents WHERE (state IN ('intended', 'unknown') AND due_at <= %(now)s)
                                      OR (state = 'leased' AND lease_until <= %(now)s)) AS intents,
       EXISTS (SELECT FROM announcement_cursors c
               JOIN subscribers s ON s.id = c.subscriber_id AND s.active
               WHERE c.newest > c.delivered AND (c.due_at IS NULL OR c.due_at <= %(now)s)
                 AND (c.lease_until IS NULL OR c.lease_until <= %(now)s)) AS news;

-- name: drop_old
-- Jobs that ended well or were called off before a time, a batch at a time; says how many.
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT j.id FROM procrastinate_jobs j
    WHERE j.status IN ('succeeded', 'cancelled', 'aborted')
      AND NOT EXISTS (SELECT FROM procrastinate_periodic_defers d WHERE d.job_id = j.id)
      AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) < %(before)s
    ORDER BY j.id LIMIT %(limit)s FOR UPDATE OF j SKIP LOCKED
);

-- name: drop_old_notes
-- Notes of jobs that are gone.
DELETE FROM job_notes n
WHERE NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.id = n.job_id);
