"""The same word in several languages: what an institution is called at home and abroad.

Everything is written the way `identity.name_key` leaves it: ASCII, lower case, other scripts by
their sound. An English word or phrase stands for all of its forms; `translated` puts it in their
place. Words that mean something else in a company's name are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

_FORMS = {
    # kinds of bodies
    "university": "universitat universitaet universite universidad universita universidade"
    " universiteit universitet universitetet uniwersytet univerzita univerzitet universitas"
    " universitatea universitesi universiteti egyetem yliopisto ulikool universitaria"
    " universitario universitaire univerza sveuciliste universitetas universitate unibertsitatea"
    " universiti universitatis panepistimio hochschule hogeschool hogskola hogskolan hogskolen"
    " hojskole prifysgol haskoli jmh ljmh visvvidyaly bisbbidyaly daehaggyo daigaku daxue"
    " universitair universitaires universitari universitaris universiteta univerziteta"
    " universitati universitatii universitetit univerzitni univerzitna univerzitetski"
    " uniwersytecki uniwersytecka uniwersyteckie yliopistollinen korkeakoulu tudomanyegyetem"
    " fakultni daneshgah dnshgh ywnywrsty yunivrsiti yuniversiti yuniversti yunifasiti"
    " iunibharsiti visvvidyalym hamalsaran pwhntwn znkoy ollscoil pamantasan pamantasang"
    " unibersidad srvklasal srvvklasal",
    "university applied science": "fachhochschule ammattikorkeakoulu",
    "technology university": "politechnika", "economics university": "wirtschaftsuniversitat",
    "university hospital": "universitatsklinikum universitatsspital uniklinik universitetssjukhus"
    " universitetssjukhuset universitetshospital universitetssykehus universitetssykehuset"
    " universitatskliniken",
    "institute": "institut instituto istituto instituut instytut instituttet institutet intezet"
    " enstitusu institutu institutas instituti instytutu instituta institutt inst ustav ustavu"
    " institutul instituts instituty institucia instituce intezete institiut instityut smsthan"
    " smstha sansthan prtisthan lmhd mhd",
    "research institute": "forschungsinstitut onderzoeksinstituut kenkyujo kenkyusho kenkiyuujiyo"
    " forskningsinstitut forskningsinstitutt tutkimuslaitos",
    "academy": "akademie academie academia accademia akademia akademiet akademin akademi akademiya"
    " akademija akademii akademisi akademiyasy akademiyasi akademiji acad akadeemia",
    "college": "colegio collegio kolleg colleges kolej foiskola klyh klej kalej klj klasal klluri"
    " kwalejin mahavidyalaya mhabidyaly mhavidyaly colaiste daigakubu",
    "school": "schule ecole escuela scuola escola skole skola szkola skolan shkola sekolah okulu"
    " skolen koulu shkolla",
    "faculty": "fakultat faculte facultad facolta faculdade fakulta fakultet fakultesi"
    " fakulteit wydzial",
    "hospital": "krankenhaus klinikum hopital ospedale ziekenhuis sjukhus sykehus szpital"
    " hospitalier hospitalar clinic klinik clinique clinica clinico nemocnice nemocnica hopitaux"
    " sjukhuset hastanesi bolnica bolnitsa korhaz sairaala spitalul spital hospitales hospitals"
    " ospedaliera ospedaliero ospedali ziekenhuizen sygehus sygehuset klinika kliniken haigla"
    " slimnica ligonine byoin biyouin mstshfa bymrstn nosokomeio",
    "center": "zentrum centro centrum centru sentrum tsentr merkezi centres centers centar centras"
    " kozpont senter keskus kentro mrkz lmrkz senta kemdr tsentar kozpontja osrodek",
    "museum": "musee museo museu muzeum muzeul muzej muzey musei hakubutsukan museet",
    "library": "bibliothek bibliotheque biblioteca biblioteka bibliotheek knihovna kniznica"
    " kirjasto konyvtar bibliotek toshokan biblioteket",
    "archive": "archiv archives archivo arquivo archivio archief archiwum arkiv",
    "foundation": "fondation fundacion fondazione fundacao stiftung stichting fundacja stiftelsen"
    " stiftelse nadace nadacia saatio fond fonden zaklada vakfi fundacio fundatia zaidan fundacija"
    " vakif fondet",
    "association": "asociacion associazione associacao vereinigung verband verein forening"
    " foreningen vereniging stowarzyszenie yhdistys dernegi associacio asociace forbund forbundet"
    " udruga udruzenje zdruzenje",
    "society": "sociedade sociedad societe societa gesellschaft seura sallskapet selskab selskap"
    " towarzystwo spolecnost obshchestvo tarsasag societat samfundet samfund societas tarsulat",
    "ministry": "ministerium ministere ministerio ministero ministerstvo ministerie ministerul"
    " bakanligi ministerstwo ministerstva kementerian ministarstvo ministeriet ministerija wzrh"
    " mntrnaly mmtraly",
    "federal ministry": "bundesministerium", "federal office": "bundesamt bundesanstalt",
    "state office": "landesamt", "state ministry": "staatsministerium",
    "agency": "agentur agencia agenzia agence agentschap agencja agentura",
    "authority": "behorde autorite autoridad autoridade autorita",
    "office": "amt oficina ufficio urad urzad",
    "department": "departement departamento dipartimento abteilung departament",
    "council": "conseil consejo consiglio conselho rat raad",
    "committee": "comite comitato komitee komitet komite",
    "commission": "comision commissione comissao kommission komisja",
    "federation": "federacion federazione federacao foderation federacja federatsiya",
    "union": "unione", "league": "liga ligue",
    "laboratory": "laboratoire laboratorio laboratorium labor laboratories laboratorija laboratori"
    " laboratoires",
    "observatory": "observatoire observatorio sternwarte osservatorio observatoriya",
    "group": "gruppe groupe gruppo grupo groep grupa",
    "network": "reseau netzwerk rete netwerk siec", "park": "parc parque parco",
    "bank": "banque banco banca banka bankasi bankas", "chamber": "kammer camara camera",
    "church": "kirche eglise iglesia chiesa igreja kerk kosciol",
    "city": "stadt miasta grad ciudad cidade citta sehir shiritsu",
    "theatre": "theater teatro teatr", "house": "haus maison casa",
    "town": "stadtische municipal municipale",
    "research center": "forschungszentrum forskningscenter kutatokozpont tutkimuskeskus"
    " onderzoekscentrum",
    "art academy": "kunstakademie kunstakademiet kunstakademi",
    "art university": "kunsthochschule kunsthogskolen",
    "music university": "musikhochschule musikhogskolan",
    "art museum": "kunstmuseum kunstmuseet bijutsukan",
    "children hospital": "kinderkrankenhaus kinderklinik kinderspital",
    "medical center": "uilyowon", "state library": "staatsbibliothek landesbibliothek",
    "national library": "nationalbibliothek nationalbiblioteket",
    "national museum": "nationalmuseum nationalmuseet", "research foundation": "tutkimussaatio",
    "health ministry": "gesundheitsministerium", "finance ministry": "finanzministerium",
    "federal institute": "bundesinstitut", "state institute": "landesinstitut",
    "private university": "privatuniversitat", "secretariat": "secretaria",
    "republic": "republique republica republika republik republiky respublika respubliki"
    " cumhuriyeti",
    "government": "gouvernement gobierno governo regierung",
    "agriculture university": "lantbruksuniversitet",
    # what they are about
    "technology": "technologie tecnologia technologii teknologi tehnologie technologies"
    " technological technologique tecnologico tecnologica technical technische technischen"
    " technischer technique techniques tecnica tecnico tecnicas technisch tekniska tekniske"
    " techniczny techniczna technicka technicke teknik teknoloji tekhnologii tekhnologiy"
    " tekhnologicheskiy tekhnicheskiy tehnicki tehnica teknikal tecnologias tecnologicas"
    " tekhnichniy tekhnologichniy technologiczny technologicky tehnologija tehnologije tehnoloski"
    " texnologiya teicneolaiochta praudyogiki pryukti gijutsu gijiyutsu ltqnyh wltknwlwjy"
    " lltknwlwjy",
    "polytechnic": "politecnico polytechnique politecnica politehnica polytechnische polytechnical"
    " polytekniske politekhnicheskiy politecnic veleuciliste politeknik politekhnika",
    "science": "sciences wissenschaft wissenschaften scienze ciencias ciencia nauk videnskab"
    " scientific scientifique cientifico cientifica scientifica wetenschappen wetenschap bilimler"
    " bilim nauki stiinte vied sains vetenskap naukowe naukowy nauchnyy nauchno wetenschappelijk"
    " wetenschappelijke cientificas ciencies stiintifice tieteen znanosti vedecky vijnan bijnan"
    " lllwm llwm lwm",
    "research": "forschung recherche recherches investigacion ricerca ricerche pesquisa pesquisas"
    " onderzoek forskning forschungs investigaciones badawczy badan investigacao arastirma"
    " cercetare vyzkum vyzkumny issledovatelskiy issledovaniy kutatointezet tutkimus recerca"
    " vyskumna vyskumny vyzkumna badawcza tutkimuksen istrazivanja istrazivacki investigacio"
    " naukowo kenkyu kenkiyuu anusmdhan thqyqt",
    "medical": "medicine medizinische medizinischer medizin medecine medicina medyczny medica"
    " medicale medico medicas meditsinskiy medicinska medyczna medychnyy medisinske meditsiny"
    " medichniy meditsina medisch medische lekarski lekarska pzshky ltbyh medikel medikl medikyal",
    "health": "gesundheit sante salud saude salute gezondheid zdrowia helse sundhed saglik salut"
    " sanitaria sanitario sanitarie sanita kesehatan zdravlje zdravlja zdravi zdravotni zdorovya"
    " halsa terveyden ygeias svasthy",
    "education": "educacion educacao pendidikan obrazovaniya egitim pedagogical padagogische"
    " pedagogico pedagogica pedagogiczny pedagogicheskiy erziehung utbildning onderwijs bildung"
    " enseignement ensino ensenanza insegnamento pedagogika vzdelavani obrazovanie kyoiku ltlym"
    " wltlym amwzsh ilimi",
    "applied": "angewandte angewandter appliquees appliquee aplicadas aplicada applicate"
    " stosowanych toegepaste lttbyqyh",
    "engineering": "ingenierie ingenieria engenharia ingegneria ingenieurwissenschaften"
    " muhendislik ingenieur ingenieurs ingenieros enginyeria muhendisligi imjiniyrimg inzynierii",
    "agriculture": "agricultural agricola agrarian agraria agrario agricoles landwirtschaft"
    " rolniczy agrarnyy agrarwissenschaften agronomique agronomic agronomia pertanian ziraat"
    " agronomiques agricole agricultura agrarniy agrarna rolnicza zemedelska landbouw landbrug"
    " lantbruk krishi krsi nogyo nougiyou",
    "economics": "economic economy economia economica economicas economiques wirtschaft ekonomi"
    " ekonomiczny ekonomicheskiy okonomie economie ekonomii handelshogskolan economique"
    " economische economisch economicos ekonomichniy ekonomiki ekonomika ekonomiczna ekonomske",
    "chemistry": "chemie chimie quimica chimica chimique chemii kimia",
    "physics": "physik physique fisica fisicas fiziki fizyki physiques fizika fiziko fisicos",
    "biology": "biologie biologia biological biologica biologiques biologicas biologii",
    "mathematics": "mathematik mathematiques matematica matematicas matematik matematyki"
    " mathematique mathematical matematiki",
    "informatics": "informatik informatique informatica informatiche",
    "psychology": "psychologie psicologia", "pharmacy": "pharmacie farmacia pharmazie",
    "veterinary": "veterinaria veterinaire veterinar tierarztliche weterynarii",
    "cancer": "krebs cancerologie tumori", "heart": "herz coeur cardiologie",
    "law": "droit derecho direito recht diritto", "culture": "kultur cultura cultural kultury",
    "history": "histoire historia storia geschichte",
    "art": "arts kunst kunste arte artes sztuk arti konst",
    "music": "musik musique musica muziek muzyczna", "sport": "sports deporte deportes esporte",
    "industry": "industrie industria",
    "energy": "energie energia energetica enerji energetique energetiques energetico energetyki"
    " energii",
    "environment": "environnement umwelt ambiente environmental srodowiska ambiental ambientales"
    " medioambiente environnementales kankyo kankiyou",
    "water": "eau agua acqua wasser eaux aguas", "food": "aliment alimentos lebensmittel",
    "transport": "verkehr transporte trasporti", "defence": "defense defensa difesa defesa",
    "development": "developpement desarrollo entwicklung sviluppo desenvolvimento ontwikkeling",
    "insurance": "versicherung versicherungen seguros assurances assurance assicurazioni"
    " verzekeringen sigorta pojistovna ubezpieczen",
    "geology": "geological geologique geologia geologico geologische",
    "business": "affaires negocios affari", "management": "gestion gestao manajemen",
    "administration": "administracion administracao amministrazione verwaltung",
    "studies": "etudes estudios studi estudos studien",
    "children": "enfants ninos bambini kinder childrens",
    "women": "femmes mujeres frauen donne mulheres womens joshi jiyoshi mahila",
    "language": "langues lenguas sprachen lingue", "social": "sociales sociale sociais soziale",
    "people": "peoples renmin", "natural science": "naturwissenschaften",
    "social science": "sozialwissenschaften",
    "biomedical": "biomedica biomedico biomedicale biomedicas biomedicales biomedizinische",
    "biomedicine": "biomedecine biomedicina biomedizin",
    "nuclear": "nucleare nucleaire nucleaires nukleare yadernyy yadernoy jaderne",
    "materials": "materiaux materiales materiais materiali werkstoffe",
    "systems": "systemes sistemas sistemi systeme",
    "genetics": "genetique genetica genetik genetiki genetyki",
    "molecular": "moleculaire moleculaires molecolare molekulare molekular molecolari",
    "molecular biology": "molekularbiologie",
    "innovation": "innovacion inovacao innovazione innovacio innovationen",
    "information": "informacion informacao informazione informacji informatsii",
    "data": "donnees datos dados daten", "mechanics": "mecanique mecanica mechanik meccanica",
    "space": "espacial spaziale lespace weltraum",
    "resources": "ressources recursos risorse ressourcen",
    "forest": "forets foret forestal forestale",
    "ecology": "ecologie ecologia ecological ecologique ecologica okologie ekologii",
    "epidemiology": "epidemiologie epidemiologia",
    "microbiology": "microbiologie microbiologia mikrobiologie mikrobiologii",
    "immunology": "immunologie inmunologia imunologia immunologia",
    "physiology": "physiologie fisiologia",
    "pharmacology": "pharmacologie farmacologia pharmakologie",
    "sociology": "sociologie sociologia soziologie",
    "philosophy": "philosophie filosofia filozofii",
    "archaeology": "archeologie arqueologia archaologie archeologia archeology archeologii",
    "biotechnology": "biotechnologie biotecnologia biotechnologii biotehnologii",
    "geophysics": "geophysique geofisica geophysik",
    "astrophysics": "astrophysique astrofisica astrophysik",
    "astronomy": "astronomie astronomia astronomii astronomique",
    "oceanography": "oceanographie oceanografia oceanographic oceanografico",
    "meteorology": "meteorologie meteorologia meteorological meteorologique",
    "oncology": "oncologie oncologia onkologie onkologii oncologico",
    "cardiology": "cardiologia kardiologii kardiologie", "neurology": "neurologie neurologia",
    "neuroscience": "neurosciences neurociencias neurociencia neurowissenschaften",
    "psychiatry": "psychiatrie psiquiatria psichiatria psychiatrii",
    "pediatrics": "pediatrie pediatria padiatrie pediatrii",
    "rehabilitation": "rehabilitacion reabilitacao rehabilitacji riabilitazione",
    "nutrition": "nutricion nutricao nutrizione ernahrung",
    "nursing": "infirmieres enfermeria enfermagem krankenpflege",
    "biodiversity": "biodiversite biodiversidad biodiversidade biodiversita biodiversitat",
    "robotics": "robotique robotica robotik", "optics": "optique optica optik",
    "electronics": "electronique elektronik elettronica elektroniki",
    "telecommunications": "telecomunicaciones telecomunicacoes telecomunicazioni telekommunikation"
    " telekomunikasyon telekomunikasi",
    "investments": "inversiones investissements investimentos investimenti",
    "cooperation": "cooperacion cooperacao cooperazione zusammenarbeit",
    # of what kind
    "national": "nationale nationales nationaler nacional nazionale nationaal nationalen narodni"
    " narodowy nasional ulusal natsionalnyi natsionalnyy natsionalna rastriy nacionalni nacionales"
    " nasjonalt nationella natsionalniy natsionalnoi natsionalnaya natsionalnogo natsionalen"
    " narodowa kokuritsu jatiy milli lwtnyh rashtriya",
    "state": "staatliche staatliches estatal statale etat panstwowy panstwowa gosudarstvennyi"
    " gosudarstvennyy gosudarstvennaya derzhavniy estadual negeri detat statni devlet estado stato"
    " staats statens davlat derzhavna derzhavnyi gosudarstvennogo dzyarzhauny",
    "federal": "bundes federale federalnyy federais eidgenossische federala",
    "regional": "regionale regionales regionaler region regionalny oblastnoy regione krajska"
    " krajsky",
    "central": "centrale centrales zentral tsentralnyy centralny",
    "royal": "reale royale konigliche kongelige kungliga koninklijke koninklijk diraja",
    "catholic": "catolica catholique katholische cattolica katolicki katolik katholieke katolicka",
    "islamic": "islam islami islamique islamische islamica lslmyh slmy islomiy",
    "christian": "chretienne cristiana christliche kristen krzescijanska",
    "evangelical": "evangelische evangelica evangelique",
    "pontifical": "pontificia pontificio pontificale",
    "autonomous": "autonoma autonome autonomo autonomico",
    "free": "freie libre libera libero vrije livre wolny",
    "open": "ouverte abierta aberta aperta terbuka offene",
    "higher": "superieure superieur superior superiore superieures wyzsza superiores vysoka visoka",
    "general": "generale generales allgemeine geniko genel",
    "advanced": "avancees avanzados avancados avanzate avanzada avanzado avancee",
    "private": "privada privado privata prive",
    "public": "publica publico publique pubblica publiques",
    "international": "internacional internazionale internationale internationaal internationales"
    " mezhdunarodnyy miedzynarodowy uluslararasi internasional medzinarodna xalqaro mizhnarodnyi"
    " ldwlyh",
    "european": "europaische europaisches europeen europeenne europeo europea europejski europees",
    "junior": "tanki", "prefectural": "kenritsu",
    "military": "militaire militar militare wojskowa voennaya",
    "natural": "naturelles naturales naturali naturais naturelle",
    "political": "politiques politicas politische", "human": "humaine humana umana",
    "clinical": "klinicki klinicka kliniczny klinische",
    # whose
    "german": "deutsche deutscher deutsches deutschen deutsch",
    "french": "francais francaise francaises francesa francese franzosische",
    "italian": "italiano italiana italiane italiani italienische italien italienne",
    "spanish": "espanol espanola spanische", "portuguese": "portugues portuguesa",
    "british": "britanica britannique", "english": "inglesa anglais",
    "american": "americana americano americaine amerikanische", "canadian": "canadien canadienne",
    "brazilian": "brasileiro brasileira brasileiros", "mexican": "mexicano mexicana",
    "argentine": "argentino", "polish": "polskie polski polskiego",
    "russian": "rossiyskiy rossiyskaya russe rusa", "ukrainian": "ukrainskiy ukrainska",
    "czech": "ceska cesky ceske", "slovak": "slovenska slovenskej", "hungarian": "magyar",
    "romanian": "romana romane", "turkish": "turk turkiye", "greek": "ellinika elliniki hellenic",
    "dutch": "nederlands nederlandse", "belgian": "belge belgische",
    "swiss": "schweizerische schweizer suisse svizzero svizzera schweizerisches",
    "austrian": "osterreichische osterreichischer", "danish": "danske dansk",
    "swedish": "svenska svensk", "norwegian": "norske norsk",
    "finnish": "suomen finska finlandaise", "estonian": "eesti", "latvian": "latvijas",
    "lithuanian": "lietuvos", "african": "africaine africana africano afrikaanse", "asian": "asie",
    "latin": "latino latina", "indian": "bhartiy indien",
    # where
    "north": "nord norte northern noord norra nordre severnyy",
    "south": "sud sur sul southern zuid sodra yuzhnyy", "west": "ouest oeste western zapadni",
    "east": "ost est eastern este vostochnyy", "northeast": "northeastern nordeste",
    "southeast": "southeastern sudeste", "northwest": "northwestern", "southwest": "southwestern",
    "new": "neue nouveau nouvelle nueva nuevo nova",
    "saint": "st ste san santa sankt sao sainte sint", "munich": "munchen muenchen",
    "cologne": "koln koeln", "vienna": "wien", "zurich": "zuerich",
    "nuremberg": "nurnberg nuernberg", "geneva": "geneve genf ginebra", "milan": "milano mailand",
    "rome": "roma rom", "turin": "torino", "florence": "firenze florenz", "venice": "venezia",
    "naples": "napoli neapel", "genoa": "genova", "padua": "padova",
    "moscow": "moskva moskau moskovskiy moscou", "petersburg": "peterburg peterburgskiy",
    "warsaw": "warszawa warschau warszawski warszawska",
    "krakow": "cracow krakau krakowski krakowska", "wroclaw": "breslau wroclawski wroclawska",
    "gdansk": "danzig gdanski gdanska", "silesia": "slaski slaska schlesien",
    "prague": "praha prag praze", "brussels": "bruxelles brussel", "antwerp": "antwerpen anvers",
    "ghent": "gent gand", "leuven": "louvain", "liege": "luttich luik", "lisbon": "lisboa lissabon",
    "seville": "sevilla", "zaragoza": "saragossa", "copenhagen": "kobenhavn kobenhavns",
    "gothenburg": "goteborg goteborgs", "bucharest": "bucuresti", "belgrade": "beograd beogradu",
    "sofia": "sofiyski", "athens": "athina athinon", "thessaloniki": "saloniki",
    "hague": "haag haagse", "basel": "basle bale", "bern": "berne", "lucerne": "luzern",
    "brunswick": "braunschweig", "hanover": "hannover", "kyiv": "kiev kiivskiy kyivskyi",
    "kharkiv": "kharkov kharkivskiy", "lviv": "lvov lemberg", "odesa": "odessa", "lyon": "lyons",
    "marseille": "marseilles", "nice": "nizza", "strasbourg": "strassburg", "beijing": "peking",
    "guangzhou": "canton", "nanjing": "nanking", "kolkata": "calcutta", "mumbai": "bombay",
    "chennai": "madras", "bengaluru": "bangalore", "yangon": "rangoon",
    "istanbul": "constantinople", "havana": "habana", "mexico": "mexique mexiko",
    "tehran": "teheran", "algiers": "alger argel", "tunis": "tunez", "cairo": "caire kahire",
    "damascus": "damas", "tashkent": "toshkent tashkentskiy",
    "dnipro": "dnepropetrovsk dniprovskiy", "bavaria": "bayern bavarian bayerische bayerisches",
    "saxony": "sachsen sachsische", "brittany": "bretagne", "normandy": "normandie",
    "andalusia": "andalucia", "catalonia": "catalunya cataluna", "tuscany": "toscana",
    "lombardy": "lombardia", "sicily": "sicilia", "sardinia": "sardegna cerdena",
    "flanders": "vlaanderen", "germany": "deutschland allemagne alemania",
    "france": "frankreich francia", "italy": "italia", "spain": "espana espagne spanien",
    "brazil": "brasil bresil", "austria": "osterreich",
    "sweden": "sverige sveriges",
    "norway": "norge norges",
    "denmark": "danmark danmarks",
    "finland": "suomi finlands",
    "poland": "polska polen pologne polsce",
    "switzerland": "schweiz",
    "netherlands": "nederland nederlandsche",
    "belgium": "belgie belgique belgien",
    "croatia": "hrvatska hrvatske", "serbia": "srbija srbije", "hungary": "hongrie ungarn",
    "greece": "ellada",
    "japan": "japon nihon",
    "morocco": "maroc marruecos",
    "algeria": "algerie argelia",
    "lebanon": "liban", "egypt": "egypte", "ukraine": "ukraini ukrainy ukraina",
    "russia": "rossii russie", "kazakhstan": "qazaqstan", "uzbekistan": "ozbekiston",
    "africa": "afrique afrika", "america": "amerique amerika", "europe": "europa",
    "united": "unis unidos vereinigte",
    "lausanne": "losanna", "ireland": "irlande irlanda heireann",
    "scotland": "ecosse escocia schottland", "quebec": "quebecois quebecoise", "china": "zhongguo",
    "thailand": "thailande tailandia", "iceland": "islande islands",
}  # fmt: skip


@cache
def _words() -> dict[str, tuple[str, ...]]:
    found = {form: tuple(word.split()) for word, forms in _FORMS.items() for form in forms.split()}
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
    return {word: forms.split() for word, forms in _FORMS.items() if " " not in word}
