"""The tables of who and how."""

import sqlalchemy as sa
from alembic import op

from accounts.columns import Instant, RowId

revision = "0001"
down_revision = None

_ASKED = ("account_id", "due_at", "later_at", "agreed_at", "opened_at", "purpose", "kind")


def upgrade() -> None:
    op.create_table(
        "account",
        # What a queue asks of thousands of rows is found without reading past their texts.
        sa.Column("id", RowId, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("engagement", sa.Float(), nullable=False),
        sa.Column("moment_at", Instant(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=False),
        sa.Column("market_cap", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("lost_reason", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("fit", sa.Float(), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("holdout", sa.Boolean(), nullable=False),
        sa.Column("merged_into", RowId, nullable=True),
        sa.Column("parent_id", RowId, nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["account.id"], name="account_merged_into_fkey"),
        sa.ForeignKeyConstraint(["parent_id"], ["account.id"], name="account_parent_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "account_scored",
        "account",
        ["id"],
        sqlite_where=sa.text("engagement != 0"),
        postgresql_where=sa.text("engagement != 0"),
    )
    op.create_index(
        "account_merged",
        "account",
        ["merged_into"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "account_child",
        "account",
        ["parent_id"],
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(
        "account_moment",
        "account",
        ["moment_at"],
        sqlite_where=sa.text("moment_at IS NOT NULL"),
        postgresql_where=sa.text("moment_at IS NOT NULL"),
        postgresql_include=["id", "tier", "engagement"],
    )
    op.create_index("account_listed", "account", ["name", "id"])
    op.create_index(
        "account_stage",
        "account",
        ["stage", "name", "id"],
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index(
        "account_tier",
        "account",
        ["tier", "id"],
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index(
        "account_fit",
        "account",
        ["fit", "id"],
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index(
        "account_engaged",
        "account",
        ["engagement", "id"],
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index("ix_account_domain", "account", ["domain"])
    op.create_index("ix_account_name_key", "account", ["name_key"])
    op.create_index("ix_account_segment", "account", ["segment"])
    op.create_table(
        "activity",
        sa.Column("at", Instant(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("enrollment_id", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("flow_run_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("at", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "activity_came",
        "activity",
        ["kind", "at", "account_id"],
        sqlite_where=sa.text("kind IN ('reply.interested', 'meeting_booked', 'opportunity')"),
        postgresql_where=sa.text("kind IN ('reply.interested', 'meeting_booked', 'opportunity')"),
    )
    op.create_index("activity_account", "activity", ["account_id", "kind", "at", "contact_id"])
    op.create_table(
        "agreement_version",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("canonical", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="agreement_version_digest"),
    )
    op.create_table(
        "app_user",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="app_user_name"),
    )
    op.create_table(
        "import_run",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="import_run_digest"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", RowId, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("touch_id", sa.BigInteger(), nullable=True),
        sa.Column("question", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "source_id", name="inbox_source_source_id"),
    )
    op.create_index(
        "inbox_question",
        "inbox",
        ["question"],
        sqlite_where=sa.text("question <> ''"),
        postgresql_where=sa.text("question <> ''"),
    )
    op.create_index("inbox_status", "inbox", ["status"])
    op.create_table(
        "playbook",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.Column("next_start_at", Instant(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "suppression",
        sa.Column("id", RowId, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("scope", "value", name="suppression_scope_value"),
    )
    op.create_index("suppression_value", "suppression", ["value"])
    op.create_table(
        "tick",
        sa.Column("concern", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("flow_run_id", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("concern"),
    )
    op.create_table(
        "account_merge",
        sa.Column("id", RowId, nullable=False),
        sa.Column("survivor_id", RowId, nullable=False),
        sa.Column("other_id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", RowId, nullable=True),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["account.id"], name="account_merge_survivor_id_fkey"
        ),
        sa.ForeignKeyConstraint(["other_id"], ["account.id"], name="account_merge_other_id_fkey"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="account_merge_user_id_fkey"),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["app_user.id"], name="account_merge_undone_by_fkey"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_account_merge_other_id", "account_merge", ["other_id"])
    op.create_index("ix_account_merge_survivor_id", "account_merge", ["survivor_id"])
    op.create_table(
        "calibration_version",
        sa.Column("id", RowId, nullable=False),
        sa.Column("slope", sa.Float(), nullable=False),
        sa.Column("shift", sa.Float(), nullable=False),
        sa.Column("doubt", sa.Float(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name="calibration_version_user_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "decision",
        sa.Column("id", RowId, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("doubted", sa.Boolean(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="decision_account_id_fkey"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="decision_user_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "absence",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("cover_id", RowId, nullable=True),
        sa.Column("handed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="absence_user_id_fkey"),
        sa.ForeignKeyConstraint(["cover_id"], ["app_user.id"], name="absence_cover_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_absence_user_id", "absence", ["user_id"])
    op.create_table(
        "account_team",
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="account_team_account_id_fkey"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="account_team_user_id_fkey"),
        sa.PrimaryKeyConstraint("account_id", "role"),
    )
    op.create_index("ix_account_team_user_id", "account_team", ["user_id"])
    op.create_table(
        "alias",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="alias_account_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "value", "account_id", name="alias_kind_value_account_id"),
    )
    op.create_index("ix_alias_account_id", "alias", ["account_id"])
    op.create_table(
        "contact",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("social", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("persona", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("engagement", sa.Float(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("left_reason", sa.String(), nullable=False),
        sa.Column("merged_into", RowId, nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="contact_account_id_fkey"),
        sa.ForeignKeyConstraint(["merged_into"], ["contact.id"], name="contact_merged_into_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "contact_scored",
        "contact",
        ["account_id"],
        sqlite_where=sa.text("engagement != 0"),
        postgresql_where=sa.text("engagement != 0"),
    )
    op.create_index("ix_contact_account_id", "contact", ["account_id"])
    op.create_index("ix_contact_email_key", "contact", ["email_key"])
    op.create_table(
        "external_id",
        sa.Column("id", RowId, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("account_id", RowId, nullable=True),
        sa.Column("contact_id", RowId, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="external_id_account_id_fkey"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="external_id_contact_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "source", "value", name="external_id_kind_source_value"),
    )
    op.create_index("ix_external_id_account_id", "external_id", ["account_id"])
    op.create_index("ix_external_id_contact_id", "external_id", ["contact_id"])
    op.create_table(
        "nomination",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("list_name", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="nomination_account_id_fkey"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="nomination_user_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "list_name", name="nomination_account_id_list_name"),
    )
    op.create_index("ix_nomination_account_id", "nomination", ["account_id"])
    op.create_table(
        "playbook_version",
        sa.Column("id", RowId, nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("canonical", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("base_id", RowId, nullable=True),
        sa.ForeignKeyConstraint(
            ["base_id"], ["playbook_version.id"], name="playbook_version_base_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["playbook"], ["playbook.name"], name="playbook_version_playbook_fkey"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("playbook_version_digest", "playbook_version", ["playbook", "digest"])
    op.create_index(
        "playbook_version_number",
        "playbook_version",
        ["playbook", "number"],
        unique=True,
        sqlite_where=sa.text("base_id IS NULL"),
        postgresql_where=sa.text("base_id IS NULL"),
    )
    op.create_table(
        "review",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("candidate_id", RowId, nullable=True),
        sa.Column("double_id", RowId, nullable=True),
        sa.Column("person_id", RowId, nullable=True),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("doubted", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("account_id", RowId, nullable=True),
        sa.Column("decided_by", RowId, nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="review_account_id_fkey"),
        sa.ForeignKeyConstraint(["candidate_id"], ["account.id"], name="review_candidate_id_fkey"),
        sa.ForeignKeyConstraint(["double_id"], ["account.id"], name="review_double_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["contact.id"], name="review_person_id_fkey"),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name="review_decided_by_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="review_digest"),
    )
    op.create_index("ix_review_status", "review", ["status"])
    op.create_table(
        "sign_off",
        sa.Column("id", RowId, nullable=False),
        sa.Column("list_name", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("list_digest", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="sign_off_user_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list_name", "team", name="sign_off_list_name_team"),
    )
    op.create_table(
        "enrollment",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("version_id", RowId, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("preempt", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("hold", sa.String(), nullable=False),
        sa.Column("next_due_at", Instant(), nullable=True),
        sa.Column("woken_at", Instant(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("stop_reason", sa.String(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("waiting_since", Instant(), nullable=False),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.Column("resumed_at", Instant(), nullable=True),
        sa.Column("goal_at", Instant(), nullable=True),
        sa.Column("goal", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("moved_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="enrollment_account_id_fkey"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["playbook_version.id"], name="enrollment_version_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "enrollment_activated", "enrollment", ["playbook", "activated_at", "status", "goal_at"]
    )
    op.create_index(
        "enrollment_reason",
        "enrollment",
        ["playbook", "reason"],
        sqlite_where=sa.text("status IN ('waiting', 'paused')"),
        postgresql_where=sa.text("status IN ('waiting', 'paused')"),
    )
    op.create_index(
        "enrollment_due",
        "enrollment",
        ["next_due_at"],
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "enrollment_leased",
        "enrollment",
        ["lease_until"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "enrollment_live",
        "enrollment",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('active', 'paused')"),
        postgresql_where=sa.text("status IN ('active', 'paused')"),
    )
    op.create_index(
        "enrollment_paused",
        "enrollment",
        ["next_due_at"],
        sqlite_where=sa.text("status = 'paused'"),
        postgresql_where=sa.text("status = 'paused'"),
    )
    op.create_index(
        "enrollment_resting",
        "enrollment",
        ["playbook", "next_due_at"],
        sqlite_where=sa.text("status = 'waiting' AND next_due_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'waiting' AND next_due_at IS NOT NULL"),
    )
    op.create_index(
        "enrollment_waiting",
        "enrollment",
        ["playbook", "priority", "waiting_since", "account_id"],
        sqlite_where=sa.text("status = 'waiting' AND next_due_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'waiting' AND next_due_at IS NOT NULL"),
    )
    op.create_index(
        "enrollment_woken",
        "enrollment",
        ["woken_at"],
        sqlite_where=sa.text("woken_at IS NOT NULL"),
        postgresql_where=sa.text("woken_at IS NOT NULL"),
    )
    op.create_index("ix_enrollment_account_id", "enrollment", ["account_id"])
    op.create_table(
        "invitation",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="invitation_account_id_fkey"),
        sa.ForeignKeyConstraint(["playbook"], ["playbook.name"], name="invitation_playbook_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_invitation_account_id", "invitation", ["account_id"])
    op.create_index("ix_invitation_due_at", "invitation", ["due_at"])
    op.create_table(
        "seat_holder",
        sa.Column("enrollment_id", RowId, nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("contact_id", RowId, nullable=False),
        sa.Column("bound_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("left_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="seat_holder_contact_id_fkey"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="seat_holder_enrollment_id_fkey"
        ),
        sa.PrimaryKeyConstraint("enrollment_id", "seat", "contact_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "step_run",
        sa.Column("enrollment_id", RowId, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cast_ids", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="step_run_enrollment_id_fkey"
        ),
        sa.PrimaryKeyConstraint("enrollment_id", "step"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "step_run_held",
        "step_run",
        ["reason"],
        sqlite_where=sa.text("status = 'held'"),
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_table(
        "stop",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("contact_id", RowId, nullable=True),
        sa.Column("enrollment_id", RowId, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("keep", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="stop_account_id_fkey"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="stop_contact_id_fkey"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="stop_enrollment_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stop_account_id", "stop", ["account_id"])
    op.create_table(
        "task",
        sa.Column("id", RowId, nullable=False),
        sa.Column("enrollment_id", RowId, nullable=True),
        sa.Column("account_id", RowId, nullable=True),
        sa.Column("contact_id", RowId, nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("party_key", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("assignee_id", RowId, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("later_at", Instant(), nullable=True),
        sa.Column("agreed_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("done_by", RowId, nullable=True),
        sa.Column("done_token", sa.String(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="task_account_id_fkey"),
        sa.ForeignKeyConstraint(["assignee_id"], ["app_user.id"], name="task_assignee_id_fkey"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="task_contact_id_fkey"),
        sa.ForeignKeyConstraint(["done_by"], ["app_user.id"], name="task_done_by_fkey"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="task_enrollment_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "enrollment_id",
            "step",
            "party_key",
            "occurrence",
            "purpose",
            name="task_enrollment_id_step_party_key_occurrence_purpose",
        ),
    )
    op.create_index("task_account", "task", ["account_id", "ended_at"])
    op.create_index(
        "task_later",
        "task",
        ["assignee_id", "team", "later_at"],
        sqlite_where=sa.text("status = 'open' AND later_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'open' AND later_at IS NOT NULL"),
    )
    op.create_index(
        "task_done",
        "task",
        ["done_by", "ended_at"],
        sqlite_where=sa.text("done_by IS NOT NULL"),
        postgresql_where=sa.text("done_by IS NOT NULL"),
    )
    op.create_index(
        "task_shared",
        "task",
        ["team", *_ASKED],
        sqlite_where=sa.text("status = 'open' AND assignee_id IS NULL"),
        postgresql_where=sa.text("status = 'open' AND assignee_id IS NULL"),
        postgresql_include=["id"],
    )
    op.create_index(
        "task_queue",
        "task",
        ["assignee_id", *_ASKED],
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
        postgresql_include=["id"],
    )
    op.create_table(
        "touch",
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("swept", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("intent_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("flow_run_id", sa.String(), nullable=False),
        sa.Column("id", RowId, nullable=False),
        sa.Column("enrollment_id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("contact_id", RowId, nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("party_key", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("resend", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("sender_id", RowId, nullable=True),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("late_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("clicked_at", Instant(), nullable=True),
        sa.Column("replied_at", Instant(), nullable=True),
        sa.Column("bounced_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="touch_account_id_fkey"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="touch_contact_id_fkey"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="touch_enrollment_id_fkey"
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["app_user.id"], name="touch_sender_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "enrollment_id",
            "step",
            "party_key",
            "occurrence",
            "resend",
            name="touch_enrollment_id_step_party_key_occurrence_resend",
        ),
    )
    op.create_index(
        "touch_counted",
        "touch",
        ["account_id", "intent_at"],
        sqlite_where=sa.text("status IN ('sending', 'sent', 'unknown')"),
        postgresql_where=sa.text("status IN ('sending', 'sent', 'unknown')"),
    )
    op.create_index(
        "touch_draft",
        "touch",
        ["id"],
        sqlite_where=sa.text("status = 'draft'"),
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_index(
        "touch_leased",
        "touch",
        ["lease_until"],
        sqlite_where=sa.text("status IN ('claimed', 'sending')"),
        postgresql_where=sa.text("status IN ('claimed', 'sending')"),
    )
    op.create_index(
        "touch_ready",
        "touch",
        ["due_at", "account_id"],
        sqlite_where=sa.text("(status = 'ready' OR (status = 'sending' AND owner = ''))"),
        postgresql_where=sa.text("(status = 'ready' OR (status = 'sending' AND owner = ''))"),
    )
    op.create_index(
        "touch_unknown",
        "touch",
        ["intent_at"],
        sqlite_where=sa.text("status = 'unknown'"),
        postgresql_where=sa.text("status = 'unknown'"),
    )
    op.create_table(
        "body",
        sa.Column("touch_id", RowId, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["touch_id"], ["touch.id"], name="body_touch_id_fkey"),
        sa.PrimaryKeyConstraint("touch_id"),
    )
    op.create_table(
        "expense",
        sa.Column("enrollment_id", RowId, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("party_key", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="expense_enrollment_id_fkey"
        ),
        sa.PrimaryKeyConstraint("enrollment_id", "step", "party_key", "occurrence"),
    )
    op.create_table(
        "mailbox_day",
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "day"),
    )
    op.create_table(
        "credential",
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="credential_user_id_fkey"),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="sign_in_link_user_id_fkey"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "web_session",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("proved_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="web_session_user_id_fkey"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(
        "web_session_user",
        "web_session",
        ["user_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    _outside()
    _shares()
    _audit()
    _desk()
    _api()


def _outside() -> None:
    """Whom a provider vouches for."""
    op.create_table(
        "outside_identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="outside_identity_user_id_fkey"),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("user_id", "issuer", name="outside_identity_user_id_issuer_key"),
    )
    op.create_table(
        "set_up",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "arrival",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_arrival_at", "arrival", ["at"])


def _shares() -> None:
    """What agencies may look at."""
    op.create_table(
        "share",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=True),
        sa.Column("playbook", sa.String(), nullable=True),
        sa.Column("addresses", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="share_user_id_fkey"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="share_account_id_fkey"),
        sa.ForeignKeyConstraint(["playbook"], ["playbook.name"], name="share_playbook_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "account_id", name="share_user_id_account_id_key"),
        sa.UniqueConstraint("user_id", "playbook", name="share_user_id_playbook_key"),
    )


def _audit() -> None:
    """The audit log, and what keeps it from being anything but appended to."""
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", RowId, nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("digest", name="audit_digest_key"),
    )
    op.create_table(
        "house_key",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    for statement in APPENDED_TO[op.get_bind().dialect.name]:
        op.execute(statement)


_WORDS = "the audit log is only appended to"
APPENDED_TO = {
    "sqlite": [
        f"CREATE TRIGGER audit_keeps_{what.lower()} BEFORE {what} ON audit "
        f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        for what in ("UPDATE", "DELETE")
    ]
    + [  # INSERT OR REPLACE deletes, and no trigger of DELETE hears of it
        f"""CREATE TRIGGER audit_keeps_insert BEFORE INSERT ON audit
            WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number OR digest = NEW.digest)
            BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"""  # noqa: S608 - our own words
    ],
    "postgresql": [
        f"""CREATE FUNCTION audit_keeps() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$""",
        """CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION audit_keeps()""",
    ],
}


def _desk() -> None:
    """What people keep for themselves."""
    op.create_table(
        "saved_view",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="saved_view_user_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "page", "name", name="saved_view_user_id_page_name_key"),
    )
    op.create_table(
        "mention",
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="mention_user_id_fkey"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="mention_account_id_fkey"),
        sa.PrimaryKeyConstraint("user_id", "activity_id"),
    )
    op.create_table(
        "feed",
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="feed_user_id_fkey"),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("digest", name="feed_digest_key"),
    )


def _api() -> None:
    """Who calls the API, and under which keys."""
    op.create_table(
        "tries",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_tries_until", "tries", ["until"])
    op.create_table(
        "api_token",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="api_token_user_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="api_token_digest_key"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])
    op.create_table(
        "api_call",
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="api_call_user_id_fkey"),
        sa.PrimaryKeyConstraint("user_id", "key"),
    )
    op.create_index("ix_api_call_at", "api_call", ["at"])
