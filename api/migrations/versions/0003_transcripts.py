"""Recordings and transcripts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "transcripts",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("duration_seconds", sa.Float(), nullable=True),
        sa.Column("speech_seconds", sa.Float(), nullable=True),
        sa.Column("coverage", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("model", sa.String(200), nullable=True),
        sa.Column("language", sa.String(10), nullable=True),
        sa.Column("segments", postgresql.JSONB(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("edited_text", sa.String(), nullable=True),
        sa.Column("edited_by", sa.Uuid(), nullable=True),
        sa.Column("edited_at", instant, nullable=True),
        sa.Column("error_code", sa.String(60), nullable=True),
        sa.Column("error_parameters", postgresql.JSONB(), nullable=False),
        sa.Column("started_at", instant, nullable=True),
        sa.Column("finished_at", instant, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'waiting_for_model', 'done', 'failed')",
            name=op.f("ck_transcripts_status"),
        ),
        sa.CheckConstraint("source IN ('voice', 'typed')", name=op.f("ck_transcripts_source")),
        sa.CheckConstraint(
            "(source = 'voice') = (sha256 IS NOT NULL)", name=op.f("ck_transcripts_voice_has_sound")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_transcripts_customer_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_transcripts_lead_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_transcripts_visit_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_transcripts_uploaded_by")),
        sa.ForeignKeyConstraint(["edited_by"], ["people.id"], name=op.f("fk_transcripts_edited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
    )
    for column in ("customer_id", "uploaded_by", "status", "sha256"):
        op.create_index(op.f(f"ix_transcripts_{column}"), "transcripts", [column])
    op.create_index("ix_transcripts_lead_created", "transcripts", ["lead_id", "created_at"])
    # the words are history's business (who corrected what); the time stamps of every word are not
    op.execute(tracking_sql("transcripts", "segments"))

    op.create_table(
        "transcribed_pieces",
        sa.Column("transcript_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("segments", postgresql.JSONB(), nullable=False),
        sa.Column("share_done", sa.Float(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=op.f("fk_transcribed_pieces_transcript_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcribed_pieces")),
        sa.UniqueConstraint("transcript_id", "place", name=op.f("uq_transcribed_pieces_transcript_id_place")),
    )
    op.execute(tracking_sql("transcribed_pieces", "segments"))
