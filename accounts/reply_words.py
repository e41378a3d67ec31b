"""What people write back, by class: patterns over plain text (see `reply_dates.plain`).

Each table is read clause by clause, and a hit with a denial shortly before it does not count
("do not unsubscribe me"). Add a phrase together with its row in tests/inbox.
"""

from __future__ import annotations

import re


def _table(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


# A denial among the few words before a hit turns it off; so does a condition ("if interested").
DENIAL = re.compile(
    r"(?:\b(?:not|never|cannot|nor|neither|without|hardly|if|whether|are you|nicht|nie|kein\w*|ohne"
    r"|falls|wenn|pas|sans|si|ni|nunca|non|niet|geen|nao|sem)|n't|\bdont)\b",
    re.IGNORECASE,
)
# "no" denies in Spanish, answers in English.
DENIAL_ES = re.compile(r"\bno(?:(?: me| nos)?$| (?:quiero|queremos|hace falta)\b)", re.IGNORECASE)

OPT_OUT = _table(
    r"please unsubscribe",
    r"unsubscrib(?:e|ing) (?:me|us|my|from|this)",
    r"(?:want|like|wish|need|how (?:do|can) i)(?: to)? (?:unsubscribe|opt[- ]?out)",
    r"opt(?:ing)? (?:me |us )?out",
    r"remove (?:me|us|my (?:name|e-?mail|mail|address|details|contact|data)|this (?:mail|address))",
    r"delete (?:me|us|my (?:e-?mail|address|details|contact|data))",
    r"(?:take|get|remove|keep|strike)\b.{0,40}\b(?:off|from) (?:of )?(?:your|this|the|all|any)"
    r" (?:[\w-]+ ){0,2}(?:lists?|database|mailings?|sequence|crm)",
    r"(?:stop|quit|cease) (?:e-?mail|mail|contact|messag|writ|send|spamm|bother|pester|harass)ing",
    r"(?:do not|don't|dont|never) (?:ever )?(?:e-?mail|mail|contact|message|write(?: to)?|bother"
    r"|spam) (?:me|us|this)",
    r"(?:do not|don't|dont|never) send (?:me |us )?"
    r"(?:any(?:thing| more| further)|more|these|further|(?:any )?(?:e-?mails?|messages?))",
    r"(?:do not|don't|dont|never) call (?:me |us )?(?:again|any ?more|ever)",
    r"no (?:more|further) (?:e-?mails?|mails?|messages?|contact|communication)",
    r"leave (?:me|us) alone",
    r"lose my (?:number|e-?mail|address)",
    r"(?:withdraw|revoke) my consent",
    r"object to (?:the |this )?(?:processing|use of my|direct marketing|marketing)",
    r"(?:abzu|ab)melden(?! (?:sie|wir|uns) sich)",
    r"(?:aus|abbe)(?:zu)?(?:tragen|stellen)",
    r"tragen sie (?:mich|uns) .{0,20}aus",
    r"(?:aus|von) (?:dem|ihrem|ihrer|der|diesem) (?:\w+ )?(?:e-?mail-?|mailing-?)?"
    r"(?:verteiler|liste)",
    r"keine (?:weiteren|weitere) (?:e-?mails?|mails?|nachrichten|werbung|anfragen)",
    r"keine (?:e-?mails?|mails?|nachrichten|werbung)(?: \w+){0,2} mehr",
    r"nicht (?:mehr|weiter) (?:anschreiben|anmailen|kontaktieren|belastigen)",
    r"(?:widerspreche|widerspruch)\b.{0,40}\b(?:nutzung|verarbeitung|werbung)",
    r"loschen sie (?:mich|uns|meine|unsere)",
    r"(?:me |nous )?(?:desinscri|desabonn)\w+",
    r"retire[rz][- ](?:moi|nous)",
    r"ne (?:plus|pas) (?:me |nous )?(?:contacter|ecrire|envoyer|recevoir|solliciter)",
    r"ne (?:me |nous |m')\s?(?:contactez|ecrivez|envoyez|sollicitez) plus",
    r"arrete[rz] de (?:me |nous |m')",
    r"supprime[rz] (?:mon|mes|notre)",
    r"(?:dar(?:me|nos)?|den?me|deme|dennos|dadme) de baja",
    r"(?:solicito|quiero|pido) (?:la|mi) baja",
    r"no (?:me |nos )?(?:escriba|contacte|envie|mande)n? mas",
    r"dejen? de (?:escribir|enviar|contactar|mandar)\w*",
    r"(?:eliminen?|borren?) (?:mi|mis|nuestro)",
    r"desuscrib\w+",
    r"cancella(?:temi|rmi)|disiscriv\w+",
    r"non (?:scrivetemi|contattatemi) piu",
    r"uitschrijven|schrijf (?:mij|me) uit|geen (?:e-?mails?|mails?) meer",
    r"descadastr\w+|remova[- ]?me",
)
# One word on a line of its own is an order, in a sentence it may be a topic.
OPT_OUT_ALONE = re.compile(
    r"(?:please |bitte |thanks,? )*(?:unsubscribe|stop|opt[- ]?out|remove(?: me)?|abmelden"
    r"|abmeldung|austragen|baja|desinscription|desabonnement|afmelden|uitschrijven|cancellami)"
    r"(?:,? (?:please|bitte|thanks?|thank you|danke|merci|gracias|now|all))*",
    re.IGNORECASE,
)
UNSUBSCRIBE_TOPIC = _table(r"unsubscrib\w*", r"opt[- ]?outs?", r"abmeld\w+", r"desabonnement")

_LAWS = r"(?:uk[- ])?(?:gdpr|dsgvo|rgpd|ccpa|can-?spam|casl|pecr|uwg)"
LEGAL = _table(
    r"cease[- ]and[- ]desist",
    r"(?:take|taking|pursue|consider|threaten|face|commence|initiate) (?:\w+ )?legal "
    r"(?:action|steps|proceedings)",
    r"legal (?:action|steps|proceedings) (?:will|against)",
    r"hear(?:ing)? from (?:my|our) (?:lawyer|attorney|solicitor|legal|counsel)s?",
    r"(?:will|shall|going to) (?:sue|prosecute)",
    r"report(?:ed|ing)? (?:you|this|your company|it)\b.{0,30}\b(?:to|with) (?:the )?(?:ico|ftc"
    r"|cnil|dpa|data protection|information commissioner|authorit|regulator)\w*",
    r"(?:file|filed|lodge|lodged|make|filing|lodging) (?:a |an )?(?:formal |official )?complaint",
    rf"(?:violat|breach|infring)\w*\b.{{0,30}}\b{_LAWS}",
    rf"{_LAWS} (?:violation|breach|complaint|infringement|request)",
    rf"(?:erase|delete|erasure|deletion|disclose|demand|auskunft|loschung)\b.{{0,80}}\b{_LAWS}",
    rf"{_LAWS}\b.{{0,60}}\b(?:erase|delete|erasure|demand|disclose|auskunft|loschung|loschen)",
    rf"(?:art\.?|article|artikel) ?(?:15|17|21)\b.{{0,20}}\b{_LAWS}",
    r"(?:data )?subject access request|dsar",
    r"right (?:to|of) (?:erasure|access to my|be forgotten)",
    r"abmahn\w+|unterlassungs\w+|rechtliche schritte|strafanzeige|datenschutzbehorde",
    r"(?:unser|mein)\w* (?:rechts)?anwalt\w*",
    r"mise en demeure|actions? en justice|poursuites judiciaires|plainte (?:a|aupres de) la cnil",
    r"acciones legales|medidas legales|(?:nuestro|mi) abogado|denunciar\w*|aepd",
)

LEFT = _table(
    r"no longer (?:work|working|with|at|employed|part of)",
    r"(?:i|he|she|they)(?:'ve| have| has)? (?:since |recently |already )?left (?:the |this |our )?"
    r"(?:company|firm|organi[sz]ation|business)",
    r"(?:has|have) left (?:the |our )?(?:company|firm|organi[sz]ation|business)",
    r"(?:i|he|she)(?:'ve| have| has|'s) (?:changed jobs|retired|moved on)",
    r"(?:arbeite|arbeitet|bin|ist) (?:\w+ )?nicht mehr (?:bei|fur|im|in unserem)",
    r"(?:das )?unternehmen verlassen|aus (?:dem|unserem) unternehmen ausgeschieden",
    r"ne (?:travaille|fait|fais) plus|a quitte (?:la societe|l'entreprise|notre)",
    r"ya no (?:trabajo|trabaja|forma parte)|ha dejado (?:la empresa|nuestra)",
)
WRONG_PERSON = _table(
    r"not (?:really )?(?:the )?(?:right|correct|best|appropriate|proper) (?:person|contact|one)",
    r"wrong (?:person|contact|guy|department|man|woman)",
    r"not (?:the (?:one|person) )?(?:responsible|in charge)",
    r"not my (?:area|department|responsibility|remit|field|job)",
    r"(?:do not|don't) (?:handle|deal with|decide|manage|oversee) (?:this|that|these|such)",
    r"no longer (?:responsible|in charge|in (?:this|that|the) (?:role|position|team))",
    r"nicht (?:mehr )?(?:dafur |hierfur )?(?:zustandig|verantwortlich)",
    r"nicht (?:der|die) richtige",
    r"falsche[rn]? (?:ansprechpartner\w*|person|adresse)",
    r"pas la bonne personne|mauvaise personne|pas (?:le |la )?(?:responsable|charge\w* de)",
    r"no soy (?:la persona|el responsable|la responsable)|persona equivocada",
)

REFUSAL = _table(
    r"not (?:\w+ )?interested(?! in (?:a |an )?(?:call|demo|meeting)\b.{0,20}\bbut)",
    r"(?:no|zero) interest",
    r"no,? thank(?:s| you)",
    r"not (?:a |the right |a good |a great )?(?:fit|match)",
    r"not relevant",
    r"(?:i|we)(?:'ll| will) (?:have to )?pass",
    r"(?:hard|going to|gonna) pass",
    r"not for (?:us|me)",
    r"(?:do not|don't|dont) (?:need|want) (?:this|it|your|any|that)",
    r"no need for (?:this|that|it|your)",
    r"(?:kein|keinerlei) interesse|nicht interessiert|kein(?:en)? bedarf|nein,? danke",
    r"kommt (?:fur uns )?nicht in ?frage|passt nicht(?: zu uns)?",
    r"pas (?:du tout )?interess\w+|aucun interet|non,? merci|pas besoin",
    r"no (?:me|nos) interesa|no (?:estoy|estamos) interesad\w+|no,? gracias",
    r"non (?:sono|siamo) interessat\w|no,? grazie|geen interesse|nee,? bedankt",
    r"nao (?:temos|tenho) interesse|sem interesse|nao,? obrigad[oa]",
)
FOR_EVER = _table(r"(?:or|nor) (?:ever|in the future|later)", r"now or ever", r"ever again")

# Words that make a refusal one for now.
AT_PRESENT = _table(
    r"(?:at|for) (?:the|this) (?:moment|time|point)",
    r"(?:right |for |just )now|currently|presently|yet|this (?:quarter|year|month)",
    r"derzeit|aktuell|momentan|im (?:moment|augenblick)|zurzeit|zur zeit|dieses (?:jahr|quartal)",
    r"pour (?:le moment|l'instant)|en ce moment|actuellement|cette annee",
    r"por (?:ahora|el momento)|(?:en|de) este momento|actualmente|este ano",
)
NOT_NOW = _table(
    r"not (?:right |just )?now",
    r"not (?:at|for) (?:the|this) (?:moment|time)",
    r"not (?:a |the )?(?:good|right|great|best) (?:time|moment)",
    r"bad tim(?:e|ing)|timing (?:is not|isn't)",
    r"not (?:a |our |my |on our )?(?:top )?(?:priority|roadmap)",
    r"not this (?:quarter|year|month)",
    r"no budget|budget (?:is )?(?:frozen|freeze|spent)",
    r"(?:too|very|super|so|really) busy|swamped",
    r"(?:put|is|are|everything) (?:this |it )?on hold",
    r"maybe (?:later|next|in|another time)|later this year|down the (?:road|line)",
    r"nicht jetzt|jetzt nicht",
    r"(?:derzeit|aktuell|momentan|im moment|zurzeit) (?:\w+ )?(?:nicht|kein\w*)",
    r"(?:erst|fruhestens) (?:wieder )?(?:im|in|ab|nachste\w*)|spater (?:noch ?mal|wieder|gern)",
    r"pas (?:pour le moment|pour l'instant|maintenant|en ce moment|le bon moment)|plus tard",
    r"ahora (?:mismo )?no|no (?:por )?ahora|no es (?:un |el )?buen momento|mas adelante",
    r"(?:por el|en este) momento no",
)
# An invitation to come back; it means "not now" when its day is not close.
COME_BACK = _table(
    r"(?:check|circle|come|get|loop|write|call|ping|reach|try|touch|contact)\b(?: \w+){0,4}"
    r" (?:back|again|later|base)",
    r"(?:follow up|reconnect|revisit|resume|catch up|reach out|touch base|contact (?:me|us)"
    r"|try (?:me|us))\b(?: \w+){0,4} (?:in|next|after|once|when|until|around|early|mid|late)",
    r"melden sie sich|kommen sie .{0,30}auf (?:mich|uns) zu|sprechen wir .{0,20}(?:wieder|nochmal)",
    r"recontacte\w*|revenez vers|rappelez",
    r"vuelvan? a (?:escribir|contactar|llamar)\w*|contact(?:e|en|a)(?:me|nos)? (?:de nuevo|en|mas)",
)
OWN_PROMISE = re.compile(r"\b(?:i|we)(?:'ll| will| shall)\b|\blet me\b", re.IGNORECASE)

INTERESTED = _table(
    r"(?<!you )interested",
    r"sounds (?:\w+ )?(?:good|great|interesting|intriguing|promising|relevant|useful)",
    r"let'?s (?:talk|chat|meet|connect|speak|schedule|set|do|discuss|find|book|have)",
    r"(?:send|share|propose|suggest|offer|give)(?: me| us| over)*(?: some| a few| your| any| the)*"
    r" (?:times?|slots?|dates?|availability|calendar|calendly|pricing|prices?|info\w*|details?"
    r"|deck|brochure|proposal|quote|offer)",
    r"(?:happy|glad|keen|love|like|open|willing|great|curious|eager) to (?:talk|chat|meet|learn"
    r"|hear|see|discuss|know|have|jump|hop|explore|understand|connect)",
    r"tell (?:me|us) more|(?:more|further) (?:info\w*|details)|learn more|know more|hear more",
    r"(?:book|schedule|set up|arrange) (?:a|an|some|the) (?:\w+ )?(?:call|meeting|demo|time|chat)",
    r"when (?:can|could|would|are) (?:we|you)|how much (?:does|is|would)|what does it cost",
    r"can (?:you|we) (?:talk|meet|call|speak|do|have|schedule)|works for (?:me|us)|call me",
    r"yes,? please|count me in|sign (?:me|us) up",
    r"klingt (?:\w+ )?(?:gut|spannend|interessant)|interessiert (?:mich|uns)",
    r"(?:habe|haben|besteht) (?:\w+ )?interesse|interesse an",
    r"gerne? (?:mehr|einen? termin|telefonier\w+|ein gesprach)|terminvorschla\w+",
    r"(?:schicken|senden) sie (?:mir|uns)",
    r"(?:suis|sommes|serais|serions|m'|(?:ca|cela) nous) ?interess\w+|interessant|volontiers",
    r"avec plaisir|envoyez[- ](?:moi|nous)|quand pouvons|prenons rendez-vous",
    r"(?:me|nos) interesa|interesad[oa]s?|suena (?:bien|interesante)|hablemos|agend(?:ar|emos)"
    r"|envie(?:me|nos|n)",
)

AUTO_SUBJECT = re.compile(
    r"^\W*(?:(?:re|aw|fwd?|antw|sv)\s*:\s*)*\W*(?:automatic reply|auto(?:matic|mated)?[- ]?(?:reply"
    r"|response)|autoreply|out of (?:the )?office|ooo\b|away from|on (?:vacation|leave|holiday)"
    r"|abwesen\w+|automatische antwort|reponse automatique|absence|absent\b|respuesta automatica"
    r"|fuera de (?:la )?oficina|risposta automatica|fuori sede|automatisch antwoord|afwezig"
    r"|resposta automatica|ausencia)",
    re.IGNORECASE,
)
AUTO_TEXT = _table(
    r"(?:i am|i'm|i will be|i'll be|we are|currently)\b(?: \w+){0,2} (?:out of|away from) "
    r"(?:the |my )?(?:office|desk)",
    r"out of (?:the )?office (?:until|till|from|through|with|and|this|next)",
    r"(?:i am|i'm|currently|be|is)\b(?: \w+){0,2} on (?:annual |parental |maternity |paternity "
    r"|sick |medical |family )?(?:leave|vacation|holiday|pto)",
    r"(?:limited|no|intermittent|without) access to (?:my )?(?:e-?mails?|mails?|inbox)",
    r"this is an automat(?:ic|ed) (?:reply|response|message)",
    r"ich bin (?:\S+ ){0,4}(?:nicht im (?:buro|haus)|abwesend|im urlaub|ausser haus"
    r"|nicht erreichbar|in elternzeit)",
    r"(?:ihre|deine) (?:e-?mail|mail|nachricht) wird nicht (?:automatisch )?weitergeleitet",
    r"je suis (?:\w+ )?(?:absente?|en conges?|en vacances)",
    r"(?:estoy|estare|me encuentro) (?:\w+ )?(?:fuera|de vacaciones|de baja|ausente)",
)
# A day near one of these is the day of the return.
RETURN = re.compile(
    r"\b(?:until|till|til|back|return\w*|through|thru|to|available|bis|zuruck|wieder|ab|erreichbar"
    r"|jusqu\w*|retour|revien\w+|hasta|regres\w+|vuelv\w+|al)\b|[-\u2013]",
    re.IGNORECASE,
)

# Who should be asked instead; the name keeps its capitals.
_NAME = r"[A-Z][\w'-]+(?: (?:(?:van|von|de|der|den|la) )*[A-Z][\w'-]+){0,3}"
_POST = (
    r"(?i:(?:my|our|the|unser\w*|mein\w*|notre|mon|ma|nuestr[oa]|mi)(?: [\w&-]+){0,3}? (?:colleague"
    r"|boss|manager|team|department|director|head|lead|cfo|ceo|cto|coo|cio|cmo|vp|counterpart"
    r"|kolleg\w+|chef\w*|abteilung|leiter\w*|collegue|equipe|equipo|companer\w+))\b"
)
REFERRAL = re.compile(
    r"(?i:\b(?:contact|talk (?:to|with)|speak (?:to|with)|reach out to|write to|e-?mail|ask"
    r"|get in touch with|connect with|refer(?:red)? (?:you )?to|best person is|right person is"
    r"|forward(?:ed|ing)? (?:\w+ ){1,3}to|passed (?:\w+ ){1,3}(?:to|on to)|cc'?ing|cc'?ed|copying"
    r"|copied|looping in|adding|added|replaced by|successor is|taken over by|instead"
    r"|wenden sie sich (?:\w+ )?an|ansprechpartner(?:in)?(?: dafur)? ist|zustandig ist"
    r"|sprechen sie (?:\w+ )?mit|kontaktieren sie|contacter|contactez|adressez-vous a|voir avec"
    r"|contacte con|contactar (?:a|con)|dirijase a|hable con|escriba a)\s*:?\s*)"
    r"(?i:(?:please|bitte|with|mr\.?|ms\.?|mrs\.?|dr\.?|herrn?|frau|m\.|mme|sr\.?|sra\.?|in) )*"
    rf"(?:(?P<name>{_NAME})|(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]+)|{_POST})"
)
# "Jane Roe is in charge", "Jane Roe handles this".
REFERRAL_AFTER = re.compile(
    rf"\b(?P<name>{_NAME}) (?i:\(?(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]+)?\)? ?(?:is|would be|will be) "
    r"(?:the )?(?:right|best|correct|better) (?:person|contact)|handles|is (?:in charge|responsible"
    r"|handling|looking after|your contact)|takes care|has taken over|took over"
    r"|ist (?:dafur )?zustandig|s'en occupe|est (?:responsable|en charge)|se encarga)"
)
NOT_A_NAME = frozenset(
    {
        *("i", "me", "us", "you", "it", "this", "that", "we", "they", "him", "her", "them", "to"),
        *("my", "our", "the", "your", "for", "if", "when", "before", "after", "via", "by", "at"),
        *("again", "later", "there", "here", "back", "on", "about", "please", "hi", "hello"),
        *("dear", "thanks"),
    }
)
