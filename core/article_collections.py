"""Collections: the shelves of the help centre, with a name in each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from sqlalchemy import JSON, BigInteger, Column, Index, func, select
from sqlmodel import Field, SQLModel, col

from core.access import Principal
from core.audit import audit
from core.db import Work
from core.drafts import short
from core.errors import Conflict, Invalid, NotFound
from core.events import ArticlesChanged
from core.ids import new_id
from core.locales import LOCALES, preferred

Icon = Literal[
    "book", "truck", "refund", "box", "card", "wallet", "gift", "tag",
    "heart", "shield", "clock", "chat", "person", "globe", "tool", "spark",
]  # fmt: skip
ICONS: tuple[Icon, ...] = get_args(Icon)
MOST = 200
NAME_LENGTH = 80
FIRST = {
    "en": "General",
    "de": "Allgemeines",
    "fr": "Général",
    "es": "General",
    "pt": "Geral",
    "ar": "عام",
}


class Collection(SQLModel, table=True):
    """One shelf; `names` has at least one language."""

    __tablename__ = "article_collections"
    __table_args__ = (Index("article_collections_in_order", "workspace_id", "position"),)

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    names: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    icon: str = "book"
    position: int = 0
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


def collections(work: Work, workspace_id: str) -> list[Collection]:
    """The workspace's collections, in their order."""
    query = select(Collection).where(col(Collection.workspace_id) == workspace_id)
    return list(work.session.scalars(query.order_by(col(Collection.position), col(Collection.id))))


def collection(work: Work, workspace_id: str, collection_id: str) -> Collection:
    """The collection, or NotFound."""
    found = work.session.get(Collection, (workspace_id, collection_id))
    if found is None:
        raise NotFound("There is no such collection.")
    return found


def collection_for(work: Work, workspace_id: str, collection_id: str, locale: str) -> Collection:
    """The collection an article is to be in: with no id the first, made if there is none."""
    if collection_id:
        found = work.session.get(Collection, (workspace_id, collection_id))
        if found is None:
            raise Invalid("There is no such collection.", field="collection")
        return found
    known = collections(work, workspace_id)
    return known[0] if known else _added(work, workspace_id, {locale: FIRST[locale]}, "book", 0)


def name_of(row: Collection, locale: str, home: str) -> str:
    """What a collection is called in a language, or in the next best."""
    return row.names[preferred(locale, home, row.names)]


def create_collection(
    work: Work, by: Principal, names: Mapping[str, str], icon: str, position: int | None = None
) -> Collection:
    """A new collection, at the end unless a place is given; Invalid if there are too many."""
    count = select(func.count()).where(col(Collection.workspace_id) == by.workspace_id)
    known = int(work.execute(count).scalar_one())
    if known >= MOST:
        raise Invalid(f"A help centre has at most {MOST} collections.")
    row = _added(work, by.workspace_id, checked_names(names), checked_icon(icon), known)
    if position is not None:
        move(work, row, position)
    audit(work, by, "collection.created", row.id, after={"names": row.names})
    work.announce(by.workspace_id, ArticlesChanged())
    return row


def _added(
    work: Work, workspace_id: str, names: dict[str, str], icon: str, position: int
) -> Collection:
    return work.add(
        Collection(
            workspace_id=workspace_id,
            id=new_id("col"),
            names=names,
            icon=icon,
            position=position,
            created_at=work.now,
            updated_at=work.now,
        )
    )


def change_collection(
    work: Work,
    by: Principal,
    collection_id: str,
    names: Mapping[str, str] | None = None,
    icon: str | None = None,
    position: int | None = None,
) -> Collection:
    """Change what is given; the names are replaced as a whole."""
    row = collection(work, by.workspace_id, collection_id)
    before = {"names": row.names, "icon": row.icon}
    row.names = row.names if names is None else checked_names(names)
    row.icon = row.icon if icon is None else checked_icon(icon)
    row.updated_at = work.now
    work.add(row)
    if position is not None:
        move(work, row, position)
    after = {"names": row.names, "icon": row.icon}
    if after != before:
        audit(work, by, "collection.changed", row.id, before, after)
    work.announce(by.workspace_id, ArticlesChanged())
    return row


def delete_collection(work: Work, by: Principal, collection_id: str) -> None:
    """Take an empty collection away; Conflict while it has articles."""
    from core.articles import Article  # which refers to this table

    row = collection(work, by.workspace_id, collection_id)
    inside = select(func.count()).where(
        col(Article.workspace_id) == by.workspace_id, col(Article.collection_id) == row.id
    )
    if work.execute(inside).scalar_one():
        raise Conflict("There are articles in this collection: move or delete them first.")
    audit(work, by, "collection.deleted", row.id, before={"names": row.names})
    work.session.delete(row)
    work.session.flush()
    work.announce(by.workspace_id, ArticlesChanged())


def move(work: Work, row: Collection, position: int) -> None:
    """Put a collection at a place among the others."""
    others = [one for one in collections(work, row.workspace_id) if one.id != row.id]
    others.insert(max(0, position), row)
    number(work, others)


def number(work: Work, rows: Sequence[Collection]) -> None:
    """Give rows the positions they have in the list."""
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
            work.add(row)


def checked_names(names: Mapping[str, str]) -> dict[str, str]:
    """Names by language, in our order; Invalid for another language, no name or a long one."""
    unknown = [locale for locale in names if locale not in LOCALES]
    if unknown:
        raise Invalid(f"names must be in {', '.join(LOCALES)}.", field="names")
    checked = {str(one): short(names.get(one, ""), "names", NAME_LENGTH) for one in LOCALES}
    found = {locale: name for locale, name in checked.items() if name}
    if not found:
        raise Invalid("A collection needs a name.", field="names")
    return found


def checked_icon(icon: str) -> str:
    """One of `ICONS`, or Invalid."""
    if icon not in ICONS:
        raise Invalid(f"icon must be one of {', '.join(ICONS)}.", field="icon")
    return icon
