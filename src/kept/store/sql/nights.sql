-- The night: which accounts may move by time alone, their buckets, and tasks from what was dealt.
-- `_RUN` stands for the number of the run, whose proposals wait in a table of their own.

-- scope: range
c.creditor_id = %(creditor_id)s AND c.id >= %(first_id)s AND c.id < %(end_id)s

-- scope: some
c.creditor_id = %(creditor_id)s AND c.id = ANY (%(case_ids)s::bigint[])

-- name: newest_record
-- The newest entry, hold or attempt of the day after a moment, or that moment: later only where a clock went back.
SELECT greatest(
    (SELECT max(recorded_at) FROM (SELECT recorded_at FROM entries ORDER BY id DESC LIMIT 1000) AS e
     WHERE recorded_at < %(now)s::timestamptz + interval '1 day'),
    (SELECT max(placed_at) FROM (SELECT placed_at FROM holds ORDER BY id DESC LIMIT 1000) AS h
     WHERE placed_at < %(now)s::timestamptz + interval '1 day'),
    (SELECT max(started_at) FROM attempts
     WHERE started_at >= %(now)s AND started_at < %(now)s::timestamptz + interval '1 day'),
    %(now)s::timestamptz) AS newest;

-- name: debtor_bounds
-- The lowest and the highest debtor of a creditor.
SELECT min(id) AS first_id, max(id) AS last_id FROM debtors WHERE creditor_id = %(creditor_id)s;

-- name: touch_by_time
-- The accounts of a range of debtors that may enter, leave or change bucket because a day has passed.
CREATE TEMPORARY TABLE touched_accounts ON COMMIT DROP AS
SELECT a.id AS account_id FROM accounts a
WHERE a.debtor_id >= %(first_id)s AND a.debtor_id < %(end_id)s
  AND a.creditor_id = %(creditor_id)s
  AND (a.state IN ('active', 'missing')
       OR EXISTS (SELECT 1 FROM case_accounts stay
                  WHERE stay.account_id = a.id AND stay.left_on IS NULL));

-- name: move_buckets
-- A move for each account whose bucket today is not that of its last move; none is bucket 0.
CREATE TEMPORARY TABLE new_moves ON COMMIT DROP AS
WITH today AS (
    SELECT s.account_id, s.debtor_id, s.terms_id, s.dpd,
           CASE WHEN s.dpd > t.grace_days THEN
               (SELECT count(*) FROM unnest(t.bucket_boundaries) AS b (first_day)
                WHERE b.first_day <= s.dpd) ELSE 0 END::smallint AS bucket
    FROM standings s JOIN product_terms t ON t.id = s.terms_id
    WHERE s.state IN ('active', 'missing')
)
SELECT today.account_id, today.debtor_id, today.terms_id, last.to_bucket AS from_bucket,
       today.bucket AS to_bucket, today.dpd
FROM today
LEFT JOIN LATERAL (
    SELECT m.to_bucket, m.moved_on FROM bucket_moves m
    WHERE m.account_id = today.account_id ORDER BY m.moved_on DESC LIMIT 1
) AS last ON true
WHERE today.bucket <> coalesce(last.to_bucket, 0)
  AND (last.moved_on IS NULL OR last.moved_on < %(on)s);

-- name: write_moves
-- The moves, in the history that only grows.
INSERT INTO bucket_moves (account_id, terms_id, moved_on, from_bucket, to_bucket, dpd, recorded_at)
SELECT account_id, terms_id, %(on)s, from_bucket, to_bucket, dpd, %(now)s
FROM new_moves ORDER BY account_id;

-- name: count_moves
-- How many accounts went from which bucket to which; one that the night before did not know came as it is.
SELECT CASE WHEN from_bucket IS NULL AND account_id > %(last_account_id)s THEN 'new'
            ELSE coalesce(from_bucket, 0)::text END AS from_bucket,
       to_bucket, count(*) AS accounts
FROM new_moves GROUP BY 1, 2 ORDER BY 1, 2;

-- name: tell_of_settling
-- One event for each case, or debtor without one, whose accounts moved.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
WITH moves AS (
    SELECT m.debtor_id, d.case_id,
           '"buckets":[' || string_agg(
               '{"account":' || m.account_id || ',"dpd":' || m.dpd
               || ',"from":' || coalesce(m.from_bucket::text, 'null')
               || ',"to":' || m.to_bucket || '}', ',' ORDER BY m.account_id) || '],' AS told
    FROM new_moves m LEFT JOIN settled_debtors d ON d.debtor_id = m.debtor_id
    GROUP BY m.debtor_id, d.case_id
), changes AS (
    SELECT k.case_id, c.debtor_id,
           ',"case":[' || string_agg(
               '{' || coalesce('"account":' || k.account_id || ',', '') || '"change":"' || k.change
               || '"' || coalesce(',"reason":"' || k.reason || '"', '') || '}', ','
               ORDER BY k.change, k.account_id) || ']' AS told
    FROM case_changes k JOIN cases c ON c.id = k.case_id
    GROUP BY k.case_id, c.debtor_id
)
SELECT CASE WHEN coalesce(m.case_id, k.case_id) IS NULL THEN 'debtor' ELSE 'case' END AS chain_kind,
       coalesce(m.case_id, k.case_id, m.debtor_id) AS chain_id,
       'night.settle' AS action,
       CASE WHEN coalesce(m.case_id, k.case_id) IS NULL THEN 'debtor:' || m.debtor_id
            ELSE 'case:' || coalesce(m.case_id, k.case_id) END AS subject,
       '{' || coalesce(m.told, '') || '"business_date":"' || %(on)s::date || '"'
       || coalesce(k.told, '') || '}' AS body
FROM moves m FULL JOIN changes k ON k.case_id = m.case_id;

-- name: make_proposals
-- The table in which a run's proposals wait until they are dealt.
CREATE TABLE IF NOT EXISTS night_proposals_RUN (
    case_id bigint PRIMARY KEY, treatment smallint NOT NULL, priority bigint NOT NULL,
    seat_id bigint NOT NULL, language text, dpd integer NOT NULL, bucket smallint NOT NULL,
    balance bigint NOT NULL, overdue_balance bigint NOT NULL, currency text NOT NULL,
    lawful_minute bigint, price jsonb NOT NULL DEFAULT '{}'
);

-- name: read_proposals
-- Everything proposed in a run, by case.
SELECT case_id, treatment, priority, seat_id, language, dpd, bucket, balance, overdue_balance,
       currency, lawful_minute
FROM night_proposals_RUN ORDER BY case_id;

-- name: drop_proposals
-- Once dealt they are not needed: the tasks hold what was decided, and why.
DROP TABLE IF EXISTS night_proposals_RUN, night_offers_RUN, night_before_RUN;

-- name: people_of_cases
-- The person behind each case.
SELECT c.id AS case_id, d.person_id FROM cases c JOIN debtors d ON d.id = c.debtor_id
WHERE /* scope */ true;

-- name: case_bounds
-- The lowest and the highest case of a creditor, open or closed.
SELECT min(id) AS first_id, max(id) AS last_id FROM cases WHERE creditor_id = %(creditor_id)s;

-- name: make_refused
-- An empty table for what the law never allows among the contacts of one chunk.
CREATE TEMPORARY TABLE refused_contacts (
    case_id bigint NOT NULL, treatment text NOT NULL, channel text NOT NULL, outcome text NOT NULL,
    rule_ids varchar(80)[] NOT NULL, has_place boolean NOT NULL
) ON COMMIT DROP;

-- name: forget_refused
-- Takes out what an earlier night refused by the same rules within a month: it stands there already.
DELETE FROM refused_contacts n USING permit_refusals r
WHERE r.case_id = n.case_id AND r.channel = n.channel AND r.rule_ids = n.rule_ids
  AND r.related_person_id IS NULL AND r.permit_id IS NULL AND r.lawful_from IS NULL
  AND r.asked_by = %(actor)s AND r.asked_at > %(now)s::timestamptz - interval '30 days';

-- name: write_refused
-- Each as a refusal, beside those of permits.
INSERT INTO permit_refusals (case_id, channel, outcome, rule_id, rule_ids, missing, has_place,
                             asked_at, asked_by)
SELECT case_id, channel, outcome, rule_ids[1], rule_ids, '{}', has_place, %(now)s, %(actor)s
FROM refused_contacts ORDER BY case_id, channel;

-- name: tell_of_refused
-- One event for each case of which something was refused.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
SELECT 'case' AS chain_kind, n.case_id AS chain_id, 'night.refuse' AS action,
       'case:' || n.case_id AS subject,
       '{"business_date":"' || %(on)s::date || '","refused":[' || string_agg(
           '{"channel":"' || n.channel || '","outcome":"' || n.outcome || '","rules":["'
           || array_to_string(n.rule_ids, '","') || '"],"treatment":"' || n.treatment || '"}', ','
           ORDER BY n.channel) || ']}' AS body
FROM refused_contacts n GROUP BY n.case_id;

-- name: own_addresses
-- The debtors' own contact points in the open cases, but for numbers known to be dead.
SELECT c.id AS case_id, p.id AS contact_point_id, p.kind, p.usage, p.position
FROM cases c JOIN contact_points p ON p.debtor_id = c.debtor_id
WHERE /* scope */ true
  AND c.closed_on IS NULL AND p.related_person_id IS NULL AND p.validity <> 'invalid';

-- name: make_dealt
-- An empty table for one chunk of what was dealt.
CREATE TEMPORARY TABLE dealt_cases (
    case_id bigint NOT NULL, treatment smallint NOT NULL, priority bigint NOT NULL,
    seat_id bigint, reason jsonb NOT NULL, dpd integer NOT NULL, bucket smallint NOT NULL,
    balance bigint NOT NULL, overdue_balance bigint NOT NULL, currency text NOT NULL,
    lawful_minute bigint
) ON COMMIT DROP;

-- name: join_treatments
-- What was dealt for the cases that are still open, with what its treatment stands for tonight.
CREATE TEMPORARY TABLE tonight ON COMMIT DROP AS
SELECT d.case_id, d.treatment, d.priority, d.seat_id, d.reason || p.price AS reason, d.dpd, d.bucket,
       d.balance, d.overdue_balance, d.currency, to_timestamp(d.lawful_minute * 60) AS lawful_from,
       c.creditor_id, t.code, t.stage, t.channel, t.skill, t.minutes, t.due_at, t.escalates_at
FROM dealt_cases d
JOIN night_proposals_RUN p ON p.case_id = d.case_id
JOIN jsonb_to_recordset(%(treatments)s::jsonb) AS t (
    position smallint, code text, stage text, channel text, skill text, minutes integer,
    due_at timestamptz, escalates_at timestamptz) ON t.position = d.treatment
JOIN cases c ON c.id = d.case_id AND c.closed_on IS NULL;

-- name: find_open
-- The open tasks that earlier nights made for a range of cases; of one treatment the newest goes on.
CREATE TEMPORARY TABLE open_before ON COMMIT DROP AS
SELECT t.id, t.case_id, t.treatment,
       n.case_id IS NOT NULL AND row_number() OVER (
           PARTITION BY t.case_id, t.treatment ORDER BY t.business_date DESC) = 1 AS is_carried
FROM tasks t
JOIN runs r ON r.id = t.run_id AND r.kind = 'nightly'
LEFT JOIN tonight n ON n.case_id = t.case_id AND n.code = t.treatment
WHERE t.state = 'open' AND t.case_id >= %(first_id)s AND t.case_id < %(end_id)s
  AND t.creditor_id = %(creditor_id)s AND t.business_date < %(on)s;

-- name: expire
-- Ends those that tonight does not decide on again.
UPDATE tasks t SET state = 'expired', closed_at = %(now)s
FROM open_before b WHERE t.id = b.id AND NOT b.is_carried;

-- name: carry_over
-- The others stay the same tasks, with tonight's figures and seat; one that had a seat keeps its due time, so that work left lying is seen to be late.
CREATE TEMPORARY TABLE written_tasks ON COMMIT DROP AS
SELECT b.id, n.case_id, n.seat_id, n.code AS treatment, n.stage,
       CASE WHEN t.seat_id IS NULL THEN n.due_at ELSE t.due_at END AS due_at,
       coalesce(t.reason ->> 'since', t.business_date::text) AS since
FROM open_before b
JOIN tasks t ON t.id = b.id
JOIN tonight n ON n.case_id = b.case_id AND n.code = b.treatment
WHERE b.is_carried;
UPDATE tasks t
SET run_id = %(run_id)s, business_date = %(on)s, strategy = %(strategy)s, stage = n.stage,
    channel = n.channel, skill = n.skill, minutes = n.minutes, priority = n.priority,
    due_at = w.due_at, lawful_from = n.lawful_from, seat_id = n.seat_id,
    escalates_at = CASE WHEN t.seat_id IS NULL THEN n.escalates_at ELSE t.escalates_at END,
    dpd = n.dpd, bucket = n.bucket,
    balance_minor = n.balance, overdue_minor = n.overdue_balance, currency = n.currency,
    reason = n.reason || jsonb_build_object('since', w.since)
FROM written_tasks w JOIN tonight n ON n.case_id = w.case_id
WHERE t.id = w.id;

-- name: write_tasks
-- A new task for every other case dealt with, with what the night saw and why this seat.
WITH written AS (
    INSERT INTO tasks (creditor_id, case_id, seat_id, run_id, business_date, strategy, treatment,
                       stage, channel, skill, minutes, priority, due_at, escalates_at,
                       lawful_from, state, reason, dpd, bucket, balance_minor, overdue_minor, currency)
    SELECT n.creditor_id, n.case_id, n.seat_id, %(run_id)s, %(on)s, %(strategy)s, n.code, n.stage,
           n.channel, n.skill, n.minutes, n.priority, n.due_at, n.escalates_at, n.lawful_from,
           'open', n.reason, n.dpd, n.bucket, n.balance, n.overdue_balance, n.currency
    FROM tonight n
    WHERE NOT EXISTS (SELECT 1 FROM written_tasks w WHERE w.case_id = n.case_id)
    ORDER BY n.case_id
    ON CONFLICT (case_id, business_date, treatment) WHERE run_id IS NOT NULL DO NOTHING
    RETURNING id, case_id, seat_id, treatment, stage, due_at
)
INSERT INTO written_tasks (id, case_id, seat_id, treatment, stage, due_at) SELECT * FROM written;

-- name: hand_over
-- The case goes to the seat that got its task and to the stage that its treatment stands for.
UPDATE cases c SET seat_id = coalesce(w.seat_id, c.seat_id), stage = w.stage,
    dealt_on = CASE WHEN w.seat_id IS NULL THEN c.dealt_on
                    WHEN c.seat_id IS DISTINCT FROM w.seat_id THEN %(on)s::date
                    ELSE coalesce(c.dealt_on, %(on)s::date) END
FROM written_tasks w
WHERE c.id = w.case_id
  AND (c.stage <> w.stage OR (w.seat_id IS NOT NULL AND (c.seat_id IS DISTINCT FROM w.seat_id
                                                         OR c.dealt_on IS NULL)));

-- name: take_along
-- What was asked for by day (a call-back) goes along with its case: left with the seat before, it would be next in turn for somebody who does not see the case any more.
UPDATE tasks t SET seat_id = w.seat_id
FROM written_tasks w
WHERE t.case_id = w.case_id AND t.state = 'open' AND t.run_id IS NULL
  AND w.seat_id IS NOT NULL AND t.seat_id IS DISTINCT FROM w.seat_id;

-- name: tell_of_tasks
-- One event for each case that got a task or lost one.
CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS
WITH expired AS (
    SELECT case_id, ',"expired":["' || string_agg(treatment, '","' ORDER BY treatment) || '"]'
           AS told
    FROM open_before WHERE NOT is_carried GROUP BY case_id
)
SELECT 'case' AS chain_kind, coalesce(w.case_id, e.case_id) AS chain_id, 'night.deal' AS action,
       'case:' || coalesce(w.case_id, e.case_id) AS subject,
       '{"business_date":"' || %(on)s::date || '"' || coalesce(e.told, '')
       || coalesce(',"task":{"due_at":"'
                   || to_char(w.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')
                   || '","seat":' || coalesce(w.seat_id::text, 'null')
                   || coalesce(',"since":"' || w.since || '"', '')
                   || ',"treatment":"' || w.treatment || '"}', '') || '}' AS body
FROM written_tasks w FULL JOIN expired e ON e.case_id = w.case_id;

-- name: count_tasks
-- What a chunk came to.
SELECT (SELECT count(*) FROM written_tasks) AS tasks,
       (SELECT count(*) FROM open_before WHERE NOT is_carried) AS expired,
       (SELECT count(*) FROM open_before WHERE is_carried) AS carried_over;

-- name: stand_at_end
-- A creditor's cases and stays as a night leaves them, and which of them came since another did (`last_case_id`, `last_stay_id`).
WITH of_creditor AS (
    SELECT count(*) FILTER (WHERE closed_on IS NULL) AS open_cases,
           coalesce(max(id), 0) AS last_case_id,
           count(*) FILTER (WHERE id > %(last_case_id)s) AS new_cases
    FROM cases WHERE creditor_id = %(creditor_id)s
), stays AS (
    SELECT count(*) FILTER (WHERE s.left_on IS NULL) AS open_stays,
           coalesce(max(s.id), 0) AS last_stay_id,
           count(*) FILTER (WHERE s.gathered) AS gathered_stays,
           count(*) FILTER (WHERE s.id > %(last_stay_id)s) AS new_stays,
           count(*) FILTER (WHERE s.id > %(last_stay_id)s AND s.gathered) AS new_gathered
    FROM case_accounts s JOIN cases c ON c.id = s.case_id WHERE c.creditor_id = %(creditor_id)s
)
SELECT of_creditor.*, stays.*,
       (SELECT coalesce(max(id), 0) FROM accounts WHERE creditor_id = %(creditor_id)s)
           AS last_account_id
FROM of_creditor CROSS JOIN stays;

-- name: seat_minutes_taken
-- Minutes of each seat that are spoken for before a night: filled by other nights of the same business date, or by call-backs asked for by that day.
SELECT t.seat_id, sum(t.minutes)::bigint AS minutes FROM (
    SELECT seat_id, minutes FROM tasks
    WHERE business_date = %(on)s AND seat_id IS NOT NULL AND state IN ('open', 'done')
      AND run_id <> %(run_id)s
    UNION ALL
    SELECT c.seat_id, c.minutes FROM tasks c JOIN creditors cr ON cr.id = c.creditor_id
    WHERE c.run_id IS NULL AND c.seat_id IS NOT NULL AND c.state = 'open'
      AND (c.wanted_at AT TIME ZONE cr.zone)::date <= %(on)s
) AS t GROUP BY t.seat_id;

-- name: summarise_tasks
-- A night's tasks by treatment and skill: how many, how many found a seat, and their minutes.
SELECT treatment, skill, count(*) AS tasks, count(seat_id) AS dealt,
       count(*) - count(seat_id) AS waiting,
       coalesce(sum(minutes), 0)::bigint AS minutes,
       coalesce(sum(minutes) FILTER (WHERE seat_id IS NOT NULL), 0)::bigint AS dealt_minutes
FROM tasks WHERE run_id = %(run_id)s
GROUP BY treatment, skill;

-- name: summarise_dealing
-- A night's tasks by the reason of their dealing.
SELECT reason ->> 'dealing' AS dealing, count(*) AS tasks FROM tasks
WHERE run_id = %(run_id)s GROUP BY 1 ORDER BY 1;
