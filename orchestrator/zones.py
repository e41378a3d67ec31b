"""Which country a name means, and which IANA time zone its people live by. Pure, no network.

Country names and codes come from `holidays`, zones from the `zone.tab` that the tz database
ships; the tables below hold only what neither of them knows.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources

__all__ = ["country_code", "zone_of"]

# Other spellings that imports bring, as `code: names`.
_ALIASES = """
AE: UAE, Emirates
CD: Congo Democratic Republic of the, Democratic Republic of the Congo, DRC
CG: Republic of the Congo
CI: Cote d Ivoire
CN: Peoples Republic of China, Mainland China, PRC
CV: Cape Verde
CZ: Czech Republic
BN: Brunei Darussalam
GB: Great Britain, Britain, England, Scotland, Wales, Northern Ireland
GB: United Kingdom of Great Britain and Northern Ireland
HK: Hong Kong SAR
IE: Republic of Ireland
KP: Korea Democratic Peoples Republic of, Democratic Peoples Republic of Korea, Korea North
KR: Republic of Korea, Korea South
LA: Lao Peoples Democratic Republic
MK: Macedonia, Republic of North Macedonia
MM: Burma
MO: Macao, Macao SAR, Macau SAR
NL: Holland
PS: Palestinian Territories, State of Palestine
RU: Russian Federation
SH: Saint Helena
SK: Slovak Republic
SY: Syria
TL: East Timor
TR: Turkiye
TW: Chinese Taipei
US: United States of America, America
VA: Holy See
VG: Virgin Islands British
VI: US Virgin Islands, Virgin Islands US
VN: Viet Nam
"""

# zone.tab lists a country's zones by geography; these are where most of its business is.
_PRINCIPAL = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",  # the tz database does not list Kosovo
}

# States (where they are split: the zone of most of their people) and large cities that name no
# zone themselves. A country's principal zone is what remains, so its places are left out.
_PLACES = """
US America/Chicago: IL, Illinois, TX, Texas, MN, Minnesota, WI, Wisconsin, MO, Missouri, IA, Iowa
US America/Chicago: AL, Alabama, AR, Arkansas, KS, Kansas, LA, Louisiana, MS, Mississippi
US America/Chicago: ND, North Dakota, NE, Nebraska, OK, Oklahoma, SD, South Dakota, TN, Tennessee
US America/Chicago: Houston, Dallas, Austin, San Antonio, Fort Worth, Plano, Irving, Minneapolis
US America/Chicago: Milwaukee, Madison, Saint Louis, Kansas City, Nashville, Memphis, Omaha
US America/Chicago: New Orleans, Oklahoma City, Tulsa
US America/Denver: CO, Colorado, ID, Idaho, MT, Montana, NM, New Mexico, UT, Utah, WY, Wyoming
US America/Denver: Salt Lake City, Albuquerque, Colorado Springs, Boulder
US America/Phoenix: AZ, Arizona, Scottsdale, Tempe, Tucson
US America/Los_Angeles: CA, California, NV, Nevada, OR, Oregon, WA, Washington
US America/Los_Angeles: San Francisco, San Diego, San Jose, Oakland, Sacramento, Palo Alto, Irvine
US America/Los_Angeles: Mountain View, Sunnyvale, Santa Clara, Menlo Park, Redwood City, Fremont
US America/Los_Angeles: San Mateo, Culver City, Santa Monica, Long Beach, Seattle, Bellevue
US America/Los_Angeles: Redmond, Las Vegas, Reno
US America/Anchorage: AK, Alaska
US Pacific/Honolulu: HI, Hawaii
US America/Puerto_Rico: PR, Puerto Rico
CA America/Vancouver: BC, British Columbia
CA America/Edmonton: AB, Alberta, Calgary, NT, Northwest Territories
CA America/Regina: SK, Saskatchewan, Saskatoon
CA America/Winnipeg: MB, Manitoba
CA America/Moncton: NB, New Brunswick
CA America/Halifax: NS, Nova Scotia, PE, Prince Edward Island
CA America/St_Johns: NL, Newfoundland and Labrador, Newfoundland
CA America/Whitehorse: YT, Yukon
CA America/Iqaluit: NU, Nunavut
AU Australia/Melbourne: VIC, Victoria
AU Australia/Brisbane: QLD, Queensland, Gold Coast
AU Australia/Adelaide: SA, South Australia
AU Australia/Perth: WA, Western Australia
AU Australia/Darwin: NT, Northern Territory
AU Australia/Hobart: TAS, Tasmania
BR America/Manaus: AM, Amazonas
BR America/Cuiaba: MT, Mato Grosso
BR America/Campo_Grande: MS, Mato Grosso do Sul
BR America/Porto_Velho: RO, Rondonia
BR America/Rio_Branco: AC, Acre
BR America/Boa_Vista: RR, Roraima
MX America/Tijuana: BC, BCN, Baja California
MX America/Hermosillo: SO, SON, Sonora
MX America/Mazatlan: SI, SIN, Sinaloa, BCS, Baja California Sur
MX America/Cancun: QR, ROO, Quintana Roo
ID Asia/Makassar: Bali, Denpasar
ES Atlantic/Canary: Canary Islands, Las Palmas, Tenerife, Santa Cruz de Tenerife
PT Atlantic/Azores: Ponta Delgada
PT Atlantic/Madeira: Funchal
RU Asia/Yekaterinburg: Ekaterinburg, Chelyabinsk, Tyumen, Surgut, Perm, Ufa
"""

# Only these words may be dropped: "Korea (North)" must never become Korea.
_FORM_OF_STATE = re.compile(
    r"\s*[,(](\W|\b(the|of|and|state|states|republic|kingdom|province|federated|united|islamic"
    r"|bolivarian|plurinational|china)\b)*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def country_code(name: str) -> str | None:
    """ISO 3166-1 alpha-2 code of an English country name or a code; None if nobody knows it.

    Case, accents, punctuation and a leading "the" do not matter, nor does a form of state after
    a comma or in brackets ("Iran, Islamic Republic of", "Bolivia (Plurinational State of)").
    """
    codes = _codes()
    return codes.get(_key(name)) or codes.get(_key(_FORM_OF_STATE.sub("", name)))


@lru_cache(maxsize=4096)
def zone_of(country: str, state_or_city: str = "") -> str | None:
    """IANA zone of a place: of its state or city if known, else where most of the country works.

    None for a country that has no name or no people ("" or Bouvet Island).
    """
    code = country_code(country)
    places = _zones().get(code or "", {})
    return places.get(_key(state_or_city)) or places.get("")


@cache
def _codes() -> dict[str, str]:
    """Every known spelling of a country, as a key, with its code."""
    # Imported on first use: it takes 0.2 s, and `abm --help` has only 0.4 s.
    from holidays.registry import COUNTRIES

    codes = {
        _key(name): names[1] for module, names in COUNTRIES.items() for name in (module, *names)
    }
    for line in _ALIASES.strip().splitlines():
        code, _, names_of = line.partition(": ")
        codes |= {_key(name): code for name in names_of.split(", ")}
    return codes


@cache
def _zones() -> dict[str, dict[str, str]]:
    """country code -> place key -> zone; the place "" is the country's principal zone."""
    zones: dict[str, dict[str, str]] = {}
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            code, _, zone, *_ = line.split("\t")
            city = _key(zone.rpartition("/")[2])
            zones.setdefault(code, {"": zone})[city] = zone
    for code, zone in _PRINCIPAL.items():
        zones.setdefault(code, {})[""] = zone
    for line in _PLACES.strip().splitlines():
        where, _, places = line.partition(": ")
        code, zone = where.split()
        zones[code] |= {_key(place): zone for place in places.split(", ")}
    return zones


def _key(name: str) -> str:
    """Letters only, lower case, unaccented: "St. Lucia" and "saint_lucia" meet as saintlucia.

    A slash stays, or else "n/a" would be Namibia.
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    plain = re.sub(r"^\s*the\b", "", plain.replace("&", " and ").replace("_", " "))
    return re.sub(r"[^a-z/]", "", re.sub(r"\bst\b", "saint", plain))
