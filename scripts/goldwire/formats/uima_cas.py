"""UIMA CAS, as INCEpTION exports it: XMI with its type system, or JSON; one file per document and annotator.

Spans are DKPro Core's `NamedEntity`; those of a project's own span layers (`webanno.custom.` or `custom.`) are read,
too. Relations are INCEpTION's relation layer `webanno.custom.Stance`, or any other one, with `Governor` (the holder),
`Dependent` (the target) and the feature `label` or `value`. dkpro-cassis converts the UTF-16 offsets. Of an exported
project, the files of the annotators are read: not the initial CAS, and the curated one only without others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError, MissingFileError, MissingPackageError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Relation, Span, merge_annotators
from goldwire.formats.files import file_names, peek_json, write_member

__all__ = ["JSON", "XMI"]

_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
_METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_STANCE = "webanno.custom.Stance"
_TYPES = "TypeSystem.xml"
_STORED = {".xmi": re.compile(rb"<[\w.-]+:(\w+)[\s/>]"), ".json": re.compile(rb'"%TYPE"\s*:\s*"(?:[^"]*\.)?(\w+)"')}
"""The types of what a file has, without their namespaces."""
_UNREADABLE = (KeyError, ValueError, AttributeError, TypeError, SyntaxError, RuntimeError)  # and RecursionError


class CasFormat(msgspec.Struct, frozen=True):
    """UIMA CAS."""

    name: str
    title: str
    suffix: str
    package: str | None = "cassis"
    capabilities: Capabilities = Capabilities(
        voice=False, named_targets=False, comments=False, completeness=False, control_characters=False
    )

    def matches(self, path: Path) -> bool:
        """Whether the file, or one of the folder, is a CAS of this kind."""
        file = path if path.is_file() else next(iter(sorted(path.rglob(f"*{self.suffix}"))), None)
        if file is None or file.suffix != self.suffix:
            return False
        if self.suffix == ".xmi":
            return True
        row = peek_json(file)
        return isinstance(row, dict) and "%FEATURE_STRUCTURES" in row

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per text; a file is of one annotator: `<document>/<annotator>.xmi`, as in INCEpTION."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, Path]]:
        cassis = _cassis()
        is_single = path.is_file()
        files = [path] if is_single else _annotators_files(path, self.suffix)
        if not files:
            raise MissingFileError(f"no {self.suffix} file", location=path)
        types: dict[Path | bytes, Any] = {}  # reading one takes as long as 10 to 100 short CASes
        layers: dict[int, _Layers] = {}  # by type system
        for file in files:
            try:
                data = file.read_bytes()
                cas = self._load(cassis, data, file.parent, types)
                key = id(cas.typesystem)  # `types` holds it, so that no other one gets its id
                if key not in layers:
                    layers[key] = _layers(cas.typesystem)
                _require_all_indexed(_STORED[self.suffix].findall(data), cas, layers[key])
                yield _document(cas, layers[key], file, is_single=is_single), file
            except (*_UNREADABLE, cassis.typesystem.TypeNotFoundError) as error:
                problem = str(error.args[0]) if error.args else type(error).__name__  # attrs adds a whole object
                raise DataError(f"not a CAS that dkpro-cassis reads ({problem})", location=file) from None

    def _load(self, cassis: Any, data: bytes, folder: Path, types: dict[Path | bytes, Any]) -> Any:
        """Return the CAS of a file; `types` has the type systems that were read before, by file and folder."""
        if self.suffix == ".json":
            return _load_json(cassis, data, types)
        if folder not in types:
            path = next((p for p in (folder / _TYPES, folder.parent / _TYPES) if p.is_file()), None)
            if path is None:
                raise MissingFileError("no type system beside the CAS", location=folder / _TYPES)
            if path not in types:
                with path.open("rb") as definition:
                    types[path] = cassis.load_typesystem(definition)
            types[folder] = types[path]
        return cassis.load_cas_from_xmi(BytesIO(data), typesystem=types[folder])

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write `<document>/<annotator>.xmi` (or .json) and, for XMI, the type system."""
        cassis = _cassis()
        types = _type_system(cassis)
        if self.suffix == ".xmi":
            write_member(path / _TYPES, types.to_xml())
        documents = list(documents)
        folders = file_names(document.id for document in documents)
        names = file_names(labels.annotator for document in documents for labels in document.labels)
        for document in documents:
            for labels in document.labels:
                cas = _cas(cassis, types, document, labels)
                file = path / folders[document.id] / f"{names[labels.annotator]}{self.suffix}"
                write_member(file, cas.to_xmi() if self.suffix == ".xmi" else _json(cassis, cas))


class _EmbeddedTypes(msgspec.Struct):
    definitions: msgspec.Raw = msgspec.field(name="%TYPES")


def _load_json(cassis: Any, data: bytes, types: dict[Path | bytes, Any]) -> Any:
    """Return a CAS; one whose type system was read before in the same bytes shares it: ten times as fast."""
    definitions = bytes(msgspec.json.decode(data, type=_EmbeddedTypes).definitions)
    if definitions in types:
        return cassis.load_cas_from_json(BytesIO(data), typesystem=types[definitions], merge_typesystem=False)
    cas = cassis.load_cas_from_json(BytesIO(data))
    types[definitions] = cas.typesystem
    return cas


def _json(cassis: Any, cas: Any) -> str:
    """Return the JSON of a CAS with the types that it uses: all types of DKPro are 80 kB."""
    text: str = cas.to_json(type_system_mode=cassis.typesystem.TypeSystemMode.MINIMAL)
    return text


def _cassis() -> Any:
    try:
        import cassis
    except ImportError as error:
        hint = "pip install 'goldwire[formats]'"
        raise MissingPackageError(f"dkpro-cassis is not installed ({error.name})", hint=hint) from None
    return cassis


def _type_system(cassis: Any) -> Any:
    types = cassis.load_dkpro_core_typesystem()
    stance = types.create_type(name=_STANCE, supertypeName="uima.tcas.Annotation")
    types.create_feature(domainType=stance, name="Governor", rangeType=_ENTITY)
    types.create_feature(domainType=stance, name="Dependent", rangeType=_ENTITY)
    types.create_feature(domainType=stance, name="label", rangeType="uima.cas.String")
    return types


def _cas(cassis: Any, types: Any, document: Document, labels: Labels) -> Any:
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string = document.text
    cas.sofa_mime = "text/plain"
    entity, stance = types.get_type(_ENTITY), types.get_type(_STANCE)
    added = []
    for span in labels.spans:
        annotation = entity(begin=span.start, end=span.end, value=span.label)
        cas.add(annotation)
        added.append(annotation)
    for relation in labels.relations:
        holder, target = added[relation.holder or 0], added[relation.target or 0]
        cas.add(stance(begin=target.begin, end=target.end, Governor=holder, Dependent=target, label=relation.label))
    return cas


def _require_all_indexed(stored: Iterable[bytes], cas: Any, layers: _Layers) -> None:
    """Raise ValueError for labels that the initial view does not have: they would be left out without a word."""
    missing = Counter(filter(layers.short_names.__contains__, stored))
    for name, indexed in cas.views[0].type_index.items():
        missing[_short_name(name).encode()] -= len(indexed)
    for short, count in missing.items():
        if count > 0:
            raise ValueError(f"{count} of {short.decode()} are not in the initial view")


def _short_name(type_name: str) -> str:
    return type_name.rpartition(".")[2]


def _document(cas: Any, layers: _Layers, file: Path, *, is_single: bool) -> Document:
    text = cas.sofa_string
    if not isinstance(text, str):
        raise TypeError("it has no text")
    index = cas.views[0].type_index  # of the initial view; `Cas.select` makes an index of each subtype first
    entities = [
        (entity, _label(entity, features)) for name, features in layers.spans.items() for entity in index.get(name, ())
    ]
    positions = {id(entity): number for number, (entity, _) in enumerate(entities)}
    spans = tuple(Span(start=entity.begin, end=entity.end, label=label) for entity, label in entities)
    relations = []
    for name in layers.relations:
        for item in index.get(name, ()):
            if item.Governor is None or item.Dependent is None:
                raise ValueError(f"a relation {_label(item)!r} without an end")
            if id(item.Governor) in positions and id(item.Dependent) in positions:
                ends = positions[id(item.Governor)], positions[id(item.Dependent)]
                relations.append(Relation(label=_label(item), holder=ends[0], target=ends[1]))
    annotator = ANONYMOUS if is_single else file.stem
    labels = Labels(annotator=annotator, spans=spans, relations=tuple(relations))
    return Document(id=file.stem if is_single else file.parent.name, text=text, labels=(labels,))


def _label(annotation: Any, features: Iterable[str] = ()) -> str:
    """Return the value of the feature that has the label, else the name of the type."""
    for feature in ("label", "value", *features):
        value = getattr(annotation, feature, None)
        if isinstance(value, str) and value:
            return value
    return _short_name(annotation.type.name)


class _Layers(msgspec.Struct, frozen=True):
    """The types with labels of a type system: named entities, and the layers that a project has added."""

    spans: dict[str, tuple[str, ...]]  # features that may have the label by type
    relations: tuple[str, ...]
    short_names: frozenset[bytes]  # of both


def _layers(types: Any) -> _Layers:
    """Return the layers with their subtypes. Every relation layer has Governor and Dependent; others are of spans."""
    layers = [kind for kind in types.get_types() if kind.name.startswith(("webanno.custom.", "custom."))]
    added = {
        kind.name: {feature.name for feature in kind.all_features} for layer in layers for kind in layer.descendants
    }
    relations = tuple(name for name, features in added.items() if {"Governor", "Dependent"} <= features)
    spans: dict[str, tuple[str, ...]] = {}
    if types.contains_type(_ENTITY):
        spans.update((kind.name, ()) for kind in types.get_type(_ENTITY).descendants)
    for name, features in added.items():
        if {"begin", "end"} <= features and name not in relations:
            spans[name] = tuple(sorted(features - {"begin", "end", "sofa"}))
    return _Layers(spans, relations, frozenset(_short_name(name).encode() for name in (*spans, *relations)))


def _annotators_files(folder: Path, suffix: str) -> list[Path]:
    """Return the files of annotators: not those of INCEpTION before annotation, nor curated ones beside others."""
    files = [file for file in sorted(folder.rglob(f"*{suffix}")) if file.stem != "INITIAL_CAS"]
    annotators = [file for file in files if file.stem != "CURATION_USER"]
    return annotators or files


XMI = CasFormat(name="cas-xmi", title="UIMA CAS XMI (INCEpTION)", suffix=".xmi")
JSON = CasFormat(name="cas-json", title="UIMA CAS JSON (INCEpTION)", suffix=".json")
