-- Plans: of which something may have come since they were judged.

-- name: waiting
-- Offers that ran out; running plans of which an instalment's tolerance is over, or money moved.
SELECT p.id FROM plans p JOIN creditors c ON c.id = p.creditor_id
WHERE (p.state = 'offered' AND p.offer_until < (%(now)s AT TIME ZONE c.zone)::date)
   OR (p.state = 'active' AND (
        EXISTS (SELECT 1 FROM plan_instalments i
                WHERE i.plan_id = p.id
                  AND i.due_on + p.tolerance_days < (%(now)s AT TIME ZONE c.zone)::date
                  AND i.due_on + p.tolerance_days >= p.judged_on)
        OR p.seen_postings <> (
            SELECT count(*) FROM postings m
            WHERE m.account_id = ANY (p.account_ids) AND m.effective_on >= p.began_on
              AND (m.to_book IN ('cash', 'unexplained')
                   OR m.from_book IN ('cash', 'unexplained')))
        OR EXISTS (SELECT 1 FROM postings m JOIN entries r ON r.id = m.entry_id AND r.kind = 'reversal'
                   WHERE m.account_id = ANY (p.account_ids) AND m.effective_on >= p.began_on
                     AND m.effective_on + p.tolerance_days < (%(now)s AT TIME ZONE c.zone)::date
                     AND m.effective_on + p.tolerance_days >= p.judged_on)))
ORDER BY p.id
LIMIT %(limit)s;
