"""History once a statement instead of once a row; no lead moves without a move that says so."""

import sqlalchemy as sa
from alembic import op

from crm_core.foundation.history import TRIGGER_SQL

revision = "0009"
down_revision = "0008"

# tables of installations that were made while history was written row by row, with the columns that it conceals;
# PostgreSQL keeps the arguments of a trigger as bytes, a zero after each
FOLLOW_BY_STATEMENT = r"""
SELECT track_history(tgrelid::regclass, VARIADIC array_remove(string_to_array(encode(tgargs, 'escape'), '\000'), ''))
FROM pg_trigger WHERE tgname = 'record_history'
"""


# moves in the order in which they were written: two of one lead can bear the same time, and imported ones are older
NUMBER_MOVES = """
UPDATE stage_moves AS move SET number = ordered.number
FROM (SELECT id, row_number() OVER (ORDER BY moved_at, created_at, id) AS number FROM stage_moves) AS ordered
WHERE ordered.id = move.id;
ALTER TABLE stage_moves ALTER COLUMN number SET NOT NULL;
ALTER TABLE stage_moves ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('stage_moves', 'number'), coalesce(max(number), 0) + 1, false) FROM stage_moves;
"""

# Looked at when the transaction ends, because a lead and its move are two statements. What a lead's last move says must
# be where it stands: its stage, its outcome, and how far the money is. A mapped move changes the stage alone.
GUARD = """
CREATE FUNCTION require_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stated record;
    told record;
BEGIN
    IF TG_TABLE_NAME = 'leads' THEN
        SELECT id, stage, outcome, payment_state INTO stated FROM leads WHERE id = NEW.id;
    ELSE
        SELECT id, stage, outcome, payment_state INTO stated FROM leads WHERE id = NEW.lead_id;
    END IF;
    IF stated.id IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT
        (SELECT to_stage FROM stage_moves WHERE lead_id = stated.id ORDER BY number DESC LIMIT 1) AS stage,
        (SELECT kind FROM stage_moves WHERE lead_id = stated.id AND kind <> 'mapped' ORDER BY number DESC LIMIT 1)
            AS kind
        INTO told;
    IF stated.stage IS DISTINCT FROM told.stage
        OR stated.outcome IS DISTINCT FROM (CASE
            WHEN told.kind IN ('won', 'invoiced', 'paid') THEN 'won'
            WHEN told.kind IN ('lost', 'parked') THEN told.kind
            WHEN told.kind IN ('created', 'forward', 'back', 'reopened') THEN 'open' END)
        OR stated.payment_state IS DISTINCT FROM (CASE
            WHEN told.kind = 'won' THEN 'contract'
            WHEN told.kind IN ('invoiced', 'paid') THEN told.kind END)
    THEN
        RAISE EXCEPTION 'lead % does not stand where its last move says', stated.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'leads_move_through_the_gate';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER new_leads_have_a_move AFTER INSERT ON leads
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_move();
CREATE CONSTRAINT TRIGGER leads_move_through_the_gate AFTER UPDATE OF stage, outcome, payment_state ON leads
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.stage, OLD.outcome, OLD.payment_state) IS DISTINCT FROM (NEW.stage, NEW.outcome, NEW.payment_state))
    EXECUTE FUNCTION require_move();
CREATE CONSTRAINT TRIGGER moves_are_true AFTER INSERT ON stage_moves
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_move();
CREATE TRIGGER stage_moves_append_only BEFORE UPDATE OR DELETE ON stage_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();
"""


def upgrade() -> None:
    run_script(TRIGGER_SQL)
    op.execute(FOLLOW_BY_STATEMENT)
    op.add_column("stage_moves", sa.Column("number", sa.BigInteger(), nullable=True))
    run_script(NUMBER_MOVES)
    op.create_index("uq_stage_moves_lead_number", "stage_moves", ["lead_id", "number"], unique=True)
    run_script(GUARD)


def run_script(script: str) -> None:
    """Several statements as they stand: no placeholders, so a % in them is a %."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script)
