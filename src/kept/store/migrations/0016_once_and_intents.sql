-- What waits to be told: moved with the head of a case's chain, in the event's own transaction.
-- Where nobody subscribes the triggers are off.

CREATE FUNCTION kept_note_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM subscribers WHERE active) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO announcement_cursors (subscriber_id, case_id, delivered, newest, fence, attempts,
                                          reason)
        SELECT s.id, n.chain_id, 0, n.sequence, 0, 0, ''
        FROM new_heads n
        JOIN cases c ON c.id = n.chain_id
        JOIN subscribers s ON s.active AND (s.creditor_id IS NULL OR s.creditor_id = c.creditor_id)
        WHERE n.chain_kind = 'case' AND n.sequence > 0
        ORDER BY s.id, n.chain_id
        ON CONFLICT (subscriber_id, case_id) DO UPDATE SET newest = excluded.newest;
    ELSE
        INSERT INTO announcement_cursors (subscriber_id, case_id, delivered, newest, fence, attempts,
                                          reason)
        SELECT s.id, n.chain_id, o.sequence, n.sequence, 0, 0, ''
        FROM new_heads n
        JOIN old_heads o ON o.chain_kind = n.chain_kind AND o.chain_id = n.chain_id
        JOIN cases c ON c.id = n.chain_id
        JOIN subscribers s ON s.active AND (s.creditor_id IS NULL OR s.creditor_id = c.creditor_id)
        WHERE n.chain_kind = 'case' AND n.sequence > o.sequence
        ORDER BY s.id, n.chain_id
        ON CONFLICT (subscriber_id, case_id) DO UPDATE SET newest = excluded.newest;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER heads_begun_are_news AFTER INSERT ON event_heads
    REFERENCING NEW TABLE AS new_heads
    FOR EACH STATEMENT EXECUTE FUNCTION kept_note_news();
CREATE TRIGGER heads_moved_are_news AFTER UPDATE ON event_heads
    REFERENCING OLD TABLE AS old_heads NEW TABLE AS new_heads
    FOR EACH STATEMENT EXECUTE FUNCTION kept_note_news();

-- Off until somebody subscribes (work/announcements.py): a bulk write or a seal of all heads then
-- gathers no rows for them.
ALTER TABLE event_heads DISABLE TRIGGER heads_begun_are_news;
ALTER TABLE event_heads DISABLE TRIGGER heads_moved_are_news;
