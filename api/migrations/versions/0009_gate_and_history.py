"""History once a statement instead of once a row; the gate's guard in the database."""

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


def upgrade() -> None:
    run_script(TRIGGER_SQL)
    op.execute(FOLLOW_BY_STATEMENT)


def run_script(script: str) -> None:
    """Several statements as they stand: no placeholders, so a % in them is a %."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script)
