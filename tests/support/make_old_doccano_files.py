"""Make exports of earlier versions of Doccano, which `tests/formats/test_doccano.py` reads, with Doccano's own code.

    ENVIRONMENT/bin/python tests/support/make_old_doccano_files.py SOURCES

`SOURCES` has a folder per version with the unpacked package of PyPI (`doccano-1.0.0.tar.gz` and so on). The environment
has `django`, `djangorestframework`, `djangorestframework-csv`, `pydantic<2` and `pandas`. What a version writes comes
from its own writers, painters and formatters; lists stand for its database. The texts are invented.
"""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import types
import zipfile
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.make_tool_files import FOLDER, RELATIONS, SPANS, STANCES, TEXTS, utf16

USERS = {"ada": 2, "ben": 3}
LABELS = {"PER": 11, "ORG": 12, "LOC": 13, "favour": 21, "against": 22}
TIME = "2020-01-01T00:00:00Z"
UNLABELLED = "Nobody labelled this, yet."
ALL_TEXTS = (*TEXTS, UNLABELLED)


class Row:
    """A row of the database; `rows.all()` is a list of others."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Rows(list[Any]):
    """The answer of the database to any question."""

    def all(self, *_: Any, **__: Any) -> Rows:
        return self

    filter = exclude = prefetch_related = select_related = all


def stand_in(name: str, **values: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(values)
    sys.modules[name] = module
    return module


def spans_of(number: int, user: str) -> list[Row]:
    """Return the spans of a user with ids of the database and UTF-16 offsets, as the page stores them."""
    if number >= len(TEXTS):
        return []
    text = TEXTS[number]
    return [
        Row(
            id=100 * (number + 1) + 10 * USERS[user] + position,
            start_offset=utf16(text, start),
            end_offset=utf16(text, end),
            label=Row(id=LABELS[label], text=label),
            user=Row(username=user, id=USERS[user]),
        )
        for position, (start, end, label) in enumerate(SPANS[user][number])
    ]


def relations_of(number: int, user: str) -> list[Row]:
    spans = spans_of(number, user)
    return [
        Row(id=7, from_id=spans[holder], to_id=spans[target], type=Row(text=label), user=Row(username=user))
        for label, holder, target in (RELATIONS[user][number] if spans else ())
    ]


def categories_of(number: int, user: str) -> list[Row]:
    label = STANCES[user][number] if number < len(TEXTS) else None
    user_row = Row(username=user, id=USERS[user])
    return [Row(id=5, label=Row(id=LABELS[label], text=label), user=user_row)] if label else []


def examples() -> Rows:
    found = Rows()
    for number, text in enumerate(ALL_TEXTS):
        rows = {
            "spans": Rows(row for user in USERS for row in spans_of(number, user)),
            "categories": Rows(row for user in USERS for row in categories_of(number, user)),
            "relations": Rows(row for user in USERS for row in relations_of(number, user)),
        }
        names = {"seq_annotations": rows["spans"], "doc_annotations": rows["categories"]}  # in version 1.3
        found.append(Row(id=number + 1, text=text, meta={"source": "wire"}, **rows, **names))
    return found


def one_file(source: Path, folder: Path, version: str) -> None:
    """Versions before 1.3: one file for all annotators, painted and rendered."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    from rest_framework_csv.renderers import CSVRenderer

    sys.path.insert(0, str(source / "app"))
    for name in ("pyexcel", "chardet", "colour", "seqeval.metrics.sequence_labeling", "conllu"):
        sys.modules[name] = MagicMock()

    def serialized(kind: str) -> Any:
        def serialize(_: Any, *, many: bool) -> Row:
            assert many
            return Row(data=[_document(example, kind) for example in examples()])

        return serialize

    stand_in("api", __path__=[str(source / "app" / "api")])
    stand_in("api.exceptions", FileParseException=Exception)
    stand_in("api.models", Label=None)
    labels = [{"id": number, "text": name} for name, number in LABELS.items()]
    serializers = stand_in("api.serializers", LabelSerializer=lambda *_, **__: Row(data=labels))
    for kind in ("spans", "categories"):
        serializers.DocumentSerializer = serialized(kind)
        sys.modules.pop("api.utils", None)
        utils = importlib.import_module("api.utils")
        target = folder / kind
        target.mkdir(parents=True, exist_ok=True)
        data = utils.JSONPainter().paint(None)
        (target / "annotations.jsonl").write_text("".join(utils.JSONLRenderer().render(data)))
        (target / "annotations.csv").write_bytes(CSVRenderer().render(utils.CSVPainter().paint(None)))
        if kind == "spans":
            labelled = utils.JSONPainter.paint_labels(None, None)
            (target / "labels.json1").write_text("".join(utils.JSONLRenderer().render(labelled)))
        elif hasattr(utils, "FastTextPainter"):
            painted = utils.FastTextPainter.paint_labels(None, None)
            (target / "labels.txt").write_bytes(utils.PlainTextRenderer().render(painted))
        config = [label | {"prefix_key": None, "suffix_key": "a", "background_color": "#209CEE"} for label in labels]
        (target / "label_config.json").write_text(json.dumps(config, indent=1) + "\n")


def _document(example: Row, kind: str) -> dict[str, Any]:
    """Return a document with the fields of the version's own serializers."""
    common = {"prob": 0.0, "document": example.id, "created_at": TIME, "updated_at": TIME}
    annotations = [
        {"id": row.id, "label": row.label.id, "user": row.user.id, **common}
        | ({"start_offset": row.start_offset, "end_offset": row.end_offset} if kind == "spans" else {})
        for row in getattr(example, kind)
    ]
    values = {"id": example.id, "text": example.text, "annotations": annotations}
    return values | {"meta": json.dumps(example.meta), "annotation_approver": None}


def file_per_user(source: Path, folder: Path, version: str) -> None:
    """Versions 1.3 to 1.6: a file per user, from a repository and a writer."""
    kinds = ("DOCUMENT_CLASSIFICATION", "SEQUENCE_LABELING", "SEQ2SEQ", "IMAGE_CLASSIFICATION", "SPEECH2TEXT")
    names = {name: name for name in (*kinds, "INTENT_DETECTION_AND_SLOT_FILLING")}
    models = {"Project": Row, "Example": Row(objects=Row(filter=lambda **_: examples())), **names}
    if (source / "backend/data_export").is_dir():
        sys.path.insert(0, str(source / "backend"))
        stand_in("examples"), stand_in("projects")
        stand_in("examples.models", **models), stand_in("projects.models", **models)
        package, writers = "data_export.pipeline", "writers"
        stand_in("data_export", __path__=[str(source / "backend/data_export")])
    else:
        stand_in("old", __path__=[]), stand_in("old.models", **models)
        stand_in("old.views", __path__=[str(source / "backend/api/views")])
        package, writers = "old.views.download", "writer"
    repositories = importlib.import_module(f"{package}.repositories")
    writer = importlib.import_module(f"{package}.{writers}")
    plan = [
        ("SequenceLabelingRepository", "JSONLWriter", "spans"),
        ("TextClassificationRepository", "JSONLWriter", "categories"),
        ("TextClassificationRepository", "JSONWriter", "categories-json"),
        ("TextClassificationRepository", "CsvWriter", "categories-csv"),
        ("TextClassificationRepository", "FastTextWriter", "categories-txt"),
        ("RelationExtractionRepository", "EntityAndRelationWriter", "relations"),
        ("IntentDetectionSlotFillingRepository", "IntentAndSlotWriter", "intents"),
    ]
    for repository, own_writer, name in plan:
        is_cut_short = version == "1.3.1" and name.endswith("csv")  # it packs the file before it is written
        if hasattr(repositories, repository) and hasattr(writer, own_writer) and not is_cut_short:
            project = Row(collaborative_annotation=False, documents=examples())
            records = getattr(repositories, repository)(project).list()
            temporary = folder / "temporary"
            temporary.mkdir(parents=True)
            archive = getattr(writer, own_writer)(str(temporary)).write(records)
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(folder / name)
            shutil.rmtree(temporary)


def frame_per_member(source: Path, folder: Path, version: str) -> None:
    """Version 1.7: a table per member with all texts, formatted and written."""
    import pandas

    sys.path.insert(0, str(source / "backend"))
    kinds = ("DOCUMENT_CLASSIFICATION", "SEQUENCE_LABELING", "SEQ2SEQ", "IMAGE_CLASSIFICATION", "SPEECH2TEXT")
    names = {name: name for name in (*kinds, "INTENT_DETECTION_AND_SLOT_FILLING")}
    stand_in("data_export", __path__=[str(source / "backend/data_export")])
    records = (
        "ExportedCategory",
        "ExportedExample",
        "ExportedLabel",
        "ExportedRelation",
        "ExportedSpan",
        "ExportedText",
    )
    stand_in("data_export.models", DATA="data", **dict.fromkeys(records, Row))
    stand_in("projects"), stand_in("projects.models", Project=Row, **names)
    sys.modules["django.db.models"] = stand_in("django.db.models", QuerySet=list)
    stand_in("django.db.models.query", QuerySet=dict)
    factories = importlib.import_module("data_export.pipeline.factories")
    services = importlib.import_module("data_export.pipeline.services")
    columns = {
        "entities": lambda row: Row(
            to_tuple=lambda: (row.start_offset, row.end_offset, row.label.text),
            to_dict=lambda: (
                {"id": row.id, "label": row.label.text}
                | {"start_offset": row.start_offset, "end_offset": row.end_offset}
            ),
        ),
        "relations": lambda row: Row(
            to_dict=lambda: {"id": row.id, "from_id": row.from_id.id, "to_id": row.to_id.id, "type": row.type.text}
        ),
        "categories": lambda row: Row(to_string=lambda: row.label.text),
    }
    sources = {"entities": spans_of, "relations": relations_of, "categories": categories_of}
    plan = [
        ("SEQUENCE_LABELING", "JSONL", "spans", False, ["entities"]),
        ("SEQUENCE_LABELING", "JSONL", "relations", True, ["entities", "relations"]),
        ("DOCUMENT_CLASSIFICATION", "JSONL", "categories", False, ["categories"]),
        ("DOCUMENT_CLASSIFICATION", "JSON", "categories-json", False, ["categories"]),
        ("DOCUMENT_CLASSIFICATION", "CSV", "categories-csv", False, ["categories"]),
        ("DOCUMENT_CLASSIFICATION", "fastText", "categories-txt", False, ["categories"]),
        ("INTENT_DETECTION_AND_SLOT_FILLING", "JSONL", "intents", False, ["categories", "entities"]),
    ]
    for kind, own_format, name, use_relation, used in plan:
        project = Row(project_type=kind, use_relation=use_relation)
        for user in USERS:
            rows = [
                {"id": number + 1, "data": text, "source": "wire"}
                | {column: [columns[column](row) for row in sources[column](number, user)] for column in used}
                for number, text in enumerate(ALL_TEXTS)
            ]
            dataset = pandas.DataFrame(rows)
            writer = factories.create_writer(own_format)
            service = services.ExportApplicationService(
                Row(to_dataframe=lambda dataset=dataset: dataset),
                factories.create_formatter(project, own_format),
                writer,
            )
            (folder / name).mkdir(parents=True, exist_ok=True)
            service.export(str(folder / name / f"{user}.{writer.extension}"))


VERSIONS = {
    "1.0.0": one_file,
    "1.2.4": one_file,
    "1.3.1": file_per_user,
    "1.5.5": file_per_user,
    "1.6.2": file_per_user,
    "1.7.0": frame_per_member,
}


def main() -> None:
    """Make the files of one version per process: their packages have the same names."""
    sources = Path(sys.argv[1])
    if len(sys.argv) == 3:
        version = sys.argv[2]
        VERSIONS[version](sources / version, FOLDER / "doccano" / version, version)
        return
    for version in VERSIONS:
        shutil.rmtree(FOLDER / "doccano" / version, ignore_errors=True)
        subprocess.run([sys.executable, __file__, str(sources), version], check=True)


if __name__ == "__main__":
    main()
