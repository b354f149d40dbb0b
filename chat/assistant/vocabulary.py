"""Vocabulary: how the six languages name money, days, times and how far an order is.

Arabic is written here as `notation` folds it: one alef, no marks.

Patterns are matched against text as `notation.to_plain_signs` leaves it, in lower case. They hold
for every language at once: a reply may be in another one than was asked for.
"""

from __future__ import annotations

import re

from core.money import DIGITS

# Money ---------------------------------------------------------------------------------------


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DOLLARS = _codes("USD CAD AUD NZD SGD HKD TWD BBD BSD BMD BZD FJD JMD NAD TTD XCD LRD")
_PESOS = _codes("MXN ARS CLP COP UYU DOP PHP CUP")
_CROWNS = _codes("SEK NOK DKK ISK CZK")
_POUNDS = _codes("GBP EGP LBP SDG SYP GIP FKP SHP")
_FRANCS = _codes("CHF XOF XAF XPF RWF BIF DJF GNF KMF CDF")
_DINARS = _codes("KWD BHD JOD IQD TND LYD DZD RSD MKD")
_RIYALS = _codes("SAR QAR OMR YER IRR")
_ANY = frozenset(DIGITS)

CURRENCY_SIGNS = {
    "us$": frozenset({"USD"}),
    "ca$": frozenset({"CAD"}),
    "au$": frozenset({"AUD"}),
    "r$": frozenset({"BRL"}),
    "€": frozenset({"EUR"}),
    "$": _DOLLARS | _PESOS,
    "£": _POUNDS,
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "₺": frozenset({"TRY"}),
    "₽": frozenset({"RUB"}),
    "₴": frozenset({"UAH"}),
    "₩": frozenset({"KRW", "KPW"}),
    "₪": frozenset({"ILS"}),
    "₫": frozenset({"VND"}),
    "₦": frozenset({"NGN"}),
    "₱": frozenset({"PHP"}),
    "zł": frozenset({"PLN"}),
    "kč": frozenset({"CZK"}),
    "kr": _CROWNS,
    "د.ا": frozenset({"AED"}),
    "ر.س": frozenset({"SAR"}),
    "ج.م": frozenset({"EGP"}),
    "د.ك": frozenset({"KWD"}),
}
_CURRENCY_WORDS = {
    r"euros?|يورو": frozenset({"EUR"}),
    r"dollars?|dólar(?:es)?|dolar(?:es)?|bucks|دولار(?:ات|ا)?": _DOLLARS,
    r"pounds?(?: sterling)?|quid|pfund|livres? sterling|libras?(?: esterlinas?)?|جنيه(?:ات|"
    r"ا)?": _POUNDS,
    r"francs?|franken|francos?|فرنك": _FRANCS,
    r"pesos?": _PESOS,
    r"reais|real|réais": frozenset({"BRL"}),
    r"yens?|ienes?|yuans?": frozenset({"JPY", "CNY"}),
    r"kronor|kroner|kronen|kronas?|couronnes?|coronas?|coroas?": _CROWNS,
    r"dirhams?|dirhames?|درهم(?:ا)?|دراهم": frozenset({"AED", "MAD"}),
    r"dinars?|dinare?s?|دينار(?:ا)?|دنانير": _DINARS,
    r"riyals?|rials?|ريال(?:ات|ا)?": _RIYALS,
    r"liras?|lire|ليره": frozenset({"TRY", "SYP", "LBP"}),
    r"rupees?|rupien|roupies?|rupias?": frozenset({"INR", "PKR", "LKR", "IDR"}),
    r"zloty(?:s|ch)?": frozenset({"PLN"}),
    r"r[ou]u?bles?|rubel|rublos?": frozenset({"RUB", "BYN"}),
}
# Words in capitals that are currencies as well, and begin sentences more often than prices.
_NOT_CODES = {"ALL", "TOP", "TRY", "CUP", "PEN", "BAM", "MOP", "SOS", "GEL", "RON"}
CURRENCY = "|".join(
    [
        *(f"(?P<w{number}>(?:{words})(?!\\w))" for number, words in enumerate(_CURRENCY_WORDS)),
        r"(?P<iso>(?:" + "|".join(sorted(set(DIGITS) - _NOT_CODES)).lower() + r")(?![^\W\d]))",
        r"(?P<sign>" + "|".join(re.escape(s) for s in CURRENCY_SIGNS) + r")",
    ]
)
_OF_GROUP = dict(enumerate(_CURRENCY_WORDS.values()))


def currencies(match: re.Match[str]) -> frozenset[str]:
    """What a match of `CURRENCY` may stand for."""
    groups = match.groupdict()
    if groups.get("iso"):
        return frozenset({groups["iso"].upper()})
    if groups.get("sign"):
        return CURRENCY_SIGNS[groups["sign"]]
    return next((_OF_GROUP[n] for n in _OF_GROUP if groups.get(f"w{n}")), _ANY)


CENTS = (
    r"(?:cents?|centimes?|c[eé]ntimos?|c[eê]ntimos?|centavos?|pence|pfennig|سنت(?:ات)?|قرش|"
    r"فلس)(?!\w)"
)
TIMES = {  # what multiplies the number before it
    r"k|thousand|tausend|tsd\.?|mille|mil|الف|الاف|الف": 1_000,
    r"m|mio\.?|millions?|millionen|millón|millones|milhão|milhões|مليون|ملايين": 1_000_000,
}
PERCENT = (
    r"(?:%|per ?cent\b|pct\b|prozent\w*|v\.? ?h\.|pour ?cents?\b|por ?cien(?:to)?\b|"
    r"por ?cento\b|بالم(?:ئه|ائه|يه)|في الم(?:ئه|ائه|يه))"
)
PRICE_WORDS = re.compile(
    r"\b(?:costs?|pric\w+|kost\w+|preis\w*|coût\w*|prix|cuesta\w*|precios?|vale|custa\w*|preços?|"
    r"refund\w*|erstatt\w*|rembours\w*|reembols\w*|discount\w*|rabatt\w*|remises?|réductions?|"
    r"descuentos?|"
    r"descontos?|saldo|balance|guthaben|solde)\b|سعر|يكلف|تكلف|خصم|تخفيض|رصيد"
)
LIMIT_WORDS = re.compile(
    r"(?:under|below|up to|at most|less than|no more than|max(?:imum|imal)?\.?|within|unter|"
    r"bis(?: zu)?|"
    r"höchstens|weniger als|moins de|jusqu['’]à|en dessous de|sous|au plus|menos de|hasta|"
    r"por debajo de|"
    r"como máximo|até|abaixo de|no máximo|اقل من|تحت|حتي|لا يزيد عن|دون)\s*(?:de |zu |les |los |"
    r"os )?$"
)

# Days and times ------------------------------------------------------------------------------

_MONTHS = """
january jan januar jänner janvier enero janeiro يناير كانون_الثاني
february feb februar feber février fevrier febrero fevereiro fev fév فبراير شباط
march mar märz mrz mars marzo março مارس اذار
april apr avril avr abril abr ابريل ابريل نيسان
may mai mayo maio مايو ايار
june jun juni juin junio junho يونيو حزيران
july jul juli juillet juil julio julho يوليو تموز
august aug août aout agosto ago اغسطس اغسطس اب
september sep sept septembre septiembre setiembre setembro set سبتمبر ايلول
october oct oktober okt octobre octubre outubro out اكتوبر اكتوبر تشرين_الاول
november nov novembre noviembre novembro نوفمبر تشرين_الثاني
december dec dezember dez décembre decembre diciembre dic dezembro ديسمبر كانون_الاول
"""
MONTHS = {
    name.replace("_", " "): number
    for number, line in enumerate(_MONTHS.strip().splitlines(), 1)
    for name in line.split()
}
# Too short, or another word as well: a month only beside a day or a year.
MONTH_ALONE = {name for name in MONTHS if len(name) > 4} - {"march", "marzo", "abril"}
_DAYS = """
monday montag lundi lunes segunda-feira الاثنين الاثنين
tuesday dienstag mardi martes terça-feira الثلاثاء
wednesday mittwoch mercredi miércoles quarta-feira الاربعاء
thursday donnerstag jeudi jueves quinta-feira الخميس
friday freitag vendredi viernes sexta-feira الجمعه
saturday samstag sonnabend samedi sábado السبت
sunday sonntag dimanche domingo الاحد
"""
WEEKDAYS = {
    name: number for number, line in enumerate(_DAYS.strip().splitlines()) for name in line.split()
}
RELATIVE = {
    r"day after tomorrow|übermorgen|après-demain|pasado mañana|depois de amanhã|بعد غد": 2,
    r"day before yesterday|vorgestern|avant-hier|anteayer|antes de ayer|anteontem|اول امس": -2,
    r"tomorrow|(?<!guten )(?<!am )morgen|demain|"
    r"(?<!la )(?<!buena )mañana|amanhã|غدا|غد": 1,
    r"yesterday|gestern|hier|ayer|ontem|امس|البارحه": -1,
    r"today|tonight|heute|aujourd['’]hui|hoy|hoje|اليوم": 0,
}
RELATIVE_WEEKS = {
    r"this week|diese(?:r)? woche|cette semaine|esta semana|هذا الاسبوع": 0,
    r"next week|nächste(?:r|n)? woche|kommende(?:r|n)? woche|la semaine prochaine|"
    r"la (?:próxima semana|semana que viene)|próxima semana|semana que vem|الاسبوع (?:القادم|"
    r"المقبل)": 1,
    r"last week|letzte(?:r|n)? woche|la semaine dernière|la semana pasada|semana passada|"
    r"الاسبوع الماضي": -1,
}
UNITS = {
    r"(?:minute|minuto)s?|minuten|min\.?|دقيقه|دقائق": "minute",
    r"hours?|hrs?|stunden?|std\.?|heures?|horas?|h|ساعه|ساعات": "hour",
    r"(?:(?:business|working|calendar) )?days?|(?:werk|arbeits)?tage?n?|jours?(?: ouvr(?:és|"
    r"ables?))?|"
    r"días?(?: h[aá]biles| laborables)?|dias?(?: úteis)?|يوم(?:ا)?|ايام": "day",
    r"weeks?|wochen?|semaines?|semanas?|اسبوع|اسابيع": "week",
    r"months?|monate?n?|mois|mes(?:es)?|mês|شهر|اشهر|شهور": "month",
    r"years?|jahre?n?|an(?:née)?s?|años?|anos?|سنه|سنوات|عام": "year",
}

# How far something is ------------------------------------------------------------------------

STATUSES = {
    "delivered": r"delivered|arrived|has landed|zugestellt|(?:aus)?geliefert|angekommen|"
    r"eingetroffen|"
    r"livrée?s?|arrivée?s?|distribuée?s?|entregad[oa]s?|llegado|llegó|entregues?|chegou|chegado|"
    r"تم التسليم|تم تسليم\w*|تم توصيل\w*|تم التوصيل|وصل|وصلت|وصلتك|سلمت?|سلمت",
    "shipped": r"shipped|dispatched|(?:been|was|were|is) sent|on (?:its|the|their) way|in transit|"
    r"out for delivery|versandt|verschickt|versendet|abgeschickt|unterwegs|expédiée?s?|envoyée?s?|"
    r"en (?:route|chemin|transit)|enviad[oa]s?|despachad[oa]s?|en camino|en tránsito|a caminho|"
    r"em trânsito|postad[oa]s?|تم الشحن|تم شحن\w*|شحنت?|شحنت|في الطريق",
    "refunded": r"refunded|reimbursed|(?:zu)?(?:rück)?erstattet|zurückgezahlt|zurücküberwiesen|"
    r"gutgeschrieben|remboursée?s?|reembolsad[oa]s?|estornad[oa]s?|reintegrad[oa]s?|"
    r"تم رد\w*|تم استرداد\w*|تم ارجاع المبلغ|اعيد المبلغ|مسترد(?:ه)?",
    "paid": r"paid|payment (?:was |has been |is )?received|bezahlt|beglichen|payée?s?|réglée?s?|"
    r"pagad[oa]s?|abonad[oa]s?|(?:foi|est[áã]o?|foram|sido|já) pag[oa]s?|تم الدفع|تم دفع\w*|"
    r"مدفوع(?:ه)?|"
    r"دفعت?",
    "cancelled": r"cancell?ed|voided|storniert|annulliert|gekündigt|annulée?s?|cancelad[oa]s?|"
    r"anulad[oa]s?|تم الالغاء|تم الغاء\w*|ملغ[ييا](?:ه)?|ملغاه|الغيت?|الغيت?",
    "returned": r"returned|retourniert|zurückgesendet|zurückgeschickt|retournée?s?|devuelt[oa]s?|"
    r"devolvid[oa]s?|مرتجع(?:ه)?|تم ارجاع\w*",
    "pending": r"pending|being processed|processing|on hold|awaiting|in bearbeitung|ausstehend|"
    r"wird bearbeitet|en attente|en cours(?: de traitement)?|pendientes?|en proceso|procesando|"
    r"pendentes?|em processamento|قيد \w+|معلق(?:ه)?",
    "completed": r"completed|successful(?:ly)?|approved|confirmed|gone through|went through|"
    r"credited|"
    r"abgeschlossen|erfolgreich|genehmigt|bestätigt|effectuée?s?|confirmée?s?|approuvée?s?|"
    r"réussie?s?|"
    r"completad[oa]s?|aprobad[oa]s?|confirmad[oa]s?|exitos[oa]s?|concluíd[oa]s?|aprovad[oa]s?|"
    r"مكتمل(?:ه)?|اكتملت?|ناجح(?:ه)?|تمت الموافقه|مؤكد(?:ه)?|تم تاكيد\w*|تم التاكيد",
    "failed": r"failed|declined|rejected|fehlgeschlagen|abgelehnt|gescheitert|échouée?s?|"
    r"refusée?s?|"
    r"rejetée?s?|fallid[oa]s?|fallado|rechazad[oa]s?|falhou|falhad[oa]s?|recusad[oa]s?|"
    r"rejeitad[oa]s?|"
    r"فشلت?|مرفوض(?:ه)?|رفضت?|تم رفض\w*",
    "packed": r"packed|ready for (?:pick-?up|collection)|verpackt|gepackt|abholbereit|emballée?s?|"
    r"prête?s? à être|empaquetad[oa]s?|embalad[oa]s?|تم التغليف|تم تغليف\w*|جاهز(?:ه)? للاستلام",
    "delayed": r"delayed|verspätet|verzögert|retardée?s?|retrasad[oa]s?|atrasad[oa]s?|متاخر(?:ه)?",
    "lost": r"got lost|been lost|was lost|verloren gegangen|égarée?s?|extraviad[oa]s?|مفقود(?:ه)?",
    "granted": r"granted|have applied|been applied|was applied|gewährt|angewendet|accordée?s?|"
    r"appliquée?s?|concedid[oa]s?|aplicad[oa]s?|تم تطبيق\w*|تم منح\w*",
}
# What shops call it, beside the words above.
SHOP_STATUSES = {
    "fulfilled": {"shipped"},
    "partially_fulfilled": {"shipped"},
    "unfulfilled": {"pending"},
    "authorized": {"pending"},
    "open": {"pending"},
    "scheduled": {"pending"},
    "in_progress": {"pending"},
    "voided": {"cancelled"},
    "partially_refunded": {"refunded"},
    "partially_paid": {"paid"},
    "attempted_delivery": {"shipped"},
    "success": {"completed"},
    "succeeded": {"completed"},
    "settled": {"completed", "paid"},
    "processed": {"completed"},
    "done": {"completed"},
    "complete": {"completed"},
    "issued": {"granted"},
    "redeemed": {"granted"},
    "reserved": {"granted"},
}
IMPLIED = {"delivered": {"shipped"}, "refunded": {"paid"}}
NEGATION = re.compile(
    r"(?:\b(?:not|n['’]t|never|no|yet to be|nicht|nie|kein\w*|pas|jamais|aucune?|nunca|não|nao|"
    r"ainda não|"
    r"sin|sem|without|ohne|sans)\b|n['’]t\b|لم|ليس(?:ت)?|لا|غير|بدون)(?:\W+\w+){0,5}\W*$"
)
# Right before a status: "will soon be", but not "I can see that it was".
FUTURE = re.compile(
    r"(?:\b(?:will|shall|should|can|cannot|could|may|might|would|to|gets?)"
    r"(?: (?:not|soon|also|then|only|probably|still|be|get|have|been))*|'ll(?: soon)?(?: be| get)?|"
    r"\b(?:sera|seront|devrait être|devraient être|peut être|peuvent être|pourra être|doit être|"
    r"va être|vont être|será|serán|serão|debería ser|puede ser|pueden ser|va a ser|deberá ser|"
    r"deve ser|devem ser|pode ser|podem ser|vai ser|vão ser|deverá ser)(?: \w+)?|"
    r"(?:سوف|سيتم|يمكن)(?: \w+)?) ?$|\b(?:wird|werden|soll|sollte|kann|können)\b[^.!?]*$"
)
FUTURE_WORDS = re.compile(
    r"\b(?:will|should|shall|wird|werden|soll\w*|kommt|voraussichtlich|sera|seront|arrivera|"
    r"devrait|será\w*|llegará|"
    r"debería|chegará|deve|expected|arrives)\b|'ll\b|سوف|سيتم|سيصل|يصل"
)
# Before a status that is not said to be so: "if it was", "as soon as it is", not "once I saw it".
CONDITION = re.compile(
    r"\b(?:if|whether|unless|falls|ob|sofern|si)\b(?:\W+\w+){0,8}\W*$|(?:اذا|"
    r"هل)(?:\W+\w+){0,8}\W*$|"
    r"\b(?:once|when|until|as soon as|wenn|sobald|bis|dès qu|dès que|une fois|quand|lorsque|"
    r"en cuanto|"
    r"una vez|cuando|hasta que|assim que|quando|até que|عندما|بمجرد)\b(?!\W+(?:i|we|ich|wir|je|"
    r"nous|yo)\b)"
    r"(?:\W+(?!was\b|were\b|wurden?\b|fue\b|fueron\b|foi\b|foram\b)\w+){0,6}\W*$"
)
ASKING = re.compile(
    r"^\W*(?!did you know|wuss?ten|saviez|sab[ií]a)(?:has|have|was|were|is|are|did|do|does|would|"
    r"could|should|can|may|shall|which|what|"
    r"when|where|how|who|"
    r"hat|haben|wurde\w*|ist|sind|soll\w*|möcht\w*|können|kann|darf|welche\w*|wann|was|wie|wo|"
    r"est-ce|avez|as-tu|voulez|souhaitez|pouvez|puis|quel\w*|quand|comment|"
    r"¿|ha\b|está|fue|quiere\w*|puede\w*|cuál\w*|cuándo|"
    r"foi|você|quer|pode|qual|quais|quando|como|هل|متي|كيف|ما|اي)"
)
# Who promises what only people and the shop's own pages may.
PROMISE = re.compile(
    r"(?:\b(?:we|i)(?: will|'ll| can| shall|'ve|'m| have| am going to)?\b|\bguarantee\w*|"
    r"\bpromise\w*|"
    r"\bgarantier\w*|\bverspr\w+|\b(?:wir|ich)\b|\b(?:nous|je)\b|\bgaranti\w*|\bprome\w+|"
    r"\b(?:vamos|voy|vou|podemos|puedo|posso|hemos|he|le|te|les|lhe) |سوف|سن|نعدك|نضمن)"
    r"(?:\W+\w+){0,5}?\W*(?P<what>refund\b|reimburse\b|compensate\b|replace\b|waive\b|erstatten?\b|"
    r"entschädigen?\b|ersetzen?\b|rembours(?:e|er|ons|erons|erai)\b|dédommag(?:e|er|ons)\b|"
    r"remplac(?:e|er|erons)\b|reembols(?:o|ar|amos|aremos|aré|arei)\b|compens(?:ar|aremos)\b|"
    r"indemniz(?:ar|amos)\b|reemplazar\b|substituir\b|نرد|نسترد|نعوض|نعيد)"
)
# What an assistant says to have done, and no tool of its can.
ACTION = re.compile(
    r"\b(?:i|we)(?:'ve| have|'ll| will)(?: (?:just|now|already|also))* (?:change|update|sen[dt]|"
    r"create|forward|"
    r"issue|book|schedule|extend|notif|contact|reserve|place|open|inform|arrange|process|"
    r"initiate)\w*|"
    r"\b(?:ich habe|wir haben)\b[^.!?,]{0,60}?\b(?:geändert|aktualisiert|gesendet|geschickt|"
    r"erstellt|"
    r"weitergeleitet|ausgestellt|gebucht|verlängert|benachrichtigt|kontaktiert|reserviert|"
    r"veranlasst|"
    r"informiert|eingeleitet)\b|"
    r"\b(?:j'ai|nous avons)(?: \w+)? (?:modifié|changé|envoyé|créé|transmis|transféré|réservé|"
    r"prolongé|"
    r"contacté|informé|effectué|lancé)\w*|"
    r"\b(?:he|hemos) (?:cambiado|modificado|actualizado|enviado|creado|reenviado|emitido|reservado|"
    r"ampliado|avisado|contactado|informado|procesado|iniciado)\b|"
    r"\b(?:alterei|atualizei|enviei|criei|encaminhei|emiti|reservei|prolonguei|avisei|contactei|"
    r"informei|"
    r"processei|iniciei)\b|(?:لقد |قمت ب)(?:غير|ارسل|انشا|حول|حجز|مدد|ابلغ|اخبر|عالج|تغيير|ارسال|"
    r"انشاء|تحويل|حجز)\w*"
)
# They deny nothing of what follows.
NO_DENIAL = re.compile(
    r"\b(?:no doubt|without (?:a |any )?doubt|not only|ohne (?:jeden )?zweifel|nicht nur|"
    r"sans (?:aucun )?doute|non seulement|pas seulement|sin (?:ninguna )?duda|no s[oó]lo|"
    r"sem (?:qualquer )?dúvida|"
    r"não só|não apenas)\b|بلا شك|بدون شك|ليس فقط"
)

# What there is, and what is promised for nothing ---------------------------------------------

STOCK = {
    "available": r"(?<!not )(?<!n['’]t )in stock|auf lager|(?<!nicht )lieferbar|"
    r"(?<!nicht )vorrätig|"
    r"en stock|en existencias|em estoque|em stock|(?<!غير )متوفر(?:ه)?",
    "sold out": r"sold out|out of stock|not in stock|ausverkauft|vergriffen|"
    r"nicht (?:mehr )?(?:lieferbar|vorrätig|"
    r"verfügbar)|épuisée?s?|rupture de stock|agotad[oa]s?|sin existencias|esgotad[oa]s?|"
    r"fora de estoque|"
    r"نفد(?:ت)?|غير متوفر(?:ه)?",
}
AVAILABLE = re.compile(
    r"\b(?:available|verfügbar|disponibles?|disponível|disponíveis)\b|متاح(?:ه)?"
)
PEOPLE = re.compile(
    r"\b(?:i|we|team|colleagues?|agents?|support|person|people|someone|nobody|help|staff|ich|wir|"
    r"mitarbeiter\w*|"
    r"kolleg\w*|jemand|niemand|hilfe|je|nous|équipe|collègues?|conseill\w*|personne|aide|yo|"
    r"nosotros|equipo|"
    r"compañer\w*|agentes?|alguien|nadie|ayuda|nós|equipe|colegas?|alguém|ninguém|ajuda|service|"
    r"servicio|serviço|"
    r"information\w*|informaci\w*|informaç\w*|data|daten|données|datos|dados|24/7)\b|فريق|زميل|"
    r"موظف|مساعده"
)
LEFT = re.compile(
    r"(?P<a>\d+)\W+(?:\w+\W+){0,2}?(?:left|remaining|in stock|stück|auf lager|übrig|restante?s?|"
    r"en stock|en existencias|"
    r"unidades|em estoque|em stock|قطع|متبقيه|متبق)|(?:quedan|restam|sobram|reste(?:nt)?|plus que|"
    r"nur noch|"
    r"tenemos solo|بقي|تبقي)\W+(?:\w+\W+)?(?P<b>\d+)"
)
OFFERS = {
    "half": r"half[- ](?:price|off)|half the price|(?:zum )?halbe\w* preis|à moitié prix|"
    r"moitié prix|"
    r"a mitad de precio|mitad de precio|metade do preço|pela metade|نصف السعر|نصف الثمن",
    "free": r"free (?:shipping|delivery|returns?|of charge)|(?:for|it['’]?s|is|are|completely|"
    r"totally) free\b|"
    r"kostenlos\w*|kostenfrei\w*|gratis\w*|umsonst|gratuite?s?|gratuitement|offerte?s?|"
    r"sin cost[eo]|"
    r"grátis|gratuit[oa]s?|de graça|مجان\w*",
    "gift": r"free (?:gifts?|samples?)|gratisgeschenk\w*|gratisprobe\w*|cadeau offert|"
    r"regalo gratis|"
    r"brinde|هديه مجانيه",
    "part": r"(?:a|one) (?:third|quarter|fifth) off|ein (?:drittel|viertel) (?:rabatt|günstiger)|"
    r"un (?:tiers|quart) de réduction|un (?:tercio|cuarto) de descuento|um (?:terço|"
    r"quarto) de desconto",
    "some for fewer": r"\d ?(?:for|für|pour|por|x) ?\d(?!\w)",
    "two for one": r"buy (?:one|1),? get (?:one|1)|(?:two|2) for (?:one|1)|(?:zwei|"
    r"2) für (?:eins?|1)|2 pour 1|2x1|"
    r"dos por uno|leve (?:dois|2)",
    "money back": r"money[- ]back|geld[- ]zurück|satisfait ou remboursé|devolución del dinero|"
    r"dinheiro de volta|استرداد الاموال",
}
DISCOUNT_WORDS = re.compile(
    r"\b(?:codes?|coupons?|vouchers?|promos?|promo\w*|discount\w*|redeem\w*|checkout|gutschein\w*|"
    r"rabatt\w*|"
    r"einlös\w*|kasse|remises?|réductions?|bons? d['’]achat|cup[oó]n\w*|cupo[mn]\w*|código\w*|"
    r"descuentos?|"
    r"descontos?|canje\w*|utilis\w+|appl(?:y|ique\w*)|enter|use|usa|usar)\b|كود|رمز|قسيمه|كوبون|"
    r"خصم|استخدم"
)
