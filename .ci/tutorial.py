"""Run every command of the tutorial in a fresh environment that has the wheel with all extras.

    python3 .ci/tutorial.py

The environment is what a user gets: `python -m venv`, then pip, with current spaCy, Ray, trafilatura and pydantic 2
beside goldwire. The server is a real Doccano. It takes five to ten minutes, most of them downloads; `make setup` must
have run, for uv and Doccano's environment.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
BESIDE = ("spacy>=3.8.12", "trafilatura>=2.3")
# The oldest versions that count as current: with doccano-client's own pins, pip could not go above them.
CURRENT = {"pydantic": 2, "ray": (2, 56), "spacy": (3, 8, 12), "trafilatura": (2, 3), "urllib3": 2}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="goldwire-tutorial-") as name:
        folder = Path(name)
        run(REPOSITORY / ".goldwire/bin/uv", "build", "--quiet", "--wheel", "--out-dir", folder, REPOSITORY)
        (wheel,) = folder.glob("*.whl")
        run(sys.executable, "-m", "venv", folder / "venv")
        python = folder / "venv/bin/python"
        run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip>=24")
        run(python, "-m", "pip", "install", "--quiet", f"{wheel}[all]", *BESIDE)
        run(python, "-m", "pip", "check")
        (folder / "reader").mkdir()
        run(python, Path(__file__), folder / "reader", PYTHONPATH=str(REPOSITORY / "tests"))


def run(*command: object, **variables: str) -> None:
    print("$", *command, flush=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    subprocess.run([str(part) for part in command], check=True, env=own | variables)


def follow_tutorial(folder: Path) -> None:
    """Run the page with the programs of this Python."""
    from importlib.metadata import version

    from packaging.version import Version

    import goldwire
    from goldwire.doccano.server import environment, lifecycle
    from support.console_blocks import run_page
    from support.tutorial_annotators import annotate

    assert Path(goldwire.__file__).is_relative_to(sys.prefix), goldwire.__file__
    for package, oldest in CURRENT.items():
        print(f"{package} {version(package)}", flush=True)
        wanted = (oldest,) if isinstance(oldest, int) else oldest
        assert Version(version(package)).release >= wanted, f"{package} is older than {wanted}"
    shared = {environment.VARIABLE: str(environment.default_folder(REPOSITORY / ".goldwire"))}
    os.environ.update(shared)
    try:
        count = run_page(REPOSITORY / "docs" / "tutorial.md", folder, actions={"annotate": annotate})
        root = folder / "my-news"
        for engine in ("daft", "ray"):  # the extra `scale`
            run(Path(sys.executable).with_name("goldwire"), "--root", root, "dedup", "--engine", engine)
    finally:
        lifecycle.stop(folder / "my-news" / ".goldwire" / "server")
    print(f"{count} commands of the tutorial ended as the page says")


if __name__ == "__main__":
    follow_tutorial(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
