-- What the planner knows of the tables.

-- name: tell_server
-- What this session has written counts at once, not after some seconds.
SELECT pg_stat_force_next_flush();

-- name: stale_tables
-- Tables of which more than half has changed since the planner last looked at them.
SELECT quote_ident(s.relname) AS name
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
WHERE s.schemaname = current_schema() AND c.relpersistence = 'p'
  AND s.n_mod_since_analyze > 1000 + 0.5 * greatest(c.reltuples, 0)
ORDER BY s.relname;
