-- What Django does not write: partitions, the hash of an event, and tables that only grow.

-- events and attempts, partitioned by month -------------------------------------------------

CREATE SEQUENCE events_id_seq;
CREATE TABLE events (
    id bigint NOT NULL DEFAULT nextval('events_id_seq'),
    recorded_at timestamptz NOT NULL,
    chain_kind varchar(8) NOT NULL CHECK (chain_kind IN ('case', 'debtor', 'house')),
    chain_id bigint NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    actor varchar(150) NOT NULL CHECK (position(E'\n' IN actor) = 0),
    action varchar(48) NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    subject varchar(48) NOT NULL CHECK (subject ~ '^[a-z_]+:[0-9]+$'),
    batch_id bigint,
    body text NOT NULL,
    previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (recorded_at, id)
) PARTITION BY RANGE (recorded_at);
ALTER SEQUENCE events_id_seq OWNED BY events.id;
CREATE INDEX events_by_chain ON events (chain_id, chain_kind, sequence);

CREATE SEQUENCE attempts_id_seq;
CREATE TABLE attempts (
    id bigint NOT NULL DEFAULT nextval('attempts_id_seq'),
    started_at timestamptz NOT NULL,
    case_id bigint NOT NULL REFERENCES cases (id),
    debtor_id bigint NOT NULL REFERENCES debtors (id),
    contact_point_id bigint REFERENCES contact_points (id),
    channel varchar(24) NOT NULL,
    outcome varchar(32) NOT NULL DEFAULT '',
    seat_id bigint REFERENCES seats (id),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (started_at, id)
) PARTITION BY RANGE (started_at);
ALTER SEQUENCE attempts_id_seq OWNED BY attempts.id;
CREATE INDEX attempts_by_case ON attempts (case_id, started_at);
CREATE INDEX attempts_by_debtor ON attempts (debtor_id, started_at);

-- Makes the monthly partitions that are missing between two days; returns how many it made.
CREATE FUNCTION kept_ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    month date := date_trunc('month', first_day)::date;
    parent text;
    made integer := 0;
BEGIN
    WHILE month <= last_day LOOP
        FOREACH parent IN ARRAY ARRAY['events', 'attempts'] LOOP
            IF to_regclass(parent || to_char(month, '"_"YYYY"_"MM')) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    parent || to_char(month, '"_"YYYY"_"MM'), parent,
                    month::timestamp AT TIME ZONE 'UTC',
                    (month + interval '1 month') AT TIME ZONE 'UTC'
                );
                made := made + 1;
            END IF;
        END LOOP;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;

-- The same bytes as kept.core.events.event_hash; a test holds the two together.
CREATE FUNCTION kept_event_hash(
    previous bytea, chain_kind text, chain_id bigint, sequence bigint, recorded_at timestamptz,
    actor text, action text, subject text, batch_id bigint, body text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || convert_to(
        chain_kind || E'\n' || chain_id || E'\n' || sequence || E'\n'
        || (extract(epoch FROM recorded_at) * 1000000)::bigint || E'\n'
        || actor || E'\n' || action || E'\n' || subject || E'\n'
        || coalesce(batch_id::text, '') || E'\n' || body, 'UTF8'))
$$;

-- Tables that only grow ---------------------------------------------------------------------

CREATE FUNCTION kept_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: write a reversing row in place of % (kept)',
        TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER events_only_grow BEFORE UPDATE OR DELETE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION kept_refuse_change();
CREATE TRIGGER entries_only_grow BEFORE UPDATE OR DELETE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION kept_refuse_change();
CREATE TRIGGER postings_only_grow BEFORE UPDATE OR DELETE ON postings
    FOR EACH STATEMENT EXECUTE FUNCTION kept_refuse_change();
CREATE TRIGGER bucket_moves_only_grow BEFORE UPDATE OR DELETE ON bucket_moves
    FOR EACH STATEMENT EXECUTE FUNCTION kept_refuse_change();

-- Values fixed for life ---------------------------------------------------------------------

CREATE FUNCTION kept_refuse_new_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'creditor, debtor, number and currency of an account never change (kept)'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER account_identity_is_fixed BEFORE UPDATE ON accounts FOR EACH ROW
    WHEN (OLD.currency <> NEW.currency OR OLD.creditor_id <> NEW.creditor_id
          OR OLD.external_id <> NEW.external_id OR OLD.debtor_id <> NEW.debtor_id)
    EXECUTE FUNCTION kept_refuse_new_identity();

CREATE FUNCTION kept_refuse_new_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'terms are never edited: end this version and add the next one (kept)'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER terms_are_fixed BEFORE UPDATE ON product_terms FOR EACH ROW
    WHEN (to_jsonb(OLD) - 'valid_to' IS DISTINCT FROM to_jsonb(NEW) - 'valid_to')
    EXECUTE FUNCTION kept_refuse_new_terms();

-- Books and dates of the ledger -------------------------------------------------------------

ALTER TABLE postings ADD CONSTRAINT posting_books_known CHECK (
    from_book IN ('receivable', 'creditor', 'cash', 'unexplained', 'income', 'waived', 'redated')
    AND to_book IN ('receivable', 'creditor', 'cash', 'unexplained', 'income', 'waived', 'redated'));
ALTER TABLE postings ADD CONSTRAINT posting_due_only_when_owed CHECK (
    due_on IS NULL OR from_book = 'receivable' OR to_book = 'receivable');
