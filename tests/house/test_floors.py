"""Imports go down only, and no module stands outside the house."""

from __future__ import annotations

import configparser
import re
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Not code of a floor: what `abm init` copies, and the package's own docstring.
APART = {"starter", "__init__", "__pycache__", "py"}


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser


def test_the_floors_and_walls_hold():
    linter = Path(sysconfig.get_path("scripts"), "lint-imports")
    run = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_module_stands_on_a_floor():
    layers = contracts()["importlinter:contract:floors"]["layers"]
    floors = set(re.findall(r"orchestrator\.(\w+)", layers))
    modules = {
        path.stem
        for path in (ROOT / "orchestrator").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert modules - APART <= floors
