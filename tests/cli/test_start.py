"""Start-up, exit codes and projects: what every command has in common, of the real command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.cli import failures, main
from tests.cli.conftest import Abm

ABM = Path(sys.executable).with_name("abm")
HEAVY = ("prefect", "sqlmodel", "sqlalchemy", "pydantic", "pydantic_settings", "httpx", "rich",
         "fastapi", "jinja2", "tldextract", "holidays", "altair", "vl_convert", "numpy",
         "orchestrator.settings")  # fmt: skip


def run(*words: str, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ABM, *words], cwd=cwd, text=True, capture_output=True, check=False, timeout=60, **options
    )


def test_help_imports_nothing_heavy():
    code = "import sys; from orchestrator.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    modules = done.stdout.splitlines()[-1].split()
    assert not set(HEAVY) & set(modules)
    assert "typer" in modules


def test_every_command_has_a_help_of_one_line(tmp_path: Path):
    text = run("--help", cwd=tmp_path).stdout
    commands = text.split("Commands:\n")[1].splitlines()
    assert len(commands) >= 20
    for line in commands:
        assert len(line.split(maxsplit=1)) == 2, line
        assert len(line) <= 80


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--version"], 0, "abm 0."),
        (["stats"], 2, "status"),
        (["status", "--jsn"], 2, "--json"),
        (["tick"], 2, "--once"),
        (["status"], 1, "hint: `abm init` makes a project here"),
        (["--project", "nowhere", "status"], 1, "there is no abm.toml in nowhere"),
    ],
)
def test_exit_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: list[str], code: int, said: str,
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(words) == code
    assert said in "".join(capsys.readouterr())


def test_an_expected_failure_is_one_line_and_its_hint(tmp_path: Path):
    done = run("status", cwd=tmp_path)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert not done.stdout


def test_a_bug_leaves_a_log_file(abm: Abm, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise KeyError("a\nbug")

    monkeypatch.setattr("orchestrator.engine.reading.status", broken)
    said = abm("status", code=failures.BUG)
    assert "Traceback" not in said
    (log,) = (abm.project / ".abm" / "log").iterdir()
    assert str(log) in said
    assert "KeyError" in log.read_text("utf-8")
    assert "abm --project" in log.read_text("utf-8")


def test_a_bug_without_a_project_leaves_a_log_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("orchestrator.cli.starting.start", lambda _folder: 1 / 0)
    assert main(["init"]) == failures.BUG
    log = Path(capsys.readouterr().err.rpartition(" ")[2].strip())
    assert "ZeroDivisionError" in log.read_text("utf-8")
    assert not list(tmp_path.iterdir())


def test_the_project_is_the_nearest_folder_upwards(abm: Abm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(abm.project / "playbooks")
    assert main(["status"]) == 0


def test_a_wrong_setting_is_shown_where_it_stands(abm: Abm):
    toml = abm.project / "abm.toml"
    toml.write_text("tick_secs = 3\n", "utf-8")
    said = abm("status", code=1)
    assert "abm.toml:1:1: unknown setting tick_secs" in said
    assert "did you mean 'tick_seconds'?" in said


def test_init_refuses_a_project_and_a_file_that_it_would_replace(
    abm: Abm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert "is a project already" in abm("init", code=1)
    other = tmp_path / "other"
    (other / "playbooks").mkdir(parents=True)
    ours = next((abm.project / "playbooks").glob("*.yaml"))
    (other / "playbooks" / ours.name).write_text("mine", "utf-8")
    assert main(["--project", str(other), "init"]) == 1
    assert "would be overwritten" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["playbooks"]


def test_init_keeps_the_database_out_of_git(abm: Abm):
    assert (abm.project / ".abm" / ".gitignore").read_text("utf-8") == "*\n"
    assert (abm.project / ".abm" / "abm.db").is_file()


def test_a_reader_that_has_seen_enough_is_no_failure(abm: Abm):
    done = subprocess.run(
        ["sh", "-c", f"{ABM} status --json | head -c 1"], cwd=abm.project, check=False,
        text=True, capture_output=True,
    )  # fmt: skip
    assert done.stderr == ""


def test_init_prints_a_token_for_the_first_of_us_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def abm(*words: str, code: int = 0) -> str:
        assert main(["--project", str(tmp_path), *words]) == code
        return "".join(capsys.readouterr())

    printed = abm("init").rsplit("this token: ", 1)[1].strip()
    other = abm("user", "first").splitlines()
    assert "/setup, once, within an hour" in other[1] + other[0]
    tokens = {printed, *other}
    assert {len(one) for one in tokens if "setup" not in one} == {32}
    assert printed not in abm("audit", "list", "--json")
    abm("user", "add", "ada", "--team", "admin", "--email", "ada@us.example")
    assert "somebody works here already" in abm("user", "first", code=1)
