"""L4: all that was asked is there, from whom it was asked, and they agree well enough."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "layer-unconfirmed",
        4,
        "warning",
        summary="an annotator has not ticked an article as done",
        why="Not looked at and nothing there look alike: an unconfirmed layer is not an answer.",
        fix="Ask the annotator to finish and confirm it in Doccano, then pull.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage warning [layer-unconfirmed] "
            "A1 has not confirmed this article"
        ),
    ),
    Rule(
        "layer-missing",
        4,
        "warning",
        summary="an annotator who was asked about an article has no layer of it",
        why="The article has fewer answers than planned, so its gold rests on less than the rest.",
        fix="Pull the batch again; if the answer is still not there, ask the annotator.",
        example=(
            "annotations/tasks/b01.jsonl:3 b01-0003: L4 coverage warning [layer-missing] A1 was asked about "
            "herald-f00daee13d10 and has no layer of it"
        ),
    ),
    Rule(
        "agreement-below-floor",
        4,
        "error",
        summary="annotators agree less than the workspace asks for",
        why="Below the floor that the project set itself, gold is mostly a matter of who was asked.",
        fix="Find out what they disagree about in the report, sharpen the guidelines, annotate again.",
        example=(
            "annotations/agreement/b01.json span_f1_exact: L4 coverage error [agreement-below-floor] 0.958 "
            "on 75 items, floor 0.999"
        ),
    ),
    Rule(
        "layer-unasked",
        4,
        "error",
        summary="a layer that nobody was asked for",
        why="It was not planned, so the overlap is not what it says; or it is under the wrong name.",
        fix="Take it out, move it to its batch or annotator, or plan the task.",
        example=(
            "annotations/layers/b01/A4.jsonl:1 herald-f00daee13d10: L4 coverage error [layer-unasked] no "
            "task of batch b01 asks A4 about it"
        ),
    ),
    Rule(
        "overlap-uneven",
        4,
        "warning",
        summary="articles of one batch are asked of different numbers of annotators",
        why="Gold of some articles rests on fewer votes than that of others.",
        fix="Plan the batch again with one overlap, or make it two batches.",
        example=(
            "annotations/tasks/b02.jsonl:2 b02-0002: L4 coverage warning [overlap-uneven] asked of 1 "
            "annotators, other articles of the batch of 2"
        ),
    ),
    Rule(
        "guidelines-mixed",
        4,
        "warning",
        summary="one batch was annotated under two versions of the guidelines",
        why="Where the versions differ, so do the annotators, for no fault of theirs.",
        fix="Have the older layers looked over under the newer guidelines, or make them a batch of their own.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage warning [guidelines-mixed] "
            "guidelines_version in batch b01: '0.9' 1 times, '1.0' 8 times"
        ),
    ),
    Rule(
        "schema-mixed",
        4,
        "warning",
        summary="one batch was annotated under two versions of the schema",
        why="Some annotators were not offered a label that others used.",
        fix="Have the older layers looked over under the newer schema, or make them a batch of their own.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage warning [schema-mixed] "
            "schema_version in batch b01: '0.9' 1 times, '1.0' 8 times"
        ),
    ),
    Rule(
        "agreement-missing",
        4,
        "warning",
        summary="a batch has gold and its agreement was never measured",
        why="Nobody can say how far the gold is to be trusted.",
        fix="Run `goldwire agree BATCH`.",
        example=(
            "annotations/agreement/b01.json b01: L4 coverage warning [agreement-missing] batch b01 has gold, "
            "and its agreement was never measured"
        ),
    ),
    Rule(
        "agreement-unmeasured",
        4,
        "warning",
        summary="a coefficient that has a floor has no value",
        why="The floor guards nothing.",
        fix="Run `goldwire agree BATCH`, or correct the name in [tool.goldwire.floors].",
        example=(
            "annotations/agreement/b01.json span_f1_exakt: L4 coverage warning [agreement-unmeasured] has a "
            "floor of 0.5, and no value"
        ),
    ),
    Rule(
        "agreement-stale",
        4,
        "error",
        summary="the stored agreement is not that of the layers",
        why="The layers changed after agreement was measured, so the figure that is quoted is another batch's.",
        fix="Run `goldwire agree BATCH` again.",
        example=(
            "annotations/agreement/b01.json span_f1_exact: L4 coverage error [agreement-stale] is 0.9900 on "
            "75 items, that of the layers 0.9583 on 75"
        ),
    ),
    Rule(
        "annotator-outlier",
        4,
        "warning",
        summary="one annotator agrees with the others far less than they do among themselves",
        why="The guidelines were read otherwise, or the work was done in haste; majority votes hide it.",
        fix="Talk to the annotator over the report's disagreements; annotate again where it was a misunderstanding.",
        example=(
            "annotations/layers/b01/A1.jsonl A1 in b01: L4 coverage warning [annotator-outlier] mean span F1 "
            "with the others 0.22, theirs among themselves 0.96"
        ),
    ),
    Rule(
        "label-unused",
        4,
        "warning",
        summary="a label that nobody uses",
        why="It costs every annotator attention, and makes an empty class in the released data.",
        fix="Take it out of annotations/schema.toml, or say in the guidelines when to use it.",
        example="annotations/schema.toml LOC: L4 coverage warning [label-unused] LOC is in no layer of 9",
    ),
    Rule(
        "label-undisputed",
        4,
        "warning",
        summary="a label that nobody ever disagrees about",
        why="On so many mentions even careful people differ: answers may have been copied or pre-filled.",
        fix="Find out how the layers were made.",
        example=(
            "annotations/schema.toml INN: L4 coverage warning [label-undisputed] INN: all 20 mentions were "
            "marked alike by everybody who was asked"
        ),
    ),
    Rule(
        "gold-missing",
        4,
        "warning",
        summary="a batch is answered in full and was not adjudicated",
        why="Finished work is missing from the dataset.",
        fix="Run `goldwire adjudicate BATCH`.",
        example=(
            "annotations/tasks/b02.jsonl b02: L4 coverage warning [gold-missing] all answers are in, 1 "
            "articles have no gold, the first is wire-68382fc9fbf0"
        ),
    ),
    Rule(
        "gold-unconfirmed",
        4,
        "error",
        summary="a gold layer is not final",
        why="Gold is what was settled; an unconfirmed layer was not.",
        fix="Run `goldwire adjudicate BATCH` again.",
        example=(
            "annotations/gold/b01.jsonl:1 herald-f00daee13d10: L4 coverage error [gold-unconfirmed] confirmed is false"
        ),
    ),
    Rule(
        "gold-unsettled",
        4,
        "warning",
        summary="annotators disagree on a unit and nobody has settled it",
        why="It is missing from gold, so that the dataset lacks what was hardest.",
        fix="Settle it by hand, or accept its loss with a waiver.",
        example=(
            "annotations/gold/b01.decisions.jsonl:37 herald-f00daee13d10: L4 coverage warning "
            "[gold-unsettled] Carts [51, 56) ORG: 1 of 3 annotators, existence"
        ),
    ),
    Rule(
        "gold-unsupported",
        4,
        "warning",
        summary="gold has a span that no annotator marked",
        why="It was put there by hand, and nothing says why.",
        fix="Take it out, or have the decision written down.",
        example=(
            "annotations/gold/b01.jsonl:1 T9: L4 coverage warning [gold-unsupported] 'which' is marked by "
            "none of 3 annotators"
        ),
    ),
    Rule(
        "gold-unit-missing",
        4,
        "error",
        summary="a unit that was settled is not in gold",
        why="Somebody took it out by hand, or the two files are of different runs.",
        fix="Run `goldwire adjudicate BATCH` again.",
        example=(
            "annotations/gold/b01.decisions.jsonl:1 T11: L4 coverage error [gold-unit-missing] Lamp Guild "
            "[0, 10) ORG was settled, and is not in gold"
        ),
    ),
    Rule(
        "gold-undecided",
        4,
        "warning",
        summary="gold has a unit without a decision",
        why="Nothing says who voted for it.",
        fix="Run `goldwire adjudicate BATCH` again, or write the decision down.",
        example=(
            "annotations/gold/b01.jsonl:1 T1: L4 coverage warning [gold-undecided] no decision says how it "
            "came into gold"
        ),
    ),
)
