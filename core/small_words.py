"""Small words: those that every question has, so that they say nothing of what is sought."""

from __future__ import annotations

# As the index spells them; by language, although a word is small in all of them or in none.
_BY_LANGUAGE = {
    "en": """
        a an and any anything are as at be by can could did do does for from get give has have
        how i if in is it its know long many me much my need no not of on or our please should
        so some something take takes tell that the their them there they this to until us want
        was we what when where which who why will with would you your
    """,
    "de": """
        aber als am an auch auf aus bei bin bis bitte da das dass dauert dem den der des die
        dies diese dieser du ein eine einem einen einer er es etwas euch euer fur gibt hab habe
        haben hat ich ihr im in ist ja kann kannst konnen lange man mein meine meinem meinen
        mich mir mit nach nicht oder sie sind so uber um und uns viel viele von vor wann warum
        was welche wenn wer wie wir wird wo wollen zu zum zur
    """,
    "fr": """
        a au aux avec c ca ce ces cette chose combien comment d dans de des du elle en est et il
        ils j je l la le les leur longtemps ma mes moi mon n ne nous on ou par pas peut peux
        pour puis qu quand que quel quelle quels qui s sa sans se ses son sont sur ta te tes tu
        un une vos votre vous y
    """,
    "es": """
        al algo como con cual cuales cuando cuanta cuanto de del donde el ella en es esta este
        esto hay la las lo los me mi mis mucho muy no nos o para pero por puede puedo que quien
        se si sin son su sus tarda te tengo tu tus un una uno y ya
    """,
    "pt": """
        ao aos as com como da das de demora do dos e ela ele em esta este eu isso mas meu meus
        minha minhas muito na nao nas no nos o onde os ou para pela pelo por posso quais qual
        quando quanto que quem se sem ser seu seus sua suas tem tenho um uma voce voces
    """,
    "ar": """
        أن أنا أو أين إلى التي الذي الى ان انا او اين على عن في كم كيف لا لكم لم لي ما ماذا متى
        مع من هذا هذه هل هناك هو هي و يا يستغرق
    """,
}
SMALL_WORDS = frozenset(" ".join(_BY_LANGUAGE.values()).split())
