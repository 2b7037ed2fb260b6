-- One function serves every table. Its trigger arguments name columns whose values must not be copied
-- (password hashes, vectors); for them history keeps that they changed and when, not what they were.
CREATE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
    old_values jsonb;
    new_values jsonb;
    origin jsonb := nullif(current_setting('salesdojo.origin', true), '')::jsonb;
    changed text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(key) INTO changed FROM jsonb_each(new_row) WHERE value IS DISTINCT FROM old_row -> key;
        IF changed IS NULL THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_object_agg(key, old_row -> key), jsonb_object_agg(key, new_row -> key)
            INTO old_values, new_values FROM unnest(changed) AS key;
    ELSE
        old_values := nullif(old_row, '{}'::jsonb);
        new_values := nullif(new_row, '{}'::jsonb);
    END IF;
    FOR i IN 0 .. TG_NARGS - 1 LOOP
        IF old_values ? TG_ARGV[i] THEN old_values := old_values || jsonb_build_object(TG_ARGV[i], '•'); END IF;
        IF new_values ? TG_ARGV[i] THEN new_values := new_values || jsonb_build_object(TG_ARGV[i], '•'); END IF;
    END LOOP;
    INSERT INTO history (
        table_name, record_id, operation, old_values, new_values,
        changed_at, recorded_at, actor_id, channel, request_id, playbook_version
    ) VALUES (
        TG_TABLE_NAME,
        coalesce(new_row ->> 'id', old_row ->> 'id')::uuid,
        lower(TG_OP), old_values, new_values,
        coalesce((origin ->> 'occurred_at')::timestamptz, clock_timestamp()), clock_timestamp(),
        (origin ->> 'actor_id')::uuid,
        coalesce(origin ->> 'channel', 'sql:' || session_user),
        origin ->> 'request_id',
        (origin ->> 'playbook_version')::integer
    );
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER history_keeps_all BEFORE TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();
