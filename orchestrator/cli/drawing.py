"""abm draw: a playbook as a picture."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import plays

if TYPE_CHECKING:
    from orchestrator.drawing import Picture

SHARP = 2.0  # pixels of a PNG for one of the picture
LONGEST = 16_000  # pixels of a side; programs give up on more


def draw(
    playbook: Annotated[
        str, typer.Argument(metavar="FILE|PLAYBOOK", help="A file, or the name of an applied one.")
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Where to. Default: stdout.")
    ] = None,
    png: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="A PNG, for what shows no SVG.")
    ] = None,
) -> None:
    """Draw a playbook as an SVG picture: who does what, and in which order."""
    from orchestrator.drawing import layout, svg

    picture = layout(plays.plan_of(playbook))
    drawn = svg(picture)
    if png is not None:
        _write(png, _png(picture, drawn))
    if out is not None:
        _write(out, drawn.encode())
    elif png is None:
        typer.echo(drawn.encode(), nl=False)  # in UTF-8, whatever the terminal speaks


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise AbmError(f"{file} cannot be written: {error.strerror}") from error


def _png(picture: Picture, drawn: str) -> bytes:
    """The light picture; AbmError where nothing is installed that can paint it."""
    try:
        paint = import_module("vl_convert")
    except ImportError as error:
        hint = "pip install vl-convert-python, or write an SVG with --out"
        raise AbmError("a PNG needs vl-convert-python, which is not installed", hint) from error
    scale = min(SHARP, LONGEST / picture.width, LONGEST / picture.height)
    try:
        content: bytes = paint.svg_to_png(drawn, scale=scale)
    except ValueError as error:
        raise AbmError(f"the PNG cannot be painted: {str(error)[:200]}") from error
    return content
