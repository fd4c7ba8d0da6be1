-- Promises: what is read to judge them, the copies of what they came to, and how they end by themselves.
-- Promises of one debtor are judged together, since a payment counts once among them.

-- scope: debtors
p.debtor_id = ANY (%(debtor_ids)s)

-- scope: accounts
p.debtor_id IN (SELECT a.debtor_id FROM accounts a WHERE a.id = ANY (%(account_ids)s))

-- scope: touched
p.debtor_id IN (SELECT a.debtor_id FROM touched_accounts t JOIN accounts a ON a.id = t.account_id)

-- scope: touched_of
p.creditor_id = %(creditor_id)s
AND p.debtor_id IN (SELECT a.debtor_id FROM touched_accounts t JOIN accounts a ON a.id = t.account_id)

-- scope: case
p.debtor_id IN (SELECT c.debtor_id FROM cases c WHERE c.id = %(case_id)s)

-- scope: due
p.debtor_id IN (SELECT d.debtor_id FROM promises d
                WHERE d.creditor_id = ANY (%(creditor_ids)s)
                  AND d.due_on BETWEEN %(first)s AND %(last)s)

-- scope: night
p.creditor_id = %(creditor_id)s AND p.debtor_id >= %(first_id)s AND p.debtor_id < %(end_id)s
AND p.debtor_id IN (
    SELECT o.debtor_id FROM promises o
    WHERE o.creditor_id = %(creditor_id)s
      AND o.debtor_id >= %(first_id)s AND o.debtor_id < %(end_id)s
      AND ((o.state = 'open' AND o.test_on < %(as_of)s)
           OR (o.ended_on IS NOT NULL AND o.state = 'open')
           OR EXISTS (SELECT 1 FROM promise_accounts pa
                      JOIN postings m ON m.account_id = pa.account_id
                          AND m.effective_on >= o.made_on AND m.recorded_at > o.judged_at
                          AND 'receivable' IN (m.from_book, m.to_book)
                      WHERE pa.promise_id = o.id)))

-- name: read_promises
-- Promises that are judged together, as they were known; one that ended later was open then.
SELECT p.id, p.creditor_id, p.case_id, p.debtor_id, p.amount_minor, p.currency, p.made_at,
       p.recorded_at, p.made_on, p.due_on, p.tolerance_ppm, p.grace_days, p.counts_unexplained,
       CASE WHEN p.ended_at <= %(known_at)s THEN p.ended_on END AS ended_on,
       CASE WHEN p.ended_at <= %(known_at)s THEN p.end_reason ELSE '' END AS end_reason,
       p.state, p.paid_minor, p.judged_on, p.judged_at, p.taken_by, p.team_id,
       EXISTS (SELECT 1 FROM promise_outcomes o WHERE o.promise_id = p.id) AS is_told,
       (SELECT array_agg(pa.account_id ORDER BY pa.account_id) FROM promise_accounts pa
        WHERE pa.promise_id = p.id) AS account_ids
FROM promises p
WHERE /* scope */ true AND p.recorded_at <= %(known_at)s
ORDER BY p.debtor_id, p.id;

-- name: newest
-- As of which day, and by which moment, the promises of each debtor were judged last.
SELECT p.debtor_id, max(p.judged_on) AS judged_on, max(p.judged_at) AS judged_at
FROM promises p WHERE /* scope */ true GROUP BY p.debtor_id;

-- name: lock_promises
-- Those of some debtors, until the transaction ends, in one order.
SELECT p.id FROM promises p WHERE /* scope */ true ORDER BY p.id FOR UPDATE;

-- name: read_payments
-- Money that reached the accounts of promises on days that may count, with the day of its reversal.
SELECT s.debtor_id, e.id, s.account_id, e.effective_on, e.recorded_at,
       r.effective_on AS reversed_on, sum(m.amount_minor)::bigint AS amount_minor,
       bool_and(m.to_book = 'cash') AS is_explained
FROM (SELECT pa.account_id, p.debtor_id, min(p.made_on) AS first_on, max(p.test_on) AS last_on
      FROM promises p JOIN promise_accounts pa ON pa.promise_id = p.id
      WHERE p.id = ANY (%(promise_ids)s) GROUP BY pa.account_id, p.debtor_id) AS s
JOIN postings m ON m.account_id = s.account_id AND m.from_book = 'receivable'
    AND m.to_book IN ('cash', 'unexplained')
    AND m.effective_on BETWEEN s.first_on AND s.last_on AND m.recorded_at <= %(known_at)s
JOIN entries e ON e.id = m.entry_id AND e.kind <> 'reversal'
LEFT JOIN entries r ON r.reverses_id = e.id AND r.recorded_at <= %(known_at)s
GROUP BY s.debtor_id, e.id, s.account_id, r.effective_on;

-- name: write_states
-- The copies of what promises have come to.
UPDATE promises p SET state = j.state, paid_minor = j.paid_minor,
    judged_on = j.judged_on, judged_at = j.judged_at
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(paid)s::bigint[],
            %(judged_on)s::date[], %(judged_at)s::timestamptz[])
    AS j (id, state, paid_minor, judged_on, judged_at)
WHERE p.id = j.id;

-- name: write_outcomes
-- Each change of what a promise has come to, once.
INSERT INTO promise_outcomes (promise_id, as_of, recorded_at, state, paid_minor, by_payment)
SELECT j.id, j.judged_on, j.judged_at, j.state, j.paid_minor, j.by_payment::jsonb
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(paid)s::bigint[], %(judged_on)s::date[],
            %(judged_at)s::timestamptz[], %(by_payment)s::text[])
    AS j (id, state, paid_minor, judged_on, judged_at, by_payment);

-- name: end_held
-- Open promises that a hold of treatment stands against on the day, or whose accounts were recalled.
UPDATE promises p SET ended_on = greatest(p.made_on, %(as_of)s::date), ended_at = %(now)s,
    ended_by = %(actor)s, end_reason = x.reason
FROM (
    SELECT o.id, CASE WHEN bool_or(h.reason = 'disputed') THEN 'dispute'
                      WHEN count(h.id) > 0 THEN 'hold' ELSE 'recalled' END AS reason
    FROM promises o
    LEFT JOIN holds h ON h.debtor_id = o.debtor_id AND 'treatment' = ANY (h.effects)
        AND h.placed_at <= %(now)s AND (h.released_at IS NULL OR h.released_at > %(now)s)
        AND (h.until IS NULL OR h.until >= %(as_of)s)
        AND (h.account_id IS NULL OR EXISTS (
            SELECT 1 FROM promise_accounts pa
            WHERE pa.promise_id = o.id AND pa.account_id = h.account_id))
    WHERE o.creditor_id = %(creditor_id)s AND o.state = 'open' AND o.ended_on IS NULL
      AND o.debtor_id >= %(first_id)s AND o.debtor_id < %(end_id)s AND o.test_on >= %(as_of)s
    GROUP BY o.id
    HAVING count(h.id) > 0 OR NOT EXISTS (
        SELECT 1 FROM promise_accounts pa JOIN accounts a ON a.id = pa.account_id
        WHERE pa.promise_id = o.id AND a.state <> 'recalled')
) AS x
WHERE p.id = x.id;

-- name: touched_creditors
-- Whose promises go over accounts of `touched_accounts`, with their clocks.
SELECT DISTINCT p.creditor_id, c.zone
FROM touched_accounts t JOIN promise_accounts pa ON pa.account_id = t.account_id
JOIN promises p ON p.id = pa.promise_id JOIN creditors c ON c.id = p.creditor_id
ORDER BY p.creditor_id;

-- name: tell
-- One event for each case of which a promise came to something, for `append_prepared`.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT 'case'::text AS chain_kind, n.case_id AS chain_id, 'promise.judge'::text AS action,
       'case:' || n.case_id AS subject, n.body
FROM unnest(%(case_ids)s::bigint[], %(bodies)s::text[]) AS n (case_id, body);

-- name: counts
-- How many promises stay open beside a new one, and how many were broken in the policy's days.
SELECT count(*) FILTER (WHERE p.state = 'open' AND p.ended_on IS NULL AND p.test_on >= %(on)s
                        AND p.id <> ALL (%(replaced_ids)s::bigint[])) AS open_count,
       count(*) FILTER (WHERE (p.state = 'broken'
                               OR (p.state = 'open' AND p.test_on < %(on)s AND p.paid_minor = 0))
                        AND p.test_on >= %(on)s::date - %(broken_days)s::int) AS broken_count
FROM promises p WHERE p.debtor_id = %(debtor_id)s;

-- name: overlapping
-- Open promises of a debtor that share an account with a new one.
SELECT DISTINCT p.id FROM promises p JOIN promise_accounts pa ON pa.promise_id = p.id
WHERE p.debtor_id = %(debtor_id)s AND p.state = 'open' AND p.ended_on IS NULL
  AND p.test_on >= %(on)s AND pa.account_id = ANY (%(account_ids)s) ORDER BY p.id;

-- name: standing
-- Of some cases: whether a promise falls due by the day, or was broken or partly kept since another one, and how much of the open ones is missing.
SELECT p.case_id,
       bool_or(p.state = 'open' AND p.test_on >= %(on)s AND p.due_on <= %(on)s) AS is_due,
       bool_or(p.test_on >= %(since)s
               AND (p.state IN ('broken', 'partial') OR (p.state = 'open' AND p.test_on < %(on)s)))
           AS is_broken
FROM promises p WHERE p.case_id = ANY (%(case_ids)s) GROUP BY p.case_id;
