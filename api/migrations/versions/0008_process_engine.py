"""The process engine: drafts and rehearsals, assignment, dwell alarms, roster snapshots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0008"
down_revision = "0007"

TRACKED = (
    "roster_snapshots",
    "rehearsals",
    "rotation_turns",
    "dwell_breaches",
    "dwell_snoozes",
    "handovers",
    "handover_items",
    "assignment_incidents",
    "process_starts",
)

# whoever owned the lead when it moved: the owner before the first change of owner that followed, else the one of today
_OWNERS_OF_MOVES = """
UPDATE stage_moves AS move SET owner_id = CASE
    WHEN later.id IS NULL THEN lead.owner_id ELSE (later.old_values ->> 'owner_id')::uuid END
FROM stage_moves AS earlier
JOIN leads AS lead ON lead.id = earlier.lead_id
LEFT JOIN LATERAL (
    SELECT history.id, history.old_values FROM history
    WHERE history.table_name = 'leads' AND history.record_id = earlier.lead_id AND history.operation = 'update'
      AND history.new_values ? 'owner_id' AND history.changed_at > earlier.moved_at
    ORDER BY history.changed_at, history.id LIMIT 1
) AS later ON true
WHERE move.id = earlier.id
"""


def upgrade() -> None:
    op.create_table(
        "roster_snapshots",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roster_snapshots"),
        sa.UniqueConstraint("digest", name="uq_roster_snapshots_digest"),
    )
    op.create_index("ix_roster_snapshots_day", "roster_snapshots", ["day"], unique=False)
    op.create_table(
        "rehearsals",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("leads_total", sa.Integer(), nullable=False),
        sa.Column("leads_done", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'running', 'done', 'failed')", name="ck_rehearsals_status"),
        sa.ForeignKeyConstraint(["draft_id"], ["playbook_versions.id"], name="fk_rehearsals_draft_id"),
        sa.ForeignKeyConstraint(["seen_by"], ["people.id"], name="fk_rehearsals_seen_by"),
        sa.ForeignKeyConstraint(["started_by"], ["people.id"], name="fk_rehearsals_started_by"),
        sa.PrimaryKeyConstraint("id", name="pk_rehearsals"),
    )
    op.create_index("ix_rehearsals_draft_id", "rehearsals", ["draft_id"], unique=False)
    op.create_table(
        "rotation_turns",
        sa.Column("pool", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_rotation_turns_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rotation_turns"),
        sa.UniqueConstraint("pool", "person_id", name="uq_rotation_turns_pool_person_id"),
    )
    op.create_table(
        "assignment_decisions",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=True),
        sa.Column("pool", sa.String(length=40), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("previous_owner_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("roster_digest", sa.String(length=64), nullable=True),
        sa.Column("playbook_version", sa.Integer(), nullable=True),
        sa.Column("record", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('assigned', 'pooled', 'unassigned')", name="ck_assignment_decisions_outcome"),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name="fk_assignment_decisions_decided_by"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_assignment_decisions_lead_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_assignment_decisions_owner_id"),
        sa.ForeignKeyConstraint(["previous_owner_id"], ["people.id"], name="fk_assignment_decisions_previous_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment_decisions"),
    )
    op.create_index("ix_assignment_decisions_decided_at", "assignment_decisions", ["decided_at"], unique=False)
    op.create_index(
        "ix_assignment_decisions_lead_decided", "assignment_decisions", ["lead_id", "decided_at"], unique=False
    )
    op.create_table(
        "dwell_breaches",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("stage_entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("limit_hours", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("receivers", postgresql.JSONB(), nullable=False),
        sa.Column("playbook_version", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_dwell_breaches_lead_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_dwell_breaches_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_dwell_breaches"),
        sa.UniqueConstraint(
            "lead_id", "stage_entered_at", "step", name="uq_dwell_breaches_lead_id_stage_entered_at_step"
        ),
    )
    op.create_index("ix_dwell_breaches_fired_at", "dwell_breaches", ["fired_at"], unique=False)
    op.create_table(
        "dwell_snoozes",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("stage_entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("snoozed_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_dwell_snoozes_lead_id"),
        sa.ForeignKeyConstraint(["snoozed_by"], ["people.id"], name="fk_dwell_snoozes_snoozed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_dwell_snoozes"),
    )
    op.create_index("ix_dwell_snoozes_lead", "dwell_snoozes", ["lead_id", "created_at"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_handovers_person_id"),
        sa.ForeignKeyConstraint(["successor_id"], ["people.id"], name="fk_handovers_successor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
        sa.UniqueConstraint("person_id", "left_on", name="uq_handovers_person_id_left_on"),
    )
    op.create_table(
        "handover_items",
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("to_person_id", sa.Uuid(), nullable=True),
        sa.Column("to_pool", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('lead', 'presales_role', 'customer', 'delivery_role', 'task', 'visit', 'report')",
            name="ck_handover_items_kind",
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_handover_items_customer_id"),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], name="fk_handover_items_handover_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_handover_items_lead_id"),
        sa.ForeignKeyConstraint(["to_person_id"], ["people.id"], name="fk_handover_items_to_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handover_items"),
        sa.UniqueConstraint(
            "handover_id", "kind", "record_id", name="uq_handover_items_handover_id_kind_record_id"
        ),
    )
    op.create_index("ix_handover_items_to_person_id", "handover_items", ["to_person_id"], unique=False)
    op.add_column("import_runs", sa.Column("header_sha256", sa.String(length=64), nullable=True))
    op.add_column("import_runs", sa.Column("rows_done", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_import_runs_header_sha256", "import_runs", ["header_sha256"], unique=False)
    for name, empty in (("columns", "[]"), ("value_mapping", "{}"), ("options", "{}"), ("result_files", "[]")):
        op.add_column(
            "import_runs",
            sa.Column(name, postgresql.JSONB(), server_default=sa.text(f"'{empty}'::jsonb"), nullable=False),
        )
    op.add_column("import_runs", sa.Column("rows_changed", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("leads", sa.Column("language", sa.String(length=20), nullable=True))
    op.add_column("leads", sa.Column("external_number", sa.String(length=80), nullable=True))
    op.add_column("leads", sa.Column("owned_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("leads", sa.Column("pool", sa.String(length=40), nullable=True))
    op.add_column(
        "leads", sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("leads", sa.Column("alarm_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("leads", sa.Column("alarm_step", sa.Integer(), nullable=True))
    op.add_column("leads", sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_leads_alarm_at", "leads", ["alarm_at"], unique=False, postgresql_where=sa.text("alarm_at IS NOT NULL")
    )
    op.create_index(
        "ix_leads_overdue_at",
        "leads",
        ["overdue_at"],
        unique=False,
        postgresql_where=sa.text("overdue_at IS NOT NULL"),
    )
    op.create_index(
        "ix_leads_waiting",
        "leads",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("owner_id IS NULL AND outcome = 'open'"),
    )
    # leads that were brought in before carried their number on the timeline alone
    op.execute(
        "UPDATE leads SET external_number = entry.details ->> 'number' FROM timeline_entries AS entry "
        "WHERE entry.lead_id = leads.id AND entry.channel = 'import' AND entry.external_key LIKE 'lead:%' "
        "AND length(entry.details ->> 'number') BETWEEN 1 AND 80"
    )
    op.create_unique_constraint("uq_leads_external_number", "leads", ["external_number"])
    op.add_column("people", sa.Column("wecom_id", sa.String(length=80), nullable=True))
    op.add_column(
        "people", sa.Column("skills", sa.ARRAY(sa.String(length=60)), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "people", sa.Column("languages", sa.ARRAY(sa.String(length=20)), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("people", sa.Column("open_leads_limit", sa.Integer(), nullable=True))
    op.add_column("people", sa.Column("away_until", sa.Date(), nullable=True))
    op.add_column("people", sa.Column("user_name", sa.String(length=200), nullable=True))
    op.add_column("people", sa.Column("external_id", sa.String(length=200), nullable=True))
    op.create_unique_constraint("uq_people_external_id", "people", ["external_id"])
    op.create_unique_constraint("uq_people_user_name", "people", ["user_name"])
    op.create_unique_constraint("uq_people_wecom_id", "people", ["wecom_id"])
    op.add_column("playbook_versions", sa.Column("base_number", sa.Integer(), nullable=True))
    op.add_column(
        "playbook_versions",
        sa.Column("stage_map", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    op.add_column("playbook_versions", sa.Column("created_by", sa.Uuid(), nullable=True))
    op.add_column("playbook_versions", sa.Column("skip_reason", sa.String(length=400), nullable=True))
    op.add_column("playbook_versions", sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.alter_column("playbook_versions", "number", existing_type=sa.INTEGER(), nullable=True)
    op.add_column(
        "stage_moves", sa.Column("is_imported", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("stage_moves", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_stage_moves_owner_id", "stage_moves", "people", ["owner_id"], ["id"])
    op.execute(_OWNERS_OF_MOVES)
    op.create_table(
        "assignment_incidents",
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("highest_share", sa.Float(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name="ck_assignment_incidents_status"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment_incidents"),
    )
    op.create_index(
        "uq_assignment_incidents_one_open",
        "assignment_incidents",
        ["status"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_assignment_incidents_opened_at", "assignment_incidents", ["opened_at"], unique=False)
    op.create_table(
        "process_starts",
        sa.Column("process", sa.String(length=20), nullable=False),
        sa.Column("product_version", sa.String(length=40), nullable=False),
        sa.Column("database_revision", sa.String(length=40), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process_starts"),
    )
    op.create_index("ix_process_starts_started_at", "process_starts", ["started_at"], unique=False)
    op.create_table(
        "rehearsal_findings",
        sa.Column("rehearsal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("change", sa.String(length=24), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_owner_id", sa.Uuid(), nullable=True),
        sa.Column("new_owner_id", sa.Uuid(), nullable=True),
        sa.Column("codes", sa.ARRAY(sa.String(length=100)), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('assignment', 'move', 'alarm', 'stage')", name="ck_rehearsal_findings_kind"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_rehearsal_findings_lead_id"),
        sa.ForeignKeyConstraint(["new_owner_id"], ["people.id"], name="fk_rehearsal_findings_new_owner_id"),
        sa.ForeignKeyConstraint(["old_owner_id"], ["people.id"], name="fk_rehearsal_findings_old_owner_id"),
        sa.ForeignKeyConstraint(["rehearsal_id"], ["rehearsals.id"], name="fk_rehearsal_findings_rehearsal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rehearsal_findings"),
    )
    op.create_index(
        "ix_rehearsal_findings_list",
        "rehearsal_findings",
        ["rehearsal_id", "kind", "happened_at", "lead_id"],
        unique=False,
    )
    # their details can be found again at any time; history keeps that they were there
    op.execute(tracking_sql("rehearsal_findings", "details"))
    op.add_column("teams", sa.Column("calendar", sa.String(length=40), nullable=True))
    op.add_column("teams", sa.Column("external_id", sa.String(length=200), nullable=True))
    op.add_column("teams", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_unique_constraint("uq_teams_external_id", "teams", ["external_id"])
    op.execute(
        "UPDATE leads SET received_at = created_at, owned_since = CASE WHEN owner_id IS NULL THEN NULL ELSE created_at END"
    )
    op.create_check_constraint(
        "ck_playbook_versions_status", "playbook_versions", "status IN ('draft', 'published', 'retired', 'discarded')"
    )
    op.create_check_constraint(
        "ck_playbook_versions_numbered", "playbook_versions", "status IN ('draft', 'discarded') OR number IS NOT NULL"
    )
    for table in TRACKED:
        op.execute(tracking_sql(table))
    # a decision never changes, so that its row is its history; the record would stand there twice
    op.execute(tracking_sql("assignment_decisions", "record"))
    op.execute(
        "CREATE TRIGGER assignment_decisions_append_only BEFORE UPDATE OR DELETE ON assignment_decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change()"
    )
