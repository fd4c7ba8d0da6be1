-- Announcements: events that subscribers have not been told of yet, case by case.

-- name: has_news
-- Whether news are noted now, and whether they should be: for somebody who is active.
SELECT bool_and(tgenabled <> 'D') AS is_on, EXISTS (SELECT FROM subscribers WHERE active) AS wanted
FROM pg_trigger
WHERE tgrelid = 'event_heads'::regclass
  AND tgname IN ('heads_begun_are_news', 'heads_moved_are_news');

-- name: begin_news
-- From now on, what happens to cases is noted for subscribers.
ALTER TABLE event_heads
    ENABLE TRIGGER heads_begun_are_news, ENABLE TRIGGER heads_moved_are_news;

-- name: end_news
-- Nobody is to be told any more.
ALTER TABLE event_heads
    DISABLE TRIGGER heads_begun_are_news, DISABLE TRIGGER heads_moved_are_news;

-- name: claim
-- Leases cases with news for active subscribers, longest due first, under a new fence.
WITH due AS (
    SELECT c.id
    FROM announcement_cursors c JOIN subscribers s ON s.id = c.subscriber_id AND s.active
    WHERE c.newest > c.delivered
      AND (c.due_at IS NULL OR c.due_at <= %(now)s
           OR c.due_at > %(now)s::timestamptz + make_interval(secs => %(pause_seconds_max)s))
      AND (c.lease_until IS NULL OR c.lease_until <= %(now)s
           OR c.lease_until > %(now)s::timestamptz + make_interval(secs => %(lease_seconds)s))
    ORDER BY c.due_at NULLS FIRST, c.id
    LIMIT %(limit)s
    FOR UPDATE OF c SKIP LOCKED
)
UPDATE announcement_cursors c
SET fence = c.fence + 1, attempts = c.attempts + 1,
    lease_until = %(now)s::timestamptz + make_interval(secs => %(lease_seconds)s)
FROM due, subscribers s
WHERE c.id = due.id AND s.id = c.subscriber_id
RETURNING c.id, c.case_id, c.delivered, c.fence, c.attempts, s.id AS subscriber_id, s.url,
          s.actions, s.secret_cipher;

-- name: pending
-- The events of a case after one that was told, oldest first.
SELECT sequence, recorded_at, action, subject
FROM events
WHERE chain_kind = 'case' AND chain_id = %(case_id)s AND sequence > %(delivered)s
ORDER BY sequence
LIMIT %(limit)s;

-- name: told
-- A case was told up to an event; only where the fence is still the holder's.
UPDATE announcement_cursors
SET delivered = %(delivered)s, attempts = 0, due_at = NULL, lease_until = NULL, reason = ''
WHERE id = %(id)s AND fence = %(fence)s AND newest >= %(delivered)s;

-- name: postpone
-- The subscriber did not take it; the case waits, so that its order holds.
UPDATE announcement_cursors
SET due_at = %(due_at)s, lease_until = NULL, reason = %(reason)s
WHERE id = %(id)s AND fence = %(fence)s;

-- name: waiting
-- How many cases wait for each subscriber, since how many tries at most, and why the last failed.
SELECT s.id, s.name, s.active, count(c.id) AS cases, coalesce(max(c.attempts), 0) AS attempts,
       coalesce(max(c.reason), '') AS reason
FROM subscribers s
LEFT JOIN announcement_cursors c ON c.subscriber_id = s.id AND c.newest > c.delivered
WHERE s.id = ANY (%(subscriber_ids)s::bigint[])
GROUP BY s.id
ORDER BY s.name;
