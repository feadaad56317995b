"""Print the conda-forge recipe of a release, from pyproject.toml and the source distribution that was published.

    python .ci/conda_recipe.py dist/goldwire-0.1.0.tar.gz URL > recipe.yaml

URL is the address of the published file. The recipe goes to conda-forge/staged-recipes as
recipes/goldwire/recipe.yaml. Dependencies have PyPI's names there: check each on conda-forge before a submission (its
name can differ, and a package may have to be added first).
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from pathlib import Path


def recipe(project: dict, sdist: Path, url: str) -> str:
    """Return the text of recipe.yaml (schema version 1)."""
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    runs = [_conda(line) for line in project["dependencies"]]
    python = project["requires-python"].replace(" ", "")
    lines = [
        "schema_version: 1",
        "context:",
        f'  version: "{project["version"]}"',
        "package:",
        f"  name: {project['name']}",
        "  version: ${{ version }}",
        "source:",
        f"  url: {url}",
        f"  sha256: {digest}",
        "build:",
        "  noarch: python",
        "  number: 0",
        "  script: ${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation",
        "  python:",
        "    entry_points:",
        *(f"      - {name} = {target}" for name, target in project["scripts"].items()),
        "requirements:",
        "  host:",
        f"    - python {python}",
        "    - pip",
        "    - hatchling >=1.27",
        "    - hatch-fancy-pypi-readme >=24.1",
        "  run:",
        f"    - python {python}",
        *(f"    - {run}" for run in runs),
        "tests:",
        "  - python:",
        "      imports: [goldwire]",
        "      pip_check: true",
        "  - script: [goldwire --help]",
        "about:",
        f"  summary: {project['description']}",
        f"  license: {project['license']}",
        "  license_file: LICENSE",
        f"  repository: {project['urls']['Repository']}",
    ]
    return "\n".join(lines) + "\n"


def _conda(requirement: str) -> str:
    name, bound = re.fullmatch(r"([A-Za-z0-9._-]+)(.*)", requirement).groups()
    return f"{name} {bound}".strip()


if __name__ == "__main__":
    pyproject = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    sys.stdout.write(recipe(pyproject["project"], Path(sys.argv[1]), sys.argv[2]))
