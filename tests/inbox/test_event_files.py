"""Files of events as people and machines write them, and as nobody should."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import AbmError
from orchestrator.engine.events.event_files import EventFile, read_events
from orchestrator.terms import RawEvent

NOW = datetime(2026, 3, 3, 11, tzinfo=UTC)
ONE = {"kind": "clicked", "email": "ann@acme.example", "at": "2026-03-03T10:00:00Z", "id": "c1"}


def read(content: str | bytes | object, name: str = "x.json") -> EventFile:
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    return read_events(content.encode() if isinstance(content, str) else content, name, NOW)


def events(content: str | bytes | object, name: str = "x.json") -> list[RawEvent]:
    file = read(content, name)
    assert file.rejected == []
    return [event for _, event in file.events]


def rejects(content: str | bytes, name: str = "x.json") -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in read(content, name).rejected]


def test_one_object_a_list_and_an_object_a_line_say_the_same():
    two = ONE | {"id": "c2"}
    lines = f"{json.dumps(ONE)}\n\n{json.dumps(two)}\r\n"
    assert events(ONE) == events([ONE])
    assert events([ONE, two]) == events(lines) == events(f"[{json.dumps(ONE)},\n{json.dumps(two)}]")


def test_an_event_says_what_it_says():
    (event,) = events(ONE | {"source": "mail", "payload": {"url": "/pricing"}})
    assert event == RawEvent(
        "mail", "c1", "clicked", datetime(2026, 3, 3, 10, tzinfo=UTC),
        {"email": "ann@acme.example", "url": "/pricing"},
    )  # fmt: skip


def test_a_table_says_the_same_as_objects():
    table = "kind;at;id;email;subject\nclicked;2026-03-03T10:00:00Z;c1;ann@acme.example;\n"
    assert events(table, "x.CSV") == events(ONE)


def test_other_tools_call_things_by_other_names():
    (event,) = events({"event": "visit", "timestamp": 1772532000, "event_id": 7, "type": "page"})
    assert (event.kind, event.source_id) == ("visit", "7")
    assert event.at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert event.payload == {"type": "page"}
    (in_ms,) = events({"kind": "visit", "at": 1772532000000})
    assert in_ms.at == event.at


def test_without_an_id_the_content_is_the_id_in_whatever_file_it_comes():
    bare = {"kind": "visit", "email": "ann@acme.example"}
    (first,) = events(bare)
    (second,) = events([dict(reversed(bare.items()))])
    assert first.source_id == second.source_id
    one, other = events([bare, bare])
    assert one.source_id == first.source_id != other.source_id
    assert first.at == NOW


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ('{"kind": "visit"}\n{"kind": }\n{"kind": "intent"}', 2, "not readable as JSON"),
        ('{"kind": "visit"}\n' + "[" * 100_000, 2, "nested too deeply"),
        ('{"kind": "visit", "kind": "form"}\n{"kind": "visit"}', 1, "key 'kind' stands twice"),
        ('[{"kind": "visit"},\n {"kind": "visit", "a": {"b": 1, "b": 2}}]', 2, "'b' stands twice"),
        ('[{"kind": "visit"},\n {"kind": "visit"\n', 2, "not readable as JSON"),
        ('[{"kind": "visit"}\n {"kind": "visit"}]', 2, "a comma is missing here"),
        ('[{"kind": "visit"},\n 7, null, []]', 2, "an event is an object"),
        ('{"kind": "visit"}\n{"kid": "visit"}', 2, "did you mean kind where it says 'kid'?"),
        ('{"kind": "visit"}\n{"kind": ["visit"]}', 2, "the event has no kind"),
        ('{"kind": "visit"}\n{"kind": "visit", "at": "yesterday"}', 2, "at 'yesterday' is no inst"),
        ('{"kind": "visit"}\n{"kind": "visit", "at": 1e300}', 2, "is no instant"),
        ('{"kind": "visit"}\n{"kind": "visit", "at": NaN}', 2, "is no instant"),
        ('{"kind": "visit"}\n{"kind": "visit", "at": -1e18}', 2, "is no instant"),
        ('{"kind": "visit"}\n{"kind": "visit", "at": "0001-01-01T00:00+14:00"}', 2, "no instant"),
        ('{"kind": "visit"}\n{"kind": "visit", "x": "' + "y" * (1 << 20) + '"}', 2, "more than"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named_by_line_and_the_rest_is_taken(
    content: str, line: int, reason: str
):
    file = read(content)
    assert file.events
    assert file.rejected[0].line == line
    assert reason in file.rejected[0].reason
    assert all(len(cell) <= 2_000 for one in file.rejected for cell in one.cells)


def test_a_broken_line_of_a_table_costs_that_line():
    table = 'kind,email\nvisit,ann@acme.example\nvisit,a,b,c\n,bob@acme.example\nvisit,"open\n'
    file = read(table, "x.csv")
    assert [line for line, _ in file.events] == [2]
    assert sorted(one.line for one in file.rejected) == [3, 4, 5]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "x.json", "the file is empty"),
        (b" \n\t", "x.csv", "the file is empty"),
        (b"PK\x03\x04zip", "x.csv", "a spreadsheet or an archive"),
        (b"email,when\na@b.example,now\n", "x.csv", "no column is called kind"),
        (b"kimd,email\nvisit,a@b.example\n", "x.csv", "did you mean kind where it says 'kimd'?"),
    ],
)
def test_a_file_that_holds_nothing_says_why(content: bytes, name: str, reason: str):
    with pytest.raises(AbmError) as failed:
        read(content, name)
    assert reason in str(failed.value)


def test_numbers_that_no_database_keeps_stay_as_they_were_written():
    (event,) = events('{"kind": "visit", "n": ' + "9" * 5_000 + ', "f": 1e999}')
    assert event.payload["n"] == "9" * 5_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1"])
def test_every_usual_encoding_is_read(encoding: str):
    text = '{"kind": "visit", "name": "Zoë Müller"}'
    (event,) = events(text.encode(encoding))
    assert event.payload["name"] == "Zoë Müller"


@given(st.binary(max_size=300), st.sampled_from(["x.json", "x.csv", "x.jsonl"]))
def test_no_bytes_break_it(data: bytes, name: str):
    try:
        file = read_events(data, name, NOW)
    except AbmError:
        return
    assert all(event.at.tzinfo for _, event in file.events)


@given(st.lists(st.dictionaries(
    st.sampled_from(["kind", "at", "id", "email", "x"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
), max_size=6))  # fmt: skip
def test_every_record_becomes_an_event_or_a_rejection(records: list[dict]):
    file = read(records)
    assert len(file.events) + len(file.rejected) == len(records)
    assert [event for _, event in read(records).events] == [event for _, event in file.events]
