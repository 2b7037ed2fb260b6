"""History written once a statement instead of once a row; a new database has it so from the start."""

from alembic import op
from sqlalchemy import text

from crm_core.foundation.history import TRIGGER_SQL, tracking_sql

revision = "0009"
down_revision = "0008"

# trigger arguments are kept as bytes with a zero after each
ROW_TRIGGERS = """
SELECT tgrelid::regclass::text AS table_name, encode(tgargs, 'escape') AS arguments
FROM pg_trigger WHERE tgname = 'record_history'
"""


def upgrade() -> None:
    tracked = op.get_bind().execute(text(ROW_TRIGGERS)).all()
    if not tracked:
        return
    op.execute("DROP FUNCTION record_history, refuse_history_change CASCADE")
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    # as it stands: no placeholders, so a % in it is a %
    driver.execute(TRIGGER_SQL)
    for table_name, arguments in tracked:
        concealed = [name for name in arguments.split("\\000") if name]
        op.execute(tracking_sql(table_name, *concealed))
