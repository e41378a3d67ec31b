"""What a template looks like, and what comes out of it."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from accounts.errors import AbmError
from orchestrator.messages import KNOWN, MOST_SUBJECT, Library
from tests.messages.conftest import Write

Facts = dict[str, Any]

MAIL = """\
Hi {{ contact.first_name }},

one & two
three

{% if account.tier == 1 %}
You are special.

{% endif %}
- first
- [our guide](https://us.example/guide)

[No more]({{ unsubscribe }})
"""


def test_a_mail_has_a_subject_a_text_and_an_html_part_made_from_it(
    library: Library, write: Write, facts: Facts
):
    name = write(MAIL, subject="At {{ account.name }}")
    mail = library.render(name, facts)
    assert mail.subject == "At Acme & Sons"
    assert mail.text == (
        "Hi Ann,\n\none & two\nthree\n\nYou are special.\n\n- first\n"
        "- our guide (https://us.example/guide)\n\nNo more (https://us.example/u/1)\n"
    )
    body = mail.html.partition("<body>")[2].replace("\n", "")
    assert body == (
        "<p>Hi Ann,</p><p>one &amp; two<br>three</p><p>You are special.</p>"
        '<ul><li>first</li><li><a href="https://us.example/guide">our guide</a></li></ul>'
        '<p><a href="https://us.example/u/1">No more</a></p></body></html>'
    )


def test_what_a_condition_leaves_out_leaves_no_gap(library: Library, write: Write, facts: Facts):
    name = write(MAIL, subject="x")
    facts["account"]["tier"] = 2
    mail = library.render(name, facts)
    assert "three\n\n- first" in mail.text
    assert "special" not in mail.html
    assert mail.html.count("<p>") == mail.html.count("</p>") == 3


def test_only_a_line_of_blocks_alone_leaves_no_line_behind(
    library: Library, write: Write, facts: Facts
):
    source = (
        "a{% if account.tier %} one{% endif %}\nb {# inline #}\n{# alone #}\n"
        "  {% if account.tier %} {# both #}\nc\n  {% endif %}  \nd\n"
    )
    mail = library.render(write(source, subject="x"), facts)
    assert mail.text == "a one\nb \nc\nd\n"
    assert library.render(write(source, "call/x"), facts).text == mail.text


def test_without_a_subject_it_is_plain_text_with_an_optional_title(
    library: Library, write: Write, facts: Facts
):
    plain = library.render(write("Ask {{ contact.name }}: <why>?", "call/x"), facts)
    assert plain == ("", "Ask Ann Archer: <why>?\n", "")
    titled = library.render(
        write("---\ntitle: Call {{ contact.name }}\n---\nHello", "call/y"), facts
    )
    assert titled == ("Call Ann Archer", "Hello\n", "")


def test_a_mail_may_bring_its_own_html(library: Library, write: Write, facts: Facts):
    own = (
        "Text for {{ contact.first_name }}\n--- html ---\n"
        '<h1 title="{{ account.name }}">Hi {{ contact.first_name }}</h1>\n'
        '<a href="{{ unsubscribe }}">no more</a>\n'
    )
    mail = library.render(write(own, subject="x"), facts)
    assert mail.text == "Text for Ann\n"
    assert '<h1 title="Acme &amp; Sons">Hi Ann</h1>' in mail.html
    assert '<a href="https://us.example/u/1">no more</a>' in mail.html


def test_the_postal_address_stands_at_the_end_of_every_mail_once_it_is_set(
    library: Library, write: Write, facts: Facts
):
    name = write("Hello", subject="x")
    assert library.render(name, facts).text == "Hello\n"
    facts["postal_address"] = "Us, Street 1, 53111 Bonn"
    mail = library.render(name, facts)
    assert mail.text == "Hello\n\nUs, Street 1, 53111 Bonn\n"
    assert "53111 Bonn" in mail.html
    own = library.render(write("Hi\n--- html ---\n<p>Hi</p>", "email/y", subject="x"), facts)
    assert own.html.count("53111 Bonn") == 1
    placed = write("{{ postal_address }}: hello", "email/z", subject="x")
    assert library.render(placed, facts).text == "Us, Street 1, 53111 Bonn: hello\n"


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("blank", ["", "  ", None])
@pytest.mark.parametrize(
    "said",
    [
        "Hi {{ contact.first_name }},",
        "Hi {{ contact.first_name | upper }},",
        "Hi {{ contact.first_name ~ '!' }},",
        "Hi {{ contact.first_name if account.tier else 'you' }},",
        "Hi {{ '' or contact.first_name }},",
        "Hi {{ 'x' | default(contact.first_name) ~ contact.first_name }},",
    ],
)
def test_a_mail_with_a_hole_in_it_never_leaves(
    library: Library, write: Write, facts: Facts, said: str, blank: str | None
):
    facts["contact"]["first_name"] = blank
    with pytest.raises(
        AbmError, match=r"template email/x, line 4: contact\.first_name has no value"
    ):
        library.render(write(said, subject="x"), facts)


@pytest.mark.parametrize("blank", ["", "  ", None])
@pytest.mark.parametrize("said", ["| default('there')", "| default('there', true)"])
def test_a_template_may_have_a_word_for_what_is_missing(
    library: Library, write: Write, facts: Facts, said: str, blank: str | None
):
    facts["contact"]["first_name"] = blank
    mail = library.render(write("Hi {{ contact.first_name " + said + " }},", subject="x"), facts)
    assert mail.text == "Hi there,\n"


def test_it_may_ask_whether_there_is_a_value(library: Library, write: Write, facts: Facts):
    name = write("Hi{% if contact.title %}, {{ contact.title }}{% endif %}", subject="x")
    assert library.render(name, facts).text == "Hi, CFO\n"
    facts["contact"]["title"] = ""
    assert library.render(name, facts).text == "Hi\n"


def test_what_no_message_has_is_named_with_its_template(
    library: Library, write: Write, facts: Facts
):
    for said in ("{{ contact.nickname }}", "{% if contact.nickname %}x{% endif %}y"):
        with pytest.raises(AbmError, match=r"template email/x.*contact\.nickname"):
            library.render(write(said, subject="x"), facts)


def test_numbers_dates_and_zero_print(library: Library, write: Write, facts: Facts):
    facts["account"] |= {"tier": 0, "since": date(2027, 3, 1)}
    text = library.render(write("{{ account.tier }} {{ account.since }}", "call/x"), facts).text
    assert text == "0 2027-03-01\n"


def test_a_value_is_never_markup(library: Library, write: Write, facts: Facts):
    evil = "[x](https://evil.example)\n\n- <img src=x onerror=alert(1)> {{ 7 * 7 }}"
    facts["account"]["name"] = evil
    mail = library.render(write("At {{ account.name }}.", subject="x"), facts)
    body = mail.html.partition("<body>")[2]
    assert body.count("<p>") == 1
    assert "<a" not in body
    assert "<img" not in body
    assert "{{ 7 * 7 }}" in mail.text


def test_a_subject_is_one_clean_line(library: Library, write: Write, facts: Facts):
    facts["account"]["name"] = "A\r\nBcc: x@evil.example\x00\x0b\u2028B"
    mail = library.render(write("x", subject="At {{ account.name }}"), facts)
    assert mail.subject == "At A Bcc: x@evil.example B"


def test_a_link_that_comes_from_a_value_must_be_one(library: Library, write: Write, facts: Facts):
    name = write("See [them]({{ account.website }})", subject="x")
    assert 'href="https://acme.example"' in library.render(name, facts).html
    for evil in ("javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "acme.example"):
        facts["account"]["website"] = evil
        with pytest.raises(AbmError, match="is no link"):
            library.render(name, facts)


class Text(str):
    """A text with ideas of its own."""


@pytest.mark.parametrize(
    "value",
    [Markup("<b>"), Text("x"), object(), ["a"], ("a",), datetime(2027, 1, 1), lambda: 1, b"x"],
)
def test_only_plain_values_are_taken(library: Library, write: Write, facts: Facts, value: object):
    name = write("Hello")
    facts["contact"]["first_name"] = value
    with pytest.raises(AbmError, match="not plain data"):
        library.render(name, facts)
    with pytest.raises(AbmError, match="not plain data"):
        library.render(name, {"contact": {"deep": {"deeper": value}}})
    with pytest.raises(AbmError, match="not plain data"):
        library.render(name, {Text("contact"): "x"})


# ---------------------------------------------------------------- names and files


def test_a_library_tells_its_names_and_what_each_template_uses(library: Library, write: Write):
    write(MAIL, "email/first", subject="At {{ account.name }}")
    write("{% for w in ['a'] %}{{ w }}{% endfor %}", "call/loop")
    assert library.names() == ("call/loop", "email/first")
    assert library.variables("call/loop") == frozenset()
    used = library.variables("email/first")
    assert used == {
        *("account.name", "account.tier", "contact.first_name", "unsubscribe", "postal_address")
    }
    assert used <= KNOWN


def test_an_unknown_name_gets_the_nearest_one(library: Library, write: Write, facts: Facts):
    write("Hello", "email/insight")
    with pytest.raises(AbmError, match="did you mean 'email/insight'"):
        library.render("email/insigth", facts)


def test_a_folder_that_is_not_there_has_no_templates(tmp_path: Path):
    assert Library(tmp_path / "nowhere").names() == ()


@pytest.mark.parametrize(
    "name",
    ["../secret", "email/../../secret", "/etc/passwd", "email//x", "", ".hidden", "a\x00b", "a b",
     "email/x.j2", "email\\x", "x" * 5000],
)  # fmt: skip
def test_names_do_not_leave_the_folder(folder: Path, library: Library, facts: Facts, name: str):
    (folder.parent / "secret.j2").write_text("secret")
    with pytest.raises(AbmError):
        library.render(name, facts)


def test_links_to_files_outside_are_not_followed(folder: Path, library: Library, facts: Facts):
    (folder.parent / "secret.j2").write_text("secret")
    (folder / "out.j2").symlink_to(folder.parent / "secret.j2")
    (folder / "away").symlink_to(folder.parent)
    for name in ("out", "away/secret"):
        with pytest.raises(AbmError, match="there is no template"):
            library.render(name, facts)


def test_a_fifo_or_a_folder_is_no_template(folder: Path, library: Library, facts: Facts):
    os.mkfifo(folder / "pipe.j2")
    (folder / "dir.j2").mkdir()
    for name in ("pipe", "dir"):
        with pytest.raises(AbmError, match="there is no template"):
            library.render(name, facts)


def test_a_changed_file_is_read_again_and_a_deleted_one_is_gone(
    folder: Path, library: Library, write: Write, facts: Facts
):
    name = write("one")
    assert library.render(name, facts).text == "one\n"
    write("three")
    assert library.render(name, facts).text == "three\n"
    (folder / "email/x.j2").unlink()
    with pytest.raises(AbmError, match="there is no template email/x"):
        library.render(name, facts)


def test_a_template_is_compiled_once(library: Library, write: Write, facts: Facts, monkeypatch):
    name = write("one {{ contact.name }}", subject="x")
    library.render(name, facts)
    monkeypatch.setattr("orchestrator.messages.compiled.split", None)
    assert library.render(name, facts).text == "one Ann Archer\n"


def test_an_insight_stands_beside_the_subject_and_stays_at_home(
    folder: Path, library: Library, facts: Facts
):
    (folder / "x.j2").write_text("---\nsubject: S\ninsight: it costs: time\n---\nHi\n", "utf-8")
    (folder / "y.j2").write_text("---\ntitle: T\ninsight: so\n---\nHi\n", "utf-8")
    (folder / "z.j2").write_text("Hi", "utf-8")
    assert [library.insight(name) for name in "xyz"] == ["it costs: time", "so", ""]
    assert "time" not in "".join(library.render("x", facts))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"caf\xe9"])
def test_a_file_that_is_no_utf8_says_so(
    folder: Path, library: Library, facts: Facts, content: bytes
):
    (folder / "x.j2").write_bytes(content)
    with pytest.raises(AbmError, match="UTF-8"):
        library.render("x", facts)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(
    folder: Path, library: Library, facts: Facts
):
    (folder / "x.j2").write_bytes(b"\xef\xbb\xbf---\r\nsubject: S\r\n---\r\nHi\r\n\r\nthere\r\n")
    assert library.render("x", facts)[:2] == ("S", "Hi\n\nthere\n")


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("---\nsubjekt: x\n---\nHi", 2, "no line of the front part"),
        ("---\nsubject: x\nsubject: y\n---\nHi", 3, "no line of the front part"),
        ("---\nsubject: x\nHi", 3, "no line of the front part"),
        ("---\nsubject: x", 1, "does not end"),
        ("---\nsubject:\n---\nHi", 2, "no line of the front part"),
        ("---\nsubject: x\n---\nHi\n\n{{ account.name | uper }}", 6, "no filter 'uper'"),
        ("---\nsubject: x\n---\nHi\n{{ account.name ", 5, "not closed"),
        ("---\nsubject: x\n---\nHi {% if account.tier %}\n\nyou\n{% endif %}", 5, "a block begins"),
        ("---\nsubject: x\n---\nHi\n\n[x](ftp://y)", 6, "is no link"),
        ("---\nsubject: x\n---\nHi\n--- html ---\n\n<script>x</script>", 7, "no <script>"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    library: Library, write: Write, facts: Facts, source: str, line: int, words: str
):
    with pytest.raises(AbmError) as told:
        library.render(write(source), facts)
    assert f"template email/x, line {line}: " in told.value.reason
    assert words in told.value.reason


def test_a_subject_that_is_too_long_or_empty_does_not_leave(
    library: Library, write: Write, facts: Facts
):
    facts["account"]["name"] = "x" * MOST_SUBJECT
    with pytest.raises(AbmError, match="250 characters"):
        library.render(write("x", subject="At {{ account.name }}"), facts)
    with pytest.raises(AbmError, match="the subject has no value"):
        library.render(write("x", subject="{% if account.tier == 9 %}x{% endif %}"), facts)
