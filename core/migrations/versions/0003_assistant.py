"""Assistant."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0003_assistant"
down_revision = "0002_connections"


def upgrade() -> None:
    op.create_table(
        "article_collections",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("icon", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
    )
    op.create_index(
        "article_collections_in_order",
        "article_collections",
        ["workspace_id", "position"],
        unique=False,
    )
    op.create_table(
        "assistant_holds",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visitor_id", sa.String(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
    )
    op.create_index(
        "assistant_holds_of_visitor",
        "assistant_holds",
        ["workspace_id", "visitor_id"],
        unique=False,
    )
    op.create_table(
        "assistant_usage",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("visitor_id", sa.String(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("handovers", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "day", "visitor_id"),
    )
    op.create_table(
        "assistants",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("on_since", sa.BigInteger(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("discount_percent", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("tokens_a_day", sa.BigInteger(), nullable=False),
        sa.Column("tokens_a_visitor", sa.BigInteger(), nullable=False),
        sa.Column("price_in", sa.BigInteger(), nullable=False),
        sa.Column("price_out", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("cost_a_day", sa.BigInteger(), nullable=True),
        sa.Column("unhelpful", sa.Boolean(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "shop_codes",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=True),
        sa.Column("free_shipping", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("usage_limit", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("vendor_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "source", "external_id"),
    )
    op.create_index(
        "shop_codes_by_code", "shop_codes", ["workspace_id", "code_key", "id"], unique=False
    )
    op.create_table(
        "articles",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("collection_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("helpful_yes", sa.Integer(), nullable=False),
        sa.Column("helpful_no", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "collection_id"],
            ["article_collections.workspace_id", "article_collections.id"],
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "slug"),
    )
    op.create_index(
        "articles_in_order", "articles", ["workspace_id", "collection_id", "position"], unique=False
    )
    op.create_table(
        "article_slugs",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "article_id"],
            ["articles.workspace_id", "articles.id"],
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "slug"),
    )
    op.create_index(
        "article_slugs_of_article", "article_slugs", ["workspace_id", "article_id"], unique=False
    )
    op.create_table(
        "article_texts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("public_title", sa.String(), nullable=False),
        sa.Column("public_body", sa.Text(), nullable=False),
        sa.Column("public_plain", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("title_words", sa.Text(), nullable=False),
        sa.Column("more_words", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "article_id"],
            ["articles.workspace_id", "articles.id"],
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "article_id", "locale"),
    )
    op.create_table(
        "email_codes",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visitor_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "visitor_id"],
            ["visitors.workspace_id", "visitors.id"],
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
    )
    op.create_index("email_codes_by_age", "email_codes", ["created_at"], unique=False)
    op.create_index(
        "email_codes_of_address",
        "email_codes",
        ["workspace_id", "address", "created_at"],
        unique=False,
    )
    op.create_index(
        "email_codes_of_visitor",
        "email_codes",
        ["workspace_id", "visitor_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "assistant_talks",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("visitor_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("waiting_for", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "conversation_id"],
            ["conversations.workspace_id", "conversations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "visitor_id"],
            ["visitors.workspace_id", "visitors.id"],
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "conversation_id"),
    )
    op.create_index(
        "assistant_talks_of_visitor",
        "assistant_talks",
        ["workspace_id", "visitor_id"],
        unique=False,
    )
    op.create_index("assistant_talks_working", "assistant_talks", ["state", "until"], unique=False)
    op.create_table(
        "assistant_transcripts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("withheld", sa.Text(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "conversation_id"],
            ["conversations.workspace_id", "conversations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "conversation_id", "message_id"),
    )
    op.create_index(
        "assistant_transcripts_by_time",
        "assistant_transcripts",
        ["workspace_id", "at"],
        unique=False,
    )
    op.add_column(
        "conversations", sa.Column("answering", sa.String(), server_default="", nullable=False)
    )
    op.create_index("customers_by_email", "customers", ["workspace_id", "email_key"], unique=False)
    op.create_index(
        "discounts_by_reference", "discounts", ["workspace_id", "source", "reference"], unique=False
    )
    op.add_column(
        "visitors", sa.Column("proven_email", sa.String(), server_default="", nullable=False)
    )
    op.add_column("workspaces", sa.Column("handle", sa.String(), server_default="", nullable=False))
    op.create_index(
        "workspaces_by_handle",
        "workspaces",
        ["handle"],
        unique=True,
        sqlite_where=sa.text("handle <> ''"),
        postgresql_where=sa.text("handle <> ''"),
    )
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    name_workspaces(op.get_bind())


def name_workspaces(connection: sa.Connection) -> None:
    """Give each workspace of before a readable name for its public addresses."""
    taken = {"static"}  # an address below /help
    rows = connection.execute(sa.text("SELECT id, name FROM workspaces ORDER BY created_at, id"))
    for workspace_id, name in rows.all():
        handle = wanted = to_handle(name)
        number = 2
        while handle in taken:
            handle, number = f"{wanted}-{number}", number + 1
        taken.add(handle)
        connection.execute(
            sa.text("UPDATE workspaces SET handle = :handle WHERE id = :id"),
            {"handle": handle, "id": workspace_id},
        )


def to_handle(name: str) -> str:
    """Letters and digits of any script, small and without accents, between hyphens."""
    plain = re.sub("[\u0300-\u036f]+", "", unicodedata.normalize("NFKD", name[:320]))
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain).casefold())
    return "-".join(words)[:70].strip("-") or "shop"


SEARCH = {
    "sqlite": (
        r"""CREATE TABLE article_numbers (
        number INTEGER PRIMARY KEY,
        workspace_id TEXT NOT NULL,
        article_id TEXT NOT NULL,
        locale TEXT NOT NULL,
        UNIQUE (workspace_id, article_id, locale))""",
        r"""CREATE VIEW article_words AS
        SELECT n.number, p.workspace_id AS workspace, p.title_words AS title, p.more_words AS more
        FROM article_numbers AS n
        JOIN article_texts AS p ON p.workspace_id = n.workspace_id
            AND p.article_id = n.article_id
            AND p.locale = n.locale""",
        r"""CREATE VIRTUAL TABLE article_search USING fts5(
        workspace, title, more, content = 'article_words', content_rowid = 'number',
        tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc' tokenchars '_'")""",
        r"""CREATE TRIGGER article_added AFTER INSERT ON article_texts BEGIN
        INSERT INTO article_numbers (workspace_id, article_id, locale)
            VALUES (new.workspace_id, new.article_id, new.locale);
        INSERT INTO article_search (rowid, workspace, title, more)
            SELECT number, new.workspace_id, new.title_words, new.more_words FROM article_numbers
            WHERE workspace_id = new.workspace_id
            AND article_id = new.article_id
            AND locale = new.locale;
    END""",
        r"""CREATE TRIGGER article_reworded AFTER UPDATE OF title_words, more_words ON article_texts
    WHEN (old.title_words, old.more_words) <> (new.title_words, new.more_words) BEGIN
        INSERT INTO article_search (article_search, rowid, workspace, title, more)
            SELECT 'delete', number, old.workspace_id, old.title_words, old.more_words
            FROM article_numbers WHERE workspace_id = old.workspace_id
            AND article_id = old.article_id
            AND locale = old.locale;
        INSERT INTO article_search (rowid, workspace, title, more)
            SELECT number, new.workspace_id, new.title_words, new.more_words FROM article_numbers
            WHERE workspace_id = new.workspace_id
            AND article_id = new.article_id
            AND locale = new.locale;
    END""",
        r"""CREATE TRIGGER article_removed AFTER DELETE ON article_texts BEGIN
        INSERT INTO article_search (article_search, rowid, workspace, title, more)
            SELECT 'delete', number, old.workspace_id, old.title_words, old.more_words
            FROM article_numbers WHERE workspace_id = old.workspace_id
            AND article_id = old.article_id
            AND locale = old.locale;
        DELETE FROM article_numbers
            WHERE workspace_id = old.workspace_id
            AND article_id = old.article_id
            AND locale = old.locale;
    END""",
    ),
    "postgresql": (
        r"""ALTER TABLE article_texts ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title_words), 'A')
        || setweight(to_tsvector('simple', more_words), 'D')) STORED""",
        r"""CREATE INDEX article_texts_search ON article_texts USING gin (search)""",
    ),
}
