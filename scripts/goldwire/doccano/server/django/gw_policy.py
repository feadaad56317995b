"""A Content-Security-Policy for every answer: a browser runs only scripts that came with the page.

Doccano's page has two inline scripts, which get a nonce. Its styles must stay open: Vuetify and the annotator write
`<style>` elements and `style` attributes at run time.
"""

import re
import secrets

_SCRIPT = re.compile(rb"<script(?=[\s>])")
_COMMON = ("base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'")
_PAGE = (
    "default-src 'none'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    *_COMMON,
)
_DATA = "; ".join(("default-src 'none'", *_COMMON))


class PolicyMiddleware:
    """Add the policy, and a nonce to the inline scripts of Doccano's own page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass the request on, and complete the answer."""
        response = self.get_response(request)
        response["Content-Security-Policy"] = self._policy(request, response)
        return response

    def _policy(self, request, response):
        if not response.get("Content-Type", "").startswith("text/html"):
            return _DATA
        scripts = "script-src 'self'"
        if _is_doccanos_page(request) and not response.streaming:
            nonce = secrets.token_urlsafe(18)
            response.content = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), response.content)
            response["Cache-Control"] = "no-store"  # a nonce is for one answer
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
            scripts += f" 'nonce-{nonce}'"
        return "; ".join((*_PAGE, scripts))


def _is_doccanos_page(request):
    """Whether the answer is Doccano's page, a file that holds nothing of the request and nothing of the database."""
    match = request.resolver_match
    return match is not None and match.route == ""
