-- What must always hold: each statement returns the rows that break it, so an empty answer is good.

-- name: every_entry_has_postings
-- An entry without a posting says nothing.
SELECT 'entry ' || e.id AS what FROM entries e
WHERE NOT EXISTS (SELECT 1 FROM postings p WHERE p.entry_id = e.id);

-- name: postings_repeat_their_entry
-- Account, day and instant of a posting are those of its entry.
SELECT 'posting ' || p.id AS what FROM postings p JOIN entries e ON e.id = p.entry_id
WHERE p.account_id <> e.account_id OR p.effective_on <> e.effective_on
   OR p.recorded_at <> e.recorded_at;

-- name: postings_sum_to_zero
-- What leaves the books of an account and what enters them is the same amount.
SELECT 'account ' || account_id AS what
FROM (SELECT account_id, amount_minor AS amount FROM postings
      UNION ALL SELECT account_id, -amount_minor FROM postings) legs
GROUP BY account_id HAVING sum(amount) <> 0;

-- name: reversals_mirror_their_entry
-- A reversal takes back exactly what its entry posted.
SELECT 'entry ' || e.id AS what FROM entries e
WHERE e.reverses_id IS NOT NULL AND EXISTS (
    (SELECT component, from_book, to_book, amount_minor, due_on FROM postings
     WHERE entry_id = e.reverses_id
     EXCEPT ALL
     SELECT component, to_book, from_book, amount_minor, due_on FROM postings
     WHERE entry_id = e.id)
    UNION ALL
    (SELECT component, to_book, from_book, amount_minor, due_on FROM postings
     WHERE entry_id = e.id
     EXCEPT ALL
     SELECT component, from_book, to_book, amount_minor, due_on FROM postings
     WHERE entry_id = e.reverses_id));

-- name: redates_move_no_money
-- Changing due dates leaves every component as it was.
SELECT 'entry ' || e.id AS what FROM entries e JOIN postings p ON p.entry_id = e.id
WHERE e.kind = 'redate'
GROUP BY e.id, p.component
HAVING sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END) <> 0;

-- name: components_below_zero_only_where_allowed
-- A component owes less than nothing only under terms that allow a credit balance.
SELECT 'account ' || o.account_id || ' ' || o.component AS what
FROM (SELECT p.account_id, p.component
      FROM postings p WHERE p.to_book = 'receivable' OR p.from_book = 'receivable'
      GROUP BY p.account_id, p.component
      HAVING sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor
                      ELSE -p.amount_minor END) < 0) o
JOIN accounts a ON a.id = o.account_id
WHERE NOT EXISTS (SELECT 1 FROM product_terms t
                  WHERE t.product_id = a.product_id AND t.allows_credit_balance);

-- name: postings_use_the_products_components
-- A posting's component is one that some version of the product's terms has.
SELECT DISTINCT 'product ' || a.product_id || ' ' || p.component AS what
FROM (SELECT DISTINCT account_id, component FROM postings) p
JOIN accounts a ON a.id = p.account_id
WHERE NOT EXISTS (SELECT 1 FROM product_terms t
                  WHERE t.product_id = a.product_id AND p.component = ANY (t.components));

-- name: accounts_agree_with_their_creditor
-- An account, its product and its debtor belong to one creditor, in the product's currency.
SELECT 'account ' || a.id AS what
FROM accounts a JOIN products p ON p.id = a.product_id JOIN debtors d ON d.id = a.debtor_id
WHERE p.creditor_id <> a.creditor_id OR d.creditor_id <> a.creditor_id OR p.currency <> a.currency;

-- name: cases_hold_their_debtors_accounts
-- An account in a case belongs to the case's debtor and creditor.
SELECT 'case ' || c.id AS what
FROM case_accounts ca JOIN cases c ON c.id = ca.case_id JOIN accounts a ON a.id = ca.account_id
WHERE a.debtor_id <> c.debtor_id OR a.creditor_id <> c.creditor_id;

-- name: open_cases_have_accounts
-- A case is open as long as an account is in it, and no longer.
SELECT 'case ' || c.id AS what FROM cases c
WHERE (c.closed_on IS NULL)
   <> EXISTS (SELECT 1 FROM case_accounts ca WHERE ca.case_id = c.id AND ca.left_on IS NULL);

-- name: open_tasks_belong_to_open_cases
-- Nobody is sent to work on a closed case.
SELECT 'task ' || t.id AS what FROM tasks t JOIN cases c ON c.id = t.case_id
WHERE t.state = 'open' AND c.closed_on IS NOT NULL;

-- name: tasks_agree_with_their_case
-- A task's creditor is its case's.
SELECT 'task ' || t.id AS what FROM tasks t JOIN cases c ON c.id = t.case_id
WHERE t.creditor_id <> c.creditor_id;

-- name: bucket_moves_follow_each_other
-- Each move starts in the bucket where the one before it ended.
SELECT 'account ' || account_id || ' on ' || moved_on AS what
FROM (SELECT account_id, moved_on, from_bucket,
             lag(to_bucket) OVER (PARTITION BY account_id ORDER BY moved_on) AS before
      FROM bucket_moves) moves
WHERE from_bucket IS DISTINCT FROM before;

-- name: event_chains_are_whole
-- Every event's hash covers its content and the hash before it, without a gap.
SELECT 'event ' || chain_kind || ' ' || chain_id || ' ' || sequence AS what
FROM (SELECT e.*,
             coalesce(lag(e.hash) OVER chain, s.hash, decode(repeat('00', 32), 'hex'))
                 AS hash_before,
             coalesce(lag(e.sequence) OVER chain, s.sequence, 0) AS sequence_before
      FROM events e LEFT JOIN event_starts s USING (chain_kind, chain_id)
      WINDOW chain AS (PARTITION BY chain_kind, chain_id ORDER BY e.sequence)) linked
WHERE previous_hash <> hash_before OR sequence <> sequence_before + 1
   OR hash <> kept_event_hash(previous_hash, chain_kind, chain_id, sequence, recorded_at,
                              actor, action, subject, batch_id, key_id, personal, body);

-- name: event_heads_are_the_newest_events
-- The head of a chain is its last event.
SELECT 'head ' || h.chain_kind || ' ' || h.chain_id AS what
FROM event_heads h
LEFT JOIN events e ON e.chain_kind = h.chain_kind AND e.chain_id = h.chain_id
    AND e.sequence = h.sequence
LEFT JOIN event_starts s ON s.chain_kind = h.chain_kind AND s.chain_id = h.chain_id
    AND s.sequence = h.sequence
WHERE coalesce(e.hash, s.hash) IS DISTINCT FROM h.hash
UNION ALL
SELECT 'chain ' || e.chain_kind || ' ' || e.chain_id AS what
FROM (SELECT chain_kind, chain_id, max(sequence) AS last FROM events GROUP BY 1, 2) e
LEFT JOIN event_heads h USING (chain_kind, chain_id)
WHERE h.sequence IS DISTINCT FROM e.last;

-- name: records_of_persons_agree
-- A record's related person and debts are the debtor's own.
SELECT r.what FROM (
    SELECT 'consent ' || id AS what, debtor_id, related_person_id, account_ids FROM consents
    UNION ALL
    SELECT 'stop ' || id AS what, debtor_id, related_person_id, account_ids FROM stops
    UNION ALL
    SELECT 'representation ' || id AS what, debtor_id, related_person_id, account_ids FROM representations
    UNION ALL
    SELECT 'circumstance ' || id AS what, debtor_id, related_person_id, account_ids FROM circumstances
    UNION ALL
    SELECT 'hardship ' || id AS what, debtor_id, related_person_id, account_ids FROM hardships
    UNION ALL
    SELECT 'household ' || id, debtor_id, related_person_id, account_ids FROM household_figures
    UNION ALL
    SELECT 'vulnerability ' || id AS what, debtor_id, related_person_id, account_ids FROM vulnerabilities
    UNION ALL
    SELECT 'dispute ' || id AS what, debtor_id, related_person_id, account_ids FROM disputes
    UNION ALL
    SELECT 'complaint ' || id AS what, debtor_id, related_person_id, account_ids FROM complaints
) r
WHERE (r.related_person_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM related_persons p
        WHERE p.id = r.related_person_id AND p.debtor_id = r.debtor_id))
   OR EXISTS (SELECT 1 FROM unnest(r.account_ids) a (id)
              WHERE NOT EXISTS (SELECT 1 FROM accounts k
                                WHERE k.id = a.id AND k.debtor_id = r.debtor_id));

-- name: records_use_the_debtors_addresses
-- A consent or a stop of one address is of an address of its debtor.
SELECT r.what FROM (
    SELECT 'consent ' || id AS what, debtor_id, contact_point_id FROM consents
    UNION ALL
    SELECT 'stop ' || id AS what, debtor_id, contact_point_id FROM stops) r
JOIN contact_points p ON p.id = r.contact_point_id
WHERE p.debtor_id <> r.debtor_id;

-- name: words_are_sealed_with_the_debtors_key
-- What is sealed in a record was sealed with a key of its own debtor.
SELECT r.what FROM (
    SELECT 'consent ' || id AS what, debtor_id, key_id, sealed FROM consents
    UNION ALL
    SELECT 'stop ' || id AS what, debtor_id, key_id, sealed FROM stops
    UNION ALL
    SELECT 'representation ' || id AS what, debtor_id, key_id, sealed FROM representations
    UNION ALL
    SELECT 'circumstance ' || id AS what, debtor_id, key_id, sealed FROM circumstances
    UNION ALL
    SELECT 'hardship ' || id AS what, debtor_id, key_id, sealed FROM hardships
    UNION ALL
    SELECT 'household ' || id, debtor_id, key_id, sealed FROM household_figures
    UNION ALL
    SELECT 'vulnerability ' || id AS what, debtor_id, key_id, sealed FROM vulnerabilities
    UNION ALL
    SELECT 'dispute ' || id AS what, debtor_id, key_id, sealed FROM disputes
    UNION ALL
    SELECT 'complaint ' || id AS what, debtor_id, key_id, sealed FROM complaints
) r
LEFT JOIN person_keys k ON k.id = r.key_id
WHERE (r.key_id IS NULL) <> (r.sealed IS NULL) OR k.debtor_id <> r.debtor_id;

-- name: disputes_agree_with_their_hold
-- The hold of a dispute or complaint is one of its own reason and debtor.
SELECT r.what FROM (
    SELECT 'dispute ' || id AS what, 'disputed' AS reason, debtor_id, hold_id FROM disputes
    WHERE ended_at IS NULL
    UNION ALL
    SELECT 'complaint ' || id AS what, 'complaint' AS reason, debtor_id, hold_id FROM complaints
    WHERE ended_at IS NULL) r
LEFT JOIN holds h ON h.id = r.hold_id
WHERE h.id IS NOT NULL AND (h.reason <> r.reason OR h.debtor_id <> r.debtor_id);

-- name: used_permits_have_one_attempt
-- A permit that was used has exactly one attempt, and it is the one that was permitted.
SELECT 'permit ' || t.id AS what
FROM permits t LEFT JOIN attempts a ON a.started_at = t.used_at AND a.id = t.attempt_id
WHERE t.state IN ('used', 'settled')
  AND (a.permit_id, a.case_id, a.debtor_id, a.channel, a.outcome, a.inbound)
      IS DISTINCT FROM (t.id, t.case_id, t.debtor_id, t.channel, t.outcome, false)
   OR t.state IN ('used', 'settled')
  AND (a.contact_point_id, a.related_person_id) IS DISTINCT FROM
      (t.contact_point_id, t.related_person_id)
  AND NOT EXISTS (SELECT 1 FROM debtors d WHERE d.id = t.debtor_id AND d.erased_at IS NOT NULL);

-- name: attempts_of_kept_have_their_permit
-- An attempt that names a permit is the one that the permit names, so that none is used twice.
SELECT 'attempt ' || a.id AS what
FROM attempts a LEFT JOIN permits t ON t.id = a.permit_id
WHERE a.permit_id IS NOT NULL
  AND ((t.attempt_id, t.used_at) IS DISTINCT FROM (a.id, a.started_at)
       OR t.state NOT IN ('used', 'settled'));

-- name: outbound_attempts_come_by_permit_or_history
-- An outbound attempt without a permit was made before it was recorded, by somebody else.
SELECT 'attempt ' || a.id AS what FROM attempts a
WHERE a.permit_id IS NULL AND NOT a.inbound AND a.recorded_at = a.started_at;

-- name: permits_are_of_their_case
-- A permit's debtor is its case's, and so are whom it reaches and its address.
SELECT 'permit ' || t.id AS what
FROM permits t JOIN cases c ON c.id = t.case_id
LEFT JOIN related_persons r ON r.id = t.related_person_id
LEFT JOIN contact_points n ON n.id = t.contact_point_id
WHERE t.debtor_id <> c.debtor_id OR r.debtor_id <> t.debtor_id OR n.debtor_id <> t.debtor_id
   OR n.related_person_id <> t.related_person_id;

-- name: documents_have_their_event
-- Every printed document is told of once on its case's chain, and so is its withdrawal; of a chain whose beginning retention took away nothing is asked.
SELECT 'document ' || d.id AS what FROM documents d
WHERE NOT EXISTS (SELECT 1 FROM event_starts s
                  WHERE s.chain_kind = 'case' AND s.chain_id = d.case_id)
  AND ((SELECT count(*) FROM events e
        WHERE e.chain_kind = 'case' AND e.chain_id = d.case_id
          AND e.subject = 'document:' || d.id AND e.action = 'document.print') <> 1
    OR (SELECT count(*) FROM events e
        WHERE e.chain_kind = 'case' AND e.chain_id = d.case_id
          AND e.subject = 'document:' || d.id AND e.action = 'document.withdraw')
       <> (d.state = 'withdrawn')::int);

-- name: proofs_rest_on_a_ledger_of_zero
-- When a proof of settlement was printed, the ledger as known then said that nothing was owed.
SELECT 'document ' || d.id AS what FROM documents d
WHERE d.kind = 'proof_of_settlement' AND (
    SELECT coalesce(sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor
                             ELSE -p.amount_minor END), -1)
    FROM postings p
    WHERE p.account_id = d.account_id AND p.effective_on <= d.as_of
      AND p.recorded_at <= d.printed_at
      AND (p.to_book = 'receivable' OR p.from_book = 'receivable')) <> 0;
-- name: received_is_allocated_returned_or_in_suspense
-- What a payment gave to accounts and still stands is what it says is allocated; money is in one place.
SELECT 'payment ' || p.id AS what
FROM payments p
LEFT JOIN (SELECT payment_id, sum(amount_minor) AS amount FROM payment_allocations
           WHERE reversal_id IS NULL GROUP BY payment_id) b ON b.payment_id = p.id
LEFT JOIN (SELECT payment_id, sum(amount_minor) AS amount FROM payment_returns
           WHERE payment_id IS NOT NULL GROUP BY payment_id) r ON r.payment_id = p.id
WHERE p.allocated_minor <> coalesce(b.amount, 0)
   OR p.returned_minor <> coalesce(r.amount, 0)
   OR CASE p.state
        WHEN 'allocated' THEN p.allocated_minor + p.returned_minor <> p.amount_minor
        WHEN 'returned' THEN p.returned_minor <> p.amount_minor
        WHEN 'duplicate' THEN p.allocated_minor + p.returned_minor <> 0
        ELSE p.allocated_minor + p.returned_minor >= p.amount_minor END
   OR (p.state = 'duplicate') <> (p.duplicate_of_id IS NOT NULL)
   OR (p.state = 'suspense') <> (p.suspense_reason <> '');

-- name: allocations_are_in_the_ledger
-- An allocation is what its entry took out of what is owed into cash, to the cent, as its trace says; it stands as long as its entry does.
SELECT 'allocation ' || b.id AS what
FROM payment_allocations b
JOIN entries e ON e.id = b.entry_id
LEFT JOIN entries v ON v.id = b.reversal_id
LEFT JOIN LATERAL (SELECT sum(amount_minor) AS amount FROM postings p
                   WHERE p.entry_id = b.entry_id AND p.from_book = 'receivable'
                     AND p.to_book = 'cash') l ON true
LEFT JOIN LATERAL (SELECT sum((t ->> 'amount_minor')::bigint) AS amount
                   FROM jsonb_array_elements(b.trace) t) t ON true
WHERE e.kind <> 'payment' OR e.account_id <> b.account_id OR l.amount <> b.amount_minor
   OR t.amount <> b.amount_minor OR v.reverses_id <> b.entry_id
   OR (b.reversal_id IS NULL AND EXISTS (SELECT 1 FROM entries x WHERE x.reverses_id = b.entry_id));

-- name: explained_falls_were_falls
-- No more of a creditor's falls is explained by payments than fell, on any day of any component.
SELECT 'account ' || p.account_id || ' ' || p.component AS what
FROM postings p
WHERE p.from_book = 'unexplained' OR p.to_book = 'unexplained'
GROUP BY p.account_id, p.component
HAVING sum(CASE WHEN p.to_book = 'unexplained' THEN p.amount_minor ELSE -p.amount_minor END) < 0;

-- name: promises_stand_as_the_ledger_says
-- What is stored of each promise is what its payments come to, counted a second way: one payment after the other, over one promise after the other.
WITH RECURSIVE looked AS (
    SELECT debtor_id, max(judged_on) AS as_of, max(judged_at) AS known_at
    FROM promises GROUP BY debtor_id
), listed AS (
    SELECT p.*, l.as_of, l.known_at,
           (row_number() OVER (PARTITION BY p.debtor_id ORDER BY p.due_on, p.made_on, p.id))::int
               AS place
    FROM promises p JOIN looked l USING (debtor_id)
    WHERE p.recorded_at <= l.known_at AND p.made_on <= l.as_of
), paid AS (
    SELECT e.id AS entry_id, m.account_id, e.effective_on, e.recorded_at,
           sum(m.amount_minor) AS amount, bool_and(m.to_book = 'cash') AS is_explained
    FROM postings m JOIN entries e ON e.id = m.entry_id
    WHERE m.from_book = 'receivable' AND m.to_book IN ('cash', 'unexplained')
      AND e.kind <> 'reversal'
      AND m.account_id IN (SELECT account_id FROM promise_accounts)
    GROUP BY e.id, m.account_id, e.effective_on, e.recorded_at
), pairs AS (
    SELECT p.debtor_id, p.place, m.entry_id, m.amount,
           row_number() OVER (PARTITION BY p.debtor_id
                              ORDER BY m.effective_on, m.entry_id, p.place) AS step
    FROM listed p
    JOIN promise_accounts pa ON pa.promise_id = p.id
    JOIN paid m ON m.account_id = pa.account_id
        AND m.effective_on BETWEEN p.made_on AND least(p.test_on, p.ended_on - 1, p.as_of)
        AND m.recorded_at <= p.known_at
        AND (m.effective_on > p.made_on OR m.recorded_at >= p.made_at)
        AND (m.is_explained OR p.counts_unexplained)
    WHERE NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses_id = m.entry_id
                      AND r.effective_on <= p.as_of AND r.recorded_at <= p.known_at)
), walked AS (
    SELECT debtor_id, 0::bigint AS step, NULL::bigint AS entry_id, 0::numeric AS rest,
           array_agg(amount_minor::numeric ORDER BY place) AS missing
    FROM listed GROUP BY debtor_id
    UNION ALL
    SELECT w.debtor_id, p.step, p.entry_id, x.base - x.part,
           w.missing[:p.place - 1] || (w.missing[p.place] - x.part) || w.missing[p.place + 1:]
    FROM walked w
    JOIN pairs p ON p.debtor_id = w.debtor_id AND p.step = w.step + 1
    CROSS JOIN LATERAL (
        SELECT b.base, least(b.base, w.missing[p.place]) AS part
        FROM (SELECT CASE WHEN w.entry_id = p.entry_id THEN w.rest ELSE p.amount END AS base) AS b
    ) AS x
), ended AS (
    SELECT DISTINCT ON (debtor_id) debtor_id, missing FROM walked ORDER BY debtor_id, step DESC
), counted AS (
    SELECT l.*, l.amount_minor - e.missing[l.place] AS counted_minor
    FROM listed l JOIN ended e USING (debtor_id)
)
SELECT 'promise ' || id AS what FROM counted
WHERE paid_minor <> counted_minor OR judged_on <> as_of OR judged_at <> known_at
   OR state <> CASE
       WHEN counted_minor * 1000000 >= amount_minor::numeric * (1000000 - tolerance_ppm) THEN 'kept'
       WHEN ended_on <= least(as_of, test_on) THEN 'cancelled'
       WHEN as_of <= test_on THEN 'open'
       WHEN counted_minor > 0 THEN 'partial' ELSE 'broken' END;

-- name: promises_were_told_as_they_stand
-- The last outcome of a promise is the one that it has.
SELECT 'promise ' || p.id AS what FROM promises p
LEFT JOIN LATERAL (SELECT o.state, o.paid_minor FROM promise_outcomes o WHERE o.promise_id = p.id
                   ORDER BY o.recorded_at DESC, o.id DESC LIMIT 1) AS told ON true
WHERE told.state IS DISTINCT FROM p.state OR told.paid_minor IS DISTINCT FROM p.paid_minor;
