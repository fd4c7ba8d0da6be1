-- Facts: one row a case, one column a fact of kept.core.facts, as of a day and as known at an instant.
-- `/* positions */` stands for the statement of that name in ledger.sql, over the chosen accounts.
-- Days are the creditor's; what the night itself has written is not read, so a resumed night sees
-- what the first one saw.

-- scope: range
c.creditor_id = %(creditor_id)s AND c.id >= %(first_id)s AND c.id < %(end_id)s

-- scope: one
c.id = %(case_id)s

-- name: case_facts
-- The facts of the cases that were open on the day, and what the night needs beside them.
WITH chosen AS (
    SELECT c.id AS case_id, c.debtor_id, c.creditor_id, c.seat_id, c.opened_on,
           cr.code AS creditor, cr.zone
    FROM cases c JOIN creditors cr ON cr.id = c.creditor_id
    WHERE /* scope */ true
      AND c.opened_on <= %(as_of)s AND (c.closed_on IS NULL OR c.closed_on > %(as_of)s)
), chosen_accounts AS (
    SELECT ch.case_id, ch.debtor_id, stay.account_id, a.currency, a.product_id
    FROM chosen ch
    JOIN case_accounts stay ON stay.case_id = ch.case_id AND stay.entered_on <= %(as_of)s
        AND (stay.left_on IS NULL OR stay.left_on > %(as_of)s)
    JOIN accounts a ON a.id = stay.account_id
), positions AS (
    /* positions */
), standing AS (
    SELECT ca.case_id, ca.account_id, ca.currency, p.code AS product,
           pos.balance_minor, pos.overdue_minor, pos.dpd, pos.next_due_on,
           pos.principal_minor, pos.interest_minor, pos.fee_minor, pos.penalty_minor,
           pos.cost_minor,
           CASE WHEN pos.overdue_minor > t.small_balance_minor THEN pos.dpd ELSE 0 END
               AS dpd_above_threshold,
           CASE WHEN pos.dpd > t.grace_days THEN
               (SELECT count(*) FROM unnest(t.bucket_boundaries) AS b (first_day)
                WHERE b.first_day <= pos.dpd) ELSE 0 END AS bucket
    FROM chosen_accounts ca
    JOIN products p ON p.id = ca.product_id
    LEFT JOIN positions pos ON pos.account_id = ca.account_id
    LEFT JOIN product_terms t ON t.product_id = ca.product_id AND t.valid_from <= %(as_of)s
        AND (t.valid_to IS NULL OR t.valid_to >= %(as_of)s)
), oldest AS (
    -- The account longest overdue speaks for the case: its product, bucket and currency.
    SELECT DISTINCT ON (case_id) case_id, currency, product, coalesce(dpd, 0) AS dpd,
           coalesce(bucket, 0) AS bucket
    FROM standing
    ORDER BY case_id, dpd DESC NULLS LAST, balance_minor DESC NULLS LAST, account_id
), summed AS (
    -- Amounts of another currency than the case's are not added to it.
    SELECT s.case_id, count(*) AS accounts, max(s.dpd_above_threshold) AS dpd_above_threshold,
           min(s.next_due_on) AS next_due_on,
           sum(s.balance_minor) FILTER (WHERE s.currency = o.currency) AS balance,
           sum(s.overdue_minor) FILTER (WHERE s.currency = o.currency) AS overdue_balance,
           sum(s.principal_minor) FILTER (WHERE s.currency = o.currency) AS principal_balance,
           sum(s.interest_minor) FILTER (WHERE s.currency = o.currency) AS interest_balance,
           sum(s.fee_minor) FILTER (WHERE s.currency = o.currency) AS fee_balance,
           sum(s.penalty_minor) FILTER (WHERE s.currency = o.currency) AS penalty_balance,
           sum(s.cost_minor) FILTER (WHERE s.currency = o.currency) AS cost_balance
    FROM standing s JOIN oldest o ON o.case_id = s.case_id GROUP BY s.case_id
), payments AS (
    -- A fall that no payment explains is a payment of unknown source (DESIGN.md 3.8).
    SELECT ca.case_id, ca.currency, e.id AS entry_id, e.effective_on,
           sum(p.amount_minor) AS amount_minor
    FROM chosen_accounts ca
    JOIN postings p ON p.account_id = ca.account_id AND p.from_book = 'receivable'
        AND p.to_book IN ('cash', 'unexplained')
        AND p.effective_on <= %(as_of)s AND p.recorded_at <= %(known_at)s
    JOIN entries e ON e.id = p.entry_id AND e.kind <> 'reversal'
    WHERE NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses_id = e.id
                      AND r.effective_on <= %(as_of)s AND r.recorded_at <= %(known_at)s)
    GROUP BY ca.case_id, ca.currency, e.id, e.effective_on
), paid AS (
    SELECT pm.case_id, count(*) FILTER (WHERE effective_on > %(as_of)s - 90)
               AS payments_count_90d,
           max(effective_on) AS last_payment_date,
           (array_agg(amount_minor ORDER BY effective_on DESC, entry_id DESC)
               FILTER (WHERE pm.currency = o.currency))[1] AS last_payment
    FROM payments pm JOIN oldest o ON o.case_id = pm.case_id GROUP BY pm.case_id
), held AS (
    SELECT ch.case_id, array_agg(DISTINCT h.reason) AS reasons,
           bool_or('contact' = ANY (h.effects)) AS contact_hold,
           bool_or('treatment' = ANY (h.effects)) AS treatment_hold,
           bool_or('dealing' = ANY (h.effects)) AS dealing_hold
    FROM chosen ch
    JOIN holds h ON h.debtor_id = ch.debtor_id AND h.placed_at <= %(known_at)s
        AND (h.released_at IS NULL OR h.released_at > %(known_at)s)
        AND (h.until IS NULL OR h.until >= %(as_of)s)
        AND (h.account_id IS NULL OR EXISTS (
            SELECT 1 FROM chosen_accounts ca
            WHERE ca.case_id = ch.case_id AND ca.account_id = h.account_id))
    GROUP BY ch.case_id
), reachable AS (
    SELECT ch.case_id, bool_or(cp.kind = 'phone' AND cp.validity = 'valid') AS has_valid_phone,
           bool_or(cp.kind = 'email' AND cp.validity <> 'invalid') AS has_email,
           bool_or(cp.kind = 'address' AND cp.validity <> 'invalid') AS has_address
    FROM chosen ch
    JOIN contact_points cp ON cp.debtor_id = ch.debtor_id AND cp.related_person_id IS NULL
    GROUP BY ch.case_id
), tried AS (
    SELECT ch.case_id,
           count(*) FILTER (WHERE at.started_on > %(as_of)s - 7) AS attempts_7d,
           max(at.started_on) AS last_attempt_on,
           max(at.started_on) FILTER (WHERE at.outcome = ANY (%(reached)s)) AS last_contact_on
    FROM chosen ch
    CROSS JOIN LATERAL (
        SELECT (started_at AT TIME ZONE ch.zone)::date AS started_on, outcome
        FROM attempts WHERE debtor_id = ch.debtor_id AND started_at <= %(known_at)s
    ) AS at
    WHERE at.started_on <= %(as_of)s
    GROUP BY ch.case_id
)
SELECT ch.case_id, ch.debtor_id, ch.creditor_id, coalesce(ch.seat_id, 0) AS seat_id, o.currency,
       o.dpd, coalesce(s.dpd_above_threshold, 0) AS dpd_above_threshold, o.bucket,
       s.next_due_on - %(as_of)s AS days_until_due,
       %(as_of)s - ch.opened_on AS days_in_case,
       coalesce(s.balance, 0) AS balance, coalesce(s.overdue_balance, 0) AS overdue_balance,
       coalesce(s.principal_balance, 0) AS principal_balance,
       coalesce(s.interest_balance, 0) AS interest_balance,
       coalesce(s.fee_balance, 0) AS fee_balance,
       coalesce(s.penalty_balance, 0) AS penalty_balance,
       coalesce(s.cost_balance, 0) AS cost_balance,
       s.accounts, ch.creditor, o.product, (d.kind = 'company')::int AS is_company,
       nullif(d.language, '') AS language, nullif(d.country, '') AS country,
       (EXISTS (SELECT 1 FROM related_persons rp
                WHERE rp.debtor_id = ch.debtor_id AND rp.relation = 'guarantor'))::int
           AS has_guarantor,
       (('x' || left(md5(%(salt)s || ':' || ch.debtor_id), 8))::bit(32)::bigint * 10000) >> 32
           AS arm_draw,
       %(as_of)s - paid.last_payment_date AS days_since_last_payment,
       paid.last_payment_date, paid.last_payment,
       coalesce(paid.payments_count_90d, 0) AS payments_count_90d,
       0 AS has_open_promise,
       (held.case_id IS NOT NULL)::int AS has_hold,
       coalesce(held.contact_hold, false)::int AS contact_hold,
       coalesce(held.treatment_hold, false)::int AS treatment_hold,
       coalesce(held.dealing_hold, false)::int AS dealing_hold,
       coalesce('disputed' = ANY (held.reasons), false)::int AS disputed,
       coalesce('deceased' = ANY (held.reasons), false)::int AS deceased,
       coalesce('bankrupt' = ANY (held.reasons), false)::int AS bankrupt,
       coalesce('fraud' = ANY (held.reasons), false)::int AS fraud,
       coalesce('complaint' = ANY (held.reasons), false)::int AS complaint,
       coalesce('vulnerable' = ANY (held.reasons), false)::int AS vulnerable,
       coalesce('legal' = ANY (held.reasons), false)::int AS legal,
       coalesce('missing_data' = ANY (held.reasons), false)::int AS missing_data,
       coalesce(r.has_valid_phone, false)::int AS has_valid_phone,
       coalesce(r.has_email, false)::int AS has_email,
       coalesce(r.has_address, false)::int AS has_address,
       coalesce(tried.attempts_7d, 0) AS attempts_7d,
       %(as_of)s - tried.last_attempt_on AS days_since_last_attempt,
       %(as_of)s - tried.last_contact_on AS days_since_last_contact,
       %(as_of)s - (SELECT max(business_date) FROM tasks
                    WHERE case_id = ch.case_id AND business_date < %(as_of)s)
           AS days_since_last_task
FROM chosen ch
JOIN oldest o ON o.case_id = ch.case_id
JOIN summed s ON s.case_id = ch.case_id
JOIN debtors d ON d.id = ch.debtor_id
LEFT JOIN paid ON paid.case_id = ch.case_id
LEFT JOIN held ON held.case_id = ch.case_id
LEFT JOIN reachable r ON r.case_id = ch.case_id
LEFT JOIN tried ON tried.case_id = ch.case_id;

-- name: treatment_history
-- How many days ago each treatment was last carried out (its task done) for each case.
SELECT t.case_id, t.treatment,
       %(as_of)s - max((t.closed_at AT TIME ZONE cr.zone)::date) AS days_since
FROM cases c
JOIN creditors cr ON cr.id = c.creditor_id
JOIN tasks t ON t.case_id = c.id AND t.state = 'done' AND t.closed_at <= %(known_at)s
    AND (t.closed_at AT TIME ZONE cr.zone)::date <= %(as_of)s
WHERE /* scope */ true AND (c.closed_on IS NULL OR c.closed_on > %(as_of)s)
GROUP BY t.case_id, t.treatment;

-- name: id_bounds
-- The lowest and the highest case of a creditor that is open.
SELECT min(id) AS first_id, max(id) AS last_id FROM cases
WHERE creditor_id = %(creditor_id)s AND closed_on IS NULL;
