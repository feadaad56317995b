"""The steps of the composite action, run as GitHub runs them in the repository of another dataset."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.overlay import TINY, Case, Edit, apply_case
from support.paths import REPOSITORY

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text())
LAYER = "annotations/layers/b01/A1.jsonl"
UNKNOWN = Edit(file=LAYER, old='"start":377,"end":390,"label":"ORG"', new='"start":377,"end":390,"label":"Org"')
ANNOTATION = "::error file={}annotations/layers/b01/A1.jsonl,line=1,title=label-unknown"

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]


def spoil(root: Path, edit: Edit) -> None:
    apply_case("", Case(edit=(edit,)), root)


def evaluated(template: str, inputs: dict[str, str], base_ref: str) -> str:
    """Return the template with each `${{ ... }}` evaluated: names, strings, ==, && and || of GitHub's expressions."""

    def term(text: str) -> str:
        text = text.strip()
        if text.startswith("'"):
            return text.strip("'")
        return base_ref if text == "github.base_ref" else inputs[text.removeprefix("inputs.")]

    def both(text: str) -> str:
        value = "true"
        for part in text.split("&&"):
            left, equal, right = part.partition("==")
            value = ("true" if term(left) == term(right) else "") if equal else term(left)
            if not value:
                return ""
        return value

    def whole(match: re.Match[str]) -> str:
        return next((value for part in match[1].split("||") if (value := both(part))), "")

    return re.sub(r"\$\{\{(.*?)\}\}", whole, template)


def run_step(step: dict[str, Any], where: Path, runner: Path, given: dict[str, str], base_ref: str) -> tuple[int, str]:
    """Run the script of a step as a runner does for `shell: bash`; return its exit code and output."""
    assert step["shell"] == "bash"
    inputs = {name: str(field.get("default", "")) for name, field in ACTION["inputs"].items()} | given
    unknown = given.keys() - ACTION["inputs"].keys()
    assert not unknown
    script = runner / "script.sh"
    script.write_text(step["run"])
    assert "${{" not in step["run"], "an input would be interpolated into the script"
    environment = {
        # As actions/setup-python does: its Python comes first.
        "PATH": f"{runner / 'python'}:{os.environ['PATH']}",
        "HOME": str(runner),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(REPOSITORY),
        "GITHUB_WORKSPACE": str(where),
        "RUNNER_TEMP": str(runner),
        **{name: os.environ[name] for name in os.environ if name.lower().endswith("_proxy") or name.startswith("PIP_")},
        **{name: evaluated(str(value), inputs, base_ref) for name, value in step.get("env", {}).items()},
    }
    for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY"):
        environment[name] = str(runner / name.lower())
        Path(environment[name]).touch()
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner on which all steps but the last have run, so that goldwire is installed from this checkout."""
    folder = tmp_path_factory.mktemp("runner")
    (folder / "python").mkdir()
    for name in ("python", "python3"):
        (folder / "python" / name).symlink_to(sys.executable)
    uses, *scripts = ACTION["runs"]["steps"]
    assert uses["uses"].startswith("actions/setup-python@")
    (folder / "empty").mkdir()
    for step in scripts[:-1]:
        code, output = run_step(step, folder / "empty", folder, {}, "")
        assert code == 0, output
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(TINY, tmp_path / "theirs")
    return tmp_path / "theirs"


def check(runner: Path, repository: Path, base_ref: str = "", **inputs: str) -> tuple[int, list[str]]:
    """Return the exit code of the last step, and its annotations."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    code, output = run_step(ACTION["runs"]["steps"][-1], repository, runner, given, base_ref)
    assert "Traceback" not in output
    return code, [line for line in output.splitlines() if line.startswith("::")]


def test_a_clean_workspace_passes(runner: Path, repository: Path) -> None:
    assert check(runner, repository) == (0, [])
    assert check(runner, repository, options="--strict") == (0, [])


def test_an_error_fails_the_step_at_its_line(runner: Path, repository: Path) -> None:
    spoil(repository, UNKNOWN)
    code, (annotation,) = check(runner, repository)
    assert code == 1
    assert annotation.startswith(ANNOTATION.format(""))
    assert check(runner, repository, options="--ignore label-unknown --strict") == (0, [])


def test_a_workspace_in_a_folder_of_the_repository(runner: Path, tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "data" / "news stance")
    spoil(tmp_path / "data" / "news stance", UNKNOWN)
    code, (annotation,) = check(runner, tmp_path, root="data/news stance")
    assert code == 1
    assert annotation.startswith(ANNOTATION.format("data/news stance/"))


def test_any_dataset_is_audited(runner: Path, tmp_path: Path) -> None:
    (tmp_path / "my data").mkdir()
    (tmp_path / "my data" / "train.csv").write_text("text,label\nThe ferry stops in May.,a\nThe mill burns.,b\n")
    assert check(runner, tmp_path, path="my data") == (0, [])
    (tmp_path / "my data" / "test.csv").write_text("text,label\nThe mill burns.,b\n")
    code, (annotation,) = check(runner, tmp_path, path="my data")
    assert code == 1
    assert annotation.startswith("::error file=my data/test.csv,line=2,title=text-across-splits")


def test_changed_only_reports_new_findings_of_a_pull_request(runner: Path, repository: Path) -> None:
    spoil(repository, UNKNOWN)
    author = ("-c", "user.name=nobody", "-c", "user.email=nobody@nowhere.example", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "as it was")):
        subprocess.run(("git", *arguments), cwd=repository, check=True, capture_output=True)
    # The ref of the base branch that actions/checkout with fetch-depth 0 leaves.
    subprocess.run(("git", "update-ref", "refs/remotes/origin/main", "HEAD"), cwd=repository, check=True)
    assert check(runner, repository, "main", changed_only="true") == (0, [])
    assert check(runner, repository, "", changed_only="true")[0] == 1  # a push has no base
    assert check(runner, repository, "main")[0] == 1
    spoil(repository, Edit(file="corpus/articles/wire.jsonl", old="Nobody was hurt", new="Nobody was harmed"))
    code, (annotation,) = check(runner, repository, "main", changed_only="true")
    assert code == 1
    assert "title=text-digest-mismatch" in annotation


@pytest.mark.parametrize("path", ["$(touch pwned)", "x; touch pwned", "--explain", "nowhere"])
def test_an_input_is_data_and_never_a_command(runner: Path, tmp_path: Path, path: str) -> None:
    (tmp_path / "w").mkdir()
    assert check(runner, tmp_path / "w", path=path) == (2, [])
    assert list((tmp_path / "w").iterdir()) == []
