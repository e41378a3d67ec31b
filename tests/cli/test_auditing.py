"""Whatever a command changes has its line in the audit log, written with the change itself."""

from __future__ import annotations

import pytest

from orchestrator.cli import project
from orchestrator.engine.staff.auditing import Deed, note
from tests.cli.conftest import Abm

PLAY = """\
name: hello
for: {signed: no}
committee: {buyer: {role: champion}}
steps:
  - {id: ring, call: {to: buyer}, wait: 3 business days}
"""


def told(abm: Abm) -> list[tuple[str, str, str]]:
    """(what, to what, how) of the log, the oldest first, after `init` offered a way in."""
    first, *found = reversed(abm.json("audit", "list", "--limit", 100))
    assert first["action"] == "init"
    return [(one["action"], one["object"], one["detail"]) for one in found]


def without_object(abm: Abm) -> set[str]:
    """The acts that name no single object, or one that is not there."""
    lines = abm.json("audit", "list", "--limit", 100)
    return {one["action"] for one in lines if not one["before"] + one["after"]}


def people_and_accounts(abm: Abm) -> None:
    abm("user", "add", "mona", "--team", "marketing", "--email", "mona@ours.example")
    abm("user", "add", "dana", "--team", "sales", "--email", "dana@ours.example")
    rows = abm.project / "rows.csv"
    rows.write_text("name,domain\nKelso Werke,kelso.com\nNorth Bank,northbank.com\n", "utf-8")
    abm("import", "accounts", rows, "--commit")
    rows = abm.project / "rules.csv"
    rows.write_text("email,reason\nann@kelso.com,unsubscribed\n", "utf-8")
    abm("import", "suppressions", rows, "--commit")


def test_rights_rules_and_decisions_are_told(abm: Abm):
    people_and_accounts(abm)
    abm("nominate", "q3", "kelso.com", "--by", "mona", "--evidence", "asked for a demo")
    abm("sign", "q3", "--by", "dana")
    abm("merge", "kelso.com", "northbank.com", "--by", "dana", "--dry-run")
    abm("merge", "kelso.com", "northbank.com", "--by", "dana")
    abm("unmerge", 1, "--by", "dana")
    assert told(abm) == [
        ("user add", "user mona", "team=marketing"),
        ("user add", "user dana", "team=sales"),
        ("import accounts", "file rows.csv", ""),
        ("import suppressions", "file rules.csv", ""),
        ("nominate", "list q3", "by=mona"),
        ("sign", "list q3", "by=dana"),
        ("merge", "account kelso.com", "from=northbank.com by=dana"),
        ("unmerge", "merge 1", "by=dana"),
    ]
    assert without_object(abm) == {"init", "import accounts", "import suppressions"}
    assert "9 entries hold together" in abm("audit", "verify")


def test_versions_and_plays_are_told_and_dry_runs_are_not(abm: Abm):
    people_and_accounts(abm)
    before = len(told(abm))
    file = abm.project / "playbooks" / "hello.yaml"
    file.write_text(PLAY, "utf-8")
    abm("apply", abm.project / "agreement.yml", file, "--by", "mona")
    abm("enroll", "hello", "kelso.com", "--dry-run")
    abm("enroll", "hello", "kelso.com", "--by", "mona")
    file.write_text(PLAY.replace("3 business", "4 business"), "utf-8")
    abm("plan", file)
    abm("apply", file)
    abm("migrate", "hello")
    abm("migrate", "hello", "--yes", "--by", "mona")
    abm("versions", "hello", "--rollback", 1, "--by", "mona")
    abm("tick", "--once")  # the engine's own work is no deed of anybody
    abm("pause", "playbook", "hello", "--by", "mona")
    abm("resume", "playbook", "hello")
    abm("stop", "account", "kelso.com", "--by", "dana")
    assert told(abm)[before:] == [
        ("apply", "agreement", "agreement.yml by=mona"),
        ("apply", "playbook hello", "hello.yaml by=mona"),
        ("enroll", "playbook hello", "list= segment= by=mona"),
        ("apply", "playbook hello", "hello.yaml"),
        ("migrate", "playbook hello", "from=0 to=0 by=mona"),
        ("rollback", "playbook hello", "to=1 by=mona"),
        ("pause", "playbook hello", "until= by=mona"),
        ("resume", "playbook hello", ""),
        ("stop", "account kelso.com", "by=dana"),
    ]
    assert without_object(abm) == {"init", "import accounts", "import suppressions"}


def test_a_command_that_does_not_say_what_it_does_can_write_nothing(abm: Abm):
    token = project.chosen.set(abm.project)
    try:
        with (
            pytest.raises(AssertionError, match="says first what it is"),
            project.opened() as app,
            app.ctx.db.writing(),
        ):
            pass
        with project.opened() as app:
            note(app.ctx, Deed("a deed"))
    finally:
        project.chosen.reset(token)
    assert told(abm) == [("a deed", "", "")]
