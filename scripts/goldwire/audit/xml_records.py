"""XML data: records in a file (PubMed, SemEval, BioC, RSS), or one document per file (TEI, NITF, NewsML, JATS).

1. `xml_layout` reads the first elements, and finds the path of the elements that are records.
2. Each record is a row: its attributes, its children without children, its text, its spans, and the ids of it and of
   what it is in.

No entity is resolved, no other file is read, and a record has a limited size. XML Schema and DTD are not looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from goldwire.audit.data_file import OpenedFile, ParquetBuffer, one_line, open_bytes, uncompressed_name
from goldwire.audit.json_lines import columns_of
from goldwire.audit.splits import split_kind

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["XML", "XmlLayout", "is_xml", "open_xml", "read_xml_document", "xml_layout", "xml_names"]

XML = (".xml", ".nxml", ".tei")
"""The endings of the names of XML files."""

# Elements with the text of a record, in order of preference: the body of a document is in its `text`, or beside it.
_TEXTS = (
    *("body.content", "inlinexml", "body", "fulltext", "text", "content", "abstract", "sentence", "tweet", "review"),
    *("comment", "post", "encoded", "description"),
)
_BLOCKS = frozenset((
    *("p", "para", "paragraph", "head", "title", "sec", "section", "div", "div1", "div2", "div3", "l", "line", "lb"),
    *("br", "li", "item", "tr", "hl1", "hl2", "hedline", "block", "sentence", "abstracttext", "list", "table", "u"),
))  # fmt: skip
_WORDS = frozenset(("w", "pc", "tok", "token", "td", "word", "wf"))
_PARTS = (_BLOCKS - {"sentence", "item"}) | _WORDS | {"s", "span", "seg"}  # of a document, and no records
_IDS = ("id", "pmid", "docno", "docid", "doc-id", "guid", "uid", "key", "idno", "rid", "article-id")
_START, _END = ("from", "start", "begin", "start_offset"), ("to", "end", "end_offset")
_LABEL, _SURFACE = ("type", "label", "category", "polarity", "tag"), ("term", "target", "text", "mention")
_SNIFFED = 20_000  # elements that decide the layout
_SNIFFED_RECORDS = 200  # whose keys are the columns of a file
_CHUNK_ROWS = 2_000
_MAX_BYTES = 64 << 20  # of a document or record
_MIN_WORDS = 3  # of a record, on average: with fewer, a file has settings
_MIN_SHARE = 0.5  # of the words of the file are in records
_MIN_TEXT = 0.3  # of the words of a record are in its text: names of authors and terms are beside it
_NUMBERS = ("row", "file")  # columns of the audit itself
Row = dict[str, Any]
Names = tuple[str, ...]


class XmlLayout(msgspec.Struct, frozen=True):
    """The names of the elements from the root to a record; empty if the whole file is one document."""

    path: Names = ()


def is_xml(file: Path) -> bool:
    """Whether the name of a file is that of an XML file."""
    return uncompressed_name(file).endswith(XML)


def xml_layout(file: Path) -> XmlLayout | None:
    """Return the layout of a file; None if it has hardly any text.

    Raises
    ------
    ValueError
        It is not well-formed, or too large.
    """
    counts, words, with_text = Counter[Names](), Counter[Names](), Counter[Names]()
    root: _Element | None = None
    with _Parsed(file, ("start",)) as parsed:
        for number, (_, element) in enumerate(parsed):
            root = element if root is None else root
            if number == _SNIFFED:
                break
    if root is None:
        return None
    _count(root, (_name(root),), counts, words, with_text)
    total = words[_name(root),]
    is_split = split_kind(file.stem) is not None
    if total < _MIN_WORDS or (with_text[_name(root),] and not is_split):
        return XmlLayout() if total >= _MIN_WORDS else None
    candidates = [
        path
        for path, count in counts.items()
        if count > 1 and words[path] >= _MIN_SHARE * total and (is_split or path[-1] not in _PARTS)
    ]
    candidates = [path for path in candidates if with_text[path] >= counts[path] / 2] or candidates
    if not candidates:
        return XmlLayout()
    best = min(candidates, key=lambda path: (len(path), -words[path]))
    while len(best) > 2 and counts[best[:-1]] == counts[best]:  # the only one in its parent, which has the id
        best = best[:-1]
    return XmlLayout(best) if words[best] >= _MIN_WORDS * counts[best] else None


def _count(element: _Element, path: Names, counts: Counter[Names], words: Counter[Names], texts: Counter[Names]) -> int:
    """Add the elements below a path, their words, and those with a child that has a text; return the words.

    libxml2 refuses elements nested more than 256 deep.
    """
    total = len((element.text or "").split())
    by_text = defaultdict[str, list[int]](list)
    for child in element:
        name = _name(child)
        if name:
            n_words = _count(child, (*path, name), counts, words, texts)
            if name in _TEXTS:
                by_text[name].append(n_words)
            total += n_words
        total += len((child.tail or "").split())
    counts[path] += 1
    words[path] += total
    texts[path] += any(len(of_name) == 1 and of_name[0] > _MIN_TEXT * total for of_name in by_text.values())
    return total


def xml_names(file: Path) -> list[str]:
    """Return the names of the columns from the first records."""
    return list(dict.fromkeys(name for row in islice(_records(file), _SNIFFED_RECORDS) for name in row))


def open_xml(file: Path, names: Sequence[str], folder: Path, rows: int | None) -> OpenedFile:
    """Open the named columns of the records of a file, or of its first `rows`."""
    import polars as pl

    records = _records(file)
    if rows is not None:
        return OpenedFile(columns_of(list(islice(records, rows)), names).with_row_index("row", offset=1).lazy())
    spill, first = ParquetBuffer(folder), 1
    while True:
        piece = list(islice(records, _CHUNK_ROWS))
        if piece or first == 1:
            frame = columns_of(piece, names).with_row_index("row", offset=first)
            spill.put(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        if not piece:
            return OpenedFile(spill.frame())
        first += len(piece)


def read_xml_document(file: Path) -> Row:
    """Return the row of a file that is one document; raise ValueError if it is not well-formed, or too large."""
    root: _Element | None = None
    with _Parsed(file, ("end",)) as parsed:
        for _, element in parsed:
            root = element
    if root is None:
        raise ValueError("no element")
    return _row(root)


def _records(file: Path) -> Iterator[Row]:
    """Yield the rows of a file; raise ValueError where it is not well-formed, or a record is too large."""
    layout = xml_layout(file)
    path = () if layout is None else layout.path
    if not path:
        yield read_xml_document(file)
        return
    previous: _Element | None = None
    parent: _Element | None = None
    group: Row = {}
    with _Parsed(file, ("end",)) as parsed:
        for _, element in parsed:
            if _name(element) == path[-1] and _path(element) == path:
                if (above := element.getparent()) is not parent:
                    parent, group = above, _group_of(element)
                yield _row(element) | group
                parsed.read_bytes = 0
                _forget(element, previous)
                previous = element


def _forget(element: _Element, previous: _Element | None) -> None:
    """Free the memory of a record, of the one before it, and of elements like those that it is in."""
    element.clear(keep_tail=True)
    if previous is not None and (parent := previous.getparent()) is not None:
        parent.remove(previous)
    for ancestor in element.iterancestors():
        parent, sibling = ancestor.getparent(), ancestor.getprevious()
        while parent is not None and sibling is not None and sibling.tag == ancestor.tag:
            parent.remove(sibling)
            sibling = ancestor.getprevious()


def _path(element: _Element) -> Names:
    return tuple(reversed([_name(element), *map(_name, element.iterancestors())]))


def _name(element: _Element) -> str:
    """Return the name of an element in lower case, without its namespace; empty for an entity."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _row(record: _Element) -> Row:
    """Return the columns of a record; a name that several children have is not a column."""
    texts = _texts(record)
    row: Row = {"text": "\n\n".join(filter(None, map(_text_of, texts)))}
    identifier = _id_of(record)
    if identifier is not None:
        row["id"] = identifier
    leaves = Counter(_name(child) for child in record)
    for child in record:
        if leaves[_name(child)] == 1 and not len(child) and (value := (child.text or "").strip()):
            row.setdefault(_name(child), value)
    for name, value in record.attrib.items():
        row.setdefault(str(name).rpartition("}")[2].lower(), str(value))
    row = {name: value for name, value in row.items() if name not in _NUMBERS}
    if len(texts) == 1 and not len(texts[0]) and (spans := list(_spans(record))):
        row["spans"] = spans
    return row


def _group_of(record: _Element) -> Row:
    """Return the id of what a record is in, as a column."""
    ids = (_id_of(ancestor, is_ancestor=True) for ancestor in record.iterancestors())
    found = next(filter(None, ids), None)
    return {} if found is None else {"document_id": found}


def _id_of(element: _Element, *, is_ancestor: bool = False) -> str | None:
    """Return the id of an element: an attribute whose name ends in `id`, or the nearest element that has one.

    Of an ancestor of a record, only the children are looked at: others are in records.
    """
    for name, value in element.attrib.items():
        if str(name).rpartition("}")[2].lower().endswith("id"):
            return str(value)
    level = list(element)
    while level:
        for name in _IDS:
            named = (e.text.strip() for e in level if _name(e) == name and e.text)
            if found := next(filter(None, named), None):
                return str(found)
        level = [] if is_ancestor else [inner for e in level if _name(e) not in _TEXTS for inner in e]
    return None


def _texts(record: _Element) -> list[_Element]:
    """Return the elements of a record that have its text: those of the best name nearest to it, or the record."""
    for name in _TEXTS:
        level = list(record)
        while level:
            if found := [element for element in level if _name(element) == name and _has_words(element)]:
                return found
            level = [inner for element in level for inner in element]
    return [record]


def _has_words(element: _Element) -> bool:
    return any(part.strip() for part in element.itertext())


def _text_of(element: _Element) -> str:
    """Return the text of an element, as it is if it has no children, else with one line per paragraph."""
    if not len(element):
        return element.text or ""
    lines = ("".join(_pieces(element))).split("\n\n")
    return "\n\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _pieces(element: _Element) -> Iterable[str]:
    name = _name(element)
    separator = "\n\n" if name in _BLOCKS else " " if name in _WORDS else ""
    yield separator
    # Line breaks in the file are not paragraphs.
    yield " ".join((element.text or "").split("\n\n"))
    for child in element:
        yield from _pieces(child)
        yield " ".join((child.tail or "").split("\n\n"))
    yield separator


def _spans(record: _Element) -> Iterator[Row]:
    """Yield the spans of a record, such as `<aspectTerm term="ferry" from="4" to="9" polarity="negative"/>`."""
    for element in record.iterdescendants():
        values = {str(name).lower(): str(value) for name, value in element.attrib.items()}
        start, end = (next((values[n] for n in names if n in values), "") for names in (_START, _END))
        if start.isdecimal() and end.isdecimal() and end != "0":
            label, surface = (next((values[n] for n in names if n in values), None) for names in (_LABEL, _SURFACE))
            yield {"start": int(start), "end": int(end), "label": label or _name(element), "text": surface}


class _Parsed:
    """The events of a file. An error of the parser is a ValueError, and so are too many `read_bytes`."""

    def __init__(self, file: Path, events: Sequence[str]) -> None:
        self.file, self.events = file, events
        self.read_bytes = 0
        self._opened: BinaryIO | None = None

    def __enter__(self) -> _Parsed:
        self._opened = open_bytes(self.file)
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()

    def read(self, size: int) -> bytes:
        """Return the next bytes, for the parser."""
        if self._opened is None:
            return b""
        data = self._opened.read(size)
        self.read_bytes += len(data)
        if self.read_bytes > _MAX_BYTES:
            raise ValueError(f"a document or record of more than {_MAX_BYTES >> 20} MB")
        return data

    def __iter__(self) -> Iterator[tuple[str, _Element]]:
        from lxml import etree

        options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
        try:
            yield from etree.iterparse(self, self.events, remove_comments=True, remove_pis=True, **options)
        except etree.XMLSyntaxError as error:
            raise ValueError(one_line(error)) from None
