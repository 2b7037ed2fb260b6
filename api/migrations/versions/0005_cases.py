"""Methods, cases, evidence, feedback."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
