-- Intended contacts: what `situations.sql` knows of one, for many of one creditor at once. Whom each
-- is for waits in temporary tables; instants are UTC minutes, lists are texts with commas between.

-- name: make_contacts
-- The table in which the intended contacts of one chunk are written.
CREATE TEMPORARY TABLE intended_contacts (
    number integer PRIMARY KEY, case_id bigint NOT NULL, channel text NOT NULL,
    contact_point_id bigint, related_person_id bigint
) ON COMMIT DROP;

-- name: parties
-- The case, the debtor, whom the contact is for, the accounts and where the person lives; nothing for a case of another creditor.
WITH chosen AS MATERIALIZED (
    -- Each through its index: the planner does not know how few of a book's cases a chunk holds.
    SELECT c.id AS case_id, c.debtor_id, c.close_reason, c.closed_on, c.seat_id
    FROM (SELECT DISTINCT case_id FROM intended_contacts) AS i
    CROSS JOIN LATERAL (SELECT * FROM cases WHERE id = i.case_id OFFSET 0) AS c
    WHERE c.creditor_id = %(creditor_id)s
), debts AS (
    SELECT k.case_id, string_agg(a.id::text, ',' ORDER BY a.id) AS account_ids,
           string_agg(a.product_id::text, ',' ORDER BY a.id) AS product_ids
    FROM chosen k
    CROSS JOIN LATERAL (SELECT * FROM case_accounts WHERE case_id = k.case_id OFFSET 0) AS s
    CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id = s.account_id OFFSET 0) AS a
    WHERE (s.left_on IS NULL OR k.closed_on IS NOT NULL) AND a.debtor_id = k.debtor_id
    GROUP BY k.case_id
), homes AS (
    SELECT DISTINCT ON (h.debtor_id, h.related_person_id)
           h.debtor_id, h.related_person_id, h.country, h.region, h.zone
    FROM chosen k
    JOIN circumstances h ON h.debtor_id = k.debtor_id AND h.kind = 'residence'
        AND h.ended_at IS NULL
    ORDER BY h.debtor_id, h.related_person_id, h.received_at DESC, h.id DESC
)
SELECT i.number, c.case_id, c.close_reason, d.id AS debtor_id, d.person_id,
       d.country AS debtor_country, array_to_string(d.zones, ',') AS debtor_zones,
       (d.erased_at IS NOT NULL)::int AS is_erased, t.legal_entity_id AS team_entity_id,
       p.id AS point_id, p.usage AS point_usage, encode(p.value_hash, 'hex') AS address,
       CASE WHEN p.kind = 'phone' THEN encode(p.value_cipher, 'hex') END AS number_cipher,
       (coalesce(p.consent, '') = 'withdrawn')::int AS is_withdrawn,
       r.id AS related_id, r.relation, r.person_id AS related_person_person_id,
       debts.account_ids, debts.product_ids, (h.debtor_id IS NOT NULL)::int AS has_home,
       h.country AS home_country, h.region AS home_region, h.zone AS home_zone,
       (o.debtor_id IS NOT NULL)::int AS has_own_home, o.country AS own_country,
       o.region AS own_region, o.zone AS own_zone
FROM intended_contacts i
JOIN chosen c ON c.case_id = i.case_id
CROSS JOIN LATERAL (SELECT * FROM debtors WHERE id = c.debtor_id OFFSET 0) AS d
LEFT JOIN debts ON debts.case_id = c.case_id
LEFT JOIN seats st ON st.id = c.seat_id
LEFT JOIN teams t ON t.id = st.team_id
LEFT JOIN LATERAL (
    SELECT * FROM contact_points WHERE id = i.contact_point_id OFFSET 0
) AS p ON p.debtor_id = d.id
LEFT JOIN related_persons r ON r.debtor_id = d.id
    AND r.id = coalesce(p.related_person_id, i.related_person_id)
LEFT JOIN homes h ON h.debtor_id = d.id AND h.related_person_id IS NOT DISTINCT FROM r.id
LEFT JOIN homes o ON o.debtor_id = d.id AND o.related_person_id IS NULL
ORDER BY i.number;

-- name: make_groups
-- Tables for those contacts that share case and person, and for the natural persons of each.
CREATE TEMPORARY TABLE intended_groups (
    number integer PRIMARY KEY, case_id bigint NOT NULL, debtor_id bigint NOT NULL,
    person_id bigint NOT NULL, natural_id bigint
) ON COMMIT DROP;

-- name: make_people
-- The natural persons of each group, once each.
CREATE TEMPORARY TABLE intended_people ON COMMIT DROP AS
SELECT number, person_id FROM intended_groups
UNION
SELECT number, natural_id FROM intended_groups WHERE natural_id IS NOT NULL;

-- name: count_groups
-- Tells the planner how large they are.
ANALYZE intended_groups, intended_people;

-- name: marks
-- What is known of a debtor beside records: an attorney, holds, numbers of which none is in service; only where there is any.
SELECT m.number, bool_or(m.has_attorney)::int AS has_attorney,
       string_agg(DISTINCT m.reason, ',') AS hold_reasons,
       bool_or(m.is_invalid)::int AS numbers_invalid
FROM (
    SELECT g.number, true AS has_attorney, NULL::text AS reason, false AS is_invalid
    FROM intended_groups g JOIN related_persons w ON w.debtor_id = g.debtor_id
    WHERE w.relation = 'attorney'
    UNION ALL
    SELECT g.number, false, h.reason, false
    FROM intended_groups g JOIN holds h ON h.debtor_id = g.debtor_id AND h.released_at IS NULL
    UNION ALL
    SELECT g.number, false, NULL, bool_and(n.validity = 'invalid')
    FROM intended_groups g JOIN contact_points n ON n.debtor_id = g.debtor_id
        AND n.related_person_id IS NULL AND n.kind = 'phone'
    GROUP BY g.number
    HAVING bool_and(n.validity = 'invalid')
) AS m
GROUP BY m.number;

-- name: records
-- What stands in every noun about the debtors of whom anything does; a residence alone is none.
WITH known_of AS (
    SELECT g.number FROM intended_groups g JOIN consents x ON x.debtor_id = g.debtor_id
    UNION
    SELECT g.number FROM intended_groups g
    JOIN representations x ON x.debtor_id = g.debtor_id AND x.ended_at IS NULL
    UNION
    SELECT g.number FROM intended_groups g
    JOIN disputes x ON x.debtor_id = g.debtor_id AND x.ended_at IS NULL
    UNION
    SELECT g.number FROM intended_groups g
    JOIN vulnerabilities x ON x.debtor_id = g.debtor_id AND x.ended_at IS NULL
    UNION
    SELECT g.number FROM intended_groups g
    JOIN hardships x ON x.debtor_id = g.debtor_id AND x.ended_at IS NULL AND x.kind = 'instalment'
    UNION
    SELECT g.number FROM intended_groups g
    JOIN circumstances x ON x.debtor_id = g.debtor_id AND x.ended_at IS NULL
        AND x.kind <> 'residence'
    UNION
    SELECT p.number FROM intended_people p JOIN debtors d ON d.person_id = p.person_id
    JOIN circumstances x ON x.debtor_id = d.id AND x.ended_at IS NULL
        AND x.related_person_id IS NULL
        AND x.kind IN ('death', 'incapacity', 'minor', 'bankruptcy')
    UNION
    SELECT p.number FROM intended_people p JOIN debtors d ON d.person_id = p.person_id
    JOIN stops x ON x.debtor_id = d.id AND x.ended_at IS NULL
    UNION
    SELECT p.number FROM intended_people p JOIN related_persons r ON r.person_id = p.person_id
    JOIN stops x ON x.related_person_id = r.id AND x.ended_at IS NULL
)
SELECT g.number, found.*
FROM known_of JOIN LATERAL (
    SELECT i.number, i.debtor_id, ARRAY(SELECT p.person_id FROM intended_people p
                                        WHERE p.number = i.number) AS person_ids
    FROM intended_groups i WHERE i.number = known_of.number
) AS g ON true
CROSS JOIN LATERAL (/* records */) AS found;

-- name: histories
-- Of each creditor from which day on all contacts are known, and the companies that ever held its mandate.
SELECT o.id AS creditor_id,
       CASE WHEN o.no_history_before THEN NULL
            ELSE coalesce(o.complete_from, o.cut_over_on) - date '1970-01-01' END AS complete_from,
       o.no_history_before OR o.cut_over_on IS NOT NULL AS known,
       ARRAY(SELECT g.legal_entity_id FROM engagements g WHERE g.creditor_id = o.id) AS entities
FROM creditors o;

-- name: knowing_creditors
-- The creditors of each debtor's person, where they are several.
SELECT g.number, string_agg(DISTINCT x.creditor_id::text, ',') AS creditor_ids
FROM intended_groups g JOIN debtors x ON x.person_id = g.person_id
GROUP BY g.number
HAVING count(DISTINCT x.creditor_id) > 1;

-- name: mandates
-- The creditor, the mandates of the day, what its products are and which rules were switched.
SELECT cr.country AS creditor_country, cr.zone AS creditor_zone,
       (SELECT coalesce(json_agg(json_build_object(
                   'entity_id', e.legal_entity_id, 'product_id', e.product_id,
                   'own_name', e.in_own_name, 'type', l.type, 'country', l.country,
                   'licences', l.licences) ORDER BY e.id), '[]')
        FROM engagements e JOIN legal_entities l ON l.id = e.legal_entity_id
        WHERE e.creditor_id = cr.id
          AND e.valid_from <= (to_timestamp(%(minute)s::bigint * 60) AT TIME ZONE cr.zone)::date
          AND (e.valid_to IS NULL
               OR e.valid_to >= (to_timestamp(%(minute)s::bigint * 60) AT TIME ZONE cr.zone)::date)
       ) AS engagements,
       (SELECT coalesce(json_agg(json_build_array(p.id, p.debt_type)), '[]')
        FROM products p WHERE p.creditor_id = cr.id) AS products,
       (SELECT coalesce(json_agg(json_build_array(s.rule_id, s.state, s.reason)
                                 ORDER BY s.rule_id), '[]')
        FROM rule_switches s) AS switches
FROM creditors cr WHERE cr.id = %(creditor_id)s;

-- name: history
-- Every attempt on the persons of each group by anybody, in no order, and every open permit as if it were used at the asked minute.
-- The reader sorts: the database would do it on disk. Of an address's keyed hash it compares less
-- than eight bytes.
WITH near AS (
    SELECT p.number, d.id AS debtor_id, d.person_id, NULL::bigint AS related_id
    FROM intended_people p JOIN debtors d ON d.person_id = p.person_id
    UNION ALL
    SELECT p.number, r.debtor_id, d.person_id, r.id
    FROM intended_people p JOIN related_persons r ON r.person_id = p.person_id
    JOIN debtors d ON d.id = r.debtor_id
    WHERE NOT EXISTS (SELECT 1 FROM intended_people q
                      WHERE q.number = p.number AND q.person_id = d.person_id)
), about AS (
    SELECT DISTINCT debtor_id FROM near
), debts AS MATERIALIZED (
    SELECT s.case_id, string_agg(s.account_id::text, ',') AS account_ids
    FROM about b JOIN cases c ON c.debtor_id = b.debtor_id
    JOIN case_accounts s ON s.case_id = c.id
    GROUP BY s.case_id
), made AS (
    SELECT n.number, n.person_id, n.related_id AS only_id, a.id, a.started_at, a.channel,
           a.inbound, a.outcome, a.legal_entity_id, a.account_ids, a.talked_account_ids,
           a.case_id, a.related_person_id, a.contact_point_id
    FROM near n
    -- By its index, whatever the planner believes of ten million attempts in their partitions.
    CROSS JOIN LATERAL (SELECT * FROM attempts WHERE debtor_id = n.debtor_id OFFSET 0) AS a
    UNION ALL
    SELECT n.number, n.person_id, n.related_id, -t.id, to_timestamp(%(minute)s::bigint * 60),
           t.channel, false, '', t.legal_entity_id, t.account_ids, NULL, t.case_id,
           t.related_person_id, t.contact_point_id
    FROM near n JOIN permits t ON t.debtor_id = n.debtor_id
    WHERE t.state = 'reserved' AND t.expires_at > to_timestamp(%(minute)s::bigint * 60)
), known AS (
    SELECT m.*, p.usage, p.address,
           coalesce(m.related_person_id, p.related_person_id) AS related_id
    FROM made m
    LEFT JOIN LATERAL (
        SELECT related_person_id, usage,
               encode(substring(value_hash FROM 1 FOR 8), 'hex') AS address
        FROM contact_points WHERE id = m.contact_point_id OFFSET 0
    ) AS p ON true
)
SELECT m.number, date_part('epoch', m.started_at) AS instant, m.channel,
       m.inbound::int AS inbound, m.outcome, m.legal_entity_id AS entity_id,
       coalesce(array_to_string(m.account_ids, ','), o.account_ids) AS account_ids,
       array_to_string(m.talked_account_ids, ',') AS talked_account_ids,
       (m.talked_account_ids IS NOT NULL)::int AS is_told, m.id, m.related_id, r.relation,
       r.person_id AS related_person_person_id, m.person_id, m.address, m.usage
FROM known m
LEFT JOIN debts o ON o.case_id = m.case_id
LEFT JOIN related_persons r ON r.id = m.related_id
WHERE m.only_id IS NULL OR m.only_id = m.related_id;
