-- The ledger in sets: positions as of a day, and a creditor's figures turned into entries.
-- The rules are those of kept.core.ledger, which is the plain model a property test holds these to.

-- scope: accounts
p.account_id = ANY(%(account_ids)s)

-- scope: creditor
p.account_id IN (SELECT id FROM accounts WHERE creditor_id = %(creditor_id)s)

-- scope: settled
p.account_id IN (SELECT account_id FROM settled_accounts)

-- scope: chosen
p.account_id IN (SELECT account_id FROM chosen_accounts)

-- name: positions
-- Balance, overdue amount, due dates and days past due of each account as of a day, as known at an instant.
WITH owed AS (
    SELECT p.account_id, p.component, p.due_on,
           CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END AS amount
    FROM postings p
    WHERE (p.to_book = 'receivable' OR p.from_book = 'receivable')
      AND p.effective_on <= %(as_of)s AND p.recorded_at <= %(known_at)s AND /* scope */ true
), slots AS (
    SELECT account_id, due_on, sum(amount) AS amount FROM owed GROUP BY account_id, due_on
), covered AS (
    SELECT account_id, due_on, amount,
           sum(amount) FILTER (WHERE due_on IS NOT NULL AND amount > 0)
               OVER (PARTITION BY account_id ORDER BY due_on NULLS FIRST) AS due_so_far,
           -coalesce(sum(amount) FILTER (WHERE due_on IS NULL OR amount < 0)
               OVER (PARTITION BY account_id), 0) AS credit
    FROM slots
), dates AS (
    SELECT account_id,
           min(due_on) FILTER (WHERE amount > 0 AND due_so_far > credit) AS oldest,
           min(due_on) FILTER (WHERE amount > 0 AND due_so_far > credit
                               AND due_on >= %(as_of)s) AS next_due,
           coalesce(sum(amount) FILTER (WHERE amount > 0 AND due_on < %(as_of)s), 0)
               - max(credit) AS past_uncovered,
           min(due_so_far - credit) FILTER (WHERE amount > 0 AND due_so_far > credit
               AND due_on >= %(as_of)s AND due_on < DATE '9999-12-31') AS upto_next
    FROM covered GROUP BY account_id
), balances AS (
    SELECT account_id,
           sum(amount)::bigint AS balance_minor,
           coalesce(sum(amount) FILTER (WHERE component = 'principal'), 0)::bigint AS principal_minor,
           coalesce(sum(amount) FILTER (WHERE component = 'interest'), 0)::bigint AS interest_minor,
           coalesce(sum(amount) FILTER (WHERE component = 'fee'), 0)::bigint AS fee_minor,
           coalesce(sum(amount) FILTER (WHERE component = 'penalty'), 0)::bigint AS penalty_minor,
           coalesce(sum(amount) FILTER (WHERE component = 'cost'), 0)::bigint AS cost_minor,
           coalesce(sum(amount) FILTER (WHERE component NOT IN
               ('principal', 'interest', 'fee', 'penalty', 'cost')), 0)::bigint AS other_minor
    FROM owed GROUP BY account_id
)
SELECT b.account_id, b.balance_minor, b.principal_minor, b.interest_minor, b.fee_minor,
       b.penalty_minor, b.cost_minor, b.other_minor,
       CASE WHEN d.oldest < %(as_of)s THEN d.past_uncovered ELSE 0 END::bigint AS overdue_minor,
       nullif(d.oldest, DATE '9999-12-31') AS oldest_due_on,
       nullif(d.next_due, DATE '9999-12-31') AS next_due_on,
       CASE WHEN d.oldest < %(as_of)s THEN %(as_of)s::date - d.oldest ELSE 0 END AS dpd,
       coalesce(d.upto_next, CASE WHEN d.oldest < %(as_of)s THEN d.past_uncovered END, 0)::bigint
           AS total_due_minor
FROM balances b JOIN dates d USING (account_id);

-- name: component_balances
-- What each component of each account comes to as of a day, as known at an instant.
SELECT p.account_id, p.component,
       sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END)::bigint
           AS amount_minor
FROM postings p
WHERE (p.to_book = 'receivable' OR p.from_book = 'receivable')
  AND p.effective_on <= %(as_of)s AND p.recorded_at <= %(known_at)s AND /* scope */ true
GROUP BY p.account_id, p.component
HAVING sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END) <> 0;

-- name: components_below_zero
-- Components of one account of which more was taken than was ever owed, by all that is written.
SELECT p.component,
       sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END)::bigint
           AS amount_minor
FROM postings p
WHERE p.account_id = %(account_id)s AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
GROUP BY p.component
HAVING sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END) < 0
ORDER BY p.component;

-- name: make_snapshot_tables
-- The tables a caller fills with a file's figures before `post_snapshots`.
CREATE TEMPORARY TABLE IF NOT EXISTS snapshots (
    account_id bigint PRIMARY KEY, as_of date NOT NULL, due_on date, next_due_on date,
    overdue_minor bigint, fresh boolean NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS snapshot_balances (
    account_id bigint NOT NULL, component text NOT NULL, amount_minor bigint NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS snapshot_targets (
    account_id bigint NOT NULL, component text NOT NULL, due_on date NOT NULL,
    amount bigint NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS snapshot_changes (
    account_id bigint NOT NULL, kind text NOT NULL, component text NOT NULL, due_on date,
    amount bigint NOT NULL, other_book text NOT NULL, effective_on date NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS snapshot_entries (
    account_id bigint NOT NULL, kind text NOT NULL, entry_id bigint NOT NULL
) ON COMMIT DELETE ROWS;

-- name: split_targets
-- The amounts of a file by component and due date: overdue first in the product's allocation order, the rest later.
WITH ranked AS (
    SELECT b.account_id, b.component, b.amount_minor AS amount,
           s.due_on, coalesce(s.next_due_on, DATE '9999-12-31') AS rest_due,
           CASE WHEN s.due_on IS NULL OR s.due_on = s.next_due_on THEN 0
                WHEN s.overdue_minor IS NULL THEN 9223372036854775807
                ELSE greatest(s.overdue_minor, 0) END AS overdue,
           coalesce(sum(greatest(b.amount_minor, 0)) OVER (
               PARTITION BY b.account_id
               ORDER BY array_position(t.allocation_order, b.component::varchar) NULLS LAST,
                        b.component
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM snapshot_balances b
    JOIN snapshots s USING (account_id)
    JOIN accounts a ON a.id = b.account_id
    LEFT JOIN product_terms t ON t.product_id = a.product_id AND t.valid_from <= s.as_of
        AND (t.valid_to IS NULL OR t.valid_to >= s.as_of)
), parts AS (
    SELECT account_id, component, due_on, rest_due, amount,
           greatest(0, least(greatest(amount, 0), overdue - before)) AS overdue_part
    FROM ranked
)
INSERT INTO snapshot_targets
SELECT account_id, component, due_on, overdue_part FROM parts WHERE overdue_part > 0
UNION ALL
SELECT account_id, component, rest_due, amount - overdue_part
FROM parts WHERE amount - overdue_part <> 0;

-- name: plan_openings
-- An account's first figures open it.
INSERT INTO snapshot_changes
SELECT g.account_id, 'opening', g.component, g.due_on, g.amount, 'creditor', s.as_of
FROM snapshot_targets g JOIN snapshots s USING (account_id)
WHERE s.fresh;

-- name: plan_adjustments
-- Later figures: what rose is charged, what fell without a known payment is a credit of unknown source.
WITH known AS (
    SELECT p.account_id, p.component,
           sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END)
               AS amount
    FROM postings p JOIN snapshots s USING (account_id)
    WHERE NOT s.fresh AND p.effective_on <= s.as_of
      AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
    GROUP BY p.account_id, p.component
), changes AS (
    SELECT b.account_id, b.component, s.as_of,
           coalesce(s.due_on, s.next_due_on, DATE '9999-12-31') AS new_due,
           b.amount_minor - coalesce(k.amount, 0) AS change
    FROM snapshot_balances b
    JOIN snapshots s USING (account_id)
    LEFT JOIN known k ON k.account_id = b.account_id AND k.component = b.component
    WHERE NOT s.fresh
)
INSERT INTO snapshot_changes
SELECT account_id, 'adjustment', component, CASE WHEN change > 0 THEN new_due END, change,
       CASE WHEN change > 0 THEN 'creditor' ELSE 'unexplained' END, as_of
FROM changes WHERE change <> 0;

-- name: plan_redates
-- Where due dates still differ from the file's, take the open amounts out and put them back under its dates.
WITH later AS (
    SELECT account_id, as_of FROM snapshots WHERE NOT fresh
), slots AS (
    SELECT account_id, component, due_on, sum(amount) AS amount, false AS target
    FROM (
        SELECT p.account_id, p.component::text AS component, p.due_on,
               CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END
                   AS amount
        FROM postings p JOIN later USING (account_id)
        WHERE p.effective_on <= later.as_of
          AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
        UNION ALL
        SELECT account_id, component, due_on, amount
        FROM snapshot_changes WHERE kind = 'adjustment'
    ) open_amounts
    GROUP BY account_id, component, due_on
    UNION ALL
    SELECT account_id, component, due_on, amount, true
    FROM snapshot_targets JOIN later USING (account_id)
    UNION ALL  -- what the file does not speak of stays where it is
    SELECT p.account_id, p.component, p.due_on,
           sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END),
           true
    FROM postings p JOIN later USING (account_id)
    WHERE p.effective_on <= later.as_of
      AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
      AND NOT EXISTS (SELECT 1 FROM snapshot_balances b
                      WHERE b.account_id = p.account_id AND b.component = p.component)
    GROUP BY p.account_id, p.component, p.due_on
), dues AS (
    SELECT account_id, target, due_on, sum(amount) AS amount
    FROM slots GROUP BY account_id, target, due_on
), covered AS (
    SELECT account_id, target, due_on, amount,
           sum(amount) FILTER (WHERE due_on IS NOT NULL AND amount > 0)
               OVER (PARTITION BY account_id, target ORDER BY due_on NULLS FIRST) AS due_so_far,
           -coalesce(sum(amount) FILTER (WHERE due_on IS NULL OR amount < 0)
               OVER (PARTITION BY account_id, target), 0) AS credit
    FROM dues
), seen AS (
    SELECT c.account_id, c.target, later.as_of,
           min(due_on) FILTER (WHERE amount > 0 AND due_so_far > credit) AS oldest,
           min(due_on) FILTER (WHERE amount > 0 AND due_so_far > credit
                               AND due_on >= later.as_of) AS next_due,
           coalesce(sum(amount) FILTER (WHERE amount > 0 AND due_on < later.as_of), 0)
               - max(credit) AS past_uncovered
    FROM covered c JOIN later USING (account_id)
    GROUP BY c.account_id, c.target, later.as_of
), dated AS (
    SELECT account_id, target,
           ROW(CASE WHEN oldest < as_of THEN past_uncovered ELSE 0 END,
               coalesce(oldest, DATE '9999-12-31'),
               coalesce(next_due, DATE '9999-12-31')) AS reading
    FROM seen
), differing AS (
    SELECT later.account_id, later.as_of
    FROM later
    LEFT JOIN dated n ON n.account_id = later.account_id AND NOT n.target
    LEFT JOIN dated g ON g.account_id = later.account_id AND g.target
    WHERE coalesce(n.reading, ROW(0::numeric, DATE '9999-12-31', DATE '9999-12-31'))
        IS DISTINCT FROM coalesce(g.reading, ROW(0::numeric, DATE '9999-12-31', DATE '9999-12-31'))
)
INSERT INTO snapshot_changes
SELECT s.account_id, 'redate', s.component, s.due_on,
       sum(CASE WHEN s.target THEN s.amount ELSE -s.amount END), 'redated', d.as_of
FROM slots s JOIN differing d USING (account_id)
GROUP BY s.account_id, s.component, s.due_on, d.as_of
HAVING sum(CASE WHEN s.target THEN s.amount ELSE -s.amount END) <> 0;

-- name: number_entries
-- One entry for each account and kind of change.
INSERT INTO snapshot_entries
SELECT account_id, kind, nextval(pg_get_serial_sequence('entries', 'id'))
FROM (SELECT DISTINCT account_id, kind FROM snapshot_changes ORDER BY account_id, kind) kinds;

-- name: write_entries
-- The planned entries.
INSERT INTO entries (id, account_id, kind, effective_on, recorded_at, actor, reference, run_id)
SELECT e.entry_id, e.account_id, e.kind, s.as_of, %(recorded_at)s, %(actor)s, '', %(run_id)s
FROM snapshot_entries e JOIN snapshots s USING (account_id);

-- name: write_postings
-- The planned postings: a change up comes from the other book, a change down goes there.
INSERT INTO postings (entry_id, account_id, component, from_book, to_book, amount_minor, due_on,
                      effective_on, recorded_at)
SELECT e.entry_id, c.account_id, c.component,
       CASE WHEN c.amount > 0 THEN c.other_book ELSE 'receivable' END,
       CASE WHEN c.amount > 0 THEN 'receivable' ELSE c.other_book END,
       abs(c.amount), c.due_on, c.effective_on, %(recorded_at)s
FROM snapshot_changes c JOIN snapshot_entries e USING (account_id, kind);

-- name: clear_snapshot_tables
-- Ready for the next set in the same transaction.
DELETE FROM snapshot_targets; DELETE FROM snapshot_changes; DELETE FROM snapshot_entries;

-- name: snapshot_differences
-- Where kept holds the truth: what a file says otherwise, by account and component.
SELECT b.account_id, a.external_id, b.component, b.amount_minor AS file_minor,
       coalesce(k.amount, 0)::bigint AS ledger_minor
FROM snapshots s
JOIN accounts a ON a.id = s.account_id
JOIN product_terms t ON t.product_id = a.product_id AND t.valid_from <= s.as_of
    AND (t.valid_to IS NULL OR t.valid_to >= s.as_of)
JOIN snapshot_balances b ON b.account_id = s.account_id
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN p.to_book = 'receivable' THEN p.amount_minor ELSE -p.amount_minor END)
               AS amount
    FROM postings p
    WHERE p.account_id = b.account_id AND p.component = b.component AND p.effective_on <= s.as_of
      AND (p.to_book = 'receivable' OR p.from_book = 'receivable')
) k ON true
WHERE NOT s.fresh AND t.balance_authority = 'kept' AND b.amount_minor <> coalesce(k.amount, 0)
ORDER BY a.external_id, b.component;

-- name: keep_to_creditors_truth
-- Leaves only the accounts whose figures the file decides.
DELETE FROM snapshots s
USING accounts a, product_terms t
WHERE a.id = s.account_id AND NOT s.fresh AND t.product_id = a.product_id
  AND t.valid_from <= s.as_of AND (t.valid_to IS NULL OR t.valid_to >= s.as_of)
  AND t.balance_authority = 'kept';

-- name: history
-- The ledger of some accounts, oldest first: entries with their postings.
SELECT e.id AS entry_id, e.account_id, e.kind, e.effective_on, e.recorded_at, e.actor, e.reference,
       e.reverses_id, p.component, p.from_book, p.to_book, p.amount_minor, p.due_on
FROM entries e JOIN postings p ON p.entry_id = e.id
WHERE /* scope */ true
ORDER BY e.effective_on, e.id, p.id;
