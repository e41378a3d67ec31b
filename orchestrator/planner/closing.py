"""What closing a task means: the event that its disposition tells of.

The desk and the simulator ask the same table, so that "not now" said on the phone and "not now"
written in a reply do the same.
"""

from __future__ import annotations

EVENT_OF = {
    "meeting_booked": "meeting_booked",
    "interested": "reply.interested",
    "not_now": "reply.not_now",
    "referral": "reply.referral",
    "not_interested": "reply.refusal",
    "do_not_contact": "reply.opt_out",
    "legal": "reply.legal",
    "wrong_person": "reply.wrong_person",
    "left_company": "departed",
    "bad_fit": "bad_fit",
}


def event_of(disposition: str) -> str | None:
    """The kind of event that a disposition reports about the person; None if it reports none."""
    return EVENT_OF.get(disposition)
