-- Health: how the database and the queue stand. Nothing here reads a debtor's row.

-- name: database
-- One row: size, connections used and allowed, the oldest open transaction in seconds.
SELECT pg_database_size(current_database()) AS size_bytes,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
           AS connections,
       current_setting('max_connections')::bigint AS connections_most,
       coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start))
                 FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND backend_type = 'client backend'), 0)::float AS oldest_seconds,
       pg_is_in_recovery() AS is_in_recovery;

-- name: tables
-- The largest tables with their indexes; partitions under the name of their table.
SELECT coalesce(parent.relname, c.relname) AS name,
       sum(pg_total_relation_size(c.oid))::bigint AS size_bytes,
       sum(greatest(c.reltuples, 0))::bigint AS rows_about,
       sum(coalesce(s.n_dead_tup, 0))::bigint AS rows_dead
FROM pg_class c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class parent ON parent.oid = i.inhparent
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(limit)s;

-- name: jobs
-- Jobs of the queue by state, with the age of the oldest that waits in seconds.
SELECT status::text AS state, count(*) AS jobs,
       coalesce(extract(epoch FROM %(now)s - min(coalesce(scheduled_at, made.at))),
                0)::float AS oldest_seconds
FROM procrastinate_jobs j
LEFT JOIN LATERAL (SELECT min(e.at) AS at FROM procrastinate_events e
                   WHERE e.job_id = j.id AND e.type IN ('deferred', 'retried')) made ON true
WHERE status IN ('todo', 'doing', 'failed', 'aborted')
GROUP BY status ORDER BY status;

-- name: runs
-- Runs that did not end, and the newest night that did, by kind and state.
SELECT kind, state, count(*) AS runs, max(now) AS newest
FROM runs WHERE state <> 'done' OR kind = 'nightly'
GROUP BY kind, state ORDER BY kind, state;

-- name: open_cases
-- How many cases are open, by the partial index that holds just those.
SELECT count(*) AS cases FROM cases WHERE closed_on IS NULL;

-- name: has_statements
-- Whether the server keeps statistics of statements for this database.
SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements')
       AND position('pg_stat_statements' IN current_setting('shared_preload_libraries')) > 0
           AS is_there;

-- name: slow_statements
-- The statements that cost the most time in one call; their constants are cut out by the server.
SELECT queryid::text AS statement_id, calls, mean_exec_time AS mean_ms, max_exec_time AS most_ms,
       total_exec_time AS total_ms, rows, query
FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND toplevel
  AND query !~* '^\s*(copy|create|alter|drop|truncate|grant|set|vacuum|analyze|begin|commit)'
  AND mean_exec_time >= %(least_ms)s
ORDER BY mean_exec_time DESC LIMIT %(limit)s;
