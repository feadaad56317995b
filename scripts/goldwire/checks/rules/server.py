"""Rules for problems on the Doccano server, which `goldwire pull` and `goldwire push` report."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["SERVER_RULES"]

SERVER_PROJECT_MISSING = Rule(
    code="server-project-missing",
    level=0,
    severity="error",
    summary="the project of an annotator is not on the server",
    why="All of the annotator's work in this batch is out of reach.",
    fix=(
        "Look for the project on the server. If it was deleted, restore the database (`goldwire restore`); without a "
        "backup, push the batch again."
    ),
    example=(
        "annotations/layers/b01/A1.jsonl A1: L0 file error [server-project-missing] http://127.0.0.1:8000 has no "
        "project of A1 for b01; its 3 layers stay as last pulled; restore the server's database, or `goldwire push` "
        "creates an empty project"
    ),
    found_by="pull",
)
SERVER_PROJECT_DUPLICATE = Rule(
    code="server-project-duplicate",
    level=0,
    severity="error",
    summary="the server has two projects for one annotator and batch",
    why="Labels may be in either of them.",
    fix="Find out which project has the work, delete the other on the server, and pull again.",
    example=(
        "annotations/exports/b01/A1.jsonl: L0 file error [server-project-duplicate] projects 7 and 8 are the "
        "same batch and annotator; 7 was read"
    ),
    found_by="pull",
)
SERVER_ANNOTATOR_UNKNOWN = Rule(
    code="server-annotator-unknown",
    level=0,
    severity="error",
    summary="an annotator's project has an annotator with another user name, who may be another person",
    why=(
        "A layer is the work of one person, and all labels of a project go into it. The other account may be the "
        "annotator's own, renamed on the server, or a push from another machine knows the annotator by another name."
    ),
    fix=(
        "If the other account is the annotator's, write its user name in .goldwire/annotators.toml and push again. If "
        "it is another person's, remove it on the project's page Members. `goldwire push` adds nobody until then."
    ),
    example=(
        "annotations/exports/b01/A1.jsonl A1: L0 file error [server-annotator-unknown] several accounts annotate the "
        "project of A1: 'A1', 'brandt'; labels of all of them are in its layers (http://127.0.0.1:8000/projects/7/"
        "members)"
    ),
    found_by="pull",
)
SERVER_TASK_MISSING = Rule(
    code="server-task-missing",
    level=0,
    severity="error",
    summary="an article that was pushed is no longer in the annotator's project",
    why="Somebody deleted it on the server, and its labels with it.",
    fix="Push the batch again: missing articles are added, existing ones stay.",
    example=(
        "annotations/exports/b01/A1.jsonl b01-0003: L0 file error [server-task-missing] the server has no such "
        "task (http://127.0.0.1:8000/projects/7/sequence-labeling?page=1)"
    ),
    found_by="pull",
)
SERVER_TASK_DUPLICATE = Rule(
    code="server-task-duplicate",
    level=0,
    severity="error",
    summary="an article is in the annotator's project twice",
    why="Labels may be in either copy.",
    fix="Delete the copy without labels on the server, and pull again.",
    example=(
        "annotations/exports/b01/A1.jsonl:4 b01-0003: L0 file error [server-task-duplicate] examples 3 and 103 "
        "are copies of this task, and both have work in them "
        "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=4)"
    ),
    found_by="pull",
)
SERVER_ROW_UNREADABLE = Rule(
    code="server-row-unreadable",
    level=1,
    severity="error",
    summary="a row of the server's export cannot be read",
    why="Its labels are lost.",
    fix="Pull again; if the finding stays, inspect the example on the server.",
    example=(
        "annotations/exports/b01/A1.jsonl:3: L1 format error [server-row-unreadable] not a line as Doccano "
        "writes it (http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
    ),
    found_by="pull",
)
SERVER_TEXT_EDITED = Rule(
    code="server-text-edited",
    level=2,
    severity="error",
    summary="the text on the server is not the text of the article",
    why="Somebody edited it there: its labels belong to another text.",
    fix="Restore the text on the server, have its labels reviewed, and pull again.",
    example=(
        "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-text-edited] the text on the server "
        "differs from the article's text (http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
    ),
    found_by="pull",
)
SERVER_SPAN_OUT_OF_RANGE = Rule(
    code="server-span-out-of-range",
    level=2,
    severity="error",
    summary="a span on the server reaches outside the text, or splits a character",
    why="Doccano stores any offsets that a client sends; these mark no text.",
    fix="Delete the span on the server and mark it again.",
    example=(
        "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-span-out-of-range] PER [0, 900): "
        "offset 900 is outside a text of 420 UTF-16 units "
        "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
    ),
    found_by="pull",
)
SERVER_SPAN_IN_CONTEXT = Rule(
    code="server-span-in-context",
    level=2,
    severity="warning",
    summary="a span on the server reaches into the read-only context",
    why="This task does not ask about the context; another task may.",
    fix="Delete the span on the server, or end it at the window's marks, and pull again.",
    example=(
        "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span warning [server-span-in-context] ORG [15, 28) "
        "'Harbour Board': reaches into the read-only context and is left out "
        "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
    ),
    found_by="pull",
)
SERVER_LABEL_UNKNOWN = Rule(
    code="server-label-unknown",
    level=2,
    severity="error",
    summary="a label on the server is not in the schema",
    why="Somebody added a label type there that no other annotator could choose.",
    fix="Remove the label type on the server, or add it to annotations/schema.toml and push again.",
    example=(
        "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-label-unknown] DOG [0, 4): the "
        "schema has no entity label of this name (http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
    ),
    found_by="pull",
)
SERVER_STANCE_TARGET = Rule(
    code="server-stance-target",
    level=2,
    severity="error",
    summary="a stance on the server has a target that cannot have one",
    why="The technical label for the article's own voice can only be the holder of a stance.",
    fix="Draw the stance again on the server, and pull again.",
    example=(
        "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-stance-target] opposes is drawn to "
        "VOICE, which can hold a stance but not be its target "
        "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
    ),
    found_by="pull",
)
SERVER_STANCE_MISSING = Rule(
    code="server-stance-missing",
    level=2,
    severity="warning",
    summary="a text is ticked as done on the server, but has no stance towards its target",
    why="No answer is not the same as a neutral stance.",
    fix="Choose a category for it on the server, and pull again.",
    example=(
        "annotations/exports/b02/A1.jsonl:1 b02-0001: L2 span warning [server-stance-missing] ticked done "
        "without a stance to 'Lamp Guild'; does not count as done "
        "(http://127.0.0.1:8000/projects/7/text-classification?page=1)"
    ),
    found_by="pull",
)
SERVER_PRELABELS_UNKNOWN = Rule(
    code="server-prelabels-unknown",
    level=2,
    severity="error",
    summary="a row on the server started with other pre-labels than are stored here",
    why="It is unknown which of its labels the annotator added and which were only accepted.",
    fix="Copy the batch's file in annotations/prelabels/ from the machine that pushed it, and pull again.",
    example=(
        "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-prelabels-unknown] began with other "
        "labels than annotations/prelabels/ has for it "
        "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
    ),
    found_by="pull",
)
SERVER_EXAMPLE_UNKNOWN = Rule(
    code="server-example-unknown",
    level=2,
    severity="error",
    summary="the server has labels on an example that is not a task of the batch",
    why="No task asks for this work, so that it is in no layer.",
    fix="Find out where the example comes from; delete it on the server, or plan its article.",
    example=(
        "annotations/exports/b01/A1.jsonl:4 b01: L2 span error [server-example-unknown] has labels but is not a "
        "task of this batch (http://127.0.0.1:8000/projects/7/sequence-labeling?page=4)"
    ),
    found_by="pull",
)
TASK_TEXT_CHANGED = Rule(
    code="task-text-changed",
    level=2,
    severity="error",
    summary="the text of an article has changed since its batch was planned",
    why="Its labels on the server belong to the earlier text.",
    fix="Restore the article from git, or plan it again in another batch.",
    example=(
        "annotations/exports/b01/A1.jsonl b01-0003: L2 span error [task-text-changed] the text of "
        "herald-f00daee13d10 has changed since the batch was planned "
        "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=1)"
    ),
    found_by="pull",
)

SERVER_RULES = {
    rule.code: rule
    for rule in (
        SERVER_PROJECT_MISSING,
        SERVER_PROJECT_DUPLICATE,
        SERVER_ANNOTATOR_UNKNOWN,
        SERVER_TASK_MISSING,
        SERVER_TASK_DUPLICATE,
        SERVER_ROW_UNREADABLE,
        SERVER_TEXT_EDITED,
        SERVER_SPAN_OUT_OF_RANGE,
        SERVER_SPAN_IN_CONTEXT,
        SERVER_LABEL_UNKNOWN,
        SERVER_STANCE_TARGET,
        SERVER_STANCE_MISSING,
        SERVER_PRELABELS_UNKNOWN,
        SERVER_EXAMPLE_UNKNOWN,
        TASK_TEXT_CHANGED,
    )
}
"""The rules by code: `goldwire.doccano` names its problems by code, because it must not import the checks."""
