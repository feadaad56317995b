"""L0: the pictures and files that the documents of a workspace name exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.rules.files import missing_files
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["broken_links", "links"]

LINK_BROKEN = Rule(
    code="link-broken",
    level=0,
    severity="warning",
    summary="a document names a picture or file of the workspace that is missing",
    why="Annotators follow guidelines with a gap, and readers cannot look up what the dataset is documented with.",
    fix="Restore the file from git, or correct its name.",
    example=(
        "annotations/GUIDELINES.md:7 annotations/images/stance.png: L0 file warning [link-broken] names "
        "'images/stance.png', which is missing"
    ),
)

_CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(
    r"\]\(\s*<([^>\n]+)>"  # [text](<a name with blanks>), also of a picture
    r"|\]\(\s*([^\s)<][^\s)]*)"  # [text](name "title")
    r"|^ {0,3}\[[^\]\n]+\]:[ \t]+(\S+)"  # [text]: name
    r"|<(?:img|a)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)[\"']",
    re.MULTILINE | re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#]", re.IGNORECASE)
_FOLDERS = ("corpus/", "annotations/", "splits/")  # other files of a project are not part of the workspace


def links(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the target of each relative link and picture of a Markdown page, without its fragment.

    Examples
    --------
    >>> list(links("See [data](corpus/README.md#sources).\\n![a map](images/map.png)\\n`[no](link.md)`"))
    [(1, 'corpus/README.md'), (2, 'images/map.png')]
    """
    text = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
    for match in _LINK.finditer(text):
        target = next(filter(None, match.groups()))
        if not _ELSEWHERE.match(target):
            yield text.count("\n", 0, match.start()) + 1, unquote(re.split("[?#]", target)[0])


@check(LINK_BROKEN)
def broken_links(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each link of a document to a file that is missing from the workspace."""
    files = {*snapshot.files, *snapshot.pages}
    folders = {file[:end] for file in files for end, sign in enumerate(file) if sign == "/"}
    reported = {finding.file for finding in missing_files(snapshot)}  # one cause, one finding
    for page, text in sorted(snapshot.pages.items()):
        for line, target in links(text):
            path = normpath(join(dirname(page), target))
            is_inside = path.startswith(_FOLDERS) or path == "DATASHEET.md"
            if is_inside and path not in files and path not in folders and path not in reported:
                yield LINK_BROKEN.finding(page, f"names {target!r}, which is missing", line=line, item=path)
