"""YAML as the language reads it: what plain words mean, where they stand, what is refused."""

from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Problem, Problems
from orchestrator.language import source as module
from orchestrator.language.source import DEEPEST, LONGEST, MOST_NODES, Node, load_yaml
from tests.support.hanging import ends


def problems(text: str | bytes) -> list[Problem]:
    with pytest.raises(Problems) as caught:
        load_yaml(text, "play.yaml")
    return list(caught.value.problems)


def value(text: str) -> object:
    node = load_yaml(f"x: {text}", "play.yaml").get("x")
    assert node
    return node.value


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("22:00", "22:00"),
        ("10:30", "10:30"),
        ("01234", "01234"),
        ("0x1F", "0x1F"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("+49", "+49"),
        ("2026-02-30", "2026-02-30"),
        ("2026-02-03 10:00:00", "2026-02-03 10:00:00"),
        ("12", 12),
        ("-3", -3),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        ("1.", "1."),
        (".5", ".5"),
        ('"12"', "12"),
        ("'true'", "true"),
        ("", None),
        ("~", None),
        ("null", None),
        ("'it''s'", "it's"),
        ('"a\\tb"', "a\tb"),
        ("|\n  one\n  two\n", "one\ntwo\n"),
        ("=", "="),
    ],
)
def test_plain_words(text: str, meaning: object) -> None:
    assert value(text) == meaning
    assert type(value(text)) is type(meaning)


def test_everything_has_a_position() -> None:
    node = load_yaml("a:\n  - b: 'c'\n  - {d: [e, 7]}\nf: g\n", "play.yaml")

    def places(node: Node) -> list[tuple[str, int, int]]:
        parts = [part for pair in node.pairs for part in pair] + list(node.items)
        here = [(node.text, node.line, node.col)] if node.kind == "scalar" else []
        return here + [place for part in parts for place in places(part)]

    assert places(node) == [
        ("a", 1, 1),
        ("b", 2, 5),
        ("c", 2, 8),
        ("d", 3, 6),
        ("e", 3, 10),
        ("7", 3, 13),
        ("f", 4, 1),
        ("g", 4, 4),
    ]


def test_keys_are_words_whatever_they_look_like() -> None:
    node = load_yaml("on: 1\nno: 2\n1: 3\ntrue: 4\n", "play.yaml")
    assert [key.text for key, _ in node.pairs] == ["on", "no", "1", "true"]


@pytest.mark.parametrize(
    ("text", "offset", "col"),
    [("x: abc", 1, 5), ("x: 'abc'", 1, 6), ("x: 'a''c'", 2, 8), ('x: "a\\"c"', 2, 8)],
)
def test_position_within_a_text(text: str, offset: int, col: int) -> None:
    node = load_yaml(text, "play.yaml").get("x")
    assert node
    assert node.within(offset)[:2] == (1, col)
    assert text[col - 1] == node.text[offset]


@pytest.mark.parametrize("text", ["x: >\n  a\n  b\n", "x: a\n  b\n", "x: 'a\n  b'\n"])
def test_text_on_several_lines_points_at_its_start(text: str) -> None:
    node = load_yaml(text, "play.yaml").get("x")
    assert node
    assert node.within(2)[:2] == (1, 4)


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{two}: &{two} [{', '.join(['*' + one] * 9)}]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "col", "code", "words"),
    [
        (LAUGHS, 1, 4, "ABM004", "&a is an anchor"),
        ("&a [*a]", 1, 1, "ABM004", "anchor"),
        ("x: *a", 1, 4, "ABM004", "*a is an alias"),
        ("x: {<<: {a: 1}}", 1, 5, "ABM004", "merges"),
        ("x: !!python/object:os.system {}", 1, 4, "ABM004", "tag"),
        ("x: !!set {a, b}", 1, 4, "ABM004", "tag"),
        ("x: !!binary aGk=", 1, 4, "ABM004", "tag"),
        ("x: ! y", 1, 4, "ABM004", "tag"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "ABM005", "line 1"),
        ("a: 1\n'a': 3\n", 2, 1, "ABM005", "twice"),
        ("[a, b]: 1", 1, 1, "ABM008", "a list is no key"),
        ("? {a: b}\n: 1", 1, 3, "ABM008", "a map is no key"),
        ("? \n: 1", 1, 2, "ABM008", "nothing is no key"),
        (": 1", 1, 1, "ABM001", "expected key"),
        ("x: .nan", 1, 4, "ABM006", "no number"),
        ("x: -.INF", 1, 4, "ABM006", "no number"),
        ("x: " + "9" * 5000, 1, 4, "ABM006", "15 digits"),
        ("x: 1e400", 1, 4, "ABM006", "15 digits"),
        ('x: "\\0"', 1, 4, "ABM006", "U+0000"),
        ('x: "\\u0085"', 1, 4, "ABM006", "U+0085"),
        ("a: 1\n---\nb: 2\n", 2, 1, "ABM007", "second document"),
        ("", 1, 1, "ABM007", "empty"),
        ("# nothing\n", 1, 1, "ABM007", "empty"),
        ("a:\n\tb: 1", 2, 1, "ABM001", "spaces, not with tabs"),
        ("a: b: c", 1, 5, "ABM001", "indentation"),
        ("a: [1, 2\n\n", 1, 4, "ABM001", "bracket"),
        ("a: 'b", 1, 4, "ABM001", "quotation mark"),
        ("a: @b", 1, 4, "ABM001", "quote a text"),
        ('a: "\\ud800"', 1, 7, "ABM001", "no character"),
        ("a: 1\x00", 1, 5, "ABM002", "U+0000"),
        ("a: x\u2028b: y", 1, 5, "ABM002", "U+2028"),
        ("a: \ud800", 1, 4, "ABM002", "U+D800"),
        ("é: 1\nb: ü".encode("latin-1"), 1, 1, "ABM002", "0xE9"),
        ("a: 1\nb: ü".encode("latin-1"), 2, 4, "ABM002", "UTF-8"),
        ("a: 1\r\rb: ü".encode("latin-1"), 3, 4, "ABM002", "UTF-8"),
        (b"\xef\xbb\xbfa: \x80", 1, 4, "ABM002", "0x80"),
        ("a: 1".encode("utf-16"), 1, 1, "ABM002", "UTF-16"),
        ("[" * 31 + "]" * 31, 1, 31, "ABM003", f"{DEEPEST} levels"),
        ("[" * 100_000, 1, 31, "ABM003", f"{DEEPEST} levels"),
        ("? " * 100_000, 1, 61, "ABM003", f"{DEEPEST} levels"),
        ("".join("  " * n + "a:\n" for n in range(400)), 30, 59, "ABM003", f"{DEEPEST} levels"),
        ("- a\n" * MOST_NODES, MOST_NODES, 3, "ABM003", "10,000"),
        ("#" * (LONGEST + 1), 0, 0, "ABM003", "262,144"),
    ],
)
def test_refused(text: str | bytes, line: int, col: int, code: str, words: str) -> None:
    first = problems(text)[0]
    assert (first.line, first.col, first.code) == (line, col, code)
    assert words in first.message + first.hint


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = problems("a: *x\nb: .nan\nb: 1\nc: !t 1\n")
    assert [(p.line, p.code) for p in found] == [
        (1, "ABM004"),
        (2, "ABM006"),
        (3, "ABM005"),
        (4, "ABM004"),
    ]


def test_line_ends_and_byte_order_mark_do_not_matter() -> None:
    plain = load_yaml("a: 1\nb:\n  - c\n", "play.yaml")
    assert load_yaml("\ufeffa: 1\r\nb:\r\n  - c\r\n", "play.yaml") == plain
    assert load_yaml(b"\xef\xbb\xbfa: 1\rb:\r  - c\r", "play.yaml") == plain


HEAVY = {
    "keys": "".join(f"k{n}: v\n" for n in range(20_000)),
    "one text": "a: '" + "x " * 120_000 + "'",
    "one word": "a" * 250_000,
    "comment": "#" * 250_000,
    "blank lines": "\n" * 250_000,
    "spaces": " " * 250_000,
    "commas": "[" + "," * 100_000,
    "brackets": "[]" * 100_000,
    "braces": "{" * 200_000,
    "question marks": "? " * 100_000,
    "dashes": "- " * 100_000,
    "anchors": "[" + "&a x, " * 40_000 + "]",
    "aliases": "[" + "*a, " * 60_000 + "]",
    "documents": "---\n" * 60_000,
    "directives": "%TAG !a! b\n" * 20_000,
    "quotes": '"' * 200_000,
    "escapes": '"' + "\\x41" * 60_000 + '"',
    "long key": "a" * 200_000 + ": 1",
    "colons": "a:" * 100_000,
    "plain lines": "a\n" * 120_000,
    "tag": "!<" + "a" * 200_000 + "> b",
    "block": "a: |\n" + "  x\n" * 60_000,
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_nothing_takes_long(text: str) -> None:
    with ends(), contextlib.suppress(Problems):
        load_yaml(text, "play.yaml")


def test_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOADER", yaml.SafeLoader)
    assert value("22:00") == "22:00"
    assert problems('a: "\\U00110000"')[0].code == "ABM001"
    assert problems('a: "\\ud800"')[0].code == "ABM006"
    assert problems("a:\n\tb: 1")[0].line == 2


YAMLISH = st.text(alphabet="ab:-?[]{},&*!|>'\"%@#\n\t 0.~<\r\ufeffé\0")


@given(st.one_of(YAMLISH, st.text(), st.binary()))
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    with contextlib.suppress(Problems):
        assert isinstance(load_yaml(text, "play.yaml"), Node)
