"""Is this inbound record one of our accounts? Yes, no, or a question for a person.

The domain speaks first, then the whole name, then likeness among the nearest accounts. What is
unknown never counts as agreement, and what contradicts itself (the domain says one company, the
name another) goes to a person. The answer for one record does not depend on its batch.
"""

from accounts.matching.index import AccountIndex
from accounts.matching.values import Calibration, Candidate, Match, Record, RollUp, Rules, Verdict

__all__ = [
    "AccountIndex", "Calibration", "Candidate", "Match", "Record", "RollUp", "Rules", "Verdict",
]  # fmt: skip
