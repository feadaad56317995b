"""The command line as users see it: exit codes, one line per error, no half-written files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from goldwire import __version__
from goldwire.stages import STAGES
from support import factories
from support.forked_commands import CommandResult, ForkedCommands
from support.paths import SCRIPTS

RAW = "Harbour board weighs a new ferry\n\n" + "\n\n".join(
    f"The harbour board met on day {day} and heard the harbour master explain at some length why the ferry is late."
    for day in range(1, 8)
)


Run = Callable[..., CommandResult]
"""Run `goldwire ARGUMENTS` with `root=` as its workspace and with environment variables."""


@pytest.fixture
def goldwire(commands: ForkedCommands, tmp_path: Path) -> Run:
    def run(*arguments: str, root: Path | None = None, **environment: str) -> CommandResult:
        workspace = {"GOLDWIRE_ROOT": str(root)} if root else {}
        return commands.run(arguments, folder=tmp_path, timeout=120, **environment, **workspace)

    return run


def start(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a Python of its own with `options`, for what depends on how the command line is imported."""
    env = os.environ | {"PYTHONPATH": str(SCRIPTS)} | environment
    return subprocess.run([sys.executable, *options], capture_output=True, text=True, env=env, timeout=120, check=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    workspace = factories.workspace(tmp_path / "w")
    (workspace.raw / "wire").mkdir(parents=True)
    workspace.sources.write_text('[wire]\nname = "Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    return workspace.root


def files(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and ".goldwire" not in p.parts}


def one_line(done: CommandResult) -> str:
    assert done.exit_code == 2, done
    return one_line_of(done.stderr)


def one_line_of(stderr: str) -> str:
    assert "Traceback" not in stderr
    (line,) = stderr.splitlines()
    return line


def panels(goldwire: Run) -> dict[str, list[str]]:
    """The panels of the help, each with its commands."""
    listed: dict[str, list[str]] = {}
    for line in goldwire("--help").stdout.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            listed[line.removesuffix(":")] = []
        elif listed and re.match(r"  [a-z]", line):
            listed[next(reversed(listed))].append(line.split()[0])
    return listed


def test_help_lists_the_pipeline_in_the_order_of_the_stages(goldwire: Run) -> None:
    assert panels(goldwire)["Pipeline, in this order"] == [stage.name for stage in STAGES if stage.name != "check"]


def test_help_groups_all_commands_in_panels(goldwire: Run) -> None:
    listed = panels(goldwire)
    assert [*listed] == [
        "Options",
        "Workspace",
        "Pipeline, in this order",
        "Annotation server",
        "Machine annotators",
        "Data checks",
        "Inference",
        "Released versions",
        "Other tools",
    ]
    assert listed["Other tools"] == ["import", "export", "formats"]
    assert listed["Data checks"] == ["check", "audit"]
    assert "server" in listed["Annotation server"]
    assert listed["Machine annotators"] == ["prelabel"]
    assert listed["Inference"] == ["certify", "estimate", "plan"]


@pytest.mark.parametrize("command", [(), ("server",)])
def test_a_group_without_a_command_prints_its_help(goldwire: Run, command: tuple[str, ...]) -> None:
    done = goldwire(*command)
    assert done.exit_code == 0
    assert done.stdout == goldwire(*command, "--help").stdout
    assert done.stdout.startswith("Usage: goldwire ")


def test_help_has_no_colour_when_it_is_piped() -> None:
    assert "\x1b" not in start("-m", "goldwire", "--help", FORCE_COLOR="1").stdout


def test_choices_are_shown_and_completed(goldwire: Run, root: Path) -> None:
    assert "<local|daft|ray>" in goldwire("dedup", "--help").stdout
    words = {"COMP_WORDS": "goldwire dedup --engine ", "COMP_CWORD": "3"}
    done = goldwire(root=root, _GOLDWIRE_COMPLETE="complete_bash", **words)
    assert done.stdout.split() == ["local", "daft", "ray"]


def test_names_of_batches_are_completed(goldwire: Run, root: Path) -> None:
    (root / "annotations/tasks").mkdir(parents=True, exist_ok=True)
    for name in ("b01", "b02", "c01"):
        (root / f"annotations/tasks/{name}.jsonl").touch()
    words = {"COMP_WORDS": "goldwire adjudicate push b", "COMP_CWORD": "3"}
    done = goldwire(root=root, _GOLDWIRE_COMPLETE="complete_bash", **words)
    assert done.stdout.split() == ["b01", "b02"]


def test_the_error_of_an_invalid_choice_lists_the_choices(goldwire: Run, root: Path) -> None:
    line = one_line(goldwire("dedup", "--engine", "slurm", root=root))
    assert line.startswith("goldwire: ")
    assert "'local', 'daft', 'ray'" in line
    assert line.endswith("; hint: see `goldwire dedup --help`")


def test_a_code_is_explained_as_text_and_as_json(goldwire: Run) -> None:
    assert goldwire("check", "--explain", "span-empty").stdout.startswith("span-empty: L2 ")
    (rule,) = json.loads(goldwire("check", "--explain", "span-empty", "--json").stdout)
    assert rule["code"] == "span-empty"
    assert len(json.loads(goldwire("check", "--explain", "all", "--json").stdout)) > 60
    assert "span-empty" in one_line(goldwire("check", "--explain", "span-emty"))


def test_a_misspelt_command_gets_a_suggestion(goldwire: Run) -> None:
    assert "Did you mean 'release', 'prelabel'?" in one_line(goldwire("relaese"))


def test_adjudicate_takes_a_batch_or_a_command(goldwire: Run, root: Path) -> None:
    assert "b77" in one_line(goldwire("adjudicate", "b77", root=root))
    assert one_line(goldwire("adjudicate", "b77", root=root)) == one_line(
        goldwire("adjudicate", "run", "b77", root=root)
    )
    assert "'BATCH|PATH...'" in one_line(goldwire("adjudicate", root=root))
    assert "'BATCH'" in one_line(goldwire("adjudicate", "push", root=root))
    assert "A1" in one_line(goldwire("adjudicate", "pull", "b77", "--expert", "A1", root=root))
    assert "needs --expert" in one_line(goldwire("adjudicate", "--method", "expert", "b77", root=root))


def test_status_without_a_batch_lists_the_batches(goldwire: Run, root: Path) -> None:
    assert "no batches yet" in goldwire("status", root=root).stdout
    (root / "corpus/raw/wire/a.txt").write_text(RAW)
    goldwire("ingest", root=root)
    assert goldwire("sample", "b01", "--annotators", "A1,A2", root=root).exit_code == 0
    (batch,) = json.loads(goldwire("status", "--json", root=root).stdout)["batches"]
    assert batch == {
        "batch": "b01",
        "kind": "entities",
        "articles": 1,
        "tasks": 2,
        "annotators": ["A1", "A2"],
        "pulled_layers": 0,
        "confirmed_layers": 0,
        "has_gold": False,
    }


def test_a_minimum_that_is_not_a_number_is_a_one_line_error(goldwire: Run, root: Path) -> None:
    line = one_line(goldwire("agree", "b01", "--fail-under", "span_f1_exact=high", root=root))
    assert (
        line == "goldwire: not a name and a number: 'span_f1_exact=high'; hint: write NAME=VALUE, as span_f1_exact=0.8"
    )


def test_audit_checks_any_dataset(goldwire: Run, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label\nThe ferry stops in May.,a\nThe mill burns.,b\n")
    (tmp_path / "test.csv").write_text("text,label\nThe mill burns.,b\n")
    done = goldwire("audit", str(tmp_path), "--text-column", "text", "--label-column", "label", "--json")
    assert done.exit_code == 1
    assert [finding["code"] for finding in json.loads(done.stdout)] == ["text-across-splits"]
    assert "--text-column" in goldwire("audit", "run", "--help").stdout
    assert "no column 'body'" in one_line(goldwire("audit", str(tmp_path), "--text-column", "body"))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_each_stage_explains_itself(goldwire: Run, stage) -> None:
    done = goldwire(stage.name, "--help")
    assert done.exit_code == 0
    assert " ".join(stage.summary.split()[:4]) in " ".join(done.stdout.split())
    if stage.name != "adjudicate":  # its commands have the examples
        assert f"goldwire {stage.name}" in done.stdout.split("Example")[1]


def test_help_imports_nothing_heavy() -> None:
    code = """
import atexit, sys
atexit.register(lambda: print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr))
sys.argv = ["goldwire", "--help"]
from goldwire.cli import main
main()
"""
    done = start("-c", code)
    assert done.returncode == 0, done
    heavy = {
        "numpy",
        "scipy",
        "polars",
        "pandas",
        "pyarrow",
        "datasets",
        "sklearn",
        "doccano_client",
        "matplotlib",
        "rich",
    }
    assert "typer" in done.stderr.split()
    assert not heavy & set(done.stderr.split())


def test_python_m_runs_the_command_line() -> None:
    done = start("-m", "goldwire", "--version")
    assert done.returncode == 0, done
    assert done.stdout.strip() == __version__


def test_a_missing_workspace_is_a_one_line_error(goldwire: Run, tmp_path: Path) -> None:
    assert str(tmp_path) in one_line(goldwire("ingest", "--root", str(tmp_path)))


def test_an_unknown_option_is_a_one_line_error(goldwire: Run, root: Path) -> None:
    assert "--nope" in one_line(goldwire("ingest", "--nope", root=root))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("agree ada.json --gold", "--tables and --gold need a batch"),
        ("agree b01 --scale left,right", "--scale is for files"),
        ("adjudicate b01 --out gold.json", "--out, --to and --accept-loss are for files"),
        ("check --dry-run", "--dry-run needs --fix"),
        ("check --fix --changed-since main", "--fix is for the whole workspace"),
        ("dedup --containment nan", "nan is not a finite number"),
    ],
)
def test_an_option_that_would_have_no_effect_is_a_one_line_error(
    goldwire: Run, root: Path, arguments: str, message: str
) -> None:
    assert message in one_line(goldwire(*arguments.split(), root=root))


def test_an_unknown_batch_is_a_one_line_error(goldwire: Run, root: Path) -> None:
    assert "b77" in one_line(goldwire("agree", "b77", root=root))


def test_init_makes_a_workspace_that_ingests(goldwire: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert goldwire("init", str(folder)).exit_code == 0
    (folder / "corpus/raw/wire").mkdir()
    (folder / "corpus/raw/wire/a.txt").write_text(RAW)
    with (folder / "corpus/sources.toml").open("a") as sources:  # beside the source of the example
        sources.write('[wire]\nname = "Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    assert goldwire("ingest", root=folder).exit_code == 0
    answer = goldwire("dedup", "--json", root=folder)
    assert json.loads(answer.stdout)["articles"] == 2  # the example of `init`, too
    assert goldwire("check", root=folder).exit_code == 0
    assert "already" in one_line(goldwire("init", str(folder)))


BROKEN = {
    "empty.txt": b"",
    "torn.txt": RAW.replace("ferry", "f\xe9rry").encode("utf-16")[:-1],
    "one-line.txt": b"a" * 20_000_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_raw_file_is_reported_and_the_others_are_ingested(goldwire: Run, root: Path, name: str) -> None:
    folder = root / "corpus/raw/wire"
    (folder / "good.txt").write_text(RAW)
    (folder / name).write_bytes(BROKEN[name])
    done = goldwire("ingest", root=root)
    assert done.exit_code == 1
    assert "Traceback" not in done.stderr
    assert any(f"corpus/raw/wire/{name}" in line for line in (done.stdout + done.stderr).splitlines())
    assert len((root / "corpus/articles/wire.jsonl").read_bytes().splitlines()) == 1


# Root reads everything, unless it gives up the two capabilities that let it.
AS_OTHERS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"] if os.geteuid() == 0 else []


@pytest.mark.skipif(bool(AS_OTHERS) and shutil.which("setpriv") is None, reason="no setpriv to be another than root")
def test_an_unreadable_raw_file_is_reported_and_the_others_are_ingested(root: Path) -> None:
    folder = root / "corpus/raw/wire"
    (folder / "good.txt").write_text(RAW)
    (folder / "closed.txt").write_text(RAW.replace("ferry", "tram"))
    (folder / "closed.txt").chmod(0)
    command = [*AS_OTHERS, sys.executable, "-c", "from goldwire.cli import main; main()", "ingest", "--root", str(root)]
    env = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert any("closed.txt" in line for line in (done.stdout + done.stderr).splitlines())
    assert len((root / "corpus/articles/wire.jsonl").read_bytes().splitlines()) == 1


def test_a_repeated_label_in_the_schema_is_a_one_line_error(goldwire: Run, root: Path) -> None:
    (root / "corpus/raw/wire/a.txt").write_text(RAW)
    assert goldwire("ingest", root=root).exit_code == 0
    schema = root / "annotations/schema.toml"
    schema.write_text(schema.read_text().replace('"ORG"', '"PER"'))
    before = files(root)
    line = one_line(goldwire("sample", "b01", "--annotators", "A1,A2", root=root))
    assert "PER" in line
    assert "schema.toml" in line
    assert files(root) == before


def test_an_unreachable_server_is_a_one_line_error(goldwire: Run, root: Path) -> None:
    (root / "corpus/raw/wire/a.txt").write_text(RAW)
    goldwire("ingest", root=root)
    assert goldwire("sample", "b01", "--annotators", "A1", "--overlap", "1", root=root).exit_code == 0
    server = {
        "GOLDWIRE_DOCCANO_URL": "http://127.0.0.1:9",
        "GOLDWIRE_DOCCANO_USERNAME": "admin",
        "GOLDWIRE_DOCCANO_PASSWORD": "secret-word",
    }
    line = one_line(goldwire("push", "b01", root=root, **server))
    assert "127.0.0.1:9" in line
    assert "secret-word" not in line


SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    script = "mount -t tmpfs -o size=64k none /mnt"
    return subprocess.run([*SMALL_DISK, script], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="no user namespace to mount a small disk in")
def test_a_full_disk_is_a_one_line_error_and_leaves_no_file(root: Path) -> None:
    (root / "corpus/raw/wire/a.txt").write_text(RAW * 30)
    # 8 kB hold no article.
    script = """
mkdir -p "$ROOT/corpus/articles" && mount -t tmpfs -o size=8k none "$ROOT/corpus/articles" || exit 99
"$PYTHON" -c 'from goldwire.cli import main; main()' ingest --root "$ROOT"
echo code $?; ls -A "$ROOT/corpus/articles"
"""
    env = os.environ | {"PYTHONPATH": str(SCRIPTS), "ROOT": str(root), "PYTHON": sys.executable}
    done = subprocess.run([*SMALL_DISK, script], capture_output=True, text=True, env=env, check=False)
    assert done.stdout.split() == ["code", "2"], done
    assert "corpus/articles/wire.jsonl: no space left on device; hint: free some space" in one_line_of(done.stderr)


def test_an_internal_error_is_one_line_and_its_traceback_is_in_a_file(root: Path, tmp_path: Path) -> None:
    bug = "from goldwire.stages import inventory; inventory.run = lambda workspace: {}['surprise']; "
    command = ("-c", bug + "from goldwire.cli import main; main()", "stats")
    variables = {"GOLDWIRE_ROOT": str(root), "TMPDIR": str(tmp_path)}
    done = start(*command, **variables)
    assert done.returncode == 2, done
    line = one_line_of(done.stderr)
    assert line.startswith("goldwire: internal error: KeyError: 'surprise'; hint: this is a bug in goldwire")
    (report,) = tmp_path.glob("goldwire-traceback-*.txt")
    assert str(report) in line
    assert "Traceback (most recent call last)" in report.read_text()

    done = start(*command, **variables, GOLDWIRE_TRACEBACK="1")
    assert "Traceback (most recent call last)" in done.stderr


def test_agree_and_adjudicate_read_files_of_other_tools_without_a_workspace(goldwire: Run, tmp_path: Path) -> None:
    for name, end in (("ada", 7), ("ben", 3)):
        row = {"id": 1, "text": "Ada Ito spoke.", "label": [[0, end, "PER"]], "Comments": []}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    paths = [str(tmp_path / f"{name}.jsonl") for name in ("ada", "ben")]
    done = goldwire("agree", *paths, "--json")
    assert done.exit_code == 0, done
    report = json.loads(done.stdout)
    assert (report["annotators"], report["articles"], report["json"]) == (["ada", "ben"], 1, None)
    assert "give the gold labels a new place with --out PATH" in one_line(goldwire("adjudicate", *paths))
    done = goldwire("adjudicate", *paths, "--out", str(tmp_path / "gold"), "--method", "expert", "--expert", "ada")
    assert done.exit_code == 0, done
    gold = json.loads((tmp_path / "gold" / "gold.jsonl").read_text())
    assert [(entity["start_offset"], entity["end_offset"]) for entity in gold["entities"]] == [(0, 7)]
    assert "nope.json: no such file or folder" in one_line(goldwire("agree", str(tmp_path / "nope.json")))
