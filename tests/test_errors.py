"""The exception tree: one readable line, the standard library's type, and pickling between processes."""

from __future__ import annotations

import errno
import pickle
import tomllib

import pytest

from goldwire import errors
from goldwire.errors import GoldwireError
from support.paths import REPOSITORY

STANDARD_TYPES = {
    "ConfigError": ValueError,
    "ConflictError": FileExistsError,
    "DataError": ValueError,
    "MissingFileError": FileNotFoundError,
    "MissingPackageError": ImportError,
    "ServerError": ConnectionError,
}


def test_the_line_is_location_message_and_hint() -> None:
    error = GoldwireError("no articles", location="corpus/articles", hint="run `goldwire ingest`")
    assert str(error) == "corpus/articles: no articles; hint: run `goldwire ingest`"
    assert str(GoldwireError("no articles")) == "no articles"


def test_the_message_is_one_line_even_if_its_parts_are_not() -> None:
    assert str(GoldwireError("first\n  second", hint="a\tb")) == "first second; hint: a b"


@pytest.mark.parametrize(("name", "standard"), STANDARD_TYPES.items())
def test_each_exception_is_also_a_standard_one(name: str, standard: type[Exception]) -> None:
    error = getattr(errors, name)("broken", location="a.jsonl:3", hint="fix it")
    assert isinstance(error, GoldwireError)
    assert isinstance(error, standard)
    assert str(error) == "a.jsonl:3: broken; hint: fix it"


@pytest.mark.parametrize("name", ["GoldwireError", *STANDARD_TYPES])
def test_an_exception_survives_pickling(name: str) -> None:
    error = getattr(errors, name)("broken", location="a.jsonl:3", hint="fix it")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (copy.message, copy.location, copy.hint, str(copy)) == ("broken", "a.jsonl:3", "fix it", str(error))


def test_the_docstring_shows_every_exception() -> None:
    assert errors.__doc__ is not None
    for name, standard in STANDARD_TYPES.items():
        assert f"{name}({standard.__name__})" in errors.__doc__


def test_a_missing_extra_is_explained() -> None:
    line = errors.explain(ModuleNotFoundError("No module named 'daft'", name="daft"))
    assert line == "this command needs the package 'daft'; hint: run pip install 'goldwire[scale]'"
    assert errors.explain(ModuleNotFoundError("No module named 'numpy'", name="numpy")) is None


def test_the_modules_of_every_extra_are_known() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert errors._EXTRAS.keys() == project["optional-dependencies"].keys() - {"all"}


def test_an_error_of_the_operating_system_is_explained() -> None:
    line = errors.explain(OSError(errno.ENOSPC, "No space left on device", "splits/v1.0.0"))
    assert line is not None
    assert line.startswith("splits/v1.0.0: no space left on device; hint: free some space")
    assert errors.explain(KeyError("a bug")) is None
