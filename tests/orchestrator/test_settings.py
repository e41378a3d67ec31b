from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from accounts.errors import Problems
from accounts.matching import RollUp, Rules
from orchestrator.engine.running.mailboxes import box_of
from orchestrator.settings import load


def write(project: Path, text: str) -> Path:
    (project / "abm.toml").write_text(text, "utf-8")
    return project


def test_everything_has_a_default_that_needs_no_server(tmp_path: Path):
    settings = load(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/.abm/abm.db"
    assert settings.playbooks == tmp_path / "playbooks"
    assert settings.mail.host == ""
    assert settings.tick_seconds == 30


def test_the_environment_wins_over_the_file_key_by_key(tmp_path, monkeypatch):
    monkeypatch.setenv("ABM_MAIL__HOST", "relay.example")
    monkeypatch.setenv("ABM_CLOCK", "file:clock")
    settings = load(write(tmp_path, 'clock = "system"\n[mail]\nhost = "other"\nport = 2525\n'))
    assert (settings.mail.host, settings.mail.port) == ("relay.example", 2525)
    assert settings.clock == "file:clock"


@pytest.mark.parametrize(
    ("text", "line", "col", "words"),
    [
        ("[mial]\nhost = 'x'\n", 1, 2, "mail"),
        ("# c\n[mail]\n  hots = 'x'\n", 3, 3, "host"),
        ("[workspace]\nzone = 'Europe/Berln'\n", 2, 1, "Europe/Berlin"),
        ("[workspace]\nquiet = '22-07'\n", 2, 1, "write 22:00-07:00"),
        ("[workspace]\nquiet = '00:00-24:00'\n", 2, 1, "no quiet hours"),
        ("[caps]\ncontact = 'often'\n", 2, 1, "should match pattern"),
        ("tick_seconds = 0\n", 1, 1, "greater than 0"),
        ("tick_seconds = \n", 1, 16, "Invalid value"),
        ("mail = 3\n", 1, 1, "mail"),
        ("a = 1\na = 2\n", 2, 6, "overwrite"),
        ("[matching]\nrollup = 'child'\n", 2, 1, "did you mean 'roll_up'?"),
        ("[matching]\nroll_up = 'chld'\n", 2, 1, "'child', 'parent' or 'ask'"),
        ("[matching]\ntie_breakers = ['ower']\n", 2, 1, "did you mean 'owner'?"),
        ("[matching]\ntie_breakers = ['size']\n", 2, 1, "known are most_contacts, oldest"),
        ("[matching]\naccept = 1.5\n", 2, 1, "less than or equal to 1"),
        ("[matching]\naccept = 0.5\nreview = 0.6\n", 1, 2, "review (0.6) is above accept (0.5)"),
    ],
)
def test_a_wrong_key_is_a_problem_at_its_place(tmp_path, text, line, col, words):
    with pytest.raises(Problems) as error:
        load(write(tmp_path, text))
    problem = error.value.problems[0]
    assert (problem.file, problem.line, problem.col) == ("abm.toml", line, col)
    assert words in f"{problem.message} {problem.hint}"


def test_all_problems_at_once(tmp_path: Path):
    with pytest.raises(Problems) as error:
        load(write(tmp_path, "tick = 5\n[mail]\nport = 'many'\n[paths]\nplaybook = 'x'\n"))
    assert [problem.line for problem in error.value.problems] == [1, 3, 5]


def test_a_wrong_variable_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ABM_MAIL__PORT", "many")
    with pytest.raises(Problems) as error:
        load(tmp_path)
    assert error.value.problems[0].file == "ABM_MAIL__PORT"


def test_secrets_stay_out_of_what_is_printed(tmp_path: Path):
    text = "[mail]\npassword = 'hunter2'\n[database]\nurl = 'postgres://abm:hunter2@db/abm'\n"
    settings = load(write(tmp_path, text))
    assert "hunter2" not in repr(settings)
    assert settings.mail.password.get_secret_value() == "hunter2"


def test_settings_are_frozen(tmp_path: Path):
    settings = load(tmp_path)
    with pytest.raises(ValidationError):
        settings.tick_seconds = 1
    with pytest.raises(ValidationError):
        settings.mail.host = "x"


def test_an_absolute_database_file_stays_where_it_is(tmp_path: Path):
    text = "[database]\nurl = 'sqlite:////var/lib/abm.db'\n"
    assert load(write(tmp_path, text)).database_url == "sqlite:////var/lib/abm.db"


def test_the_matcher_gets_its_rules_from_the_file(tmp_path: Path):
    assert load(tmp_path).matching.rules == Rules()
    text = "[matching]\naccept = 0.9\nroll_up = 'ask'\ntie_breakers = ['tier', 'owner']\n"
    rules = load(write(tmp_path, text)).matching.rules
    assert rules == Rules(accept=0.9, roll_up=RollUp.ASK, tie_breakers=("tier", "owner"))


def test_a_mailbox_has_the_limit_of_all_but_for_what_is_said_of_it(tmp_path: Path):
    text = """[mail]
per_day = 50
ramp_up = {start = 10, by = 5, since = 2027-01-04}
mailboxes = {"Dana@us.example" = {per_day = 12}}
"""
    mail = load(write(tmp_path, text)).mail
    box, dana = box_of(mail, "max@us.example", "UTC"), box_of(mail, "dana@US.example", "UTC")
    assert box
    assert dana
    first = date(2027, 1, 4)
    days = (first - timedelta(days=9), first, first + timedelta(days=1), date(2028, 1, 1))
    assert [box.limit(day) for day in days] == [10, 10, 15, 50]
    assert [dana.limit(day) for day in days] == [10, 10, 12, 12]
    assert box_of(load(tmp_path.parent).mail, "max@us.example", "UTC") is None
