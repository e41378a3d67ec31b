"""What a playbook must obey beyond the shapes of its values: one function for each rule.

A check never raises, and leaves alone what could not be read. Those of OUTSIDE ask for names that
the playbook does not define, and run only where these are known.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.language.checks import (
    asking,
    branching,
    doing,
    money,
    names,
    order,
    outside,
    owing,
    pressure,
    quiet,
    renaming,
    truth,
    working_time,
)
from orchestrator.language.checks.case import Case
from orchestrator.language.draft import Draft
from orchestrator.language.findings import Findings
from orchestrator.language.vocabulary import Vocabulary

__all__ = ["run"]

CHECKS: tuple[Callable[[Case], None], ...] = (
    names.check_duplicate_ids,
    names.check_similar_ids,
    names.check_reserved_ids,
    names.check_seats_of_steps,
    names.check_steps_named,
    names.check_stop_events,
    names.check_goal,
    names.check_start,
    names.check_keep,
    renaming.check_was,
    order.check_self,
    order.check_circles,
    order.check_reachable,
    order.check_ends,
    order.check_results,
    order.check_contact_of,
    asking.check_whose,
    asking.check_contact,
    asking.check_mail_facts,
    asking.check_opened,
    asking.check_kinds,
    branching.check_branches,
    branching.check_choices_asked,
    branching.check_number,
    doing.check_words,
    doing.check_chains,
    doing.check_away,
    doing.check_waits,
    doing.check_days,
    doing.check_recycle,
    money.check_budget,
    truth.check_truth,
    truth.check_taken,
    pressure.check_caps,
    pressure.check_dead_stops,
    working_time.check_zone,
    working_time.check_country,
    working_time.check_opens,
    quiet.check_quiet,
    working_time.check_dates,
    working_time.check_tiers,
    working_time.check_words_for_tiers,
    working_time.check_seats_used,
)
OUTSIDE: tuple[Callable[[Case, Vocabulary], None], ...] = (
    pressure.check_validity,
    quiet.check_workspace_quiet,
    owing.check_hand_off,
    outside.check_segment,
    outside.check_roles,
    outside.check_personas,
    truth.check_words_asked,
    outside.check_team_roles,
    outside.check_templates,
    outside.check_variables,
    outside.check_contact_in_templates,
    outside.check_unsubscribe,
    outside.check_insight,
)


def run(draft: Draft, vocabulary: Vocabulary | None, findings: Findings) -> None:
    """Add to the findings what any check has against the playbook."""
    case = Case(draft, findings, vocabulary)
    for check in CHECKS:
        check(case)
    if vocabulary:
        for compare in OUTSIDE:
            compare(case, vocabulary)
