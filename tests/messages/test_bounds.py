"""The worst that the language lets a template do: it costs a moment and a few megabytes.

That is why templates render where mail is delivered, and need no process of their own (decision
0014): this is the proof that there is no way around the bounds, by example and by chance.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from accounts.errors import AbmError
from orchestrator.messages.compiled import TooLong, compile_template
from orchestrator.messages.grammar import MOST_PARTS
from orchestrator.messages.sandbox import BadLink, Missing
from tests.messages.test_any_source import HEAD
from tests.support.hanging import ends

MEMORY = 32 * 1024 * 1024  # bytes that a rendering may need at once; a process has 256 MB
# The longest values that an import takes; "<" and "ß" grow when they are escaped or made upper.
FACTS: dict[str, Any] = {
    "a": "x" * 500,
    "b": "<" * 500,
    "c": "\U0001f600" * 500,
    "d": "ß" * 500,
    "account": {"name": "Acme", "tier": 1, "website": "https://x.example"},
    "postal_address": "",
}
LIST = "[" + ",".join(["'1'"] * 31) + "]"


def twice(body: str) -> str:
    """In two loops, as often as any loop may go."""
    return f"{{% for i in {LIST} %}}{{% for j in {LIST} %}}{body}{{% endfor %}}{{% endfor %}}"


def many(what: str, between: str, times: int) -> str:
    return between.join([what] * times)


WORST = {
    "text": "x" * 60_000,
    "values": many("{{ a }}", "", 3_900),
    "escaped values": many("{{ b }}", "", 3_900),
    "a text in loops": twice("y" * 50_000),
    "values in loops": twice(many("{{ c }}", "", 900)),
    "one long expression": f"{{{{ {many('c', ' ~ ', 3_900)} }}}}",
    "a long expression in loops": twice(f"{{{{ {many('c', ' ~ ', 3_000)} }}}}"),
    "a list in loops": twice(f"{{% if 'x' in [{many('a', ',', 3_000)}] %}}x{{% endif %}}"),
    "filters upon filters": f"{{{{ b {many('| urlencode', ' ', 25)} }}}}",
    "letters that grow": f"{{{{ d {many('| upper | title | capitalize', ' ', 9)} }}}}",
    "conditions": many("{% if account.tier == 1 %}x{% endif %}", "", 1_900),
    "ways": "{% if a == b %}" + many("{% elif account.tier == 2 %}x", "", 1_900) + "{% endif %}",
    "links": many("[a]({{ account.website }}) ", "", 1_900),
    "a list of lines": "- x\n" * 14_000,
    "paragraphs": "x\n\n" * 20_000,
    "comments": "{# x #}" * 9_000,
}


@pytest.mark.parametrize("head", ["", HEAD], ids=["text", "mail"])
@pytest.mark.parametrize("case", WORST)
def test_the_worst_template_takes_a_moment_and_little_memory(case: str, head: str):
    with ends(5):
        try:
            compiled = compile_template("x", head + WORST[case])
        except AbmError as error:
            assert "more than" in error.reason  # noqa: PT017
            return
    tracemalloc.start()
    try:
        with ends(2):
            try:
                said = compiled.rendered(FACTS)
            except TooLong:
                pass
            else:
                assert len(said.text.encode()) <= 256 * 1024 + 1
                assert len(said.html.encode()) <= 512 * 1024
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def test_a_template_of_more_values_than_that_is_refused():
    compile_template("x", many("{{ a }}", "", MOST_PARTS // 2))
    with pytest.raises(AbmError, match="more than 4,000 values and conditions"):
        compile_template("x", many("{{ a }}", "", MOST_PARTS + 1))


values = st.sampled_from(["a", "b", "c", "d", "'x'", "account.name", "i"])
expressions = st.recursive(
    values,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ~ ".join),
        inner.map(lambda one: f"({one}) | urlencode"),
        inner.map(lambda one: f"({one}) | upper"),
        inner.map(lambda one: f"({one}) | default(({one}) ~ ({one}))"),
        st.tuples(inner, st.integers(1, 300)).map(lambda two: " ~ ".join([two[0]] * two[1])),
    ),
    max_leaves=6,
)
bodies = st.recursive(
    st.one_of(expressions.map(lambda one: f"{{{{ {one} }}}}"), st.just("y" * 1_000)),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        inner.map(lambda one: f"{{% for i in {LIST} %}}{one}{{% endfor %}}"),
        inner.map(lambda one: f"{{% if a %}}{one}{{% else %}}{one}{{% endif %}}"),
        st.tuples(inner, st.integers(1, 50)).map(lambda two: two[0] * two[1]),
    ),
    max_leaves=6,
)


@settings(max_examples=25, deadline=None)
@given(bodies, st.sampled_from(["", HEAD]))
def test_no_template_of_any_shape_takes_long_or_much(body: str, head: str):
    tracemalloc.start()
    try:
        with ends(20):
            compile_template("x", (head + body)[: 64 * 1024]).rendered(FACTS)
    except (AbmError, TooLong, Missing, BadLink, UndefinedError):
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * MEMORY  # with the code that is made of it
