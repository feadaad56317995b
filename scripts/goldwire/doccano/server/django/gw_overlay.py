"""The overlay: one style sheet and one script of goldwire's in Doccano's page, which stays as it is on disk.

The files are served from memory at addresses with a digest of their content, so that browsers keep them and still get a
new version at once. What they do, and how the script gets in, is in `overlay/components.js`.
"""

import hashlib
import json
from pathlib import Path

from django.http import HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

DOCCANO_VERSION = "1.8.4"
"""The version whose components the overlay recognizes. In another one, it leaves those that differ alone."""

PREFIX = "goldwire/"
_FOLDER = Path(__file__).parent / "overlay"
_SCRIPTS = ("components", "accessibility", "reading", "cursor", "marking", "finishing", "lists", "markdown", "start")
_STYLES = ("text", "palette", "pages")


def _script():
    words = json.loads((_FOLDER / "words.json").read_text(encoding="utf-8"))
    constants = {"DOCCANO_VERSION": DOCCANO_VERSION, "WORDS": {"en": {}, **words}}
    lines = [f"const {name} = {json.dumps(value, ensure_ascii=False)};" for name, value in constants.items()]
    parts = [(_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
    return "\n".join(['(() => {\n"use strict";', *lines, *parts, "})();\n"])


def _style():
    return "\n".join((_FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in _STYLES)


def _address(content, suffix):
    return f"{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"


_SCRIPT, _STYLE = _script().encode(), _style().encode()
_SERVED = {
    _address(_SCRIPT, "js"): (_SCRIPT, "text/javascript; charset=utf-8"),
    _address(_STYLE, "css"): (_STYLE, "text/css; charset=utf-8"),
}
# Without `defer`: the script must run before Doccano's own.
_TAGS = (
    f'<link rel="stylesheet" href="/{PREFIX}{_address(_STYLE, "css")}">'
    f'<script src="/{PREFIX}{_address(_SCRIPT, "js")}"></script></head>'
).encode()


@require_safe
def serve(_request, name):
    """Answer one of the two files: to anyone, because the sign-in page has them too."""
    if name not in _SERVED:
        return HttpResponseNotFound()
    content, kind = _SERVED[name]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)


class OverlayMiddleware:
    """Add both files to Doccano's own page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass the request on, and complete the answer."""
        response = self.get_response(request)
        match = request.resolver_match
        is_page = response.status_code == 200 and not response.streaming and match is not None and match.route == ""
        if is_page and response.get("Content-Type", "").startswith("text/html"):
            response.content = response.content.replace(b"</head>", _TAGS, 1)
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response
