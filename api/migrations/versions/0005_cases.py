"""Methods, cases, evidence, feedback."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
WORDS = postgresql.ARRAY


def upgrade() -> None:
    _cases()
    _parts_of_cases()
    _methods()
    _feedback()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("industry", sa.String(80), nullable=True),
        sa.Column("size", sa.String(80), nullable=True),
        sa.Column("region", sa.String(120), nullable=True),
        sa.Column("situation", sa.String(2000), nullable=True),
        sa.Column("pain_points", WORDS(sa.String(40)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("products", WORDS(sa.String(120)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("key_actions", WORDS(sa.String(200)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("cycle_days", sa.Integer(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("amount", sa.Numeric(14, 2), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_identity("cases"),
        sa.CheckConstraint("status IN ('draft', 'published', 'retired')", name=op.f("ck_cases_status")),
        *_references("cases", lead_id="leads", customer_id="customers", rep_id="people", owner_id="people"),
        sa.UniqueConstraint("lead_id", name=op.f("uq_cases_lead_id")),
    )
    _index("cases", "customer_id", "rep_id", "owner_id", "status", "expires_on")
    op.execute(tracking_sql("cases"))


def _parts_of_cases() -> None:
    op.create_table(
        "case_methods",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("method_code", sa.String(40), nullable=False),
        *_identity("case_methods"),
        *_references("case_methods", case_id="cases"),
        sa.UniqueConstraint("case_id", "method_code", name=op.f("uq_case_methods_case_id_method_code")),
    )
    _index("case_methods", "method_code")
    op.execute(tracking_sql("case_methods"))
    op.create_table(
        "case_evidence",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        *_identity("case_evidence"),
        *_references("case_evidence", case_id="cases", uploaded_by="people"),
        sa.UniqueConstraint("case_id", "sha256", name=op.f("uq_case_evidence_case_id_sha256")),
    )
    _index("case_evidence", "sha256")
    op.execute(tracking_sql("case_evidence"))
    op.create_table(
        "case_embeddings",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        *_identity("case_embeddings"),
        *_references("case_embeddings", case_id="cases"),
        sa.UniqueConstraint("case_id", "model", name=op.f("uq_case_embeddings_case_id_model")),
    )
    op.execute(tracking_sql("case_embeddings", "vector"))


def _methods() -> None:
    op.create_table(
        "proposed_methods",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("definition", sa.String(2000), nullable=False),
        sa.Column("typical_situations", WORDS(sa.String(200)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("merged_into", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(400), nullable=True),
        *_identity("proposed_methods"),
        sa.CheckConstraint(
            "status IN ('proposed', 'accepted', 'merged', 'rejected')", name=op.f("ck_proposed_methods_status")
        ),
        *_references("proposed_methods", proposed_by="people", decided_by="people"),
        sa.UniqueConstraint("code", name=op.f("uq_proposed_methods_code")),
    )
    op.execute(tracking_sql("proposed_methods"))
    op.create_table(
        "method_uses",
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("method_code", sa.String(40), nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        *_identity("method_uses"),
        *_references("method_uses", rep_id="people", lead_id="leads", case_id="cases"),
        sa.UniqueConstraint(
            "lead_id", "rep_id", "method_code", name=op.f("uq_method_uses_lead_id_rep_id_method_code")
        ),
    )
    _index("method_uses", "rep_id")
    op.create_index("ix_method_uses_method_used", "method_uses", ["method_code", "used_at"])
    op.execute(tracking_sql("method_uses"))


def _feedback() -> None:
    op.create_table(
        "recommendation_feedback",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(400), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("told_at", INSTANT, nullable=False),
        *_identity("recommendation_feedback"),
        sa.CheckConstraint("kind IN ('shown', 'used', 'not_useful')", name=op.f("ck_recommendation_feedback_kind")),
        *_references(
            "recommendation_feedback", person_id="people", customer_id="customers", lead_id="leads", case_id="cases"
        ),
    )
    op.create_index("ix_recommendation_feedback_case_kind", "recommendation_feedback", ["case_id", "kind"])
    op.create_index(
        "ix_recommendation_feedback_person_customer", "recommendation_feedback", ["person_id", "customer_id"]
    )
    op.execute(tracking_sql("recommendation_feedback"))


def _identity(table: str) -> list[sa.Column[object] | sa.Constraint]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _references(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
