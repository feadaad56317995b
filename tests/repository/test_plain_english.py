"""Everything that people read is in plain technical English: no banned words, no lines that are too long.

The tests read docstrings, comments, string literals, Markdown, templates and settings. The rules are in
CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from support.paths import REPOSITORY

WIDTH = 100
"""Characters of a Markdown line; tables and code are exempt."""

THINGS = (
    "annotator|article|page|label|batch|line|file|row|minute|hour|day|core|text|pair|item|stage|token|process|source|"
    "task|record|site|character|byte|word|unit|mention|stance|project|command|paragraph|sentence"
)
BANNED = {
    r"\bmend(s|ed|ing)?\b": "fix, repair, correct",
    r"\btold\b": "known, reported, given",
    r"\bways? out\b|\bway_out\b": "hint, fix",
    r"\bparted\b": "separated, split",
    r"\bwhereof\b|\bthereof\b|\bwhence\b": "of which",
    r"\bwhat is no\b|\bwhat no\b": "anything that is not",
    r"\b(is|are) to be had\b": "is available",
    r"\bany more of\b": "another",
    r"\bso many\b(?! (that|other))": "N, that number of",
    r"\ba fault\b|\bfaults? (of|in|that|is|are)\b": "an error, a problem",
    rf"\b(one|two|three|four|a|an|once|twice|\d+|projects?|rows?|lines?|files?|pages?|texts?|records?|times?|tasks?)"
    rf" an? ({THINGS})\b(?! (of|that|and|is|with))": "per",
    r"; without, ": "default:",
    r"\bgives? (it|them) (its|their) word\b|\bits word\b": "verdict, decision",
    r"\bas it came\b|\bas they came\b": "unchanged",
    r"\bis said to\b|\bit is said\b": "state who says it",
    r"\bby the way\b|\bnobody's\b": "of nobody",
}
PATTERNS = [(re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in BANNED.items()]
ANY_BANNED = re.compile("|".join(f"(?:{pattern})" for pattern in BANNED), re.IGNORECASE)
OPENINGS = re.compile(r"(Gives?|Tells?|Says?|What|How|Which|Who|Where)\b(?! (is|are)\b.*\?)")
"""Words that a docstring does not begin with: `Return`, `Yield`, `Whether`, or a noun phrase instead."""

NAMES = frozenset(
    (
        *("told", "kept", "said", "found", "made", "seen", "given", "settled", "mended", "mend", "parted", "standing"),
        *("sight", "shelf", "sayings", "coded", "contest", "stands", "look", "looks", "clues", "named", "judges"),
        "residue",
    )
)
"""Names that no module, class, function or field has: a noun of the field instead."""

EXEMPT = (
    "tests/repository/test_plain_english.py",  # holds the list
    "tests/tiny_repo/",  # invented articles and what is generated from them
    "corpus/",  # invented articles
    "annotations/layers/",
    "annotations/gold/",
    "annotations/tasks/",
    "splits/v",
    "uv.lock",
    "LICENSE",
)
INVENTED = ("tests/support/corruptions/", "tests/support/unicode_samples.py")
"""Test support whose strings are invented article text."""


def tracked(*endings: str) -> list[str]:
    """Files that git tracks with one of some endings, without the exempt ones."""
    names = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [
        name
        for name in names.stdout.splitlines()
        if name.endswith(endings) and not name.startswith(EXEMPT) and (REPOSITORY / name).is_file()
    ]


SOURCES = tracked(".py")
PACKAGE = [path for path in SOURCES if path.startswith("scripts/")]
MARKDOWN = [*tracked(".md"), "corpus/README.md"]
OTHERS = tracked(".toml", ".yml", ".yaml", ".j2", ".js", ".css", "Makefile", ".ci/run", ".cff")


def problems(text: str, location: str) -> Iterator[str]:
    """Banned words of a text, each with its location and what to write instead."""
    if not ANY_BANNED.search(text):
        return
    for pattern, instead in PATTERNS:
        for match in pattern.finditer(text):
            yield f"{location}: {match.group(0)!r}: write {instead}"


def comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Comments and string literals of a module, with their lines."""
    yield from comments(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


def names(source: str) -> Iterator[tuple[int, str]]:
    """Names of classes, functions and fields of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field.lineno, field.target.id


def read(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Paths with their texts. One test reads all files: a test per file and rule took a minute of CI."""
    for path in paths:
        yield path, (REPOSITORY / path).read_text(encoding="utf-8")


def test_source_is_in_plain_english() -> None:
    found = set()
    for path, source in read(SOURCES):
        texts = comments(source) if path.startswith("tests/") else prose(source)
        for line, text in (*texts, *docstrings(source)):
            found.update(problems(text, f"{path}:{line}"))
    assert not sorted(found)


def test_docstrings_open_with_a_verb_or_a_noun() -> None:
    found = [
        f"{path}:{line}: {text.splitlines()[0]}"
        for path, source in read(PACKAGE)
        for line, text in docstrings(source)
        if OPENINGS.match(text)
    ]
    assert not found


def test_names_are_nouns_or_verbs_of_the_field() -> None:
    assert not [path for path in PACKAGE if Path(path).stem in NAMES]
    found = [
        f"{path}:{line}: {name}"
        for path, source in read(PACKAGE)
        for line, name in names(source)
        if name.strip("_").lower() in NAMES
    ]
    assert not found


def test_documents_are_in_plain_english() -> None:
    found = [
        problem
        for path, text in read([*MARKDOWN, *OTHERS])
        for number, line in enumerate(text.splitlines(), 1)
        for problem in problems(line, f"{path}:{number}")
    ]
    assert not found


def test_markdown_lines_wrap() -> None:
    assert not [problem for path, text in read(MARKDOWN) for problem in long_lines(path, text)]


def long_lines(path: str, text: str) -> Iterator[str]:
    """Lines of a document that are longer than `WIDTH`, except code, tables and what is generated."""
    is_code = is_generated = False
    for number, line in enumerate(text.splitlines(), 1):
        is_code ^= line.lstrip().startswith("```")
        is_generated = (is_generated or "goldwire:begin" in line) and "goldwire:end" not in line
        exempt = is_code or is_generated or line.startswith("|") or " " not in line.strip("-*> ")
        if len(line) > WIDTH and not exempt:
            yield f"{path}:{number}: {len(line)} characters"


def test_glossary_is_complete() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (REPOSITORY / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| word")
    ]
    words = [row[0] for row in rows]
    assert len(words) == len(set(words))
    assert 35 <= len(words) <= 60
    assert all(len(row) == 3 and row[1] and row[2] for row in rows)
