"""Headers of reverse proxies, believed only from the proxies that the server was started with.

Whoever sends `X-Forwarded-For` could otherwise choose the address by which sign-ins are throttled, and whoever sends
`X-Forwarded-Proto` could make a sign-in over http look encrypted.
"""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpResponsePermanentRedirect, JsonResponse

_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_PROTOCOL",
    "HTTP_X_FORWARDED_SERVER",
    "HTTP_X_FORWARDED_SSL",
)


class ProxyMiddleware:
    """Set the client's address and scheme from a trusted proxy's headers, and remove these headers from all requests.

    At a public address with https, a request over http is redirected if it only reads, and refused otherwise.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.proxies = [ip_network(proxy) for proxy in settings.GOLDWIRE_TRUSTED_PROXIES]

    def __call__(self, request):
        """Pass the request on, as the client sent it to the proxy."""
        headers = {name: request.META.pop(name, "") for name in _FORWARDED}
        if self._is_trusted(_address(request.META.get("REMOTE_ADDR", ""))):
            client = self._client(headers["HTTP_X_FORWARDED_FOR"])
            if client is not None:
                request.META["REMOTE_ADDR"] = str(client)
            scheme = headers["HTTP_X_FORWARDED_PROTO"].rpartition(",")[2].strip().lower()
            if scheme in ("http", "https"):
                request.META["wsgi.url_scheme"] = scheme
        if not request.is_secure() and _host(request) == settings.GOLDWIRE_HTTPS_HOST:
            return _refuse_http(request)
        return self.get_response(request)

    def _is_trusted(self, address):
        return address is not None and any(address in proxy for proxy in self.proxies)

    def _client(self, forwarded_for):
        """Return the last address that is not a trusted proxy's: a client may have sent those before it."""
        for text in reversed(forwarded_for.split(",")):
            address = _address(text)
            if not self._is_trusted(address):
                return address
        return None


def _address(text):
    """Return an IP address, without a port; None if it is not one."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _host(request):
    return request.META.get("HTTP_HOST", "").lower()


def _refuse_http(request):
    if request.method in ("GET", "HEAD"):
        return HttpResponsePermanentRedirect(f"https://{_host(request)}{request.get_full_path()}")
    return JsonResponse({"detail": "goldwire: use https"}, status=403)
