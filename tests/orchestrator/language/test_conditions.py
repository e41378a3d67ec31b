"""Conditions: what they mean, what they ask for, and how they refuse nonsense."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar import Span
from orchestrator.conditions import ConditionError, evaluate, needs, parse, steps_named
from orchestrator.terms import EVENT_KINDS


@dataclass
class Facts:
    """A View of fixed answers: everything not listed is 0, nobody or "" ."""

    events: dict[tuple[str, str, str], int] = field(default_factory=dict)
    ends: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)
    values: dict[str, float | str] = field(default_factory=dict)

    def event(self, name: str, step: str, scope: str) -> int:
        return self.events.get((name, step, scope), 0)

    def outcomes(self, step: str, scope: str) -> tuple[str, ...]:
        return self.ends.get((step, scope), ())

    def happened(self, kind: str, within: Span | None, scope: str) -> int:
        return self.seen.get((kind, str(within or ""), scope), 0)

    def value(self, path: str) -> float | str:
        return self.values.get(path, 0.0 if path.endswith(("engagement", "fit", "tier")) else "")


FACTS = Facts(
    events={
        ("clicked", "teach", "own"): 1,
        ("clicked", "teach", "any"): 1,
        ("clicked", "teach", "count"): 2,
    },
    ends={
        ("ring", "own"): ("not_reached",),
        ("ring", "any"): ("not_reached", "refused"),
        ("ring", "all"): ("not_reached", "refused"),
        ("mail", "any"): ("no_contact",),
    },
    seen={("visit", "30 days", "count"): 3, ("visit", "", "own"): 1},
    values={"account.engagement": 41.5, "account.tier": 1, "contact.country": "DE"},
)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("clicked('teach')", True),
        ("clicked('other')", False),
        ("not clicked('teach')", False),
        ("not not clicked('teach')", True),
        ("all.clicked('teach')", False),
        ("count.clicked('teach') >= 2", True),
        ("count.clicked('teach')", True),
        ("any.clicked('x') or account.engagement >= 40", True),
        ("any.clicked('x') and account.engagement >= 40", False),
        ("clicked('x') and clicked('x') or clicked('teach')", True),
        ("clicked('x') and (clicked('x') or clicked('teach'))", False),
        ("account.engagement == 41.5", True),
        ("40 < account.engagement", True),
        ("account.engagement > -1", True),
        ("account.tier in [1, 2]", True),
        ("account.tier not in [1, 2]", False),
        ('contact.country == "DE"', True),
        ("contact.country in ['FR', 'IT']", False),
        ("contact.country != account.country", True),
        ("outcome('ring') == 'not_reached'", True),
        ("'not_reached' == outcome('ring')", True),
        ("outcome('ring') in ['reached', 'not_reached']", True),
        ("outcome('ring') not in ['reached', 'refused']", True),
        ("any.outcome('ring') == 'refused'", True),
        ("all.outcome('ring') == 'refused'", False),
        ("all.outcome('ring') != 'reached'", True),
        ("any.outcome('mail') == 'no_contact'", True),
        ("outcome('nowhere') == 'reached'", False),
        ("outcome('nowhere') != 'reached'", False),
        ("count.happened('visit', '30d') >= 3", True),
        ("happened('visit')", True),
        ("any.happened('form.demo')", False),
    ],
)
def test_meaning(text: str, truth: bool) -> None:
    expr = parse(text)
    assert evaluate(expr, FACTS) is truth
    assert parse(str(expr)) == expr


@pytest.mark.parametrize(
    ("text", "col", "message"),
    [
        ("", 0, "empty"),
        ("  ", 0, "empty"),
        ("clicked('x'", 11, "')' is missing before the end"),
        ("clicked(x)", 8, "wants a name in quotes"),
        ("clicked('x', 'y')", 13, "one name"),
        ("clicked('')", 8, "name in quotes"),
        ("clicked", 0, "clicked('ring')"),
        ("cliked('x')", 0, "did you mean 'clicked'?"),
        ("any.cliked('x')", 0, "did you mean 'any.clicked'?"),
        ("some.clicked('x')", 0, "not known"),
        ("account.engagment > 1", 0, "did you mean 'account.engagement'?"),
        ("account.engagement", 0, "a number, not true or false"),
        ("clicked('x') and account.fit", 17, "a number, not true or false"),
        ("outcome('ring')", 0, "outcome('ring') == 'reached'"),
        ("'teach'", 0, "a text, not true or false"),
        ("account.engagement >= '40'", 22, "a text is compared with a number"),
        ("contact.role > 'cfo'", 15, "no order"),
        ("account.tier in [1, 'b']", 20, "a text is compared with a number"),
        ("account.tier in []", 17, "nothing to ask before ']'"),
        ("account.tier in [account.fit]", 17, "numbers or texts"),
        ("clicked('x') == 1", 0, "true or false already"),
        ("clicked('x') == true", 16, "not known"),
        ("outcome('ring') == 'no_answer'", 19, "'not_reached'"),
        ("outcome('ring') == 'reachd'", 19, "did you mean 'reached'?"),
        ("outcome('ring') == 3", 19, "not the outcome"),
        ("outcome('ring') == contact.role", 19, "compared with an outcome"),
        ("outcome('a') == outcome('b')", 16, "with a word"),
        ("count.outcome('ring') == 'reached'", 0, "any. or all."),
        ("all.happened('visit')", 0, "any. or count."),
        ("happened('visit', '3 moons')", 18, "not a length of time"),
        ("happened('visit', '2 business days')", 18, "look back"),
        ("1 < account.tier < 3", 17, "join two with `and`"),
        ("account.tier = 1", 13, "write =="),
        ("clicked('x') && clicked('y')", 13, "write and"),
        ("! clicked('x')", 0, "write not"),
        ("clicked('x') AND clicked('y')", 13, "write and"),
        ("clicked('x') clicked('y')", 13, "`and` or `or`"),
        ("clicked(\u2018x\u2019)", 8, "straight quotation marks"),
        ("clicked('x)", 8, "closing quotation mark"),
        ("account.fit > 1e9", 14, "numbers as"),
        ("account.fit > 1234567890", 14, "too many digits"),
        ("and", 0, "nothing to ask"),
        ("clicked('x') or", 15, "nothing to ask before the end"),
        ("account.fit > 1; drop", 15, "not understood"),
        ("account.__class__ == 'x'", 0, "not known"),
        ("(" * 21 + "clicked('x')" + ")" * 21, 20, "more than 20"),
        ("not " * 5000 + "clicked('x')", 0, "more than 300"),
    ],
)
def test_mistakes(text: str, col: int, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.col == col


def test_what_it_asks_for() -> None:
    expr = parse(
        "(any.clicked('teach') or not outcome('ring') == 'refused')"
        " and count.happened('visit') > 2 and happened('form.demo', '1w')"
    )
    assert steps_named(expr) == {"teach", "ring"}
    assert needs([expr]).kinds == {"visit", "form.demo"}
    both = needs([expr, parse("any.happened('intent')")])
    assert both.kinds == {"visit", "form.demo", "intent"}


@pytest.mark.parametrize(
    ("awaited", "kinds"),
    [
        ("any.clicked('teach')", {"clicked"}),
        ("any.replied('teach') or any.bounced('teach')", {"reply", "bounce"}),
        ("any.sent('teach') and any.outcome('ring') == 'reached'", set()),
        ("any.happened('form.demo')", {"form.demo"}),
        ("account.tier == 1", set()),
        ("account.engagement >= 40", set(EVENT_KINDS)),
    ],
)
def test_what_is_waited_for_says_which_events_may_bring_it(awaited: str, kinds: set[str]) -> None:
    asked = [parse("any.happened('visit')")]
    assert needs(asked, [parse(awaited)]).listens == {"visit"} | kinds
    assert needs(asked).listens == {"visit"}


def test_spacing_does_not_matter() -> None:
    assert parse("account.tier==1") == parse("\n  account.tier\n  ==  1.0 ")


ATOMS = st.sampled_from(
    [
        "clicked('a')",
        "count.sent('b') > 2",
        "outcome('c') in ['reached', 'refused']",
        "any.outcome('c') != 'not_done'",
        "account.fit<=0.25",
        "contact.role not in ['x', \"it's\"]",
        "happened('visit', '36h')",
        "account.country == contact.country",
    ]
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("not ({})".format),
    ),
    max_leaves=8,
)


@given(CONDITIONS)
def test_text_of_a_tree_gives_the_same_tree(text: str) -> None:
    expr = parse(text)
    assert parse(str(expr)) == expr
    assert evaluate(parse(str(expr)), FACTS) == evaluate(expr, FACTS)


WORDS = st.sampled_from(["clicked", "any.", "(", ")", "'x'", "==", "in", "[", "not", "1", "\u00e9"])


@given(st.one_of(st.text(), st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_text_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    col = 0
    try:
        evaluate(parse(text), FACTS)
    except ConditionError as error:
        col = error.col
    assert 0 <= col <= len(text)
