-- Commands: one row a key. The row is the lock: a second call waits on it for the first.

-- name: begin
-- Takes the key; no row comes back when somebody has it. Waits for one who is about to.
INSERT INTO commands (key_hash, input_hash, use_case, recorded_at)
VALUES (%(key_hash)s, %(input_hash)s, %(use_case)s, %(now)s)
ON CONFLICT (key_hash) DO NOTHING
RETURNING id;

-- name: first
-- What the first call under a key was and answered.
SELECT input_hash, answer FROM commands WHERE key_hash = %(key_hash)s;

-- name: answer
-- The answer of the call that took the key, in its own transaction.
UPDATE commands SET answer = %(answer)s WHERE id = %(id)s;

-- name: free
-- Gives a key back whose call did nothing, in the transaction that took it.
DELETE FROM commands WHERE id = %(id)s;

-- name: drop_old
-- Forgets commands recorded before a time, a batch at a time; says how many.
DELETE FROM commands WHERE id IN (
    SELECT id FROM commands WHERE recorded_at < %(before)s
    ORDER BY recorded_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);
