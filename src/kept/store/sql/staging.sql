-- Staging: a file's prepared rows beside the book, checked against each other and against it.
-- Each run has unlogged tables of its own (`_RUN` stands for its number), dropped at its end and
-- reached under the names staged_* through temporary views.

-- name: make_tables
-- The tables of one run; unlogged, so a crash of the server empties them and they are filled again.
CREATE UNLOGGED TABLE IF NOT EXISTS staged_rows_RUN (
    line_no bigint NOT NULL, external_id text NOT NULL, product_id bigint NOT NULL,
    currency text NOT NULL, opened_on date, original_amount_minor bigint, row_version bigint,
    state text NOT NULL, as_of date NOT NULL, debtor_external_id text NOT NULL,
    debtor_kind text NOT NULL, name text NOT NULL, name_key text NOT NULL, language text NOT NULL,
    country text NOT NULL, zones text[] NOT NULL, identity_kind text, identity_country text,
    identity_hash bytea, identity_cipher bytea, identity_masked text, due_on date,
    next_due_on date, overdue_minor bigint, balances bigint[] NOT NULL, balance_minor bigint NOT NULL,
    hold_reasons text[] NOT NULL, row_hash bytea NOT NULL
);
CREATE UNLOGGED TABLE IF NOT EXISTS staged_contacts_RUN (
    line_no bigint NOT NULL, related_index smallint, kind text NOT NULL, usage text NOT NULL,
    value_hash bytea NOT NULL, value_cipher bytea NOT NULL, masked text NOT NULL,
    country text NOT NULL, validity text NOT NULL, consent text NOT NULL, source text NOT NULL,
    position smallint NOT NULL
);
CREATE UNLOGGED TABLE IF NOT EXISTS staged_related_RUN (
    line_no bigint NOT NULL, index smallint NOT NULL, relation text NOT NULL, name text NOT NULL,
    name_key text NOT NULL, language text NOT NULL, identity_kind text, identity_country text,
    identity_hash bytea, identity_cipher bytea, identity_masked text
);
CREATE UNLOGGED TABLE IF NOT EXISTS staged_refusals_RUN (
    line_no bigint NOT NULL, field text NOT NULL, code text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE UNLOGGED TABLE IF NOT EXISTS staged_plan_RUN (
    line_no bigint NOT NULL, chunk integer NOT NULL, account_id bigint, verdict text NOT NULL
);
CREATE UNLOGGED TABLE IF NOT EXISTS staged_records_RUN (
    line_no bigint NOT NULL, external_id text NOT NULL, subject text NOT NULL,
    debtor_external_id text, accounts text, related_key text, contact_kind text, value_hash bytea,
    noun text NOT NULL, kind text NOT NULL, at timestamptz NOT NULL, ended_at timestamptz,
    legal_entity text, channel text NOT NULL, outcome text NOT NULL, inbound boolean NOT NULL,
    details text NOT NULL, secret_cipher bytea, row_hash bytea NOT NULL
);
CREATE UNLOGGED TABLE IF NOT EXISTS staged_found_RUN (
    line_no bigint NOT NULL, debtor_id bigint, account_ids bigint[],
    unknown_accounts integer NOT NULL, other_accounts integer NOT NULL, contact_point_id bigint,
    related_person_id bigint, legal_entity_id bigint, case_id bigint
);
CREATE UNLOGGED TABLE IF NOT EXISTS staged_payments_RUN (
    line_no bigint NOT NULL, external_id text NOT NULL, what text NOT NULL, channel text NOT NULL,
    bank_reference text NOT NULL, amount_minor bigint NOT NULL, currency text NOT NULL,
    received_on date NOT NULL, value_on date, way text NOT NULL, payer_relation text NOT NULL,
    details_cipher bytea, reference text, virtual_account text, accounts text[], debtor text,
    tokens text[], name_key text, reverses text, code text NOT NULL
);

-- name: see_tables
-- The run's tables under the names that every other statement uses.
CREATE OR REPLACE TEMPORARY VIEW staged_rows AS SELECT * FROM staged_rows_RUN;
CREATE OR REPLACE TEMPORARY VIEW staged_contacts AS SELECT * FROM staged_contacts_RUN;
CREATE OR REPLACE TEMPORARY VIEW staged_related AS SELECT * FROM staged_related_RUN;
CREATE OR REPLACE TEMPORARY VIEW staged_refusals AS SELECT * FROM staged_refusals_RUN;
CREATE OR REPLACE TEMPORARY VIEW staged_plan AS SELECT * FROM staged_plan_RUN;
CREATE OR REPLACE TEMPORARY VIEW staged_records AS SELECT * FROM staged_records_RUN;
CREATE OR REPLACE TEMPORARY VIEW staged_found AS SELECT * FROM staged_found_RUN;
CREATE OR REPLACE TEMPORARY VIEW staged_payments AS SELECT * FROM staged_payments_RUN;

-- name: drop_tables
-- Gone with everything in them, and with the views: those of a session that crashed stay for a while.
DROP TABLE IF EXISTS staged_rows_RUN, staged_contacts_RUN, staged_related_RUN,
    staged_refusals_RUN, staged_plan_RUN, staged_records_RUN, staged_found_RUN,
    staged_payments_RUN CASCADE;

-- name: list_runs
-- The runs that have staging tables.
SELECT substring(tablename FROM '[0-9]+$')::bigint AS run_id FROM pg_tables
WHERE schemaname = current_schema() AND tablename ~ '^staged_rows_[0-9]+$' ORDER BY 1;

-- name: index_rows
-- Every line's rows are found by line from here on; the statistics are those of the whole file.
CREATE INDEX IF NOT EXISTS staged_rows_RUN_line ON staged_rows_RUN (line_no);
CREATE INDEX IF NOT EXISTS staged_contacts_RUN_line ON staged_contacts_RUN (line_no);
CREATE INDEX IF NOT EXISTS staged_related_RUN_line ON staged_related_RUN (line_no);
CREATE INDEX IF NOT EXISTS staged_records_RUN_line ON staged_records_RUN (line_no);
CREATE INDEX IF NOT EXISTS staged_payments_RUN_line ON staged_payments_RUN (line_no);
ANALYZE staged_rows_RUN (line_no, external_id, debtor_external_id);
ANALYZE staged_contacts_RUN (line_no);
ANALYZE staged_related_RUN (line_no);
ANALYZE staged_records_RUN (line_no, external_id, debtor_external_id, subject);
ANALYZE staged_payments_RUN (line_no, external_id, what);

-- name: empty_tables
-- Ready to be filled from the first line again.
TRUNCATE staged_rows_RUN, staged_contacts_RUN, staged_related_RUN, staged_refusals_RUN,
    staged_plan_RUN, staged_records_RUN, staged_found_RUN, staged_payments_RUN;

-- name: empty_checks
-- Ready to be checked again, against a book that may have changed.
TRUNCATE staged_refusals_RUN, staged_plan_RUN, staged_found_RUN;

-- name: count_rows
-- How many rows are staged; fewer than were written means that the server crashed.
SELECT (SELECT count(*) FROM staged_rows) AS rows,
       (SELECT count(*) FROM staged_contacts) AS contacts,
       (SELECT count(*) FROM staged_related) AS related,
       (SELECT count(*) FROM staged_records) AS records,
       (SELECT count(*) FROM staged_payments) AS payments;

-- name: refuse_duplicates
-- An account that stands in the file more than once with other data, or once more with an error.
INSERT INTO staged_refusals (line_no, field, code)
SELECT r.line_no, 'account.external_id', 'duplicate_in_file'
FROM staged_rows r
WHERE r.external_id IN (
    SELECT external_id FROM staged_rows
    WHERE external_id IN (SELECT external_id FROM staged_rows
                          GROUP BY external_id HAVING count(*) > 1)
    GROUP BY external_id HAVING count(DISTINCT row_hash) > 1
    UNION
    SELECT j.external_id FROM intake_rejects j
    WHERE j.intake_file_id = %(intake_file_id)s AND j.severity = 'reject');

-- name: refuse_disagreeing_debtors
-- Rows of one debtor with two identity numbers of one kind, or both as a person and as a company.
WITH several AS (
    SELECT debtor_external_id FROM staged_rows GROUP BY debtor_external_id HAVING count(*) > 1
), identities AS (
    SELECT DISTINCT debtor_external_id FROM staged_rows JOIN several USING (debtor_external_id)
    WHERE identity_hash IS NOT NULL
    GROUP BY debtor_external_id, identity_kind, identity_country
    HAVING count(DISTINCT identity_hash) > 1
), kinds AS (
    SELECT debtor_external_id FROM staged_rows JOIN several USING (debtor_external_id)
    GROUP BY debtor_external_id HAVING count(DISTINCT debtor_kind) > 1
)
INSERT INTO staged_refusals (line_no, field, code)
SELECT line_no, 'debtor.identity.number', 'debtor_disagrees'
FROM staged_rows JOIN identities USING (debtor_external_id)
UNION ALL
SELECT line_no, 'debtor.kind', 'debtor_disagrees'
FROM staged_rows JOIN kinds USING (debtor_external_id);

-- name: refuse_other_identities
-- A debtor of the book known by another number of the same kind, or a number that another known person has.
INSERT INTO staged_refusals (line_no, field, code)
SELECT r.line_no, 'debtor.identity.number', 'identity_disagrees'
FROM staged_rows r
JOIN debtors d ON d.creditor_id = %(creditor_id)s AND d.external_id = r.debtor_external_id
JOIN LATERAL (
    SELECT bool_or(k.value_hash = r.identity_hash AND k.kind = r.identity_kind
                   AND k.country = r.identity_country) AS same,
           bool_or(k.kind = r.identity_kind AND k.country = r.identity_country) AS same_kind
    FROM identity_keys k WHERE k.person_id = d.person_id HAVING count(*) > 0
) own ON NOT own.same
WHERE r.identity_hash IS NOT NULL
  AND (own.same_kind OR EXISTS (
        SELECT 1 FROM identity_keys k WHERE k.value_hash = r.identity_hash
        AND k.kind = r.identity_kind AND k.country = r.identity_country));

-- name: refuse_other_debtors
-- An account of the book that belongs to another debtor: an account keeps its debtor for life.
INSERT INTO staged_refusals (line_no, field, code)
SELECT r.line_no, 'debtor.external_id', 'debtor_disagrees'
FROM staged_rows r
JOIN accounts a ON a.creditor_id = %(creditor_id)s AND a.external_id = r.external_id
JOIN debtors d ON d.id = a.debtor_id
WHERE d.external_id <> r.debtor_external_id;

-- name: refuse_other_currencies
-- An account of the book that is kept in another currency.
INSERT INTO staged_refusals (line_no, field, code, detail)
SELECT r.line_no, 'account.currency', 'currency_changed',
       jsonb_build_object('expected', a.currency, 'found', r.currency)
FROM staged_rows r
JOIN accounts a ON a.creditor_id = %(creditor_id)s AND a.external_id = r.external_id
WHERE a.currency <> r.currency;

-- name: refuse_older_versions
-- A row older than the one applied before, by its day or its version, or another row under the same version.
INSERT INTO staged_refusals (line_no, field, code, detail)
SELECT r.line_no,
       CASE WHEN r.row_version IS NULL OR r.as_of < a.as_of THEN 'account.as_of'
            ELSE 'account.row_version' END,
       CASE WHEN r.row_version = a.row_version AND r.as_of >= a.as_of THEN 'version_reused' ELSE 'older_version' END,
       jsonb_strip_nulls(jsonb_build_object('version', r.row_version, 'known_version', a.row_version,
                                            'as_of', r.as_of, 'known_as_of', a.as_of))
FROM staged_rows r
JOIN accounts a ON a.creditor_id = %(creditor_id)s AND a.external_id = r.external_id
WHERE r.row_hash IS DISTINCT FROM a.row_hash
  AND (r.as_of < a.as_of OR r.row_version <= a.row_version);

-- name: plan
-- Each row's chunk and verdict. All rows of a debtor are in one chunk; chunks follow from the file alone.
-- The same row again is compared with the ledger all the same where somebody posted since.
WITH sizes AS (
    SELECT debtor_external_id, min(line_no) AS first_line, count(*) AS size
    FROM staged_rows GROUP BY debtor_external_id
), placed AS (
    SELECT debtor_external_id,
           div(sum(size) OVER (ORDER BY first_line) - size, %(rows_per_chunk)s)::integer AS chunk
    FROM sizes
), refused AS (
    SELECT DISTINCT line_no FROM staged_refusals
), copies AS (
    SELECT external_id, min(line_no) AS first_line FROM staged_rows
    GROUP BY external_id HAVING count(*) > 1
), posted_since AS (
    SELECT DISTINCT e.account_id
    FROM entries e JOIN accounts a ON a.id = e.account_id
    JOIN intake_files i ON i.id = a.intake_file_id
    WHERE a.creditor_id = %(creditor_id)s AND e.recorded_at >= i.received_at
      AND e.kind IN ('charge', 'payment', 'waiver', 'reversal')
)
INSERT INTO staged_plan (line_no, chunk, account_id, verdict)
SELECT r.line_no, p.chunk, a.id,
       CASE WHEN f.line_no IS NOT NULL THEN 'rejected'
            WHEN c.first_line < r.line_no THEN 'copy'
            WHEN a.id IS NULL THEN 'new'
            WHEN a.row_hash = r.row_hash AND a.state = r.state
                 AND (w.account_id IS NULL OR r.as_of < a.as_of) THEN 'unchanged'
            ELSE 'changed' END
FROM staged_rows r
JOIN placed p USING (debtor_external_id)
LEFT JOIN accounts a ON a.creditor_id = %(creditor_id)s AND a.external_id = r.external_id
LEFT JOIN refused f USING (line_no)
LEFT JOIN copies c ON c.external_id = r.external_id
LEFT JOIN posted_since w ON w.account_id = a.id
ORDER BY p.chunk, r.line_no;

-- name: index_plan
-- The rows of a chunk are found by its number.
CREATE INDEX IF NOT EXISTS staged_plan_RUN_chunk ON staged_plan_RUN (chunk, line_no);
ANALYZE staged_plan_RUN;

-- name: index_found
-- What the rows are about is found by their line.
CREATE INDEX IF NOT EXISTS staged_found_RUN_line ON staged_found_RUN (line_no);
ANALYZE staged_found_RUN;

-- name: count_verdicts
-- Rows and amounts by verdict and currency.
SELECT CASE p.verdict WHEN 'copy' THEN 'unchanged' ELSE p.verdict END AS verdict, r.currency,
       count(*) AS rows, sum(r.balance_minor)::numeric AS amount_minor
FROM staged_plan p JOIN staged_rows r USING (line_no)
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: count_chunks
-- How many chunks the plan has, and how many rows it writes.
SELECT coalesce(max(chunk) + 1, 0) AS chunks,
       count(*) FILTER (WHERE verdict IN ('new', 'changed')) AS rows FROM staged_plan;

-- name: list_refusals
-- What the checks refused, with the value at fault, in the order of the file.
SELECT f.line_no, r.external_id, f.field, f.code, 'reject' AS severity,
       CASE f.field WHEN 'account.external_id' THEN r.external_id
                    WHEN 'account.currency' THEN r.currency
                    WHEN 'account.row_version' THEN r.row_version::text
                    WHEN 'account.as_of' THEN r.as_of::text
                    WHEN 'debtor.external_id' THEN r.debtor_external_id
                    WHEN 'debtor.kind' THEN r.debtor_kind END AS value,
       f.detail::text AS detail
FROM staged_refusals f JOIN staged_rows r USING (line_no)
ORDER BY f.line_no, f.field, f.code;

-- name: list_differences
-- Where kept holds the truth: what the file says otherwise, by account and component, and how often in all.
WITH compared AS (
    SELECT p.account_id, r.external_id, r.as_of, part.component, part.amount_minor
    FROM staged_plan p
    JOIN staged_rows r USING (line_no)
    JOIN accounts a ON a.id = p.account_id
    JOIN product_terms t ON t.product_id = a.product_id AND t.valid_from <= r.as_of
        AND (t.valid_to IS NULL OR t.valid_to >= r.as_of)
    CROSS JOIN LATERAL unnest(%(components)s::text[], r.balances)
        AS part (component, amount_minor)
    WHERE t.balance_authority = 'kept' AND p.verdict IN ('changed', 'unchanged')
), known AS (
    SELECT c.account_id, c.component,
           sum(CASE WHEN g.to_book = 'receivable' THEN g.amount_minor ELSE -g.amount_minor END)
               AS amount_minor
    FROM compared c
    JOIN postings g ON g.account_id = c.account_id AND g.component = c.component
        AND g.effective_on <= c.as_of AND (g.to_book = 'receivable' OR g.from_book = 'receivable')
    GROUP BY c.account_id, c.component
)
SELECT c.external_id, c.component, c.amount_minor AS file_minor,
       coalesce(k.amount_minor, 0)::bigint AS ledger_minor, count(*) OVER () AS differences
FROM compared c LEFT JOIN known k USING (account_id, component)
WHERE c.amount_minor <> coalesce(k.amount_minor, 0)
ORDER BY c.external_id, c.component LIMIT 1000;
