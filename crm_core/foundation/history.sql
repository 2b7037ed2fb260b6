-- Written so that it can be run again: migrations do so when a function changes.
--
-- One function serves every table, once for a statement however many rows it touches. Its trigger arguments name
-- columns whose values must not be copied (password hashes, vectors); for them history keeps that they changed and
-- when, not what they were. A row whose id is changed is the end of one record and the beginning of another.
--
-- The plan is made once for a connection: made anew for each statement it would cost more than the writing. A full
-- join cannot become a nested loop, so a plan first made for one row serves a million.
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    origin jsonb := nullif(current_setting('salesdojo.origin', true), '')::jsonb;
    recorded timestamptz := clock_timestamp();
    happened timestamptz := coalesce((origin ->> 'occurred_at')::timestamptz, recorded);
    actor uuid := (origin ->> 'actor_id')::uuid;
    way_in text := coalesce(origin ->> 'channel', 'sql:' || session_user);
    request text := origin ->> 'request_id';
    playbook integer := (origin ->> 'playbook_version')::integer;
    concealed jsonb := '{}';
BEGIN
    FOR i IN 0 .. TG_NARGS - 1 LOOP
        concealed := concealed || jsonb_build_object(TG_ARGV[i], '•');
    END LOOP;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO history (table_name, record_id, operation, new_values,
            changed_at, recorded_at, actor_id, channel, request_id, playbook_version)
        SELECT TG_TABLE_NAME, entry.id, 'insert', to_jsonb(entry) || concealed,
            happened, recorded, actor, way_in, request, playbook
        FROM new_rows AS entry;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO history (table_name, record_id, operation, old_values,
            changed_at, recorded_at, actor_id, channel, request_id, playbook_version)
        SELECT TG_TABLE_NAME, entry.id, 'delete', to_jsonb(entry) || concealed,
            happened, recorded, actor, way_in, request, playbook
        FROM old_rows AS entry;
    ELSE
        INSERT INTO history (table_name, record_id, operation, old_values, new_values,
            changed_at, recorded_at, actor_id, channel, request_id, playbook_version)
        SELECT TG_TABLE_NAME, pair.id, pair.operation, difference.old_values, difference.new_values,
            happened, recorded, actor, way_in, request, playbook
        FROM (
            SELECT coalesce(later.id, earlier.id) AS id, to_jsonb(earlier) AS old_row, to_jsonb(later) AS new_row,
                CASE WHEN earlier.id IS NULL THEN 'insert' WHEN later.id IS NULL THEN 'delete' ELSE 'update' END
                    AS operation
            FROM old_rows AS earlier FULL JOIN new_rows AS later ON earlier.id = later.id
            -- without the OFFSET the rows would become JSON anew for each of their columns
            OFFSET 0
        ) AS pair
        CROSS JOIN LATERAL (
            SELECT
                jsonb_object_agg(key, coalesce(concealed -> key, old_row -> key)) FILTER (WHERE old_row IS NOT NULL)
                    AS old_values,
                jsonb_object_agg(key, coalesce(concealed -> key, value)) FILTER (WHERE new_row IS NOT NULL)
                    AS new_values
            FROM jsonb_each(coalesce(new_row, old_row))
            WHERE new_row IS NULL OR value IS DISTINCT FROM old_row -> key
        ) AS difference
        WHERE difference.old_values IS NOT NULL OR difference.new_values IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

-- Puts a table under history, whatever triggers of history it had before.
CREATE OR REPLACE FUNCTION track_history(followed regclass, VARIADIC concealed text[] DEFAULT '{}')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    arguments text := (SELECT coalesce(string_agg(quote_literal(name), ', '), '') FROM unnest(concealed) AS name);
BEGIN
    EXECUTE format('DROP TRIGGER IF EXISTS record_history ON %s', followed);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER record_history_insert AFTER INSERT ON %s '
        'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION record_history(%s)', followed, arguments);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER record_history_update AFTER UPDATE ON %s '
        'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION record_history(%s)', followed, arguments);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER record_history_delete AFTER DELETE ON %s '
        'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION record_history(%s)', followed, arguments);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER record_history_truncate BEFORE TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()', followed);
END $$;

-- TRUNCATE shows its rows to no trigger, so history could not keep them.
CREATE OR REPLACE FUNCTION refuse_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is under history: use DELETE', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE OR REPLACE TRIGGER history_keeps_all BEFORE TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();
