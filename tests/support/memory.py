"""Where what tests write lives: nobody pulls the plug here, so that no disk need be waited for."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes; containers often come with 64 MB


def folder() -> Path:
    """A folder in memory where there is enough of it, else the one for temporary files."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
        return _MEMORY
    return Path(tempfile.gettempdir())
