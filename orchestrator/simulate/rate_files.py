"""Rates as a small YAML file: what it names replaces the default, with every mistake told.

email: {opened: 30%, reply.interested: 1.2%}
call: {connected: 6%, voicemail: 55%}
delays: {reply: 36h, task: 4 business hours}
"""

from __future__ import annotations

import re
from datetime import timedelta

from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings
from orchestrator.language.shapes import BAD, BadText, Form, Key, MapOf, Parsed
from orchestrator.language.source import read_yaml
from orchestrator.language.texts import SPAN_PATTERN, span
from orchestrator.simulate.rates import ALLOWED, DELAYS, Rates, length, sums_to

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*%")


def _share(text: str) -> float:
    """Read "3%" or "0.05%" as a share of one. Raises ValueError."""
    found = _PERCENT.fullmatch(text.strip())
    if not found or float(found[1]) > 100:
        raise BadText(f"{text!r} is not a share", "write it as 3% or 0.05%, at most 100%")
    return float(found[1]) / 100


def _length(text: str) -> timedelta:
    try:
        found = length(span(text))
    except ValueError as error:
        raise BadText(f"{text!r} is not a delay", str(error)) from None
    if not found:
        raise BadText(f"{text!r} is no time at all", "write at least 1m")
    return found


_SHARE, _DELAY = Parsed("a share such as 3%", _share), Parsed("a delay", _length, SPAN_PATTERN)
SHAPE = MapOf(
    "the rates",
    (
        *(
            Key(
                name,
                MapOf(
                    f"what becomes of {name}",
                    tuple(Key(one, _SHARE, f"how often it is {one}") for one in allowed),
                ),
                f"what becomes of {name}",
            )
            for name, allowed in ALLOWED.items()
        ),
        Key(
            "delays",
            MapOf("the delays", tuple(Key(one, _DELAY, "the mean of it") for one in DELAYS)),
            "how long people take, on average",
        ),
    ),
)


def parse(source: str | bytes, file: str = "rates.yaml", base: Rates | None = None) -> Rates:
    """The rates that the YAML says, over `base`; raises `Problems` with everything wrong."""
    findings = Findings(file)
    node = read_yaml(source, findings)
    form = SHAPE.read(node, findings) if node else BAD
    made = base or Rates()
    if form is not BAD:
        shares = {name: dict(form[name].values) for name in ALLOWED if form.get(name)}
        made = made.with_shares(shares)
        if delays := form.get("delays"):
            made = made.with_delays(dict(delays.values))
        _check_sums(form, made, findings)
    findings.raise_if_any()
    return made


def _check_sums(form: Form, made: Rates, findings: Findings) -> None:
    """What excludes each other cannot be more than all of it."""
    for name in ALLOWED:
        total = sums_to(getattr(made, name))
        if name in form and total > 1 + 1e-9:
            hint = "opens and clicks aside, they exclude each other; defaults fill what is not said"
            message = f"the shares of {name} add up to {100 * total:.1f}%"
            findings.add(form.at(name), Code.WRONG_VALUE, message, hint)
