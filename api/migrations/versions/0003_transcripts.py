"""Recordings and transcripts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
