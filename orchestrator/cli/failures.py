"""How a command fails: 1 for what may be expected, 2 for wrong usage, 3 for a bug of ours."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import typer

from accounts.errors import AbmError, Problems
from orchestrator.cli import project
from orchestrator.cli.output import clean, note, problem_lines

EXPECTED, USAGE, BUG, INTERRUPTED = 1, 2, 3, 130


def expected(error: AbmError) -> int:
    """One line that says what is wrong and one that says how to mend it, on stderr."""
    if isinstance(error, Problems):
        for problem in error.problems:
            note("\n".join(problem_lines(problem)))
    note(f"error: {clean(error.reason)}")
    if error.hint:
        note(f"hint: {clean(error.hint)}")
    return EXPECTED


def usage(error: typer.TyperException) -> int:
    """What typer says of a command line that it does not understand, with the right usage."""
    show = getattr(error, "show", None)  # its errors of usage have it, their base has not
    if show is None:
        note(f"error: {clean(error.format_message())}")
    else:
        show()
    return USAGE


def bug(error: BaseException, argv: Sequence[str]) -> int:
    """Write the traceback to a file of its own and say where; stderr stays readable."""
    told = clean(f"{type(error).__name__}: {error}")
    note(f"error: this is a bug of abm, not of yours: {told}")
    note(f"hint: the details are in {_write_log(error, argv)}")
    return BUG


def _write_log(error: BaseException, argv: Sequence[str]) -> Path:
    from orchestrator.veil import mask

    file = _log_folder() / f"{_now()}.log"
    details = "".join(traceback.format_exception(error))
    told = mask(f"abm {' '.join(argv)}\nPython {sys.version}\n\n{details}")
    file.write_text(told, "utf-8", "backslashreplace")
    return file


def _log_folder() -> Path:
    """`.abm/log` of the project, or a temporary folder where there is no project."""
    try:
        folder = project.find() / ".abm" / "log"
        folder.mkdir(parents=True, exist_ok=True)
    except (AbmError, OSError):
        return Path(tempfile.mkdtemp(prefix="abm-log-"))
    return folder


def _now() -> str:
    from orchestrator.clock import SystemClock

    return f"{SystemClock().now():%Y%m%d-%H%M%S-%f}"
