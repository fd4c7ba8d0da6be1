-- Erasing persons as one creditor knows them: what bars it, and what is taken from which table.
-- The temporary tables erased_debtors, erased_related and erased_requests say whom and what; they go
-- with the transaction.

-- name: pick_persons
-- The debtors that these pairs of person and creditor are, and where else each is named as a related person.
CREATE TEMPORARY TABLE erased_debtors ON COMMIT DROP AS
SELECT d.id AS debtor_id, d.person_id, d.creditor_id
FROM unnest(%(person_ids)s::bigint[], %(creditor_ids)s::bigint[]) AS w (person_id, creditor_id)
JOIN debtors d USING (person_id, creditor_id)
WHERE d.erased_at IS NULL;
CREATE TEMPORARY TABLE erased_related ON COMMIT DROP AS
SELECT r.id AS related_person_id, r.debtor_id, r.person_id, d.creditor_id
FROM unnest(%(person_ids)s::bigint[], %(creditor_ids)s::bigint[]) AS w (person_id, creditor_id)
JOIN related_persons r USING (person_id)
JOIN debtors d ON d.id = r.debtor_id AND d.creditor_id = w.creditor_id;

-- name: lock_persons
-- The rows that decide, held until the transaction ends, in the order of ids.
SELECT id FROM debtors
WHERE id IN (SELECT debtor_id FROM erased_debtors UNION SELECT debtor_id FROM erased_related)
ORDER BY id FOR NO KEY UPDATE;

-- name: facts
-- One row for each person and creditor picked: what the duties ask for, over every file of a debtor that names the person.
WITH named AS (
    SELECT person_id, creditor_id, debtor_id FROM erased_debtors
    UNION SELECT person_id, creditor_id, debtor_id FROM erased_related
), cased AS (
    SELECT n.person_id, n.creditor_id,
           count(*) FILTER (WHERE c.closed_on IS NULL) AS open_cases, max(c.closed_on) AS closed_on,
           max((SELECT max(a.started_at) FROM attempts a WHERE a.case_id = c.id)) AS attempted_at,
           max((SELECT max(t.closed_at) FROM tasks t WHERE t.case_id = c.id)) AS worked_at
    FROM named n JOIN cases c ON c.debtor_id = n.debtor_id GROUP BY 1, 2
), booked AS (
    SELECT n.person_id, n.creditor_id,
           count(*) FILTER (WHERE a.state IN ('active', 'missing')) AS open_accounts,
           max(a.state_since) AS state_since, max(a.as_of) AS as_of,
           max((SELECT max(p.effective_on) FROM postings p WHERE p.account_id = a.id))
               AS posted_on
    FROM named n JOIN accounts a ON a.debtor_id = n.debtor_id GROUP BY 1, 2
), held AS (
    SELECT n.person_id, n.creditor_id, array_agg(h.until) AS until
    FROM named n JOIN holds h ON h.debtor_id = n.debtor_id
    WHERE h.released_at IS NULL AND h.reason IN ('legal', 'disputed', 'complaint', 'fraud')
    GROUP BY 1, 2
), contested AS (
    SELECT n.person_id, n.creditor_id, count(*) AS open_ones
    FROM named n
    JOIN (SELECT debtor_id FROM disputes WHERE ended_at IS NULL
          UNION ALL SELECT debtor_id FROM complaints WHERE ended_at IS NULL) o USING (debtor_id)
    GROUP BY 1, 2
), recorded AS (
    SELECT n.person_id, n.creditor_id, max(greatest(r.recorded_at, r.ended_at)) AS recorded_at
    FROM named n
    JOIN (SELECT debtor_id, recorded_at, ended_at FROM consents
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM stops
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM representations
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM circumstances
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM hardships
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM household_figures
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM vulnerabilities
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM disputes
          UNION ALL SELECT debtor_id, recorded_at, ended_at FROM complaints) r USING (debtor_id)
    GROUP BY 1, 2
), known AS (
    SELECT n.person_id, n.creditor_id, max(d.created_at) AS created_at,
           array_agg(DISTINCT d.country) AS countries
    FROM named n JOIN debtors d ON d.id = n.debtor_id GROUP BY 1, 2
)
SELECT k.person_id, k.creditor_id, cr.code AS creditor_code, cr.country AS creditor_country,
       k.countries,
       coalesce(c.open_cases, 0) AS open_cases, coalesce(b.open_accounts, 0) AS open_accounts,
       -- An open dispute or complaint keeps the record as a legal hold without an end does.
       coalesce(h.until, '{}')
           || CASE WHEN o.open_ones > 0 THEN ARRAY[NULL]::date[] ELSE '{}' END AS holds,
       greatest(c.closed_on, b.state_since, b.as_of, b.posted_on,
                (greatest(c.attempted_at, c.worked_at, k.created_at, w.recorded_at) AT TIME ZONE cr.zone)::date)
           AS last_activity,
       b.as_of AS last_as_of,
       ARRAY(SELECT DISTINCT l.type FROM engagements e JOIN legal_entities l
             ON l.id = e.legal_entity_id WHERE e.creditor_id = k.creditor_id) AS entities
FROM known k
JOIN creditors cr ON cr.id = k.creditor_id
LEFT JOIN cased c USING (person_id, creditor_id)
LEFT JOIN booked b USING (person_id, creditor_id)
LEFT JOIN held h USING (person_id, creditor_id)
LEFT JOIN contested o USING (person_id, creditor_id)
LEFT JOIN recorded w USING (person_id, creditor_id)
ORDER BY 1, 2;

-- name: list_candidates
-- Persons with nothing open at a creditor and nothing new since a day, after a place in their order.
SELECT d.person_id, d.creditor_id
FROM debtors d
WHERE d.erased_at IS NULL AND d.creditor_id = ANY (%(creditor_ids)s)
  AND (d.person_id, d.creditor_id) > (%(after_person)s, %(after_creditor)s)
  AND d.created_at < %(before)s
  AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.debtor_id = d.id
                  AND (c.closed_on IS NULL OR c.closed_on >= %(before)s::timestamptz::date))
  AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.debtor_id = d.id
                  AND (a.state IN ('active', 'missing')
                       OR a.state_since >= %(before)s::timestamptz::date))
GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %(limit)s;

-- name: list_files
-- Received files, still stored, that may name the persons picked: those applied in their time, and those never applied.
SELECT f.id, f.received_at, f.state, f.stored_path, f.file_id
FROM intake_files f
WHERE f.creditor_id = %(creditor_id)s AND f.stored_path <> ''
  AND (f.state NOT IN ('applied', 'acknowledged')
       OR (f.file_type = 'accounts' AND f.as_of <= coalesce(%(last_as_of)s::date, 'infinity'))
       OR (f.file_type <> 'accounts' AND f.received_at <= (
            SELECT max(g.received_at) FROM loaded_rows l JOIN intake_files g ON g.id = l.intake_file_id
            WHERE l.debtor_id IN (SELECT debtor_id FROM erased_debtors)
               OR l.related_person_id IN (SELECT related_person_id FROM erased_related))))
ORDER BY f.received_at;

-- name: take_from_attempts
-- Attempts forget by which contact point; they stay, with day, channel and outcome.
UPDATE attempts SET contact_point_id = NULL, related_person_id = NULL
WHERE contact_point_id IN (
    SELECT c.id FROM contact_points c
    WHERE c.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR c.related_person_id IN (SELECT related_person_id FROM erased_related))
   OR related_person_id IN (
    SELECT r.id FROM related_persons r
    WHERE r.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR r.id IN (SELECT related_person_id FROM erased_related));

-- name: take_from_permits
-- Permits forget whom they reached and by which contact point; those not used cannot be any more.
UPDATE permits t SET contact_point_id = NULL, related_person_id = NULL,
    state = CASE WHEN t.state = 'reserved' THEN 'released' ELSE t.state END,
    ended_at = CASE WHEN t.state = 'reserved' THEN %(now)s ELSE t.ended_at END
WHERE t.debtor_id IN (SELECT debtor_id FROM erased_debtors)
   OR t.related_person_id IN (SELECT related_person_id FROM erased_related)
   OR t.contact_point_id IN (
        SELECT c.id FROM contact_points c
        WHERE c.related_person_id IN (SELECT related_person_id FROM erased_related));

-- name: take_from_releases
-- Released presumptions forget whom they were for.
UPDATE presumption_releases SET related_person_id = NULL
WHERE case_id IN (SELECT c.id FROM cases c JOIN erased_debtors USING (debtor_id))
   OR related_person_id IN (SELECT related_person_id FROM erased_related);

-- name: take_from_reviews
-- Reviews of contacts forget whom they were about.
UPDATE contact_reviews SET related_person_id = NULL
WHERE case_id IN (SELECT c.id FROM cases c JOIN erased_debtors USING (debtor_id))
   OR related_person_id IN (SELECT related_person_id FROM erased_related);

-- name: take_from_refusals
-- Refused contacts forget whom they were for.
UPDATE permit_refusals SET related_person_id = NULL
WHERE case_id IN (SELECT c.id FROM cases c JOIN erased_debtors USING (debtor_id))
   OR related_person_id IN (SELECT related_person_id FROM erased_related);

-- name: take_ready_hashes
-- Hashes that a key rotation has made ready for what goes.
DELETE FROM rotated_hashes r
WHERE (r.of_table = 'contact_points' AND r.row_id IN (
        SELECT c.id FROM contact_points c
        WHERE c.debtor_id IN (SELECT debtor_id FROM erased_debtors)
           OR c.related_person_id IN (SELECT related_person_id FROM erased_related)))
   OR (r.of_table = 'identity_keys' AND r.row_id IN (
        SELECT k.id FROM identity_keys k JOIN erased_debtors USING (person_id)));

-- name: take_person_records
-- What they said and what was recorded of them. Of somebody whom another creditor still knows, stops of whole channels and a death stay, without a word: they hold for the person.
UPDATE stops s SET sealed = NULL, key_id = NULL
WHERE s.debtor_id IN (SELECT debtor_id FROM erased_debtors)
   OR s.related_person_id IN (SELECT related_person_id FROM erased_related);
UPDATE circumstances c SET sealed = NULL, key_id = NULL
WHERE c.debtor_id IN (SELECT debtor_id FROM erased_debtors)
   OR c.related_person_id IN (SELECT related_person_id FROM erased_related);
DELETE FROM consents x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related)
       OR x.contact_point_id IN (
            SELECT c.id FROM contact_points c
            WHERE c.related_person_id IN (SELECT related_person_id FROM erased_related)));
DELETE FROM stops x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related)
       OR x.contact_point_id IN (
            SELECT c.id FROM contact_points c
            WHERE c.related_person_id IN (SELECT related_person_id FROM erased_related)))
  AND NOT (x.related_person_id IS NULL AND x.contact_point_id IS NULL AND x.ended_at IS NULL AND EXISTS (
        SELECT 1 FROM erased_debtors e JOIN debtors d ON d.person_id = e.person_id
        WHERE e.debtor_id = x.debtor_id AND d.erased_at IS NULL
          AND d.id NOT IN (SELECT debtor_id FROM erased_debtors)));
DELETE FROM representations x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related));
DELETE FROM circumstances x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related))
  AND NOT (x.related_person_id IS NULL AND x.ended_at IS NULL AND x.kind IN ('death', 'incapacity', 'minor', 'bankruptcy') AND EXISTS (
        SELECT 1 FROM erased_debtors e JOIN debtors d ON d.person_id = e.person_id
        WHERE e.debtor_id = x.debtor_id AND d.erased_at IS NULL
          AND d.id NOT IN (SELECT debtor_id FROM erased_debtors)));
UPDATE plans p SET hardship_id = NULL, household_id = NULL
FROM cases c
WHERE c.id = p.case_id AND c.debtor_id IN (SELECT debtor_id FROM erased_debtors);
DELETE FROM household_figures x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related));
DELETE FROM hardships x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related));
DELETE FROM vulnerabilities x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related));
DELETE FROM disputes x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related));
DELETE FROM complaints x
WHERE (x.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR x.related_person_id IN (SELECT related_person_id FROM erased_related));

-- name: take_from_promises
-- Which related person said a promise, and the number it had elsewhere; the promise stays.
UPDATE promises SET related_person_id = NULL
WHERE related_person_id IN (SELECT id FROM related_persons
                            WHERE debtor_id IN (SELECT debtor_id FROM erased_debtors))
   OR related_person_id IN (SELECT related_person_id FROM erased_related);

-- name: take_contact_points
-- Numbers, addresses and handles of the persons, and of the related persons in their files.
DELETE FROM contact_points
WHERE debtor_id IN (SELECT debtor_id FROM erased_debtors)
   OR related_person_id IN (SELECT related_person_id FROM erased_related);

-- name: take_related_persons
-- Related persons in their files, and they themselves in the files of others.
DELETE FROM related_persons
WHERE debtor_id IN (SELECT debtor_id FROM erased_debtors)
   OR id IN (SELECT related_person_id FROM erased_related);

-- name: take_names
-- Debtors keep their row, for the ledger and the cases; nothing in it says who they were.
UPDATE debtors SET name = '—', name_key = '', external_id = 'erased:' || id, language = '',
    country = '', zones = '{}', erased_at = %(now)s
WHERE id IN (SELECT debtor_id FROM erased_debtors);

-- name: pick_requests
-- Requests about them: on their cases and accounts, to erase them, and for accesses that opened their cases.
CREATE TEMPORARY TABLE erased_requests ON COMMIT DROP AS
SELECT a.id AS approval_id, a.state = 'open' AND a.kind <> 'erasure' AS is_open
FROM approvals a
WHERE a.case_id IN (SELECT c.id FROM cases c JOIN erased_debtors USING (debtor_id))
   OR a.subject IN (SELECT 'account:' || s.id FROM accounts s JOIN erased_debtors USING (debtor_id))
   OR (a.kind = 'erasure' AND EXISTS (
        SELECT 1 FROM (SELECT person_id, creditor_id FROM erased_debtors
                       UNION SELECT person_id, creditor_id FROM erased_related) AS e
        WHERE e.creditor_id = a.creditor_id
          AND a.command -> 'person_ids' @> to_jsonb(e.person_id)))
   OR a.id IN (
        SELECT s.approval_id FROM staff_accesses s JOIN staff_access_uses u ON u.access_id = s.id
        JOIN cases c ON c.id = u.case_id JOIN erased_debtors USING (debtor_id));

-- name: open_requests
-- Those that wait for somebody: what they ask for cannot be told any more, so they end.
SELECT approval_id FROM erased_requests WHERE is_open ORDER BY approval_id;

-- name: take_request_texts
-- Why it was asked for, and what was typed in the command; its hash could confirm a guess at that.
UPDATE approvals SET reason = '',
    command = CASE WHEN kind = 'erasure' THEN command ELSE command - '{reason,reference}'::text[] END,
    command_hash = CASE WHEN kind = 'erasure' THEN command_hash
                        ELSE sha256(convert_to('erased:' || id, 'UTF8')) END,
    result = CASE WHEN kind = 'erasure' THEN result
                  ELSE result #- '{details,reason}' #- '{details,reference}' END
WHERE id IN (SELECT approval_id FROM erased_requests);

-- name: take_decision_texts
-- Why it was decided so.
UPDATE decisions SET reason = '' WHERE reason <> ''
    AND approval_id IN (SELECT approval_id FROM erased_requests);

-- name: take_access_texts
-- What staff wrote who opened their cases.
UPDATE staff_accesses SET reason = ''
WHERE id IN (SELECT u.access_id FROM staff_access_uses u JOIN cases c ON c.id = u.case_id
             JOIN erased_debtors USING (debtor_id));

-- name: take_notes
-- What people typed about them.
UPDATE holds SET note = '', release_reason = ''
WHERE debtor_id IN (SELECT debtor_id FROM erased_debtors);

-- name: take_task_reasons
-- Why a task was closed, in somebody's own words.
UPDATE tasks SET reason = reason - 'closed'
WHERE reason ? 'closed' AND case_id IN (
    SELECT c.id FROM cases c WHERE c.debtor_id IN (SELECT debtor_id FROM erased_debtors));

-- name: take_refused_values
-- Refused values of rows about their accounts.
UPDATE intake_rejects j SET value_cipher = NULL
FROM intake_files f, accounts a
WHERE f.id = j.intake_file_id AND a.creditor_id = f.creditor_id AND a.external_id = j.external_id
  AND a.debtor_id IN (SELECT debtor_id FROM erased_debtors);

-- name: take_refused_records
-- Refused values of rows of attempts, stops, consents and facts that named them.
UPDATE intake_rejects j SET value_cipher = NULL, detail = j.detail - 'subject'
FROM intake_files f,
     (SELECT e.creditor_id, d.external_id FROM erased_debtors e JOIN debtors d ON d.id = e.debtor_id
      UNION SELECT e.creditor_id, a.external_id FROM erased_debtors e JOIN accounts a USING (debtor_id)
     ) AS named
WHERE f.id = j.intake_file_id AND f.file_type <> 'accounts' AND f.creditor_id = named.creditor_id
  AND j.detail->>'subject' = named.external_id;

-- name: take_payment_details
-- Who paid and the text of the transfer, of payments for the person's debts; what came back keeps no words.
UPDATE payments SET details_cipher = NULL
WHERE debtor_id IN (SELECT debtor_id FROM erased_debtors) AND details_cipher IS NOT NULL;
UPDATE payment_returns r SET reason = ''
FROM accounts a JOIN erased_debtors e ON e.debtor_id = a.debtor_id
WHERE r.account_id = a.id AND r.reason <> '';

-- name: take_loaded_rows
-- Under which numbers rows about them were taken.
DELETE FROM loaded_rows
WHERE debtor_id IN (SELECT debtor_id FROM erased_debtors)
   OR related_person_id IN (SELECT related_person_id FROM erased_related);

-- name: take_row_hashes
-- Keyed hashes over whole rows, which could confirm a guess to whoever has the key.
UPDATE accounts SET row_hash = NULL
WHERE debtor_id IN (SELECT debtor_id FROM erased_debtors) AND row_hash IS NOT NULL;

-- name: take_identity_keys
-- Official numbers of persons whom no creditor knows any more.
DELETE FROM identity_keys k
WHERE k.person_id IN (SELECT person_id FROM erased_debtors
                      UNION SELECT person_id FROM erased_related)
  AND NOT EXISTS (SELECT 1 FROM debtors d
                  WHERE d.person_id = k.person_id AND d.erased_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM related_persons r WHERE r.person_id = k.person_id);

-- name: destroy_keys
-- The keys of what events hold of them; a row without a key stays, so that none is made again.
INSERT INTO person_keys (debtor_id, related_person_id, made_at, destroyed_at)
SELECT debtor_id, NULL::bigint, %(now)s::timestamptz, %(now)s::timestamptz FROM erased_debtors
UNION SELECT debtor_id, related_person_id, %(now)s, %(now)s FROM erased_related
UNION SELECT k.debtor_id, k.related_person_id, %(now)s, %(now)s
      FROM person_keys k JOIN erased_debtors USING (debtor_id)
ON CONFLICT (debtor_id, related_person_id) DO UPDATE
SET wrapped = NULL, destroyed_at = coalesce(person_keys.destroyed_at, excluded.destroyed_at);

-- name: take_staged
-- Rows that still wait beside the book, of one run.
DELETE FROM staged_contacts_RUN c USING staged_rows_RUN r
WHERE r.line_no = c.line_no AND r.external_id IN (
    SELECT a.external_id FROM accounts a
    WHERE a.debtor_id IN (SELECT debtor_id FROM erased_debtors));
DELETE FROM staged_related_RUN s USING staged_rows_RUN r
WHERE r.line_no = s.line_no AND r.external_id IN (
    SELECT a.external_id FROM accounts a
    WHERE a.debtor_id IN (SELECT debtor_id FROM erased_debtors));
DELETE FROM staged_rows_RUN WHERE external_id IN (
    SELECT a.external_id FROM accounts a
    WHERE a.debtor_id IN (SELECT debtor_id FROM erased_debtors));

-- name: take_staged_records
-- The same of attempts, stops, consents and facts.
DELETE FROM staged_records_RUN r USING staged_found_RUN f
WHERE f.line_no = r.line_no
  AND (f.debtor_id IN (SELECT debtor_id FROM erased_debtors)
       OR f.related_person_id IN (SELECT related_person_id FROM erased_related));
DELETE FROM staged_records_RUN WHERE subject IN (
    SELECT d.external_id FROM debtors d JOIN erased_debtors e ON e.debtor_id = d.id
    UNION SELECT a.external_id FROM accounts a JOIN erased_debtors USING (debtor_id));

-- name: tell_of_erasure
-- One event for each file of a debtor that was erased or named the person.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT 'debtor'::text AS chain_kind, debtor_id AS chain_id, 'person.erase'::text AS action,
       'debtor:' || debtor_id AS subject,
       '{"as":["' || string_agg(role, '","' ORDER BY role) || '"],"reason":"' || %(reason)s || '"}'
           AS body
FROM (SELECT debtor_id, 'debtor' AS role FROM erased_debtors
      UNION SELECT debtor_id, 'related_person' FROM erased_related) AS told
GROUP BY debtor_id;

-- name: forget_samples
-- The planner's samples of the columns that give any (migration 0015 says which do not) are taken anew.
ANALYZE debtors (name_key, external_id);

-- name: drop_temporary
-- So that another erasure may follow in the same transaction.
DROP TABLE IF EXISTS pg_temp.erased_debtors, pg_temp.erased_related,
    pg_temp.erased_requests;

-- name: due_files
-- Received files whose bytes are still stored and that came before a moment.
SELECT f.id, f.creditor_id, f.received_at, f.stored_path FROM intake_files f
WHERE f.stored_path <> '' AND f.received_at < %(before)s ORDER BY f.id LIMIT %(limit)s;

-- name: forget_files
-- These files are not stored any more.
UPDATE intake_files SET stored_path = '' WHERE id = ANY (%(ids)s);

-- name: still_stored
-- Of these paths, those that another file still names.
SELECT DISTINCT stored_path FROM intake_files WHERE stored_path = ANY (%(paths)s);

-- name: purge_refused_values
-- Refused values of files that came before a moment.
UPDATE intake_rejects j SET value_cipher = NULL
FROM intake_files f
WHERE f.id = j.intake_file_id AND f.received_at < %(before)s AND j.value_cipher IS NOT NULL;

-- name: take_documents
-- Papers printed for who was picked are not stored any more; that there was one, of which kind and on which day, stays.
WITH taken AS (
    SELECT d.id, d.stored_path FROM documents d
    WHERE d.debtor_id IN (SELECT debtor_id FROM erased_debtors) AND d.stored_path <> ''
    FOR UPDATE
), emptied AS (
    UPDATE documents d SET stored_path = '' FROM taken t WHERE d.id = t.id
)
SELECT stored_path FROM taken;
