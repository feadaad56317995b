"""What `goldwire.agreement` exports is documented."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from goldwire import agreement

FUNCTIONS = [function for name in agreement.__all__ if inspect.isfunction(function := getattr(agreement, name))]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_docstrings_of_functions_have_the_sections_of_numpydoc(function: Any) -> None:
    sections = dict(re.findall(r"^(\w+)\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", inspect.getdoc(function), re.M | re.S))
    assert {"Parameters", "Returns", "Examples"} <= sections.keys()
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"^(\S.*)$", sections["Parameters"], re.M))))
    assert inspect.signature(function).parameters.keys() <= documented
    assert ">>>" in sections["Examples"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_options_are_explicit_and_have_types(function: Any) -> None:
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        assert parameter.annotation not in (parameter.empty, "Any")
