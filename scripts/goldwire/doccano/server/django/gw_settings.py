"""Django settings of the server that goldwire runs: Doccano's own, with stricter security.

All secrets come from private files below GOLDWIRE_DOCCANO_HOME: none is on the command line, and none is in an
environment that a child process inherits.
"""

# ruff: noqa: F405 - names of Doccano's settings
import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import gw_tasks

os.umask(0o077)  # only the owner may read the database, the uploads and the exports
GOLDWIRE_HOME = Path(os.environ["GOLDWIRE_DOCCANO_HOME"])
_state = json.loads((GOLDWIRE_HOME / "server.json").read_text(encoding="utf-8"))
_passwords = GOLDWIRE_HOME / _state["credentials_folder"] / "passwords.json"
GOLDWIRE_ADMIN_PASSWORD = json.loads(_passwords.read_text(encoding="utf-8"))["admin"]


def _database(url):
    """Return the database's address; on loopback without TLS, which Doccano otherwise requires."""
    if not url:
        return f"sqlite:///{GOLDWIRE_HOME / 'db.sqlite3'}"
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.hostname in (None, "127.0.0.1", "localhost", "::1"):
        query.setdefault("sslmode", "disable")
    return urlunsplit(parts._replace(scheme="postgresql", query=urlencode(query)))


DATABASE_URL = _database(_state["database"])
# Doccano's own settings read these during their import. The default is Doccano's public SECRET_KEY.
_secrets = {"SECRET_KEY": _state["secret_key"], "DATABASE_URL": DATABASE_URL}
os.environ.update(_secrets, MEDIA_ROOT=str(GOLDWIRE_HOME / "media"), DEBUG="False")
os.environ.pop("STANDALONE", None)  # opens /media/ to everyone

from config.settings.production import *  # noqa: E402, F403 - the settings to override

for _name in _secrets:
    del os.environ[_name]

_network = _state["network"]
_public = urlsplit(_network["public_url"])
_has_tls = bool(_network["tls_cert"]) or _public.scheme == "https"
# Only these names: a page elsewhere whose own name resolves to this server (DNS rebinding) is refused.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += [f"[{name}]" if ":" in name else name for name in (_network["host"], _public.hostname) if name]
CSRF_TRUSTED_ORIGINS = [_network["public_url"]] if _network["public_url"] else []
GOLDWIRE_TRUSTED_PROXIES = _network["trusted_proxies"]
GOLDWIRE_HTTPS_HOST = _public.netloc if _public.scheme == "https" else None
SECURE_PROXY_SSL_HEADER = None  # see `gw_proxy`: Django would believe this header from anyone
USE_X_FORWARDED_HOST = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _has_tls
# A month, renewed by each visit: long enough to protect people, and a trial does not block the name for a year.
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if _has_tls else 0
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Cookies ignore ports: two servers on one machine would sign out each other's users.
SESSION_COOKIE_NAME = f"sessionid_{_state['port']}"
X_FRAME_OPTIONS = "DENY"
# Otherwise a password reset is written to the log with its link.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

MIDDLEWARE = [name for name in MIDDLEWARE if "corsheaders" not in name]
_signed_in = MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
MIDDLEWARE[_signed_in:_signed_in] = [
    "gw_throttle.ThrottleMiddleware",
    "gw_guard.GuardMiddleware",
    "gw_disk.DiskMiddleware",
    "gw_input.InputMiddleware",
]
MIDDLEWARE.insert(0, "gw_proxy.ProxyMiddleware")
_page = MIDDLEWARE.index("whitenoise.middleware.WhiteNoiseMiddleware") + 1
MIDDLEWARE[_page:_page] = ["gw_policy.PolicyMiddleware", "gw_overlay.OverlayMiddleware"]
AUTHENTICATION_BACKENDS = ["gw_throttle.ThrottleBackend", "django.contrib.auth.backends.ModelBackend"]
WHITENOISE_ROOT = str(Path(BASE_DIR) / "client" / "dist")  # the icon, which Doccano serves only with STANDALONE

REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_RENDERER_CLASSES": ("rest_framework.renderers.JSONRenderer",),
    # For lists without `?limit=`: 454 examples per second instead of 79 with Doccano's own 5.
    "PAGE_SIZE": 1000,
}

DJANGO_DRF_FILEPOND_UPLOAD_TMP = str(GOLDWIRE_HOME / "uploads")
DJANGO_DRF_FILEPOND_ALLOW_EXTERNAL_UPLOAD_DIR = True
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

ROOT_URLCONF = "gw_urls"
CELERY_TASK_ANNOTATIONS = gw_tasks.ANNOTATIONS
HEALTHCHECK_CELERY_TIMEOUT = 10
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "gw_sqlite"
    DATABASES["default"]["OPTIONS"] = {"timeout": 60}
    # Tasks run inside the request: there is no second process that may die, no lock between the two, and an upload
    # takes 0.2 s instead of 1 to 6 s.
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_TASK_STORE_EAGER_RESULT = True
    CELERY_BROKER_URL = "memory://"
else:
    # The database is also the broker, so that a team needs no further service.
    CELERY_BROKER_URL = f"sqla+{DATABASE_URL}"
