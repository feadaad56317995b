"""What a project holds, in digests: so that a client can tell that nothing has changed without an export.

Doccano has no such clock: an example's `updated_at` does not move when its labels do, and counts stay the same where
one label gives way to another. The digest of rows covers when each was last saved, which moves with its text and its
meta: to read 10,000 texts of 3 kB takes twenty times as long. That of work covers, of each kind, how
many there are, the newest id, the latest time and sums of ids and values: what is added has a new id, what goes is
missed in the count, what is changed has a new time. Ids are never given twice, so that a label that came and went is
told from one that stayed. 300,000 labels are added up in the time that it takes to read 20,000.
"""

import hashlib
import json
from collections import Counter, defaultdict

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

    Also `count`, of the examples, and `members`, each with a role. With `?ticks=1` also `ticks`: the ids of those that
    are ticked done, and `days`, how many were on each (UTC). With `?examples=1` also `examples`: of each, by id, its
    meta, the SHA-256 of its text, whether anybody has left anything there, when it was ticked done (UTC) and, where it
    came with labels, the digest of those that it has now.
    """

    permission_classes = (IsAuthenticated & IsProjectAdmin,)

    def get(self, request, project_id):
        """Read in several statements: what changes between them makes a digest that no later one equals."""
        project = Project.objects.filter(pk=project_id).first()
        if project is None:
            raise Http404
        # The digests first: what is done meanwhile must not be in them.
        work, (rows, count) = _work(project_id), _rows(project)
        members = Member.objects.filter(project=project).values_list("user__username", "role__name")
        answer = {"rows": rows, "work": work, "count": count, "members": sorted(members)}
        if request.GET.get("ticks") or request.GET.get("examples"):
            done = dict(_of(project_id, ExampleState, raw("confirmed_at")))
            answer["ticks"] = sorted(done)
            answer["days"] = Counter(when[:10] for when in done.values())
        if request.GET.get("examples"):
            examples = list(_examples(project_id))
            given = {i: said for i, meta, _ in examples if (said := meta.get("gw_prelabels"))}
            touched, have = _left(project_id, given)
            answer["examples"] = [(i, meta, said, i in touched, done.get(i), have.get(i)) for i, meta, said in examples]
        return Response(answer)


def _rows(project):
    """The digest of the project, its label types and its examples, and how many these are."""
    digest, count = hashlib.sha256(), 0
    _feed(digest, type(project).objects.filter(pk=project.pk).values_list())
    for kind in (SpanType, RelationType, CategoryType):
        _feed(digest, kind.objects.filter(project=project).order_by("id").values_list(*_TYPE))
    saved = Example.objects.filter(project=project).order_by("id").values_list("id", raw("updated_at"))
    for number, updated in saved.iterator(CHUNK):
        digest.update(f"{number} {updated}\n".encode())
        count += 1
    return digest.hexdigest(), count


def _examples(project):
    """Of each example its id, its meta and the digest of its text."""
    rows = Example.objects.filter(project_id=project).order_by("id").values_list("id", raw("meta"), "text")
    for number, meta, text in rows.iterator(CHUNK):
        yield number, json.loads(meta), hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).hexdigest()


def _work(project):
    digest = hashlib.sha256()
    for model, changed, added in _WORK:
        sums = {f"sum{number}": Sum(what) for number, what in enumerate(added)}
        latest = Cast(Max(changed), TextField())
        rows = model.objects.filter(example__project_id=project)
        digest.update(repr(rows.aggregate(n=Count("id"), newest=Max("id"), latest=latest, **sums)).encode())
    return digest.hexdigest()


def _left(project, given):
    """The ids of the examples that people left anything in.

    `given` are digests of the labels that examples came with, by id: those that still have just these are untouched.
    Also what these have now, in digests, where nobody has commented on it.
    """
    touched, commented = set(), {number for (number,) in _of(project, Comment)}
    for model in (Span, Relation, Category):
        touched.update(number for (number,) in _of(project, model).distinct() if number not in given)
    have = _label_digests(project, given) if given else {}
    touched.update(commented, (number for number, said in given.items() if have[number] != said))
    return touched, {number: said for number, said in have.items() if number not in commented}


def _of(project, model, *fields):
    """The example of each row of `model`, and `fields`."""
    return model.objects.filter(example__project_id=project).order_by().values_list("example_id", *fields)


def _label_digests(project, examples):
    """Of each of `examples` the digest of its labels."""
    spans, relations, places = defaultdict(list), defaultdict(list), {}
    found = Span.objects.filter(example__project_id=project).order_by()
    for number, example, *place in found.values_list("id", "example_id", "start_offset", "end_offset", "label__text"):
        places[number] = tuple(place)
        spans[example].append(places[number])
    found = Relation.objects.filter(example__project_id=project).order_by()
    for example, holder, target, kind in found.values_list("example_id", "from_id_id", "to_id_id", "type__text"):
        relations[example].append((places.get(holder, ()), places.get(target, ()), kind))
    return {example: _label_digest(spans[example], relations[example]) for example in examples}


def _label_digest(spans, relations):
    """As goldwire's `rows.label_digest`, of the labels that an example was imported with."""
    said = json.dumps([sorted(set(spans), key=repr), sorted(set(relations), key=repr)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def raw(field):
    """A column as the database writes it: to parse a time costs more than to read the row it is in."""
    return Cast(field, TextField())


def _feed(digest, rows):
    for row in rows.iterator(CHUNK):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    digest.update(b"\0")
