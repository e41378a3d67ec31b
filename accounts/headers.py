"""Which column of somebody's file is which field: guessed from its header, shown, overridable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from anyascii import anyascii

from accounts.errors import AbmError
from accounts.nearest import nearest
from accounts.tables import is_ours

# The first header that fits takes the field; words are written without case, spaces and signs.
_COMPANY = """company companyname account accountname organization organisation organizationname
    business firma firmenname unternehmen kunde societe entreprise raisonsociale empresa azienda
    employer customer client legalname"""
_WEBSITE = """website url domain web webseite homepage companywebsite site siteweb internet
    companydomain websiteurl companyurl domainname webaddress www emaildomain"""
_EMAIL = """email emailaddress mail emailadresse workemail businessemail contactemail mailaddress
    correo courriel mailadresse primaryemail"""
_PHONE = """phone telephone tel phonenumber telefon telefonnummer telefono businessphone workphone
    directphone mobile mobilephone cell handy rufnummer"""
_COUNTRY = "country land countrycode pays pais paese countryregion billingcountry mailingcountry"
_CITY = "city town ort stadt ville ciudad citta billingcity mailingcity"
# The words for an id that name its system come first, the vague ones last.
_ID = """salesforceid sfdcid sfid hubspotid hsobjectid pipedriveid dynamicsid zohoid crmid sourceid
    {} recordid record objectid uuid guid id key"""
_SYSTEMS = {
    "salesforce": "salesforce", "sfdc": "salesforce", "sf": "salesforce", "hubspot": "hubspot",
    "hs": "hubspot", "pipedrive": "pipedrive", "dynamics": "dynamics", "zoho": "zoho",
}  # fmt: skip
_IDS = ("external_id", "company_id")

_ALIASES: dict[str, dict[str, str]] = {
    "accounts": {
        "name": "name " + _COMPANY,
        "website": _WEBSITE,
        "email": _EMAIL,
        "phone": _PHONE,
        "sector": "sector branche sektor vertical",
        "industry": "industry industrie industrysector secteur",
        "country": _COUNTRY,
        "state": "state province bundesland region stateprovince billingstate",
        "city": _CITY,
        "lost_reason": """lostreason lossreason closedlostreason reasonlost reasonforloss
            lostbecause closedlost verlustgrund""",
        "market_cap": "marketcap marketcapitalization marketcapitalisation",
        "tier": "tier accounttier abmtier",
        "zone": "timezone zone tz zeitzone",
        "parent": """parentid parentaccountid parentcompanyid parentaccount parentcompany parentname
            ultimateparent globalparent muttergesellschaft mutterkonzern maisonmere societemere""",
        "external_id": _ID.format(
            "salesforceaccountid hubspotcompanyid accountid companyid customerid clientid"
            " organizationid organisationid kundennummer customernumber accountnumber"
        ),
    },
    "contacts": {
        "name": "name fullname contact contactname person ansprechpartner displayname",
        "first_name": "firstname givenname vorname prenom first forename",
        "last_name": "lastname surname familyname nachname nom last",
        "company": _COMPANY,
        "website": _WEBSITE,
        "email": _EMAIL,
        "phone": _PHONE,
        "title": "title jobtitle position funktion jobposition poste stelle",
        "role": "role buyingrole committeerole contactrole rolle",
        "persona": "persona buyerpersona",
        "country": _COUNTRY,
        "city": _CITY,
        "zone": "timezone zone tz zeitzone",
        "language": "language lang locale sprache langue preferredlanguage",
        "social": "linkedin linkedinurl linkedinprofile social socialprofile profileurl xing",
        "consent": "consent optin emailoptin emailconsent gdprconsent einwilligung",
        "external_id": _ID.format("salesforcecontactid hubspotcontactid contactid personid leadid"),
        "company_id": """salesforceaccountid hubspotcompanyid accountid companyid organizationid
            organisationid associatedcompanyid primaryassociatedcompanyid""",
    },
    "opportunities": {
        "external_id": """opportunityid dealid hubspotdealid salesforceopportunityid recordid
            opportunitynumber dealnumber id uuid guid key""",
        "name": "name opportunityname dealname opportunity deal title bezeichnung",
        "company": _COMPANY + " associatedcompany primaryassociatedcompany companies",
        "website": _WEBSITE,
        "company_id": """accountid companyid salesforceaccountid hubspotcompanyid organizationid
            organisationid associatedcompanyid primaryassociatedcompanyid associatedcompanyids
            customerid""",
        "stage": "stage stagename dealstage opportunitystage salesstage phase status",
        "amount": "amount value dealvalue dealamount opportunityamount revenue tcv acv betrag wert",
        "currency": "currency currencycode currencyisocode dealcurrency amountcurrency waehrung",
        "closes": """closedate closingdate expectedclose expectedclosedate closeson closed
            abschlussdatum""",
        "owner": "owner ownername dealowner opportunityowner salesrep rep besitzer verantwortlich",
        "lost_reason": """lostreason lossreason closedlostreason reasonlost reasonforloss
            verlustgrund""",
    },
    "suppressions": {
        "email": _EMAIL + " address emailid recipient",
        "domain": _WEBSITE,
        "reason": "reason type status grund why suppressionreason suppressiontype",
    },
}


@dataclass(frozen=True, slots=True)
class Guess:
    """One field found in one column: `how` says why, in words for the preview."""

    field: str
    index: int
    header: str
    how: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where each field of `kind` ("accounts", "contacts", "opportunities", "suppressions")
    stands.

    A header that is no field of ours is kept (`extra`), unless nobody would ask for it (`unused`).
    """

    kind: str
    headers: tuple[str, ...]
    guesses: tuple[Guess, ...]

    @property
    def id_headers(self) -> tuple[str, ...]:
        """The headers of the columns that hold ids, the record's own first."""
        found = {guess.field: guess.header for guess in self.guesses}
        return tuple(found[field] for field in _IDS if field in found)

    @property
    def system(self) -> str:
        """The system whose ids they are, where a header names it ("Salesforce ID"); else ""."""
        plain = (_plain(header) for header in self.id_headers)
        named = (system for name in plain for word, system in _SYSTEMS.items()
                 if name.startswith(word))  # fmt: skip
        return next(named, "")

    @property
    def extra(self) -> tuple[tuple[int, str], ...]:
        """(index, header) of what is no field: kept as it stands, with the account or contact."""
        return () if self.kind in ("suppressions", "opportunities") else tuple(self._others())

    @property
    def unused(self) -> tuple[str, ...]:
        """Headers that are neither a field nor kept."""
        known = {at for at, _ in self.extra} | {guess.index for guess in self.guesses}
        return tuple(name for at, name in enumerate(self.headers) if at not in known)

    def _others(self) -> Iterator[tuple[int, str]]:
        used = {guess.index for guess in self.guesses}
        for at, name in enumerate(self.headers):
            if at not in used and not is_ours(self.headers, at):
                yield at, name

    def override(self, wanted: Mapping[str, str]) -> ColumnMap:
        """The map with these field → header pairs instead; an empty header drops the field.

        Raises `AbmError` for a field or a header that does not exist, naming the nearest.
        """
        chosen = {guess.field: guess for guess in self.guesses}
        for field, header in wanted.items():
            _must_be(field, _ALIASES[self.kind], f"field of {self.kind}")
            chosen.pop(field, None)
            if header:
                at = self._index(header)
                chosen = {name: guess for name, guess in chosen.items() if guess.index != at}
                chosen[field] = Guess(field, at, self.headers[at], "as you said")
        return ColumnMap(self.kind, self.headers, _in_order(self.kind, chosen))

    def _index(self, header: str) -> int:
        same = [at for at, name in enumerate(self.headers) if name == header]
        near = [at for at, name in enumerate(self.headers) if _plain(name) == _plain(header)]
        if not same and not near:
            _must_be(header, self.headers, "column of the file")
        return (same or near)[0]


def guess_columns(headers: Sequence[str], kind: str) -> ColumnMap:
    """Which header is which field of `kind`, by alias, then by likeness (a slip in the header)."""
    _must_be(kind, _ALIASES, "kind of import")
    plain = ["" if is_ours(headers, at) else _plain(name) for at, name in enumerate(headers)]
    chosen: dict[str, Guess] = {}
    taken: set[int] = set()
    for loose in (False, True):
        for field, words in _ALIASES[kind].items():
            if loose and field in _IDS:
                continue  # an id that is none would make one account of many
            at = None if field in chosen else _find(field, words.split(), plain, taken, loose)
            if at is not None:
                how = _how(field, plain[at], loose)
                chosen[field] = Guess(field, at, headers[at], how)
                taken.add(at)
    return ColumnMap(kind, tuple(headers), _in_order(kind, chosen))


def _find(
    field: str, words: list[str], plain: list[str], taken: set[int], loose: bool
) -> int | None:
    wanted = [field.replace("_", ""), *words]
    free = {name: at for at, name in reversed(list(enumerate(plain))) if at not in taken and name}
    for word in wanted:
        if word in free:
            return free[word]
        near = get_close_matches(word, free, 1, 0.85) if loose and len(word) > 4 else []
        if near:
            return free[near[0]]
    return None


def _how(field: str, plain: str, loose: bool) -> str:
    if loose:
        return "looks like it"
    return "same word" if plain == field.replace("_", "") else f"another word for {field}"


def _in_order(kind: str, chosen: Mapping[str, Guess]) -> tuple[Guess, ...]:
    return tuple(chosen[field] for field in _ALIASES[kind] if field in chosen)


def _plain(header: str) -> str:
    return "".join(c for c in anyascii(header).casefold() if c.isalnum())


def _must_be(word: str, allowed: Sequence[str] | Mapping[str, object], what: str) -> None:
    if word not in allowed:
        raise AbmError(f"{word!r} is no {what}", nearest(word, allowed))
