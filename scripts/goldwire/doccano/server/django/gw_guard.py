"""Permissions: a list of the allowed requests, so that everything not on it is closed.

Doccano 1.8.4 itself lets annotators PUT texts, projects and label types (its permissions omit PUT), lets a member of
one project read and write another project's objects through the first one's URL (it never compares the two), lists
every user to everyone, and leaves uploads, `fetch` (which requests any URL) and password resets open to anyone.
"""

import json

from django.db import DataError
from django.http import JsonResponse
from examples.models import Comment, Example
from label_types.models import CategoryType, RelationType, SpanType
from labels.models import Span
from projects.models import Member, Project
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import APIException

READ = ("GET", "HEAD", "OPTIONS")
LIMIT = 1_000_000
"""Bytes of a request that is not an upload: otherwise the server reads a sign-in of gigabytes, sent by anyone."""
MAX_ID = 2**31 - 1
"""The highest number that a database gives to an object of Doccano's."""
_LABELS = ("relation", "category", "span", "text", "bbox", "segmentation")
_LABEL_TYPES = ("category_type", "span_type", "relation_type")
_LABEL_TYPE_LISTS = ("category_types", "span_types", "relation_types_list")

# Keys are route names, or routes to which Doccano gives no name.
ANYBODY = {"rest_login": ("POST",), "v1/social/links/": READ, "goldwire_overlay": READ}
SIGNED_IN = {"me": READ, "rest_logout": ("POST",), "rest_user_details": READ, "roles": READ, "project_list": READ}
# Staff, and administrators of any project.
MANAGERS = {
    "user_list": READ,
    "task_status": READ,
    "process": ("POST",),
    "patch": ("PATCH", "HEAD"),
    "revert": ("DELETE",),
    "project_list": ("DELETE",),
}
STAFF = {"user_create": ("POST",), "project_list": ("POST",), "health_check_home": READ, "goldwire_password": ("POST",)}
# Members of the project who are not its administrators: annotators and approvers.
MEMBERS = (
    dict.fromkeys(("project_detail", "my_role", "tag_list", "example_list", "example_detail", "progress"), READ)
    | {"goldwire_progress": READ}
    | dict.fromkeys((*_LABEL_TYPES, "relation_type_detail", *_LABEL_TYPE_LISTS), READ)
    | {"example_state_list": (*READ, "POST"), "auto_labeling": ("POST",)}
    | {"comment_list": (*READ, "POST", "DELETE"), "comment_detail": (*READ, "PUT", "PATCH", "DELETE")}
    | {f"{label}_list": (*READ, "POST", "DELETE") for label in _LABELS}
    | {f"{label}_detail": (*READ, "PUT", "PATCH", "DELETE") for label in _LABELS}
)
_LABEL_ROUTES = {f"{label}_{kind}" for label in _LABELS for kind in ("list", "detail")}
# Below these paths there is no page of Doccano's, and its answer of 200 would hide a mistake.
_NO_PAGE = ("/v1/", "/media/", "/admin/", "/api-auth/", "/social/", "/swagger/")


class GuardMiddleware:
    """Answer requests that are not allowed, before Doccano's own view sees them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass the request on: the decision needs the route, which is known in `process_view`."""
        return self.get_response(request)

    def process_view(self, request, view, _arguments, keywords):
        """Return None if the request is allowed, otherwise the answer to it."""
        match = request.resolver_match
        if match.route == "":
            return _refuse(404, "no such page") if request.path.startswith(_NO_PAGE) else None
        user = _user(request)
        if any(isinstance(value, int) and value > MAX_ID for value in keywords.values()):
            return _refuse(404, "no such object")
        if "admin" in match.namespaces:
            return None if user.is_active and user.is_superuser else _refuse(404, "no such page")
        name = match.url_name or match.route
        if not _may(request, user, name, keywords.get("project_id")):
            return _refuse(403, "not allowed")
        if int(request.META.get("CONTENT_LENGTH") or 0) > LIMIT and not (user.is_staff or name in ("process", "patch")):
            return _refuse(413, f"more than {LIMIT} bytes")
        if "project_id" in keywords:
            return _wrong_object(request, view.cls, name, keywords) or _wrong_body(request, view.cls, name, keywords)
        return None


def _refuse(status, detail):
    return JsonResponse({"detail": f"goldwire: {detail}"}, status=status)


def _user(request):
    """Return the user of the request, as the REST framework will determine it: by session first, else by token."""
    if request.user.is_authenticated:
        return request.user
    try:
        credentials = TokenAuthentication().authenticate(request)
    except APIException:
        credentials = None
    return request.user if credentials is None else credentials[0]


def _may(request, user, name, project):
    method = request.method
    if method in ANYBODY.get(name, ()):
        return True
    if not (user.is_authenticated and user.is_active):
        return False
    if project is not None:
        return _may_in_project(method, user, name, project)
    if method in SIGNED_IN.get(name, ()):
        return True
    if method in MANAGERS.get(name, ()):
        return user.is_staff or Member.objects.filter(user=user, role__name="project_admin").exists()
    return user.is_staff and method in STAFF.get(name, ())


def _may_in_project(method, user, name, project):
    if user.is_superuser:
        return True
    role = Member.objects.filter(project_id=project, user=user).values_list("role__name", flat=True).first()
    if role is None or role == "project_admin":
        return role is not None
    if name in _LABEL_TYPE_LISTS and method == "POST":
        return Project.objects.filter(pk=project, allow_member_to_create_label_type=True).exists()
    return method in MEMBERS.get(name, ())


def _wrong_object(request, view, name, keywords):
    """Return 404 if an object in the URL does not belong to the project, for administrators too."""
    project = keywords["project_id"]
    examples = Example.objects.filter(project_id=project)
    wanted = []
    if "example_id" in keywords:
        wanted.append((examples, keywords["example_id"]))
    if "annotation_id" in keywords:
        wanted.append((view.queryset.filter(example_id=keywords["example_id"]), keywords["annotation_id"]))
    if "comment_id" in keywords:
        wanted.append((Comment.objects.filter(example__project_id=project), keywords["comment_id"]))
    for key in ("member_id", "tag_id", "label_id", "config_id"):
        if key in keywords:
            wanted.append((view.queryset.filter(project_id=project), keywords[key]))
    if name in ("comment_list", "auto_labeling"):
        named = request.GET.getlist("example")
        if request.method == "POST" and not named:
            return _refuse(400, "which example? (`?example=`)")
        wanted += [(examples, value) for value in named]
    return None if all(_has(rows, key) for rows, key in wanted) else _refuse(404, "no such object in this project")


def _wrong_body(request, view, name, keywords):
    """Return 400 or 404 if the body refers to objects outside the project, or would empty it."""
    if name in _LABEL_ROUTES and request.method in ("POST", "PUT", "PATCH"):
        body = _body(request)
        if not isinstance(body, dict):
            return _refuse(400, "the body is not a JSON object")
        inside = all(_has(rows, body[key]) for key, rows in _referred(view, keywords).items() if key in body)
        return None if inside else _refuse(404, "no such object in this project")
    if name in ("example_list", "comment_list", *_LABEL_TYPE_LISTS) and request.method == "DELETE":
        body = _body(request)
        ids = body.get("ids") if isinstance(body, dict) else None
        if not ids or not isinstance(ids, list):
            # Doccano reads an empty list of examples as all of them.
            return _refuse(400, "`ids` names nothing to delete")
        if any(isinstance(key, int) and key > MAX_ID for key in ids):
            return _refuse(400, "a number is out of range")
        if name in _LABEL_TYPE_LISTS and not all(_has(_types(view, keywords), key) for key in ids):
            return _refuse(404, "no such object in this project")
    return None


def _types(view, keywords):
    return view.model.objects.filter(project_id=keywords["project_id"])


def _referred(view, keywords):
    """Return the objects that a label's body may refer to, by field."""
    project, example = keywords["project_id"], keywords["example_id"]
    spans = Span.objects.filter(example_id=example)
    kinds = SpanType if view.serializer_class.Meta.model is Span else CategoryType
    return {
        "example": Example.objects.filter(project_id=project, pk=example),
        "label": kinds.objects.filter(project_id=project),
        "type": RelationType.objects.filter(project_id=project),
        "from_id": spans,
        "to_id": spans,
    }


def _has(rows, key):
    try:
        return rows.filter(pk=key).exists()
    except (TypeError, ValueError, OverflowError, DataError):
        return False


def _body(request):
    """Return the JSON of the request, decoded as the view will; None if it is not JSON."""
    kind, charset = request.content_type, request.content_params.get("charset", "utf-8")
    if kind != "application/json" or charset.lower() not in ("utf-8", "utf8"):
        return None
    try:
        return json.loads(request.body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
