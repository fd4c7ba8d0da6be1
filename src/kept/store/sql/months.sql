-- Months of events and attempts that retention may drop. _PART stands for one month's table.

-- name: list_months
-- The months of one table, oldest first, as the names of their tables.
SELECT c.relname AS part
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass(%(parent)s) ORDER BY c.relname;

-- name: events_that_stay
-- Why a month of events may not go: not sealed, of a chain that lives, or under a hold.
WITH chains AS (
    SELECT chain_kind, chain_id, max(sequence) AS sequence, max(recorded_at) AS last_at
    FROM _PART GROUP BY 1, 2
), known AS (
    SELECT c.*, h.sealed_sequence, h.sequence AS head,
           CASE c.chain_kind WHEN 'debtor' THEN c.chain_id
                WHEN 'case' THEN (SELECT debtor_id FROM cases WHERE id = c.chain_id) END
               AS debtor_id
    FROM chains c JOIN event_heads h USING (chain_kind, chain_id)
)
SELECT count(*) FILTER (WHERE sequence > sealed_sequence) AS unsealed,
       count(*) FILTER (WHERE chain_kind <> 'house' AND EXISTS (
           SELECT 1 FROM events e
           WHERE e.chain_kind = k.chain_kind AND e.chain_id = k.chain_id
             AND e.sequence = k.head AND e.recorded_at >= %(kept_from)s)) AS living,
       count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM holds d WHERE d.debtor_id = k.debtor_id AND d.released_at IS NULL
             AND d.reason IN ('legal', 'disputed', 'complaint', 'fraud'))) AS held,
       count(*) AS chains
FROM known k;

-- name: attempts_that_stay
-- Why a month of attempts may not go: its case is open or was lately, or under a hold.
SELECT 0 AS unsealed,
       count(*) FILTER (WHERE c.closed_on IS NULL OR c.closed_on >= %(kept_from)s::date) AS living,
       count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM holds d WHERE d.debtor_id = a.debtor_id AND d.released_at IS NULL
             AND d.reason IN ('legal', 'disputed', 'complaint', 'fraud'))) AS held,
       count(*) AS chains
FROM (SELECT DISTINCT case_id, debtor_id FROM _PART) a JOIN cases c ON c.id = a.case_id;

-- name: count_rows
-- How many rows a month has.
SELECT count(*) AS n FROM _PART;

-- name: cut_chains
-- Each chain of the month goes on from its last event there: place and hash stay behind.
INSERT INTO event_starts (chain_kind, chain_id, sequence, hash)
SELECT DISTINCT ON (chain_kind, chain_id) chain_kind, chain_id, sequence, hash
FROM _PART ORDER BY chain_kind, chain_id, sequence DESC
ON CONFLICT (chain_kind, chain_id) DO UPDATE
SET sequence = excluded.sequence, hash = excluded.hash
WHERE event_starts.sequence < excluded.sequence;

-- name: forget_refused_permits
-- Refused contacts of permits that go with their month name them no more.
UPDATE permit_refusals SET permit_id = NULL
WHERE permit_id IN (SELECT t.id FROM permits t
                    WHERE t.used_at >= %(first)s::timestamp AT TIME ZONE 'UTC'
                      AND t.used_at < %(next)s::timestamp AT TIME ZONE 'UTC');

-- name: drop_permits
-- The permits whose attempts went with a month.
DELETE FROM permits t
WHERE t.used_at >= %(first)s::timestamp AT TIME ZONE 'UTC'
  AND t.used_at < %(next)s::timestamp AT TIME ZONE 'UTC';

-- name: starts_digest
-- One SHA-256 over all beginnings, parts of a hundred thousand chains first; null where there are none.
SELECT encode(sha256(string_agg(digest, ''::bytea ORDER BY chain_kind, part)), 'hex') AS digest
FROM (
    SELECT chain_kind, chain_id / 100000 AS part,
           sha256(convert_to(string_agg(
               concat_ws(' ', chain_kind, chain_id, sequence, encode(hash, 'hex')),
               E'\n' ORDER BY chain_id), 'UTF8')) AS digest
    FROM event_starts GROUP BY 1, 2
) AS parts;

-- name: told_digest
-- What the house's chain tells of all beginnings since its newest dropped month of events.
SELECT body FROM events
WHERE chain_kind = 'house' AND chain_id = 0 AND action = 'month.drop'
  AND position('"starts"' IN body) > 0
ORDER BY sequence DESC LIMIT 1;

-- name: drop_month
-- The month goes, all at once.
DROP TABLE _PART;
