"""The local stages run where the system has none of POSIX's own modules and functions, as on Windows."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import REPOSITORY

POSIX_MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "posix"}
# What a module of the local stages must not use without asking whether it is there.
POSIX_FUNCTIONS = ("fork", "forkpty", "getpgid", "geteuid", "getuid", "killpg", "pread", "pwrite", "setsid", "wait3")
# Doccano itself runs on Linux and macOS only; so does the code that starts it.
SERVER_ONLY = ("doccano/server/",)
OPTIONAL_IMPORTS = {"workspace/atomic.py: fcntl", "workspace/temporary.py: fcntl"}
"""Imports that do without, where there is none."""

# In a process of its own: os functions are removed for good.
WITHOUT_POSIX = f"""
import os, sys, sysconfig, warnings
sysconfig.get_config_vars()  # that of this system's Python uses what is removed below
warnings.filterwarnings("error", category=EncodingWarning, module="goldwire")
for name in {POSIX_FUNCTIONS!r}:
    if hasattr(os, name):
        delattr(os, name)
sys.modules["fcntl"] = None  # of the others, libraries decide by the platform: the next test looks at our own code
from goldwire.cli.application import app
for command in sys.argv[1:]:
    try:
        code = app(command.split(), prog_name="goldwire", standalone_mode=False)
    except SystemExit as error:
        code = error.code
    print(">>", command, code or 0)
"""


# As with a code page of Windows, text has another encoding than UTF-8 where none is named.
WITHOUT_UTF8 = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONWARNDEFAULTENCODING": "1"}


@pytest.mark.timeout(600)
def test_the_local_stages_run_without_posix_and_without_a_locale_of_utf8(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(REPOSITORY / "tests" / "tiny_repo", root, ignore=shutil.ignore_patterns(".goldwire", "v*"))
    (root / "splits" / "assignment.tsv").unlink(missing_ok=True)
    (root / "corpus" / "duplicates.jsonl").unlink()
    commands = [
        "ingest",
        "dedup",
        "agree b01",
        "adjudicate b01",
        "split",
        "release 0.0.1",
        f"audit {root}/splits/v0.0.1",
    ]
    commands += ["check", "stats", f"init {tmp_path}/other"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX, *commands],
        cwd=root,
        env={"PYTHONPATH": str(REPOSITORY / "scripts"), "PATH": "", "HOME": str(tmp_path), **WITHOUT_UTF8},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    codes = dict(line[3:].rsplit(" ", 1) for line in done.stdout.splitlines() if line.startswith(">> "))
    assert list(codes) == commands
    assert {command: code for command, code in codes.items() if code != "0"} == {}, done.stdout[-3000:]
    assert (root / "splits" / "v0.0.1" / "README.md").exists()


def test_text_has_a_named_encoding() -> None:
    # A rule in preview, and so not in pyproject.toml: to turn all of preview on changes other rules.
    ruff = (Path(sys.executable).with_name("ruff"), "check", "--preview", "--select", "PLW1514", "scripts", "tests")
    done = subprocess.run(ruff, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_piped_output_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text":"x"}\n' * 2, encoding="utf-8")
    (tmp_path / "rows.jsonl").rename(tmp_path / "Überschrift 東.jsonl")
    done = subprocess.run(
        [sys.executable, "-m", "goldwire", "audit", "--json", tmp_path],
        env=os.environ | WITHOUT_UTF8 | {"PYTHONPATH": str(REPOSITORY / "scripts")},
        capture_output=True,
        check=False,
    )
    assert "Überschrift 東.jsonl" in json.dumps(json.loads(done.stdout.decode("utf-8")), ensure_ascii=False)


def test_posix_modules_are_imported_by_the_server_package_only() -> None:
    found = []
    package = REPOSITORY / "scripts" / "goldwire"
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package).as_posix()
        if relative.startswith(SERVER_ONLY):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [f"{relative}: {alias.name}" for alias in node.names if alias.name in POSIX_MODULES]
            elif isinstance(node, ast.ImportFrom) and node.module in POSIX_MODULES:
                found.append(f"{relative}: {node.module}")
    assert not {*found} - OPTIONAL_IMPORTS


def test_every_module_but_the_servers_imports_without_posix() -> None:
    package = REPOSITORY / "scripts" / "goldwire"
    names = [
        ".".join(("goldwire", *path.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")
        for path in sorted(package.rglob("*.py"))
        if not path.relative_to(package).as_posix().startswith(SERVER_ONLY) and path.name != "__main__.py"
    ]
    code = (
        WITHOUT_POSIX.partition("from goldwire")[0]
        + "import importlib\nfor name in sys.argv[1:]: importlib.import_module(name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *names],
        env={"PYTHONPATH": str(REPOSITORY / "scripts"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
