"""Exports from anywhere: whatever they hold, there is a playbook that checks, or a clear error."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import AbmError, Problems
from orchestrator.engine.plays.taking_over import Places, take_over
from orchestrator.language.codes import Code
from orchestrator.sequences import VENDORS, read
from orchestrator.sequences.fields import UNTRANSLATED
from tests.support.hanging import ends

PLACES = Places(Path("playbooks"), Path("templates"))


def fine(data: bytes, name: str, vendor: str = "") -> list[str]:
    """The names of the playbooks, each of which compiles and checks but for what is marked."""
    names = []
    for one in take_over(data, name, vendor, PLACES, None):
        names.append(one.made.name)
        for problem in one.problems:
            assert problem.code == Code.UNKNOWN_VARIABLE, problem
            assert f"'{UNTRANSLATED}." in problem.message
        for path in one.files:
            assert not path.is_absolute()
            assert ".." not in path.parts
    return names


def step(**attributes: Any) -> dict[str, Any]:
    return {"type": "sequenceStep", "id": 1, "attributes": {"stepType": "auto_email", **attributes}}


def hubspot(*steps: dict[str, Any], **more: Any) -> bytes:
    made = {"name": "x", "steps": [{"actionType": "EMAIL", **one} for one in steps], **more}
    return json.dumps(made).encode()


UNREADABLE: dict[str, tuple[str, bytes]] = {
    "nothing": ("a.json", b""),
    "blanks": ("a.json", b" \n "),
    "no JSON": ("a.json", b"{'a': 1}"),
    "cut off": ("a.json", b'{"data": {"type": "sequ'),
    "deep lists": ("a.json", b"[" * 100_000),
    "deep objects": ("a.json", b'{"data":' * 50_000 + b"1" + b"}" * 50_000),
    "a key twice": ("a.json", b'{"steps": [], "steps": [{"actionType": "EMAIL"}]}'),
    "no number": ("a.json", b'{"steps": [{"actionType": "EMAIL", "delayMillis": NaN}]}'),
    "a number without end": ("a.json", b'{"id": ' + b"9" * 5_000 + b"}"),
    "a text": ("a.json", b'"sequence"'),
    "null": ("a.json", b"null"),
    "another tool's": ("a.json", b'{"campaign": {"steps": 3}}'),
    "no steps": ("a.json", b'{"data": {"type": "sequence", "id": 1, "attributes": {"name": "x"}}}'),
    "no groups": ("a.json", b'{"data": {"cadence_content": {"step_groups": []}}}'),
    "too large": ("a.json", b'{"a": "' + b"x" * (4 * 1024 * 1024) + b'"}'),
    "201 steps": ("a.json", hubspot(*[{"stepOrder": n} for n in range(201)])),
    "a spreadsheet": ("a.csv", b"PK\x03\x04rest"),
    "only headers": ("a.csv", b"Sequence,Step,Type,Delay\n"),
    "unknown headers": ("a.csv", b"a,b\n1,2\n"),
    "no kinds": ("a.csv", b"Cadence,Day\nx,1\n"),
    "noise": ("a.csv", bytes(range(256)) * 10),
    "50,001 lines": ("a.csv", b"Cadence,Day,Type\n" + b"x,1,call\n" * 50_001),
    "301 columns": ("a.csv", b"delay," * 301 + b"\n"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_holds_no_sequence_is_told_in_a_moment(case: str):
    name, data = UNREADABLE[case]
    with ends(5), pytest.raises(AbmError) as told:
        fine(data, name)
    assert "\n" not in told.value.reason


def test_broken_json_is_told_with_its_place():
    with pytest.raises(Problems) as told:
        fine(b'{\n  "steps": [\n    oops\n', "x.json")
    (problem,) = told.value.problems
    assert (problem.file, problem.line, problem.col) == ("x.json", 3, 5)


def test_a_tool_that_nobody_knows_is_told():
    with pytest.raises(AbmError, match="outreach, salesloft, hubspot"):
        fine(b"{}", "x.json", "pardot")


STRANGE: dict[str, bytes] = {
    "a cycle of relations": json.dumps(
        {
            "data": {"type": "sequence", "id": 1, "relationships": {
                "sequenceSteps": {"data": [{"type": "sequenceStep", "id": 1}]}}},
            "included": [
                {**step(), "relationships": {
                    "sequence": {"data": {"type": "sequence", "id": 1}},
                    "sequenceTemplates": {"data": [{"type": "sequenceTemplate", "id": 1}]}}},
                {"type": "sequenceTemplate", "id": 1, "relationships": {
                    "template": {"data": {"type": "sequenceTemplate", "id": 1}},
                    "sequenceStep": {"data": {"type": "sequenceStep", "id": 1}}}},
            ],
        }
    ).encode(),
    "values of other sorts": json.dumps(
        {"data": {**step(interval={}, order=[], taskNote=None, displayName=1e300),
                  "relationships": "x"}, "included": "x"}
    ).encode(),
    "numbers beyond all bounds": b'{"steps": [{"actionType": "EMAIL", "delayMillis": 1e999, '
    b'"stepOrder": -1e999, "emailPattern": {"threadEmailToStepOrder": 1e999}}]}',
    "a reply to itself": hubspot(
        {"stepOrder": 0, "emailPattern": {"threadEmailToStepOrder": 0, "body": "x"}}
    ),
    "names of files": hubspot({}, name="../../../etc/passwd\0"),
    "a name of signs": hubspot({}, name="\u202e\U0001f600\ud800"),
    "YAML in a name": hubspot({}, name="x\nsteps: []\n- &a [*a] # abm: allow ABM502 so"),
    "YAML in a note": hubspot(
        {"actionType": "TASK", "taskPattern": {"taskType": "TODO", "subject": "a: b # c",
                                               "notes": "x\n  - id: y\n\u2028\x00\ud800"}}
    ),
    "code in a mail": hubspot(
        {"emailPattern": {"subject": "{{ 7 * 7 }}\n---\nbcc: x", "body": "{% include 'x' %}"
                          "{{ ''.__class__ }}{{ x | attr('y') }}{%- raw -%}{{'{{'}}{#"}}
    ),
    "a page in a mail": hubspot(
        {"emailPattern": {"subject": "x", "body": "<p>x</p><script>y</script><iframe src=z>"
                          "<a href='jav\nascript:x'>l</a><img onerror=x src=y>\n--- html ---\n<b>"}}
    ),
    "very long words": hubspot(
        {"emailPattern": {"subject": "{{a}}" * 500, "body": "{{a}}<p>" * 30_000}},
        {"actionType": "TASK", "taskPattern": {"taskType": "TODO", "notes": "ß" * 100_000}},
        {"actionType": "x" * 10_000}, name="n" * 10_000,
    ),
    "a hundred notes": hubspot(
        *[{"actionType": "TASK", "taskPattern": {"taskType": "TODO", "notes": "x " * 5_000}}] * 100
    ),
    "UTF-16": '{"steps": [{"actionType": "EMAIL"}]}'.encode("utf-16"),
    "latin-1": '{"name": "Köln", "steps": [{"actionType": "EMAIL"}]}'.encode("latin-1"),
    "a mark": b"\xef\xbb\xbf" + hubspot({}),
}  # fmt: skip


@pytest.mark.parametrize("case", STRANGE)
def test_what_is_strange_becomes_a_playbook_all_the_same(case: str):
    with ends(5):
        assert fine(STRANGE[case], "x.json")


CELLS = [
    "=HYPERLINK(\"x\")", "+49 30", "-2", "@sum(a)", "\tx", "'=x", "x" * 140_000, "\0", "{{", "{%",
    "nan", "inf", "1e999", "-1", "<p", "<a href=x", "*a", "&a", "!x", "- x", "# x", "x\ny: z",
]  # fmt: skip


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: repr(cell[:12]))
@pytest.mark.parametrize("vendor", VENDORS)
def test_any_cell_may_hold_anything(vendor: str, cell: str):
    quoted = '"' + cell.replace('"', '""') + '"'
    for column in range(9):
        row = ["n", "1", "1", "email", "1", "title", "subject", "body", "notes"]
        row[column] = quoted
        head = "Sequence,Step,Day,Type,Delay,Step name,Subject,Body,Notes\n"
        try:
            fine((head + ",".join(row) + "\n").encode(), "x.csv", vendor)
        except AbmError as error:
            assert "no steps" in error.reason or "no sequence" in error.reason  # noqa: PT017


SLOW = {
    "brackets": "<" * 60_000,
    "comments": "<!--" * 15_000,
    "sections": "<![CDATA[" * 7_000,
    "links": "<a href='" * 7_000,
    "attributes": "<p " + "a=" * 30_000,
    "quotes": '<p a="' * 10_000,
    "one tag": "<p " + "a='b' " * 10_000,
    "fields": "{{" * 30_000,
    "fields and bars": "{{ a |" * 10_000,
    "one field": "{{" + " " * 60_000 + "}}",
    "names": "{{ " + "a " * 99 + "!}}",
    "blocks": "{%" * 30_000,
    "percents": "%contact." * 7_000,
    "entities": "&" * 60_000,
    "lines": "\n" * 60_000,
    "dashes": "-\n" * 30_000,
    "list": "<li>" * 15_000,
}


@pytest.mark.parametrize("case", SLOW)
def test_no_mail_takes_long(case: str):
    body = SLOW[case]
    with ends(3):
        fine(hubspot({"emailPattern": {"subject": body, "body": f"<p>x</p>{body}"}}), "x.json")


def test_thousands_of_resources_are_read_in_a_moment():
    steps = [
        {**step(order=n), "id": n, "relationships": {"sequence": {"data": {"id": n % 10}}}}
        for n in range(1_000)
    ]
    links = [
        {"type": "sequenceTemplate", "id": n,
         "relationships": {"sequenceStep": {"data": {"id": n % 1_000}}}}
        for n in range(20_000)
    ]  # fmt: skip
    with ends(20):
        assert len(read(json.dumps({"data": steps, "included": links}).encode(), "x.json")) == 10


# ---------------------------------------------------------------- anything at all

words = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["{{first_name}}", "{{", "%}", "<p>", "</a>", "<a href=", "'", '"', "---", "\n", "{# #}",
         "sequence", "sequenceStep", "EMAIL", "TASK", "Phone", "manual_email", "1", "2026-03-02"]
    ),
)  # fmt: skip
texts = st.lists(words, max_size=8).map("".join)
KEYS = [
    "data", "included", "type", "id", "attributes", "relationships", "sequence", "steps", "name",
    "actionType", "stepType", "order", "interval", "date", "cadence_content", "step_groups", "day",
    "type_settings", "email_template", "subject", "body", "instructions", "settings", "enabled",
    "emailPattern", "taskPattern", "taskType", "notes", "stepOrder", "delayMillis", "results",
]  # fmt: skip
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=30,
)


@given(value=values, vendor=st.sampled_from(["", *VENDORS]))
def test_any_json_becomes_playbooks_or_one_error(value: Any, vendor: str):
    with suppress(AbmError):
        fine(json.dumps(value).encode(), "x.json", vendor)


@given(subject=texts, body=texts, notes=texts, kind=words, name=texts)
def test_any_words_become_a_playbook_that_checks(
    subject: str, body: str, notes: str, kind: str, name: str
):
    task = {"taskType": kind or "x", "subject": subject, "notes": notes}
    steps = [
        {"stepOrder": 0, "emailPattern": {"subject": subject, "body": body}},
        {"stepOrder": 1, "actionType": "TASK", "taskPattern": task},
        {"stepOrder": 2, "emailPattern": {"body": f"<p>{body}", "threadEmailToStepOrder": 0}},
    ]
    assert fine(hubspot(*steps, name=name), "x.json")


@given(st.binary(max_size=400), st.sampled_from(["", *VENDORS]), st.sampled_from(["csv", "json"]))
def test_any_bytes_become_playbooks_or_one_error(data: bytes, vendor: str, form: str):
    with suppress(AbmError):
        fine(data, f"x.{form}", vendor)
