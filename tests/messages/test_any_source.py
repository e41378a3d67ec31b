"""Whatever stands in a template: it renders, or somebody is told in one line why it does not."""

from __future__ import annotations

import tempfile
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.errors import AbmError
from orchestrator.messages import Library, Rendered
from orchestrator.messages.page import ELEMENTS

PIECES = (
    "{{", "}}", "{%", "%}", "{#", "#}", "{% if a %}", "{% else %}", "{% endif %}", "{{ a }}",
    "{{ b.c }}", "{{ b.c | default('x') }}", "{% for x in ['1'] %}", "{% endfor %}", "{{ x }}",
    "---\n", "subject: x\n", "title: {{ a }}\n", "--- html ---\n", "\n", "\n\n", "- ", "[w](", ")",
    "https://x.example", "](", "<", ">", "<p>", "</p>", "<b title='", "'", '"', "&", "&lt;", " ",
    "word", "ä", "-%}", "{%-", "raw", "| upper", "(", "[", "]", '<a href="{{ a }}">', "</a>",
    "\r", "{% raw %}", "{% endraw %}", "\\", "\x00", "\ue000", "'1'",
)  # fmt: skip
HEAD = "---\nsubject: x\n---\n"
SOURCES = st.builds(
    str.__add__,
    st.sampled_from(("", HEAD, HEAD, f"{HEAD}x\n--- html ---\n", f"{HEAD}x\n--- html ---\n")),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=25).map("".join),
)
EVIL = (
    "<script>alert(1)</script>",
    "\" onload=x y='",
    "[x](https://evil.example)",
    "{{ a }}",
    "\n\n- ",
    "script",
)
VALUES = st.text(max_size=20) | st.sampled_from(EVIL)


class Tags(HTMLParser):
    """Which elements and attributes a mail program would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def render(source: str, value: str) -> Rendered | AbmError:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x.j2").write_text(source, "utf-8", "surrogatepass", newline="")
        try:
            return Library(Path(folder)).render("x", {"a": value, "b": {"c": value}})
        except AbmError as error:
            return error


@settings(max_examples=300)
@given(SOURCES, VALUES)
@example("---\nsubject: x\n---\n<{{ a }}>", "script")
@example("---\nsubject: x\n---\nx\n--- html ---\n<{{ a }}>", "script")
@example("---\nsubject: x\n---\nx\n--- html ---\n<b title='{{ a }}", "' onload='x")
def test_any_source_renders_or_is_refused_and_no_value_becomes_markup(source: str, value: str):
    said = render(source, value)
    if isinstance(said, AbmError):
        assert said.reason.startswith("template x")
        assert len(said.reason.splitlines()) == 1
        return
    tags = Tags()
    tags.feed(said.html)
    assert tags.seen <= ELEMENTS | {"html", "head", "meta", "body"}
    assert not any(name.startswith("on") for name in tags.attributes)
    assert "\n" not in said.subject
