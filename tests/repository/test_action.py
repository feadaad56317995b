"""The steps of the composite action, run as GitHub runs them in the repository of another dataset."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.factories import copy_tiny_repo
from support.overlay import Case, Edit, apply_case
from support.paths import REPOSITORY

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text())
STEPS = {step.get("name", "python"): step for step in ACTION["runs"]["steps"]}
PULL_REQUEST = "https://github.example/lab/news/pull/7"
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
        known = {
            "github.base_ref": base_ref,
            "github.token": "secret",
            "github.event.pull_request.html_url": PULL_REQUEST,
        }
        return known[text] if text in known else evaluated(inputs[text.removeprefix("inputs.")], inputs, base_ref)

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
        "PIP_NO_COMPILE": "0",  # pip's way to say yes to --no-compile, which saves half of the time of the installation
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
    """A runner on which the steps before the check have run, so that goldwire is installed from this checkout."""
    folder = tmp_path_factory.mktemp("runner")
    (folder / "python").mkdir()
    for name in ("python", "python3"):
        (folder / "python" / name).symlink_to(sys.executable)
    assert list(STEPS) == ["python", "install goldwire", "goldwire diff", "goldwire check"]
    (folder / "empty").mkdir()
    for name in ("install goldwire", "goldwire diff"):  # without a pull request, the second does nothing
        code, output = run_step(STEPS[name], folder / "empty", folder, {}, "")
        assert code == 0, output
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    copy_tiny_repo(tmp_path / "theirs")
    return tmp_path / "theirs"


def check(runner: Path, repository: Path, base_ref: str = "", **inputs: str) -> tuple[int, list[str]]:
    """Return the exit code of the last step, and its annotations."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    code, output = run_step(STEPS["goldwire check"], repository, runner, given, base_ref)
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
    copy_tiny_repo(tmp_path / "data" / "news stance")
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


def commit(repository: Path) -> None:
    """Commit everything, as the base branch that actions/checkout with fetch-depth 0 leaves."""
    author = ("-c", "user.name=nobody", "-c", "user.email=nobody@nowhere.example", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "as it was")):
        subprocess.run(("git", *arguments), cwd=repository, check=True, capture_output=True)
    subprocess.run(("git", "update-ref", "refs/remotes/origin/main", "HEAD"), cwd=repository, check=True)


def test_changed_only_reports_new_findings_of_a_pull_request(runner: Path, repository: Path) -> None:
    spoil(repository, UNKNOWN)
    commit(repository)
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


def test_findings_are_written_as_sarif_and_fail_the_step_as_before(runner: Path, repository: Path) -> None:
    assert check(runner, repository, sarif="clean.sarif") == (0, [])
    assert json.loads((repository / "clean.sarif").read_text())["runs"][0]["results"] == []
    (repository / "clean.sarif").unlink()
    spoil(repository, UNKNOWN)
    assert check(runner, repository, sarif="findings.sarif")[0] == 1
    (result,) = json.loads((repository / "findings.sarif").read_text())["runs"][0]["results"]
    assert result["ruleId"] == "label-unknown"
    assert check(runner, repository, sarif="x.sarif", options="--select nothing")[0] == 2


def test_changed_labels_are_a_comment_on_the_pull_request_and_in_the_summary(runner: Path, repository: Path) -> None:
    commit(repository)
    gold = repository / "annotations" / "gold" / "b01.jsonl"
    gold.write_text(gold.read_text().replace('"label":"PER"', '"label":"ORG"', 1))
    program = runner / "python" / "gh"
    program.write_text('#!/bin/bash\nprintf "%s\\n" "$@" > "$HOME/gh.txt"\n[ "$GH_TOKEN" = secret ] || exit 1\n')
    program.chmod(0o755)
    given = {"labels": "true", "comment": "true"}
    assert run_step(STEPS["goldwire diff"], repository, runner, given, "main")[0] == 0
    comment = (runner / "labels.md").read_text()
    assert "The next version would be a **patch** change:" in comment
    assert "\n- PER " in comment
    assert "\n+ ORG " in comment
    assert comment in (runner / "github_step_summary").read_text()
    arguments = (runner / "gh.txt").read_text().splitlines()
    assert arguments[:3] == ["pr", "comment", PULL_REQUEST]
    assert arguments[-1] == str(runner / "labels.md")
    code, output = run_step(STEPS["goldwire diff"], repository, runner, given | {"token": "of a fork"}, "main")
    assert code == 0
    assert "::notice::" in output


@pytest.mark.parametrize("name", ["action-requirements.txt", "hook-requirements.txt"])
def test_the_requirements_of_action_and_hook_are_those_of_the_lock_file(name: str) -> None:
    written = REPOSITORY / ".github" / name
    uv = REPOSITORY / ".goldwire" / "bin" / "uv"
    if not uv.exists():
        pytest.skip("uv is not installed here")
    command = written.read_text().splitlines()[1].removeprefix("#    uv ").split()
    exported = subprocess.run([uv, *command, "--offline"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    packages = [line for line in written.read_text().splitlines() if not line.startswith("#")]
    assert packages == [line for line in exported.stdout.splitlines() if not line.startswith("#")]
    names = {line.partition("==")[0] for line in packages if "==" in line}
    assert "pyarrow" in names
    assert not names & {"datasets", "scikit-learn", "pandas", "huggingface-hub", "torch"}


def test_the_hook_of_pre_commit_runs_in_the_environment_that_it_asks_for(tmp_path: Path) -> None:
    """pre-commit runs `pip install . OPTIONS` in the folder of the hook; here uv does, in 2 s instead of 20."""
    hook, fix = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    assert (hook["language"], hook["additional_dependencies"]) == (fix["language"], fix["additional_dependencies"])
    assert hook["language"] == "python"
    uv = (sys.executable, "-m", "uv")
    programs = tmp_path / "hook" / "bin"
    subprocess.run((*uv, "venv", "--quiet", "--python", sys.executable, programs.parent), check=True)
    install = (*uv, "pip", "install", "--quiet", "--python", programs / "python", ".", *hook["additional_dependencies"])
    subprocess.run(install, cwd=REPOSITORY, check=True)
    copy_tiny_repo(tmp_path / "theirs")
    spoil(tmp_path / "theirs", UNKNOWN)
    entry, *arguments = hook["entry"].split()
    done = subprocess.run([programs / entry, *arguments], cwd=tmp_path / "theirs", capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "[label-unknown]" in done.stdout


def test_every_action_of_others_is_pinned_by_its_commit() -> None:
    files = [REPOSITORY / "action.yml", *sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))]
    files.append(REPOSITORY / "docs" / "guides" / "ci.md")
    uses = [name for file in files for name in re.findall(r"uses: ([\w.-]+/\S+)", file.read_text())]
    assert len(uses) > 8
    assert [name for name in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
