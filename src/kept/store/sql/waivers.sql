-- Waivers: the budgets with what is reserved and used, the money that conditions hang on, and what waits.

-- name: budgets
-- Budgets of some creditors with what open waivers reserve of them and what posted ones used.
SELECT b.id, b.creditor_id, b.product_id, b.month, b.currency, b.amount_minor,
       coalesce(sum(l.amount_minor) FILTER (
           WHERE w.state IN ('requested', 'offered', 'accepted')), 0)::bigint AS reserved_minor,
       coalesce(sum(l.posted_minor) FILTER (WHERE w.state = 'posted'), 0)::bigint AS used_minor
FROM waiver_budgets b
LEFT JOIN waiver_lines l ON l.budget_id = b.id
LEFT JOIN waivers w ON w.id = l.waiver_id
WHERE /* scope */ true
GROUP BY b.id
ORDER BY b.creditor_id, b.month DESC, b.product_id NULLS FIRST, b.currency;

-- scope: month
b.creditor_id = %(creditor_id)s AND b.month = %(month)s

-- scope: some
b.id = ANY (%(budget_ids)s::bigint[])

-- scope: creditors
b.creditor_id = ANY (%(creditor_ids)s::bigint[])

-- name: payments
-- Money that reached some accounts since a day, with the day from which it counts no more.
SELECT e.id, m.account_id, e.effective_on, r.effective_on AS reversed_on,
       sum(m.amount_minor)::bigint AS amount_minor
FROM postings m
JOIN entries e ON e.id = m.entry_id AND e.kind <> 'reversal'
LEFT JOIN entries r ON r.reverses_id = e.id AND r.recorded_at <= %(known_at)s
WHERE m.account_id = ANY (%(account_ids)s::bigint[]) AND m.from_book = 'receivable'
  AND m.to_book IN ('cash', 'unexplained')
  AND m.effective_on >= %(first)s AND m.recorded_at <= %(known_at)s
GROUP BY e.id, m.account_id, r.effective_on
ORDER BY e.effective_on, e.id;

-- name: waived_before
-- What was waived of some accounts since a day and still stands, by component.
SELECT l.component, sum(l.posted_minor)::bigint AS amount_minor
FROM waiver_lines l JOIN waivers w ON w.id = l.waiver_id
WHERE l.account_id = ANY (%(account_ids)s::bigint[]) AND w.state = 'posted'
  AND w.posted_on >= %(first)s
GROUP BY l.component;

-- name: charged_since
-- What was added to some accounts since a moment that is no part of what was lent.
SELECT coalesce(sum(CASE WHEN m.to_book = 'receivable' THEN m.amount_minor
                         ELSE -m.amount_minor END), 0)::bigint AS amount_minor
FROM postings m JOIN entries e ON e.id = m.entry_id
WHERE m.account_id = ANY (%(account_ids)s::bigint[]) AND m.component <> 'principal'
  AND m.recorded_at > %(since)s
  AND (m.to_book = 'receivable' AND m.from_book IN ('income', 'creditor')
       OR m.from_book = 'receivable' AND m.to_book IN ('income', 'creditor'));

-- name: waiting
-- Waivers of which something may have come: an offer's time is over, a part fell due, or money moved.
SELECT w.id FROM waivers w JOIN creditors c ON c.id = w.creditor_id
WHERE (w.state = 'offered' AND w.offer_until < (%(now)s AT TIME ZONE c.zone)::date)
   OR (w.state = 'accepted' AND EXISTS (
           SELECT 1 FROM jsonb_array_elements(w.parts) AS p
           WHERE (p ->> 0)::date + w.grace_days < (%(now)s AT TIME ZONE c.zone)::date
             AND (p ->> 0)::date + w.grace_days >= w.judged_on))
   OR (w.state IN ('accepted', 'posted') AND w.parts <> '[]'::jsonb AND w.seen_postings <> (
           SELECT count(*) FROM postings m
           WHERE m.account_id = ANY (w.account_ids) AND m.effective_on >= w.accepted_on
             AND (m.to_book IN ('cash', 'unexplained') OR m.from_book IN ('cash', 'unexplained'))))
ORDER BY w.id
LIMIT %(limit)s;

-- name: seen
-- How many postings of money the accounts of a waiver have since its acceptance.
SELECT count(*) AS found FROM postings m
WHERE m.account_id = ANY (%(account_ids)s::bigint[]) AND m.effective_on >= %(first)s
  AND (m.to_book IN ('cash', 'unexplained') OR m.from_book IN ('cash', 'unexplained'));
