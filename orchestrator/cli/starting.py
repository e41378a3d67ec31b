"""A new project: the starter's files, and an empty database."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import orchestrator
from accounts.errors import AbmError
from orchestrator.cli.project import FILE

PRIVATE = ".abm"
# Playbooks name it in their first line: editors complete and check what is written.
SCHEMA = f"{PRIVATE}/playbook.schema.json"
GROUP_SCHEMA = f"{PRIVATE}/group.schema.json"
SCENARIO_SCHEMA = f"{PRIVATE}/scenario.schema.json"
_PARTS = (FILE, "agreement.yml", "prefect.yaml", "playbooks", "templates", "data/companies")


def start(folder: Path) -> Counter[str]:
    """Make `folder` a project: how many files of each part were new.

    AbmError, and nothing written, where it is one already or a file of ours would replace another.
    """
    if (folder / FILE).exists():
        raise AbmError(f"{folder} is a project already", f"its settings are in {folder / FILE}")
    files = {folder / name: source for name, source in _starter().items()}
    fresh = {target: source for target, source in files.items() if not target.exists()}
    _refuse_to_replace({target: files[target] for target in files.keys() - fresh.keys()})
    for target, source in fresh.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    _make_database(folder)
    return Counter(target.relative_to(folder).parts[0] for target in fresh)


def way_in(folder: Path) -> str:
    """A token for the first of us, with which the page lets them in; "" where somebody is in."""
    from orchestrator.app import build
    from orchestrator.cli.project import deed
    from orchestrator.engine.staff.auditing import recorded
    from orchestrator.engine.staff.first import anybody, offer
    from orchestrator.settings import load

    app = build(load(folder))
    try:
        return "" if anybody(app.ctx) else offer(recorded(app.ctx, deed("init", "")))
    finally:
        app.close()


def _starter() -> Mapping[str, Path]:
    """What every project starts with: the path in the project, and the file to copy.

    The wheel carries all of it in `orchestrator/starter`; a checkout has most at its root.
    """
    inside = Path(orchestrator.__file__).with_name("starter")
    files: dict[str, Path] = {}
    for part in _PARTS:
        home = inside if (inside / part).exists() else inside.parents[1]
        found = [home / part, *(home / part).rglob("*")]
        files |= {path.relative_to(home).as_posix(): path for path in found if path.is_file()}
    return files


def _refuse_to_replace(there: Mapping[Path, Path]) -> None:
    """A file that is there and the same is no obstacle: a checkout of this engine has them all."""
    other = sorted(
        target
        for target, source in there.items()
        if not target.is_file() or target.read_bytes() != source.read_bytes()
    )
    if other:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        raise AbmError(
            f"{', '.join(map(str, other[:3]))}{more} would be overwritten",
            "move it away, or make the project in an empty folder: abm --project DIR init",
        )


def renew_schema(folder: Path) -> None:
    """Keep the schemas of playbooks, groups and scenarios beside the database, for editors.

    Nothing happens where that is no project, or where it cannot be written: only completion lacks.
    """
    from orchestrator.language import json_schema
    from orchestrator.scenarios import schema as scenarios

    schemas = {
        SCHEMA: json_schema(),
        GROUP_SCHEMA: json_schema(group=True),
        SCENARIO_SCHEMA: scenarios.json_schema(),
    }
    for name, schema in schemas.items():
        file, text = folder / name, json.dumps(schema, indent=1)
        with suppress(OSError):
            if file.parent.is_dir() and (not file.exists() or file.read_text("utf-8") != text):
                file.write_text(text, "utf-8")


def _make_database(folder: Path) -> None:
    from orchestrator.settings import load
    from orchestrator.store.database import Database

    private = folder / PRIVATE
    private.mkdir(mode=0o700, exist_ok=True)
    (private / ".gitignore").write_text("*\n", "utf-8")
    renew_schema(folder)
    database = Database(load(folder).database_url)
    try:
        database.upgrade()
    finally:
        database.dispose()
