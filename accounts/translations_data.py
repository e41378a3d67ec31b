"""Words of institutions' names in English, each with its forms in other languages.

Everything is written the way `identity.name_key` leaves it: ASCII, lower case, other scripts by
their sound. Words that mean something else in a company's name are left out.
"""

from __future__ import annotations

FORMS = {
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
    " kwalejin mahavidyalaya mhabidyaly mhavidyaly colaiste daigakubu xueyuan gakuin yuksekokulu",
    "school": "schule ecole escuela scuola escola skole skola szkola skolan shkola sekolah okulu"
    " skolen koulu shkolla gakko xuexiao okul koledz",
    "faculty": "fakultat faculte facultad facolta faculdade fakulta fakultet fakultesi fakulteit"
    " wydzial gakubu fakultas fakulteta fakulteto",
    "hospital": "krankenhaus klinikum hopital ospedale ziekenhuis sjukhus sykehus szpital"
    " hospitalier hospitalar clinic klinik clinique clinica clinico nemocnice nemocnica hopitaux"
    " sjukhuset hastanesi bolnica bolnitsa korhaz sairaala spitalul spital hospitales hospitals"
    " ospedaliera ospedaliero ospedali ziekenhuizen sygehus sygehuset klinika kliniken haigla"
    " slimnica ligonine byoin biyouin mstshfa bymrstn nosokomeio yiyuan",
    "center": "zentrum centro centrum centru sentrum tsentr merkezi centres centers centar centras"
    " kozpont senter keskus kentro mrkz lmrkz senta kemdr tsentar kozpontja osrodek chushin",
    "museum": "musee museo museu muzeum muzeul muzej muzey musei hakubutsukan museet muzesi"
    " bowuguan",
    "library": "bibliothek bibliotheque biblioteca biblioteka bibliotheek knihovna kniznica"
    " kirjasto konyvtar bibliotek toshokan biblioteket kutuphane kutuphanesi perpustakaan"
    " tushuguan",
    "archive": "archiv archives archivo arquivo archivio archief archiwum arkiv arsiv arsip",
    "foundation": "fondation fundacion fondazione fundacao stiftung stichting fundacja stiftelsen"
    " stiftelse nadace nadacia saatio fond fonden zaklada vakfi fundacio fundatia zaidan fundacija"
    " vakif fondet yayasan kikin",
    "association": "asociacion associazione associacao vereinigung verband verein forening"
    " foreningen vereniging stowarzyszenie yhdistys dernegi associacio asociace forbund forbundet"
    " udruga udruzenje zdruzenje cemiyeti kyokai gakkai persatuan",
    "society": "sociedade sociedad societe societa gesellschaft seura sallskapet selskab selskap"
    " towarzystwo spolecnost obshchestvo tarsasag societat samfundet samfund societas tarsulat"
    " tovarystvo",
    "ministry": "ministerium ministere ministerio ministero ministerstvo ministerie ministerul"
    " bakanligi ministerstwo ministerstva kementerian ministarstvo ministeriet ministerija wzrh"
    " mntrnaly mmtraly ministeri ministeerium",
    "federal ministry": "bundesministerium", "federal office": "bundesamt bundesanstalt",
    "state office": "landesamt", "state ministry": "staatsministerium",
    "agency": "agentur agencia agenzia agence agentschap agencja agentura ajansi",
    "authority": "behorde autorite autoridad autoridade autorita myndighet myndigheten kurumu",
    "office": "amt oficina ufficio urad urzad kantor kontor ofisi",
    "department": "departement departamento dipartimento abteilung departament bolumu katedra"
    " departemen",
    "council": "conseil consejo consiglio conselho rat raad rada sovet majlis meclisi",
    "committee": "comite comitato komitee komitet komite",
    "commission": "comision commissione comissao kommission komisja",
    "federation": "federacion federazione federacao foderation federacja federatsiya federasyonu",
    "union": "unione unie zwiazek svaz", "league": "liga ligue",
    "laboratory": "laboratoire laboratorio laboratorium labor laboratories laboratorija laboratori"
    " laboratoires laboratoriya makmal laborator",
    "observatory": "observatoire observatorio sternwarte osservatorio observatoriya observatorium"
    " obserwatorium",
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
    " lltknwlwjy ligong keji gijutsukagaku",
    "polytechnic": "politecnico polytechnique politecnica politehnica polytechnische polytechnical"
    " polytekniske politekhnicheskiy politecnic veleuciliste politeknik politekhnika"
    " politechniczny",
    "science": "sciences wissenschaft wissenschaften scienze ciencias ciencia nauk videnskab"
    " scientific scientifique cientifico cientifica scientifica wetenschappen wetenschap bilimler"
    " bilim nauki stiinte vied sains vetenskap naukowe naukowy nauchnyy nauchno wetenschappelijk"
    " wetenschappelijke cientificas ciencies stiintifice tieteen znanosti vedecky vijnan bijnan"
    " lllwm llwm lwm rika kagaku ilmu",
    "research": "forschung recherche recherches investigacion ricerca ricerche pesquisa pesquisas"
    " onderzoek forskning forschungs investigaciones badawczy badan investigacao arastirma"
    " cercetare vyzkum vyzkumny issledovatelskiy issledovaniy kutatointezet tutkimus recerca"
    " vyskumna vyskumny vyzkumna badawcza tutkimuksen istrazivanja istrazivacki investigacio"
    " naukowo kenkyu kenkiyuu anusmdhan thqyqt",
    "medical": "medicine medizinische medizinischer medizin medecine medicina medyczny medica"
    " medicale medico medicas meditsinskiy medicinska medyczna medychnyy medisinske meditsiny"
    " medichniy meditsina medisch medische lekarski lekarska pzshky ltbyh medikel medikl medikyal"
    " igaku yike",
    "health": "gesundheit sante salud saude salute gezondheid zdrowia helse sundhed saglik salut"
    " sanitaria sanitario sanitarie sanita kesehatan zdravlje zdravlja zdravi zdravotni zdorovya"
    " halsa terveyden ygeias svasthy hoken kenko kebersihan",
    "education": "educacion educacao pendidikan obrazovaniya egitim pedagogical padagogische"
    " pedagogico pedagogica pedagogiczny pedagogicheskiy erziehung utbildning onderwijs bildung"
    " enseignement ensino ensenanza insegnamento pedagogika vzdelavani obrazovanie kyoiku ltlym"
    " wltlym amwzsh ilimi jiaoyu",
    "applied": "angewandte angewandter appliquees appliquee aplicadas aplicada applicate"
    " stosowanych toegepaste lttbyqyh terapan uygulamali aplikovane applique applicata",
    "engineering": "ingenierie ingenieria engenharia ingegneria ingenieurwissenschaften"
    " muhendislik ingenieur ingenieurs ingenieros enginyeria muhendisligi imjiniyrimg inzynierii",
    "agriculture": "agricultural agricola agrarian agraria agrario agricoles landwirtschaft"
    " rolniczy agrarnyy agrarwissenschaften agronomique agronomic agronomia pertanian ziraat"
    " agronomiques agricole agricultura agrarniy agrarna rolnicza zemedelska landbouw landbrug"
    " lantbruk krishi krsi nogyo nougiyou nogaku nongye nongeop",
    "economics": "economic economy economia economica economicas economiques wirtschaft ekonomi"
    " ekonomiczny ekonomicheskiy okonomie economie ekonomii handelshogskolan economique"
    " economische economisch economicos ekonomichniy ekonomiki ekonomika ekonomiczna ekonomske"
    " keizai caijing jingji",
    "chemistry": "chemie chimie quimica chimica chimique chemii kimia kimya khimii chemiczny"
    " chemickych",
    "physics": "physik physique fisica fisicas fiziki fizyki physiques fizika fiziko fisicos"
    " fisika wuli",
    "biology": "biologie biologia biological biologica biologiques biologicas biologii biologi"
    " biologicheskiy",
    "mathematics": "mathematik mathematiques matematica matematicas matematik matematyki"
    " mathematique mathematical matematiki matematika",
    "informatics": "informatik informatique informatica informatiche",
    "psychology": "psychologie psicologia",
    "pharmacy": "pharmacie farmacia pharmazie yakka yakugaku farmasi eczacilik farmacji"
    " farmaceutyczny pharmaceutiques",
    "veterinary": "veterinaria veterinaire veterinar tierarztliche weterynarii veteriner"
    " veterinarni veterinarska veterinarnoy veterinarias hewan",
    "cancer": "krebs cancerologie tumori", "heart": "herz coeur cardiologie",
    "law": "droit derecho direito recht diritto hogaku faxue hukuk hukum prawa prava yuridik",
    "culture": "kultur cultura cultural kultury kebudayaan kulturen",
    "history": "histoire historia storia geschichte historii sejarah tarih dejin istorii",
    "art": "arts kunst kunste arte artes sztuk arti konst geijutsu bijutsu seni sanat",
    "music": "musik musique musica muziek muzyczna ongaku",
    "sport": "sports deporte deportes esporte", "industry": "industrie industria",
    "energy": "energie energia energetica enerji energetique energetiques energetico energetyki"
    " energii energi energetyczny energetiki tenaga",
    "environment": "environnement umwelt ambiente environmental srodowiska ambiental ambientales"
    " medioambiente environnementales kankyo kankiyou cevre lingkungan miljo miljoe prostredi"
    " zivotniho",
    "water": "eau agua acqua wasser eaux aguas", "food": "aliment alimentos lebensmittel",
    "transport": "verkehr transporte trasporti",
    "defence": "defense defensa difesa defesa savunma pertahanan obrony oborony",
    "development": "developpement desarrollo entwicklung sviluppo desenvolvimento ontwikkeling",
    "insurance": "versicherung versicherungen seguros assurances assurance assicurazioni"
    " verzekeringen sigorta pojistovna ubezpieczen",
    "geology": "geological geologique geologia geologico geologische",
    "business": "affaires negocios affari",
    "management": "gestion gestao manajemen yonetim zarzadzania upravleniya rizeni",
    "administration": "administracion administracao amministrazione verwaltung idari administrasi"
    " administracji",
    "studies": "etudes estudios studi estudos studien",
    "children": "enfants ninos bambini kinder childrens",
    "women": "femmes mujeres frauen donne mulheres womens joshi jiyoshi mahila kadin perempuan"
    " donna mulher kobiet nuzi",
    "language": "langues lenguas sprachen lingue bahasa jazyka",
    "social": "sociales sociale sociais soziale sosyal sosial spoleczny spolecznych",
    "people": "peoples renmin", "natural science": "naturwissenschaften",
    "social science": "sozialwissenschaften",
    "biomedical": "biomedica biomedico biomedicale biomedicas biomedicales biomedizinische",
    "biomedicine": "biomedecine biomedicina biomedizin",
    "nuclear": "nucleare nucleaire nucleaires nukleare yadernyy yadernoy jaderne nuklir nukleer"
    " jadrowy jadrowej kernenergie",
    "materials": "materiaux materiales materiais materiali werkstoffe materialow materialov"
    " materialovedeniya malzeme",
    "systems": "systemes sistemas sistemi systeme",
    "genetics": "genetique genetica genetik genetiki genetyki",
    "molecular": "moleculaire moleculaires molecolare molekulare molekular molecolari",
    "molecular biology": "molekularbiologie",
    "innovation": "innovacion inovacao innovazione innovacio innovationen",
    "information": "informacion informacao informazione informacji informatsii bilisim informasi"
    " informacii informacni",
    "data": "donnees datos dados daten", "mechanics": "mecanique mecanica mechanik meccanica",
    "space": "espacial spaziale lespace weltraum kosmicheskikh kosmicznych uzay antariksa",
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
    "nursing": "infirmieres enfermeria enfermagem krankenpflege kango keperawatan hemsirelik",
    "biodiversity": "biodiversite biodiversidad biodiversidade biodiversita biodiversitat",
    "robotics": "robotique robotica robotik", "optics": "optique optica optik",
    "electronics": "electronique elektronik elettronica elektroniki",
    "telecommunications": "telecomunicaciones telecomunicacoes telecomunicazioni telekommunikation"
    " telekomunikasyon telekomunikasi",
    "investments": "inversiones investissements investimentos investimenti",
    "cooperation": "cooperacion cooperacao cooperazione zusammenarbeit",
    # more of what they are about, and of whom
    "finance": "finances finanzas finanze financas finanzen financni finansowy finanse finansov"
    " maliye keuangan finansiel finansowe",
    "statistics": "statistique statistiques estadistica estatistica statistica statistik"
    " statystyki statistiky",
    "safety": "securite seguridad seguranca sicurezza sicherheit veiligheid sikkerhed sikkerhet"
    " sakerhet bezpieczenstwa bezpecnost bezopasnosti guvenlik anzen keselamatan",
    "justice": "justicia giustizia justica justiz sprawiedliwosci spravedlnosti adalet yustisi",
    "labour": "trabajo travail lavoro trabalho arbeit praca pracy prace truda",
    "employment": "empleo emploi impiego emprego",
    "tourism": "tourisme turismo tourismus turystyki turizm pariwisata turismu",
    "fisheries": "pesca peche pescas fischerei rybolovstva perikanan balikcilik suisan fiskeri"
    " rybacki",
    "forestry": "sylviculture silvicultura forstwirtschaft skogsbruk lesnictvi lesnictva kehutanan"
    " ormancilik ringyo lesny lesnoy",
    "mining": "mines minas minero mineria miniere bergbau gornictwa gornyy madencilik",
    "metallurgy": "metallurgie metalurgia metallurgia metallurgii",
    "geography": "geographie geografia geografii geographical geographique",
    "geodesy": "geodesie geodesia geodezii geodezji",
    "marine": "maritime maritimes maritimo maritima marino marina marins morski morska morskoy"
    " kaiyo denizcilik marinhas meeres",
    "aviation": "aeronautique aeronautica luftfahrt lotnictwa lotniczy havacilik penerbangan koku"
    " aeronautical",
    "aerospace": "aerospatiale aeroespacial aerospaziale",
    "railway": "ferroviaire ferrocarriles ferroviario eisenbahn kolejowy",
    "police": "policia polizia polizei politie policji politi polis",
    "architecture": "arquitectura architettura arquitetura architektur architektury mimarlik",
    "construction": "bauwesen construccion costruzioni construcao budownictwa insaat stroitelnyy"
    " stroitelstva",
    "civil": "civile civiles zivil", "urban": "urbain urbaine urbano urbana urbanisme urbanismo",
    "rural": "rurale ruraux rurales ruraal",
    "youth": "jeunesse juventud gioventu juventude jugend mladeze mlodziezy genclik",
    "family": "famille familia famiglia familie rodziny", "child": "enfant dziecka ditete",
    "diabetes": "diabete diabetologie diabetologia zuckerkrankheit",
    "blood": "sangue blut krwi krve", "tropical": "tropicale tropicales tropen tropicais tropisk",
    "infectious": "infectieuses infecciosas infettive infektions zakaznych",
    "diseases": "maladies enfermedades malattie doencas krankheiten ziekten chorob bolezney"
    " hastaliklari nemoci penyakit disease",
    "virology": "virologie virologia virologii", "hygiene": "higiene igiene hygieny higieny",
    "dental": "dentaire dentaria odontologia odontologie zahnmedizin stomatologii stomatologie"
    " stomatologia dentistry dishekimligi shika",
    "eye": "augen ophtalmologie oftalmologia ophthalmology oftalmologii augenklinik",
    "surgery": "chirurgie cirugia chirurgia cirurgia",
    "orthopedic": "orthopedique ortopedia ortopedico orthopadie orthopedics orthopaedic"
    " orthopaedics ortopedyczny",
    "trauma": "traumatologie traumatologia traumatologii",
    "maternity": "maternite maternidad maternidade maternita", "mental": "mentale psychiatrique",
    "clinics": "cliniques clinicas klinieken", "therapy": "therapie terapia terapii",
    "radiation": "rayonnement radiacion radiazione strahlen stralsakerhet radiatsionnoy"
    " radiologique",
    "thermal": "thermique termica thermische",
    "computing": "calcul computacion computacao calcolo rechnen",
    "computer": "ordinateur computador ordenadores bilgisayar computadores computers komputerowy"
    " komputer",
    "mechanical": "mecaniques mecanicas meccaniche maschinenbau mechaniczny mekanik",
    "electrical": "electrique electriques electrica electricas electrotechnique elettrica"
    " elektrotechnik elektryczny elektrotechniki elektronika elektrotechnicky elektro",
    "textile": "textiles textil tessile textilne wlokienniczy",
    "process": "procedes procesos processi processos verfahren",
    "quality": "qualite calidad qualita qualidade qualitat jakosci",
    "standards": "normalisation normalizacion normas normung",
    "metrology": "metrologie metrologia metrologii",
    "linguistics": "linguistique linguistica linguistico linguistik jezykoznawstwa linguisticas"
    " linguistic linguistiques",
    "literature": "litterature literatura letteratura literatur literatury bungaku",
    "languages": "idiomas lingua linguas jazyku jezykow",
    "theology": "theologie teologia teologica theologische theologique teologii theological"
    " teologi teologico theologicum",
    "religion": "religieuses religiosas religiose religions religious",
    "anthropology": "anthropologie antropologia antropologico antropologii anthropological"
    " antropologiczny",
    "ethnology": "ethnologie etnologia etnografia etnografii ethnographie ethnography ethnographic",
    "humanities": "humanites humanidades geisteswissenschaften humanistiche humanistyczny"
    " humanitni",
    "design": "gestaltung diseno", "dance": "danse danza tanz",
    "dramatic": "dramatique dramatico dramatica", "media": "medien medios",
    "communication": "comunicacion comunicacao comunicazione kommunikation komunikacji iletisim"
    " komunikasi communications",
    "journalism": "journalisme periodismo giornalismo jornalismo",
    "teachers": "maestros enseignants professeurs lehrer ogretmen",
    "training": "formation formacion formazione formacao ausbildung opleiding latihan szkolenia",
    "teaching": "docencia insegnanti lehre",
    "vocational": "professionnel professionnelle professionnels profesional profissional"
    " professionale berufs zawodowy zawodowa mesleki vokasi professionnelles",
    "professional": "professionals profesionales",
    "commerce": "commerciale comercio commercio handel handels handlowy ticaret perdagangan"
    " comercial commerciaux shoka shogyo",
    "accounting": "comptabilite contabilidad contabilidade contabilita rachunkowosci muhasebe"
    " akuntansi",
    "entrepreneurship": "entrepreneuriat emprendimiento imprenditorialita empreendedorismo",
    "enterprises": "entreprises empresas imprese unternehmen",
    "sustainable": "durables sostenible sostenibile sustentavel nachhaltige nachhaltiger"
    " sostenibles nachhaltigkeit",
    "climate": "climat clima klima klimat", "ocean": "oceans ozean oceanique",
    "soil": "sols suelos suolo gleby zemljiste", "plant": "plantes pflanzen roslin rostlin",
    "animal": "animale animales animaux animali", "crops": "cultures cultivos coltivazioni",
    "horticulture": "horticultura gartenbau ogrodnictwa horticoles orticoltura",
    "livestock": "elevage ganaderia zootecnia zootechnie zootechnii peternakan hayvancilik",
    "garden": "jardin jardim giardino garten tuin ogrod zahrada jardins",
    "botanical": "botanique botanico botanica botanischer botanisches botanische orto botaniczny"
    " botanicka botanic",
    "zoo": "zoologique zoologico zoologischer zoological zoologie zoologia",
    "collection": "collections coleccion collezione sammlung",
    "heritage": "patrimoine patrimonio kulturerbe",
    "institution": "institucion institucao istituzione etablissement einrichtung ustanova"
    " instytucja",
    "service": "servicio servizio servico servicos servicios dienst sluzba hizmetleri",
    "directorate": "direction direccion direzione direcao direktion mudurlugu",
    "board": "conselheiro styrelsen styrelse junta",
    "programme": "programa programma programm program",
    "project": "projet proyecto progetto projeto projekt",
    "province": "provincia provincie provinz provincial provinciale provinciaal",
    "community": "communaute comunidad comunita comunidade gemeinschaft communautes",
    "world": "mondial mondiale mundial swiata svetovy dunya sedunia",
    "global": "globale globales globaler",
    "mediterranean": "mediterraneo mediterranee mediterranea mediterraneen mittelmeer",
    "nordic": "nordiska nordisk nordiske nordiskt nordischer",
     "normal": "normale shifan",
    "industrial": "industrielle industriel industriels industriale industriali przemyslowy"
    " promyshlennyy endustri kogyo",
    "democracy": "democratie democracia demokratie democrazia",
    "policy": "politique politica politik politiki", "peace": "paix paz pace frieden pokoju",
    "rights": "droits derechos diritti direitos rechte", "supreme": "supremo suprema",
    "court": "tribunal gericht", "friends": "freunde", "work": "oeuvre",
    "workers": "travailleurs trabajadores lavoratori trabalhadores arbeiter",
    "students": "etudiants estudiantes studenti studentow studierende",
    "researchers": "chercheurs investigadores ricercatori forscher",
    "foreign language": "gaikokugo gaigo waiguoyu", "welfare": "fukushi bienestar wohlfahrt",
    "engineer": "ingenioren", "fund": "fonds fondo fundo",
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
    " krajsky regiao regija",
    "central": "centrale centrales zentral tsentralnyy centralny chuo chuou zhongyang",
    "royal": "reale royale konigliche kongelige kungliga koninklijke koninklijk diraja reial"
    " kongelig",
    "catholic": "catolica catholique katholische cattolica katolicki katolik katholieke katolicka",
    "islamic": "islam islami islamique islamische islamica lslmyh slmy islomiy",
    "christian": "chretienne cristiana christliche kristen krzescijanska",
    "evangelical": "evangelische evangelica evangelique evangelisch evangelisches",
    "pontifical": "pontificia pontificio pontificale",
    "autonomous": "autonoma autonome autonomo autonomico",
    "free": "freie libre libera libero vrije livre wolny",
    "open": "ouverte abierta aberta aperta terbuka offene",
    "higher": "superieure superieur superior superiore superieures wyzsza superiores vysoka visoka"
    " tinggi yuksek vyssheye vysshaya superiour",
    "general": "generale generales allgemeine geniko genel",
    "advanced": "avancees avanzados avancados avanzate avanzada avanzado avancee",
    "private": "privada privado privata prive",
    "public": "publica publico publique pubblica publiques",
    "international": "internacional internazionale internationale internationaal internationales"
    " mezhdunarodnyy miedzynarodowy uluslararasi internasional medzinarodna xalqaro mizhnarodnyi"
    " ldwlyh kokusai guoji",
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
    "north": "nord norte northern noord norra nordre severnyy kuzey utara pivnichnyy severo shimal",
    "south": "sud sur sul southern zuid sodra yuzhnyy guney selatan yugo poludniowy",
    "west": "ouest oeste western zapadni bati barat zapad zapadno",
    "east": "ost est eastern orientale oriental orientales este vostochnyy dogu ostlich vychodni",
    "northeast": "northeastern nordeste", "southeast": "southeastern sudeste",
    "northwest": "northwestern", "southwest": "southwestern",
    "new": "neue nouveau nouvelle nueva nuevo nova yeni nowy",
    "saint": "st ste san santa sankt sao sainte sint swietego szent agios svateho",
    "munich": "munchen muenchen", "cologne": "koln koeln", "vienna": "wien", "zurich": "zuerich",
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
    "brazil": "brasil bresil", "austria": "osterreich", "sweden": "sverige sveriges",
    "norway": "norge norges", "denmark": "danmark danmarks", "finland": "suomi finlands",
    "poland": "polska polen pologne polsce", "switzerland": "schweiz",
    "netherlands": "nederland nederlandsche", "belgium": "belgie belgique belgien",
    "croatia": "hrvatska hrvatske", "serbia": "srbija srbije", "hungary": "hongrie ungarn",
    "greece": "ellada", "japan": "japon nihon", "morocco": "maroc marruecos",
    "algeria": "algerie argelia", "lebanon": "liban", "egypt": "egypte",
    "ukraine": "ukraini ukrainy ukraina", "russia": "rossii russie", "kazakhstan": "qazaqstan",
    "uzbekistan": "ozbekiston", "africa": "afrique afrika", "america": "amerique amerika",
    "europe": "europa", "united": "unis unidos vereinigte", "lausanne": "losanna",
    "ireland": "irlande irlanda heireann", "scotland": "ecosse escocia schottland",
    "quebec": "quebecois quebecoise", "china": "zhongguo", "thailand": "thailande tailandia",
    "iceland": "islande islands",
}  # fmt: skip
