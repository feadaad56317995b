"""Django settings of the server that goldwire runs: Doccano's own, with everything that was open closed.

All secrets come from private files below GOLDWIRE_DOCCANO_HOME: nothing in the environment or on the command line.
"""

# ruff: noqa: F405, S105
import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

HOME = Path(os.environ["GOLDWIRE_DOCCANO_HOME"])
_private = json.loads((HOME / "server.json").read_text(encoding="utf-8"))
GOLDWIRE_ADMIN_PASSWORD = json.loads((HOME / "passwords.json").read_text(encoding="utf-8"))["admin"]


def _database(url):
    """The database's address; on loopback without TLS, which Doccano would otherwise insist on."""
    if not url:
        return f"sqlite:///{HOME / 'db.sqlite3'}"
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.hostname in (None, "127.0.0.1", "localhost", "::1"):
        query.setdefault("sslmode", "disable")
    return urlunsplit(parts._replace(scheme="postgresql", query=urlencode(query)))


DATABASE_URL = _database(_private["database"])
# Doccano's own settings read these while they are imported.
os.environ.update(
    SECRET_KEY=_private["secret_key"], DATABASE_URL=DATABASE_URL, MEDIA_ROOT=str(HOME / "media"), DEBUG="False"
)
os.environ.pop("STANDALONE", None)  # opens /media/ to everybody

from config.settings.production import *  # noqa: E402, F403

# Those that a process started by this one would inherit.
for _name in ("SECRET_KEY", "DATABASE_URL"):
    del os.environ[_name]

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
SECURE_PROXY_SSL_HEADER = None  # no proxy sits before it, so that only a forger sends this header
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Cookies know no ports: servers on one machine would sign each other's people out.
SESSION_COOKIE_NAME = f"sessionid_{_private['port']}"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

MIDDLEWARE = [name for name in MIDDLEWARE if "corsheaders" not in name]
_signed_in = MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
MIDDLEWARE[_signed_in:_signed_in] = ["gw_throttle.ThrottleMiddleware", "gw_guard.GuardMiddleware"]
WHITENOISE_ROOT = os.path.join(BASE_DIR, "client", "dist")  # the icon, which only STANDALONE would serve

REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_RENDERER_CLASSES": ("rest_framework.renderers.JSONRenderer",),
    "PAGE_SIZE": 1000 if _private.get("bulk") else REST_FRAMEWORK["PAGE_SIZE"],
}

DJANGO_DRF_FILEPOND_UPLOAD_TMP = str(HOME / "uploads")
DJANGO_DRF_FILEPOND_ALLOW_EXTERNAL_UPLOAD_DIR = True
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "gw_sqlite"
    DATABASES["default"]["OPTIONS"] = {"timeout": 60}
    # Tasks run inside the request: no second process to die, no locks between the two, an upload takes 0.2 s
    # rather than 1 to 6 s.
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_TASK_STORE_EAGER_RESULT = True
    CELERY_BROKER_URL = "memory://"
else:
    # The database is the broker, so that a team needs nothing more. It is polled: 1 s is kombu's own.
    CELERY_BROKER_URL = f"sqla+{DATABASE_URL}"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.2}
HEALTHCHECK_CELERY_TIMEOUT = 10
