-- Applying a chunk of a file's staged rows to the book, in sets and in one transaction.
-- A chunk holds all rows of its debtors; its temporary tables (chunk_*) go with the transaction.

-- name: pick_rows
-- The rows of one chunk that write something, each with its account's number.
CREATE TEMPORARY TABLE chunk_rows ON COMMIT DROP AS
SELECT r.*, p.account_id IS NULL AS fresh,
       coalesce(p.account_id, nextval('accounts_id_seq')) AS account_id
FROM staged_plan p JOIN staged_rows r USING (line_no)
WHERE p.chunk = %(chunk)s AND p.verdict IN ('new', 'changed')
ORDER BY r.line_no;
ANALYZE chunk_rows;

-- name: lock_persons
-- One writer of persons at a time, so that two files never make one person twice.
SELECT pg_advisory_xact_lock(1885697647, 0);

-- name: pick_debtors
-- One row for each debtor; of several rows the newest speaks for them, whatever their order in the file.
CREATE TEMPORARY TABLE chunk_debtors ON COMMIT DROP AS
SELECT n.*, d.id IS NULL AS fresh, coalesce(d.id, nextval('debtors_id_seq')) AS debtor_id,
       d.person_id AS known_person_id,
       CASE WHEN d.id IS NULL THEN '{}'::text[] ELSE array_remove(ARRAY[
           CASE WHEN d.country <> n.country AND n.country <> '' THEN 'country' END,
           CASE WHEN d.language <> n.language AND n.language <> '' THEN 'language' END,
           CASE WHEN d.name <> n.name THEN 'name' END,
           CASE WHEN d.zones::text[] <> n.zones AND n.zones <> '{}' THEN 'zones' END], NULL)
       END AS fields,
       jsonb_build_object('country', d.country, 'language', d.language, 'name', d.name,
                          'zones', d.zones) AS before
FROM (
    SELECT DISTINCT ON (debtor_external_id) debtor_external_id AS external_id,
           debtor_kind AS kind, name, name_key, language, country, zones
    FROM chunk_rows
    -- Said with its table: alone, external_id would be the debtor's number above.
    ORDER BY debtor_external_id, row_version DESC NULLS LAST, as_of DESC, chunk_rows.external_id,
             line_no
) n
LEFT JOIN debtors d ON d.creditor_id = %(creditor_id)s AND d.external_id = n.external_id;
CREATE UNIQUE INDEX ON chunk_debtors (external_id);
ANALYZE chunk_debtors;

-- name: pick_keys
-- The identity numbers of the chunk's debtors and related persons, each with the person it belongs to.
CREATE TEMPORARY TABLE chunk_keys ON COMMIT DROP AS
WITH named AS (
    SELECT r.identity_kind AS kind, r.identity_country AS country, r.identity_hash AS value_hash,
           r.identity_cipher AS value_cipher, r.identity_masked AS masked,
           d.kind AS person_kind, d.external_id AS owner, d.known_person_id
    FROM chunk_rows r JOIN chunk_debtors d ON d.external_id = r.debtor_external_id
    WHERE r.identity_hash IS NOT NULL
    UNION ALL
    SELECT s.identity_kind, s.identity_country, s.identity_hash, s.identity_cipher,
           s.identity_masked,
           CASE s.identity_kind WHEN 'company_number' THEN 'company' ELSE 'person' END, NULL, NULL
    FROM staged_related s JOIN chunk_rows r USING (line_no)
    WHERE s.identity_hash IS NOT NULL
), keys AS (
    SELECT DISTINCT ON (value_hash, kind, country) * FROM named
    ORDER BY value_hash, kind, country, known_person_id NULLS LAST, owner NULLS LAST
), resolved AS (
    SELECT n.*, k.id IS NULL AS fresh, coalesce(k.person_id, n.known_person_id) AS found_id,
           coalesce('D' || n.owner, 'K' || encode(n.value_hash, 'hex')) AS party
    FROM keys n LEFT JOIN identity_keys k USING (value_hash, kind, country)
), made AS (
    SELECT party, nextval('persons_id_seq') AS made_id
    FROM (SELECT DISTINCT party FROM resolved WHERE found_id IS NULL) AS parties
)
SELECT r.kind, r.country, r.value_hash, r.value_cipher, r.masked, r.person_kind, r.fresh,
       coalesce(r.found_id, m.made_id) AS person_id, r.found_id IS NULL AS makes_person
FROM resolved r LEFT JOIN made m ON m.party = r.party AND r.found_id IS NULL;
ANALYZE chunk_keys;

-- name: find_persons
-- The person of each debtor: by an identity number, else the one known before, else a new one.
CREATE TEMPORARY TABLE chunk_persons ON COMMIT DROP AS
SELECT d.debtor_id,
       CASE WHEN d.fresh THEN coalesce(k.person_id, nextval('persons_id_seq'))
            WHEN k.person_id <> d.known_person_id AND NOT EXISTS (
                SELECT 1 FROM identity_keys own WHERE own.person_id = d.known_person_id)
            THEN k.person_id
            ELSE d.known_person_id END AS person_id,
       d.fresh AND k.person_id IS NULL AS makes_person, d.kind
FROM chunk_debtors d
LEFT JOIN (
    SELECT r.debtor_external_id, min(k.person_id) AS person_id
    FROM chunk_rows r
    JOIN chunk_keys k ON k.value_hash = r.identity_hash AND k.kind = r.identity_kind
        AND k.country = r.identity_country
    GROUP BY r.debtor_external_id
) k ON k.debtor_external_id = d.external_id;

-- name: write_persons
-- New persons: those of new identity numbers, and those of debtors without one.
INSERT INTO persons (id, kind)
SELECT DISTINCT ON (person_id) person_id, person_kind FROM chunk_keys WHERE makes_person
UNION ALL
SELECT person_id, kind FROM chunk_persons WHERE makes_person;

-- name: write_keys
-- Identity numbers that nobody had.
INSERT INTO identity_keys (person_id, kind, country, value_hash, value_cipher, masked)
SELECT person_id, kind, country, value_hash, value_cipher, masked FROM chunk_keys WHERE fresh;

-- name: write_debtors
-- New debtors.
INSERT INTO debtors (id, creditor_id, person_id, external_id, kind, name, name_key, language,
                     country, zones, created_at)
SELECT d.debtor_id, %(creditor_id)s, p.person_id, d.external_id, d.kind, d.name, d.name_key,
       d.language, d.country, d.zones, %(now)s
FROM chunk_debtors d JOIN chunk_persons p USING (debtor_id)
WHERE d.fresh;

-- name: change_debtors
-- Debtors of whom the file says something new; what it leaves out stays.
UPDATE debtors d SET
    person_id = p.person_id, name = n.name, name_key = n.name_key,
    language = coalesce(nullif(n.language, ''), d.language),
    country = coalesce(nullif(n.country, ''), d.country),
    zones = CASE WHEN n.zones = '{}' THEN d.zones::text[] ELSE n.zones END
FROM chunk_debtors n JOIN chunk_persons p USING (debtor_id)
WHERE d.id = n.debtor_id AND NOT n.fresh
  AND (n.fields <> '{}' OR p.person_id <> n.known_person_id);

-- name: pick_related
-- Related persons of the chunk's rows, each with the number of its row in the book.
CREATE TEMPORARY TABLE chunk_related ON COMMIT DROP AS
WITH named AS (
    SELECT s.line_no, s.index, d.debtor_id, s.relation, s.name, s.name_key, s.language,
           k.person_id
    FROM staged_related s
    JOIN chunk_rows r USING (line_no)
    JOIN chunk_debtors d ON d.external_id = r.debtor_external_id
    LEFT JOIN chunk_keys k ON k.value_hash = s.identity_hash AND k.kind = s.identity_kind
        AND k.country = s.identity_country
), numbered AS (
    SELECT n.debtor_id, n.relation, n.name_key, known.id IS NULL AS fresh,
           coalesce(known.id, nextval('related_persons_id_seq')) AS related_id,
           known.person_id AS known_person_id
    FROM (SELECT DISTINCT debtor_id, relation, name_key FROM named) n
    LEFT JOIN related_persons known USING (debtor_id, relation, name_key)
)
SELECT n.*, b.related_id, b.fresh, b.known_person_id,
       row_number() OVER (PARTITION BY b.related_id
                          ORDER BY n.person_id IS NULL, n.name, n.language DESC, n.line_no, n.index) = 1 AS speaks
FROM named n JOIN numbered b USING (debtor_id, relation, name_key);
CREATE INDEX ON chunk_related (line_no, index);
ANALYZE chunk_related;

-- name: write_related
-- New related persons.
INSERT INTO related_persons (id, debtor_id, person_id, relation, name, name_key, language,
                             created_at)
SELECT related_id, debtor_id, person_id, relation, name, name_key, language, %(now)s
FROM chunk_related WHERE fresh AND speaks;

-- name: change_related
-- Related persons whose identity or language became known.
UPDATE related_persons b SET
    person_id = coalesce(b.person_id, n.person_id),
    language = coalesce(nullif(n.language, ''), b.language)
FROM chunk_related n
WHERE b.id = n.related_id AND NOT n.fresh AND n.speaks
  AND ((b.person_id IS NULL AND n.person_id IS NOT NULL)
       OR (n.language <> '' AND n.language <> b.language));

-- name: pick_contacts
-- Contact points of the chunk's rows, each once; a withdrawn consent outweighs a given one.
CREATE TEMPORARY TABLE chunk_contacts ON COMMIT DROP AS
SELECT DISTINCT ON (debtor_id, kind, value_hash, related_id)
       debtor_id, fresh, related_id, kind, usage, value_hash, value_cipher, masked, country,
       validity, consent, source, position
FROM (
    SELECT c.*, d.debtor_id, d.fresh, NULL::bigint AS related_id
    FROM staged_contacts c
    JOIN chunk_rows r USING (line_no)
    JOIN chunk_debtors d ON d.external_id = r.debtor_external_id
    WHERE c.related_index IS NULL
    UNION ALL
    SELECT c.*, b.debtor_id, b.fresh, b.related_id
    FROM staged_contacts c JOIN chunk_related b ON b.line_no = c.line_no
        AND b.index = c.related_index
) c
ORDER BY debtor_id, kind, value_hash, related_id, consent = 'withdrawn' DESC,
         consent = 'given' DESC, position, usage, validity, source, line_no;

-- name: write_first_contacts
-- Contact points of owners who had none: nothing to compare with.
INSERT INTO contact_points (debtor_id, related_person_id, kind, usage, value_hash, value_cipher,
                            masked, country, validity, consent, source, position, created_at)
SELECT debtor_id, related_id, kind, usage, value_hash, value_cipher, masked, country, validity,
       consent, source, position, %(now)s
FROM chunk_contacts WHERE fresh;

-- name: match_contacts
-- Contact points of owners known before, beside those they have.
CREATE TEMPORARY TABLE chunk_matched ON COMMIT DROP AS
SELECT c.*, k.id AS known_id, nullif(
           (k.consent <> 'withdrawn' AND c.consent <> 'unknown' AND c.consent <> k.consent)
           OR (c.validity <> 'unknown' AND c.validity <> k.validity)
           OR (c.usage <> '' AND c.usage <> k.usage), false) AS differs
FROM chunk_contacts c
LEFT JOIN contact_points k ON k.debtor_id = c.debtor_id AND k.kind = c.kind
    AND k.value_hash = c.value_hash AND k.related_person_id IS NOT DISTINCT FROM c.related_id
WHERE NOT c.fresh;

-- name: write_more_contacts
-- Contact points that an owner did not have yet; those that left the file stay in the book.
INSERT INTO contact_points (debtor_id, related_person_id, kind, usage, value_hash, value_cipher,
                            masked, country, validity, consent, source, position, created_at)
SELECT debtor_id, related_id, kind, usage, value_hash, value_cipher, masked, country, validity,
       consent, source, position, %(now)s
FROM chunk_matched WHERE known_id IS NULL;

-- name: change_contacts
-- What the file says anew of a contact point; a consent once withdrawn is not given back by a file.
UPDATE contact_points k SET
    consent = CASE WHEN k.consent = 'withdrawn' OR c.consent = 'unknown' THEN k.consent
                   ELSE c.consent END,
    validity = CASE WHEN c.validity = 'unknown' THEN k.validity ELSE c.validity END,
    usage = CASE WHEN c.usage = '' THEN k.usage ELSE c.usage END
FROM chunk_matched c WHERE k.id = c.known_id AND c.differs;

-- name: pick_accounts
-- The chunk's accounts with what each was before.
CREATE TEMPORARY TABLE chunk_accounts ON COMMIT DROP AS
SELECT r.account_id, d.debtor_id, r.fresh, r.state, a.state AS state_before, r.balance_minor,
       r.line_no,
       CASE WHEN r.fresh THEN '{}'::text[] ELSE array_remove(ARRAY[
           CASE WHEN r.opened_on <> a.opened_on OR (r.opened_on IS NOT NULL AND a.opened_on IS NULL)
                THEN 'opened_on' END,
           CASE WHEN r.original_amount_minor <> a.original_amount_minor
                     OR (r.original_amount_minor IS NOT NULL AND a.original_amount_minor IS NULL)
                THEN 'original_amount' END,
           CASE WHEN r.product_id <> a.product_id THEN 'product' END,
           CASE WHEN r.state <> a.state THEN 'state' END], NULL) END AS fields
FROM chunk_rows r
JOIN chunk_debtors d ON d.external_id = r.debtor_external_id
LEFT JOIN accounts a ON a.id = r.account_id AND NOT r.fresh;
CREATE UNIQUE INDEX ON chunk_accounts (account_id);
ANALYZE chunk_accounts;

-- name: write_accounts
-- New accounts.
INSERT INTO accounts (id, creditor_id, product_id, debtor_id, external_id, currency, opened_on,
                      original_amount_minor, state, state_since, row_version, row_hash, as_of,
                      intake_file_id, created_at)
SELECT r.account_id, %(creditor_id)s, r.product_id, n.debtor_id, r.external_id, r.currency,
       r.opened_on, r.original_amount_minor, r.state, r.as_of, r.row_version, r.row_hash, r.as_of,
       %(intake_file_id)s, %(now)s
FROM chunk_rows r JOIN chunk_accounts n USING (account_id)
WHERE r.fresh ORDER BY r.line_no;

-- name: change_accounts
-- Accounts of which the file says something new; what it leaves out stays.
UPDATE accounts a SET
    product_id = r.product_id,
    opened_on = coalesce(r.opened_on, a.opened_on),
    original_amount_minor = coalesce(r.original_amount_minor, a.original_amount_minor),
    state = r.state,
    state_since = CASE WHEN a.state = r.state THEN a.state_since
                       ELSE greatest(r.as_of, a.state_since) END,
    row_version = coalesce(r.row_version, a.row_version), row_hash = r.row_hash,
    as_of = greatest(r.as_of, a.as_of), intake_file_id = %(intake_file_id)s
FROM chunk_rows r WHERE a.id = r.account_id AND NOT r.fresh;

-- name: confirm_accounts
-- Accounts whose row is unchanged: their figures now hold as of the file's later day.
UPDATE accounts a SET as_of = r.as_of
FROM staged_plan p JOIN staged_rows r USING (line_no)
WHERE p.chunk = %(chunk)s AND p.verdict = 'unchanged' AND a.id = p.account_id
  AND a.as_of < r.as_of;

-- name: list_holds
-- The empty list of the holds that this chunk places, for its events.
CREATE TEMPORARY TABLE chunk_holds (debtor_id bigint NOT NULL, reason text NOT NULL)
ON COMMIT DROP;

-- name: place_holds
-- Holds that rows ask for and that do not stand yet: on the debtor or on the account, by reason.
WITH placed AS (
    INSERT INTO holds (debtor_id, account_id, reason, effects, placed_at, placed_by, note,
                       released_by, release_reason)
    SELECT DISTINCT a.debtor_id, asked.account_id, asked.reason, %(effects)s::text[],
           %(now)s::timestamptz, %(actor)s, '', '', ''
    FROM chunk_rows r
    JOIN chunk_accounts a USING (account_id)
    CROSS JOIN LATERAL (
        SELECT reason, CASE WHEN reason = ANY (%(reasons_on_account)s) THEN a.account_id END
            AS account_id
        FROM unnest(r.hold_reasons) AS reason
    ) asked
    WHERE NOT EXISTS (
        SELECT 1 FROM holds h WHERE h.debtor_id = a.debtor_id AND h.reason = asked.reason
          AND h.released_at IS NULL AND h.account_id IS NOT DISTINCT FROM asked.account_id)
    RETURNING debtor_id, reason
)
INSERT INTO chunk_holds SELECT debtor_id, reason FROM placed;

-- name: release_returned
-- Accounts that were missing and came back: their hold for missing data ends.
UPDATE holds h SET released_at = %(now)s, released_by = %(actor)s,
    release_reason = 'back in the creditor''s file'
FROM chunk_accounts a
WHERE a.state_before = 'missing' AND h.account_id = a.account_id AND h.debtor_id = a.debtor_id
  AND h.reason = 'missing_data' AND h.released_at IS NULL;

-- name: fill_snapshots
-- The figures of the chunk's rows, for the ledger.
INSERT INTO snapshots (account_id, as_of, due_on, next_due_on, overdue_minor, fresh)
SELECT account_id, as_of, due_on, next_due_on, overdue_minor, fresh FROM chunk_rows;
INSERT INTO snapshot_balances (account_id, component, amount_minor)
SELECT r.account_id, part.component, part.amount_minor
FROM chunk_rows r
CROSS JOIN LATERAL unnest(%(components)s::text[], r.balances) AS part (component, amount_minor)
WHERE part.amount_minor <> 0 OR NOT r.fresh;
ANALYZE snapshots;
ANALYZE snapshot_balances;

-- name: list_grown_tables
-- Tables that have grown by half since the planner last looked at them, or that it never saw.
SELECT relname AS name FROM pg_class
WHERE relnamespace = current_schema()::regnamespace
  AND relname IN ('persons', 'identity_keys', 'debtors', 'related_persons', 'contact_points',
                  'accounts', 'entries', 'postings', 'cases', 'case_accounts', 'holds',
                  'event_heads')
  AND pg_relation_size(oid) > 8192::bigint * 3 / 2 * greatest(relpages, 1)
ORDER BY relname;

-- name: touch_accounts
-- The accounts whose cases have to be settled.
CREATE TEMPORARY TABLE touched_accounts (account_id bigint PRIMARY KEY) ON COMMIT DROP;
INSERT INTO touched_accounts SELECT account_id FROM chunk_accounts;
ANALYZE touched_accounts;

-- name: pick_missing
-- Accounts of a full file's creditor that the file does not name, and that its product stops for.
CREATE TEMPORARY TABLE chunk_accounts ON COMMIT DROP AS
SELECT a.id AS account_id, a.debtor_id, false AS fresh, 'missing'::text AS state,
       a.state AS state_before, NULL::bigint AS balance_minor, 0::bigint AS line_no,
       ARRAY['state'] AS fields
FROM accounts a
JOIN (
    SELECT a.id FROM accounts a
    WHERE a.creditor_id = %(creditor_id)s AND a.state = 'active'
      AND (a.as_of IS NULL OR a.as_of <= %(as_of)s)
      AND EXISTS (SELECT 1 FROM product_terms t WHERE t.product_id = a.product_id
                  AND t.missing_from_feed = 'stop_and_ask' AND t.valid_from <= %(as_of)s
                  AND (t.valid_to IS NULL OR t.valid_to >= %(as_of)s))
      AND NOT EXISTS (SELECT 1 FROM staged_rows r WHERE r.external_id = a.external_id)
      AND NOT EXISTS (SELECT 1 FROM intake_rejects j WHERE j.intake_file_id = %(intake_file_id)s
                      AND j.external_id = a.external_id)
    ORDER BY a.id LIMIT %(rows_per_chunk)s
) absent USING (id);
CREATE UNIQUE INDEX ON chunk_accounts (account_id);
ANALYZE chunk_accounts;

-- name: count_missing
-- How many accounts of the creditor a full file does not name, by what their product does then.
SELECT t.missing_from_feed AS rule, count(*) AS accounts
FROM accounts a
JOIN product_terms t ON t.product_id = a.product_id AND t.valid_from <= %(as_of)s
    AND (t.valid_to IS NULL OR t.valid_to >= %(as_of)s)
WHERE a.creditor_id = %(creditor_id)s AND a.state = 'active'
  AND (a.as_of IS NULL OR a.as_of <= %(as_of)s)
  AND NOT EXISTS (SELECT 1 FROM staged_rows r WHERE r.external_id = a.external_id)
  AND NOT EXISTS (SELECT 1 FROM intake_rejects j WHERE j.intake_file_id = %(intake_file_id)s
                  AND j.external_id = a.external_id)
GROUP BY 1 ORDER BY 1;

-- name: mark_missing
-- They are missing from the file's day on.
UPDATE accounts a SET state = 'missing', state_since = greatest(%(as_of)s, a.state_since)
FROM chunk_accounts n WHERE a.id = n.account_id;

-- name: hold_missing
-- No contact and no treatment until a person has looked or the account comes back.
WITH placed AS (
    INSERT INTO holds (debtor_id, account_id, reason, effects, placed_at, placed_by, note,
                       released_by, release_reason)
    SELECT n.debtor_id, n.account_id, 'missing_data', ARRAY['contact', 'treatment'],
           %(now)s::timestamptz, %(actor)s, 'missing from the creditor''s full file', '', ''
    FROM chunk_accounts n
    WHERE NOT EXISTS (SELECT 1 FROM holds h WHERE h.account_id = n.account_id
                      AND h.debtor_id = n.debtor_id AND h.reason = 'missing_data'
                      AND h.released_at IS NULL)
    RETURNING debtor_id, reason
)
INSERT INTO chunk_holds SELECT debtor_id, reason FROM placed;

-- name: tell_of_debtors
-- What changed for each debtor beside the accounts, as the pieces of an event's body.
CREATE TEMPORARY TABLE chunk_told ON COMMIT DROP AS
SELECT d.debtor_id,
       coalesce(',"contact_points":' || nullif(c.added, 0), '')
       || coalesce(',"contact_points_changed":' || nullif(c.changed, 0), '')
       || CASE WHEN d.fresh THEN ',"debtor":"added"'
               WHEN d.fields <> '{}'
               THEN ',"debtor":"changed","debtor_fields":["' || array_to_string(d.fields, '","') || '"]'
               ELSE '' END AS before_holds,
       coalesce(',"related_persons":' || nullif(b.added, 0), '') AS after_file
FROM chunk_debtors d
LEFT JOIN (
    SELECT debtor_id, count(*) FILTER (WHERE added) AS added,
           count(*) FILTER (WHERE NOT added) AS changed
    FROM (SELECT debtor_id, true AS added FROM chunk_contacts WHERE fresh
          UNION ALL
          SELECT debtor_id, known_id IS NULL FROM chunk_matched
          WHERE known_id IS NULL OR differs) AS each
    GROUP BY debtor_id
) c USING (debtor_id)
LEFT JOIN (
    SELECT debtor_id, count(*) AS added FROM chunk_related WHERE fresh AND speaks
    GROUP BY debtor_id
) b USING (debtor_id);

-- name: tell_of_no_debtors
-- The same table, empty: nothing but accounts changed.
CREATE TEMPORARY TABLE chunk_told (debtor_id bigint, before_holds text, after_file text)
ON COMMIT DROP;

-- name: prepare_events
-- One event for each case, and one for each debtor with touched accounts in no case.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
WITH placed AS (
    SELECT a.*, coalesce(stay.case_id, gone.case_id) AS case_id
    FROM chunk_accounts a
    LEFT JOIN case_accounts stay ON stay.account_id = a.account_id AND stay.left_on IS NULL
    LEFT JOIN (SELECT account_id, max(case_id) AS case_id FROM case_changes
               WHERE change = 'left' GROUP BY account_id) gone ON gone.account_id = a.account_id
), changes AS (
    SELECT k.case_id, c.debtor_id,
           ',"case":[' || string_agg(
               '{' || coalesce('"account":' || k.account_id || ',', '') || '"change":"' || k.change
               || '"' || coalesce(',"reason":"' || k.reason || '"', '') || '}', ','
               ORDER BY k.change, k.account_id) || ']' AS told
    FROM case_changes k JOIN cases c ON c.id = k.case_id
    GROUP BY k.case_id, c.debtor_id
), chains AS (
    SELECT case_id, debtor_id,
           string_agg('{"account":' || account_id
               || coalesce(',"balance_minor":' || balance_minor, '')
               || ',"change":"' || CASE WHEN fresh THEN 'added' ELSE 'changed' END || '"'
               || CASE WHEN fields = '{}' THEN ''
                       ELSE ',"fields":["' || array_to_string(fields, '","') || '"]' END
               || ',"state":"' || state || '"'
               || CASE WHEN state_before <> state
                       THEN ',"state_before":"' || state_before || '"' ELSE '' END
               || '}', ',' ORDER BY account_id) AS accounts
    FROM placed GROUP BY case_id, debtor_id
), joined AS (
    SELECT coalesce(n.case_id, k.case_id) AS case_id, coalesce(n.debtor_id, k.debtor_id) AS debtor_id,
           coalesce(n.accounts, '') AS accounts, coalesce(k.told, '') AS told
    FROM chains n FULL JOIN changes k ON k.case_id = n.case_id
), first AS (
    SELECT *, row_number() OVER (PARTITION BY debtor_id ORDER BY case_id DESC NULLS LAST) = 1
           AS tells_of_debtor
    FROM joined
), held AS (
    SELECT debtor_id, ',"holds":["' || string_agg(DISTINCT reason, '","' ORDER BY reason) || '"]'
           AS told
    FROM chunk_holds
    GROUP BY debtor_id
)
SELECT CASE WHEN f.case_id IS NULL THEN 'debtor' ELSE 'case' END AS chain_kind,
       coalesce(f.case_id, f.debtor_id) AS chain_id, %(action)s AS action,
       CASE WHEN f.tells_of_debtor THEN f.debtor_id END AS tells_of_debtor_id,
       CASE WHEN f.case_id IS NULL THEN 'debtor:' || f.debtor_id ELSE 'case:' || f.case_id END
           AS subject,
       '{"accounts":[' || f.accounts || ']' || f.told
       || CASE WHEN f.tells_of_debtor
               THEN coalesce(t.before_holds, '') || coalesce(h.told, '') ELSE '' END
       || ',"intake_file":' || %(intake_file_id)s
       || CASE WHEN f.tells_of_debtor THEN coalesce(t.after_file, '') ELSE '' END || '}' AS body
FROM first f
LEFT JOIN chunk_told t USING (debtor_id)
LEFT JOIN held h USING (debtor_id);

-- name: list_changed_debtors
-- What was said of each changed debtor before and is said now, with the chain that tells of it.
SELECT n.chain_kind, n.chain_id, d.debtor_id, d.fields, d.before,
       jsonb_build_object('country', d.country, 'language', d.language, 'name', d.name,
                          'zones', d.zones) AS after
FROM chunk_debtors d JOIN new_events n ON n.tells_of_debtor_id = d.debtor_id
WHERE d.fields <> '{}';
