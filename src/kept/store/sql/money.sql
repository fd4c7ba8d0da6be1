-- Charge-off, sale and the general ledger: what is carried, lost, sold, and every movement of a period.

-- name: open_slots
-- What lies open in each component and due date of an account, of either sign.
SELECT p.component, p.due_on,
       sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END)::bigint
           AS amount_minor
FROM postings p
WHERE p.account_id = %(account_id)s AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
GROUP BY p.component, p.due_on
HAVING sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END) <> 0
ORDER BY p.component, p.due_on NULLS FIRST;

-- name: standing_entry
-- The entry of one kind on an account that was not reversed, such as its charge-off.
SELECT e.id, e.effective_on FROM entries e
WHERE e.account_id = %(account_id)s AND e.kind = %(kind)s
  AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses_id = e.id)
ORDER BY e.id DESC LIMIT 1;

-- name: journal
-- Lines of the general ledger: what each book got and gave, by day, creditor, product and component. Money for a charged-off account is a recovery.
WITH moved AS (
    SELECT p.effective_on, a.creditor_id, a.product_id, a.currency, p.component, p.from_book,
           p.to_book, p.amount_minor,
           (p.from_book = 'cash' OR p.to_book = 'cash') AND EXISTS (
               SELECT 1 FROM entries c
               WHERE c.account_id = p.account_id AND c.kind = 'charge_off' AND c.reference <> ''
                 AND c.effective_on <= p.effective_on AND c.recorded_at <= %(known_at)s
                 AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses_id = c.id
                                 AND r.effective_on <= p.effective_on
                                 AND r.recorded_at <= %(known_at)s)) AS is_recovery
    FROM postings p JOIN accounts a ON a.id = p.account_id
    WHERE p.effective_on BETWEEN %(first)s AND %(last)s AND p.recorded_at <= %(known_at)s
      AND (%(creditor_ids)s::bigint[] IS NULL OR a.creditor_id = ANY (%(creditor_ids)s::bigint[]))
), legs AS (
    SELECT effective_on, creditor_id, product_id, currency, component,
           CASE WHEN to_book = 'cash' AND is_recovery THEN 'recovery' ELSE to_book END AS book,
           amount_minor AS debit, 0 AS credit
    FROM moved
    UNION ALL
    SELECT effective_on, creditor_id, product_id, currency, component,
           CASE WHEN from_book = 'cash' AND is_recovery THEN 'recovery' ELSE from_book END,
           0, amount_minor
    FROM moved
)
SELECT l.effective_on, c.code AS creditor, p.code AS product, l.currency, l.book, l.component,
       sum(l.debit)::numeric AS debit_minor, sum(l.credit)::numeric AS credit_minor
FROM legs l JOIN creditors c ON c.id = l.creditor_id JOIN products p ON p.id = l.product_id
GROUP BY l.effective_on, c.code, p.code, l.currency, l.book, l.component
ORDER BY l.effective_on, c.code, p.code, l.currency, l.book, l.component;

-- name: suspense_journal
-- Money that no account has: what came in and was neither allocated nor returned by the end of each day, by its movements.
WITH moved AS (
    SELECT p.received_on AS on_day, p.creditor_id, p.currency, p.amount_minor AS amount
    FROM payments p WHERE p.state <> 'duplicate' AND p.recorded_at <= %(known_at)s
    UNION ALL
    SELECT e.effective_on, p.creditor_id, p.currency, -b.amount_minor
    FROM payment_allocations b JOIN payments p ON p.id = b.payment_id
    JOIN entries e ON e.id = b.entry_id WHERE e.recorded_at <= %(known_at)s
    UNION ALL
    SELECT e.effective_on, p.creditor_id, p.currency, b.amount_minor
    FROM payment_allocations b JOIN payments p ON p.id = b.payment_id
    JOIN entries e ON e.id = b.reversal_id WHERE e.recorded_at <= %(known_at)s
    UNION ALL
    SELECT r.returned_on, r.creditor_id, r.currency, -r.amount_minor
    FROM payment_returns r WHERE r.payment_id IS NOT NULL AND r.recorded_at <= %(known_at)s
)
SELECT m.on_day AS effective_on, c.code AS creditor, m.currency,
       sum(greatest(m.amount, 0))::numeric AS credit_minor,
       sum(greatest(-m.amount, 0))::numeric AS debit_minor
FROM moved m JOIN creditors c ON c.id = m.creditor_id
WHERE m.on_day BETWEEN %(first)s AND %(last)s
  AND (%(creditor_ids)s::bigint[] IS NULL OR m.creditor_id = ANY (%(creditor_ids)s::bigint[]))
GROUP BY m.on_day, c.code, m.currency ORDER BY m.on_day, c.code, m.currency;

-- name: book_balances
-- What each book holds by a day: everything it got less what it gave.
SELECT c.code AS creditor, p.code AS product, a.currency, legs.book, legs.component,
       sum(legs.amount)::numeric AS balance_minor
FROM (SELECT account_id, to_book AS book, component, amount_minor AS amount FROM postings
      WHERE effective_on <= %(last)s AND recorded_at <= %(known_at)s
      UNION ALL
      SELECT account_id, from_book, component, -amount_minor FROM postings
      WHERE effective_on <= %(last)s AND recorded_at <= %(known_at)s) legs
JOIN accounts a ON a.id = legs.account_id
JOIN creditors c ON c.id = a.creditor_id JOIN products p ON p.id = a.product_id
WHERE (%(creditor_ids)s::bigint[] IS NULL OR a.creditor_id = ANY (%(creditor_ids)s::bigint[]))
GROUP BY c.code, p.code, a.currency, legs.book, legs.component
HAVING sum(legs.amount) <> 0
ORDER BY c.code, p.code, a.currency, legs.book, legs.component;
