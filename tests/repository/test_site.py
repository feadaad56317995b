"""The documentation site: complete, with links that lead somewhere, built without a warning or a foreign request."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

import goldwire
from goldwire import agreement
from goldwire.checks.registry import RULES
from goldwire.cli.application import app
from goldwire.workspace.layout import Settings
from support import reference_pages
from support.command_lines import command_lines, commands_in_sentences, parse_command
from support.page_links import SITE, SOURCE, broken_links, site_pages
from support.paths import REPOSITORY

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "DATASHEET.md", "RELEASING.md", "SECURITY.md", "GLOSSARY.md")
FOLDER_READMES = ("annotations/README.md", "corpus/README.md", "splits/README.md", "tests/README.md")
USAGE_ERROR = typer.BadParameter.__base__ or Exception  # of click, which typer contains and does not export
CHECK_PAGE = re.compile(r"reference/checks/(?!index)")


def nav_targets(items: list[Any]) -> Iterator[str]:
    for item in items:
        value = next(iter(item.values())) if isinstance(item, dict) else item
        if isinstance(value, list):
            yield from nav_targets(value)
        else:
            yield value


def settings() -> dict[str, Any]:
    text = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_every_page_is_in_the_navigation() -> None:
    targets = list(nav_targets(settings()["nav"]))
    assert len(targets) == len(set(targets))
    assert set(targets) == {name for name in site_pages() if not CHECK_PAGE.match(name)}


def test_the_addresses_are_those_of_the_package() -> None:
    urls = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    assert settings()["site_url"] == urls["Documentation"] == SITE
    assert urls["Repository"] + "/" == SOURCE


def test_links_of_the_site_lead_to_a_page_and_a_heading() -> None:
    assert [link for name, text in site_pages().items() for link in broken_links(name, text, is_site=True)] == []


@pytest.mark.parametrize("name", [*DOCUMENTS, *FOLDER_READMES])
def test_links_of_other_documents_lead_to_a_file_and_a_heading(name: str) -> None:
    assert list(broken_links(name, (REPOSITORY / name).read_text(encoding="utf-8"), is_site=False)) == []


def test_a_broken_link_is_found() -> None:
    text = f"[a](missing.md) [b](tutorial.md#nowhere) [c]({SITE}tutorial/) [d]({SITE}no/) [e]({SOURCE}blob/main/no.md)"
    broken = list(broken_links("index.md", text, is_site=True))
    assert [line.partition(": ")[2] for line in broken] == [
        *("missing.md", "tutorial.md#nowhere", f"{SITE}no/", f"{SOURCE}blob/main/no.md")
    ]


def test_commands_of_all_pages_are_valid() -> None:
    pages = {name: text for name, text in site_pages().items() if not CHECK_PAGE.match(name)}
    pages["README.md"] = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for name, text in pages.items():
        for arguments in command_lines(text):
            if not {"|", "..."} & set(arguments) and "[" not in " ".join(arguments):  # the usage line of a command
                assert parse_command(arguments) is not None, (name, arguments)


def test_commands_in_sentences_have_real_names_and_options() -> None:
    unknown, count = [], 0
    for name, text in site_pages().items():
        for arguments in commands_in_sentences(text):
            count += 1
            try:
                parse_command(arguments)
            except USAGE_ERROR as error:  # arguments may be left out in a sentence
                if str(error).startswith("No such"):
                    unknown.append((name, arguments, str(error)))
    assert (unknown, count > 100) == ([], True)


def test_every_code_setting_command_and_public_name_has_its_entry() -> None:
    for code in RULES:
        assert site_pages()[f"reference/checks/{code}.md"].startswith(f"# {code}\n")
        assert f"]({code}.md)" in site_pages()["reference/checks/index.md"]
    for name in Settings.__struct_fields__:
        assert f"| `{name}` |" in site_pages()["reference/settings.md"]
    commands = [info.name or info.callback.__name__.strip("_") for info in app.registered_commands if info.callback]
    for name in (*commands, *(group.name for group in app.registered_groups)):
        assert f"\n### goldwire {name}\n" in site_pages()["reference/cli.md"]
    public = [f"goldwire.{name}" for name in goldwire.__all__ if name not in ("__version__", "agreement")]
    for name in (*public, *(f"goldwire.agreement.{name}" for name in agreement.__all__)):
        directive = f"::: {reference_pages.documented_path(name)}"
        assert sum(directive in text.splitlines() for text in site_pages().values()) == 1, name


@pytest.mark.parametrize("page", ["functions", "agreement"])
def test_every_public_function_has_an_example(page: str) -> None:
    """tests/test_doctests.py runs them."""
    for name in reference_pages.public_names()[page]:
        module, _, attribute = name.rpartition(".")
        value = getattr(sys.modules[module], attribute)
        if callable(value) and not isinstance(value, type):
            assert ">>>" in (value.__doc__ or ""), name


def test_the_site_builds_without_a_warning_and_asks_no_other_host(tmp_path: Path) -> None:
    for name in ("docs", ".github/images"):
        ignored = shutil.ignore_patterns("reference")
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=ignored)
    for name in (
        "mkdocs.yml",
        "CONTRIBUTING.md",
        "GLOSSARY.md",
        "annotations/README.md",
        "tests/benchmarks/RESULTS.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, tmp_path / name)
    (tmp_path / "scripts").symlink_to(REPOSITORY / "scripts")
    reference_pages.write(tmp_path / "docs" / "reference")
    zensical = Path(sys.executable).parent / "zensical"
    done = subprocess.run([zensical, "build", "--strict"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    assert not re.search(r"griffe|warning", done.stdout + done.stderr, re.IGNORECASE)
    foreign = re.compile(r"<(?:script|img|iframe|link)\b[^>]*(?:src|href)=\"?(?:https?:)?//(?!goldwire\.github\.io)")
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > len(site_pages())
    assert not [path for path in pages if foreign.search(path.read_text(encoding="utf-8"))]
    for page, names in reference_pages.public_names().items():
        html = (tmp_path / "site" / "reference" / "api" / page / "index.html").read_text(encoding="utf-8")
        shown = re.findall(r'<h2 id="([^"]+)"', html)
        assert shown == [reference_pages.documented_path(name) for name in names]  # objects, not modules of that name
    styles = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.css"))
    assert not re.findall(r"(?:@import|url\()\s*[\"']?https?://", styles)
