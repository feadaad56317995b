"""RSS and Atom files: the text of each entry, as far as the feed contains it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from goldwire.ingestion.raw_record import MAX_FILE_BYTES, RawRecord, ReadProblem
from goldwire.ingestion.row_fields import text_value

__all__ = ["feed_entries"]

_ENTRIES = ("item", "entry")
_TEXTS = ("encoded", "content", "description", "summary")  # the most complete first
_DATES = ("pubDate", "published", "date", "updated")


def feed_entries(file: BinaryIO) -> Iterator[RawRecord | ReadProblem]:
    """Yield the entries of a feed, each an HTML record with its title, link and date."""
    # No network, no entities, no DTD: a feed is untrusted.
    from lxml import etree

    data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        yield ReadProblem(row=None, reason="file-too-large", detail=f"over {MAX_FILE_BYTES} bytes")
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = "bad-xml" if data.strip() else "empty"
        yield ReadProblem(row=None, reason=reason, detail=str(error).split("\n")[0] or "empty")
        return
    number = -1
    for node in root.iter(etree.Element):
        if _name(node) in _ENTRIES:
            number += 1
            yield _entry(number, node)
    if number < 0:
        yield ReadProblem(row=None, reason="no-entries", detail=f"<{_name(root)}> has no <item> or <entry>")


def _entry(number: int, node: Any) -> RawRecord | ReadProblem:
    parts: dict[str, Any] = {}
    for part in node.iterchildren("*"):
        if _name(part) != "link" or part.get("rel", "alternate") == "alternate":
            parts.setdefault(_name(part), part)
    field = next((name for name in _TEXTS if name in parts and _content(parts[name]).strip()), None)
    if field is None:
        return ReadProblem(row=number, reason="missing-text-field", detail="no content or description")
    link = parts.get("link")
    return RawRecord(
        row=number,
        data=f'<html><meta charset="utf-8"><body><article>{_content(parts[field])}</article></body></html>'.encode(),
        kind="html",
        field=field,
        title=text_value("".join(parts["title"].itertext())) if "title" in parts else None,
        url=None if link is None else text_value(link.get("href") or link.text),
        published=next((text_value(parts[name].text) for name in _DATES if name in parts), None),
    )


def _content(node: Any) -> str:
    """Return an entry's HTML, which is escaped text or elements (Atom's `xhtml`)."""
    from lxml import etree

    if len(node):
        return "".join(etree.tostring(part, encoding="unicode") for part in node)
    return node.text or ""


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]
