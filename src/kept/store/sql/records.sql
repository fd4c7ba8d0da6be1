-- Records of files: attempts, stops, consents, facts about persons, promises and plans, staged, checked and applied in
-- sets. A chunk holds all rows of its debtors; its temporary tables (chunk_*) go with the transaction.

-- name: resolve_rows
-- Whom and what each row is about, as the book knows it now.
INSERT INTO staged_found (line_no, debtor_id, account_ids, unknown_accounts, other_accounts,
                          contact_point_id, related_person_id, legal_entity_id, case_id)
SELECT r.line_no, d.id, named.ids, coalesce(named.unknown, 0), coalesce(named.others, 0), point.id,
       CASE WHEN person.found = 1 THEN person.id END, l.id, k.id
FROM staged_records r
LEFT JOIN debtors g ON g.creditor_id = %(creditor_id)s AND g.external_id = r.debtor_external_id
LEFT JOIN accounts first ON r.debtor_external_id IS NULL
    AND first.creditor_id = %(creditor_id)s AND first.external_id = r.subject
LEFT JOIN debtors d ON d.id = coalesce(g.id, first.debtor_id) AND d.erased_at IS NULL
LEFT JOIN LATERAL (
    SELECT array_agg(a.id ORDER BY a.id) AS ids, count(*) FILTER (WHERE a.id IS NULL) AS unknown,
           count(*) FILTER (WHERE a.debtor_id <> d.id) AS others
    FROM unnest(string_to_array(r.accounts, chr(31))) AS number
    LEFT JOIN accounts a ON a.creditor_id = %(creditor_id)s AND a.external_id = number
) named ON r.accounts IS NOT NULL
LEFT JOIN LATERAL (
    SELECT min(x.id) AS id, count(*) AS found FROM related_persons x
    WHERE x.debtor_id = d.id AND x.name_key = r.related_key
) person ON r.related_key IS NOT NULL
LEFT JOIN LATERAL (
    SELECT p.id FROM contact_points p
    WHERE p.debtor_id = d.id AND p.kind = r.contact_kind AND p.value_hash = r.value_hash
    ORDER BY p.related_person_id IS NOT DISTINCT FROM person.id DESC,
             p.related_person_id NULLS FIRST, p.id LIMIT 1
) point ON r.value_hash IS NOT NULL
LEFT JOIN legal_entities l ON l.code = r.legal_entity
LEFT JOIN LATERAL (
    SELECT c.id FROM cases c WHERE c.debtor_id = d.id
    ORDER BY (r.noun = 'plan' AND c.closed_on IS NULL) DESC,
             (c.opened_on <= (r.at AT TIME ZONE %(zone)s)::date
              AND (c.closed_on IS NULL OR c.closed_on > (r.at AT TIME ZONE %(zone)s)::date)) DESC,
             c.closed_on IS NULL DESC, c.opened_on DESC, c.id DESC LIMIT 1
) k ON r.noun IN ('attempt', 'promise', 'plan');

-- name: refuse_unknown
-- Rows about somebody or something that the book does not hold. An attempt stays without its address.
INSERT INTO staged_refusals (line_no, field, code)
SELECT r.line_no, %(section)s || '.' || fault.field, fault.code
FROM staged_records r JOIN staged_found f USING (line_no)
CROSS JOIN LATERAL (VALUES
    ('debtor', 'unknown_debtor', f.debtor_id IS NULL AND r.debtor_external_id IS NOT NULL),
    ('accounts', 'unknown_account',
     f.unknown_accounts > 0 OR (f.debtor_id IS NULL AND r.debtor_external_id IS NULL)),
    ('accounts', 'other_debtors_account', f.other_accounts > 0),
    ('related_person', 'unknown_related_person', f.debtor_id IS NOT NULL
        AND r.related_key IS NOT NULL AND f.related_person_id IS NULL),
    ('contact_point',
     CASE WHEN r.noun = 'attempt' THEN 'contact_point_left_out' ELSE 'unknown_contact_point' END,
     f.debtor_id IS NOT NULL AND r.value_hash IS NOT NULL AND f.contact_point_id IS NULL),
    (CASE WHEN r.noun = 'consent' THEN 'directly_to' ELSE 'legal_entity' END,
     'unknown_legal_entity', r.legal_entity IS NOT NULL AND f.legal_entity_id IS NULL),
    ('debtor', 'no_case', r.noun IN ('attempt', 'promise')
        AND f.debtor_id IS NOT NULL AND f.case_id IS NULL),
    ('due_on', 'due_before_made', r.noun IN ('promise', 'plan')
        AND (r.details::jsonb->>'due_on')::date < (r.at AT TIME ZONE %(zone)s)::date),
    ('related_person', 'not_liable', r.noun = 'promise' AND EXISTS (
        SELECT 1 FROM related_persons x
        WHERE x.id = f.related_person_id AND x.relation <> ALL (%(speaking)s))),
    ('currency', 'no_account_in_currency', r.noun IN ('promise', 'plan') AND f.debtor_id IS NOT NULL
        AND f.unknown_accounts = 0 AND f.other_accounts = 0 AND (
            NOT EXISTS (
                SELECT 1 FROM accounts a
                WHERE a.debtor_id = f.debtor_id AND a.currency = r.details::jsonb->>'currency'
                  AND (f.account_ids IS NULL OR a.id = ANY (f.account_ids)))
            OR EXISTS (
                SELECT 1 FROM accounts a WHERE a.id = ANY (f.account_ids)
                  AND a.currency <> r.details::jsonb->>'currency')))
) AS fault (field, code, is_so)
WHERE fault.is_so;

-- name: refuse_twice
-- A number that stands in the file more than once with other data, or once more with an error.
INSERT INTO staged_refusals (line_no, field, code)
SELECT r.line_no, %(section)s || '.external_id', 'record_twice'
FROM staged_records r
WHERE r.external_id IN (
    SELECT external_id FROM staged_records
    GROUP BY external_id HAVING count(*) > 1 AND count(DISTINCT row_hash) > 1
    UNION
    SELECT j.external_id FROM intake_rejects j
    WHERE j.intake_file_id = %(intake_file_id)s AND j.severity = 'reject' AND j.external_id <> '');

-- name: refuse_differing
-- A number that was taken before and said something else.
INSERT INTO staged_refusals (line_no, field, code)
SELECT r.line_no, %(section)s || '.external_id', 'record_differs'
FROM staged_records r
JOIN loaded_rows l ON l.creditor_id = %(creditor_id)s AND l.file_type = %(file_type)s
    AND l.external_id = r.external_id
WHERE l.row_hash <> r.row_hash AND l.key_number = %(key_number)s;

-- name: plan_records
-- Each row's chunk and verdict. An end that was not known before is the only change there is.
WITH refused AS (
    SELECT DISTINCT line_no FROM staged_refusals WHERE code <> ALL (%(warnings)s)
), sizes AS (
    SELECT f.debtor_id, min(f.line_no) AS first_line, count(*) AS size
    FROM staged_found f WHERE f.debtor_id IS NOT NULL GROUP BY f.debtor_id
), placed AS (
    SELECT debtor_id,
           div(sum(size) OVER (ORDER BY first_line) - size, %(rows_per_chunk)s)::integer AS chunk
    FROM sizes
), copies AS (
    SELECT external_id, min(line_no) AS first_line FROM staged_records WHERE noun <> 'plan'
    GROUP BY external_id HAVING count(*) > 1
), left_alone AS (
    SELECT DISTINCT r.external_id FROM staged_records r JOIN staged_refusals f USING (line_no)
    WHERE f.code = 'plan_not_running'
)
INSERT INTO staged_plan (line_no, chunk, verdict)
SELECT r.line_no, coalesce(p.chunk, 0),
       CASE WHEN x.line_no IS NOT NULL THEN 'rejected'
            WHEN c.first_line < r.line_no THEN 'copy'
            WHEN e.external_id IS NOT NULL THEN 'unchanged'
            WHEN l.id IS NULL THEN 'new'
            WHEN r.ended_at IS NOT NULL AND NOT l.is_ended THEN 'changed'
            ELSE 'unchanged' END
FROM staged_records r
JOIN staged_found f USING (line_no)
LEFT JOIN placed p ON p.debtor_id = f.debtor_id
LEFT JOIN refused x USING (line_no)
LEFT JOIN copies c ON c.external_id = r.external_id
LEFT JOIN left_alone e ON e.external_id = r.external_id
LEFT JOIN loaded_rows l ON l.creditor_id = %(creditor_id)s AND l.file_type = %(file_type)s
    AND l.external_id = r.external_id
ORDER BY 2, r.line_no;

-- name: count_verdicts
-- Rows by verdict.
SELECT CASE verdict WHEN 'copy' THEN 'unchanged' ELSE verdict END AS verdict, count(*) AS rows
FROM staged_plan GROUP BY 1 ORDER BY 1;

-- name: list_refusals
-- What the checks refused, in the order of the file; `subject` finds it again when a person is erased.
SELECT f.line_no, r.external_id, f.field, f.code,
       CASE WHEN f.code = ANY (%(warnings)s) THEN 'warning' ELSE 'reject' END AS severity,
       CASE split_part(f.field, '.', 2) WHEN 'external_id' THEN r.external_id
            WHEN 'debtor' THEN r.debtor_external_id
            WHEN 'accounts' THEN replace(r.accounts, chr(31), ' ')
            WHEN 'legal_entity' THEN r.legal_entity
            WHEN 'directly_to' THEN r.legal_entity END AS value,
       jsonb_build_object('subject', r.subject)::text AS detail
FROM staged_refusals f JOIN staged_records r USING (line_no)
ORDER BY f.line_no, f.field, f.code;

-- name: span
-- The first and the last moment of the rows that the plan takes or knows.
SELECT min(r.at) AS first_at, max(r.at) AS last_at
FROM staged_plan p JOIN staged_records r USING (line_no) WHERE p.verdict <> 'rejected';

-- name: first_new
-- The first moment of a row that will be written.
SELECT min(r.at) AS first_at FROM staged_plan p JOIN staged_records r USING (line_no)
WHERE p.verdict = 'new';

-- name: pick_records
-- The rows of one chunk that write something, each with the number of its record. Who was erased since the check is left out.
CREATE TEMPORARY TABLE chunk_records ON COMMIT DROP AS
SELECT r.line_no, r.external_id, r.noun, r.kind, r.at, r.ended_at, r.channel, r.outcome, r.inbound,
       r.details::jsonb AS details, r.secret_cipher, r.row_hash, f.debtor_id, f.account_ids,
       c.id AS contact_point_id, x.id AS related_person_id, f.legal_entity_id, f.case_id,
       CASE WHEN r.ended_at IS NULL THEN '' ELSE %(actor)s END AS ended_by,
       NULL::bigint AS key_id, NULL::bytea AS sealed,
       CASE r.noun WHEN 'attempt' THEN nextval('attempts_id_seq')
            WHEN 'stop' THEN nextval('stops_id_seq')
            WHEN 'consent' THEN nextval('consents_id_seq')
            WHEN 'circumstance' THEN nextval('circumstances_id_seq')
            WHEN 'representation' THEN nextval('representations_id_seq')
            WHEN 'hardship' THEN nextval('hardships_id_seq')
            WHEN 'vulnerability' THEN nextval('vulnerabilities_id_seq')
            WHEN 'dispute' THEN nextval('disputes_id_seq')
            WHEN 'complaint' THEN nextval('complaints_id_seq')
            WHEN 'promise' THEN nextval('promises_id_seq')
            WHEN 'plan' THEN nextval('plans_id_seq')
            ELSE d.id END AS record_id
FROM staged_plan p JOIN staged_records r USING (line_no) JOIN staged_found f USING (line_no)
JOIN debtors d ON d.id = f.debtor_id AND d.erased_at IS NULL
LEFT JOIN contact_points c ON c.id = f.contact_point_id
LEFT JOIN related_persons x ON x.id = f.related_person_id
WHERE p.chunk = %(chunk)s AND p.verdict = 'new'
  AND (f.related_person_id IS NULL OR x.id IS NOT NULL)
  AND (f.contact_point_id IS NULL OR c.id IS NOT NULL OR r.noun = 'attempt')
ORDER BY r.line_no;
ANALYZE chunk_records;

-- name: list_secrets
-- What of the chunk is sealed with keys of persons.
SELECT line_no, debtor_id, related_person_id, secret_cipher FROM chunk_records
WHERE secret_cipher IS NOT NULL ORDER BY line_no;

-- name: keep_secrets
-- The same, sealed.
UPDATE chunk_records c SET key_id = s.key_id, sealed = s.sealed
FROM unnest(%(lines)s::bigint[], %(key_ids)s::bigint[], %(values)s::bytea[])
    AS s (line_no, key_id, sealed)
WHERE s.line_no = c.line_no;

-- name: learn_validity
-- Of contact points of which nothing is known: not in service is invalid, a conversation valid; the latest attempt counts.
UPDATE contact_points c SET validity = seen.validity
FROM (
    SELECT DISTINCT ON (contact_point_id) contact_point_id,
           CASE WHEN outcome = 'not_in_service' THEN 'invalid' ELSE 'valid' END AS validity
    FROM chunk_records
    WHERE noun = 'attempt' AND outcome IN ('not_in_service', 'conversation')
    ORDER BY contact_point_id, at DESC
) seen
WHERE c.id = seen.contact_point_id AND c.validity = 'unknown';

-- name: write_stops
-- Stops.
INSERT INTO stops (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                   recorded_at, recorded_by, ended_by, key_id, sealed, kind, channel,
                   contact_point_id, medium, accepted, place, windows, from_on, until_on)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, kind, channel, contact_point_id,
       coalesce(details->>'medium', ''), coalesce(details->>'accepted', 'yes') = 'yes',
       CASE WHEN kind = 'inconvenient_place' THEN details->>'place' ELSE '' END,
       coalesce((details->>'windows')::jsonb, '[]'),
       (details->>'from_on')::date, (details->>'until_on')::date
FROM chunk_records WHERE noun = 'stop' ORDER BY line_no;

-- name: write_consents
-- Consents.
INSERT INTO consents (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                      recorded_at, recorded_by, ended_by, key_id, sealed, kind, directly_to_id,
                      channel, contact_point_id, windows, only_on, until_at,
                      given_while_inconvenient)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, kind, legal_entity_id, channel, contact_point_id,
       coalesce((details->>'windows')::jsonb, '[]'),
       coalesce(string_to_array(details->>'only_on', ',')::date[], '{}'),
       (details->>'until_at')::timestamptz,
       coalesce(details->>'given_while_inconvenient', 'no') = 'yes'
FROM chunk_records WHERE noun = 'consent' ORDER BY line_no;

-- name: write_circumstances
-- Facts of lives and debts.
INSERT INTO circumstances (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                           recorded_at, recorded_by, ended_by, key_id, sealed, kind, status, country,
                           region, zone, place, occurred_on, until_on)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, kind,
       CASE WHEN kind = 'bankruptcy' THEN details->>'status' ELSE '' END,
       CASE WHEN is_place THEN coalesce(upper(details->>'country'), '') ELSE '' END,
       CASE WHEN is_place THEN coalesce(details->>'region', '') ELSE '' END,
       CASE WHEN is_place THEN coalesce(details->>'zone', '') ELSE '' END,
       CASE WHEN is_place THEN coalesce(details->>'place', '') ELSE '' END,
       (details->>'occurred_on')::date, (details->>'until_on')::date
FROM (SELECT *, kind IN ('residence', 'present_place') AS is_place FROM chunk_records) r
WHERE noun = 'circumstance' ORDER BY line_no;

-- name: write_representations
-- Who speaks for whom.
INSERT INTO representations (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                             recorded_at, recorded_by, ended_by, key_id, sealed, kind, is_certain,
                             is_reachable, allows_contact, is_unresponsive)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, kind, coalesce(details->>'certain', 'yes') = 'yes',
       coalesce(details->>'reachable', 'no') = 'yes',
       coalesce(details->>'allows_contact', 'no') = 'yes',
       coalesce(details->>'unresponsive', 'no') = 'yes'
FROM chunk_records WHERE noun = 'representation' ORDER BY line_no;

-- name: write_hardships
-- Relief for those who cannot pay.
INSERT INTO hardships (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                       recorded_at, recorded_by, ended_by, key_id, sealed, kind, from_on, until_on,
                       is_breached)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, details->>'category', (details->>'from_on')::date,
       (details->>'until_on')::date, coalesce(details->>'breached', 'no') = 'yes'
FROM chunk_records WHERE noun = 'hardship' ORDER BY line_no;

-- name: write_vulnerabilities
-- Vulnerabilities; of which kind is sealed.
INSERT INTO vulnerabilities (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                             recorded_at, recorded_by, ended_by, key_id, sealed, is_suspected,
                             review_on)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, coalesce(details->>'suspected', 'no') = 'yes',
       (details->>'review_on')::date
FROM chunk_records WHERE noun = 'vulnerability' ORDER BY line_no;

-- name: place_holds
-- Open disputes and complaints hold contact and treatment, of one account where they name one.
INSERT INTO holds (debtor_id, account_id, reason, effects, placed_at, placed_by, note, released_by,
                   release_reason)
SELECT DISTINCT r.debtor_id, r.account_id, r.reason, ARRAY['contact', 'treatment'],
       %(now)s::timestamptz, %(actor)s, '', '', ''
FROM (
    SELECT debtor_id, CASE noun WHEN 'dispute' THEN 'disputed' ELSE 'complaint' END AS reason,
           CASE WHEN cardinality(account_ids) = 1 THEN account_ids[1] END AS account_id
    FROM chunk_records WHERE noun IN ('dispute', 'complaint') AND ended_at IS NULL
) r
WHERE NOT EXISTS (
    SELECT 1 FROM holds h WHERE h.debtor_id = r.debtor_id AND h.reason = r.reason
      AND h.released_at IS NULL AND h.account_id IS NOT DISTINCT FROM r.account_id);

-- name: write_disputes
-- Disputes, with the hold that each stands under.
INSERT INTO disputes (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                      recorded_at, recorded_by, ended_by, key_id, sealed, category, written, answer,
                      due_at, hold_id)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, details->>'category', coalesce(details->>'written', 'no') = 'yes',
       CASE WHEN ended_at IS NULL THEN '' ELSE details->>'answer' END,
       coalesce((details->>'due_at')::timestamptz, at + make_interval(days => %(dispute_days)s)),
       (SELECT h.id FROM holds h WHERE h.debtor_id = r.debtor_id AND h.reason = 'disputed'
          AND h.released_at IS NULL AND r.ended_at IS NULL AND h.account_id IS NOT DISTINCT FROM
              CASE WHEN cardinality(r.account_ids) = 1 THEN r.account_ids[1] END LIMIT 1)
FROM chunk_records r WHERE noun = 'dispute' ORDER BY line_no;

-- name: write_complaints
-- Complaints, with the hold that each stands under.
INSERT INTO complaints (id, debtor_id, related_person_id, account_ids, received_at, ended_at,
                        recorded_at, recorded_by, ended_by, key_id, sealed, category, medium, answer,
                        due_at, hold_id)
SELECT record_id, debtor_id, related_person_id, account_ids, at, ended_at, %(now)s, %(actor)s,
       ended_by, key_id, sealed, details->>'category', coalesce(details->>'medium', ''),
       CASE WHEN ended_at IS NULL THEN '' ELSE details->>'answer' END,
       coalesce((details->>'due_at')::timestamptz, at + make_interval(days => %(complaint_days)s)),
       (SELECT h.id FROM holds h WHERE h.debtor_id = r.debtor_id AND h.reason = 'complaint'
          AND h.released_at IS NULL AND r.ended_at IS NULL AND h.account_id IS NOT DISTINCT FROM
              CASE WHEN cardinality(r.account_ids) = 1 THEN r.account_ids[1] END LIMIT 1)
FROM chunk_records r WHERE noun = 'complaint' ORDER BY line_no;

-- name: write_promises
-- Promises of an older system, under the terms of the creditor's policy of the day of the file.
INSERT INTO promises (id, creditor_id, case_id, debtor_id, external_id, amount_minor, currency,
                      made_at, recorded_at, made_on, due_on, test_on, way, said_by,
                      related_person_id, taken_by, tolerance_ppm, grace_days, counts_unexplained,
                      exceeded, exceeded_by, verified_at, verified_by, ended_on, ended_at, ended_by,
                      end_reason, state, paid_minor, judged_on, judged_at)
SELECT r.record_id, %(creditor_id)s, r.case_id, r.debtor_id, r.external_id, (details->>'amount')::bigint,
       details->>'currency', r.at, %(now)s, (r.at AT TIME ZONE %(zone)s)::date,
       (details->>'due_on')::date, (details->>'due_on')::date + %(grace_days)s::int,
       coalesce(details->>'way', 'other'),
       CASE WHEN r.related_person_id IS NULL THEN 'debtor'
            WHEN x.relation IN ('guarantor', 'co_debtor') THEN 'related_person'
            ELSE 'representative' END,
       r.related_person_id, coalesce(details->>'taken_by', ''), %(tolerance_ppm)s, %(grace_days)s,
       %(counts_unexplained)s, '[]', '',
       CASE WHEN details->>'confirmed' = 'yes' THEN r.at END,
       CASE WHEN details->>'confirmed' = 'yes' THEN %(actor)s ELSE '' END,
       CASE WHEN r.ended_at IS NOT NULL THEN greatest((r.ended_at AT TIME ZONE %(zone)s)::date,
                                                      (r.at AT TIME ZONE %(zone)s)::date) END,
       CASE WHEN r.ended_at IS NOT NULL THEN %(now)s::timestamptz END, r.ended_by,
       CASE WHEN r.ended_at IS NULL THEN '' ELSE details->>'end_reason' END,
       'open', 0, greatest(%(on)s::date, (r.at AT TIME ZONE %(zone)s)::date), %(now)s
FROM chunk_records r LEFT JOIN related_persons x ON x.id = r.related_person_id
WHERE r.noun = 'promise' ORDER BY r.line_no;
INSERT INTO promise_accounts (promise_id, account_id)
SELECT r.record_id, a.id
FROM chunk_records r JOIN accounts a ON a.debtor_id = r.debtor_id
    AND a.currency = r.details->>'currency'
    AND (r.account_ids IS NULL OR a.id = ANY (r.account_ids))
WHERE r.noun = 'promise';

-- name: promise_debtors
-- Whose promises of a chunk are to be judged.
SELECT DISTINCT debtor_id FROM (
    SELECT debtor_id FROM chunk_records WHERE noun = 'promise'
    UNION ALL SELECT debtor_id FROM chunk_ends WHERE noun = 'promise') AS found;

-- name: set_languages
-- In which language a debtor or a related person is spoken and written to; the latest row counts.
UPDATE related_persons x SET language = r.language
FROM (SELECT DISTINCT ON (related_person_id) related_person_id, details->>'language' AS language
      FROM chunk_records WHERE noun = 'language' AND related_person_id IS NOT NULL
      ORDER BY related_person_id, at DESC, line_no DESC) r
WHERE x.id = r.related_person_id AND x.language <> r.language;
UPDATE debtors d SET language = r.language
FROM (SELECT DISTINCT ON (debtor_id) debtor_id, details->>'language' AS language
      FROM chunk_records WHERE noun = 'language' AND related_person_id IS NULL
      ORDER BY debtor_id, at DESC, line_no DESC) r
WHERE d.id = r.debtor_id AND d.language <> r.language;

-- name: write_loaded
-- Under which numbers the rows were taken, so that each is taken once.
INSERT INTO loaded_rows (creditor_id, file_type, external_id, intake_file_id, debtor_id,
                         related_person_id, noun, record_id, is_ended, row_hash, key_number)
SELECT %(creditor_id)s, %(file_type)s, external_id, %(intake_file_id)s, debtor_id,
       related_person_id, noun, record_id, ended_at IS NOT NULL, row_hash, %(key_number)s
FROM chunk_records WHERE noun <> 'instalment';

-- name: pick_ends
-- Records of which the file tells the end: still open, and begun before it.
CREATE TEMPORARY TABLE chunk_ends ON COMMIT DROP AS
SELECT l.id AS loaded_id, l.noun, l.record_id, l.debtor_id, r.ended_at,
       r.details::jsonb->>'end_reason' AS end_reason
FROM staged_plan p JOIN staged_records r USING (line_no)
JOIN loaded_rows l ON l.creditor_id = %(creditor_id)s AND l.file_type = %(file_type)s
    AND l.external_id = r.external_id
WHERE p.chunk = %(chunk)s AND p.verdict = 'changed' AND NOT l.is_ended;

-- name: end_records
-- Their ends. One that a person has ended since stays as it is.
UPDATE stops s SET ended_at = e.ended_at, ended_by = %(actor)s FROM chunk_ends e
WHERE e.noun = 'stop' AND s.id = e.record_id AND s.ended_at IS NULL;
UPDATE consents s SET ended_at = e.ended_at, ended_by = %(actor)s FROM chunk_ends e
WHERE e.noun = 'consent' AND s.id = e.record_id AND s.ended_at IS NULL;
UPDATE circumstances s SET ended_at = e.ended_at, ended_by = %(actor)s FROM chunk_ends e
WHERE e.noun = 'circumstance' AND s.id = e.record_id AND s.ended_at IS NULL;
UPDATE representations s SET ended_at = e.ended_at, ended_by = %(actor)s FROM chunk_ends e
WHERE e.noun = 'representation' AND s.id = e.record_id AND s.ended_at IS NULL;
UPDATE hardships s SET ended_at = e.ended_at, ended_by = %(actor)s FROM chunk_ends e
WHERE e.noun = 'hardship' AND s.id = e.record_id AND s.ended_at IS NULL;
UPDATE vulnerabilities s SET ended_at = e.ended_at, ended_by = %(actor)s FROM chunk_ends e
WHERE e.noun = 'vulnerability' AND s.id = e.record_id AND s.ended_at IS NULL;
UPDATE promises s SET ended_at = %(now)s, ended_by = %(actor)s, end_reason = e.end_reason,
    ended_on = greatest((e.ended_at AT TIME ZONE %(zone)s)::date, s.made_on)
FROM chunk_ends e
WHERE e.noun = 'promise' AND s.id = e.record_id AND s.ended_at IS NULL;
UPDATE loaded_rows l SET is_ended = true, intake_file_id = %(intake_file_id)s FROM chunk_ends e
WHERE l.id = e.loaded_id;

-- name: confirm_loaded
-- Rows that were taken before: this is the last file that named them.
UPDATE loaded_rows l SET intake_file_id = %(intake_file_id)s, row_hash = r.row_hash,
    key_number = %(key_number)s
FROM staged_plan p JOIN staged_records r USING (line_no)
WHERE p.chunk = %(chunk)s AND p.verdict = 'unchanged' AND l.creditor_id = %(creditor_id)s
  AND l.file_type = %(file_type)s AND l.external_id = r.external_id
  AND l.intake_file_id <> %(intake_file_id)s;

-- name: prepare_events
-- One event for each case that attempts were put to; of other records one for each debtor, on the open case if there is one.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT 'case'::text AS chain_kind, case_id AS chain_id, 'attempt.take_history'::text AS action,
       'case:' || case_id AS subject,
       '{"attempts":' || count(*) || ',"conversations":'
           || count(*) FILTER (WHERE outcome = 'conversation')
           || ',"intake_file":' || %(intake_file_id)s || '}' AS body
FROM chunk_records WHERE noun = 'attempt' GROUP BY case_id
UNION ALL
SELECT CASE WHEN c.id IS NULL THEN 'debtor' ELSE 'case' END, coalesce(c.id, t.debtor_id),
       'person.take_records',
       CASE WHEN c.id IS NULL THEN 'debtor:' || t.debtor_id ELSE 'case:' || c.id END,
       '{' || coalesce('"ended":[' || t.ended || '],', '') || '"intake_file":' || %(intake_file_id)s
           || coalesce(',"records":[' || t.begun || ']', '') || '}'
FROM (
    SELECT debtor_id,
           string_agg('"' || noun || ':' || record_id || '"', ',' ORDER BY noun, record_id)
               FILTER (WHERE begins) AS begun,
           string_agg('"' || noun || ':' || record_id || '"', ',' ORDER BY noun, record_id)
               FILTER (WHERE NOT begins) AS ended
    FROM (SELECT debtor_id, noun, record_id, true AS begins FROM chunk_records
          WHERE noun NOT IN ('attempt', 'instalment')
          UNION ALL SELECT debtor_id, noun, record_id, false FROM chunk_ends) AS told
    GROUP BY debtor_id
) t
LEFT JOIN LATERAL (
    SELECT c.id FROM cases c WHERE c.debtor_id = t.debtor_id AND c.closed_on IS NULL
    ORDER BY c.id LIMIT 1
) c ON true;

-- name: list_grown_tables
-- Tables that have grown by half since the planner last looked at them, or that it never saw.
SELECT relname AS name FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
  AND (relname ~ '^attempts_[0-9]' OR relname IN (
       'stops', 'consents', 'circumstances', 'representations', 'hardships', 'vulnerabilities',
       'disputes', 'complaints', 'promises', 'promise_accounts', 'plans', 'plan_instalments', 'loaded_rows', 'event_heads'))
  AND pg_relation_size(oid) > 8192::bigint * 3 / 2 * greatest(relpages, 1)
ORDER BY relname;
