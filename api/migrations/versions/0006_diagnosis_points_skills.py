"""Diagnosis reports, the points ledger, skills and courses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
