"""`hub woocommerce plugin`: the WordPress plugin as a zip, the same bytes from the same sources."""

from __future__ import annotations

import ast
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import click

FOLDER = Path(__file__).parent / "wordpress" / "parley"
KINDS = {".css", ".js", ".php", ".po", ".pot", ".txt"}
MADE = (2020, 1, 1, 0, 0, 0)  # a zip notes times; the sources' own differ from machine to machine
MO_MAGIC = 0x950412DE

NEXT = """\
Made {path}, {size:,} bytes.

In WordPress: Plugins > Add New > Upload Plugin, then Settings > Parley.
"""


@click.command("plugin")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="parley.zip",
    show_default=True,
    help="Where to write it.",
)
def plugin(output: Path) -> None:
    """Make the WordPress plugin's zip, to be uploaded in WordPress."""
    made = to_zip()
    try:
        output.write_bytes(made)
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}.") from None
    click.echo(NEXT.format(path=output, size=len(made)), nl=False)


command = click.Group("woocommerce", [plugin], help="What WooCommerce shops need of this hub.")


def to_zip(folder: Path = FOLDER) -> bytes:
    """The plugin with its translations made ready for WordPress.

    Nothing is compressed: what compressing makes differs from one zlib to the next.
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in sorted(_files(folder)):
            info = zipfile.ZipInfo(f"{folder.name}/{name}", MADE)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in KINDS or name.startswith("."):
            continue
        yield name, path.read_bytes()
        if path.suffix == ".po":
            text = path.read_text(encoding="utf-8")
            yield name.removesuffix(".po") + ".mo", to_mo(read_po(text))


def read_po(text: str) -> dict[str, str]:
    """What a translation says for each text; nothing for those it leaves open."""
    said: dict[str, str] = {}
    key = field = ""
    for line in text.splitlines():
        word, _, quoted = line.partition(" ")
        if word in ("msgid", "msgstr"):
            field, key = word, "" if word == "msgid" else key
        elif not line.startswith('"'):
            continue
        part = ast.literal_eval(line if line.startswith('"') else quoted)
        if field == "msgid":
            key += part
        else:
            said[key] = said.get(key, "") + part
    return {key: value for key, value in said.items() if value}


def to_mo(said: dict[str, str]) -> bytes:
    """The same as gettext's msgfmt would compile it, without its hash table."""
    pairs = sorted((key.encode(), value.encode()) for key, value in said.items())
    head = 7 * 4
    tables, texts = b"", b""
    for text in [key for key, _ in pairs] + [value for _, value in pairs]:
        tables += struct.pack("<II", len(text), head + 16 * len(pairs) + len(texts))
        texts += text + b"\0"
    counts = (0, len(pairs), head, head + 8 * len(pairs), 0, head)
    return struct.pack("<7I", MO_MAGIC, *counts) + tables + texts
