"""One throw-away PostgreSQL cluster for a test session, one fresh database for a test."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.support import memory
from tests.support.processes import free_port, spawn, stop, wait_until

DEBIAN = Path("/usr/lib/postgresql")
PREFIX = "abm-postgres-"


def binaries() -> Path:
    """The folder of `initdb` and `postgres`, newest version first.

    Without one the test is skipped and says so; under CI=true it fails, for there the database
    is promised.
    """
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).parent
    missing = f"PostgreSQL is missing: no initdb under {DEBIAN} (apt-get install postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def _unprivileged() -> int | None:
    """PostgreSQL refuses to run as root: whom to be instead, or None if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise LookupError("neither postgres nor nobody is a user of this machine")


def _sweep() -> None:
    """Remove the folders of sessions that were killed; each carries the process id of its owner."""
    for folder in memory.folder().glob(f"{PREFIX}*"):
        if not Path("/proc", folder.name.split("-")[2]).exists():
            shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """A running cluster on a free loopback port; without durability unless `settings` say so."""

    def __init__(self, **settings: str) -> None:
        _sweep()
        self._settings = settings
        self._bin, self._uid, self._names = binaries(), _unprivileged(), count()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp("", f"{PREFIX}{os.getpid()}-", memory.folder()))
        self._log = self.folder / "log"
        if self._uid is not None:
            os.chown(self.folder, self._uid, self._uid)
        self._initdb()
        self._process = self._start()
        wait_until(self._answers, "PostgreSQL's start", process=self._process, log=self._log)

    def _initdb(self) -> None:
        options = ["-N", "-A", "trust", "-U", "abm", "-E", "UTF8", "--locale=C"]
        if self._spawn("initdb", *options, "-D", "data").wait(60):
            raise RuntimeError(f"initdb failed:\n{self._log.read_text()}")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": 200,
            "timezone": "UTC",
            **self._settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return self._spawn("postgres", "-D", "data", *options)

    def _spawn(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        return spawn(
            [self._bin / program, *options],
            log=self._log,
            cwd=self.folder,
            uid=self._uid,
            on_parent_death=signal.SIGQUIT,
        )

    def url(self, database: str = "postgres", driver: str = "psycopg") -> str:
        """SQLAlchemy's URL of `database`."""
        return f"postgresql+{driver}://abm@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self, template: str = "") -> Iterator[str]:
        """A fresh database, empty or a copy of the one at the URL `template`; its URL.

        Dropped at the end, whoever is still connected.
        """
        self.create(name := f"test_{next(self._names)}", template)
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def create(self, name: str, template: str = "") -> None:
        """The same, to stay as long as the cluster."""
        # A file is copied in half the time that its pages take through the log.
        like = f"TEMPLATE {template.rpartition('/')[2]} STRATEGY FILE_COPY" if template else ""
        self._run(f"CREATE DATABASE {name} {like}")

    def stop(self) -> None:
        """Stop at once and remove the files."""
        stop(self._process, signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        with self._connect() as connection:
            connection.execute(statement.encode())

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="abm", dbname="postgres", autocommit=True
        )

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self._connect().close()
            return True
        return False
