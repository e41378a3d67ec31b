"""What names and hosts are made of: legal forms, abbreviations, mail providers, junk.

Everything is written the way `identity.name_key` leaves it: ASCII, lower case, no dots.
Sources: the ISO 20275 list of legal forms, the public registers' own abbreviations and the
security descriptors of the German exchanges; free-mail hosts by use.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Written in their own script they would be transliterated into nonsense; cut them before.
NATIVE_LEGAL_FORMS = {
    "株式会社": "kk", "有限会社": "yk", "(株)": "kk", "(有)": "yk", "合同会社": "gk",
    "股份有限公司": "co ltd", "有限责任公司": "co ltd", "有限責任公司": "co ltd",
    "股份公司": "co ltd", "有限公司": "co ltd", "集团": " group", "集團": " group",
    "주식회사": "co ltd", "(주)": "co ltd", "유한회사": "co ltd",
}  # fmt: skip

# One word at the end of a name; `LEGAL_PHRASES` are tried first.
LEGAL_WORDS = _words(
    """
    ab ad ag as asa aps amba aktiengesellschaft aktiebolag aktieselskab anonim bhd berhad bv bvba
    co comm company compagnie corp corpn corporation coop cooperative cva dac dd doo ead ek ev eg
    gbr ges gmbh ggmbh hf inc incorporated incorp invest kg kgaa kft kk ks lda limitada limited lp
    llc llp lllp ltd ltda mbh mbb nv nyrt oao oao ohg ojsc ooo oy oyj oaj pao pc pcl pjsc plc pte
    pty pvt private public publ pt rt sa sab sac saa sae sagl sarl sas sca scpa sdn se sgps sicav
    sl slu sme snc societe spa spzoo spolka spol srl sro ssk tbk tas ua ug ulc vof yk zao zoo zrt
    asbl bsc cvba dooel ehf eood eurl fze jsc ltee ood pllc qpsc saog sasu scrl uab vvi vzw wll
    """
) - {"invest", "comm"}

# Long enough to be known with a slip in them.
LONG_LEGAL_WORDS = _words("company corporation limited incorporated aktiengesellschaft berhad")

# Short ones, of which a slip inside is no other word: icn, innc, copr.
SHORT_LEGAL_WORDS = _words("inc corp ltd plc")

# Several words, longest first; the value is what they are called afterwards.
LEGAL_PHRASES: tuple[tuple[tuple[str, ...], str], ...] = tuple(
    (tuple(phrase.split()), name)
    for phrase, name in (
        ("public joint stock company", "pjsc"), ("open joint stock company", "ojsc"),
        ("public company limited", "pcl"), ("public limited company", "plc"),
        ("limited liability company", "llc"), ("limited liability partnership", "llp"),
        ("joint stock company", "jsc"), ("societas europaea", "se"),
        ("sociedad anonima", "sa"), ("societe anonyme", "sa"), ("societa per azioni", "spa"),
        ("naamloze vennootschap", "nv"), ("besloten vennootschap", "bv"),
        ("sab de cv", "sab"), ("sapib de cv", "sab"), ("sa de cv", "sa"), ("de cv", "sa"),
        ("sp zoo", "spzoo"), ("spol sro", "sro"), ("sp z oo", "spzoo"), ("s p a", "spa"),
        ("sdn bhd", "bhd"), ("pty ltd", "ltd"), ("pvt ltd", "ltd"), ("pte ltd", "ltd"),
        ("private limited", "ltd"), ("proprietary limited", "ltd"),
        ("gmbh and co kgaa", "kgaa"), ("gmbh and co kg", "kg"), ("ag and co kgaa", "kgaa"),
        ("ag and co kg", "kg"), ("se and co kgaa", "kgaa"), ("se and co kg", "kg"),
        ("and co kgaa", "kgaa"), ("and co kg", "kg"), ("and cie", "co"),
        ("and co", "co"), ("and company", "co"), ("co ltd", "ltd"), ("as publ", "asa"),
    )
)  # fmt: skip

# Forms that stand in front: PT Astra, OOO Lukoil, OY Nokia, Aktiebolaget Volvo.
LEGAL_PREFIXES = _words(
    "pt ooo oao zao pao pjsc ojsc cjsc jsc tov kk oy oyj uab gmbh sarl eurl srl spa doo eood ood"
    " llc llp ltd mup fgup aktiebolaget aktiebolag aktieselskabet osakeyhtio"
)

# Forms in front as well, or the initials of somebody: AB Volvo and AB InBev, SA Brain.
LEGAL_OR_INITIALS = _words("ab ag sa se as ad ao bv nv sas sc sia ou cv too kg ks societe")

# What only adds to a form: AB Volvo (publ).
LEGAL_ADDED = _words("publ tbk")

# Written differently, meaning the same.
LEGAL_SAME = {
    "limited": "ltd", "incorporated": "inc", "corporation": "corp", "corpn": "corp",
    "incorp": "inc", "company": "co", "berhad": "bhd", "ltda": "ltda", "limitada": "ltda",
    "aktiengesellschaft": "ag", "aktiebolag": "ab", "publ": "publ", "cooperative": "coop",
    "oyj": "oyj", "aktieselskab": "as", "aktieselskabet": "as", "aktiebolaget": "ab",
    "osakeyhtio": "oy", "cjsc": "zao", "pao": "pjsc", "oao": "ojsc", "private": "ltd",
    "pty": "ltd", "pvt": "ltd", "pte": "ltd", "compagnie": "co",
}  # fmt: skip

# What a form is called where the name is put into English.
LEGAL_IN_ENGLISH = {
    "oyj": "plc corp", "oy": "ltd", "asa": "plc", "aps": "ltd", "kk": "ltd corp inc co",
    "ooo": "ltd llc", "tov": "ltd llc", "zao": "jsc", "pjsc": "jsc", "ojsc": "jsc", "uab": "ltd",
}  # fmt: skip

# Share classes and exchange descriptors that exports glue to the name.
SECURITY_WORDS = _words("adr ads gdr inh ord registered spadr nam namen vink vinkuliert on shs dl")

# Only abbreviations with one meaning in a company's name.
ABBREVIATIONS = {
    "amer": "american", "assoc": "associates", "assur": "assurance", "bancorporation": "bancorp",
    "biopharma": "biopharmaceuticals", "biopharm": "biopharmaceuticals", "bk": "bank",
    "bldg": "building", "bros": "brothers", "cda": "canada", "centre": "center",
    "chem": "chemical", "chems": "chemicals", "comms": "communications",
    "cons": "consolidated", "constr": "construction", "ctr": "center", "dept": "department",
    "devel": "development", "devt": "development", "dist": "distribution",
    "ed": "education", "elec": "electric", "eng": "engineering", "engr": "engineering",
    "ent": "entertainment", "enterpr": "enterprises", "entpr": "enterprises",
    "env": "environmental", "eqpt": "equipment", "equip": "equipment",
    "expl": "exploration", "explor": "exploration",
    "fed": "federal", "fin": "financial", "finl": "financial", "fncl": "financial",
    "gp": "group", "grp": "group", "gr": "group", "gruppe": "group", "groupe": "group",
    "gruppo": "group", "grupo": "group", "groep": "group", "gov": "government",
    "hldg": "holding", "hldgs": "holdings", "hlds": "holdings", "hdg": "holding",
    "hdgs": "holdings", "hld": "holding", "hosp": "hospital", "hth": "health", "hlth": "health",
    "inds": "industries", "industr": "industries", "indl": "industrial",
    "ins": "insurance", "insur": "insurance", "inst": "institute", "instr": "instruments",
    "intl": "international", "intern": "international", "internat": "international",
    "internl": "international", "inv": "investment",
    "invs": "investments", "invt": "investment", "invest": "investment",
    "kon": "royal", "koninklijke": "royal", "labs": "laboratories", "lab": "laboratories",
    "mach": "machinery", "manuf": "manufacturing", "mfg": "manufacturing", "mfrs": "manufacturers",
    "matls": "materials", "med": "medical", "mgmt": "management", "mgt": "management",
    "mng": "mining", "mtg": "mortgage", "mtn": "mountain", "mtr": "motor",
    "mtrs": "motors", "mun": "municipal", "nat": "national", "natl": "national",
    "nth": "north", "ntwk": "network", "ntwks": "networks", "org": "organization",
    "partn": "partners", "ptnr": "partner", "ptnrs": "partners", "petr": "petroleum",
    "pete": "petroleum", "pharm": "pharmaceuticals", "pharma": "pharmaceuticals",
    "pharmac": "pharmaceuticals", "pharmaceutical": "pharmaceuticals", "phys": "physical",
    "prod": "products", "prods": "products", "prop": "properties", "props": "properties",
    "pwr": "power", "rec": "recreation", "rlty": "realty", "rty": "realty", "res": "resources",
    "resour": "resources", "rest": "restaurant", "rr": "railroad", "rwy": "railway",
    "ry": "railway", "sci": "sciences", "sec": "securities", "secs": "securities",
    "semicond": "semiconductor", "semiconduct": "semiconductor", "serv": "services",
    "srv": "services", "svc": "service", "svcs": "services", "soc": "society",
    "sth": "south", "sthn": "southern", "stl": "steel", "sys": "systems", "syst": "systems",
    "tech": "technologies", "techn": "technologies", "techs": "technologies",
    "technol": "technologies", "tel": "telephone", "telecom": "telecommunications",
    "therap": "therapeutics", "therapeut": "therapeutics", "trans": "transportation",
    "transp": "transportation", "tr": "trust", "tst": "trust", "und": "and", "univ": "university",
    "util": "utilities", "utils": "utilities", "vent": "ventures", "wld": "world", "wtr": "water",
}  # fmt: skip

# Not a company at all: what people type to get past a form.
JUNK_NAMES = frozenset(
    line.strip()
    for line in """
    na|none|null|nil|nan|unknown|test|testing|test company|tests|asdf|asdasd|qwerty|abcd|xxx|xx
    x|self|self employed|selfemployed|freelance|freelancer|individual|private|personal|privat
    me|myself|home|company|my company|the company|no company|your company|company name|consultant
    student|retired|unemployed|not applicable|not available|not provided|tbd|tba|inc|ltd|llc|gmbh
    corp|group|co|demo|example|sample|no|yes|n|owner|ceo|private person|keine|ohne|firma
    """.replace("\n", "|").split("|")
    if line.strip()
)

# Providers whose help pages say that "name+tag" is the mailbox "name" (Google, Microsoft, Apple,
# Proton, Fastmail), of them those that do not look at dots, and the same one by another host.
DOTLESS_MAIL = _words("gmail.com googlemail.com")
TAGGED_MAIL = DOTLESS_MAIL | _words(
    """
    outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it
    hotmail.es live.com live.co.uk live.nl msn.com icloud.com me.com mac.com proton.me
    protonmail.com protonmail.ch pm.me fastmail.com fastmail.fm
    """
)
SAME_MAIL = {"googlemail.com": "gmail.com"}


# Anybody has an address there; also the access providers whose customers write from it.
FREE_MAIL = _words(
    """
    gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de
    hotmail.fr hotmail.it hotmail.es live.com live.co.uk live.nl msn.com passport.com yahoo.com
    yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.in yahoo.co.in yahoo.co.jp
    yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.com.hk yahoo.com.tw yahoo.com.sg ymail.com
    rocketmail.com aol.com aol.de aim.com icloud.com me.com mac.com proton.me protonmail.com
    protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com gmx.de gmx.net gmx.at gmx.ch
    gmx.com web.de freenet.de t-online.de arcor.de mail.com mail.de posteo.de mailbox.org email.com
    zoho.com zohomail.com fastmail.com fastmail.fm hey.com hushmail.com inbox.com yandex.com
    yandex.ru ya.ru mail.ru bk.ru list.ru inbox.ru internet.ru rambler.ru qq.com foxmail.com
    163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com 21cn.com tom.com
    naver.com hanmail.net daum.net nate.com rediffmail.com libero.it virgilio.it alice.it tin.it
    tiscali.it orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr bluewin.ch
    hispeed.ch sunrise.ch telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl
    hetnet.nl btinternet.com btopenworld.com sky.com virginmedia.com ntlworld.com talktalk.net
    blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net
    charter.net earthlink.net optonline.net rogers.com shaw.ca sympatico.ca telus.net bigpond.com
    bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz uol.com.br bol.com.br terra.com.br
    ig.com.br globo.com seznam.cz centrum.cz email.cz wp.pl o2.pl onet.pl interia.pl op.pl abv.bg
    ukr.net i.ua walla.co.il walla.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp telia.com
    online.no mail.dk mailinator.com guerrillamail.com 10minutemail.com yopmail.com
    """
)

# Many companies share these hosts: a page there says nothing about its owner's domain.
SHARED_HOSTS = _words(
    """
    linkedin.com facebook.com fb.com fb.me twitter.com x.com instagram.com youtube.com youtu.be
    tiktok.com pinterest.com threads.net reddit.com medium.com xing.com vk.com weibo.com wechat.com
    t.me telegram.me whatsapp.com wa.me github.com gitlab.com bitbucket.org wikipedia.org
    wikidata.org crunchbase.com bloomberg.com yelp.com glassdoor.com indeed.com google.com goo.gl
    g.page bit.ly linktr.ee about.me wixsite.com wix.com weebly.com squarespace.com wordpress.com
    blogspot.com tumblr.com jimdo.com jimdosite.com jimdofree.com strikingly.com webflow.io
    webflow.com carrd.co godaddysites.com site123.me ueniweb.com business.site mystrikingly.com
    myshopify.com shopify.com etsy.com ebay.com amazon.com alibaba.com made-in-china.com
    indiamart.com tradeindia.com exportersindia.com 1688.com sharepoint.com onmicrosoft.com
    notion.site notion.so substack.com mailchimp.com hubspot.com typeform.com eventbrite.com
    calendly.com sec.gov opencorporates.com example.com example.org example.net
    """
)

# Brackets around these only qualify the name: Europa Oil & Gas (Holdings), Manchester Utd (New).
QUALIFIERS = _words(
    "new old the koninklijke kon royal group grp holding holdings hldgs international intl global"
    " worldwide europe asia africa americas overseas pacific emea apac reg registered nominee"
    " nominees operations"
)

ROMAN_NUMBERS = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
    "xi": 11, "xii": 12, "xiii": 13, "xiv": 14, "xv": 15, "xvi": 16,
}  # fmt: skip

# Two names of which one says north and the other south are two names.
SIDES = {
    "north": 1, "south": 2, "east": 4, "west": 8, "central": 16,
    "northeast": 5, "northwest": 9, "southeast": 6, "southwest": 10,
}  # fmt: skip

# Words that join others; they tell nothing, and the languages put them in different places.
STOP_WORDS = _words(
    "of and the de la le les des du di del della dei da do dos das der die den dem und fur for"
    " degli delle dello nel et en y e i zu zur zum im am an at in on to by van von het voor og och"
    " af au aux el los las"
)
