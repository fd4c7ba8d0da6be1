-- What accrual reads: accounts of products that kept accrues for, their postings and their holds.
-- The rules are those of kept.core.lending; these statements decide nothing. Days are ordinals as
-- Python counts them, so that they travel as integers.

-- scope: accounts
a.id = ANY(%(account_ids)s)

-- scope: cases
a.id IN (SELECT stay.account_id FROM case_accounts stay
         WHERE stay.case_id = ANY(%(case_ids)s::bigint[]) AND stay.entered_on <= %(as_of)s
           AND (stay.left_on IS NULL OR stay.left_on > %(as_of)s))

-- name: accruing_products
-- Products for which kept accrues on some day: their terms name interest and give kept the truth.
SELECT DISTINCT p.id AS product_id, p.creditor_id
FROM products p JOIN product_terms t ON t.product_id = p.id
WHERE t.balance_authority = 'kept' AND t.interest <> '{}'::jsonb;

-- name: terms_of_products
-- Every version of the terms of some products, the oldest first.
SELECT t.product_id, t.version, t.valid_from, t.valid_to, t.balance_authority, t.components,
       t.interest::text AS interest, p.currency, p.code
FROM product_terms t JOIN products p ON p.id = t.product_id
WHERE t.product_id = ANY(%(product_ids)s)
ORDER BY t.product_id, t.valid_from;

-- name: accounts
-- The accounts, with what their accrual reads beside postings; 0, -1 and the last day are unknown.
SELECT a.id AS account_id, a.product_id,
       coalesce(a.opened_on - DATE '0001-01-01' + 1, 0) AS agreed_on,
       coalesce(a.original_amount_minor, -1) AS original_minor,
       coalesce((SELECT min(j.judged_on) FROM judgments j
                 WHERE j.account_id = a.id AND j.recorded_at <= %(known_at)s
                   AND (j.withdrawn_at IS NULL OR j.withdrawn_at > %(known_at)s))
                - DATE '0001-01-01' + 1, 3652059) AS judged_on,
       coalesce((SELECT min(e.effective_on) FROM entries e
                 WHERE e.account_id = a.id AND e.kind = 'charge_off'
                   AND e.recorded_at <= %(known_at)s
                   AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses_id = e.id
                                   AND r.recorded_at <= %(known_at)s))
                - DATE '0001-01-01' + 1, 3652059) AS charged_off_on
FROM accounts a
WHERE a.product_id = ANY(%(product_ids)s) AND /* scope */ true
ORDER BY a.id;

-- name: postings
-- Their postings on the receivable side, in the order of the accounts.
SELECT p.account_id, p.component,
       CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END
           AS owed_minor,
       coalesce(p.due_on - DATE '0001-01-01' + 1, 0) AS due_on,
       p.effective_on - DATE '0001-01-01' + 1 AS effective_on,
       (p.from_book = 'accrued' OR p.to_book = 'accrued')::int AS accrued
FROM postings p JOIN accounts a ON a.id = p.account_id
WHERE (p.to_book = 'receivable' OR p.from_book = 'receivable')
  AND p.effective_on <= %(as_of)s AND p.recorded_at <= %(known_at)s
  AND a.product_id = ANY(%(product_ids)s) AND /* scope */ true
ORDER BY p.account_id, p.effective_on, p.id;

-- name: holds
-- Holds of the accounts or their debtors, as days of the creditor; a day that a hold begins counts.
SELECT a.id AS account_id, h.reason, ('accrual' = ANY (h.effects))::int AS accrual,
       (h.placed_at AT TIME ZONE c.zone)::date - DATE '0001-01-01' + 1 AS first_on,
       coalesce(least((h.until + 1), CASE WHEN h.released_at <= %(known_at)s
                THEN (h.released_at AT TIME ZONE c.zone)::date END)
                - DATE '0001-01-01' + 1, 3652059) AS end_on
FROM accounts a
JOIN creditors c ON c.id = a.creditor_id
JOIN holds h ON h.debtor_id = a.debtor_id AND (h.account_id IS NULL OR h.account_id = a.id)
    AND h.placed_at <= %(known_at)s
WHERE a.product_id = ANY(%(product_ids)s) AND /* scope */ true
ORDER BY a.id, h.id;

-- name: charged_later
-- Whether an account has an accrual entry of a later day.
SELECT count(*) AS entries FROM entries
WHERE account_id = %(account_id)s AND kind = 'accrual' AND effective_on > %(day)s;

-- name: case_of_accounts
-- In which of some cases each account is on a day.
SELECT account_id, case_id FROM case_accounts
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND entered_on <= %(as_of)s
  AND (left_on IS NULL OR left_on > %(as_of)s) AND account_id = ANY(%(account_ids)s::bigint[]);
