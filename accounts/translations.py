"""The same word in several languages: what an institution is called at home and abroad.

An English word or phrase stands for all of its forms; `translated` puts it in their place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

from accounts.translations_data import FORMS


@cache
def _words() -> dict[str, tuple[str, ...]]:
    found = {form: tuple(word.split()) for word, forms in FORMS.items() for form in forms.split()}
    # In French an article sticks to its word: L'Université, d'Études.
    for article in ("l", "d"):
        for form, words in list(found.items()):
            if form[0] in "aehiou":
                found.setdefault(article + form, words)
    return found


def translated(tokens: Sequence[str]) -> Sequence[str]:
    """The words of a name in English where they are known; one may become several."""
    words = _words()
    if words.keys().isdisjoint(tokens):
        return tokens
    return [english for token in tokens for english in words.get(token, (token,))]


def foreign_words() -> Collection[str]:
    """Every word that stands for another one in English."""
    return _words().keys()


def foreign_forms() -> dict[str, list[str]]:
    """The forms of every English word that stands alone, in all languages."""
    return {word: forms.split() for word, forms in FORMS.items() if " " not in word}
