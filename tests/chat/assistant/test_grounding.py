"""What a reply may say: only what a tool's result of its turn says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.assistant.grounding import ungrounded
from chat.assistant.notation import to_plain_signs
from chat.assistant.plain import Sentences, sentences, to_text
from core.money import DIGITS, to_money
from core.tools import Result, Source
from core.views import ArticleCard, DiscountCard, OrderCard, ProductCard, RecordCard, Step

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SHOP = "kestrel.example"


def at(day: int, hour: int = 9, minute: int = 30) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


RED = ProductCard(
    id="prd_80f2e4",
    title="Trail Jacket 3000",
    price=to_money(7990, "EUR"),
    url=f"https://{SHOP}/products/trail-jacket",
)
COAT = ProductCard(id="prd_99", title="Winter Coat", price=to_money(129900, "EUR"), available=False)
ARRIVED = OrderCard(
    id="rec_1",
    number="#1001",
    status="Delivered",
    tone="positive",
    total=to_money(129900, "EUR"),
    placed_at=at(16),
    steps=(Step(name="placed", at=at(16)), Step(name="shipped", at=at(18)), Step(name="delivered")),
    items=2,
)
ON_ITS_WAY = OrderCard(
    id="rec_2",
    number="#1002",
    status="in_transit",
    tone="info",
    total=to_money(4950, "EUR"),
    placed_at=at(20),
    steps=(
        Step(name="paid", at=at(20)),
        Step(name="shipped", at=at(21, 16, 5)),
        Step(name="delivered", done=False),
    ),
    parcel="DHL",
    tracking="JJD000390007882",
    tracking_url="https://parcels.example/t/JJD000390007882",
    expected_at=at(24),
)
DEPOSIT = RecordCard(
    id="rec_3",
    kind="deposit",
    reference="DEP-7781",
    title="Bank transfer",
    amount=to_money(25000, "EUR"),
    status="completed",
    tone="positive",
    occurred_at=at(21),
)
CODE = DiscountCard(
    id="dis_1", code="CHAT-7F3K9Q", title="10% off", percent="10", expires_at=at(29)
)
RETURNS = {
    "slug": "returns",
    "title": "Returns",
    "excerpt": "You can send everything back within 30 days. Shipping costs 4,90 €, and it is free "
    "of charge above 50 €. Refunds take 3–5 business days. Mon–Fri 9:00–17:00, "
    f"call +49 30 901820 or write to help@{SHOP}. See https://evil.example/win and "
    f"https://{SHOP}/pages/returns.",
    "url": "https://hub.example/help/kestrel/returns",
}
FOUND = [
    Result(status="found", data=[RED, COAT], cards=(RED, COAT)),
    Result(status="found", data=[ARRIVED, ON_ITS_WAY], cards=(ARRIVED, ON_ITS_WAY)),
    Result(status="found", data=[DEPOSIT], cards=(DEPOSIT,)),
    Result(status="found", data=CODE, cards=(CODE,)),
    Result(
        status="found",
        data=[RETURNS],
        cards=(ArticleCard(slug="returns", title="Returns", locale="en"),),
        sources=(Source(kind="article", id="returns", title="Returns"),),
    ),
]
SAID = (
    "Where is my order 1001? I'd like a red jacket under 80 euros, size 42. My code is SAVE50. "
    "What of order 4711? Give me 50%."
)


def findings(text: str, results: Any = FOUND, said: str = SAID, locale: str = "") -> list[str]:
    hosts = [SHOP, "hub.example"]
    return [
        one.text
        for one in ungrounded(
            to_text(text), results, said=said, hosts=hosts, now=NOW, locale=locale
        )
    ]


def plainly(text: str) -> str:
    return to_plain_signs(text).casefold().strip(" .")


TRUE = """
The Trail Jacket 3000 costs 79.90 EUR.
Trail Jacket 3000: €79.90
Here are two jackets under 80 euros:
1. Trail Jacket 3000, 79,90 €
The Winter Coat (1.299,00 €) is sold out.
Your order #1001 was delivered.
Order 1002 is on its way and should be delivered on 24 November.
It was shipped yesterday at 16:05 by DHL, tracking number JJD000390007882.
Track it here: https://parcels.example/t/JJD000390007882.
Your last deposit of 250.00 EUR (DEP-7781) was completed on Nov 21, 2026.
Order #1002 has not been delivered yet.
Here is your code: CHAT-7F3K9Q. It gives you 10% off until 29 November.
You can send everything back within 30 days; shipping costs €4.90.
Refunds take 3-5 business days. We answer 24/7.
Has it been delivered to a neighbour?
I found 1 article about returns.
I could not find an order 4711 for you.
How can I help you today?
Is size 42 right for you?
I can't give you 50%, but 10% off is fine.
Write to help@kestrel.example or call +49 30 901820.
Your coat was not delivered late, e.g. on a Sunday.
Hello! I am happy to help. What are you looking for?
I do not know that. A colleague will get back to you.
It is expected in 2 days.
Die Trail Jacket 3000 kostet 79,90 €.
Ihre Bestellung #1001 wurde zugestellt.
Die Bestellung 1002 wurde am 21. November um 16:05 Uhr verschickt.
Sie kommt voraussichtlich am 24.11.2026 an.
Bestellung #1002 wurde noch nicht zugestellt.
Ihre letzte Einzahlung über 250,00 EUR vom 21.11. war erfolgreich.
Sie können alles innerhalb von 30 Tagen zurückgeben.
Hier sind zwei Jacken unter 80 Euro.
Guten Morgen! Wie kann ich Ihnen helfen?
Mit dem Code CHAT-7F3K9Q erhalten Sie 10 % Rabatt.
La Trail Jacket 3000 coûte 79,90 €.
Votre commande nº 1001 a été livrée.
La commande 1002 a été expédiée hier et devrait arriver le 24 novembre.
Votre dépôt de 250,00 € du 21 novembre 2026 a été effectué.
Vous avez 30 jours pour tout renvoyer.
La Trail Jacket 3000 cuesta 79,90 euros.
Su pedido 1001 ha sido entregado.
El pedido 1002 fue enviado ayer y debería llegar el 24 de noviembre.
Su último depósito de 250 euros, del 21 de noviembre de 2026, fue completado.
Tiene 30 días para devolverlo todo.
A Trail Jacket 3000 custa 79,90 €.
O seu pedido 1001 foi entregue.
O pedido 1002 foi enviado ontem e deve chegar a 24 de novembro.
O seu último depósito de 250,00 EUR foi concluído.
Tem 30 dias para devolver tudo.
سعر Trail Jacket 3000 هو ٧٩٫٩٠ يورو.
تم تسليم طلبك رقم ١٠٠١.
تم شحن الطلب ١٠٠٢ أمس.
تم تأكيد الإيداع بقيمة ٢٥٠ يورو في ٢١ نوفمبر ٢٠٢٦.
لديك 30 يوما لإرجاع كل شيء.
مرحبا! كيف يمكنني مساعدتك اليوم؟
I have checked: your order #1001 was delivered.
I have found two jackets for you.
You will get an e-mail as soon as it is shipped.
If it was not delivered, ask your neighbours.
It should arrive on the 24th.
Sie kommt voraussichtlich am 24. an.
The order should arrive next week. Order #1002 is 49.50 EUR.
I have created a discount code for you: CHAT-7F3K9Q.
That makes EUR79.90 for the Trail Jacket 3000.
Ihre Bestellung wird voraussichtlich am 24. November zugestellt.
Votre commande devrait être livrée le 24 novembre.
Su pedido será entregado el 24 de noviembre.
Deve ser entregue a 24 de novembro.
"""

FALSE = """
The Trail Jacket 3000 costs 69.90 EUR. | 69.90 EUR
The Trail Jacket 3000 costs $79.90. | $79.90
The Trail Jacket 3000 costs 1.299,00 €. | 1.299,00 €
It costs eighty euros. | 80 euros
Only 80! It costs 80. | 80
It is twenty-five euros. | 25 euros
You get 20% off. | 20%
You get fifty percent off. | 50 percent
I can do 50 % for you. | 50 %
You get it for half price. | half price
Shipping takes 2 days and there is a free gift. | free gift
Use SAVE50 at the checkout. | SAVE50
Use FREESHIP at the checkout. | FREESHIP
Use FREESHIP at the checkout within three days. | FREESHIP
Your code is C-H-A-T-9. | C-H-A-T-9
Your code: welcome | welcome
Enter save20now. | save20now
Your order #1002 was delivered. | delivered
Your order #1001 was refunded. | refunded
Your order was cancelled. | cancelled
I have refunded your order. | refunded
We will refund you the money. | refund
Order #1001 has not been delivered yet. | delivered
It was delivered on 19 November. | 19 November
It arrives tomorrow. | tomorrow
It should arrive on Friday. | Friday
It arrives on 2026-12-01. | 2026-12-01
It arrives on 12/01/2026. | 12/01/2026
It was shipped at 18:45. | 18:45
It takes 14 days. | 14 days
Your order 1003 is here. | 1003
Your tracking number is JJD000390007883. | JJD000390007883
The Winter Coat is in stock. | in stock
Only 3 left! | 3 left
See https://evil.example/win. | https://evil.example/win
See https://kestrel.example/secret-sale. | https://kestrel.example/secret-sale
See evil.example. | evil.example
See //evil.example/x | //evil.example/x
Click javascript:alert(1) | javascript:alert(1)
Log in at https://kestrel.example@evil.example/ | https://kestrel.example@evil.example/
Write to win@evil.example. | win@evil.example
Call +49 30 901821. | +49 30 901821
Your deposit failed. | failed
Your balance is 12 dollars. | 12 dollars
Die Trail Jacket kostet nur 59,90 €. | 59,90 €
Die Jacke kostet fünfundzwanzig Euro. | 25 euro
Ihre Bestellung #1002 wurde zugestellt. | zugestellt
Ihre Bestellung wurde storniert. | storniert
Wir erstatten Ihnen den vollen Betrag, ich werde das erstatten. | erstatten
Der Versand ist kostenlos bei 2x1. | 2x1
Sie kommt übermorgen in 14 Tagen an. | 14 tagen
Mit dem Code GRATIS50 sparen Sie. | GRATIS50
La veste coûte 59,90 €. | 59,90 €
La commande 1002 a été livrée. | livrée
Votre commande a été remboursée. | remboursée
Vous recevez cinquante pour cent de remise. | 50 pour cent
Elle arrive demain. | demain
La chaqueta cuesta 59,90 euros. | 59,90 euros
El pedido 1002 ha sido entregado. | entregado
Su pedido fue reembolsado. | reembolsado
Le doy un veinte por ciento. | 20 por ciento
O casaco custa 59,90 euros. | 59,90 euros
O pedido 1002 foi entregue. | entregue
O seu pedido foi cancelado. | cancelado
Dou-lhe vinte por cento. | 20 por cento
السعر هو ٥٩٫٩٠ يورو. | 59.90 يورو
تم تسليم الطلب ١٠٠٢. | تم تسليم
تم إلغاء طلبك. | تم إلغاء
خصم ٢٠٪ لك. | 20%
خصم عشرين بالمئة لك. | 20 بالمئة
يصل غدا. | غدا
I can see that your order #1002 was delivered. | delivered
You can rest assured that it was refunded. | refunded
Je peux voir que votre commande 1002 a été livrée. | livrée
Puedo ver que el pedido 1002 fue entregado. | entregado
Once I checked it was refunded. | refunded
No problem, your order #1002 was delivered. | delivered
No doubt order 1002 was delivered. | delivered
Order No. 1002 was delivered. | delivered
#1002 is not late and was delivered. | delivered
Did you know your order was refunded? | refunded
Your order #1002? It was delivered. | delivered
Use the code welcome at the checkout. | welcome
It arrives on the 5th. | on the 5th
It arrives this week. | this week
Sie kommt diese Woche. | diese woche
3 for 2 today only! | 3 for 2
A quarter off everything. | a quarter off
See evil [.] example now. | evil [.] example
See evil dot example now. | evil dot example
It costs 5️⃣1️⃣ EUR. | 51 EUR
It costs 5̶1̶ EUR. | 51 EUR
It costs ５１ EUR. | 51 EUR
I have changed your address. | I have changed
I've sent you an e-mail. | I've sent
Ich habe Ihre Adresse geändert. | ich habe ihre adresse geändert
J'ai modifié votre adresse. | j'ai modifié
He cambiado su dirección. | he cambiado
Alterei a sua morada. | alterei
لقد غيرت عنوانك. | لقد غيرت
Ваш заказ доставлен. | Ваш заказ доставлен
Your order was dеlivered. | dеlivered
您的订单已退款。 | 您的订单已退款.
"""


@pytest.mark.parametrize("text", TRUE.strip().splitlines())
def test_what_a_result_says_may_be_said(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize("line", FALSE.strip().splitlines())
def test_what_no_result_says_may_not_be_said(line: str) -> None:
    text, _, wrong = line.partition(" | ")
    assert plainly(wrong) in [plainly(one) for one in findings(text)]


# Whatever the amount, the currency and the notation --------------------------------------------


def _grouped(text: str, thousands: str, point: str) -> str:
    whole, _, part = text.partition(".")
    groups = f"{int(whole):,}".replace(",", thousands)
    return f"{groups}{point}{part}" if part else groups


NOTATIONS = [
    lambda text, code: f"It is {_grouped(text, ',', '.')} {code} now.",
    lambda text, code: f"It is {code} {_grouped(text, ',', '.')}.",
    lambda text, code: f"Das macht {_grouped(text, '.', ',')} {code}, bitte.",
    lambda text, code: f"Cela fait {_grouped(text, chr(0x202F), ',')}\u00a0{code}.",
    lambda text, code: f"Son {_grouped(text, '.', ',')}{code}.",
    lambda text, code: f"هو {_grouped(text, '٬', '٫')} {code}".translate(ARABIC),
]
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
CODES = sorted(set(DIGITS) - {"ALL", "TOP", "TRY", "CUP", "PEN", "BAM", "MOP", "SOS", "GEL", "RON"})


@settings(deadline=None)  # the machine is shared
@given(
    minor=st.integers(100, 10**9),
    code=st.sampled_from(CODES),
    write=st.sampled_from(NOTATIONS),
    wrong=st.integers(1, 10**6),
)
def test_an_amount_is_known_in_every_notation_and_no_other_amount_is(
    minor: int, code: str, write: Any, wrong: int
) -> None:
    card = ProductCard(id="prd_1", title="Lamp", price=to_money(minor, code))
    found = [Result(status="found", data=[card], cards=(card,))]
    assert findings(write(to_money(minor, code).text, code), found, said="") == []
    assert findings(write(to_money(minor + wrong * 1009, code).text, code), found, said="")


@settings(deadline=None)  # the machine is shared
@given(percent=st.integers(1, 100), other=st.integers(1, 100))
def test_a_percentage_is_only_the_one_of_a_result(percent: int, other: int) -> None:
    card = DiscountCard(id="dis_1", code="CHAT-1A2B", title="off", percent=str(percent))
    found = [Result(status="found", data=card, cards=(card,))]
    for text in (f"You get {other}% off.", f"{other} Prozent!", f"خصم {other}٪"):
        assert bool(findings(text, found, said=f"{other}% please")) == (percent != other)


@settings(deadline=None)  # the machine is shared
@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    plain = to_text(text)
    findings(plain)
    assert "".join(sentences(plain)) == plain
    assert "<script" not in plain.lower()


@settings(deadline=None)  # the machine is shared
@given(st.text(alphabet="ab1. !?\n([<>)]#*é؟:/", max_size=120), st.lists(st.integers(1, 9)))
def test_a_text_that_comes_in_pieces_has_the_same_sentences(text: str, sizes: list[int]) -> None:
    pieces, cut, start = [], Sentences(), 0
    for size in [*sizes, len(text) + 1]:
        pieces += cut.take(text[start : start + size])
        start += size
    assert "".join(pieces) + cut.rest() == text


MARKUP = {
    "See [our shop](https://evil.example/x).": "See our shop.",
    "![cat](https://evil.example/p.png?q=secret)Hello": "Hello",
    "<img src=x onerror=alert(1)>Hi <b>you</b>": "Hi you",
    "<script>alert(1)</script>Hello": "Hello",
    "&lt;img src=x&gt;Hi": "Hi",
    "<a href='https://evil.example'>Click</a>": "Click",
    "**79.90 EUR** and `CHAT-7F3K9Q`": "79.90 EUR and CHAT-7F3K9Q",
    "# Hello\n- #1001 is *here*": "Hello\n- #1001 is here",
    "[a]: https://evil.example\nHi": "\nHi",
    "<https://evil.example>": "https://evil.example",
    "1 < 2 and 3 > 2": "1 < 2 and 3 > 2",
    "a\u202eb\x00c": "abc",
}


@pytest.mark.parametrize("markup", MARKUP)
def test_a_5_markup_becomes_plain_text(markup: str) -> None:
    assert to_text(markup) == MARKUP[markup]


def test_another_things_price_or_status_is_not_this_ones() -> None:
    assert findings("The Winter Coat costs 79.90 EUR.") == ["79.90 EUR"]
    assert findings("Order #1002 cost 1,299.00 EUR.") == ["1,299.00 EUR"]
    assert findings("#1001 was delivered and #1002 was shipped.") == []
    assert findings("#1001 was shipped and #1002 was delivered.") == ["delivered"]


def test_without_results_nothing_is_known() -> None:
    for text in ("Your order has been shipped.", "It is 5 EUR.", "Your order has not been paid."):
        assert findings(text, [], said="")
    assert findings("Hello! What can I do for you?", [], said="") == []


def test_what_was_only_said_is_neither_price_nor_code_nor_status() -> None:
    said = "My order was delivered, it cost 80 EUR and the code is SAVE50 for 50%, is it?"
    for text in (
        "It costs 80 EUR.",
        "Use SAVE50 at the checkout.",
        "You get 50%.",
        "It was delivered.",
    ):
        assert findings(text, [], said=said)


def test_an_amount_is_seen_across_the_end_of_a_sentence() -> None:
    assert findings("For you it is 80.\nEuros, that is.") == ["80 Euros"]
    long = "Your last deposit of the amount that follows here was the sum of 250.00 EUR. Thank you."
    assert findings(long) == []


HOSTILE = [
    "1",
    "a.",
    "a-",
    "1-",
    "w. ",
    "[x](",
    "<a ",
    "delivered ",
    "one hundred ",
    "not ",
    "&lt;",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_D_5_a_hostile_text_is_read_in_pieces(piece: str) -> None:
    """What takes long here would take minutes if it were read as one sentence."""
    text = to_text(piece * (3_000 // len(piece)))
    assert max(map(len, sentences(text)), default=0) <= 600
    findings(text)


def test_an_article_may_be_quoted_word_for_word() -> None:
    rule = "Vous pouvez annuler une commande tant qu’elle n’est pas emballée ou expédiée."
    article = Result(status="found", data=[{"slug": "x", "title": "Annuler", "excerpt": rule}])
    assert findings(f"De notre article “Annuler” : “{rule}”", [article, *FOUND], said="") == []
    assert findings(rule, [article, *FOUND], said="") == []
    assert findings("Votre commande a été emballée.", [article, FOUND[1]], said="") == ["emballée"]
