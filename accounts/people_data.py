"""What people's names are made of: titles, particles, short forms, shared mailboxes.

Everything is written the way `people_names` leaves it: ASCII, lower case, no dots or hyphens.
"""

from __future__ import annotations

from collections import defaultdict


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Before a name; parts of "Dipl.-Ing.", "Dr. rer. nat." and "Dr. h.c." stand alone.
TITLES = _words(
    """
    mr mrs ms miss mx sir dame lord lady rev hon dr doctor prof professor herr frau hr fr fraulein
    monsieur madame mme mlle me maitre senor senora sr sra srta dott dottssa dottore ing
    avv rag geom sig signor signora signore dipl mag mgr inz med rer nat pol oec iur jur phil habil
    hc ao univ priv doz pd kfm kffr dhr mevr drs mr ir bc mudr judr phdr pan pani gospodin
    gospozha gn gza shri smt capt col maj gen lt sgt cmdr adm
    """
)
# Of them those that are nothing else, even before a single name: Dr. House.
CLEAR_TITLES = _words("mr mrs ms miss dr prof professor herr frau mme mlle sir signor signora")
# After a name, wherever it stands; those that are names, too, only after a comma.
DEGREES = _words(
    """
    phd dphil md mba emba msc bsc mphil meng beng llm llb jd dds dvm pharmd edd cpa cfa cma acca
    fca aca esq pmp cissp cism cisa rn faia aia phr sphr shrm ret obe cbe mbe kbe frs qc kc csm
    mib mim diplom dea deug dess msw mpa mpp bba bcom mcom btech mtech ceng frsc
    """
)
DEGREES_AFTER_A_COMMA = DEGREES | _words("ma ba pe do bs ms ra sc dr prof ing mst")

# Who of a family it is. Brazil's "Filho" is a Jr., "Neto" the grandson.
SUFFIXES = {
    "jr": "jr", "jnr": "jr", "junior": "jr", "filho": "jr", "sr": "sr", "snr": "sr", "senior": "sr",
    "ii": "ii", "2nd": "ii", "iii": "iii", "3rd": "iii", "neto": "iii", "iv": "iv", "4th": "iv",
}  # fmt: skip
PARTICLES = _words(
    """
    van von vom zu zum zur der den dem des de d del della dello degli dei di da das do dos du la le
    les lo los las el al ter ten te t het op in y e bin ibn ben abu af av
    """
)

# Family names of two signs; any other Chinese one has a single sign.
DOUBLE_SURNAMES = _words("欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 夏侯 东方 東方 皇甫 尉迟 公孙 慕容")
# How Koreans write them, by how their letters sound; romanized by rule nobody would know them.
KOREAN = {
    "gim": "kim", "i": "lee", "yi": "lee", "rhee": "lee", "bag": "park", "bak": "park",
    "choe": "choi", "jeong": "chung", "jung": "chung", "gang": "kang", "jo": "cho", "yun": "yoon",
    "im": "lim", "o": "oh", "seo": "suh", "sin": "shin", "gwon": "kwon", "u": "woo", "mun": "moon",
    "yu": "yoo", "ryu": "yoo",
}  # fmt: skip

# Mailboxes of an office, not of a person.
ROLE_MAILBOXES = _words(
    """
    info sales office contact contacts kontakt contacto contatto hello hallo hi mail email post
    postmaster webmaster admin administration administrator support help helpdesk service services
    kundenservice team press presse prensa media pr marketing vertrieb verkauf einkauf purchasing
    procurement orders order bestellung billing invoice invoices rechnung buchhaltung accounting
    accounts accountspayable ap ar finance finanzen hr jobs job career careers karriere bewerbung
    recruiting recruitment legal privacy datenschutz dpo compliance security abuse noreply
    donotreply newsletter news it edv ir investors reception empfang sekretariat secretariat
    zentrale general enquiries inquiries anfrage customerservice customercare feedback events
    ventas comercial commercial administracion amministrazione vendite segreteria zakaz biuro
    sprzedaz verkoop inkoop administratie direction accueil
    """
)

# A full name, then how it is said for short or spelt elsewhere; one short form may stand for many
# names. English, German, Dutch, French, Italian, Spanish, Portuguese, Polish, Russian, Greek and
# what is near them; by use.
_SHORT = """
abigail: abby gail abbie; adelheid: heidi; albert: al bert bertie albie; alberto: beto tito;
albrecht: albert;
alexander: alex alec alek sandy sasha sascha xander lex sander aleksandr aleksander oleksandr;
alexandra: alex sandra sandy sasha sascha lexi alexa ola aleksandra; alexandre: alex;
alejandro: alex ale jandro; alessandro: alex sandro ale; alfred: al fred alf alfie fredi;
alexey: alyosha lyosha alexei aleksey aleksei; alice: ali allie; amanda: mandy;
anastasia: nastya nastia asya stasya anastasiya anastasiia; andreas: andi andy; andrew: andy drew;
andrey: andrei andriy andrij andryusha; angela: angie; ann: anne anna annie nan nancy;
anna: anni anja anya ania aneczka annie anka asia; anne: annie; annemarie: anne anni;
anthony: tony ant; anton: toni tony; antonio: toni tony antoni tonio; antoine: tony toine;
antoinette: toni nettie; archibald: archie; arthur: art artie; artur: art; artem: tyoma artyom;
augustin: gus gustl; augustus: gus; barbara: barb babs barbie bobbie basia barbel babsi;
bartholomew: bart; bartlomiej: bartek; benedikt: ben bene; benjamin: ben benny benji;
bernard: bernie; bernhard: bernd bernie berni; boleslaw: bolek; boris: borya; bradley: brad;
calvin: cal; cameron: cam; carlos: carlitos; carolyn: carol; caroline: caro carrie;
catherine: cathy kate katie cate cat cathie; cecilia: celia cissy;
charles: charlie chuck chas charley; charlotte: charlie lotte lottie; christian: chris christl;
christina: chris tina chrissy kristina; christine: chris tina chrissy; christoph: chris stoph;
christophe: chris; christopher: chris kit topher; clifford: cliff; concepcion: concha conchita;
constance: connie; cornelia: conny nele; cornelis: cees kees cor; cynthia: cindy;
czeslaw: czesiek; daniel: dan danny dani danylo; daniela: dani; david: dave davy davey;
deborah: deb debbie debra; dennis: denny; diana: di; dieter: didi; dietrich: dieter;
dmitry: dima mitya dmitri dmitriy dimitri dmytro dimitry; dolores: lola; dominik: domi nik;
donald: don donny; dorothea: dora doro thea; dorothy: dot dottie dolly dora; douglas: doug;
eberhard: eddy hardy; edmund: ed ted eddie; eduard: edi edy ed;
edward: ed eddie ted ned teddy eddy; edwin: ed eddie; eleanor: ellie nell nora nellie;
elena: lena lenka alyona yelena olena;
elisabeth: lisa sissi elli liesl elsbeth babette bettina else elise lisbeth betti;
elizabeth: liz beth betty lizzie eliza bess libby betsy lisa elsie lizzy;
ekaterina: katya kate yekaterina kateryna katia; emanuel: manu mani; emily: em emmy millie;
emmanuel: manu manny; enrique: quique kike; ernest: ernie; ernst: erni; eugene: gene;
evgeny: zhenya evgeni evgenii yevgeny yevhen evgeniy eugene; evgenia: zhenya evgeniya yevgenia;
ewa: ewka; ferdinand: ferdi fred; fernando: nando; filippo: pippo; florence: flo florrie;
florian: flo; francesco: franco cesco checco; frances: fran frannie fanny; francis: frank fran;
francisco: paco pancho curro kiko fran; franciscus: frans frank; francois: franck;
franklin: frank; franz: franzl; frederick: fred freddie rick freddy frederic;
frederik: fred rik frits; friedrich: fritz fred friedl; gabriel: gabe gabi; gabriele: gabi;
gabriella: gabi ella gabriela; galina: galya; georg: schorsch jorg; george: georgie;
gerald: gerry jerry; gerard: gerry ger; gerardus: gerard ger; gerhard: gerd gert hardy;
gertrude: trudy gertie; gertrud: trude trudi gerti; giovanni: gianni vanni nino;
giuseppe: beppe peppe pino; giulia: giuli; grazyna: grazka; gregory: greg;
grigory: grisha grigori grigoriy; grzegorz: grzesiek greg; guillaume: guy; guillermo: guille memo;
gustav: gus gustl; gwendolyn: gwen; hannah: hanna; hannelore: hanne lore; harald: harry harri;
harold: harry hal; heinrich: heinz heiner heini harry; helen: nell nellie; helena: lena hela;
helene: lena leni; helmut: heli; hendrik: henk rik hein; henricus: henk harrie;
henry: harry hank hal; herbert: herb bert bertie; hermann: harry manni; howard: howie;
hubert: bert hugh; ignacio: nacho; ignaz: naz; ilya: ilyusha ilia illia; ingeborg: inge;
irina: ira iryna; isabel: bella izzy chabela isa; isabella: bella izzy isa; isabelle: isa zaza;
ivan: vanya vania; jacob: jake jack; jacobus: koos jaap jack; jacqueline: jackie; jadwiga: jadzia;
jakob: jack kobi; james: jim jimmy jamie jem; jan: janek jas; janet: jan; janice: jan;
janine: nine; jaroslaw: jarek; javier: javi; jean: jeannot; jeffrey: jeff geoff;
geoffrey: jeffrey geoff jeff; jennifer: jen jenny jenn; jeremiah: jerry; jeremy: jerry jem;
jerome: jerry; jerzy: jurek; jessica: jess jessie; jesus: chucho chus; joanna: asia joasia jo;
joanne: jo; johann: hans johannes hannes; johanna: hanna jo;
johannes: hans hannes joop jan johan jo; john: jack johnny jon jonny;
jonathan: jonathon jon jonny nathan; jorg: jorgo; jose: pepe pepito; josef: sepp joe jupp beppi;
joseph: joe joey jo jos; josephine: jo josie fifi; joshua: josh; juan: juanito; judith: judy;
julian: jules; julia: julie jule yulia yuliya julka; julie: jules; jurgen: jogi jurg;
karl: carl kalle charly; katarzyna: kasia kaska; katharina: kathi kati katha kathy kate kathrin;
katherine: catherine kate kathy katie kat kay kitty katharine kathryn kathrine;
kathleen: kathy kate katie; kazimierz: kazik; kenneth: ken kenny; kimberly: kim; klaus: claus;
konrad: kurt conny; konstantin: kostya kosta costa; krzysztof: krzysiek krzys chris;
krystyna: krysia; ksenia: ksyusha oksana; lambertus: bert lambert; laura: laurie; larisa: lara;
lawrence: larry laurie; leonard: leo len lenny; leonardus: leo leon; leonid: lyonya;
leopold: leo poldi; leslie: les; lidia: lida; lieselotte: lilo lotte liselotte; lillian: lily lil;
louis: lou louie; louise: lou; luca: luke; lucas: luke; lucia: lucy; lucille: lucy;
ludmila: lyuda luda lyudmila; ludwig: lutz wiggerl louis; luis: lucho; lukasz: luk lukas;
lyubov: lyuba; maciej: maciek; magdalena: magda lena leni; malgorzata: gosia malgosia;
manfred: manni fred; manuel: manu manolo; manuela: manu ela; marcin: marcinek;
margaret: maggie peggy meg marge margie greta madge daisy rita; margarete: grete gretel greta;
margarita: rita; maria: mia mitzi masha mary marie marisa maja; mariana: ana; mariusz: mariuszek;
martin: marty; martina: tina; martha: patty; mary: molly polly mamie may; marcus: marc mark;
markus: mark; mateusz: mati; mathew: matt; matthew: matt matty; matthias: matt hias matze matti;
matteo: teo; maurice: moe; maurizio: mauri; maximilian: max maxi; maxim: max maksim maksym;
maxwell: max; melissa: missy mel; melanie: mel; mercedes: merche;
michael: mike mick mickey micky michi michel mitch mischa mikey; michaela: michi ela;
michal: michalek; michel: mitch; miguel: migue; mikhail: misha mike mikhailo mykhailo michail;
mildred: millie; miroslav: mirek mirko; mitchell: mitch; monika: moni; montserrat: montse;
nadezhda: nadya nadia; nancy: nan; natalia: natasha nata natalya nataliya nat talia;
nathan: nat nate; nathaniel: nat nate; nicholas: nicolas nikolas nick nicky nico;
nicolas: nico nick; nicole: nicky niki nic; nicolo: nico; nikolai: kolya nikolay mykola nick;
nikolaus: klaus niki nick nico niklas; norbert: bert norb; oleg: oleh; olga: olya olha;
oliver: ollie oli; oswald: ossi; otto: otti; pamela: pam; patricia: pat patty trish tricia patsy;
patrick: pat paddy rick; paul: pauly; pavel: pasha pavlo; pawel: pawelek; pedro: perico;
penelope: penny; peter: pete petey peet; petra: peti; petronella: nel nelly; petrus: piet peter;
philip: phillip philipp phil pip; philipp: phil lipp; phillip: phil; philippe: phil;
phyllis: phyl; pilar: pili; piotr: piotrek petya; pyotr: petya petr petro; prudence: pru;
rachel: rae; rafael: rafa rafi; rafal: rafalek; randolph: randy; raymond: ray;
rebecca: becky becca; reginald: reg reggie; reinhard: hardy reini; reinhold: reini;
ricardo: ricky rico richi; richard: dick rick rich richie ricky ritchie dickie;
riccardo: ricky rico; robert: bob rob bobby robbie bert robin robby bobbie;
roberto: beto rob berto; roderick: rod; rodney: rod; rodolfo: rudy fito; rodrigo: rodri;
roland: rolli; roman: roma; ronald: ron ronnie ronny; rosalia: lia; rosemarie: rosi romy;
rosario: charo; rudolf: rudi rolf rudy; rudolph: rudy; russell: russ rusty; ryszard: rysiek;
salvador: chava salva; salvatore: salvo toto turi; samantha: sam sammy; samson: sam;
samuel: sam sammy; sandra: sandy; sarah: sara sally sadie; sebastian: seb basti bastian;
sergey: seryozha sergei serhiy serge sergiy; sergio: checo; sharon: shari; sigmund: sigi;
siegfried: sigi siggi fred; sieglinde: sigi linde; simone: simo; slawomir: slawek; sophia: sophie;
sofia: sonya sonia sofi sofya; stanislav: stas slava; stanislaw: staszek stan stasiek;
stanley: stan; stefan: stef steffen; stefania: stefi; stefanie: steffi; stephan: steph;
stephanie: steph stephie; stephen: steven stephan steve stevie steph; steven: steve stevie;
stuart: stu; stewart: stu; susan: sue susie suzy suzie; susanna: susi sanna; susanne: susi sanne;
susana: susi; suzanne: sue suzy suzie; svetlana: sveta svitlana; sylvester: sly; sylwia: sylwka;
tadeusz: tadek; tamara: toma tammy; tatiana: tanya tania tatyana tetiana; teresa: tere terri;
teodoro: teo; terence: terry; theodor: theo teddy; theodore: ted theo teddy; theodorus: theo dirk;
theresa: terry tess tessa terri; therese: resi; thomas: tom tommy thom tomas; tiffany: tiff;
tilmann: till; timofey: tima timofei; timothy: tim timmy; tobias: tobi toby; tomasz: tomek tom;
tommaso: tom masi; ulrich: uli ulli; ulrike: ulli rike uli; ursula: uschi ulla ursel;
valentin: valya val; valentina: valya tina val; valerie: val; vasily: vasya vasili vasyl vasiliy;
vera: verochka; veronica: ronnie vero roni; victor: vic; viktor: vitya vik victor;
victoria: vicky tori vikki; viktoria: vika viki vicky viktoriya; vincent: vince vinny vin;
vincenzo: enzo vinny; virginia: ginny ginger; vitaly: vitalik vitali vitalii;
vladimir: vova volodya vlad volodymyr wladimir; vladislav: vlad slava vladik;
vyacheslav: slava viacheslav; walter: walt wally; walther: walter; werner: werni;
wilhelm: willi willy will helm; wilhelmina: willy mina wilma; wilhelmus: wim willem;
willem: wim pim; william: bill will billy willie liam willy; wladyslaw: wladek;
wlodzimierz: wlodek; wojciech: wojtek; wolfgang: wolf wolfi wulf; xaver: xaverl; yannick: yann;
yury: yura yuri yuriy yurii; yves: yvo; zachary: zach zack zac; zbigniew: zbyszek;
zdzislaw: zdzisiek; zofia: zosia; giorgos: george georgios yiorgos yorgos;
ioannis: yannis giannis john; konstantinos: kostas costas dinos; dimitrios: dimitris jim mitsos;
nikolaos: nikos nick; panagiotis: panos takis; vasileios: vasilis bill;
alexandros: alekos alexis alex; mohammed: mohamed muhammad mohammad muhammed mo mehmet mohamad;
yusuf: youssef yousef yosef joe; abdul: abdel
"""


def _full_names() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for entry in _SHORT.split(";"):
        full, _, short = entry.strip().partition(":")
        for name in (full, *short.split()):
            found[name].add(full)
    return {name: frozenset(full) for name, full in found.items()}


# Every name of the table, and the names that it may stand for: itself, where it is a full one.
FULL_NAMES = _full_names()
