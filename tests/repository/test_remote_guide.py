"""What docs/remote-annotators.md and docs/compose.yaml tell people to run exists and is valid."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from goldwire.cli.application import app
from goldwire.doccano.server.network import Network, make_network
from support.paths import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "remote-annotators.md").read_text(encoding="utf-8")
COMPOSE = REPOSITORY / "docs" / "compose.yaml"


def parsed(arguments: list[str]) -> dict[str, Any]:
    """Parse a command line as `goldwire` does, without running it."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("goldwire", list(arguments), resilient_parsing=False)
    while hasattr(command, "commands"):
        name, command, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, list(arguments), parent=context)
    return dict(context.params)


def commands(text: str) -> list[list[str]]:
    """The goldwire commands in the code blocks of the guide."""
    blocks = "".join(re.findall(r"^```[a-z]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line) for line in re.findall(r"^(?:.* exec labels )?goldwire (.+)$", blocks, re.MULTILINE)]


@pytest.mark.parametrize("arguments", commands(GUIDE), ids=" ".join)
def test_each_command_of_the_guide_parses(arguments: list[str]) -> None:
    assert parsed(arguments) is not None


def test_the_guide_has_commands() -> None:
    assert len(commands(GUIDE)) >= 4


def test_the_compose_file_follows_the_specification() -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    run = subprocess.run([tool, "--builtin-schema", "vendor.compose-spec", COMPOSE], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_compose_file_starts_a_server_that_goldwire_accepts() -> None:
    compose = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    labels, proxy = compose["services"]["labels"], compose["services"]["proxy"]
    command = [part.replace("${LABELS_HOST:?}", "labels.example.org") for part in labels["command"]]
    assert command[0] == "goldwire"
    options = parsed(command[1:])
    assert options["foreground"]
    network = make_network(
        Network(),
        host=options["host"],
        public_url=options["public_url"],
        trusted_proxies=options["trusted_proxy"],
        insecure=options["insecure"],
    )
    assert network.url(options["port"]) == "https://labels.example.org"
    assert list(network.trusted_proxies) == [compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]]
    assert proxy["command"].endswith(f"--to labels:{options['port']}")
    assert "ports" not in labels
    assert "ports" not in compose["services"]["database"]
    assert compose["networks"]["inside"]["internal"]
    named = {entry.split(":")[0] for service in compose["services"].values() for entry in service["volumes"]}
    assert {name for name in named if not name.startswith(".")} == set(compose["volumes"])


def test_the_readme_links_to_the_guide() -> None:
    assert "docs/remote-annotators.md" in (REPOSITORY / "README.md").read_text(encoding="utf-8")
