-- Texts: what is asked of whole books.

-- name: languages
-- The languages of the debtors of some creditors, by creditor: one step in the index of (creditor, language) for each, however many debtors speak it.
WITH RECURSIVE spoken AS (
    SELECT c.id AS creditor_id,
           (SELECT min(d.language) FROM debtors d
            WHERE d.creditor_id = c.id AND d.language > '') AS language
    FROM unnest(%(creditor_ids)s::bigint[]) AS c (id)
    UNION ALL
    SELECT s.creditor_id,
           (SELECT min(d.language) FROM debtors d
            WHERE d.creditor_id = s.creditor_id AND d.language > s.language)
    FROM spoken s WHERE s.language IS NOT NULL
)
SELECT creditor_id, language FROM spoken WHERE language IS NOT NULL
ORDER BY creditor_id, language;
