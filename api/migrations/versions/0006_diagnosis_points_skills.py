"""Diagnosis reports, the points ledger, skill observations and course assignments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0006"
down_revision = "0005"

TRACKED = (
    "diagnosis_reports",
    "point_accounts",
    "point_transactions",
    "point_entries",
    "skill_observations",
    "course_assignments",
    "method_titles",
)

# checked when the transaction commits, so that its entries can be written one after the other
LEDGER_BALANCES = """
CREATE FUNCTION require_balanced_points() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked uuid := coalesce(to_jsonb(NEW) ->> 'transaction_id', NEW.id::text);
    total bigint;
    entries bigint;
BEGIN
    SELECT coalesce(sum(points), 0), count(*) INTO total, entries FROM point_entries WHERE transaction_id = booked;
    IF total <> 0 OR entries < 2 THEN
        RAISE EXCEPTION 'point transaction % has % entries that sum to %', booked, entries, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_point_entries_balanced';
    END IF;
    RETURN NULL;
END $$
"""

# the account is locked first: of two redemptions at once the second sees what the first has left
NO_OVERDRAFT = """
CREATE FUNCTION require_covered_points() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    remaining bigint;
BEGIN
    PERFORM 1 FROM point_accounts WHERE id = NEW.account_id AND person_id IS NOT NULL FOR NO KEY UPDATE;
    IF FOUND THEN
        SELECT sum(points) INTO remaining FROM point_entries WHERE account_id = NEW.account_id;
        IF remaining < 0 THEN
            RAISE EXCEPTION 'point account % would be overdrawn by %', NEW.account_id, -remaining
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_point_entries_covered';
        END IF;
    END IF;
    RETURN NULL;
END $$
"""

LEDGER_IS_APPENDED_TO = """
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only appended to' USING ERRCODE = 'check_violation';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "diagnosis_reports",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("transcript_id", sa.Uuid(), nullable=True),
        sa.Column("voice_summary", sa.String(), nullable=False),
        sa.Column("pain_points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name=op.f("fk_diagnosis_reports_confirmed_by")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_diagnosis_reports_lead_id")),
        sa.ForeignKeyConstraint(["transcript_id"], ["transcripts.id"], name=op.f("fk_diagnosis_reports_transcript_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnosis_reports")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_diagnosis_reports_lead_id")),
    )
    op.create_table(
        "point_accounts",
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("is_unlisted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) = (code IS NOT NULL)", name=op.f("ck_point_accounts_owner")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_accounts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_accounts")),
        sa.UniqueConstraint("code", name=op.f("uq_point_accounts_code")),
        sa.UniqueConstraint("person_id", name=op.f("uq_point_accounts_person_id")),
    )
    op.create_table(
        "point_transactions",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source_key", sa.String(length=200), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_transactions")),
        sa.UniqueConstraint("source_key", name=op.f("uq_point_transactions_source_key")),
    )
    op.create_table(
        "point_entries",
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_point_entries_points")),
        sa.ForeignKeyConstraint(["account_id"], ["point_accounts.id"], name=op.f("fk_point_entries_account_id")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["point_transactions.id"], name=op.f("fk_point_entries_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_entries")),
    )
    op.create_index(op.f("ix_point_entries_account_id"), "point_entries", ["account_id"], unique=False)
    op.create_index(op.f("ix_point_entries_transaction_id"), "point_entries", ["transaction_id"], unique=False)
    op.create_table(
        "skill_observations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("observed_by", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_skill_observations_level")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_skill_observations_lead_id")),
        sa.ForeignKeyConstraint(["observed_by"], ["people.id"], name=op.f("fk_skill_observations_observed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_skill_observations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_observations")),
    )
    op.create_index(
        "ix_skill_observations_person_skill", "skill_observations", ["person_id", "skill", "observed_on"], unique=False
    )
    op.create_index(op.f("ix_skill_observations_skill"), "skill_observations", ["skill"], unique=False)
    op.create_table(
        "course_assignments",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course", sa.String(length=40), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_then", sa.Double(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('assigned', 'completed', 'withdrawn')", name=op.f("ck_course_assignments_state")),
        sa.ForeignKeyConstraint(["assigned_by"], ["people.id"], name=op.f("fk_course_assignments_assigned_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_course_assignments_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_assignments")),
    )
    op.create_index(
        "ix_course_assignments_open",
        "course_assignments",
        ["person_id", "course"],
        unique=True,
        postgresql_where=sa.text("state = 'assigned'"),
    )
    op.create_table(
        "method_titles",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("method_code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('provisional', 'certified', 'lapsed')", name=op.f("ck_method_titles_state")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_method_titles_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method_titles")),
        sa.UniqueConstraint("person_id", "method_code", name=op.f("uq_method_titles_person_id_method_code")),
    )
    op.create_index(op.f("ix_method_titles_method_code"), "method_titles", ["method_code"], unique=False)
    for table in TRACKED:
        op.execute(tracking_sql(table))
    _guard_ledger()


def _guard_ledger() -> None:
    for function in (LEDGER_BALANCES, NO_OVERDRAFT, LEDGER_IS_APPENDED_TO):
        op.execute(function)
    for table in ("point_transactions", "point_entries"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER require_balanced_points AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION require_balanced_points()"
        )
        op.execute(
            f"CREATE TRIGGER refuse_ledger_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()"
        )
    op.execute(
        "CREATE CONSTRAINT TRIGGER require_covered_points AFTER INSERT ON point_entries DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW WHEN (NEW.points < 0) EXECUTE FUNCTION require_covered_points()"
    )
