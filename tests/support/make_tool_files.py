"""Make the files of other tools that `tests/formats/test_tool_files.py` reads, with the tools' own libraries.

    TOOL_ENVIRONMENT/bin/python tests/support/make_tool_files.py TOOL

Each tool is installed in an environment of its own from PyPI: `label-studio-sdk`, `argilla` (2, and 1.29 for
`argilla-1`), `bioc` (brat), `spacy`, `dkpro-cassis` (INCEpTION) and `potato-annotation`. The texts are invented.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "formats" / "tool_files"
TEXTS = (
    "Ada Ito 😀 told the Port League that Ben Lund backs the plan.\nThe harbour closes.",
    "مجلس Sel Amara rejects Ada Ito’s plan.",
)
# (start, end, label) of each text by annotator, in code points, and the relations (label, holder, target)
SPANS = {
    "ada": [[(0, 7, "PER"), (19, 30, "ORG"), (36, 44, "PER")], [(5, 14, "LOC"), (23, 30, "PER")]],
    "ben": [[(0, 7, "PER"), (14, 30, "ORG")], [(0, 14, "ORG")]],
}
RELATIONS = {"ada": [[("supports", 2, 0)], [("opposes", 0, 1)]], "ben": [[], []]}
STANCES = {"ada": ["favour", "against"], "ben": ["favour", "favour"]}


def utf16(text: str, offset: int) -> int:
    """Return an offset as Doccano counts it."""
    return len(text[:offset].encode("utf-16-le")) // 2


def label_studio(folder: Path) -> None:
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface

    config = """<View><Text name="text" value="$text"/>
    <Labels name="label" toName="text"><Label value="PER"/><Label value="ORG"/><Label value="LOC"/></Labels>
    <Relations><Relation value="supports"/><Relation value="opposes"/></Relations>
    <Choices name="stance" toName="text" choice="single"><Choice value="favour"/><Choice value="against"/></Choices>
    </View>"""
    interface = LabelInterface(config)
    tasks = []
    for number, text in enumerate(TEXTS):
        task = {"id": number + 101, "data": {"text": text}, "annotations": [], "predictions": []}
        for user, annotator in enumerate(SPANS, 7):
            regions = [
                interface.get_control("label").label(label=[label], start=s, end=e, text=text[s:e])
                for s, e, label in SPANS[annotator][number]
            ]
            results = [region._dict() for region in regions]
            results += [
                {"type": "relation", "direction": "right", "labels": [label]}
                | {"from_id": regions[holder].id, "to_id": regions[target].id}
                for label, holder, target in RELATIONS[annotator][number]
            ]
            results.append(interface.get_control("stance").label(label=STANCES[annotator][number])._dict())
            person = {"id": user, "email": f"{annotator}@example.org"}
            own = {"id": number * 10 + user, "completed_by": person, "was_cancelled": False, "result": results}
            task["annotations"].append(own | {"created_at": "2026-11-30T00:00:00Z", "lead_time": 1.0})
            assert interface.validate_annotation({"result": [r for r in results if r["type"] != "relation"]})
        tasks.append(task)
    source = folder / "export.json"
    source.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    converter = Converter(config, project_dir=None)
    converter.convert_to_json_min(str(source), str(folder), is_dir=False)
    (folder / "result.json").rename(folder / "json-min.json")
    converter.convert_to_conll2003(str(source), str(folder), is_dir=False)


def argilla(folder: Path) -> None:
    import argilla as rg
    from argilla.records._io import GenericIO, JsonIO

    users = {name: uuid.uuid5(uuid.NAMESPACE_URL, name) for name in SPANS}
    records = []
    for number, text in enumerate(TEXTS):
        responses = []
        for name, user in users.items():
            spans = [{"start": s, "end": e, "label": label} for s, e, label in SPANS[name][number]]
            answers = {"entities": spans, "stance": STANCES[name][number]}
            responses += [rg.Response(q, value, user_id=user, status="submitted") for q, value in answers.items()]
        suggestion = rg.Suggestion("stance", "favour", score=0.7, agent="model")
        values = {"fields": {"text": text}, "metadata": {"source": "wire"}}
        records.append(rg.Record(id=f"article-{number}", responses=responses, suggestions=[suggestion], **values))
    path = folder / "records.json"
    path.unlink(missing_ok=True)
    JsonIO.to_json(records, path)
    rows = GenericIO.to_list(records, flatten=True)
    (folder / "flat.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def argilla_1(folder: Path) -> None:
    """Make the records of Argilla 1.29 (with `datasets<3`): one annotation per record, or the responses of users."""
    import argilla as rg
    from argilla.client.feedback.schemas import SpanValueSchema

    records = [
        rg.TokenClassificationRecord(
            text=text,
            tokens=text.split(),
            annotation=[
                (label, start, end) for start, end, label in SPANS["ada"][number] if text[end : end + 1] != "’"
            ],
            annotation_agent="ada",
            id=f"article-{number}",
            status="Validated",
        )
        for number, text in enumerate(TEXTS)
    ]
    rg.DatasetForTokenClassification(records).to_datasets().to_json(str(folder / "tokens.jsonl"))
    answers = [
        rg.TextClassificationRecord(text=text, annotation=answer, annotation_agent="ada", id=answer, status="Validated")
        for text, answer in zip(TEXTS, STANCES["ada"], strict=True)
    ]
    rg.DatasetForTextClassification(answers).to_pandas().to_json(folder / "texts.json", orient="records")
    fields, labels = [rg.TextField(name="text")], ["PER", "ORG", "LOC"]
    questions = [
        rg.SpanQuestion(name="entities", field="text", labels=labels),
        rg.LabelQuestion(name="stance", labels=["favour", "against", "neither"]),
    ]
    feedback = rg.FeedbackDataset(fields=fields, questions=questions)
    for number, text in enumerate(TEXTS):
        responses = []
        for name in SPANS:
            spans = [SpanValueSchema(start=s, end=e, label=label) for s, e, label in SPANS[name][number]]
            values = {"entities": {"value": spans}, "stance": {"value": STANCES[name][number]}}
            responses.append({"user_id": uuid.uuid5(uuid.NAMESPACE_URL, name), "values": values, "status": "submitted"})
        record = rg.FeedbackRecord(fields={"text": text}, responses=responses, external_id=f"article-{number}")
        feedback.add_records([record])
    feedback.format_as("datasets").to_json(str(folder / "feedback.jsonl"))


def brat(folder: Path) -> None:
    from bioc.brat import dumps_ann
    from bioc.brat.datastructure import BratAttribute, BratDocument, BratEntity, BratNote, BratRelation

    for name in SPANS:
        (folder / name).mkdir(exist_ok=True)
        for number, text in enumerate(TEXTS):
            document = BratDocument()
            document.text = text
            for position, (start, end, label) in enumerate(SPANS[name][number], 1):
                entity = BratEntity()
                entity.id, entity.type, entity.text = f"T{position}", label, text[start:end]
                entity.locations.addi(start, end)
                document.add_annotation(entity)
            for position, (label, holder, target) in enumerate(RELATIONS[name][number], 1):
                relation = BratRelation()
                relation.id, relation.type = f"R{position}", label
                relation.arguments = {"Arg1": f"T{holder + 1}", "Arg2": f"T{target + 1}"}
                document.add_annotation(relation)
            if name == "ada":
                attribute, note = BratAttribute(), BratNote()
                attribute.id, attribute.type, attribute.refid, attribute.attributes = "A1", "Negation", "T1", set()
                note.id, note.type, note.refid, note.text = "#1", "AnnotatorNotes", "T1", "see the guidelines"
                document.add_annotation(attribute)
                document.add_annotation(note)
            (folder / name / f"article-{number}.txt").write_text(text)
            (folder / name / f"article-{number}.ann").write_text(dumps_ann(document))


def spacy(folder: Path) -> None:
    import spacy
    from spacy.tokens import DocBin

    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PER", "pattern": "Ada Ito"}, {"label": "ORG", "pattern": "Port League"}])
    DocBin(docs=[pipeline(text) for text in TEXTS]).to_disk(folder / "entities.spacy")
    ruler = pipeline.replace_pipe("entity_ruler", "span_ruler", config={"spans_key": "sc"})
    ruler.add_patterns([{"label": "PER", "pattern": "Ada Ito"}, {"label": "X", "pattern": "Ito"}])
    DocBin(docs=[pipeline(text) for text in TEXTS]).to_disk(folder / "spans.spacy")


def inception(folder: Path) -> None:
    import cassis

    types = cassis.TypeSystem()
    dkpro, annotation = "de.tudarmstadt.ukp.dkpro.core.api", "uima.tcas.Annotation"
    entity = types.create_type(name=f"{dkpro}.ner.type.NamedEntity", supertypeName=annotation)
    types.create_feature(domainType=entity, name="value", rangeType="uima.cas.String")
    types.create_feature(domainType=entity, name="identifier", rangeType="uima.cas.String")
    token = types.create_type(name=f"{dkpro}.segmentation.type.Token", supertypeName=annotation)
    stance = types.create_type(name="webanno.custom.Stance", supertypeName="uima.tcas.Annotation")
    for feature, kind in (("Governor", entity.name), ("Dependent", entity.name), ("label", "uima.cas.String")):
        types.create_feature(domainType=stance, name=feature, rangeType=kind)
    (folder / "TypeSystem.xml").write_text(types.to_xml())
    for name in SPANS:
        for number, text in enumerate(TEXTS):
            cas = cassis.Cas(typesystem=types)
            cas.sofa_string, cas.sofa_mime = text, "text/plain"
            cas.add(token(begin=0, end=3))
            added = [entity(begin=s, end=e, value=label) for s, e, label in SPANS[name][number]]
            for own in added:
                cas.add(own)
            for label, holder, target in RELATIONS[name][number]:
                ends = {"Governor": added[holder], "Dependent": added[target]}
                cas.add(stance(begin=added[target].begin, end=added[target].end, label=label, **ends))
            (folder / f"article-{number}.txt").mkdir(exist_ok=True)
            (folder / f"article-{number}.txt" / f"{name}.xmi").write_text(cas.to_xmi())
            if number == 0:
                (folder / "json" / f"article-{number}.txt").mkdir(parents=True, exist_ok=True)
                (folder / "json" / f"article-{number}.txt" / f"{name}.json").write_text(
                    cas.to_json(type_system_mode=cassis.typesystem.TypeSystemMode.MINIMAL)
                )


def potato(folder: Path) -> None:
    from potato.item_state_management import Label, SpanAnnotation, SpanLink
    from potato.phase import UserPhase
    from potato.user_state_management import InMemoryUserState

    (folder / "data").mkdir(exist_ok=True)
    rows = [{"id": f"article-{number}", "text": text} for number, text in enumerate(TEXTS)]
    (folder / "data" / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in SPANS:
        state = InMemoryUserState(name, 10)
        state.current_phase_and_page = (UserPhase.ANNOTATION, None)
        for number in range(len(TEXTS)):
            instance = f"article-{number}"
            added = []
            for start, end, label in SPANS[name][number]:
                span = SpanAnnotation("entities", label, label, start, end, id=f"{name}-{number}-{start}")
                state.add_span_annotation(instance, span, "true")
                added.append(span)
            for label, holder, target in RELATIONS[name][number]:
                ids = [added[holder].get_id(), added[target].get_id()]
                link = SpanLink("stances", label, ids, direction="directed", id=f"{name}-{number}")
                state.add_link_annotation(instance, link)
            state.add_label_annotation(instance, Label("stance", STANCES[name][number]), "true")
        (folder / "annotation_output" / name).mkdir(parents=True, exist_ok=True)
        state.save(str(folder / "annotation_output" / name))


TOOLS = {
    "label-studio": label_studio,
    "argilla": argilla,
    "argilla-1": argilla_1,
    "brat": brat,
    "spacy": spacy,
    "inception": inception,
    "potato": potato,
}


if __name__ == "__main__":
    for tool in sys.argv[1:]:
        (FOLDER / tool).mkdir(parents=True, exist_ok=True)
        TOOLS[tool](FOLDER / tool)
