"""What a project holds, in digests: so that a client can tell that nothing has changed without an export.

Doccano has no such clock: an example's `updated_at` does not move when its labels do, and counts stay the same where
one label gives way to another. Digests cover every row's own id and `updated_at` besides what it says; ids are never
given twice, so that what went away and came back is told from what stayed.
"""

import hashlib
import json

from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import Http404
from examples.models import Comment, Example, ExampleState
from label_types.models import CategoryType, RelationType, SpanType
from labels.models import Category, Relation, Span
from projects.models import Member, Project
from projects.permissions import IsProjectAdmin
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

CHUNK = 2000
_TYPE = ("id", "text", "prefix_key", "suffix_key", "background_color", "text_color")
_WORK = (
    (Span, ("id", "example_id", "label_id", "start_offset", "end_offset", "updated_at")),
    (Relation, ("id", "example_id", "from_id_id", "to_id_id", "type_id", "updated_at")),
    (Category, ("id", "example_id", "label_id", "updated_at")),
    (Comment, ("id", "example_id", "text", "updated_at")),
    (ExampleState, ("id", "example_id", "confirmed_at")),
)


class Look(APIView):
    """GET: `rows`, the digest of the project, its label types and examples; `work`, of all that people did there.

    Also `count`, of the examples, and `members`, each with a role. With `?examples=1` also `examples`: of each, by
    id, its meta, the SHA-256 of its text, whether anybody has left anything there, and when it was ticked done (UTC).
    """

    permission_classes = (IsAuthenticated & IsProjectAdmin,)

    def get(self, request, project_id):
        """Read in several statements: what changes between them makes a digest that no later one equals."""
        project = Project.objects.filter(pk=project_id).first()
        if project is None:
            raise Http404
        examples, rows = _examples(project)
        touched, done, work = _work(project_id)
        members = Member.objects.filter(project=project).values_list("user__username", "role__name")
        answer = {"rows": rows, "work": work, "count": len(examples), "members": sorted(members)}
        if request.GET.get("examples"):
            answer["examples"] = [(i, json.loads(meta), said, i in touched, done.get(i)) for i, meta, said in examples]
        return Response(answer)


def _examples(project):
    digest, found = hashlib.sha256(), []
    _feed(digest, type(project).objects.filter(pk=project.pk).values_list())
    for kind in (SpanType, RelationType, CategoryType):
        _feed(digest, kind.objects.filter(project=project).order_by("id").values_list(*_TYPE))
    rows = Example.objects.filter(project=project).order_by("id")
    for number, meta, text, updated in rows.values_list("id", raw("meta"), "text", raw("updated_at")).iterator(CHUNK):
        said = hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).hexdigest()
        digest.update(f"{number} {meta} {said} {updated}\n".encode("utf-8", "surrogatepass"))
        found.append((number, meta, said))
    return found, digest.hexdigest()


def _work(project):
    """The ids of the examples that hold anything, when those ticked done were, and the digest."""
    digest, touched, done = hashlib.sha256(), set(), {}
    for model, fields in _WORK:
        wanted = (raw(field) if field.endswith("_at") else field for field in fields)
        rows = _feed(digest, model.objects.filter(example__project_id=project).order_by("id").values_list(*wanted))
        if model is ExampleState:
            done.update((row[1], row[2]) for row in rows)
        else:
            touched.update(row[1] for row in rows)
    return touched, done, digest.hexdigest()


def raw(field):
    """A column as the database writes it: to parse a time costs more than to read the row it is in."""
    return Cast(field, TextField())


def _feed(digest, rows):
    """Digest `rows` and give them."""
    found = []
    for row in rows.iterator(CHUNK):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
        found.append(row)
    digest.update(b"\0")
    return found
