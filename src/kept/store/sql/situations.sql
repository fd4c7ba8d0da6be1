-- Situations: what the book knows of one intended contact, in three statements. Instants are UTC
-- minutes, days are day numbers since 1970, addresses the keyed hashes of contact points in hex.

-- name: parties
-- The case, its debtor and creditor, whom the contact is for, the accounts, the mandates of the day, the switches of rules, and the holds on contact, whose last day is that of the latest clock on earth.
SELECT c.id AS case_id, c.close_reason, c.creditor_id, cr.country AS creditor_country,
       cr.zone AS creditor_zone, d.id AS debtor_id, d.person_id, d.country AS debtor_country,
       d.zones AS debtor_zones, d.erased_at IS NOT NULL AS is_erased,
       t.legal_entity_id AS team_entity_id,
       p.id AS point_id, p.kind AS point_kind, p.usage AS point_usage, p.value_cipher,
       encode(p.value_hash, 'hex') AS address, p.consent AS point_consent,
       r.id AS related_id, r.relation, r.person_id AS related_person_person_id,
       (SELECT coalesce(json_agg(json_build_object(
                   'id', a.id, 'product_id', a.product_id, 'debt_type', pr.debt_type)
                   ORDER BY a.id), '[]')
        FROM accounts a JOIN products pr ON pr.id = a.product_id
        WHERE a.debtor_id = d.id
          AND CASE WHEN %(account_ids)s::bigint[] IS NULL
                   THEN a.id IN (SELECT s.account_id FROM case_accounts s
                                 WHERE s.case_id = c.id
                                   AND (s.left_on IS NULL OR c.closed_on IS NOT NULL))
                   ELSE a.id = ANY (%(account_ids)s::bigint[]) END) AS accounts,
       (SELECT coalesce(json_agg(json_build_object(
                   'entity_id', e.legal_entity_id, 'product_id', e.product_id,
                   'own_name', e.in_own_name, 'type', l.type, 'country', l.country,
                   'licences', l.licences) ORDER BY e.id), '[]')
        FROM engagements e JOIN legal_entities l ON l.id = e.legal_entity_id
        WHERE e.creditor_id = c.creditor_id
          AND e.valid_from <= (to_timestamp(%(minute)s::bigint * 60) AT TIME ZONE cr.zone)::date
          AND (e.valid_to IS NULL
               OR e.valid_to >= (to_timestamp(%(minute)s::bigint * 60) AT TIME ZONE cr.zone)::date)
       ) AS engagements,
       (SELECT json_agg(json_build_object(
                   'complete_from', CASE WHEN o.no_history_before THEN NULL
                       ELSE coalesce(o.complete_from, o.cut_over_on) - date '1970-01-01' END,
                   'known', o.no_history_before OR o.cut_over_on IS NOT NULL,
                   'entities', ARRAY(SELECT g.legal_entity_id FROM engagements g
                                     WHERE g.creditor_id = o.id)))
        FROM creditors o
        WHERE o.id = c.creditor_id
           OR o.id IN (SELECT x.creditor_id FROM debtors x WHERE x.person_id = d.person_id)
       ) AS histories,
       (SELECT count(*) > 0 AND bool_and(n.validity = 'invalid') FROM contact_points n
        WHERE n.debtor_id = d.id AND n.related_person_id IS NULL AND n.kind = 'phone')
           AS numbers_invalid,
       EXISTS (SELECT 1 FROM related_persons w WHERE w.debtor_id = d.id
                 AND w.relation = 'attorney') AS has_attorney,
       ARRAY(SELECT DISTINCT h.reason FROM holds h
             WHERE h.debtor_id = d.id AND h.released_at IS NULL) AS hold_reasons,
       (SELECT coalesce(json_agg(json_build_array(h.reason, h.account_id) ORDER BY h.id), '[]')
        FROM holds h
        WHERE h.debtor_id = d.id AND h.released_at IS NULL AND 'contact' = ANY (h.effects)
          AND (h.until IS NULL
               OR h.until >= (to_timestamp(%(minute)s::bigint * 60) AT TIME ZONE 'UTC')::date - 1)
       ) AS contact_holds,
       (SELECT coalesce(json_agg(json_build_array(s.rule_id, s.state, s.reason)
                                 ORDER BY s.rule_id), '[]')
        FROM rule_switches s) AS switches
FROM cases c
JOIN creditors cr ON cr.id = c.creditor_id
JOIN debtors d ON d.id = c.debtor_id
LEFT JOIN seats st ON st.id = c.seat_id
LEFT JOIN teams t ON t.id = st.team_id
LEFT JOIN contact_points p ON p.id = %(contact_point_id)s AND p.debtor_id = d.id
LEFT JOIN related_persons r ON r.debtor_id = d.id
    AND r.id = coalesce(p.related_person_id, %(related_person_id)s::bigint)
WHERE c.id = %(case_id)s;

-- name: points
-- Every contact point of a debtor and of those tied to them, in the order of the contact book.
SELECT p.id AS point_id, p.kind AS point_kind, p.usage AS point_usage, p.value_cipher,
       encode(p.value_hash, 'hex') AS address, p.consent AS point_consent,
       r.id AS related_id, r.relation, r.person_id AS related_person_person_id
FROM contact_points p LEFT JOIN related_persons r ON r.id = p.related_person_id
WHERE p.debtor_id = %(debtor_id)s
ORDER BY p.position, p.id;

-- name: records
-- What stands in every noun about the debtor; stops and circumstances from all who know the person.
WITH known AS (
    SELECT id FROM debtors WHERE person_id = ANY (%(person_ids)s::bigint[])
), minutes AS (
    SELECT %(minute)s::bigint AS now
), stop AS (
    SELECT s.kind, s.related_person_id, r.person_id AS related_person, d.person_id, s.channel,
           encode(p.value_hash, 'hex') AS address, s.medium, s.accepted, s.place, s.windows,
           s.from_on - date '1970-01-01' AS from_day, s.until_on - date '1970-01-01' AS until_day,
           floor(extract(epoch FROM s.received_at) / 60)::bigint AS received
    FROM stops s JOIN debtors d ON d.id = s.debtor_id
    LEFT JOIN related_persons r ON r.id = s.related_person_id
    LEFT JOIN contact_points p ON p.id = s.contact_point_id
    WHERE s.ended_at IS NULL
      AND (s.debtor_id IN (SELECT id FROM known) OR r.person_id = ANY (%(person_ids)s::bigint[]))
), circumstance AS (
    SELECT c.kind, c.related_person_id, c.debtor_id, o.person_id, c.status, c.country, c.region,
           c.zone, c.place,
           c.account_ids, c.until_on - date '1970-01-01' AS until_day,
           floor(extract(epoch FROM c.received_at) / 60)::bigint AS received
    FROM circumstances c JOIN debtors o ON o.id = c.debtor_id
    WHERE c.ended_at IS NULL
      AND (c.debtor_id = %(debtor_id)s
           OR (c.related_person_id IS NULL AND c.debtor_id IN (SELECT id FROM known)
               AND c.kind IN ('death', 'incapacity', 'minor', 'bankruptcy')))
    ORDER BY c.received_at, c.id
), consent AS (
    SELECT c.kind, c.related_person_id, c.directly_to_id AS directly_to, c.channel,
           encode(p.value_hash, 'hex') AS address, c.windows, c.given_while_inconvenient,
           c.account_ids, ARRAY(SELECT o - date '1970-01-01' FROM unnest(c.only_on) o) AS only_on,
           floor(extract(epoch FROM c.received_at) / 60)::bigint AS received,
           floor(extract(epoch FROM least(c.until_at, c.ended_at)) / 60)::bigint AS until
    FROM consents c LEFT JOIN contact_points p ON p.id = c.contact_point_id
    WHERE c.debtor_id = %(debtor_id)s
    ORDER BY c.received_at, c.id
), representation AS (
    SELECT r.kind, r.related_person_id, r.account_ids, r.is_certain, r.is_reachable,
           r.allows_contact, r.is_unresponsive,
           (r.received_at AT TIME ZONE %(zone)s)::date - date '1970-01-01' AS since_day
    FROM representations r WHERE r.debtor_id = %(debtor_id)s AND r.ended_at IS NULL
    ORDER BY r.received_at, r.id
), dispute AS (
    SELECT s.category, s.written, s.account_ids,
           floor(extract(epoch FROM s.received_at) / 60)::bigint AS received
    FROM disputes s WHERE s.debtor_id = %(debtor_id)s AND s.ended_at IS NULL
)
SELECT (SELECT coalesce(json_agg(stop), '[]') FROM stop) AS stops,
       (SELECT coalesce(json_agg(circumstance), '[]') FROM circumstance) AS circumstances,
       (SELECT coalesce(json_agg(consent), '[]') FROM consent) AS consents,
       (SELECT coalesce(json_agg(representation), '[]') FROM representation) AS representations,
       (SELECT coalesce(json_agg(dispute), '[]') FROM dispute) AS disputes,
       EXISTS (SELECT 1 FROM vulnerabilities v
               WHERE v.debtor_id = %(debtor_id)s AND v.ended_at IS NULL) AS is_vulnerable,
       EXISTS (SELECT 1 FROM hardships h
               WHERE h.debtor_id = %(debtor_id)s AND h.ended_at IS NULL
                 AND h.kind = 'instalment' AND NOT h.is_breached
                 AND (h.until_on IS NULL
                      OR h.until_on >= (to_timestamp(%(minute)s::bigint * 60)
                                        AT TIME ZONE %(zone)s)::date)) AS has_performing_plan;

-- name: history
-- Attempts on these persons by anybody, and every open permit as if it were used now: as debtors of any creditor, and as related persons of others. Like ones are one row with their seconds; with `apart` each is one.
WITH near AS (
    SELECT d.id AS debtor_id, d.person_id, NULL::bigint AS only_id FROM debtors d
    WHERE d.person_id = ANY (%(person_ids)s::bigint[])
    UNION ALL
    SELECT r.debtor_id, d.person_id, r.id
    FROM related_persons r JOIN debtors d ON d.id = r.debtor_id
    WHERE r.person_id = ANY (%(person_ids)s::bigint[])
      AND d.person_id <> ALL (%(person_ids)s::bigint[])
), made AS (
    SELECT n.person_id, n.only_id, a.*
    FROM near n CROSS JOIN LATERAL (
        SELECT a.channel, a.inbound, a.outcome, a.legal_entity_id, a.account_ids,
               a.talked_account_ids, a.case_id, a.contact_point_id, a.related_person_id,
               CASE WHEN %(apart)s::boolean THEN a.id END AS id,
               min(a.started_at) AS started_at,
               array_agg(date_part('epoch', a.started_at)) AS seconds
        FROM attempts a WHERE a.debtor_id = n.debtor_id
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) a
    UNION ALL
    SELECT n.person_id, n.only_id, t.channel, false, '', t.legal_entity_id, t.account_ids, NULL,
           t.case_id, t.contact_point_id, t.related_person_id, -t.id,
           to_timestamp(%(minute)s::bigint * 60), ARRAY[%(minute)s::float8 * 60]
    FROM near n JOIN permits t ON t.debtor_id = n.debtor_id
    WHERE t.state = 'reserved' AND t.expires_at > to_timestamp(%(minute)s::bigint * 60)
      AND t.id IS DISTINCT FROM %(permit_id)s::bigint
)
SELECT m.id, m.seconds, m.channel, m.inbound, m.outcome, m.legal_entity_id,
       coalesce(m.account_ids, ARRAY(SELECT s.account_id FROM case_accounts s
                                     WHERE s.case_id = m.case_id)) AS account_ids,
       m.talked_account_ids, coalesce(m.related_person_id, p.related_person_id) AS related_id,
       r.relation, r.person_id AS related_person, m.person_id,
       encode(p.value_hash, 'hex') AS address, p.usage
FROM made m
LEFT JOIN contact_points p ON p.id = m.contact_point_id
LEFT JOIN related_persons r ON r.id = coalesce(m.related_person_id, p.related_person_id)
WHERE m.only_id IS NULL OR m.only_id = coalesce(m.related_person_id, p.related_person_id)
ORDER BY m.started_at, m.id;
