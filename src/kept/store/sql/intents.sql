-- Intents: claimed in batches, finished under a fence.
-- Times are the caller's; workers give the database's clock, the one clock they share.

-- name: write
-- Writes an intent, or finds the one that has its key; returns its id.
WITH written AS (
    INSERT INTO intents (kind, key, lane, subject, creditor_id, payload, state, in_doubt, fence,
                         attempts, due_at, recorded_at, reason, result)
    VALUES (%(kind)s, %(key)s, %(lane)s, %(subject)s, %(creditor_id)s, %(payload)s, 'intended',
            false, 0, 0, %(due_at)s, %(now)s, '', '{}')
    ON CONFLICT (key) DO NOTHING
    RETURNING id
)
SELECT id FROM written UNION ALL SELECT id FROM intents WHERE key = %(key)s LIMIT 1;

-- name: write_many
-- Writes many intents of one kind in one statement, in their order; those whose key is there stay.
INSERT INTO intents (kind, key, lane, subject, creditor_id, payload, state, in_doubt, fence,
                     attempts, due_at, recorded_at, reason, result)
SELECT %(kind)s, w.key, w.lane, w.subject, w.creditor_id, w.payload::jsonb, 'intended', false, 0, 0,
       %(now)s, %(now)s, '', '{}'
FROM unnest(%(keys)s::text[], %(lanes)s::text[], %(subjects)s::text[], %(creditor_ids)s::bigint[],
            %(payloads)s::text[])
    WITH ORDINALITY AS w (key, lane, subject, creditor_id, payload, place)
ORDER BY w.place
ON CONFLICT (key) DO NOTHING;

-- name: claim
-- Leases the intents that are due, the first of each lane, the longest due first.
WITH due AS (
    SELECT i.id FROM intents i
    WHERE i.kind = ANY (%(kinds)s) AND i.state IN ('intended', 'unknown')
      AND i.due_at <= %(now)s
      AND (i.lane = '' OR NOT EXISTS (
          SELECT FROM intents e
          WHERE e.lane = i.lane AND e.lane <> '' AND e.id < i.id
            AND e.state IN ('intended', 'unknown', 'leased')))
    ORDER BY i.due_at, i.id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE intents i
SET state = 'leased', fence = i.fence + 1, attempts = i.attempts + 1,
    lease_until = %(now)s::timestamptz + make_interval(secs => %(lease_seconds)s)
FROM due WHERE i.id = due.id
RETURNING i.id, i.kind, i.key, i.subject, i.creditor_id, i.payload, i.fence, i.attempts, i.in_doubt;

-- name: finish
-- Writes what came of leased intents; only where the fence is still the holder's.
UPDATE intents i
SET state = f.state, in_doubt = f.in_doubt, reason = f.reason, result = f.result::jsonb,
    lease_until = NULL, due_at = f.due_at,
    finished_at = CASE WHEN f.state IN ('done', 'failed') THEN %(now)s::timestamptz END
FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[], %(states)s::text[], %(doubts)s::boolean[],
            %(reasons)s::text[], %(results)s::text[], %(dues)s::timestamptz[])
    AS f (id, fence, state, in_doubt, reason, result, due_at)
WHERE i.id = f.id AND i.fence = f.fence AND i.state = 'leased'
RETURNING i.id;

-- name: lapse
-- Leases that ran out: nobody knows what happened. One too long from now means a clock went back.
UPDATE intents
SET state = 'unknown', in_doubt = true, lease_until = NULL, due_at = %(now)s
WHERE id IN (
    SELECT id FROM intents
    WHERE state = 'leased'
      AND (lease_until <= %(now)s
           OR lease_until > %(now)s::timestamptz + make_interval(secs => %(lease_seconds_max)s))
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: again
-- A failed intent to be carried out again, because a person says so.
UPDATE intents
SET state = 'intended', attempts = 0, finished_at = NULL, reason = '', due_at = %(now)s
WHERE id = %(id)s AND state = 'failed';

-- name: drop_old
-- Forgets intents that were done before a time, a batch at a time; says how many.
DELETE FROM intents WHERE id IN (
    SELECT id FROM intents WHERE state = 'done' AND finished_at < %(before)s
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);
