"""The state of a project in digests, so that a client can know that nothing has changed without an export.

Doccano has no such clock: an example's `updated_at` does not change when its labels do, and counts stay the same if
one label replaces another.

The digest of rows covers the time of each row's last save, which changes with its text and its metadata; reading
10,000 texts of 3 kB would take twenty times as long. The digest of work covers, for each kind of object, the number,
the newest id, the latest time, and sums of ids and values: an added object has a new id, a removed one lowers the
number, and a changed one has a new time. Ids are never reused, so that a label that came and went leaves a trace.
300,000 labels are summed in the time that it takes to read 20,000.
"""

import hashlib
import importlib.util
import json
from collections import Counter, defaultdict
from pathlib import Path

import gw_receipts
from django.db.models import Count, Max, Sum, TextField
from django.db.models.functions import Cast, Length
from django.http import Http404
from examples.models import Comment, Example, ExampleState
from label_types.models import CategoryType, RelationType, SpanType
from labels.models import Category, Relation, Span
from projects.models import Member, Project
from projects.permissions import IsProjectAdmin
from rest_framework.exceptions import ParseError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


def _load_label_digest():
    """Return goldwire's own `label_digest`, from its file: goldwire is not installed in this environment."""
    path = Path(__file__).parents[2] / "label_digest.py"
    spec = importlib.util.spec_from_file_location("gw_label_digest", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.label_digest


label_digest = _load_label_digest()

CHUNK = 2000
_LABEL_TYPES = {"span": SpanType, "relation": RelationType, "category": CategoryType}
_LABEL_TYPE_FIELDS = ("id", "text", "prefix_key", "suffix_key", "background_color", "text_color")
# For each kind of object: the time of its last change, and the values to sum.
_WORK = (
    (Span, "updated_at", ("id", "example_id", "label_id", "start_offset", "end_offset")),
    (Relation, "updated_at", ("id", "example_id", "from_id_id", "to_id_id", "type_id")),
    (Category, "updated_at", ("id", "example_id", "label_id")),
    (Comment, "updated_at", ("id", "example_id", Length("text"))),
    (ExampleState, "confirmed_at", ("id", "example_id")),
)


class ProjectStateView(APIView):
    """GET: `rows_digest` of the project, its label types and examples; `work_digest` of everything people did there.

    Also `count` (examples), `members` with their roles, and `label_types`: for each kind, ids by name, in the order in
    which the browser lists them. Query parameters add more:

    - `receipt=DIGEST`: `receipt`, which a pull stored under this digest (see `gw_receipts`), or null.
    - `confirmed=1`: `confirmed` (ids of the examples that are ticked done) and `confirmed_per_day` (UTC).
    - `examples=1`: both, and `examples`: for each, by id, its metadata, the SHA-256 of its text, whether anybody left
      anything there, when it was ticked done (UTC) and, if it was imported with labels, the digest of its labels now.

    POST `{"digest", "content"}`: store a receipt.
    """

    permission_classes = (IsAuthenticated & IsProjectAdmin,)

    def get(self, request, project_id):
        """Read with several statements: a change between them gives a digest that no later request returns."""
        project = Project.objects.filter(pk=project_id).first()
        if project is None:
            raise Http404
        # The digests first: they must not cover what is done during this request.
        work_digest, (rows_digest, count) = _digest_work(project_id), _digest_rows(project)
        members = Member.objects.filter(project=project).values_list("user__username", "role__name")
        answer = {
            "rows_digest": rows_digest,
            "work_digest": work_digest,
            "count": count,
            "members": sorted(members),
            "label_types": {kind: _ids_by_name(project, model) for kind, model in _LABEL_TYPES.items()},
        }
        if request.GET.get("receipt"):
            content = gw_receipts.read(project_id, request.GET["receipt"])
            answer["receipt"] = None if content is None else json.loads(content)
        if request.GET.get("confirmed") or request.GET.get("examples"):
            confirmed_at = dict(_by_example(project_id, ExampleState, raw("confirmed_at")))
            answer["confirmed"] = sorted(confirmed_at)
            answer["confirmed_per_day"] = Counter(time[:10] for time in confirmed_at.values())
        if request.GET.get("examples"):
            examples = list(_examples(project_id))
            prelabels = {i: digest for i, meta, _ in examples if (digest := meta.get("gw_prelabels"))}
            worked_on, label_digests = _work_in(project_id, prelabels)
            answer["examples"] = [
                (i, meta, text_digest, i in worked_on, confirmed_at.get(i), label_digests.get(i))
                for i, meta, text_digest in examples
            ]
        return Response(answer)

    def post(self, request, project_id):
        """Store a receipt; the same one again changes nothing."""
        if not Project.objects.filter(pk=project_id).exists():
            raise Http404
        digest = request.data.get("digest") if isinstance(request.data, dict) else None
        content = json.dumps(request.data.get("content")) if isinstance(digest, str) else ""
        if not (isinstance(digest, str) and 0 < len(digest) <= 64) or len(content) > gw_receipts.MAX_BYTES:
            raise ParseError("goldwire: a receipt has a digest and a content")
        gw_receipts.store(project_id, digest, content)
        return Response({"digest": digest})


def _ids_by_name(project, model):
    """Return the ids of a project's label types by name, in the order in which the browser lists them."""
    return dict(model.objects.filter(project=project).values_list("text", "id"))


def _digest_rows(project):
    """Return the digest of the project, its label types and its examples, and the number of examples."""
    digest, count = hashlib.sha256(), 0
    _update(digest, type(project).objects.filter(pk=project.pk).values_list())
    for kind in _LABEL_TYPES.values():
        _update(digest, kind.objects.filter(project=project).order_by("id").values_list(*_LABEL_TYPE_FIELDS))
    saved = Example.objects.filter(project=project).order_by("id").values_list("id", raw("updated_at"))
    for number, updated in saved.iterator(CHUNK):
        digest.update(f"{number} {updated}\n".encode())
        count += 1
    return digest.hexdigest(), count


def _examples(project):
    """Yield id, metadata and text digest of each example."""
    rows = Example.objects.filter(project_id=project).order_by("id").values_list("id", raw("meta"), "text")
    for number, meta, text in rows.iterator(CHUNK):
        yield number, json.loads(meta), hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).hexdigest()


def _digest_work(project):
    """Return the digest of labels, comments and ticks."""
    digest = hashlib.sha256()
    for model, changed_at, summed in _WORK:
        sums = {f"sum{number}": Sum(value) for number, value in enumerate(summed)}
        latest = Cast(Max(changed_at), TextField())
        rows = model.objects.filter(example__project_id=project)
        digest.update(repr(rows.aggregate(n=Count("id"), newest=Max("id"), latest=latest, **sums)).encode())
    return digest.hexdigest()


def _work_in(project, prelabels):
    """Return the ids of the examples with work in them, and label digests of those imported with labels.

    `prelabels` are the digests of imported labels by example id: an example that has exactly these labels and no
    comment has no work in it. Examples with comments have no label digest.
    """
    worked_on, commented = set(), {number for (number,) in _by_example(project, Comment)}
    for model in (Span, Relation, Category):
        worked_on.update(number for (number,) in _by_example(project, model).distinct() if number not in prelabels)
    digests = _label_digests(project, prelabels) if prelabels else {}
    worked_on.update(commented, (number for number, imported in prelabels.items() if digests[number] != imported))
    return worked_on, {number: digest for number, digest in digests.items() if number not in commented}


def labels_differ(project, prelabels):
    """Return those examples of a page of the list whose labels are not the imported ones, given by their digests."""
    digests = _label_digests(project, prelabels, within=list(prelabels)) if prelabels else {}
    return {number for number, imported in prelabels.items() if digests[number] != imported}


def _by_example(project, model, *fields):
    """Return the example id, and `fields`, of each row of `model`."""
    return model.objects.filter(example__project_id=project).order_by().values_list("example_id", *fields)


def _label_digests(project, examples, within=None):
    """Return the digest of the present labels of each of `examples`; `within`: read the rows of these only."""
    spans, relations, span_of = defaultdict(list), defaultdict(list), {}
    where = {"example__project_id": project} if within is None else {"example_id__in": within}
    rows = Span.objects.filter(**where).order_by()
    for number, example, *span in rows.values_list("id", "example_id", "start_offset", "end_offset", "label__text"):
        span_of[number] = tuple(span)
        spans[example].append(span_of[number])
    rows = Relation.objects.filter(**where).order_by()
    for example, holder, target, kind in rows.values_list("example_id", "from_id_id", "to_id_id", "type__text"):
        relations[example].append((span_of.get(holder, ()), span_of.get(target, ()), kind))
    return {example: label_digest(spans[example], relations[example]) for example in examples}


def raw(field):
    """Return a column as the database stores it: parsing a time costs more than reading its row."""
    return Cast(field, TextField())


def _update(digest, rows):
    for row in rows.iterator(CHUNK):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    digest.update(b"\0")
