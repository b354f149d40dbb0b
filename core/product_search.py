"""Product search: words in, products out, the same on SQLite (FTS5) and PostgreSQL (tsvector).

Both index words prepared here: lower case, without accents, Chinese and Japanese by the
character. The tables, triggers and index that SQLModel cannot express are in `fts_ddl`.
"""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import TextClause, text

from core.db import Work

QUERY_LENGTH = 300
QUERY_WORDS = 12
WORD_LENGTH = 64

# ASCII, which most text is: lower case, and spaces for what is no letter or digit.
_PLAIN = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_ACCENTS = re.compile("[\u0300-\u036f]+")
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
    return " ".join([word for phrase in _phrases(text) for word in phrase])


def _phrases(text: str) -> list[Phrase]:
    if text.isascii():
        return [[word[:WORD_LENGTH]] for word in text.translate(_PLAIN).split()]
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    folded = unicodedata.normalize("NFC", text).casefold()
    return [
        [word[:WORD_LENGTH] for word in _IDEOGRAPH.findall(run)] for run in _WORD.findall(folded)
    ]


def fts_ddl(dialect: str) -> list[str]:
    """The statements that make products searchable; run after the table `products` is there."""
    return list(_POSTGRESQL if dialect == "postgresql" else _SQLITE)


def find_products(work: Work, workspace_id: str, words: str, limit: int) -> list[str]:
    """Ids of the products that have every word, the last one as a beginning; best first.

    Only when there are none: those that have any of the words.
    """
    phrases = _phrases(words[:QUERY_LENGTH])[:QUERY_WORDS]
    if not phrases:
        return []
    postgres = work.connection.dialect.name == "postgresql"
    statement, to_query = (_ON_POSTGRESQL, _tsquery) if postgres else (_ON_SQLITE, _fts5)
    shared = not postgres and _is_shared(work, workspace_id)
    for every in (True, False):
        query = {"workspace": workspace_id, "query": to_query(phrases, every), "count": limit}
        if shared:
            query["query"] = f'workspace : "{workspace_id}" AND ({query["query"]})'
        found = list(work.execute(statement, query).scalars())
        if found or len(phrases) == 1:
            return found
    return []


def _is_shared(work: Work, workspace_id: str) -> bool:
    """Whether another workspace has products in this index, too.

    To rank, FTS5 counts all rows that have a word, so the workspace as a word costs a pass over
    its whole catalog: four fifths of a search among 20,000 products. Most hubs have one shop.
    """
    return bool(work.execute(_OTHERS, {"workspace": workspace_id}).scalar())


def _fts5(phrases: list[Phrase], every: bool) -> str:
    """A MATCH expression. Words are letters and digits only, and quoted: nothing is an operator."""
    terms = [f'"{" ".join(phrase)}"' for phrase in phrases]
    terms[-1] += "*"
    return "{title more} : (" + (" AND " if every else " OR ").join(terms) + ")"


def _tsquery(phrases: list[Phrase], every: bool) -> str:
    terms = ["(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in phrases]
    terms[-1] = terms[-1].removesuffix(")") + ":*)"
    return (" & " if every else " | ").join(terms)


_OTHERS: TextClause = text(
    """
    SELECT EXISTS (SELECT 1 FROM product_numbers WHERE workspace_id < :workspace)
        OR EXISTS (SELECT 1 FROM product_numbers WHERE workspace_id > :workspace)
    """
)
# The workspace is a word of the index as well, so that another tenant's catalog costs nothing,
# and the best are chosen before the products are looked up.
_ON_SQLITE: TextClause = text(
    """
    SELECT n.product_id
    FROM (SELECT rowid, bm25(product_search, 0.0, 8.0, 1.0) AS score FROM product_search
          WHERE product_search MATCH :query ORDER BY score LIMIT :count) AS best
    JOIN product_numbers AS n ON n.number = best.rowid
    WHERE n.workspace_id = :workspace
    ORDER BY best.score, n.number
    """
)
_SQLITE = (
    # FTS5 needs a number for each row that survives VACUUM; a table with a text key has none.
    """CREATE TABLE product_numbers (
        number INTEGER PRIMARY KEY,
        workspace_id TEXT NOT NULL,
        product_id TEXT NOT NULL,
        UNIQUE (workspace_id, product_id))""",
    """CREATE VIEW product_words AS
        SELECT n.number, p.workspace_id AS workspace, p.title_words AS title, p.more_words AS more
        FROM product_numbers AS n
        JOIN products AS p ON p.workspace_id = n.workspace_id AND p.id = n.product_id""",
    """CREATE VIRTUAL TABLE product_search USING fts5(
        workspace, title, more, content = 'product_words', content_rowid = 'number',
        tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc' tokenchars '_'")""",
    """CREATE TRIGGER product_added AFTER INSERT ON products BEGIN
        INSERT INTO product_numbers (workspace_id, product_id) VALUES (new.workspace_id, new.id);
        INSERT INTO product_search (rowid, workspace, title, more)
            SELECT number, new.workspace_id, new.title_words, new.more_words FROM product_numbers
            WHERE workspace_id = new.workspace_id AND product_id = new.id;
    END""",
    """CREATE TRIGGER product_reworded AFTER UPDATE OF title_words, more_words ON products
    WHEN (old.title_words, old.more_words) <> (new.title_words, new.more_words) BEGIN
        INSERT INTO product_search (product_search, rowid, workspace, title, more)
            SELECT 'delete', number, old.workspace_id, old.title_words, old.more_words
            FROM product_numbers WHERE workspace_id = old.workspace_id AND product_id = old.id;
        INSERT INTO product_search (rowid, workspace, title, more)
            SELECT number, new.workspace_id, new.title_words, new.more_words FROM product_numbers
            WHERE workspace_id = new.workspace_id AND product_id = new.id;
    END""",
    """CREATE TRIGGER product_removed AFTER DELETE ON products BEGIN
        INSERT INTO product_search (product_search, rowid, workspace, title, more)
            SELECT 'delete', number, old.workspace_id, old.title_words, old.more_words
            FROM product_numbers WHERE workspace_id = old.workspace_id AND product_id = old.id;
        DELETE FROM product_numbers
            WHERE workspace_id = old.workspace_id AND product_id = old.id;
    END""",
)

_ON_POSTGRESQL: TextClause = text(
    """
    SELECT id FROM products, to_tsquery('simple', :query) AS query
    WHERE workspace_id = :workspace AND search @@ query
    ORDER BY ts_rank(search, query) DESC, id LIMIT :count
    """
)
_POSTGRESQL = (
    """ALTER TABLE products ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title_words), 'A')
        || setweight(to_tsvector('simple', more_words), 'D')) STORED""",
    "CREATE INDEX products_search ON products USING gin (search)",
)
