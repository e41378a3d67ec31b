"""The names that exist outside the playbooks of these tests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from orchestrator.calendar import parse_span
from orchestrator.language import Group, Vocabulary

HERE = Path(__file__).parent
GROUPS = {
    path.stem: Group(f"groups/{path.name}", path.read_bytes())
    for path in (*HERE.glob("good/groups/*.yaml"), *HERE.glob("bad/groups/*.yaml"))
}
MAIL = frozenset({"contact.first_name", "unsubscribe"})

VOCABULARY = Vocabulary(
    segments=frozenset({"mid-market-fintech", "enterprise-banks"}),
    personas=frozenset({"cfo", "ops-lead"}),
    unsaid=frozenset({"email/slow"}),
    signed_for=timedelta(days=180),
    taken_up={1: parse_span("4 business hours"), 0: parse_span("2 business days")},
    quiet="22:00-07:00",
    team_roles=frozenset({"owner", "sdr", "exec", "marketing", "agency/social"}),
    templates={
        "email/insight": MAIL,
        "email/story": MAIL,
        "email/onboarding-insight": MAIL,
        "email/onboarding-story": MAIL,
        "email/after-no-answer": MAIL,
        "email/dull": MAIL,
        "email/slow": MAIL,
        "email/no-unsubscribe": frozenset({"contact.first_name"}),
        "email/odd-variable": MAIL | {"contact.shoe_size", "contact.frist_name"},
        "call/onboarding": frozenset({"account.name"}),
        "post/card": frozenset(),
        "content/page": frozenset({"account.sector"}),
        "content/greeting": frozenset({"contact.first_name", "account.name"}),
        "social/hello": frozenset(),
    },
    variables=MAIL | {"account.name", "account.sector", "sender.name"},
    insights=frozenset(
        f"email/{name}"
        for name in (
            "insight",
            "slow",
            "story",
            "onboarding-insight",
            "onboarding-story",
            "after-no-answer",
            "no-unsubscribe",
            "odd-variable",
        )
    ),
    broken={"email/broken": "line 3: 'endif' is missing"},
)
