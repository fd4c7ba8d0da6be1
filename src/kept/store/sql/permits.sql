-- Permits: who is locked, what is written, what runs out.

-- name: lock_people
-- The natural persons whose contacts a verdict counts, in the order of their ids: who owes, and whom it reaches; with what is read next about the case. What follows in the transaction is planned once a connection.
SELECT p.id, set_config('plan_cache_mode', 'force_generic_plan', true) AS planned,
       (SELECT c.debtor_id FROM cases c WHERE c.id = %(case_id)s) AS debtor_id,
       (SELECT cr.zone FROM cases c JOIN creditors cr ON cr.id = c.creditor_id
        WHERE c.id = %(case_id)s) AS creditor_zone
FROM persons p
WHERE p.id IN (
    SELECT d.person_id FROM cases c JOIN debtors d ON d.id = c.debtor_id
    WHERE c.id = %(case_id)s
    UNION ALL
    SELECT r.person_id FROM related_persons r
    WHERE r.id = coalesce((SELECT n.related_person_id FROM contact_points n
                           WHERE n.id = %(contact_point_id)s::bigint),
                          %(related_person_id)s::bigint))
ORDER BY p.id
FOR NO KEY UPDATE;

-- name: reserve
-- A new permit and the event that tells of it; its id.
WITH made AS (
    INSERT INTO permits (
        case_id, debtor_id, related_person_id, contact_point_id, legal_entity_id, seat_id,
        presumption_release_id, channel, purpose, account_ids, content_hash, text_label, duties,
        state, issued_at, issued_by, expires_at, outcome)
    VALUES (
        %(case_id)s, %(debtor_id)s, %(related_person_id)s, %(contact_point_id)s,
        %(legal_entity_id)s, %(seat_id)s, %(release_id)s, %(channel)s, %(purpose)s,
        %(account_ids)s, %(content_hash)s, %(text_label)s, %(duties)s, 'reserved', %(now)s,
        %(issued_by)s, %(expires_at)s, '')
    RETURNING id, case_id, issued_at, issued_by
)
SELECT m.id, kept_append_event('case', m.case_id, m.issued_at, m.issued_by, 'permit.issue',
                               'permit:' || m.id, NULL, NULL, NULL, %(body)s) AS sequence
FROM made m;

-- name: use
-- The attempt of a permit, and the permit that cannot be taken back any more; the attempt's id.
WITH made AS (
    INSERT INTO attempts (
        started_at, case_id, debtor_id, contact_point_id, channel, outcome, seat_id, recorded_at,
        inbound, legal_entity_id, related_person_id, account_ids, permit_id)
    SELECT %(now)s, t.case_id, t.debtor_id, t.contact_point_id, t.channel, '', t.seat_id, %(now)s,
           false, %(legal_entity_id)s, t.related_person_id, t.account_ids, t.id
    FROM permits t WHERE t.id = %(permit_id)s AND t.state = 'reserved'
    RETURNING id, permit_id
)
UPDATE permits t
SET state = 'used', used_at = %(now)s, attempt_id = made.id, duties = %(duties)s,
    legal_entity_id = %(legal_entity_id)s
FROM made WHERE t.id = made.permit_id
RETURNING made.id;

-- name: settle
-- The outcome of a used permit and of its attempt; later news of a message replaces it.
WITH settled AS (
    UPDATE permits t SET state = 'settled', outcome = %(outcome)s, ended_at = %(now)s
    WHERE t.id = %(permit_id)s AND t.state IN ('used', 'settled')
    RETURNING t.used_at, t.attempt_id
)
UPDATE attempts a SET outcome = %(outcome)s, talked_account_ids = %(talked_account_ids)s
FROM settled s WHERE a.started_at = s.used_at AND a.id = s.attempt_id;

-- name: learn_validity
-- A number that is not in service is invalid; one on which somebody spoke is valid.
UPDATE contact_points n SET validity = %(validity)s
WHERE n.id = %(contact_point_id)s AND n.validity <> %(validity)s;

-- name: expire
-- Unused permits past their minute; those in somebody's hands at this moment wait for the next time.
WITH due AS (
    SELECT id FROM permits WHERE state = 'reserved' AND expires_at <= %(now)s
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE permits t SET state = 'expired', ended_at = %(now)s
FROM due WHERE t.id = due.id
RETURNING t.id, t.case_id;

-- name: note_overdue
-- Used permits whose outcome should be there by now and was not missed before.
WITH due AS (
    SELECT t.id FROM permits t
    JOIN unnest(%(channels)s::text[], %(minutes)s::int[]) AS w (channel, minutes)
        ON w.channel = t.channel
    WHERE t.state = 'used' AND t.overdue_at IS NULL
      AND t.used_at <= %(now)s::timestamptz - make_interval(mins => w.minutes)
    ORDER BY t.id LIMIT %(limit)s FOR NO KEY UPDATE OF t SKIP LOCKED
)
UPDATE permits t SET overdue_at = %(now)s
FROM due WHERE t.id = due.id
RETURNING t.id, t.case_id;

-- name: waiting
-- Whether any permit ran out or misses its outcome, for the round of the house.
SELECT EXISTS (SELECT 1 FROM permits WHERE state = 'reserved' AND expires_at <= %(now)s)
    OR EXISTS (SELECT 1 FROM permits t
               JOIN unnest(%(channels)s::text[], %(minutes)s::int[]) AS w (channel, minutes)
                   ON w.channel = t.channel
               WHERE t.state = 'used' AND t.overdue_at IS NULL
                 AND t.used_at <= %(now)s::timestamptz - make_interval(mins => w.minutes))
    AS found;
