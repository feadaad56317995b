"""What a project holds, in digests: so that a client can tell that nothing has changed without an export.

Doccano has no such clock: an example's `updated_at` does not move when its labels do, and counts stay the same where
one label gives way to another. The digest of rows covers all that each says. That of work covers, of each kind, how
many there are, the newest id, the latest time and sums of ids and values: what is added has a new id, what goes is
missed in the count, what is changed has a new time. Ids are never given twice, so that a label that came and went is
told from one that stayed. 300,000 labels are added up in the time that it takes to read 20,000.
"""

import hashlib
import json

from django.db.models import Count, Max, Sum, TextField
from django.db.models.functions import Cast, Length
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
# Of each kind: when a row was last changed, and what is added up.
_WORK = (
    (Span, "updated_at", ("id", "example_id", "label_id", "start_offset", "end_offset")),
    (Relation, "updated_at", ("id", "example_id", "from_id_id", "to_id_id", "type_id")),
    (Category, "updated_at", ("id", "example_id", "label_id")),
    (Comment, "updated_at", ("id", "example_id", Length("text"))),
    (ExampleState, "confirmed_at", ("id", "example_id")),
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
        work = _work(project_id)  # first: what is done meanwhile must not be in it
        examples, rows = _examples(project)
        members = Member.objects.filter(project=project).values_list("user__username", "role__name")
        answer = {"rows": rows, "work": work, "count": len(examples), "members": sorted(members)}
        if request.GET.get("examples"):
            touched, done = _left(project_id)
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
    digest = hashlib.sha256()
    for model, changed, added in _WORK:
        sums = {f"sum{number}": Sum(what) for number, what in enumerate(added)}
        latest = Cast(Max(changed), TextField())
        rows = model.objects.filter(example__project_id=project)
        digest.update(repr(rows.aggregate(n=Count("id"), newest=Max("id"), latest=latest, **sums)).encode())
    return digest.hexdigest()


def _left(project):
    """The ids of the examples that hold anything, and when those that are ticked done were."""
    touched = set()
    for model, _, _ in _WORK[:-1]:
        rows = model.objects.filter(example__project_id=project).order_by()
        touched.update(rows.values_list("example_id", flat=True).distinct())
    ticks = ExampleState.objects.filter(example__project_id=project).values_list("example_id", raw("confirmed_at"))
    return touched, dict(ticks)


def raw(field):
    """A column as the database writes it: to parse a time costs more than to read the row it is in."""
    return Cast(field, TextField())


def _feed(digest, rows):
    for row in rows.iterator(CHUNK):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    digest.update(b"\0")
