"""Counts with nouns, and that no text of the toolkit counts in another way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import goldwire
from goldwire.quantities import plural, quantity

# Nouns that counts of any size stand before. A count of characters, minutes or bytes is a limit, or never 1.
_NOUNS = (
    *("annotator", "answer", "article", "attribute", "batch", "cluster", "column", "comment", "decision"),
    *("disagreement", "document", "error", "file", "finding", "label", "layer", "line", "mention", "package", "page"),
    *("pair", "part", "person", "problem", "record", "relation", "row", "shard", "source", "span", "stance", "task"),
    *("text", "warning", "word"),
)
_ADJECTIVES = "calibration|changed|confirmed|disputed|duplicate|gold|labelled|more|new|open|other|raw|unconfirmed"
_COUNTED = re.compile(rf"\A (?:(?:{_ADJECTIVES}) )?({'|'.join(map(plural, _NOUNS))})\b")


@pytest.mark.parametrize(
    ("count", "nouns", "text"),
    [
        (1, ("article",), "1 article"),
        (0, ("article",), "0 articles"),
        (1234, ("gold label",), "1,234 gold labels"),
        (2, ("batch",), "2 batches"),
        (2, ("entity",), "2 entities"),
        (2, ("day",), "2 days"),
        (3, ("person",), "3 people"),
        (1, ("layer is", "layers are"), "1 layer is"),
        (2, ("layer is", "layers are"), "2 layers are"),
    ],
)
def test_a_noun_agrees_with_its_count(count: int, nouns: tuple[str, ...], text: str) -> None:
    assert quantity(count, *nouns) == text


def test_no_text_of_the_toolkit_has_a_plural_after_a_count_that_may_be_one() -> None:
    """A count in an f-string, followed by a plural, prints `1 articles`."""
    found = [
        f"{path.name}:{value.lineno} ...{after.value[:30]!r}"
        for path in sorted(Path(goldwire.__file__).parent.rglob("*.py"))
        for value, after in _counts_before_plurals(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


def _counts_before_plurals(tree: ast.AST) -> list[tuple[ast.FormattedValue, ast.Constant]]:
    """Return each replacement field with the text after it, if that begins with a plural and no constant is counted."""
    return [
        (value, after)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for value, after in zip(node.values, node.values[1:], strict=False)
        if isinstance(value, ast.FormattedValue)
        and isinstance(after, ast.Constant)
        and _COUNTED.match(str(after.value))
        and not _is_constant(value.value)
    ]


def _is_constant(node: ast.expr) -> bool:
    """Return whether a name is in capitals, as those of constants are."""
    return isinstance(node, ast.Name) and node.id.isupper()
