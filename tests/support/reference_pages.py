"""The reference part of the documentation site, generated from the code into docs/reference/ before each build.

    PYTHONPATH=scripts:tests python -m support.reference_pages

Nothing of it is committed. A page of the command line, of the settings, of the formats, of the checks (one page per
code), of files and JSON output, and of the Python interface, whose docstrings mkdocstrings inserts.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import typer.main

import goldwire
from goldwire import agreement, errors, records
from goldwire.checks.registry import RULES
from goldwire.checks.rule import LEVELS, Rule
from goldwire.checks.venues import VENUES
from goldwire.cli.application import app
from goldwire.cli.groups import PANELS
from goldwire.formats import capabilities, document
from goldwire.stages import check
from goldwire.workspace.layout import find_workspace
from goldwire.workspace.settings_reference import settings_rows
from support import formats_page, snapshots
from support.paths import CASES, REPOSITORY

__all__ = ["FOLDER", "documented_path", "public_names", "render", "write"]

FOLDER = REPOSITORY / "docs" / "reference"

_FOUND_BY = {"check": "goldwire check", "audit": "goldwire audit", "pull": "goldwire pull"}


def render() -> dict[str, str]:
    """Return the text of each page by its path below docs/reference/."""
    pages = {
        "index.md": _index(),
        "cli.md": "\n".join(_command_line()) + "\n",
        "settings.md": _settings(),
        "formats.md": formats_page.page(),
        "venues.md": "\n".join(_venues()) + "\n",
        "files.md": _files(),
        "checks/index.md": "\n".join(_checks()) + "\n",
    }
    pages |= {f"checks/{code}.md": _check(rule) for code, rule in RULES.items()}
    pages |= {f"api/{name}": text for name, text in _api().items()}
    return pages


def write(folder: Path = FOLDER) -> None:
    """Write all pages into a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in render().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(REPOSITORY / ".github" / "images", folder / "images")


def _settings() -> str:
    rows = "\n".join(
        f"| `{row.name}` | {f'`{row.default}`' if row.default else '-'} | {row.description} |"
        for row in settings_rows()
    )
    return f"""\
# Settings

The table `[tool.goldwire]` of a workspace's `pyproject.toml`. `goldwire init` writes it with every
setting in a comment. This page is generated from `goldwire.workspace.layout.Settings`.

| setting | default | meaning |
|---|---|---|
{rows}
"""


def _index() -> str:
    return """\
# Reference

These pages are generated from the code of this version.

- [Command line](cli.md): every command with its options.
- [Settings](settings.md): the table `[tool.goldwire]`.
- [Files and JSON output](files.md): the fields of every file, the columns of a release, the keys of
  `--json`.
- [Formats of other tools](formats.md): what `import` and `export` can carry.
- [Venues](venues.md): what NeurIPS, the Hub and Zenodo ask, and what the sample has of it.
- [Checks](checks/index.md): one page per code that a finding can have.
- [Python](api/index.md): the public functions, records and errors.
"""


def _command_line() -> Iterator[str]:
    """Yield the lines of the page on the command line: a section per panel, a heading per command."""
    root: Any = typer.main.get_command(app)
    context = root.context_class(root, info_name="goldwire")
    yield from ("# Command line", "", str(root.help), "")
    yield from _parameters(root, context)
    panels: dict[str, list[str]] = {panel: [] for panel in PANELS}
    for name in sorted(root.list_commands(context), key=root.position):
        panels.setdefault(root.commands[name].rich_help_panel or "Commands", []).append(name)
    for panel, names in panels.items():
        yield from (f"## {panel}", "")
        for name in names:
            yield from _command(root.commands[name], context, name)


def _command(command: Any, parent: Any, name: str) -> Iterator[str]:
    context = command.context_class(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield from (f"### {context.command_path}", "", command.help, "", "```", usage, "```", "")
    yield from _parameters(command, context)
    if command.epilog:
        lines = [line.removeprefix("\b").strip() for line in command.epilog.splitlines()]
        examples = [line.removeprefix("Example:").removeprefix("Examples:").strip() for line in lines]
        yield from ("```console", *(f"$ {line}" for line in examples if line), "```", "")
    for inner in command.list_commands(context) if hasattr(command, "commands") else ():
        yield from _command(command.commands[inner], context, inner)


def _parameters(command: Any, context: Any) -> Iterator[str]:
    rows = [record for entry in command.params if (record := entry.get_help_record(context)) is not None]
    if rows:
        yield from ("| argument or option | meaning |", "|---|---|")
        yield from (f"| <code>{_cell(name)}</code> | {_cell(meaning)} |" for name, meaning in rows)
        yield ""


def _cell(text: str) -> str:
    """Return text as one cell of a table: nothing in it is a border, a tag or a reference."""
    return " ".join(re.sub(r"[|\[\]<>]", lambda match: f"&#{ord(match[0])};", text).split())


def _venues() -> Iterator[str]:
    """Yield the lines of the page on venues: what each asks, and whether the sample's latest version has it."""
    workspace = find_workspace(REPOSITORY)
    yield from ("# Venues", "", "What `goldwire check --for` says of the latest version of the sample in this")
    yield from ("repository, which is machine-made and in no archive. [Standards and venues](../standards.md)", "")
    yield from ("says how to state what is missing.", "")
    for venue in VENUES:
        report = check.run_venue(workspace, venue)
        yield from (f"## {venue}", "", "| asked by | what | needed | state |", "|---|---|---|---|")
        for one in report.requirements:
            page = f"[{one.source.split('/')[2]}]({one.source})" if "//" in one.source else f"`{one.source}`"
            needed = "required" if one.required else "recommended"
            state = f"{one.state}: {one.detail}" if one.detail else one.state
            yield f"| {page} | {_cell(one.name)} | {needed} | {_cell(state)} |"
        yield from ("", report.to_text().splitlines()[-1] + ".", "")


def _checks() -> Iterator[str]:
    """Yield the lines of the table of all codes, by level."""
    yield from ("# Checks", "", "A finding is one line: file, line, item, level, severity, `[code]`, message.", "")
    yield "`goldwire check --explain CODE` prints the text of a page. An error at level n hides its record"
    yield from ("from the checks of level n + 1, so that one cause gives one finding.", "")
    for level, topic in enumerate(LEVELS):
        yield from (f"## Level {level}: {topic}", "", "| code | severity | problem |", "|---|---|---|")
        rules = sorted((rule for rule in RULES.values() if rule.level == level), key=lambda rule: rule.code)
        yield from (f"| [`{rule.code}`]({rule.code}.md) | {rule.severity} | {_cell(rule.summary)} |" for rule in rules)
        yield ""


def _check(rule: Rule) -> str:
    """Return the page of a code, with the smallest input that has the problem."""
    fix = f"{rule.fix} `goldwire check --fix` does it." if rule.fixable else rule.fix
    case = CASES / rule.code / "case.toml"
    example = f"```text\n{rule.example}\n```\n"
    if case.exists():
        example += f"\nThe smallest input that has it, as a test of the rule:\n\n```toml\n{case.read_text()}```\n"
    return f"""\
# {rule.code}

Level {rule.level} ({LEVELS[rule.level]}), {rule.severity}, reported by `{_FOUND_BY[rule.found_by]}`.

**What it means.** {rule.summary[0].upper()}{rule.summary[1:]}.

**Why it matters.** {rule.why}

**How to fix it.** {fix}

## Example

{example}
[All checks](index.md)
"""


def _files() -> str:
    """Return the page on fields, columns and keys, which are pinned by a test."""
    parts = (
        ("Fields of records and settings", "record_fields.txt", "Files of the workspace hold these records as JSON."),
        ("Columns of a release", "parquet_columns.txt", "The Parquet files of `splits/vX.Y.Z/`."),
        ("Keys of --json", "json_keys.txt", "What a command prints with `--json`. A change of any of them is noted."),
    )
    texts = snapshots.render()
    sections = [f"## {title}\n\n{about}\n\n```text\n{texts[name]}```\n" for title, name, about in parts]
    return "# Files and JSON output\n\n" + "\n".join(sections)


def public_names() -> dict[str, list[str]]:
    """Return the dotted names of the Python interface by page."""
    pages: dict[str, list[str]] = {"functions": [], "records": [], "errors": []}
    for name in goldwire.__all__:
        value = getattr(goldwire, name)
        if name in records.__all__ or name in ("ExtractedArticle", "ReleasedVersion", "Zone"):
            pages["records"].append(f"goldwire.{name}")
        elif name in errors.__all__:
            pages["errors"].append(f"goldwire.{name}")
        elif value is not agreement and name != "__version__":
            pages["functions"].append(f"goldwire.{name}")
    pages["agreement"] = [f"goldwire.agreement.{name}" for name in agreement.__all__]
    pages["formats"] = [
        f"{module.__name__}.{name}"
        for module in (document, capabilities)
        for name in module.__all__
        if name[0].isupper()
    ]
    return pages


def documented_path(name: str) -> str:
    """Return where a public name is defined, if a module has the same name: `goldwire.agreement.gamma.gamma`."""
    module, _, attribute = name.rpartition(".")
    folders = getattr(sys.modules[module], "__path__", ())
    is_module = any(info.name == attribute for info in iter_modules(folders))
    return f"{name}.{attribute}" if is_module else name


_API_TITLES = {
    "functions": ("Functions", "`import goldwire` is light: each name is loaded on first use."),
    "agreement": ("Agreement", "[Measures of agreement](../../agreement-measures.md) says which to use when."),
    "records": ("Records", "Frozen structs; their field names are the names on disk."),
    "errors": ("Errors", "Each is also the exception of the standard library that one expects."),
    "formats": ("Formats", "For a package that adds a format by an entry point of the group `goldwire.formats`."),
}


def _api() -> dict[str, str]:
    pages = {}
    overview = []
    for name, members in public_names().items():
        title, about = _API_TITLES[name]
        paths = [documented_path(member) for member in members]
        blocks = "".join(f"\n::: {path}\n" for path in paths)
        pages[f"{name}.md"] = f"# {title}\n\n{about}\n{blocks}"
        links = ", ".join(f"[`{path.rpartition('.')[2]}`]({name}.md#{path})" for path in paths)
        overview.append(f"## {title}\n\n{links}\n")
    head = "# Python\n\nEverything that these pages do not name is private and may change in any version.\n\n"
    return pages | {"index.md": head + "\n".join(overview)}


if __name__ == "__main__":
    write()
