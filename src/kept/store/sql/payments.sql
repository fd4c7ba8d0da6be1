-- Payments in sets: whose they are, how each cent is allocated, and what is written. One payment is
-- a set of one. The rules are those of kept.core.payments, which a property test holds these to.

-- name: make_tables
-- The tables a caller fills (`payment_lines`) and these statements work in; gone with the transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS payment_lines (
    line_no bigint PRIMARY KEY, payment_id bigint, is_new boolean NOT NULL DEFAULT true,
    channel text NOT NULL, external_id text NOT NULL, bank_reference text NOT NULL DEFAULT '',
    amount_minor bigint NOT NULL, currency text NOT NULL, received_on date NOT NULL,
    value_on date, way text NOT NULL, payer_relation text NOT NULL, details_cipher bytea,
    reference text, virtual_account text, accounts text[], debtor text, tokens text[], name_key text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS payment_found (
    line_no bigint PRIMARY KEY, debtor_id bigint, account_ids bigint[], matched_by text NOT NULL,
    confidence integer, reason text NOT NULL DEFAULT '', duplicate_of bigint,
    turn integer NOT NULL DEFAULT 1
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS payment_targets (
    line_no bigint NOT NULL, account_id bigint NOT NULL, account_rank integer NOT NULL,
    received_on date NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS payment_steps (
    line_no bigint NOT NULL, account_id bigint NOT NULL, account_rank integer NOT NULL,
    component text NOT NULL, component_rank integer NOT NULL, explains date,
    capacity bigint NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS payment_parts (
    line_no bigint NOT NULL, account_id bigint NOT NULL, component text NOT NULL, explains date,
    amount bigint NOT NULL, capacity bigint NOT NULL, place bigint NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS payment_entries (
    line_no bigint NOT NULL, account_id bigint NOT NULL, explains date, entry_id bigint NOT NULL,
    turn integer NOT NULL
) ON COMMIT DELETE ROWS;

-- name: clear_tables
-- Ready for the next set in the same transaction.
DELETE FROM payment_lines; DELETE FROM payment_found; DELETE FROM payment_targets;
DELETE FROM payment_steps; DELETE FROM payment_parts; DELETE FROM payment_entries;

-- name: number_payments
-- New payments get their numbers; one that is known behind its door already is left out.
DELETE FROM payment_lines l USING payments p
WHERE l.is_new AND p.creditor_id = %(creditor_id)s AND p.channel = l.channel
  AND p.external_id = l.external_id;
UPDATE payment_lines SET payment_id = nextval(pg_get_serial_sequence('payments', 'id'))
WHERE is_new;
ANALYZE payment_lines;

-- name: find_accounts
-- What a payment names exactly: a reference given out, a virtual account, accounts, a debtor.
INSERT INTO payment_found (line_no, debtor_id, account_ids, matched_by, confidence)
SELECT l.line_no, coalesce(ra.debtor_id, va.debtor_id, a.debtor_id, many.debtor_id, d.id),
       CASE WHEN ra.id IS NOT NULL THEN ARRAY[ra.id] WHEN va.id IS NOT NULL THEN ARRAY[va.id]
            WHEN a.id IS NOT NULL THEN ARRAY[a.id] ELSE many.ids END,
       CASE WHEN ra.id IS NOT NULL THEN 'reference' WHEN va.id IS NOT NULL THEN 'virtual_account'
            WHEN a.id IS NOT NULL OR many.ids IS NOT NULL THEN 'account'
            WHEN d.id IS NOT NULL THEN 'debtor' ELSE '' END,
       CASE WHEN coalesce(ra.id, va.id, a.id, many.ids[1], d.id) IS NOT NULL THEN 1000 END
FROM payment_lines l
LEFT JOIN payment_references r ON r.creditor_id = %(creditor_id)s AND r.kind = 'reference'
    AND r.number = l.reference
LEFT JOIN accounts ra ON ra.id = r.account_id
LEFT JOIN payment_references v ON v.creditor_id = %(creditor_id)s AND v.kind = 'virtual_account'
    AND v.number = l.virtual_account
LEFT JOIN accounts va ON va.id = v.account_id
LEFT JOIN accounts a ON a.creditor_id = %(creditor_id)s AND cardinality(l.accounts) = 1
    AND a.external_id = l.accounts[1]
LEFT JOIN LATERAL (
    SELECT array_agg(m.id ORDER BY n.place) AS ids, min(m.debtor_id) AS debtor_id
    FROM unnest(l.accounts) WITH ORDINALITY AS n (number, place)
    LEFT JOIN accounts m ON m.creditor_id = %(creditor_id)s AND m.external_id = n.number
    HAVING count(*) = count(m.id) AND min(m.debtor_id) = max(m.debtor_id)
) many ON cardinality(l.accounts) > 1
LEFT JOIN debtors d ON d.creditor_id = %(creditor_id)s AND d.external_id = l.debtor
    AND d.erased_at IS NULL;
ANALYZE payment_found;

-- name: find_by_text
-- Of payments that name nobody: the one reference or account whose number stands in the text.
WITH asked AS (
    SELECT l.line_no, token
    FROM payment_lines l JOIN payment_found f USING (line_no), unnest(l.tokens) AS token
    WHERE f.matched_by = ''
), hits AS (
    SELECT asked.line_no, r.account_id, 'reference' AS matched_by
    FROM asked JOIN payment_references r ON r.creditor_id = %(creditor_id)s AND r.number = token
    UNION
    SELECT asked.line_no, a.id, 'account'
    FROM asked JOIN accounts a ON a.creditor_id = %(creditor_id)s AND a.external_id = token
), sure AS (
    SELECT line_no, array_agg(DISTINCT account_id) AS ids, max(matched_by) AS matched_by,
           min(a.debtor_id) AS debtor_id
    FROM hits JOIN accounts a ON a.id = account_id
    GROUP BY line_no HAVING min(a.debtor_id) = max(a.debtor_id)
)
UPDATE payment_found f
SET account_ids = s.ids, debtor_id = s.debtor_id, matched_by = s.matched_by, confidence = 950
FROM sure s WHERE s.line_no = f.line_no;

-- name: list_clues
-- Payments that name nobody but their payer.
SELECT l.line_no, l.amount_minor, l.currency, l.received_on, l.name_key, l.tokens
FROM payment_lines l JOIN payment_found f USING (line_no)
WHERE f.matched_by = '' AND l.name_key <> '' ORDER BY l.line_no;

-- name: list_candidates
-- Accounts of the debtors of some names that could still take money.
SELECT a.id AS account_id, a.debtor_id, a.external_id, a.currency, d.name_key
FROM debtors d JOIN accounts a ON a.debtor_id = d.id
WHERE d.creditor_id = %(creditor_id)s AND d.name_key = ANY (%(names)s) AND d.erased_at IS NULL
  AND a.state IN ('active', 'missing')
ORDER BY a.id;

-- name: list_promised
-- Promises over some accounts that waited for money on the days of payments, with what was missing.
SELECT day, p.due_on, p.amount_minor - p.paid_minor AS missing_minor,
       array_agg(o.account_id ORDER BY o.account_id) AS over
FROM promise_accounts o
JOIN promises p ON p.id = o.promise_id AND p.paid_minor < p.amount_minor AND p.state <> 'kept'
JOIN unnest(%(days)s::date[]) AS day
    ON day >= p.made_on AND (p.ended_on IS NULL OR day < p.ended_on)
WHERE o.account_id = ANY (%(account_ids)s::bigint[])
GROUP BY day, p.id
ORDER BY day, p.due_on, p.id;

-- name: take_likeness
-- The accounts that scoring found, and how sure it is.
UPDATE payment_found f
SET account_ids = s.account_ids, debtor_id = s.debtor_id, matched_by = 'likeness',
    confidence = s.confidence,
    reason = CASE WHEN s.confidence < %(confident_per_mille)s THEN 'unsure' ELSE '' END
FROM (SELECT line_no, array_agg(account_id ORDER BY place) AS account_ids,
             min(debtor_id) AS debtor_id, min(confidence) AS confidence
      FROM unnest(%(lines)s::bigint[], %(accounts)s::bigint[], %(debtors)s::bigint[],
                  %(confidences)s::int[])
          WITH ORDINALITY AS m (line_no, account_id, debtor_id, confidence, place)
      GROUP BY line_no) s
WHERE s.line_no = f.line_no;

-- name: lock_accounts
-- All accounts of the debtors that are paid for, in the order of ids, until the transaction ends.
SELECT a.id FROM accounts a
WHERE a.debtor_id IN (SELECT debtor_id FROM payment_found WHERE debtor_id IS NOT NULL)
ORDER BY a.id FOR NO KEY UPDATE;

-- name: judge
-- Why a payment is not allocated though it is known whose it is; and its turn among its debtor's.
WITH named AS (
    SELECT f.line_no, l.amount_minor, l.currency, l.received_on, l.channel, l.is_new,
           l.payment_id, l.bank_reference, f.matched_by, f.reason, f.account_ids,
           bool_or(a.currency <> l.currency) AS is_other_currency,
           bool_or(a.state = 'closed') AS is_closed,
           bool_or(a.state = 'recalled') AS is_recalled,
           bool_or(a.id IS NOT NULL AND (
               coalesce(a.opened_on > l.received_on, false)
               OR NOT EXISTS (SELECT 1 FROM postings p WHERE p.account_id = a.id
                              AND p.effective_on <= l.received_on))) AS is_before,
           bool_or(EXISTS (
               SELECT 1 FROM entries e LEFT JOIN entries r ON r.reverses_id = e.id
               WHERE e.account_id = a.id AND e.kind = 'sale' AND e.reference <> ''
                 AND r.id IS NULL)) AS is_sold
    FROM payment_found f
    JOIN payment_lines l USING (line_no)
    LEFT JOIN accounts a ON a.id = ANY (f.account_ids)
    GROUP BY f.line_no, l.line_no
), judged AS (
    SELECT n.line_no, same.id AS duplicate_of,
           CASE WHEN same.id IS NOT NULL THEN 'duplicate'
                WHEN n.reason <> '' THEN n.reason
                WHEN n.matched_by = '' THEN 'unmatched'
                WHEN n.is_other_currency THEN 'other_currency'
                WHEN n.is_sold THEN 'account_sold'
                WHEN n.is_recalled AND n.is_new THEN 'account_recalled'
                WHEN n.is_closed AND n.is_new THEN 'account_closed'
                WHEN n.is_before THEN 'before_account'
                WHEN n.is_new AND EXISTS (
                    SELECT 1 FROM payments p
                    WHERE p.account_id = n.account_ids[1] AND p.amount_minor = n.amount_minor
                      AND p.currency = n.currency AND p.channel <> n.channel
                      AND p.state IN ('allocated', 'suspense')
                      AND p.received_on BETWEEN n.received_on - %(duplicate_days)s
                                            AND n.received_on + %(duplicate_days)s)
                    THEN 'possible_duplicate'
                ELSE '' END AS reason
    FROM named n
    LEFT JOIN LATERAL (
        SELECT p.id FROM payments p
        WHERE p.creditor_id = %(creditor_id)s AND n.bank_reference <> ''
          AND p.bank_reference = n.bank_reference AND p.amount_minor = n.amount_minor
          AND p.currency = n.currency AND p.state <> 'duplicate' AND p.id <> n.payment_id
        ORDER BY p.id LIMIT 1
    ) same ON n.is_new
), turns AS (
    SELECT f.line_no, row_number() OVER (
               PARTITION BY f.debtor_id ORDER BY l.received_on, f.line_no) AS turn
    FROM payment_found f JOIN payment_lines l USING (line_no)
    JOIN judged j USING (line_no) WHERE j.reason = ''
)
UPDATE payment_found f
SET reason = j.reason, duplicate_of = j.duplicate_of, turn = coalesce(t.turn, 0)
FROM judged j LEFT JOIN turns t USING (line_no)
WHERE j.line_no = f.line_no;

-- name: last_turn
-- How many payments the debtor with the most of them has in this set.
SELECT coalesce(max(turn), 0) AS turns FROM payment_found WHERE reason = '';

-- name: aim
-- The accounts that each payment of a turn may go to: those it names, then where policy lets it.
INSERT INTO payment_targets (line_no, account_id, account_rank, received_on)
SELECT f.line_no, n.account_id, n.place, l.received_on
FROM payment_found f JOIN payment_lines l USING (line_no),
     unnest(f.account_ids) WITH ORDINALITY AS n (account_id, place)
WHERE f.turn = %(turn)s AND f.reason = ''
UNION ALL
SELECT f.line_no, a.id, 1000 + row_number() OVER (PARTITION BY f.line_no ORDER BY a.id),
       l.received_on
FROM payment_found f JOIN payment_lines l USING (line_no)
JOIN accounts a ON a.debtor_id = f.debtor_id AND a.currency = l.currency
    AND a.state IN ('active', 'missing')
WHERE f.turn = %(turn)s AND f.reason = '' AND l.is_new
  AND (f.account_ids IS NULL OR %(other_accounts)s)
  AND NOT coalesce(a.id = ANY (f.account_ids), false)
  AND NOT EXISTS (SELECT 1 FROM entries e LEFT JOIN entries r ON r.reverses_id = e.id
                  WHERE e.account_id = a.id AND e.kind = 'sale' AND e.reference <> ''
                    AND r.id IS NULL);

-- name: list_accruing
-- The accounts of a turn for which kept accrues, with the day up to which that counts.
SELECT account_id, received_on FROM payment_targets t JOIN accounts a ON a.id = t.account_id
WHERE a.product_id = ANY (%(product_ids)s::bigint[]) ORDER BY account_id;

-- name: list_choices
-- The accounts of payments that have several, with whether a court's order stands behind one.
SELECT t.line_no, t.account_id, t.account_rank, t.received_on,
       EXISTS (SELECT 1 FROM holds h WHERE h.account_id = t.account_id AND h.reason = 'legal'
               AND h.released_at IS NULL) AS is_ordered
FROM payment_targets t
WHERE t.line_no IN (SELECT line_no FROM payment_targets GROUP BY line_no HAVING count(*) > 1)
ORDER BY t.line_no, t.account_rank;

-- name: rank_choices
-- The accounts in the order that policy gives them.
UPDATE payment_targets t SET account_rank = s.place
FROM unnest(%(lines)s::bigint[], %(accounts)s::bigint[], %(places)s::int[])
    AS s (line_no, account_id, place)
WHERE s.line_no = t.line_no AND s.account_id = t.account_id;

-- name: step
-- What each account can take from the payment's day on, by component; first the unexplained falls.
WITH days AS (
    SELECT t.line_no, t.account_id, t.account_rank, t.received_on, p.component,
           greatest(p.effective_on, t.received_on) AS day,
           sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END)
               AS owed,
           sum(CASE WHEN p.effective_on < t.received_on THEN 0
                    WHEN p.to_book = 'unexplained' THEN p.amount_minor
                    WHEN p.from_book = 'unexplained' THEN -p.amount_minor ELSE 0 END) AS fall
    FROM payment_targets t JOIN postings p ON p.account_id = t.account_id
    WHERE p.to_book = 'receivable' OR p.from_book = 'receivable'
    GROUP BY t.line_no, t.account_id, t.account_rank, t.received_on, p.component, 6
), running AS (
    SELECT days.*, sum(owed) OVER so_far AS balance,
           sum(greatest(fall, 0)) OVER whole - sum(greatest(fall, 0)) OVER so_far AS later,
           max(CASE WHEN fall > 0 THEN day END) OVER whole AS last_fall
    FROM days
    WINDOW so_far AS (PARTITION BY line_no, account_id, component ORDER BY day),
           whole AS (PARTITION BY line_no, account_id, component)
), components AS (
    SELECT line_no, account_id, account_rank, component, received_on,
           sum(greatest(fall, 0)) AS fallen,
           least(min(balance - later),
                 CASE WHEN min(day) > received_on THEN -sum(greatest(fall, 0)) END) AS poorest,
           greatest(0, least(sum(fall), sum(greatest(fall, 0)) + least(
               0, min(balance - later) FILTER (WHERE day < last_fall),
               CASE WHEN min(day) > received_on THEN -sum(greatest(fall, 0)) END))) AS explainable
    FROM running GROUP BY line_no, account_id, account_rank, component, received_on
), falls AS (
    SELECT r.line_no, r.account_id, r.component, r.day, greatest(0, least(r.fall,
               c.explainable - (sum(r.fall) OVER (PARTITION BY r.line_no, r.account_id, r.component
                                                  ORDER BY r.day) - r.fall))) AS capacity
    FROM running r JOIN components c USING (line_no, account_id, component)
    WHERE r.fall > 0
), steps AS (
    SELECT line_no, account_id, component, day AS explains, capacity FROM falls WHERE capacity > 0
    UNION ALL
    SELECT line_no, account_id, component, NULL, poorest FROM components WHERE poorest > 0
)
INSERT INTO payment_steps
    (line_no, account_id, account_rank, component, component_rank, explains, capacity)
SELECT s.line_no, s.account_id, t.account_rank, s.component,
       coalesce(array_position(o.allocation_order, s.component::varchar), 1000), s.explains,
       s.capacity
FROM steps s
JOIN payment_targets t USING (line_no, account_id)
JOIN accounts a ON a.id = s.account_id
LEFT JOIN product_terms o ON o.product_id = a.product_id AND o.valid_from <= t.received_on
    AND (o.valid_to IS NULL OR o.valid_to >= t.received_on);

-- name: allocate
-- Each payment through its steps in order.
INSERT INTO payment_parts (line_no, account_id, component, explains, amount, capacity, place)
SELECT line_no, account_id, component, explains, least(capacity, amount_minor - before), capacity,
       place
FROM (
    SELECT s.*, l.amount_minor, row_number() OVER walk AS place,
           sum(capacity) OVER walk - capacity AS before
    FROM payment_steps s JOIN payment_lines l USING (line_no)
    WINDOW walk AS (PARTITION BY s.line_no ORDER BY s.account_rank, s.explains IS NULL, s.explains,
                    s.component_rank, s.component ROWS UNBOUNDED PRECEDING)
) walked
WHERE before < amount_minor;

-- name: number_entries
-- One entry for each account paid, and one for each day of a fall that is explained.
INSERT INTO payment_entries (line_no, account_id, explains, entry_id, turn)
SELECT line_no, account_id, explains, nextval(pg_get_serial_sequence('entries', 'id')), %(turn)s
FROM (SELECT DISTINCT line_no, account_id, NULL::date AS explains
      FROM payment_parts JOIN payment_found f USING (line_no) WHERE f.turn = %(turn)s
      UNION ALL
      SELECT DISTINCT line_no, account_id, explains
      FROM payment_parts JOIN payment_found f USING (line_no)
      WHERE f.turn = %(turn)s AND explains IS NOT NULL
      ORDER BY 1, 2) ones;

-- name: write_entries
-- The payments, and the falls of the creditor's file taken back where a payment explains them.
INSERT INTO entries (id, account_id, kind, effective_on, recorded_at, actor, reference, run_id)
SELECT n.entry_id, n.account_id,
       CASE WHEN n.explains IS NULL THEN 'payment' ELSE 'adjustment' END,
       coalesce(n.explains, l.received_on), %(now)s, %(actor)s,
       'payment:' || l.payment_id || coalesce(':' || to_char(n.explains, 'YYYYMMDD'), '')
           || CASE WHEN l.is_new THEN '' ELSE coalesce(':' || nullif((
                  SELECT count(*) FROM payment_allocations b
                  WHERE b.payment_id = l.payment_id AND b.account_id = n.account_id), 0)::text, '') END,
       %(run_id)s
FROM payment_entries n JOIN payment_lines l USING (line_no)
WHERE n.turn = %(turn)s;

-- name: write_postings
-- What is owed becomes money received; a fall that is explained was no fall of its own.
INSERT INTO postings (entry_id, account_id, component, from_book, to_book, amount_minor, due_on,
                      effective_on, recorded_at)
SELECT n.entry_id, p.account_id, p.component, 'receivable', 'cash', sum(p.amount),
       NULL::date,
       l.received_on, %(now)s
FROM payment_parts p JOIN payment_lines l USING (line_no)
JOIN payment_entries n ON n.line_no = p.line_no AND n.account_id = p.account_id
    AND n.explains IS NULL AND n.turn = %(turn)s
GROUP BY n.entry_id, p.account_id, p.component, l.received_on
UNION ALL
SELECT n.entry_id, p.account_id, p.component, 'unexplained', 'receivable', sum(p.amount),
       NULL::date,
       n.explains, %(now)s
FROM payment_parts p
JOIN payment_entries n ON n.line_no = p.line_no AND n.account_id = p.account_id
    AND n.explains = p.explains AND n.turn = %(turn)s
GROUP BY n.entry_id, p.account_id, p.component, n.explains;

-- name: clear_turn
-- Ready for the next payment of the same debtors.
DELETE FROM payment_targets; DELETE FROM payment_steps;

-- name: write_payments
-- The payments themselves: what is allocated, what waits and why.
INSERT INTO payments (id, creditor_id, channel, external_id, bank_reference, reference, amount_minor,
                      currency,
                      received_on, value_on, way, payer_relation, details_cipher, debtor_id,
                      account_id, matched_by, confidence_per_mille, state, suspense_reason,
                      allocated_minor, returned_minor, duplicate_of_id, intake_file_id, recorded_at,
                      recorded_by)
SELECT l.payment_id, %(creditor_id)s, l.channel, l.external_id, l.bank_reference,
       coalesce(l.reference, ''), l.amount_minor, l.currency, l.received_on, l.value_on, l.way, l.payer_relation, l.details_cipher,
       f.debtor_id, coalesce(f.account_ids[1], g.account_id), f.matched_by, f.confidence,
       CASE WHEN f.reason = 'duplicate' THEN 'duplicate'
            WHEN g.amount = l.amount_minor THEN 'allocated' ELSE 'suspense' END,
       CASE WHEN f.reason = 'duplicate' OR g.amount = l.amount_minor THEN ''
            WHEN f.reason <> '' THEN f.reason ELSE 'over_payment' END,
       coalesce(g.amount, 0), 0, f.duplicate_of, %(intake_file_id)s, %(now)s, %(actor)s
FROM payment_lines l JOIN payment_found f USING (line_no)
LEFT JOIN (SELECT line_no, sum(amount) AS amount, min(account_id) AS account_id
           FROM payment_parts GROUP BY line_no) g USING (line_no)
WHERE l.is_new;

-- name: add_to_payments
-- Payments that were there before: what a person gave to accounts now.
UPDATE payments p
SET allocated_minor = p.allocated_minor + g.amount,
    debtor_id = coalesce(p.debtor_id, g.debtor_id), account_id = coalesce(p.account_id, g.account_id),
    matched_by = 'person', confidence_per_mille = 1000,
    state = CASE WHEN p.allocated_minor + g.amount + p.returned_minor = p.amount_minor
                 THEN 'allocated' ELSE 'suspense' END,
    suspense_reason = CASE WHEN p.allocated_minor + g.amount + p.returned_minor = p.amount_minor
                           THEN '' ELSE p.suspense_reason END
FROM (SELECT l.payment_id, sum(a.amount) AS amount, min(f.debtor_id) AS debtor_id,
             min(a.account_id) AS account_id
      FROM payment_parts a JOIN payment_lines l USING (line_no) JOIN payment_found f USING (line_no)
      WHERE NOT l.is_new GROUP BY l.payment_id) g
WHERE p.id = g.payment_id;

-- name: write_allocations
-- What each payment gave to each account, with how each cent went.
INSERT INTO payment_allocations (payment_id, entry_id, account_id, amount_minor, trace)
SELECT l.payment_id, n.entry_id, p.account_id, sum(p.amount),
       jsonb_agg(jsonb_build_object('component', p.component, 'amount_minor', p.amount,
                                    'could_take_minor', p.capacity, 'explains', p.explains)
                 ORDER BY p.place)
FROM payment_parts p JOIN payment_lines l USING (line_no)
JOIN payment_entries n ON n.line_no = p.line_no AND n.account_id = p.account_id
    AND n.explains IS NULL
GROUP BY l.payment_id, n.entry_id, p.account_id;

-- name: count_outcomes
-- How many payments of the set ended how, and how much lies in suspense.
SELECT CASE WHEN f.reason = 'duplicate' THEN 'duplicate'
            WHEN g.amount = l.amount_minor THEN 'allocated' ELSE 'suspense' END AS state,
       CASE WHEN f.reason = 'duplicate' OR g.amount = l.amount_minor THEN ''
            WHEN f.reason <> '' THEN f.reason ELSE 'over_payment' END AS reason,
       count(*) AS payments
FROM payment_lines l JOIN payment_found f USING (line_no)
LEFT JOIN (SELECT line_no, sum(amount) AS amount FROM payment_parts GROUP BY line_no) g
    USING (line_no)
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: prepare_events
-- One event for each case that was paid for, else for its debtor.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT CASE WHEN s.case_id IS NULL THEN 'debtor' ELSE 'case' END::text AS chain_kind,
       coalesce(s.case_id, a.debtor_id) AS chain_id, %(action)s::text AS action,
       CASE WHEN s.case_id IS NULL THEN 'debtor:' ELSE 'case:' END
           || coalesce(s.case_id, a.debtor_id) AS subject,
       '{' || coalesce('"approval":' || %(approval_id)s::bigint || ',', '')
           || '"payments":[' || string_agg('[' || l.payment_id || ',' || n.account_id || ','
               || n.entry_id || ',' || g.amount || ']', ',' ORDER BY l.payment_id, n.entry_id)
           || ']}' AS body
FROM payment_entries n JOIN payment_lines l USING (line_no)
JOIN accounts a ON a.id = n.account_id
JOIN (SELECT line_no, account_id, sum(amount) AS amount FROM payment_parts
      GROUP BY line_no, account_id) g ON g.line_no = n.line_no AND g.account_id = n.account_id
LEFT JOIN case_accounts s ON s.account_id = n.account_id AND s.left_on IS NULL
WHERE n.explains IS NULL
GROUP BY s.case_id, coalesce(s.case_id, a.debtor_id);

-- name: touch_paid
-- The accounts that were paid.
CREATE TEMPORARY TABLE touched_accounts ON COMMIT DROP AS
SELECT DISTINCT account_id FROM payment_entries;

-- name: make_return_tables
-- What went back: a caller fills `payment_goings` before `find_goings`.
CREATE TEMPORARY TABLE IF NOT EXISTS payment_goings (
    line_no bigint PRIMARY KEY, channel text NOT NULL, external_id text NOT NULL,
    kind text NOT NULL, reverses text, bank_reference text NOT NULL DEFAULT '',
    amount_minor bigint NOT NULL, currency text NOT NULL, returned_on date NOT NULL,
    code text NOT NULL DEFAULT '', reason text NOT NULL DEFAULT '', account text,
    payment_id bigint, account_id bigint, fault text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS payment_reversals (
    allocation_id bigint NOT NULL, line_no bigint NOT NULL, entry_id bigint NOT NULL,
    original_id bigint NOT NULL, account_id bigint NOT NULL, effective_on date NOT NULL,
    amount_minor bigint NOT NULL
) ON COMMIT DELETE ROWS;
DELETE FROM payment_goings; DELETE FROM payment_reversals;

-- name: find_goings
-- Which payment each return takes back: by its own reference behind the same door, else by the bank's.
DELETE FROM payment_goings g USING payment_returns r
WHERE r.creditor_id = %(creditor_id)s AND r.channel = g.channel AND r.external_id = g.external_id;
UPDATE payment_goings g
SET payment_id = (
        SELECT p.id FROM payments p
        WHERE p.creditor_id = %(creditor_id)s AND p.state <> 'duplicate'
          AND (p.external_id = g.reverses
               OR (p.bank_reference <> ''
                   AND p.bank_reference IN (g.reverses, g.bank_reference))
               OR (p.reference <> '' AND p.reference = upper(regexp_replace(g.reverses, '[\s_/.-]', '', 'g'))
                   AND p.amount_minor = g.amount_minor AND p.received_on <= g.returned_on))
        ORDER BY p.state = 'returned', p.external_id = g.reverses DESC,
                 p.channel = g.channel DESC, p.received_on DESC, p.id DESC LIMIT 1),
    account_id = (SELECT a.id FROM accounts a WHERE a.creditor_id = %(creditor_id)s
                  AND a.external_id = g.account)
WHERE g.payment_id IS NULL;

-- name: judge_goings
-- Why a return is not taken: no such payment, gone back before, or another amount.
UPDATE payment_goings g
SET fault = CASE
        WHEN g.payment_id IS NULL AND g.kind = 'returned_item' AND g.account_id IS NOT NULL THEN NULL
        WHEN g.payment_id IS NULL THEN 'unknown_payment'
        WHEN p.state = 'returned' THEN 'returned_before'
        WHEN g.amount_minor <> p.amount_minor - p.returned_minor OR g.currency <> p.currency
            THEN 'return_differs'
        WHEN g.returned_on < p.received_on THEN 'return_before_payment' END,
    account_id = coalesce(p.account_id, g.account_id)
FROM payment_goings x LEFT JOIN payments p ON p.id = x.payment_id
WHERE x.line_no = g.line_no;

-- name: list_faults
-- The returns that are not taken.
SELECT line_no, external_id, fault FROM payment_goings WHERE fault IS NOT NULL ORDER BY line_no;

-- name: count_goings
-- How many are taken.
SELECT count(*) AS goings FROM payment_goings;

-- name: drop_faults
-- Only what is taken stays.
DELETE FROM payment_goings WHERE fault IS NOT NULL;

-- name: lock_payments
-- The payments that go back, and after them their accounts, in the order of ids.
SELECT id FROM payments WHERE id IN (SELECT payment_id FROM payment_goings)
ORDER BY id FOR NO KEY UPDATE;

-- name: plan_reversals
-- A reversal for every allocation that still stands.
INSERT INTO payment_reversals
SELECT b.id, g.line_no, nextval(pg_get_serial_sequence('entries', 'id')), b.entry_id, b.account_id,
       greatest(g.returned_on, e.effective_on), b.amount_minor
FROM payment_goings g
JOIN payment_allocations b ON b.payment_id = g.payment_id AND b.reversal_id IS NULL
JOIN entries e ON e.id = b.entry_id
ORDER BY b.id;

-- name: plan_unexplained
-- A fall that a withdrawn payment explained is of unknown source again.
INSERT INTO payment_reversals
SELECT 0, g.line_no, nextval(pg_get_serial_sequence('entries', 'id')), e.id, e.account_id,
       e.effective_on, 0
FROM payment_goings g
JOIN (SELECT DISTINCT payment_id, account_id FROM payment_allocations) b USING (payment_id)
JOIN entries e ON e.account_id = b.account_id AND e.kind = 'adjustment'
    AND e.reference LIKE 'payment:' || g.payment_id || ':%%' AND e.reference <> ''
WHERE NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses_id = e.id);

-- name: write_reversals
-- The mirror of each entry: what was paid is owed again, under the due dates it had.
INSERT INTO entries (id, account_id, kind, effective_on, recorded_at, actor, reference, run_id,
                     reverses_id)
SELECT entry_id, account_id, 'reversal', effective_on, %(now)s, %(actor)s, '', %(run_id)s,
       original_id
FROM payment_reversals;
INSERT INTO postings (entry_id, account_id, component, from_book, to_book, amount_minor, due_on,
                      effective_on, recorded_at)
SELECT r.entry_id, p.account_id, p.component, p.to_book, p.from_book, p.amount_minor, p.due_on,
       r.effective_on, %(now)s
FROM payment_reversals r JOIN postings p ON p.entry_id = r.original_id;
UPDATE payment_allocations b SET reversal_id = r.entry_id
FROM payment_reversals r WHERE b.id = r.allocation_id;

-- name: write_returns
-- What went back, and the payments that it went back from.
INSERT INTO payment_returns (creditor_id, payment_id, account_id, channel, external_id, kind,
                             amount_minor, currency, returned_on, code, reason, intake_file_id,
                             recorded_at, recorded_by)
SELECT %(creditor_id)s, payment_id, account_id, channel, external_id, kind, amount_minor, currency,
       returned_on, code, reason, %(intake_file_id)s, %(now)s, %(actor)s
FROM payment_goings;
UPDATE payments p
SET allocated_minor = 0, returned_minor = p.amount_minor, state = 'returned', suspense_reason = ''
FROM payment_goings g WHERE g.payment_id = p.id;

-- name: put_into_suspense
-- Money that a person takes back from its accounts without sending it anywhere.
UPDATE payments p
SET allocated_minor = 0, state = 'suspense', suspense_reason = 'withdrawn'
FROM payment_goings g WHERE g.payment_id = p.id;

-- name: prepare_return_events
-- One event for each case that money went back from, or whose direct debit was not paid.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
WITH touched AS (
    SELECT g.payment_id, r.account_id, r.entry_id, r.amount_minor, g.code
    FROM payment_goings g JOIN payment_reversals r USING (line_no) WHERE r.amount_minor > 0
    UNION ALL
    SELECT g.payment_id, g.account_id, NULL, g.amount_minor, g.code
    FROM payment_goings g WHERE g.account_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM payment_reversals r WHERE r.line_no = g.line_no)
)
SELECT CASE WHEN s.case_id IS NULL THEN 'debtor' ELSE 'case' END::text AS chain_kind,
       coalesce(s.case_id, a.debtor_id) AS chain_id, %(action)s::text AS action,
       CASE WHEN s.case_id IS NULL THEN 'debtor:' ELSE 'case:' END
           || coalesce(s.case_id, a.debtor_id) AS subject,
       '{' || coalesce('"approval":' || %(approval_id)s::bigint || ',', '')
           || '"returns":[' || string_agg('[' || coalesce(t.payment_id::text, 'null') || ','
               || t.account_id || ',' || coalesce(t.entry_id::text, 'null') || ','
               || t.amount_minor || ',' || to_json(t.code) || ']', ','
               ORDER BY t.payment_id, t.account_id, t.entry_id)
           || ']}' AS body
FROM touched t JOIN accounts a ON a.id = t.account_id
LEFT JOIN case_accounts s ON s.account_id = t.account_id AND s.left_on IS NULL
GROUP BY s.case_id, coalesce(s.case_id, a.debtor_id);

-- name: touch_returned
-- The accounts that money went back from, or whose direct debit was not paid.
CREATE TEMPORARY TABLE touched_accounts ON COMMIT DROP AS
SELECT account_id FROM payment_goings WHERE account_id IS NOT NULL
UNION SELECT account_id FROM payment_reversals;
