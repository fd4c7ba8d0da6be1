-- Reveals: how many masked values somebody was shown within the clock's hour.

-- name: count
-- One more, unless that would be too many: then no row is touched.
INSERT INTO reveal_counts (actor, hour, shown)
SELECT %(actor)s, date_trunc('hour', %(now)s::timestamptz), 1
ON CONFLICT (actor, hour) DO UPDATE SET shown = reveal_counts.shown + 1
WHERE reveal_counts.shown < %(most)s;

-- name: forget
-- Counts of hours that are over.
DELETE FROM reveal_counts
WHERE actor = %(actor)s AND hour < date_trunc('hour', %(now)s::timestamptz);
