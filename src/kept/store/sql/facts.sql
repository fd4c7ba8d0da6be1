-- Facts: one row a case, one column a fact of kept.core.facts, as of a day and as known at an instant.
-- `/* positions */` stands for the statement of that name in ledger.sql, over the chosen accounts.
-- Days are the creditor's; what the night itself has written is not read, so a resumed night sees
-- what the first one saw. Every part that is joined from the left is grouped by case, so that the
-- planner sees it to be one row a case and leaves it out where no fact of it is asked for.

-- scope: range
c.creditor_id = %(creditor_id)s AND c.id >= %(first_id)s AND c.id < %(end_id)s

-- scope: one
c.id = %(case_id)s

-- scope: some
c.creditor_id = %(creditor_id)s AND c.id = ANY (%(case_ids)s::bigint[])

-- name: case_facts
-- The facts of the cases that were open on the day, and what the night needs beside them.
WITH chosen AS (
    SELECT c.id AS case_id, c.debtor_id, c.creditor_id, c.seat_id, c.opened_on,
           cr.code AS creditor, cr.zone,
           day.ends AS day_ends, day.week_begins, day.month_begins
    FROM cases c JOIN creditors cr ON cr.id = c.creditor_id
    CROSS JOIN LATERAL (
        -- The moment after a day's last: where clocks go back to midnight there are two midnights.
        SELECT ((%(as_of)s::date + 1)::timestamp - tick.size) AT TIME ZONE cr.zone + tick.size
                   AS ends,
               ((%(as_of)s::date - 6)::timestamp - tick.size) AT TIME ZONE cr.zone + tick.size
                   AS week_begins,
               ((%(as_of)s::date - 29)::timestamp - tick.size) AT TIME ZONE cr.zone + tick.size
                   AS month_begins
        FROM (SELECT interval '1 microsecond' AS size) AS tick
    ) AS day
    WHERE /* scope */ true
      AND c.opened_on <= %(as_of)s AND (c.closed_on IS NULL OR c.closed_on > %(as_of)s)
), chosen_accounts AS (
    SELECT ch.case_id, ch.debtor_id, stay.account_id, a.currency, a.product_id,
           a.opened_on
    FROM chosen ch
    JOIN case_accounts stay ON stay.case_id = ch.case_id AND stay.entered_on <= %(as_of)s
        AND (stay.left_on IS NULL OR stay.left_on > %(as_of)s)
    JOIN accounts a ON a.id = stay.account_id
), positions AS (
    /* positions */
), standing AS (
    SELECT ca.case_id, ca.account_id, ca.currency, ca.opened_on, p.code AS product,
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
    SELECT DISTINCT ON (case_id) case_id, currency, product, opened_on,
           coalesce(dpd, 0) AS dpd, coalesce(bucket, 0) AS bucket
    FROM standing
    ORDER BY case_id, dpd DESC NULLS LAST, balance_minor DESC NULLS LAST, account_id
), summed AS (
    -- Amounts of another currency than the case's are not added to it.
    SELECT s.case_id, count(*) AS accounts, max(s.dpd_above_threshold) AS dpd_above_threshold,
           max(s.bucket) AS highest_bucket,
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
    SELECT ca.case_id, ca.currency, ca.account_id, e.id AS entry_id, e.effective_on,
           sum(p.amount_minor) AS amount_minor
    FROM chosen_accounts ca
    JOIN postings p ON p.account_id = ca.account_id AND p.from_book = 'receivable'
        AND p.to_book IN ('cash', 'unexplained')
        AND p.effective_on <= %(as_of)s AND p.recorded_at <= %(known_at)s
    JOIN entries e ON e.id = p.entry_id AND e.kind <> 'reversal'
    WHERE NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses_id = e.id
                      AND r.effective_on <= %(as_of)s AND r.recorded_at <= %(known_at)s)
    GROUP BY ca.case_id, ca.currency, ca.account_id, e.id, e.effective_on
), paid AS (
    SELECT case_id, count(*) FILTER (WHERE effective_on > %(as_of)s - 90)
               AS payments_count_90d,
           max(effective_on) AS last_payment_date
    FROM payments GROUP BY case_id
), last_paid AS (
    -- The last payment in the case's currency.
    SELECT DISTINCT ON (pm.case_id) pm.case_id, pm.account_id, pm.effective_on,
           pm.amount_minor AS last_payment
    FROM payments pm JOIN oldest o ON o.case_id = pm.case_id AND o.currency = pm.currency
    ORDER BY pm.case_id, pm.effective_on DESC, pm.entry_id DESC
), last_amount AS (
    SELECT case_id, max(last_payment) AS last_payment FROM last_paid GROUP BY case_id
), owed_before AS (
    -- What its account owed by due date at the end of the day before it (as `positions` does).
    SELECT l.case_id, l.effective_on AS paid_on, l.last_payment, p.due_on,
           sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END)
               AS amount
    FROM last_paid l
    JOIN postings p ON p.account_id = l.account_id AND p.effective_on < l.effective_on
        AND p.recorded_at <= %(known_at)s
        AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
    GROUP BY l.case_id, l.effective_on, l.last_payment, p.due_on
), covered_before AS (
    SELECT case_id, paid_on, last_payment, due_on, amount,
           sum(amount) FILTER (WHERE due_on IS NOT NULL AND amount > 0)
               OVER (PARTITION BY case_id ORDER BY due_on NULLS FIRST) AS due_so_far,
           -coalesce(sum(amount) FILTER (WHERE due_on IS NULL OR amount < 0)
               OVER (PARTITION BY case_id), 0) AS credit
    FROM owed_before
), due_before AS (
    SELECT case_id, max(paid_on) AS paid_on, max(last_payment) AS last_payment,
           min(due_on) AS oldest_due,
           max(due_so_far - credit) FILTER (WHERE due_on < paid_on) AS past_due,
           min(due_so_far - credit) FILTER (WHERE due_on >= paid_on) AS total_due
    FROM covered_before
    WHERE amount > 0 AND due_so_far > credit AND due_on < DATE '9999-12-31'
    GROUP BY case_id
), covered AS (
    SELECT case_id, paid_on - oldest_due AS days_late,
           CASE WHEN last_payment >= coalesce(total_due, past_due) THEN 'total_due'
                WHEN last_payment >= past_due THEN 'past_due'
                ELSE 'part' END AS last_payment_covered
    FROM due_before
), moved AS (
    -- The last move as day, then step, in one number: of two on one day the worse one is greater.
    SELECT ca.case_id, max(m.dpd) AS highest_dpd, max(m.to_bucket) AS highest_bucket,
           count(*) FILTER (WHERE m.to_bucket > coalesce(m.from_bucket, 0)
               AND m.moved_on > (%(as_of)s::date - interval '12 months')::date)
               AS roll_forwards_12m,
           max(((m.moved_on - DATE '2000-01-01')::bigint << 16) + 32768
               + m.to_bucket - coalesce(m.from_bucket, 0)) AS last_move
    FROM chosen_accounts ca
    JOIN bucket_moves m ON m.account_id = ca.account_id AND m.moved_on <= %(as_of)s
        AND m.recorded_at <= %(known_at)s
    GROUP BY ca.case_id
), entered_before AS (
    SELECT ch.case_id, count(*) AS prior_entries
    FROM chosen ch
    JOIN cases c ON c.debtor_id = ch.debtor_id AND c.id <> ch.case_id
        AND c.closed_on <= ch.opened_on
    GROUP BY ch.case_id
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
), records AS (
    SELECT r.debtor_id, r.account_ids,
           CASE r.kind WHEN 'death' THEN 'deceased' WHEN 'bankruptcy' THEN 'bankrupt'
               ELSE 'time_barred' END AS noted
    FROM circumstances r
    WHERE r.related_person_id IS NULL AND r.received_at <= %(known_at)s
      AND (r.ended_at IS NULL OR r.ended_at > %(known_at)s)
      AND (r.until_on IS NULL OR r.until_on >= %(as_of)s)
      AND (r.kind IN ('death', 'time_barred') OR (r.kind = 'bankruptcy' AND r.status = 'pending'))
    UNION ALL
    SELECT r.debtor_id, r.account_ids,
           CASE r.kind WHEN 'instalment' THEN 'plan' ELSE 'hardship' END
    FROM hardships r
    WHERE r.related_person_id IS NULL AND r.received_at <= %(known_at)s
      AND (r.ended_at IS NULL OR r.ended_at > %(known_at)s)
      AND r.from_on <= %(as_of)s AND (r.until_on IS NULL OR r.until_on >= %(as_of)s)
    UNION ALL
    SELECT r.debtor_id, r.account_ids, 'vulnerable'
    FROM vulnerabilities r
    WHERE r.related_person_id IS NULL AND r.received_at <= %(known_at)s
      AND (r.ended_at IS NULL OR r.ended_at > %(known_at)s)
    UNION ALL
    SELECT r.debtor_id, r.account_ids, 'represented'
    FROM representations r
    WHERE r.related_person_id IS NULL AND r.received_at <= %(known_at)s
      AND (r.ended_at IS NULL OR r.ended_at > %(known_at)s)
    UNION ALL
    SELECT r.debtor_id, r.account_ids, 'disputed'
    FROM disputes r
    WHERE r.related_person_id IS NULL AND r.received_at <= %(known_at)s
      AND (r.ended_at IS NULL OR r.ended_at > %(known_at)s)
    UNION ALL
    SELECT r.debtor_id, r.account_ids, 'complaint'
    FROM complaints r
    WHERE r.received_at <= %(known_at)s AND (r.ended_at IS NULL OR r.ended_at > %(known_at)s)
), recorded AS (
    -- A record names the debts that it is about, or is about all of them.
    SELECT ch.case_id, array_agg(DISTINCT r.noted) AS noted
    FROM chosen ch
    JOIN records r ON r.debtor_id = ch.debtor_id
        AND (r.account_ids IS NULL OR EXISTS (
            SELECT 1 FROM chosen_accounts ca
            WHERE ca.case_id = ch.case_id AND ca.account_id = ANY (r.account_ids)))
    GROUP BY ch.case_id
), ceased AS (
    -- A stop holds for the person at every creditor.
    SELECT ch.case_id, count(*) AS requests
    FROM chosen ch
    JOIN debtors d ON d.id = ch.debtor_id
    JOIN debtors same ON same.person_id = d.person_id
    JOIN stops s ON s.debtor_id = same.id AND s.kind = 'cease_request'
        AND s.related_person_id IS NULL AND s.received_at <= %(known_at)s
        AND (s.ended_at IS NULL OR s.ended_at > %(known_at)s)
    GROUP BY ch.case_id
), breached AS (
    SELECT ch.case_id, max((h.ended_at AT TIME ZONE ch.zone)::date) AS breached_on
    FROM chosen ch
    JOIN hardships h ON h.debtor_id = ch.debtor_id AND h.kind = 'instalment' AND h.is_breached
        AND h.related_person_id IS NULL AND h.ended_at <= %(known_at)s
        AND (h.ended_at AT TIME ZONE ch.zone)::date <= %(as_of)s
    GROUP BY ch.case_id
), promised AS (
    -- What each promise was last said to have come to; one whose last day is over was not kept.
    SELECT told.case_id,
           count(*) FILTER (WHERE told.state = 'open') AS promises_open,
           sum(told.missing_minor) FILTER (WHERE told.state = 'open' AND told.currency = o.currency)
               ::bigint AS promised_open,
           min(told.due_on) FILTER (WHERE told.state = 'open') AS due_on,
           max(told.made_on) FILTER (WHERE told.state = 'open') AS made_on,
           bool_and(told.is_verified) FILTER (WHERE told.state = 'open') AS is_verified,
           count(*) FILTER (WHERE told.state = 'kept') AS promises_kept,
           count(*) FILTER (WHERE told.state = 'partial') AS promises_partial,
           count(*) FILTER (WHERE told.state = 'broken') AS promises_broken,
           max(told.test_on) FILTER (WHERE told.state = 'broken') AS broken_on,
           -- Day, then outcome, in one number.
           max(((told.test_on - DATE '2000-01-01')::bigint << 3)
               + array_position(ARRAY['broken', 'partial', 'kept'], told.state))
               FILTER (WHERE told.state IN ('broken', 'partial', 'kept')
                       AND (told.test_on < %(as_of)s OR told.state = 'kept')) AS last_outcome
    FROM (
        SELECT ch.case_id, p.currency, p.amount_minor - t.paid_minor AS missing_minor, p.due_on,
               p.made_on, p.test_on, coalesce(p.verified_at <= %(known_at)s, false) AS is_verified,
               CASE WHEN t.state = 'open' AND p.test_on < %(as_of)s
                    THEN CASE WHEN t.paid_minor > 0 THEN 'partial' ELSE 'broken' END
                    ELSE t.state END AS state
        FROM chosen ch
        JOIN promises p ON p.debtor_id = ch.debtor_id AND p.recorded_at <= %(known_at)s
            AND p.made_on <= %(as_of)s
        CROSS JOIN LATERAL (
            SELECT po.state, po.paid_minor FROM promise_outcomes po
            WHERE po.promise_id = p.id AND po.recorded_at <= %(known_at)s
              AND po.as_of <= %(as_of)s
            ORDER BY po.recorded_at DESC, po.id DESC LIMIT 1
        ) AS t
    ) AS told
    JOIN oldest o ON o.case_id = told.case_id
    GROUP BY told.case_id
), reachable AS (
    SELECT ch.case_id, bool_or(cp.kind = 'phone' AND cp.validity = 'valid') AS has_valid_phone,
           bool_or(cp.kind = 'email' AND cp.validity <> 'invalid') AS has_email,
           bool_or(cp.kind = 'address' AND cp.validity <> 'invalid') AS has_address,
           bool_or(cp.kind = 'phone' AND cp.validity <> 'invalid' AND cp.consent <> 'withdrawn')
               AS reachable_by_phone,
           bool_or(cp.kind = 'email' AND cp.validity <> 'invalid' AND cp.consent <> 'withdrawn')
               AS reachable_by_email,
           bool_or(cp.kind = 'address' AND cp.validity <> 'invalid' AND cp.consent <> 'withdrawn')
               AS reachable_by_letter,
           bool_or(cp.kind = 'handle' AND cp.validity <> 'invalid' AND cp.consent <> 'withdrawn')
               AS reachable_by_handle,
           bool_or(cp.kind = 'phone' AND cp.validity <> 'invalid' AND cp.consent = 'given')
               AS phone_consented,
           bool_or(cp.kind = 'email' AND cp.validity <> 'invalid' AND cp.consent = 'given')
               AS email_consented
    FROM chosen ch
    JOIN contact_points cp ON cp.debtor_id = ch.debtor_id AND cp.related_person_id IS NULL
    GROUP BY ch.case_id
), tried AS (
    -- Bounds of days are instants: a day for each of ten million attempts would be reckoned long.
    SELECT ch.case_id,
           count(*) FILTER (WHERE NOT at.inbound AND at.started_at >= ch.week_begins)
               AS attempts_7d,
           count(*) FILTER (WHERE NOT at.inbound AND at.started_at >= ch.month_begins)
               AS attempts_30d,
           count(*) FILTER (WHERE at.outcome = ANY (%(reached)s)
                            AND at.started_at >= ch.week_begins) AS contacts_7d,
           count(*) FILTER (WHERE at.outcome = ANY (%(reached)s)
                            AND at.started_at >= ch.month_begins) AS contacts_30d,
           max(at.started_at) FILTER (WHERE NOT at.inbound) AS last_attempt_at,
           max(at.started_at) FILTER (WHERE at.outcome = ANY (%(reached)s)) AS last_contact_at,
           -- Second, then outcome, in one number.
           max((floor(date_part('epoch', at.started_at))::bigint << 6)
               + array_position(%(outcomes)s::varchar[], at.outcome))
               FILTER (WHERE NOT at.inbound) AS last_attempt,
           max((floor(date_part('epoch', at.started_at))::bigint << 6)
               + array_position(%(outcomes)s::varchar[], at.outcome))
               FILTER (WHERE at.outcome = ANY (%(reached)s)) AS last_contact
    FROM chosen ch
    -- By their index, debtor by debtor: the planner would rather read all of them for a tenth.
    CROSS JOIN LATERAL (
        SELECT started_at, inbound, outcome FROM attempts
        WHERE debtor_id = ch.debtor_id AND started_at <= %(known_at)s OFFSET 0
    ) AS at
    WHERE at.started_at < ch.day_ends
    GROUP BY ch.case_id
)
SELECT ch.case_id, ch.debtor_id, ch.creditor_id, coalesce(ch.seat_id, 0) AS seat_id, o.currency,
       o.dpd, coalesce(s.dpd_above_threshold, 0) AS dpd_above_threshold, o.bucket,
       s.next_due_on - %(as_of)s AS days_until_due,
       %(as_of)s - ch.opened_on AS days_in_case,
       coalesce(before.prior_entries, 0) AS prior_entries,
       CASE WHEN o.opened_on <= %(as_of)s
           THEN (extract(year FROM age(%(as_of)s::date, o.opened_on)) * 12
                 + extract(month FROM age(%(as_of)s::date, o.opened_on)))::integer END
           AS months_since_opened,
       coalesce(moved.roll_forwards_12m, 0) AS roll_forwards_12m,
       %(as_of)s::date - DATE '2000-01-01' - (moved.last_move >> 16)::integer
           AS days_since_bucket_move,
       CASE WHEN moved.last_move & 65535 > 32768 THEN 'roll_forward'
            WHEN moved.last_move IS NOT NULL THEN 'roll_back' END AS last_bucket_move,
       greatest(s.highest_bucket, moved.highest_bucket, 0) AS highest_bucket,
       greatest(o.dpd, moved.highest_dpd) AS highest_dpd,
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
       coalesce(placed.draw,
                (('x' || left(md5(%(salt)s || ':' || ch.debtor_id), 8))::bit(32)::bigint * 10000)
                    >> 32) AS arm_draw,
       %(as_of)s - paid.last_payment_date AS days_since_last_payment,
       paid.last_payment_date, last_amount.last_payment,
       coalesce(paid.payments_count_90d, 0) AS payments_count_90d,
       covered.days_late AS last_payment_days_late, covered.last_payment_covered,
       (coalesce(promised.promises_open, 0) > 0)::int AS has_open_promise,
       coalesce(promised.promises_open, 0) AS promises_open,
       coalesce(promised.promised_open, 0) AS promised_open,
       promised.due_on - %(as_of)s AS days_until_promise_due,
       %(as_of)s - promised.made_on AS days_since_promise_made,
       coalesce(promised.is_verified, false)::int AS promise_verified,
       coalesce(promised.promises_kept, 0) AS promises_kept,
       coalesce(promised.promises_partial, 0) AS promises_partial,
       coalesce(promised.promises_broken, 0) AS promises_broken,
       %(as_of)s - promised.broken_on - 1 AS days_since_promise_broken,
       (ARRAY['broken', 'partial', 'kept'])[(promised.last_outcome & 7)::integer]
           AS last_promise_outcome,
       %(as_of)s::date - DATE '2000-01-01' - (promised.last_outcome >> 3)::integer
           AS days_since_promise_tested,
       coalesce('plan' = ANY (recorded.noted), false)::int AS has_plan,
       %(as_of)s - breached.breached_on AS days_since_plan_breach,
       (held.case_id IS NOT NULL)::int AS has_hold,
       coalesce(held.contact_hold, false)::int AS contact_hold,
       coalesce(held.treatment_hold, false)::int AS treatment_hold,
       coalesce(held.dealing_hold, false)::int AS dealing_hold,
       (coalesce('disputed' = ANY (held.reasons), false)
        OR coalesce('disputed' = ANY (recorded.noted), false))::int AS disputed,
       (coalesce('deceased' = ANY (held.reasons), false)
        OR coalesce('deceased' = ANY (recorded.noted), false))::int AS deceased,
       (coalesce('bankrupt' = ANY (held.reasons), false)
        OR coalesce('bankrupt' = ANY (recorded.noted), false))::int AS bankrupt,
       coalesce('fraud' = ANY (held.reasons), false)::int AS fraud,
       (coalesce('complaint' = ANY (held.reasons), false)
        OR coalesce('complaint' = ANY (recorded.noted), false))::int AS complaint,
       (coalesce('vulnerable' = ANY (held.reasons), false)
        OR coalesce('vulnerable' = ANY (recorded.noted), false))::int AS vulnerable,
       coalesce('legal' = ANY (held.reasons), false)::int AS legal,
       coalesce('missing_data' = ANY (held.reasons), false)::int AS missing_data,
       coalesce('hardship' = ANY (recorded.noted), false)::int AS hardship,
       coalesce('represented' = ANY (recorded.noted), false)::int AS represented,
       (ceased.case_id IS NOT NULL)::int AS cease_requested,
       coalesce('time_barred' = ANY (recorded.noted), false)::int AS time_barred,
       coalesce(r.has_valid_phone, false)::int AS has_valid_phone,
       coalesce(r.has_email, false)::int AS has_email,
       coalesce(r.has_address, false)::int AS has_address,
       coalesce(r.reachable_by_phone, false)::int AS reachable_by_phone,
       coalesce(r.reachable_by_email, false)::int AS reachable_by_email,
       coalesce(r.reachable_by_letter, false)::int AS reachable_by_letter,
       coalesce(r.reachable_by_handle, false)::int AS reachable_by_handle,
       coalesce(r.phone_consented, false)::int AS phone_consented,
       coalesce(r.email_consented, false)::int AS email_consented,
       coalesce(tried.attempts_7d, 0) AS attempts_7d,
       coalesce(tried.attempts_30d, 0) AS attempts_30d,
       coalesce(tried.contacts_7d, 0) AS contacts_7d,
       coalesce(tried.contacts_30d, 0) AS contacts_30d,
       (%(outcomes)s::text[])[(tried.last_attempt & 63)::integer] AS last_attempt_outcome,
       (%(outcomes)s::text[])[(tried.last_contact & 63)::integer] AS last_contact_outcome,
       %(as_of)s - (tried.last_attempt_at AT TIME ZONE ch.zone)::date
           AS days_since_last_attempt,
       %(as_of)s - (tried.last_contact_at AT TIME ZONE ch.zone)::date
           AS days_since_last_contact,
       %(as_of)s - (SELECT max(business_date) FROM tasks
                    WHERE case_id = ch.case_id AND business_date < %(as_of)s)
           AS days_since_last_task
FROM chosen ch
JOIN oldest o ON o.case_id = ch.case_id
JOIN summed s ON s.case_id = ch.case_id
JOIN debtors d ON d.id = ch.debtor_id
LEFT JOIN arm_places placed ON placed.debtor_id = ch.debtor_id AND placed.strategy = %(salt)s
LEFT JOIN paid ON paid.case_id = ch.case_id
LEFT JOIN last_amount ON last_amount.case_id = ch.case_id
LEFT JOIN covered ON covered.case_id = ch.case_id
LEFT JOIN moved ON moved.case_id = ch.case_id
LEFT JOIN entered_before before ON before.case_id = ch.case_id
LEFT JOIN recorded ON recorded.case_id = ch.case_id
LEFT JOIN ceased ON ceased.case_id = ch.case_id
LEFT JOIN breached ON breached.case_id = ch.case_id
LEFT JOIN promised ON promised.case_id = ch.case_id
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
