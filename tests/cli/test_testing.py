"""`abm test`: scenarios that pass, fail and cannot be read, and what is said of each."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Abm
from tests.house.test_docs import ROOT, blocks

PLAY = """\
name: hello
for: {signed: no, tiers: [2, 3]}
committee: {buyer: {role: champion}}
stop:
  - {on: form, then: hand_off}
steps:
  - id: ring
    call: {to: buyer}
    after: []
    attempts: {at_most: 2, every: 2 business days}
    overdue: [proceed]
  - id: note
    email: {to: buyer}
    split: {a: {template: email/onboarding-map}, b: {template: email/onboarding-story}}
    when: outcome('ring') == 'not_reached'
"""
GIVEN = """\
title: Nobody picks up
contacts: {ann: {role: champion}}
answers:
  - {task: ring, ends: no_answer}
"""
MISSED = (
    GIVEN
    + """\
expect:
  touches:
    - {step: note, who: ann, at: day 3 11:00}
  tasks:
    - {task: ring, at: day 1 09:00}
    - {task: ring, at: 2027-03-03}
  never:
    - {step: note, who: bob}
  ends: completed
events:
  - {at: day 90 10:00, add: {bob: {role: user}}}
"""
)


@pytest.fixture
def hello(abm: Abm) -> Path:
    """The playbook of these tests and the folder of its scenarios; those that ship are gone."""
    (abm.project / "playbooks" / "hello.yaml").write_text(PLAY, "utf-8")
    folder = abm.project / "playbooks" / "tests" / "hello"
    folder.mkdir(parents=True)
    return folder


def put(folder: Path, text: str, name: str = "missed") -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(text, "utf-8")
    return file


def test_what_passes_takes_one_line(abm: Abm, hello: Path):
    told = abm("test", put(hello, MISSED))
    assert told.endswith("all passed\n")
    assert told.startswith("1 scenario in ")
    assert told.count("\n") == 1


def test_what_fails_says_where_what_and_what_came_instead(abm: Abm, hello: Path):
    text = MISSED.replace("day 3 11:00", "day 4 11:00").replace("completed", "stopped")
    file = put(hello, text)
    told = abm("test", file, code=1)
    assert "FAILED  hello/missed: Nobody picks up" in told
    assert f"{file}:7:7: no such touch: {{step: note, who: ann, at: day 4 11:00}}" in told
    assert "    - {step: note, who: ann, at: day 4 11:00}" in told
    assert "    + {step: note, who: ann, at: day 3 11:00}" in told
    assert f"{file}:13:9: the play is completed on day 3 11:00, not stopped" in told
    assert "1 failed, 0 passed" in told


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("  never:", "  holds:\n    - {step: note}\n  never:", "no hold is left for this"),
        ("{step: note, who: bob}", "{step: ring}", "this happened: {task: ring, who: ann, at:"),
        ("ends: completed", "ends: completed\n  ended: day 9", "not ended on day 9"),
        ("{task: ring, at: 2027-03-03}", "{task: ring}\n    - {task: ring}", "no task is left"),
        ("ends: completed", "log: |\n    Monday", "the log is another one"),
    ],
)  # fmt: skip
def test_each_kind_of_expectation_can_fail(abm: Abm, hello: Path, was: str, now: str, said: str):
    assert said in abm("test", put(hello, MISSED.replace(was, now)), code=1)


def test_two_lines_want_two_touches_whichever_is_the_exact_one(abm: Abm, hello: Path):
    tasks = "    - {task: ring}\n    - {task: ring, at: day 1 09:00}"
    put(hello, MISSED.replace("    - {task: ring, at: day 1 09:00}\n", "").replace(
        "    - {task: ring, at: 2027-03-03}", tasks))  # fmt: skip
    abm("test", "-k", "hello missed")


# ---------------------------------------------------------------- what is wrong with a file

WRONG = {
    "contcts: {}": "a scenario has no key 'contcts' [ABM101]\n",
    "answers: [{task: rng, ends: connected}]": "there is no step or task 'rng' [ABM202]",
    "answers: [{task: ring, ends: conected}]": "did you mean 'connected'?",
    "answers: [{task: ring, ends: sent, after: 2 business days}]": "cannot be counted in",
    "events: [{at: day 3, event: form}]": "does not say when on that day",
    "events: [{at: day 0 09:00, event: form}]": "is no day or time",
    "events: [{at: 2027-02-30 09:00, event: form}]": "is no day or time",
    "events: [{at: day 3 09:00}]": "nothing happens in this event",
    "events: [{at: day 3 09:00, event: clickt}]": "did you mean 'clicked'?",
    "events: [{at: day 3 09:00, event: form, who: eve}]": "there is no person 'eve' [ABM701]",
    "start: day 3 09:00": "counts from the start, which this is",
    "playbook: helo": "there is no playbook 'helo' [ABM702]",
    "account: {tier: 1}": "the playbook is not for accounts of tier 1 [ABM703]",
    "account: {zone: Europe/Berln}": "did you mean 'Europe/Berlin'?",
    "account: {country: Atlantis}": "nobody knows the country",
    "split: {note: c}": "there is no arm of 'note' 'c'",
    "split: {ring: a}": "the step 'ring' has no split",
    "team: {boss: {zone: UTC}}": "there is no role of the account team 'boss' [ABM207]",
    "title: &a twice": "is an anchor [ABM004]",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items())
def test_a_mistake_has_its_place_for_test_and_for_check(
    abm: Abm, hello: Path, text: str, said: str
):
    file = put(hello, ("" if text.startswith("title") else "title: x\n") + text + "\n")
    line = 1 if text.startswith("title") else 2
    for command in ("test", "check"):
        told = abm(command, file, code=1)
        assert f"{file}:{line}:" in told
        assert said.strip() in told


def test_all_mistakes_are_told_at_once(abm: Abm, hello: Path):
    texts = [text for text in WRONG if not text.startswith(("title", "playbook", "account"))]
    keys = {text.partition(":")[0]: text for text in texts}
    told = abm("check", put(hello, "\n".join(keys.values())), code=1)
    assert "'title' is missing" in told
    assert told.count(": 'title'") + len(keys) <= told.count("[ABM") + 3


def test_an_account_is_in_the_segment_that_the_agreement_finds(abm: Abm, hello: Path):
    play = abm.project / "playbooks" / "hello.yaml"
    play.write_text(PLAY.replace("signed: no,", "segment: industrial-groups,"), "utf-8")
    fits = "account: {fields: {sector: Materials, market_cap: Mid Cap}}\n"
    abm("test", put(hello, MISSED + fits))
    told = abm("test", put(hello, MISSED + fits.replace("Materials", "Energy")), code=1)
    assert "the account is in no segment [ABM703]" in told
    assert "the playbook is for industrial-groups" in told


def test_a_broken_playbook_is_told_as_check_tells_it_and_tests_nothing(abm: Abm, hello: Path):
    play = abm.project / "playbooks" / "hello.yaml"
    play.write_text(PLAY.replace("[proceed]", "[procede]"), "utf-8")
    told = abm("test", put(hello, MISSED), code=1)
    assert f"{play}:11:15: 'procede' is not allowed here [ABM105]" in told
    assert "the playbook 'hello' has errors [ABM702]" in told


def test_check_takes_no_scenario_for_a_playbook(abm: Abm, hello: Path):
    put(hello, MISSED)
    assert "nothing to mend" in abm("check")
    assert "no scenario is called like 'nope'" in abm("test", "-k", "nope", code=1)
    assert "there are no scenarios" in abm("test", abm.project / "templates", code=1)
    assert "no such file" in abm("test", hello / "nope.yaml", code=1)


# ---------------------------------------------------------------- coverage, update, programs


def test_coverage_names_what_no_scenario_brings_about(abm: Abm, hello: Path):
    file = put(hello, MISSED)
    told = abm("test", file, "--coverage")
    assert "hello: 44 % covered: 2 of 2 steps, 1 of 2 arms, 0 of 1 stop, 1 of 4 outcomes" in told
    assert "hello.yaml:7: outcome ring: refused never happens" in told
    assert "stop form never happens" in told
    assert "not to 60 %" in abm("test", file, "--min-coverage", 60, code=1)
    abm("test", file, "--min-coverage", 44)


def test_each_arm_can_be_asked_for(abm: Abm, hello: Path):
    for arm in "ab":
        put(hello, f"{MISSED}split: {{note: {arm}}}\n", f"missed-{arm}")
    assert "2 of 2 arms" in abm("test", hello, "--coverage")


def test_the_words_for_each_tier_are_asked_for(abm: Abm, hello: Path):
    words = "{tier-2: email/onboarding-map, otherwise: email/onboarding-story}"
    play = abm.project / "playbooks" / "hello.yaml"
    split = "{a: {template: email/onboarding-map}, b: {template: email/onboarding-story}}"
    play.write_text(
        PLAY.replace("{to: buyer}\n    split: " + split, f"{{to: buyer, template: {words}}}")
    )
    put(hello, MISSED, "others")
    assert "tier note: tier 2 never happens" in abm("test", hello, "--coverage")
    put(hello, f"{MISSED}account: {{tier: 2}}\n", "few")
    assert "2 of 2 tiers" in abm("test", hello, "--coverage")


def test_an_update_writes_what_happened_only_on_a_yes(abm: Abm, hello: Path):
    file = put(hello, "# mine\n" + GIVEN + "expect:\n  # as yet nothing\n\nevents: []\n")
    told = abm("test", file, "--update", code=1)
    assert "+    - {step: note, who: ann, at: day 3 11:00}" in told
    assert "as yet nothing" in file.read_text("utf-8")
    assert abm("test", file, "--update", "--yes").endswith("all passed\n")
    text = file.read_text("utf-8")
    assert text.startswith("# mine\n")
    assert text.endswith("  ends: completed\nevents: []\n")
    abm("test", file)


@pytest.mark.parametrize(
    "wrong",
    [
        MISSED.replace("day 3 11:00", "day 4"),
        MISSED.replace("{step: note, who: bob}", "{who: ann}"),
        MISSED.replace("ends: completed", "ends: stopped"),
        MISSED.replace("ends: completed", "ended: day 4 09:00"),
        GIVEN + "expect:\n  log: |\n    no\n",
        GIVEN.replace("no_answer", "connected") + "expect:\n  holds: [{step: note, because: x}]\n",
        GIVEN,
    ],
)
def test_whatever_failed_passes_after_an_update(abm: Abm, hello: Path, wrong: str):
    file = put(hello, wrong)
    abm("test", file, code=1)
    abm("test", file, "--update", "--yes")
    abm("test", file)


def test_programs_read_json_and_junit(abm: Abm, hello: Path, tmp_path: Path):
    put(hello, MISSED, "fine")
    put(hello, MISSED.replace("completed", "stopped"), "other <end> & \x07")
    put(hello, "nonsense", "unreadable")
    out = tmp_path / "results.xml"
    told = abm("test", hello, "--json", "--junit", out, code=1)
    found = {one["name"]: one for one in json.loads(told)["scenarios"]}
    assert [one["passed"] for one in found.values()] == [True, False, False]
    assert found["fine"]["ends"] == "completed"
    assert found["unreadable"]["problems"][0]["line"] == 1
    [suite] = ET.parse(out).getroot()
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]
    assert [len(case) for case in suite] == [0, 1, 1]
    assert "stopped" in str(suite[1][0].get("message"))


def test_the_commands_and_the_scenario_of_the_page_work(
    abm: Abm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    page = ROOT / "docs" / "testing.md"
    [scenario], [commands] = blocks(page, "yaml"), blocks(page, "console")
    put(abm.project / "playbooks" / "tests" / "onboarding-opener", scenario, "of-the-page")
    monkeypatch.chdir(abm.project)
    for line in commands.splitlines():
        dollar, command, *words = shlex.split(line)
        assert (dollar, command) == ("$", "abm")
        assert "all passed" in abm(*words)
    assert (abm.project / "results.xml").is_file()
