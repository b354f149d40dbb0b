"""`hub new-plugin`: a connector of your own, working from the first minute."""

from __future__ import annotations

from pathlib import Path

import click

from core.plugin import NAME

TEMPLATE = Path(__file__).parent.parent / "template"


@click.command()
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("plugins"),
    show_default=True,
    help="The folder that holds plugins.",
)
def command(name: str, into: Path) -> None:
    """Begin a plugin called NAME: a webhook, its mapping, a fixture and a test."""
    if not NAME.fullmatch(name):
        raise click.UsageError("NAME is a short word of lower-case letters, digits and _.")
    folder = into / name
    if folder.exists():
        raise click.ClickException(f"{folder} is there already.")
    for source in sorted(TEMPLATE.rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            target = folder / source.relative_to(TEMPLATE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(renamed(source.read_text(), name, into))
            click.echo(f"  {target}")
    module = ".".join((*into.parts, name, "plugin"))
    click.echo(
        f"\nSwitch it on in plugins.toml with module = “{module}”; {folder}/README.md goes on."
    )


def renamed(text: str, name: str, into: Path) -> str:
    """The template's words as the new plugin's."""
    title = name.replace("_", " ").title()
    package = ".".join((*into.parts, name))
    folder = (into / name).as_posix()
    for old, new in (
        ("plugins.teashop", package),
        ("plugins/teashop", folder),
        ("teashop", name),
        ("TEASHOP", name.upper()),
        ("TeaShop", title.replace(" ", "")),
        ("Tea Shop", title),
    ):
        text = text.replace(old, new)
    return text
