"""My profile: what the shop's server has said of the visitor, never what a browser claims."""

from __future__ import annotations

from chat.assistant.tools.arguments import Arguments
from chat.assistant.tools.plain import plain
from core.access import Assurance
from core.customers import customer_for
from core.db import Work
from core.tools import Result, Source, Tool, Use, need_customer
from core.views import View

ATTRIBUTES = 30


class MyProfile(Arguments):
    """Nothing: it is of whoever asks."""


class Profile(View):
    """Who the visitor is, as their shop knows them."""

    name: str
    email: str
    attributes: dict[str, str]


async def my_profile(use: Use, _: MyProfile) -> Result:
    """The profile of whoever asks."""

    def read(work: Work) -> Profile:
        row = customer_for(work, use.workspace_id, need_customer(use))
        said = {name: str(fact["value"]) for name, fact in row.profile.items()}
        attributes = list(row.attributes.items())[:ATTRIBUTES]
        return Profile(
            name=plain(said.get("name", "")),
            email=plain(said.get("email", "")),
            attributes={plain(name): plain(str(fact["value"])) for name, fact in attributes},
        )

    profile = await use.services.db.read(read)
    if not (profile.name or profile.email or profile.attributes):
        return Result(status="nothing", note="No profile.")
    source = Source(kind="profile", id=need_customer(use), title="What the shop knows of you")
    return Result(status="found", data=profile, sources=(source,), note="Their profile.")


tool = Tool(
    name="my_profile",
    title="Know their profile",
    description=(
        "The name, e-mail address and attributes (such as a level or a balance) that the shop "
        "keeps of the visitor who is writing."
    ),
    arguments=MyProfile,
    run=my_profile,
    assurance=Assurance.HMAC,
    limit="Their own profile",
)
