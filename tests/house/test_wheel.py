"""The wheel alone is enough: installed somewhere else, it makes a project and checks it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[2]
RIDES = ("playbooks", "templates", "data/companies")
SINGLES = ("agreement.yml", "prefect.yaml")
UV = Path(sys.executable).with_name("uv")
NO_NETWORK = re.compile(
    r"error sending request|dns error|name resolution|connection (refused|reset|error)"
    r"|network is unreachable|timed? ?out",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def abm(dist: Path) -> Iterator[Path]:
    """The `abm` of a fresh environment in which only the wheel was installed.

    Skips and says so where no package can be fetched, except under CI=true.
    """
    with TemporaryDirectory() as venv:  # on a disk, where packages can be linked
        yield installed(dist, Path(venv))


def installed(dist: Path, venv: Path) -> Path:
    """The command, after its installation."""
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python, (wheel,) = venv / "bin/python", dist.glob("*.whl")
    pip: list[str | Path] = [UV, "pip", "install", "--python", python]
    if not UV.exists():
        pip = [sys.executable, "-m", "pip", "--python", python, "install"]
    done = ran(*pip, "--quiet", "--constraint", ROOT / "constraints.txt", wheel)
    if done.returncode and NO_NETWORK.search(done.stdout) and os.environ.get("CI") != "true":
        pytest.skip(f"no network to install the wheel's dependencies:\n{done.stdout}")
    assert done.returncode == 0, done.stdout
    return venv / "bin/abm"


def ran(*argv: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command after its end, errors in its output."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        argv,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )


def run(*argv: str | Path, cwd: Path | None = None, code: int = 0) -> str:
    """What the command prints, errors included, after it ended with `code`."""
    done = ran(*argv, cwd=cwd)
    assert done.returncode == code, done.stdout
    return done.stdout


def carried(folder: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_playbooks_and_templates_ride_in_the_wheel(dist: Path):
    (wheel,) = dist.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in RIDES:
        files = carried(folder)
        assert files
        assert {f"orchestrator/starter/{file}" for file in files} <= names
    assert {f"orchestrator/starter/{file}" for file in SINGLES} <= names
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"accounts", "flows", "orchestrator"}


def test_the_source_archive_can_build_it_again(dist: Path):
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"pyproject.toml", "LICENSE", "constraints.txt", *SINGLES} <= names
    assert set().union(*map(carried, RIDES)) <= names


def test_init_and_check_in_an_empty_folder(abm: Path, tmp_path: Path):
    run(abm, "init", cwd=tmp_path)
    assert all((tmp_path / name).is_file() for name in ("abm.toml", *SINGLES))
    playbooks = sorted((tmp_path / "playbooks").glob("*.yaml"))
    assert [path.name for path in playbooks] == sorted(
        path.name for path in (ROOT / "playbooks").glob("*.yaml")
    )
    run(abm, "check", cwd=tmp_path)
    assert "deliver" in run(abm, "tick", "--once", cwd=tmp_path)

    broken = playbooks[0]
    broken.write_text(broken.read_text(encoding="utf-8") + "stepz: []\n", encoding="utf-8")
    line = len(broken.read_text(encoding="utf-8").splitlines())
    said = run(abm, "check", cwd=tmp_path, code=1)
    assert f"{broken.name}:{line}:1" in said
    assert "steps" in said
