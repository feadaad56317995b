"""Groups of commands: help in panels without rich, and a group with a default command."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from goldwire.cli.colors import ColoredContext
from goldwire.stages import STAGES

__all__ = [
    "DEFAULT",
    "EXCHANGE",
    "INFERENCE",
    "MACHINES",
    "PANELS",
    "PIPELINE",
    "QUALITY",
    "RELEASES",
    "SERVER",
    "WORKSPACE",
    "DefaultCommandGroup",
    "PanelGroup",
    "print_help",
]

WORKSPACE = "Workspace"
PIPELINE = "Pipeline, in this order"
SERVER = "Annotation server"
MACHINES = "Machine annotators"
QUALITY = "Data checks"
INFERENCE = "Inference"
RELEASES = "Released versions"
EXCHANGE = "Other tools"
PANELS = (WORKSPACE, PIPELINE, SERVER, MACHINES, QUALITY, INFERENCE, RELEASES, EXCHANGE)

DEFAULT = "run"
"""The name of the command that a `DefaultCommandGroup` runs if its first argument names none."""


class PanelGroup(TyperGroup):
    """A group whose help lists the commands by panel (`rich_help_panel`) in plain text, in the order of use."""

    context_class = ColoredContext

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, whose help is coloured like that of the group."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            command.context_class = ColoredContext
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one section per panel."""
        panels: dict[str, list[tuple[str, str]]] = {panel: [] for panel in PANELS}
        for name in sorted(self.list_commands(ctx), key=self.position):
            command = self.commands[name]
            if not command.hidden:
                panel = getattr(command, "rich_help_panel", None)
                title = panel if isinstance(panel, str) else "Commands"
                panels.setdefault(title, []).append((name, command.get_short_help_str(limit=100)))
        for panel, rows in panels.items():
            if rows:
                with formatter.section(panel):
                    formatter.write_dl(rows)

    def position(self, name: str) -> int:
        """Return the position of a command in its panel: typer lists groups last, but `adjudicate` is a stage."""
        stages = [stage.name for stage in STAGES]
        if name in stages:
            return stages.index(name)
        is_group = isinstance(self.commands[name], TyperGroup)
        return -1 if is_group and not isinstance(self.commands[name], DefaultCommandGroup) else len(stages)


class DefaultCommandGroup(PanelGroup):
    """A group that runs its command `run` if the first argument is not a command: `GROUP X` is `GROUP run X`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the default command where none is named."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


def print_help(context: typer.Context) -> None:
    """Print the help of a group that was called without a command."""
    print(context.get_help())
