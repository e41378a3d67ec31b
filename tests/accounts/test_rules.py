"""A rule over an account's fields, said as a person would."""

from __future__ import annotations

import pytest

from accounts.selection import Op, Rule, Value


@pytest.mark.parametrize(
    ("op", "value", "words"),
    [
        (Op.IS, "Energy", "x is Energy"),
        (Op.IN, ("Energy", "Water"), "x in Energy, Water"),
        (Op.NOT_IN, ("Energy",), "x not in Energy"),
        (Op.AT_LEAST, 50, "x at least 50"),
        (Op.KNOWN, True, "x is known"),
        (Op.KNOWN, False, "x is not known"),
    ],
)
def test_a_rule_says_what_it_wants(op: Op, value: Value | tuple[Value, ...], words: str):
    assert str(Rule("x", op, value)) == words
