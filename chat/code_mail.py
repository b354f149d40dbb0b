"""Code mail: the message that carries a six-digit code, in the visitor's language."""

from __future__ import annotations

from typing import NamedTuple

from core.mail import Mail


class _Words(NamedTuple):
    subject: str
    text: str


_TEXTS = {
    "en": _Words(
        "{code} is your code for {shop}",
        "Hello,\n\nyour code for the chat with {shop} is\n\n    {code}\n\n"
        "It is good for ten minutes. Nobody from {shop} will ever ask you for it.\n"
        "If you did not ask for a code, ignore this message: without the code nothing happens.\n",
    ),
    "de": _Words(
        "{code} ist Ihr Code für {shop}",
        "Guten Tag,\n\nIhr Code für den Chat mit {shop} lautet\n\n    {code}\n\n"
        "Er gilt zehn Minuten. Niemand von {shop} wird Sie je danach fragen.\n"
        "Haben Sie keinen Code angefordert? Dann ignorieren Sie diese Nachricht: ohne den Code "
        "geschieht nichts.\n",
    ),
    "fr": _Words(
        "{code} est votre code pour {shop}",
        "Bonjour,\n\nvotre code pour la conversation avec {shop} est\n\n    {code}\n\n"
        "Il est valable dix minutes. Personne chez {shop} ne vous le demandera jamais.\n"
        "Si vous n’avez pas demandé de code, ignorez ce message : sans le code, rien ne se "
        "passe.\n",
    ),
    "es": _Words(
        "{code} es su código para {shop}",
        "Hola:\n\nsu código para el chat con {shop} es\n\n    {code}\n\n"
        "Vale durante diez minutos. Nadie de {shop} se lo pedirá nunca.\n"
        "Si no ha pedido un código, ignore este mensaje: sin el código no pasa nada.\n",
    ),
    "pt": _Words(
        "{code} é o seu código para {shop}",
        "Olá,\n\no seu código para a conversa com {shop} é\n\n    {code}\n\n"
        "É válido durante dez minutos. Ninguém da {shop} lho pedirá.\n"
        "Se não pediu um código, ignore esta mensagem: sem o código nada acontece.\n",
    ),
    "ar": _Words(
        "{code} هو رمزك لدى {shop}",
        "مرحبًا،\n\nرمزك للمحادثة مع {shop} هو\n\n    {code}\n\n"
        "الرمز صالح لمدة عشر دقائق. لن يطلبه منك أي شخص من {shop}.\n"
        "إذا لم تطلب رمزًا فتجاهل هذه الرسالة: لن يحدث شيء بدون الرمز.\n",
    ),
}


def code_mail(to: str, code: str, shop: str, locale: str) -> Mail:
    """The message in the language of `locale` ("de-AT" is German), or in English."""
    words = _TEXTS.get(locale.partition("-")[0].lower(), _TEXTS["en"])
    return Mail(
        to=to,
        subject=words.subject.format(code=code, shop=shop),
        text=words.text.format(code=code, shop=shop),
        sender_name=shop,
    )
