-- Files of payments: staged rows against each other and the book, and a chunk of them to be taken.

-- name: refuse_twice
-- A reference that stands in the file more than once with other data, or once more with an error.
INSERT INTO staged_refusals (line_no, field, code)
SELECT s.line_no, 'payment.external_id', 'record_twice'
FROM staged_payments s
WHERE (s.channel, s.external_id, s.what = 'payment') IN (
    SELECT channel, external_id, what = 'payment' FROM staged_payments
    GROUP BY channel, external_id, what = 'payment'
    HAVING count(*) > 1 AND count(DISTINCT (what, amount_minor, currency, received_on)) > 1)
   OR s.external_id IN (
    SELECT j.external_id FROM intake_rejects j
    WHERE j.intake_file_id = %(intake_file_id)s AND j.severity = 'reject' AND j.external_id <> '');

-- name: refuse_differing
-- A reference that was taken before and said another amount, currency or day.
INSERT INTO staged_refusals (line_no, field, code)
SELECT s.line_no, 'payment.external_id', 'record_differs'
FROM staged_payments s
JOIN payments p ON p.creditor_id = %(creditor_id)s AND p.channel = s.channel
    AND p.external_id = s.external_id
WHERE s.what = 'payment' AND (p.amount_minor, p.currency, p.received_on)
    IS DISTINCT FROM (s.amount_minor, s.currency::varchar, s.received_on)
UNION ALL
SELECT s.line_no, 'payment.external_id', 'record_differs'
FROM staged_payments s
JOIN payment_returns r ON r.creditor_id = %(creditor_id)s AND r.channel = s.channel
    AND r.external_id = s.external_id
WHERE s.what IN ('reversal', 'chargeback', 'returned_item')
  AND (r.amount_minor, r.currency, r.returned_on)
      IS DISTINCT FROM (s.amount_minor, s.currency::varchar, s.received_on);

-- name: refuse_before_account
-- A payment that the creditor dates before the account it names; a bank's waits in suspense instead.
INSERT INTO staged_refusals (line_no, field, code, detail)
SELECT s.line_no, 'payment.received_on', 'dates_out_of_order',
       jsonb_build_object('opened', a.opened_on)
FROM staged_payments s
JOIN accounts a ON a.creditor_id = %(creditor_id)s AND cardinality(s.accounts) = 1
    AND a.external_id = s.accounts[1]
WHERE s.what = 'payment' AND s.channel <> 'camt' AND a.opened_on > s.received_on;

-- name: refuse_returns
-- What goes back without a payment that it could be of, of another amount, twice, or before it came.
WITH going AS (
    SELECT s.line_no, s.what, s.amount_minor, s.currency, s.received_on, s.accounts, s.reverses,
           p.id, p.state, p.amount_minor - p.returned_minor AS known_minor,
           p.currency AS known_currency, p.received_on AS came_on,
           EXISTS (SELECT 1 FROM staged_payments o
                   WHERE o.what = 'payment' AND o.external_id = s.reverses) AS is_here,
           EXISTS (SELECT 1 FROM accounts a WHERE a.creditor_id = %(creditor_id)s
                   AND a.external_id = s.accounts[1]) AS has_account
    FROM staged_payments s
    LEFT JOIN LATERAL (
        SELECT p.* FROM payments p
        WHERE p.creditor_id = %(creditor_id)s AND p.state <> 'duplicate'
          AND (p.external_id = s.reverses
               OR (p.bank_reference <> ''
                   AND p.bank_reference IN (s.reverses, s.bank_reference))
               OR (p.reference <> '' AND p.reference = upper(regexp_replace(s.reverses, '[\s_/.-]', '', 'g'))
                   AND p.amount_minor = s.amount_minor AND p.received_on <= s.received_on))
        ORDER BY p.state = 'returned', p.external_id = s.reverses DESC,
                 p.channel = s.channel DESC, p.received_on DESC, p.id DESC LIMIT 1
    ) p ON true
    WHERE s.what IN ('reversal', 'chargeback', 'returned_item')
      AND NOT EXISTS (SELECT 1 FROM payment_returns r
                      WHERE r.creditor_id = %(creditor_id)s AND r.channel = s.channel
                        AND r.external_id = s.external_id)
)
INSERT INTO staged_refusals (line_no, field, code, detail)
SELECT line_no, 'payment.reverses',
       CASE WHEN id IS NULL THEN 'unknown_payment'
            WHEN state = 'returned' THEN 'returned_before'
            WHEN amount_minor <> known_minor OR currency <> known_currency THEN 'return_differs'
            ELSE 'return_before_payment' END,
       jsonb_build_object('reverses', coalesce(reverses, ''))
FROM going
WHERE NOT (id IS NULL AND (is_here OR (what = 'returned_item' AND has_account)))
  AND (id IS NULL OR state = 'returned' OR amount_minor <> known_minor
       OR currency <> known_currency OR received_on < came_on);

-- name: plan
-- Each row's chunk and verdict: payments first, in the order of their days, then what goes back.
WITH refused AS (
    SELECT DISTINCT line_no FROM staged_refusals
), copies AS (
    SELECT channel, external_id, what = 'payment' AS is_payment, min(line_no) AS first_line
    FROM staged_payments GROUP BY 1, 2, 3 HAVING count(*) > 1
), judged AS (
    SELECT s.line_no, s.what, s.received_on,
           CASE WHEN x.line_no IS NOT NULL THEN 'rejected'
                WHEN c.first_line < s.line_no THEN 'copy'
                WHEN s.what IN ('pending', 'outgoing') THEN 'unchanged'
                WHEN p.id IS NOT NULL OR r.id IS NOT NULL THEN 'unchanged'
                ELSE 'new' END AS verdict
    FROM staged_payments s
    LEFT JOIN refused x USING (line_no)
    LEFT JOIN copies c ON c.channel = s.channel AND c.external_id = s.external_id
        AND c.is_payment = (s.what = 'payment')
    LEFT JOIN payments p ON s.what = 'payment' AND p.creditor_id = %(creditor_id)s
        AND p.channel = s.channel AND p.external_id = s.external_id
    LEFT JOIN payment_returns r ON s.what IN ('reversal', 'chargeback', 'returned_item')
        AND r.creditor_id = %(creditor_id)s AND r.channel = s.channel
        AND r.external_id = s.external_id
)
INSERT INTO staged_plan (line_no, chunk, verdict)
SELECT line_no,
       div(row_number() OVER (ORDER BY verdict <> 'new', what <> 'payment', received_on, line_no)
           - 1, %(rows_per_chunk)s)::integer, verdict
FROM judged
ORDER BY 2, line_no;

-- name: count_verdicts
-- Rows and amounts by verdict and currency.
SELECT CASE p.verdict WHEN 'copy' THEN 'unchanged' ELSE p.verdict END AS verdict, s.currency,
       count(*) AS rows, sum(s.amount_minor)::numeric AS amount_minor
FROM staged_plan p JOIN staged_payments s USING (line_no)
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: list_refusals
-- What the checks refused, in the order of the file.
SELECT f.line_no, s.external_id, f.field, f.code,
       CASE WHEN f.code = ANY (%(warnings)s) THEN 'warning' ELSE 'reject' END AS severity,
       CASE split_part(f.field, '.', 2) WHEN 'external_id' THEN s.external_id
            WHEN 'received_on' THEN s.received_on::text
            WHEN 'reverses' THEN s.reverses END AS value,
       f.detail::text AS detail
FROM staged_refusals f JOIN staged_payments s USING (line_no)
ORDER BY f.line_no, f.field, f.code;

-- name: pick_payments
-- The payments of one chunk.
INSERT INTO payment_lines (line_no, channel, external_id, bank_reference, amount_minor, currency,
                           received_on, value_on, way, payer_relation, details_cipher, reference,
                           virtual_account, accounts, debtor, tokens, name_key)
SELECT s.line_no, s.channel, s.external_id, s.bank_reference, s.amount_minor, s.currency,
       s.received_on, s.value_on, s.way, s.payer_relation, s.details_cipher, s.reference,
       s.virtual_account, s.accounts, s.debtor, s.tokens, s.name_key
FROM staged_plan p JOIN staged_payments s USING (line_no)
WHERE p.chunk = %(chunk)s AND p.verdict = 'new' AND s.what = 'payment';

-- name: pick_goings
-- What goes back in one chunk.
INSERT INTO payment_goings (line_no, channel, external_id, kind, reverses, bank_reference,
                            amount_minor, currency, returned_on, code, account)
SELECT s.line_no, s.channel, s.external_id, s.what, s.reverses, s.bank_reference, s.amount_minor,
       s.currency, s.received_on, s.code, s.accounts[1]
FROM staged_plan p JOIN staged_payments s USING (line_no)
WHERE p.chunk = %(chunk)s AND p.verdict = 'new'
  AND s.what IN ('reversal', 'chargeback', 'returned_item');
