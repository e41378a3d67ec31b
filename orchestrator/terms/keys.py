"""Names that stay: the party key of no person, a message's key, a hash that shares out."""

from __future__ import annotations

from hashlib import blake2b

ACCOUNT = "account"  # the party key of a step without a person
# The step of what somebody of us answers a person who wrote to us; no playbook can have it.
AN_ANSWER = "an answer"


def message_key(enrollment_id: int, step: str, party_key: str, occurrence: int) -> str:
    """32 hex digits that name a message whatever its channel and however often it is resent.

    The enrollment stands in front, so that whoever gets a key back finds the touch under it.
    """
    name = f"{enrollment_id}/{step}/{party_key}/{occurrence}"
    return f"{enrollment_id:012x}{blake2b(name.encode(), digest_size=10).hexdigest()}"


def enrollment_of(key: str) -> int:
    """The enrollment that a message key names; ValueError if it is none."""
    return int(key[:12], 16)


def bucket(*names: str, of: int) -> int:
    """A stable number in 0 <= n < `of` from a hash of names: splits and holdouts use it."""
    digest = blake2b("\x1f".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % of
