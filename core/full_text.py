"""Full-text search: words in, rows out, the same on SQLite (FTS5) and PostgreSQL (tsvector).

Both index words prepared here: lower case, without accents, Chinese and Japanese by the
character. The tables, triggers and index that SQLModel cannot express are in `fts_ddl`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from core.db import Work

QUERY_LENGTH = 300
QUERY_WORDS = 12
WORD_LENGTH = 64

# ASCII, which most text is: lower case, and spaces for what is no letter or digit.
_PLAIN = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
# Accents; the vowels that Arabic mostly leaves out, and the stroke that only widens a word.
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u0652\u0670\u0640]+")
# Letters, digits and the marks that some scripts write within a word.
_WORD = re.compile(r"(?:[^\W_]|[\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff])+")
# Written without spaces: each character is a word, and a query's run of them a phrase.
_IDEOGRAPH = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)

Phrase = list[str]


def to_words(text: str) -> str:
    """A text as the index keeps it: plain words between single spaces."""
    return " ".join([word for phrase in to_phrases(text) for word in phrase])


def to_phrases(text: str) -> list[Phrase]:
    """The words of a text; what is written without spaces is a phrase of its characters."""
    if text.isascii():
        return [[word[:WORD_LENGTH]] for word in text.translate(_PLAIN).split()]
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    folded = unicodedata.normalize("NFC", text).casefold()
    return [
        [word[:WORD_LENGTH] for word in _IDEOGRAPH.findall(run)] for run in _WORD.findall(folded)
    ]


@dataclass(frozen=True)
class Index:
    """What is searchable of a table that has `title_words` and `more_words`, by workspace."""

    table: str
    noun: str  # the search's own tables are named after it
    keys: Mapping[str, str]  # columns that name a row within its workspace, by what we call them

    def tables(self) -> tuple[str, ...]:
        """What SQLite has for it beside the table itself."""
        return f"{self.noun}_numbers", f"{self.noun}_words", f"{self.noun}_search"


PRODUCTS = Index("products", "product", {"product_id": "id"})
ARTICLES = Index("article_texts", "article", {"article_id": "article_id", "locale": "locale"})
INDEXES = (PRODUCTS, ARTICLES)


def fts_ddl(dialect: str, indexes: Iterable[Index] = INDEXES) -> list[str]:
    """The statements that make rows searchable; run after the indexes' tables are there."""
    to_ddl = _postgresql_ddl if dialect == "postgresql" else _sqlite_ddl
    return [statement for index in indexes for statement in to_ddl(index)]


def find(
    work: Work, index: Index, workspace_id: str, words: str, limit: int
) -> list[tuple[str, ...]]:
    """Names of the rows that have every word, the last one as a beginning; best first.

    Only when there are none: those that have any of the words.
    """
    phrases = to_phrases(words[:QUERY_LENGTH])[:QUERY_WORDS]
    for every in (True, False):
        found = match(work, index, workspace_id, as_typed(phrases), limit, every=every)
        if found or len(phrases) <= 1:
            return found
    return []


class Term(NamedTuple):
    """What a row must have: one of the spellings, whole or as a beginning."""

    spellings: Sequence[Phrase]
    begins: bool


def as_typed(phrases: Sequence[Phrase]) -> list[Term]:
    """The phrases as terms: the last may be a beginning, its writer may be typing still."""
    return [Term([phrase], place == len(phrases) - 1) for place, phrase in enumerate(phrases)]


def match(
    work: Work,
    index: Index,
    workspace_id: str,
    terms: Sequence[Term],
    limit: int,
    *,
    every: bool,
) -> list[tuple[str, ...]]:
    """Names of the rows that have every term, or any of them; best first."""
    if not terms:
        return []
    values = {"workspace": workspace_id, "count": limit}
    if work.connection.dialect.name == "postgresql":
        statement, query = _ON_POSTGRESQL[index.noun], to_tsquery(terms, every)
    else:
        statement, query = _ON_SQLITE[index.noun], to_fts5(terms, every)
        if is_shared(work, index, workspace_id):
            query = f'workspace : "{workspace_id}" AND ({query})'
    return [tuple(row) for row in work.execute(statement, {**values, "query": query})]


def is_shared(work: Work, index: Index, workspace_id: str) -> bool:
    """Whether another workspace has rows in this index, too.

    To rank, FTS5 counts all rows that have a word, so the workspace as a word costs a pass over
    its whole catalog: four fifths of a search among 20,000 products. Most hubs have one shop.
    """
    return bool(work.execute(_OTHERS[index.noun], {"workspace": workspace_id}).scalar())


def to_fts5(terms: Sequence[Term], every: bool, columns: str = "title more") -> str:
    """A MATCH expression. Words are letters and digits only, and quoted: nothing is an operator."""
    written = [
        " OR ".join(f'"{" ".join(phrase)}"' + ("*" if begins else "") for phrase in spellings)
        for spellings, begins in terms
    ]
    return f"{{{columns}}} : ((" + (") AND (" if every else ") OR (").join(written) + "))"


def to_tsquery(terms: Sequence[Term], every: bool, weights: str = "") -> str:
    """The same for PostgreSQL; `weights` "A" looks at titles only."""
    written = [
        " | ".join(_lexemes(phrase, begins, weights) for phrase in spellings)
        for spellings, begins in terms
    ]
    return "(" + (") & (" if every else ") | (").join(written) + ")"


def _lexemes(phrase: Phrase, begins: bool, weights: str) -> str:
    mark = f":{weights}" if weights else ""
    last = f":*{weights}" if begins else mark
    words = [f"'{word}'{mark}" for word in phrase[:-1]] + [f"'{phrase[-1]}'{last}"]
    return "(" + " <-> ".join(words) + ")"


def _others(index: Index) -> str:
    numbers = f"{index.noun}_numbers"
    return f"""
    SELECT EXISTS (SELECT 1 FROM {numbers} WHERE workspace_id < :workspace)
        OR EXISTS (SELECT 1 FROM {numbers} WHERE workspace_id > :workspace)
    """  # noqa: S608 (every name is one of INDEXES, here and below)


def _on_sqlite(index: Index) -> str:
    """The workspace is a word of the index as well, so that another tenant's rows cost nothing,
    and the best are chosen before their names are looked up."""
    names = ", ".join(f"n.{name}" for name in index.keys)
    return f"""
    SELECT {names}
    FROM (SELECT rowid, bm25({index.noun}_search, 0.0, 8.0, 1.0) AS score FROM {index.noun}_search
          WHERE {index.noun}_search MATCH :query ORDER BY score LIMIT :count) AS best
    JOIN {index.noun}_numbers AS n ON n.number = best.rowid
    WHERE n.workspace_id = :workspace
    ORDER BY best.score, n.number
    """  # noqa: S608


def _sqlite_ddl(index: Index) -> list[str]:
    noun, table = index.noun, index.table
    names = ", ".join(index.keys)
    news = ", ".join(f"new.{column}" for column in index.keys.values())
    columns = "".join(f"        {name} TEXT NOT NULL,\n" for name in index.keys)
    joined = "\n            AND ".join(
        f"p.{column} = n.{name}" for name, column in index.keys.items()
    )
    new = "\n            AND ".join(f"{name} = new.{column}" for name, column in index.keys.items())
    old = new.replace("= new.", "= old.")
    added = f"""INSERT INTO {noun}_search (rowid, workspace, title, more)
            SELECT number, new.workspace_id, new.title_words, new.more_words FROM {noun}_numbers
            WHERE workspace_id = new.workspace_id
            AND {new};"""  # noqa: S608
    dropped = f"""INSERT INTO {noun}_search ({noun}_search, rowid, workspace, title, more)
            SELECT 'delete', number, old.workspace_id, old.title_words, old.more_words
            FROM {noun}_numbers WHERE workspace_id = old.workspace_id
            AND {old};"""  # noqa: S608
    return [
        # FTS5 needs a number for each row that survives VACUUM; a table with a text key has none.
        f"""CREATE TABLE {noun}_numbers (
        number INTEGER PRIMARY KEY,
        workspace_id TEXT NOT NULL,
{columns}        UNIQUE (workspace_id, {names}))""",
        f"""CREATE VIEW {noun}_words AS
        SELECT n.number, p.workspace_id AS workspace, p.title_words AS title, p.more_words AS more
        FROM {noun}_numbers AS n
        JOIN {table} AS p ON p.workspace_id = n.workspace_id
            AND {joined}""",  # noqa: S608
        f"""CREATE VIRTUAL TABLE {noun}_search USING fts5(
        workspace, title, more, content = '{noun}_words', content_rowid = 'number',
        tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc' tokenchars '_'")""",
        f"""CREATE TRIGGER {noun}_added AFTER INSERT ON {table} BEGIN
        INSERT INTO {noun}_numbers (workspace_id, {names})
            VALUES (new.workspace_id, {news});
        {added}
    END""",  # noqa: S608
        f"""CREATE TRIGGER {noun}_reworded AFTER UPDATE OF title_words, more_words ON {table}
    WHEN (old.title_words, old.more_words) <> (new.title_words, new.more_words) BEGIN
        {dropped}
        {added}
    END""",
        f"""CREATE TRIGGER {noun}_removed AFTER DELETE ON {table} BEGIN
        {dropped}
        DELETE FROM {noun}_numbers
            WHERE workspace_id = old.workspace_id
            AND {old};
    END""",  # noqa: S608
    ]


def _on_postgresql(index: Index) -> str:
    names = ", ".join(index.keys.values())
    return f"""
    SELECT {names} FROM {index.table}, to_tsquery('simple', :query) AS query
    WHERE workspace_id = :workspace AND search @@ query
    ORDER BY ts_rank(search, query) DESC, {names} LIMIT :count
    """  # noqa: S608


def _postgresql_ddl(index: Index) -> list[str]:
    return [
        f"""ALTER TABLE {index.table} ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title_words), 'A')
        || setweight(to_tsvector('simple', more_words), 'D')) STORED""",
        f"CREATE INDEX {index.table}_search ON {index.table} USING gin (search)",
    ]


_OTHERS = {index.noun: text(_others(index)) for index in INDEXES}
_ON_SQLITE = {index.noun: text(_on_sqlite(index)) for index in INDEXES}
_ON_POSTGRESQL = {index.noun: text(_on_postgresql(index)) for index in INDEXES}
