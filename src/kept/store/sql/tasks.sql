-- Tasks for screens: the ids of one page of a worklist, picked from an index alone.
-- Each creditor (or seat) gives its own first page in order and the pages are merged, so that a
-- million open tasks cost as much as fifty. An absent filter is NULL and falls away in planning.

-- scope: filters
(%(bucket)s::smallint IS NULL OR t.bucket = %(bucket)s::smallint)
AND (%(dpd_from)s::integer IS NULL OR t.dpd >= %(dpd_from)s::integer)
AND (%(dpd_to)s::integer IS NULL OR t.dpd <= %(dpd_to)s::integer)
AND (%(stage)s::text IS NULL OR t.stage = %(stage)s::text)
AND (%(treatment)s::text IS NULL OR t.treatment = %(treatment)s::text)
AND (%(due_from)s::timestamptz IS NULL OR t.due_at >= %(due_from)s::timestamptz)
AND (%(due_before)s::timestamptz IS NULL OR t.due_at < %(due_before)s::timestamptz)
AND (NOT %(is_not_dealt)s OR t.seat_id IS NULL)
AND (NOT %(is_escalated)s OR t.escalated_at IS NOT NULL)
AND (%(product_ids)s::bigint[] IS NULL OR EXISTS (
    SELECT 1 FROM case_accounts ca JOIN accounts a ON a.id = ca.account_id
    WHERE ca.case_id = t.case_id AND a.product_id = ANY (%(product_ids)s::bigint[])))

-- name: open_by_creditor
-- Open tasks of some creditors, whose contact is lawful now, highest priority first, after a cursor.
SELECT page.id, page.priority
FROM unnest(%(creditor_ids)s::bigint[]) AS c (creditor_id)
CROSS JOIN LATERAL (
    SELECT t.id, t.priority FROM tasks t
    WHERE t.state = 'open' AND t.creditor_id = c.creditor_id AND /* scope */ true
      AND (t.lawful_from IS NULL OR t.lawful_from <= %(now)s)
      AND (%(after_priority)s::bigint IS NULL
           OR (t.priority <= %(after_priority)s::bigint
               AND (t.priority < %(after_priority)s::bigint OR t.id > %(after_id)s::bigint)))
    ORDER BY t.priority DESC, t.id
    LIMIT %(limit)s
) page
ORDER BY page.priority DESC, page.id
LIMIT %(limit)s;

-- name: open_by_seat
-- Open tasks dealt to some seats, whose contact is lawful now, highest priority first, after a cursor.
SELECT page.id, page.priority
FROM unnest(%(seat_ids)s::bigint[]) AS s (seat_id)
CROSS JOIN LATERAL (
    SELECT t.id, t.priority FROM tasks t
    WHERE t.state = 'open' AND t.seat_id = s.seat_id
      AND t.creditor_id = ANY (%(creditor_ids)s::bigint[]) AND /* scope */ true
      AND (t.lawful_from IS NULL OR t.lawful_from <= %(now)s)
      AND (%(after_priority)s::bigint IS NULL
           OR (t.priority <= %(after_priority)s::bigint
               AND (t.priority < %(after_priority)s::bigint OR t.id > %(after_id)s::bigint)))
    ORDER BY t.priority DESC, t.id
    LIMIT %(limit)s
) page
ORDER BY page.priority DESC, page.id
LIMIT %(limit)s;

-- name: later_by_creditor
-- Open tasks of some creditors, whose contact is not lawful yet, in the order in which they will be, after a cursor.
SELECT page.id, page.priority, page.lawful_from
FROM unnest(%(creditor_ids)s::bigint[]) AS c (creditor_id)
CROSS JOIN LATERAL (
    SELECT t.id, t.priority, t.lawful_from FROM tasks t
    WHERE t.state = 'open' AND t.creditor_id = c.creditor_id AND /* scope */ true
      AND t.lawful_from > %(now)s
      AND (%(after_lawful)s::timestamptz IS NULL
           OR (t.lawful_from >= %(after_lawful)s::timestamptz
               AND (t.lawful_from > %(after_lawful)s::timestamptz
                    OR t.priority < %(after_priority)s::bigint
                    OR (t.priority = %(after_priority)s::bigint AND t.id > %(after_id)s::bigint))))
    ORDER BY t.lawful_from, t.priority DESC, t.id
    LIMIT %(limit)s
) page
ORDER BY page.lawful_from, page.priority DESC, page.id
LIMIT %(limit)s;

-- name: later_by_seat
-- Open tasks dealt to some seats, whose contact is not lawful yet, in the order in which they will be, after a cursor.
SELECT page.id, page.priority, page.lawful_from
FROM unnest(%(seat_ids)s::bigint[]) AS s (seat_id)
CROSS JOIN LATERAL (
    SELECT t.id, t.priority, t.lawful_from FROM tasks t
    WHERE t.state = 'open' AND t.seat_id = s.seat_id
      AND t.creditor_id = ANY (%(creditor_ids)s::bigint[]) AND /* scope */ true
      AND t.lawful_from > %(now)s
      AND (%(after_lawful)s::timestamptz IS NULL
           OR (t.lawful_from >= %(after_lawful)s::timestamptz
               AND (t.lawful_from > %(after_lawful)s::timestamptz
                    OR t.priority < %(after_priority)s::bigint
                    OR (t.priority = %(after_priority)s::bigint AND t.id > %(after_id)s::bigint))))
    ORDER BY t.lawful_from, t.priority DESC, t.id
    LIMIT %(limit)s
) page
ORDER BY page.lawful_from, page.priority DESC, page.id
LIMIT %(limit)s;

-- name: closed
-- Tasks that are no longer open, newest first, after a cursor.
SELECT page.id, page.priority
FROM unnest(%(creditor_ids)s::bigint[]) AS c (creditor_id)
CROSS JOIN LATERAL (
    SELECT t.id, t.priority FROM tasks t
    WHERE t.state <> 'open' AND t.state = %(state)s AND t.creditor_id = c.creditor_id
      AND (%(seat_ids)s::bigint[] IS NULL OR t.seat_id = ANY (%(seat_ids)s::bigint[]))
      AND (%(after_id)s::bigint IS NULL OR t.id < %(after_id)s::bigint) AND /* scope */ true
    ORDER BY t.id DESC
    LIMIT %(limit)s
) page
ORDER BY page.id DESC
LIMIT %(limit)s;

-- name: summary_of_seats
-- What lies open before some seats, by treatment: number, minutes, how many are late or due by an instant.
SELECT t.treatment, count(*) AS tasks, sum(t.minutes)::bigint AS minutes,
       count(*) FILTER (WHERE t.due_at < %(now)s) AS late,
       count(*) FILTER (WHERE t.due_at >= %(now)s AND t.due_at < %(day_ends_at)s) AS due_today
FROM tasks t
WHERE t.state = 'open' AND t.seat_id = ANY (%(seat_ids)s::bigint[])
  AND t.creditor_id = ANY (%(creditor_ids)s::bigint[])
GROUP BY t.treatment
ORDER BY tasks DESC, t.treatment;
