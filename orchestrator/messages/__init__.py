"""Our words: templates of the project's folder, rendered in a sandbox from plain facts.

A template is a file such as `email/insight.j2`, called `email/insight`. Nothing that a template
says can reach code, files or the network, print without a value, or grow without bound.
"""

from orchestrator.messages.compiled import MOST_SUBJECT
from orchestrator.messages.library import KNOWN, Library
from orchestrator.terms import Rendered

__all__ = ["KNOWN", "MOST_SUBJECT", "Library", "Rendered"]
