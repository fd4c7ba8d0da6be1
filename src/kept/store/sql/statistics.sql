-- What the planner knows of the tables.

-- name: tell_server
-- What this session has written counts at once, not after some seconds.
SELECT pg_stat_force_next_flush();

-- name: stale_tables
-- Tables of which more than half has changed since the planner last looked at them. Of a table in partitions the whole: the server itself never looks at more than the parts, and without the whole it takes ten attempts of a debtor for ten thousand.
SELECT DISTINCT quote_ident(coalesce(root.relname, s.relname)) AS name
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
LEFT JOIN pg_class root ON root.oid = pg_partition_root(c.oid)
WHERE s.schemaname = current_schema() AND c.relpersistence = 'p'
  AND s.n_mod_since_analyze > 1000 + 0.5 * greatest(c.reltuples, 0)
ORDER BY name;
