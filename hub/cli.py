"""The `hub` command: one module per command, imported only when it is called."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

from hub import __version__

# What `hub --help` shows. The command is in hub/commands/<name>.py, as `command` or `<name>`.
COMMANDS = {
    "serve": "Start the hub.",
    "worker": "Run jobs in a process of their own.",
    "demo": "Start a hub with a demo shop to try out.",
    "init": "Make a workspace with its owner, widget and first API key.",
    "user": "Add, list and change agents.",
    "keys": "Make, list and revoke API keys.",
    "connect": "Connect a shop without a browser.",
    "sync": "Bring a connected shop's data here now.",
    "plugins": "List plugins, and what each of them adds.",
    "new-plugin": "Begin a plugin of your own.",
    "replay": "Run stored webhooks again.",
    "migrate": "Bring the database to this version's schema.",
    "backup": "Copy all data into one file.",
    "restore": "Bring a backup back.",
    "export": "Write down everything that is known of a customer.",
    "erase": "Take a customer away for good, or all that a shop brought.",
    "doctor": "Check the set-up and say what to mend.",
    "openapi": "Print the description of the HTTP API.",
}


class Commands(click.Group):
    """The commands, found by name: `hub --version` must not wait for a database library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if find_spec(_module(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return _of_plugins().get(cmd_name)
        module = import_module(_module(cmd_name))
        own_name = cmd_name.replace("-", "_")
        command: click.Command = getattr(module, "command", None) or getattr(module, own_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])
        if added := _of_plugins():
            with formatter.section("Commands of plugins"):
                formatter.write_dl(
                    [(name, one.get_short_help_str()) for name, one in added.items()]
                )

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what an operator can mend is told in one sentence, exit code 1."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


def _of_plugins() -> dict[str, click.Command]:
    """What the plugins add, by name; groups of the same name are one."""
    from hub.plugins import load_plugins, plugins_file

    added: dict[str, click.Command] = {}
    for _, command in load_plugins(plugins_file()).collect("register_commands"):
        name = command.name or ""
        known = added.get(name)
        if isinstance(known, click.Group) and isinstance(command, click.Group):
            commands = {**known.commands, **command.commands}
            command = click.Group(name, commands, help=known.help)
        added[name] = command
    return added


def _module(name: str) -> str:
    return f"hub.commands.{name.replace('-', '_')}"


def _sentence(error: Exception) -> str | None:
    """What went wrong, for an operator; None for a fault of ours, which needs its traceback."""
    from sqlalchemy.exc import DBAPIError

    from core.crypto import CannotOpen
    from core.errors import HubError
    from hub.plugins import PluginError
    from hub.settings import SettingsError

    match error:
        case HubError():
            return error.message
        case SettingsError() | PluginError() | CannotOpen():
            return str(error)
        case DBAPIError():
            return f"The database says: {str(error.orig).splitlines()[0]}"
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{error.strerror or error}"
    return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="parley")
def main() -> None:
    """Parley: where a shop's customers, orders and products meet its conversations.

    Settings come from the environment, such as DATABASE_URL, PUBLIC_URL and DATA_DIR.
    """
