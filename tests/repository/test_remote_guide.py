"""What docs/remote-annotators.md and docs/compose.yaml tell people to run exists and is valid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from goldwire.doccano.server.network import Network, make_network
from support.command_lines import command_lines, parse_command
from support.page_links import SITE
from support.paths import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "remote-annotators.md").read_text(encoding="utf-8")
COMPOSE = REPOSITORY / "docs" / "compose.yaml"


@pytest.mark.parametrize("arguments", command_lines(GUIDE), ids=" ".join)
def test_each_command_of_the_guide_parses(arguments: list[str]) -> None:
    assert parse_command(arguments) is not None


def test_the_guide_has_commands() -> None:
    assert len(command_lines(GUIDE)) >= 4


def test_the_compose_file_follows_the_specification() -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    run = subprocess.run([tool, "--builtin-schema", "vendor.compose-spec", COMPOSE], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_compose_file_starts_a_server_that_goldwire_accepts() -> None:
    compose = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    labels, proxy = compose["services"]["labels"], compose["services"]["proxy"]
    command = [part.replace("${LABELS_HOST:?}", "labels.example.org") for part in labels["command"]]
    assert command[0] == "goldwire"
    options = parse_command(command[1:])
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
    assert f"{SITE}remote-annotators/" in (REPOSITORY / "README.md").read_text(encoding="utf-8")
