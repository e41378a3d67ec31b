"""Whether a mail begins with what it promises to teach: its `insight`, in two sentences."""

from __future__ import annotations

import re

ENOUGH = 2  # words of the insight that stand there
SENTENCES = 2
_TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_GAP = re.compile(r"\n\s*\n")
_END = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W_]{4,}")
_STEM = 6  # letters: "invoice" and "invoices" are one word


def is_said(insight: str, text: str) -> bool:
    """Whether enough of what a reader learns is said below the greeting, in whatever order."""
    promised = _words(_TAGS.sub(" ", insight))
    return len(promised & _words(_opening(text))) >= min(ENOUGH, len(promised))


def _opening(text: str) -> str:
    paragraphs = _GAP.split(_TAGS.sub(" ", text[:8_000]).strip())
    body = " ".join(paragraphs[1:] or paragraphs)
    return " ".join(_END.split(body.strip())[:SENTENCES])


def _words(text: str) -> set[str]:
    return {word.casefold()[:_STEM] for word in _WORD.findall(text)}
