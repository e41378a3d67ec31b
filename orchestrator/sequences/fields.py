"""Merge fields of other tools become variables of our templates, and the rest stays visible.

`{{first_name}}`, `{{prospect.first_name}}`, `{{ contact.firstname|default('there') }}`,
`{{ personalization_token('contact.firstname', 'there') }}`, `%sender.name%`. A field that has no
variable here becomes `{{ untranslated.its_name }}`, which no message has: `abm check` says so.
"""

from __future__ import annotations

import re

UNTRANSLATED = "untranslated"

_PERSON = ("contact", "prospect", "person", "lead", "recipient")
_COMPANY = ("account", "company", "organization")
_SENDER = ("sender", "user", "owner", "my", "rep")

_OF_PERSON = {
    "firstname": "contact.first_name",
    "name": "contact.name",
    "fullname": "contact.name",
    "title": "contact.title",
    "jobtitle": "contact.title",
    "company": "account.name",
    "companyname": "account.name",
    "accountname": "account.name",
}
_OF_COMPANY = {
    "name": "account.name",
    "domain": "account.domain",
    "website": "account.website",
    "websiteurl": "account.website",
    "industry": "account.industry",
    "sector": "account.sector",
    "city": "account.city",
    "locality": "account.city",
    "state": "account.state",
    "country": "account.country",
    "tier": "account.tier",
}
_OF_SENDER = {
    "name": "sender.name",
    "fullname": "sender.name",
    "firstname": "sender.name",
    "title": "sender.title",
    "jobtitle": "sender.title",
    "email": "sender.email",
    "emailaddress": "sender.email",
    "company": "workspace.name",
    "companyname": "workspace.name",
}
_ALONE = _OF_PERSON | {
    **dict.fromkeys(
        ("unsubscribe", "unsubscribelink", "unsubscribeurl", "optout", "optoutlink", "optouturl"),
        "unsubscribe",
    ),
    "industry": "account.industry",
    "website": "account.website",
    "sendername": "sender.name",
    "senderfirstname": "sender.name",
    "sendertitle": "sender.title",
    "senderemail": "sender.email",
}
VARIABLES = {
    **_ALONE,
    **{f"{group}.{name}": value for group in _PERSON for name, value in _OF_PERSON.items()},
    **{f"{group}.{name}": value for group in _COMPANY for name, value in _OF_COMPANY.items()},
    **{f"{group}.{name}": value for group in _SENDER for name, value in _OF_SENDER.items()},
}

# What may be a field, in the order in which it is looked for; what is none is escaped.
_FIELD = re.compile(
    r"\{\{\{?([^{}\n]{1,200})\}?\}\}"
    r"|\{%([^{}%\n]{0,200})%\}"
    r"|%((?:contact|prospect|company|account|sender|owner)\.[A-Za-z_.]{1,60})%"
    r"|(\{\{|\{%|\{#)"
)
_TOKEN = re.compile(
    r"personalization_token\(\s*['\"]([\w.]+)['\"]\s*(?:,\s*['\"]([^'\"]*)['\"])?\s*\)"
)
_PLAIN = re.compile(
    r"([\w. -]+?)\s*(?:\|\s*(?:default\s*[:(]?)?\s*(?:\"([^\"|]*)\"|'([^'|]*)'|([^'\"|]*?))\s*\)?)?"
)
_RESERVED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000-\ue002\ufffe\uffff]"
)
_WHOLE_NAME = re.compile(
    rf"\{{\{{ ?(?:({'|'.join(_PERSON + _SENDER)})\.)?first_?name ?\}}\}} "
    r"\{\{ ?(?:\1\.)?last_?name ?\}\}",
    re.IGNORECASE,
)


class Fields:
    """Translates the texts of one message; `unknown` are the fields that have no variable here."""

    def __init__(self) -> None:
        self.unknown: dict[str, None] = {}
        self.used: set[str] = set()
        self.loose = False  # whether a sender's first name became the whole one

    def text(self, said: str) -> str:
        """A text with our variables in it; whatever else could be template code is escaped."""
        return self._filled(cleaned(said), "")

    def link(self, said: str) -> str:
        """The same inside of an address: a value that does not begin it is escaped for links."""
        return self._filled(cleaned(said), " | urlencode")

    def _filled(self, said: str, suffix: str) -> str:
        def one(found: re.Match[str]) -> str:
            if found[4]:
                return f"{{{{ '{found[4]}' }}}}"
            name, fallback = _parsed(found)
            variable = self._variable(name, found[0])
            word = f" | default('{fallback}')" if fallback else ""
            return f"{{{{ {variable}{word}{suffix if found.start() else ''} }}}}"

        whole = _WHOLE_NAME.sub(lambda name: f"{{{{{name[1] or 'contact'}.name}}}}", said)
        return _FIELD.sub(one, whole)

    def _variable(self, name: str, said: str) -> str:
        plain = re.sub(r"[_ -]", "", name.casefold())
        variable = VARIABLES.get(plain, "")
        if not variable:
            self.unknown.setdefault(said)
            variable = f"{UNTRANSLATED}.{slug(name or said)}"
        self.loose |= variable == "sender.name" and plain.endswith("firstname")
        self.used.add(variable)
        return variable


class Spoken(Fields):
    """For texts without variables: `{{first_name}}` becomes `[first name]`."""

    def _filled(self, said: str, suffix: str) -> str:
        del suffix

        def one(found: re.Match[str]) -> str:
            if found[4]:
                return found[4]
            self.unknown.setdefault(found[0])
            return f"[{slug(_parsed(found)[0]).replace('_', ' ')}]"

        return _FIELD.sub(one, said)


def cleaned(said: str) -> str:
    """The text with plain line ends and without characters that no text file holds."""
    return _RESERVED.sub("", said.replace("\r\n", "\n").replace("\r", "\n"))


def slug(name: str) -> str:
    """A name as the end of a variable's: letters, digits and _."""
    word = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:40].strip("_")
    return word if word[:1].isalpha() else f"field_{word}".strip("_")


def _parsed(field: re.Match[str]) -> tuple[str, str]:
    """(the name of a field, its word for where there is no value)."""
    said = (field[1] or field[2] or field[3] or "").strip()
    if found := _TOKEN.fullmatch(said) or _PLAIN.fullmatch(said):
        fallback = next(filter(None, found.groups()[1:]), "")
        return found[1], re.sub(r"[\\{}%#\n]", "", fallback.replace("'", "’")).strip()
    return "", ""
