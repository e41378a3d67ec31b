"""Everything that reads what somebody wrote: for any bytes it must end well, soon and small.

A target takes bytes and returns; a problem that is told (AbmError, Problems) is a good end, any
other exception is a finding. `scripts/fuzz.py` feeds them by chance, `test_kept.py` what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from jinja2 import UndefinedError

from accounts.errors import AbmError
from accounts.headers import guess_columns
from accounts.importing import account_rows, contact_rows, suppression_rows
from accounts.opportunities import opportunity_rows
from accounts.tables import read_table, write_rejects
from orchestrator.conditions import ConditionError, parse
from orchestrator.engine import agreement
from orchestrator.engine.events.event_files import read_events
from orchestrator.engine.plays.taking_over import Places, take_over
from orchestrator.language import canonical, check, check_group, from_canonical
from orchestrator.language.groups import Group
from orchestrator.messages.compiled import TooLong, compile_template
from orchestrator.messages.library import MOST_SOURCE
from orchestrator.messages.sandbox import BadLink, Missing
from orchestrator.sequences import VENDORS
from tests.orchestrator.language.names import VOCABULARY
from tests.support.cast import NOW

ROOT = Path(__file__).parents[2]
ROWS = {
    "accounts": account_rows,
    "contacts": contact_rows,
    "opportunities": opportunity_rows,
    "suppressions": suppression_rows,
}
FACTS = {
    "account": {"name": "Acme & <Sons>", "domain": "acme.example", "tier": 1, "city": ""},
    "contact": {"name": "Ann", "first_name": "{{ x }}", "title": None},
    "sender": {"name": "Sam", "title": "", "email": "sam@us.example"},
    "workspace": {"name": "Us"},
    "postal_address": "",
    "unsubscribe": "https://us.example/u/1",
}


def playbook(data: bytes) -> None:
    """What is sound survives being stored."""
    plan = check(data, "x.yaml", VOCABULARY).plan
    if plan:
        assert from_canonical(canonical(plan)) == plan


def group(data: bytes) -> None:
    """The same bytes as a group of steps that a playbook includes."""
    source = "name: x\ncommittee:\n  buyer: {}\nsteps:\n  - include: g\n"
    groups = {"g": Group("g.yaml", data)}
    check(source, "x.yaml", VOCABULARY, groups)
    check_group(data, "g.yaml", "g", VOCABULARY, groups)


def agreed(data: bytes) -> None:
    agreement.parse(data.decode("utf-8", "surrogateescape"), "agreement.yml")


def condition(data: bytes) -> None:
    with suppress(ConditionError):
        parse(data.decode("utf-8", "replace"))


def template(data: bytes) -> None:
    source = data[:MOST_SOURCE].decode("utf-8", "replace")
    compiled = compile_template("email/x", source)
    # What a library tells as an AbmError; see its `render`.
    with suppress(
        UndefinedError,
        Missing,
        BadLink,
        TooLong,
        ArithmeticError,
        TypeError,
        ValueError,
        LookupError,
    ):
        compiled.rendered(FACTS)


def table(data: bytes) -> None:
    read = read_table(data)
    write_rejects(read.rejected, read.headers)
    for kind, rows in ROWS.items():
        with suppress(AbmError):
            rows(read, guess_columns(read.headers, kind))


def events(data: bytes) -> None:
    for name in ("x.json", "x.csv"):
        with suppress(AbmError):
            read_events(data, name, NOW)


def sequence(data: bytes) -> None:
    vendor = list(VENDORS)[len(data) % len(VENDORS)]
    for name in ("x.json", "x.csv"):
        with suppress(AbmError):
            for one in take_over(data, name, vendor, Places(Path("p"), Path("t")), None):
                assert all("'untranslated." in problem.message for problem in one.problems)


class Target(NamedTuple):
    """A reader, where examples of its input lie, and words that mean something in it."""

    read: Callable[[bytes], None]
    examples: tuple[str, ...]
    words: tuple[str, ...] = ()


_YAML = (
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: ",
    "!x ",
    "|\n",
    ">\n",
    "'",
    '"',
    "\n---\n",
    "# ",
)
_JINJA = ("{{ ", " }}", "{% if ", "{% endif %}", "{% for x in ['1'] %}", "{% endfor %}", "{#", "| ",
          "contact.name", "(", ")", "~", "[w](", "--- html ---\n", "<a href='", "- ")  # fmt: skip
_CELLS = (",", ";", "\t", '"', "\r\n", "\r", "=", "+", "\0", "\ufeff")
_JSON = ("{", "}", "[", "]", '"', ":", ",", "1e999", "null", '"type":', '"steps":',
         "{{first_name}}", "<p>", "<a href=", "{%", "&lt;")  # fmt: skip
_ASKED = ("clicked('a')", "any.", "all.", "count.", " and ", " or ", "not ", "(", ")",
          ">= ", "== ",
          "account.engagement", "outcome(", "happened('visit', '30d')", "'", "1", ", ")  # fmt: skip

TARGETS: Mapping[str, Target] = {
    "playbook": Target(
        playbook,
        ("tests/orchestrator/language/*/*.yaml", "playbooks/*.yaml"),
        (*_YAML, "steps:\n", "when: ", "wait: ", "choose:\n", *_ASKED),
    ),
    "group": Target(group, ("playbooks/groups/*.yaml", "playbooks/*.yaml"), _YAML),
    "agreement": Target(agreed, ("agreement.yml",), _YAML),
    "condition": Target(condition, ("tests/fuzz/examples/conditions.txt",), _ASKED),
    "template": Target(template, ("templates/*/*.j2",), _JINJA),
    "table": Target(table, ("data/companies/*.csv", "tests/sequences/golden/*.csv"), _CELLS),
    "events": Target(events, ("tests/fuzz/examples/events.*",), (*_JSON, *_CELLS, '"kind":')),
    "sequence": Target(sequence, ("tests/sequences/golden/*.[jc]s*",), (*_JSON, *_CELLS, *_JINJA)),
}
