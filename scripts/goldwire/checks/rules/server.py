"""What `pull` finds on the Doccano server as it works. The levels are those of the same faults on disk."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "server-project-missing",
        0,
        "error",
        summary="an annotator's project is not on the server",
        why="All that the annotator did in this batch is out of reach.",
        fix="Look for it on the server; if it was deleted, restore the server's database or push the batch again.",
        example=(
            "annotations/layers/b01/A1.jsonl A1: L0 file error [server-project-missing] "
            "http://127.0.0.1:8000 has no project of A1 for b01; `goldwire push` makes it"
        ),
        by="pull",
    ),
    Rule(
        "server-task-missing",
        0,
        "error",
        summary="an article that was pushed is no longer in the annotator's project",
        why="Somebody deleted it on the server, with the labels it had.",
        fix="Push the batch again: what is missing is added, what is there stays.",
        example=(
            "annotations/exports/b01/A1.jsonl b01-0003: L0 file error [server-task-missing] not in the "
            "project any more (http://127.0.0.1:8000/projects/7/sequence-labeling?page=1)"
        ),
        by="pull",
    ),
    Rule(
        "server-text-edited",
        2,
        "error",
        summary="the text on the server is not the article's",
        why="The annotator, or somebody, edited it there: its labels are about another text.",
        fix="Put the article's text back on the server, have its labels looked over, and pull again.",
        example=(
            "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-text-edited] the text on the "
            "server is not the article's (http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-span-out-of-range",
        2,
        "error",
        summary="a span on the server reaches outside the text, or cuts a character in half",
        why="Doccano stores whatever offsets a client sends; these mark nothing that can be read.",
        fix="Delete the span on the server and mark it again.",
        example=(
            "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-span-out-of-range] PER [0, "
            "900): beyond the text (http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-span-in-context",
        2,
        "warning",
        summary="a span on the server reaches into the stretch that is only there to be read",
        why="Nobody else was asked about that stretch in this task; whoever was has it in another.",
        fix="Delete the span on the server, or let it end at the marks, and pull again.",
        example=(
            "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span warning [server-span-in-context] PER [0, 12) "
            "'Ilsa Vernock': reaches into what is only there to be read, and is left out "
            "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-label-unknown",
        2,
        "error",
        summary="a label on the server that the schema does not have",
        why="Somebody added a label type there: no other annotator was offered it.",
        fix="Remove the label type on the server, or add it to annotations/schema.toml and push again.",
        example=(
            "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-label-unknown] DOG [0, 4): "
            "the schema has no entity label of this name "
            "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-project-duplicate",
        0,
        "error",
        summary="the server has two projects of one annotator and batch",
        why="Labels may be in either.",
        fix="Find out which holds the work, delete the other on the server, and pull again.",
        example=(
            "annotations/exports/b01/A1.jsonl: L0 file error [server-project-duplicate] projects 7 and 9 are "
            "the same batch and annotator; 7 was read"
        ),
        by="pull",
    ),
    Rule(
        "server-row-unreadable",
        1,
        "error",
        summary="a row of the server's export cannot be read",
        why="The labels in it are lost to the batch.",
        fix="Pull again; if it stays, look at the example on the server.",
        example=(
            "annotations/exports/b01/A1.jsonl:3: L1 format error [server-row-unreadable] not a line that "
            "Doccano writes (http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-task-duplicate",
        0,
        "error",
        summary="an article is in an annotator's project twice",
        why="Labels may be in either copy.",
        fix="Delete on the server the one without labels, and pull again.",
        example=(
            "annotations/exports/b01/A1.jsonl:4 b01-0003: L0 file error [server-task-duplicate] in the "
            "project twice (http://127.0.0.1:8000/projects/7/sequence-labeling?page=4)"
        ),
        by="pull",
    ),
    Rule(
        "server-stance-target",
        2,
        "error",
        summary="a stance on the server has a target that no stance can have",
        why="The technical label for the article's own voice holds stances and is never what they are about.",
        fix="Draw it again on the server, and pull.",
        example=(
            "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-stance-target] opposes is "
            "drawn to VOICE, which can only hold a stance "
            "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-prelabels-unknown",
        2,
        "error",
        summary="a row on the server started with other labels than are written down here",
        why="Which of its labels the annotator put there, and which were only accepted, cannot be told.",
        fix="Bring the batch's file in annotations/prelabels/ from the machine that pushed it, and pull again.",
        example=(
            "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span error [server-prelabels-unknown] began with other "
            "labels than annotations/prelabels/ has for it "
            "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-stance-missing",
        2,
        "warning",
        summary="a text is ticked done on the server, and no stance to its target was chosen",
        why="Nothing was answered, which is another thing than a neutral stance.",
        fix="Choose a category for it on the server, and pull again.",
        example=(
            "annotations/exports/b01/A1.jsonl:3 b01-0003: L2 span warning [server-stance-missing] ticked done without "
            "a stance to 'Lamp Guild', and is not counted as done "
            "(http://127.0.0.1:8000/projects/7/text-classification?page=3)"
        ),
        by="pull",
    ),
    Rule(
        "server-example-unknown",
        2,
        "error",
        summary="the server has labels on an example that is no task of the batch",
        why="Work was done there that the batch does not ask for, so it is in no layer.",
        fix="Find out whose example it is; delete it on the server, or plan its article.",
        example=(
            "annotations/exports/b01/A1.jsonl:4 b01: L2 span error [server-example-unknown] has labels but "
            "is no task of this batch (http://127.0.0.1:8000/projects/7/sequence-labeling?page=4)"
        ),
        by="pull",
    ),
    Rule(
        "task-text-changed",
        2,
        "error",
        summary="an article is not the one that the batch was planned with",
        why="Its labels on the server are about the text as it was.",
        fix="Bring the article back from git, or plan it again in another batch.",
        example=(
            "annotations/exports/b01/A1.jsonl b01-0003: L2 span error [task-text-changed] the text of "
            "wire-dcd79e4eb66e has changed since the batch was planned "
            "(http://127.0.0.1:8000/projects/7/sequence-labeling?page=1)"
        ),
        by="pull",
    ),
)
