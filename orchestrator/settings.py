"""Settings: `abm.toml` of the project, overridden by ABM_* in the environment.

A nested name is joined by two underscores: `[mail] host` is ABM_MAIL__HOST. Everything has a
default that works without any server, so an empty file is a valid one.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from accounts.errors import Problem, Problems
from accounts.matching import RollUp, Rules
from accounts.nearest import nearest
from accounts.standing import TIE_BREAKERS

FILE = "abm.toml"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PREFIX = "ABM_"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_RATE = "^([1-9][0-9]{0,3} per [1-9][0-9]{0,3}[hdw])?$"
_CLOCKS = re.compile(rf"({_CLOCK})-(?:({_CLOCK})|24:00)")


def _zone(name: str) -> str:
    if name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), 1)
        raise ValueError(
            f"unknown time zone {name!r}; "
            + (f"did you mean {near[0]}?" if near else "use an IANA name such as Europe/Berlin")
        )
    return name


def _quiet(text: str) -> str:
    found = _CLOCKS.fullmatch(text)
    if text and (not found or found[1] == (found[2] or "00:00")):
        raise ValueError(f"{text!r} are no quiet hours; write 22:00-07:00")
    return text


def _tie_breakers(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in TIE_BREAKERS:
            raise ValueError(f"{name!r} is no tie-breaker; {nearest(name, TIE_BREAKERS)}")
    return names


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Workspace(_Section):
    """Who we are; zone and country count where neither contact nor account has its own."""

    name: str = "My workspace"
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    country: str = ""
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")  # of budgets and costs
    quiet: Annotated[str, AfterValidator(_quiet)] = ""  # hours of a day in which nobody is reached


class DatabaseSettings(_Section):
    """`sqlite:///FILE` (relative to the project) or `postgresql://USER@HOST/NAME`."""

    url: str = Field(default="sqlite:///.abm/abm.db", repr=False)


class Paths(_Section):
    """Where the project keeps its files; relative ones stand in the project folder."""

    playbooks: Path = Path("playbooks")
    templates: Path = Path("templates")
    agreement: Path = Path("agreement.yml")
    drop: Path = Path(".abm/drop")
    maildir: Path = Path(".abm/maildir")


class RampUp(_Section):
    """A new mailbox sends `start` mails on the day `since`, and `by` more on each that follows."""

    start: PositiveInt = 10
    by: PositiveInt = 5
    since: date


class Mailbox(_Section):
    """What differs for one address of ours."""

    per_day: PositiveInt | None = None
    ramp_up: RampUp | None = None


class Mail(_Section):
    """How e-mail leaves. Without a host, messages land in the maildir and go nowhere."""

    domain: str = "localhost"
    sender: str = ""  # From address of steps without a person behind them
    host: str = ""
    port: PositiveInt = 587
    user: str = ""
    password: SecretStr = SecretStr("")
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    connections: PositiveInt = 8  # one commit serves a message on each
    timeout: float = Field(default=30.0, gt=0)  # seconds
    unsubscribe: str = ""  # base URL of the one-click endpoint
    postal_address: str = ""
    per_day: NonNegativeInt = 0  # mails that one mailbox sends on a day of its own; 0: no limit
    ramp_up: RampUp | None = None
    mailboxes: dict[str, Mailbox] = {}  # by address, where one differs


class Caps(_Section):
    """Pressure limits of playbooks that set none; "" for no limit."""

    contact: str = Field(default="3 per 7d", pattern=_RATE)
    account: str = Field(default="8 per 7d", pattern=_RATE)


def _time_off(text: object) -> tuple[date, date]:
    """Read "2026-12-21..2027-01-03", or one day."""
    first, _, last = str(text).partition("..")
    try:
        days = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(f"{text!r} is no time off; write 2026-12-21..2027-01-03") from None
    if days[1] < days[0]:
        raise ValueError(f"{text!r} ends before it begins")
    return days


TimeOff = Annotated[tuple[date, date], BeforeValidator(_time_off)]


class Matching(_Section):
    """When a record is one of our accounts, and which one where several are as close."""

    accept: float = Field(default=Rules().accept, gt=0, le=1)  # the engine acts alone from here on
    review: float = Field(default=Rules().review, gt=0, le=1)  # a person is asked from here on
    roll_up: Literal["child", "parent", "ask"] = "child"  # which one a parent and its child are
    tie_breakers: Annotated[tuple[str, ...], AfterValidator(_tie_breakers)] = ()  # else a person

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.review > self.accept:
            raise ValueError(f"review ({self.review}) is above accept ({self.accept})")
        return self

    @property
    def rules(self) -> Rules:
        """The settings as the matcher takes them."""
        return Rules(self.accept, self.review, RollUp(self.roll_up), self.tie_breakers)


class Webhooks(_Section):
    """What webhooks may reach although it is private or on an odd port, and how they are signed."""

    allow: tuple[str, ...] = ()  # host, host:port, network
    secret: SecretStr = SecretStr("")  # whsec_ and base64; "": unsigned


class Web(_Section):
    """Where the pages are served. Beyond this machine only behind a proxy that speaks https."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)  # 0: 8400, or a free one where that is taken
    address: str = ""  # as people type it, https://abm.example.com; "": http://HOST:PORT

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.address and not self.address.startswith(("http://", "https://")):
            raise ValueError("address begins with https://")
        if self.address.startswith("http:") and urlsplit(self.address).hostname not in LOOPBACK:
            raise ValueError(f"address {self.address} is not this machine's: only https leaves it")
        if self.host not in LOOPBACK and not self.address.startswith("https://"):
            raise ValueError(
                f"host {self.host} can be reached from outside: put a proxy with https before it "
                "and say its address (https://...)"
            )
        return self


class Oidc(_Section):
    """Signing in by an OpenID provider; without an issuer there is none."""

    issuer: str = ""  # letter by letter as the provider says it, https://login.example.com/us
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")  # in ABM_OIDC__CLIENT_SECRET, or else in a file
    client_secret_file: Path | None = None  # relative ones stand in the project folder
    name: str = Field(default="single sign-on", max_length=40)  # what the button says
    leeway: NonNegativeInt = Field(default=60, le=300)  # seconds between its clock and ours

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.issuer:
            return self
        url = urlsplit(self.issuer)
        plain = url.scheme == "http" and url.hostname in LOOPBACK
        if not (plain or url.scheme == "https") or not url.netloc or url.query or url.fragment:
            raise ValueError(f"issuer {self.issuer!r} is no https://HOST/PATH")
        if not self.client_id:
            raise ValueError("an issuer needs the client_id that it knows this installation by")
        return self


class Settings(BaseSettings):
    """Everything that differs between two installations, frozen for one run."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=_PREFIX, env_nested_delimiter="__"
    )

    project: Path
    clock: str = "system"  # or "file:PATH": one virtual business time for all processes
    tick_seconds: PositiveInt = 30
    prefect_url: str = ""  # "": `abm up` starts a server of its own
    workspace: Workspace = Workspace()
    database: DatabaseSettings = DatabaseSettings()
    paths: Paths = Paths()
    mail: Mail = Mail()
    caps: Caps = Caps()
    # Of dry runs: tasks that one person does in a day, by user or team; when a user is away.
    capacity: dict[str, PositiveInt] = {}
    away: dict[str, tuple[TimeOff, ...]] = {}
    matching: Matching = Matching()
    webhooks: Webhooks = Webhooks()
    web: Web = Web()
    oidc: Oidc = Oidc()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings  # what load() read from the file comes last

    @property
    def playbooks(self) -> Path:
        return self.project / self.paths.playbooks

    @property
    def templates(self) -> Path:
        return self.project / self.paths.templates

    @property
    def agreement(self) -> Path:
        return self.project / self.paths.agreement

    @property
    def drop(self) -> Path:
        return self.project / self.paths.drop

    @property
    def maildir(self) -> Path:
        return self.project / self.paths.maildir

    @property
    def oidc_secret(self) -> str:
        """What we prove to the OpenID provider that we are its client by; OSError if the file
        that is to hold it cannot be read."""
        if file := self.oidc.client_secret_file:
            return (self.project / file).read_text("utf-8").strip()
        return self.oidc.client_secret.get_secret_value()

    @property
    def database_url(self) -> str:
        """The database's URL with a relative SQLite file placed in the project."""
        scheme, mark, path = self.database.url.partition(":///")
        if mark and scheme.startswith("sqlite") and path:
            return f"{scheme}:///{self.project / path}"
        return self.database.url


def load(project: Path) -> Settings:
    """The settings of the project folder; `Problems` names every wrong key with its position."""
    project = project.absolute()
    file = project / FILE
    text = file.read_text("utf-8-sig") if file.is_file() else ""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problems([_syntax(error)]) from error
    try:
        return Settings(**{**values, "project": project})
    except ValidationError as error:
        raise Problems([_problem(finding, text) for finding in error.errors()]) from error


def _syntax(error: tomllib.TOMLDecodeError) -> Problem:
    found = re.search(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
    what, line, col = found.groups() if found else (str(error), "0", "0")
    return Problem(FILE, int(line), int(col), what, code="toml")


def _problem(finding: Mapping[str, Any], text: str) -> Problem:
    keys = [str(key) for key in finding["loc"]]
    variable = _PREFIX + "__".join(keys).upper()
    unknown = finding["type"] == "extra_forbidden"
    message = f"unknown setting {'.'.join(keys)}" if unknown else _reason(finding, keys)
    hint = _suggest(keys) if unknown else ""
    if variable in os.environ:
        return Problem(variable, 0, 0, message, hint, "setting")
    return Problem(FILE, *_position(keys, text), message, hint, "setting")


def _reason(finding: Mapping[str, Any], keys: list[str]) -> str:
    return f"{'.'.join(keys)}: {finding['msg'].removeprefix('Value error, ')}"


def _suggest(keys: list[str]) -> str:
    """The nearest valid key beside the wrong one, or all of them."""
    model: Any = Settings
    for key in keys[:-1]:
        model = model.model_fields[key].annotation
    return nearest(keys[-1], [name for name in model.model_fields if name != "project"])


def _position(keys: list[str], text: str) -> tuple[int, int]:
    """(line, column) of a dotted key, as far as a line scan finds it; (0, 0) elsewhere."""
    wanted = ".".join(keys)
    return next(((line, col) for name, line, col in _keys(text) if name == wanted), (0, 0))


def _keys(text: str) -> Iterator[tuple[str, int, int]]:
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            section = found.group(1) + "."
            yield found.group(1), number, found.start(1) + 1
        elif found := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            yield section + found.group(1).strip("\"'"), number, found.start(1) + 1
