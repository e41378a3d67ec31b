"""Country names, as people and exports write them, to ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

from functools import cache, lru_cache

from anyascii import anyascii

# CODE name|other name|…; three-letter codes where exports use them.
_TABLE = """
AD andorra; AE united arab emirates|uae|vae|emirates|dubai; AF afghanistan; AG antigua and barbuda
AL albania; AM armenia; AO angola; AR argentina|argentinien; AT austria|osterreich|oesterreich|aut
AU australia|australien|aus; AW aruba; AZ azerbaijan; BA bosnia and herzegovina|bosnia
BB barbados; BD bangladesh; BE belgium|belgien|belgie|belgique|bel; BF burkina faso
BG bulgaria|bulgarien; BH bahrain; BI burundi; BJ benin; BM bermuda; BN brunei|brunei darussalam
BO bolivia|bolivia plurinational state of; BR brazil|brasil|brasilien|bra
BS bahamas|the bahamas; BT bhutan; BW botswana; BY belarus; BZ belize; CA canada|kanada|can
CD congo democratic republic|democratic republic of the congo|dr congo; CF central african republic
CG congo; CH switzerland|schweiz|suisse|svizzera|che; CI ivory coast|cote d ivoire|cote divoire
CL chile|chl; CM cameroon; CO colombia|kolumbien
CN china|pr china|prc|peoples republic of china|mainland china|chn; CR costa rica; CU cuba
CV cape verde|cabo verde; CW curacao; CY cyprus|zypern; CZ czech republic|czechia|tschechien|cze
DE germany|deutschland|allemagne|ger|deu|federal republic of germany; DJ djibouti
DK denmark|danmark|danemark|dnk; DM dominica; DO dominican republic; DZ algeria; EC ecuador
EE estonia|estland; EG egypt|agypten; ER eritrea; ES spain|espana|spanien|espagne|esp
ET ethiopia; FI finland|suomi|finnland|fin; FJ fiji; FK falkland islands|falkland islands malvinas
FO faroe islands; FR france|frankreich|fra; GA gabon; GD grenada; GE georgia
GB united kingdom|uk|great britain|britain|england|scotland|wales|northern ireland|gbr
GB grossbritannien
GB united kingdom of great britain and northern ireland|vereinigtes konigreich|royaume uni
GG guernsey; GH ghana; GI gibraltar; GL greenland; GM gambia; GN guinea; GP guadeloupe
GQ equatorial guinea; GR greece|griechenland|hellas|grc; GT guatemala; GU guam; GY guyana
HK hong kong|hong kong sar|hongkong|hkg|china hong kong; HN honduras; HR croatia|kroatien; HT haiti
HU hungary|ungarn|hun; ID indonesia|indonesien|idn; IE ireland|irland|republic of ireland|irl
IL israel|isr; IM isle of man; IN india|indien|ind; IQ iraq; IR iran|iran islamic republic of
IS iceland|island; IT italy|italia|italien|italie|ita; JE jersey; JM jamaica; JO jordan|jordanien
JP japan|jpn; KE kenya|kenia; KG kyrgyzstan; KH cambodia; KN saint kitts and nevis
KR south korea|korea|korea republic of|republic of korea|kor|sudkorea; KW kuwait
KY cayman islands|cayman; KZ kazakhstan|kasachstan; LA laos; LB lebanon; LC saint lucia
LI liechtenstein; LK sri lanka; LR liberia; LS lesotho; LT lithuania|litauen
LU luxembourg|luxemburg
LV latvia|lettland; LY libya; MA morocco|marokko|maroc; MC monaco
MD moldova|moldova republic of; ME montenegro; MG madagascar; MH marshall islands
MK macedonia|north macedonia|macedonia the former yugoslav republic of; ML mali; MM myanmar|burma
MN mongolia; MO macau|macao; MQ martinique; MR mauritania; MT malta; MU mauritius; MV maldives
MW malawi; MX mexico|mexiko|mex; MY malaysia|mys; MZ mozambique; NA namibia; NC new caledonia
NE niger; NG nigeria; NI nicaragua; NL netherlands|the netherlands|holland|niederlande|nederland|nld
NO norway|norge|norwegen|nor; NP nepal; NZ new zealand|neuseeland|nzl; OM oman; PA panama; PE peru
PF french polynesia; PG papua new guinea; PH philippines|the philippines|philippinen|phl
PK pakistan; PL poland|polska|polen|pologne|pol; PR puerto rico; PS palestine
PT portugal|prt; PY paraguay; QA qatar|katar; RE reunion; RO romania|rumanien; RS serbia|serbien
RU russia|russian federation|russland|rus; RW rwanda; SA saudi arabia|ksa|saudi arabien
SC seychelles; SD sudan; SE sweden|sverige|schweden|swe; SG singapore|singapur|sgp
SI slovenia|slowenien; SK slovakia|slowakei|slovak republic; SL sierra leone; SM san marino
SN senegal; SO somalia; SR suriname; SV el salvador; SY syria; SZ eswatini|swaziland
TC turks and caicos islands; TD chad; TG togo; TH thailand|tha; TJ tajikistan; TM turkmenistan
TN tunisia; TO tonga; TR turkey|turkiye|turkei|tur
TT trinidad and tobago; TW taiwan|taiwan province of china|chinese taipei|twn|republic of china
TZ tanzania; UA ukraine|ukr; UG uganda; UY uruguay; UZ uzbekistan
US united states|usa|us of a|united states of america|america|vereinigte staaten|etats unis
VA vatican; VC saint vincent and the grenadines; VE venezuela
VG british virgin islands|virgin islands british|bvi; VI us virgin islands|virgin islands u s
VN vietnam|viet nam|vnm; VU vanuatu; WS samoa; XK kosovo; YE yemen
ZA south africa|sudafrika|zaf|rsa; ZM zambia; ZW zimbabwe
"""


def _words(text: str) -> str:
    plain = anyascii(text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


@cache
def _names() -> dict[str, str]:
    table: dict[str, str] = {}
    for entry in _TABLE.replace("\n", ";").split(";"):
        if entry.strip():
            code, names = entry.strip().split(" ", 1)
            table[code.casefold()] = code
            table.update((name, code) for name in names.split("|"))
    return table


@lru_cache(maxsize=4_096)
def country_key(country: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's name or code; None when it is none we know."""
    words = _words(country[:100])
    return _names().get(words) or _names().get(words.replace(" ", "")) if words else None


def known_place(words: str) -> bool:
    """Whether these words name a country, so that they tell a subsidiary, not another name."""
    return words in _names()
