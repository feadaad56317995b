"""Django settings of the server that goldwire runs: Doccano's own, with everything that was open closed.

All secrets come from private files below GOLDWIRE_DOCCANO_HOME: nothing on the command line, and nothing in the
environment that a child process would inherit.
"""

# ruff: noqa: F405
import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import gw_tasks

os.umask(0o077)  # the database, the uploads and the exports are their owner's alone
GOLDWIRE_HOME = Path(os.environ["GOLDWIRE_DOCCANO_HOME"])
_kept = json.loads((GOLDWIRE_HOME / "server.json").read_text(encoding="utf-8"))
GOLDWIRE_ADMIN_PASSWORD = json.loads((GOLDWIRE_HOME / "passwords.json").read_text(encoding="utf-8"))["admin"]


def _database(url):
    """The database's address; on loopback without TLS, which Doccano would otherwise insist on."""
    if not url:
        return f"sqlite:///{GOLDWIRE_HOME / 'db.sqlite3'}"
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.hostname in (None, "127.0.0.1", "localhost", "::1"):
        query.setdefault("sslmode", "disable")
    return urlunsplit(parts._replace(scheme="postgresql", query=urlencode(query)))


DATABASE_URL = _database(_kept["database"])
# Doccano's own settings read these while they are imported. Its public SECRET_KEY would be the default.
_secrets = {"SECRET_KEY": _kept["secret_key"], "DATABASE_URL": DATABASE_URL}
os.environ.update(_secrets, MEDIA_ROOT=str(GOLDWIRE_HOME / "media"), DEBUG="False")
os.environ.pop("STANDALONE", None)  # opens /media/ to everybody

from config.settings.production import *  # noqa: E402, F403

for _name in _secrets:
    del os.environ[_name]

# Only by these names: a page elsewhere that makes its own name point here is refused.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
SECURE_PROXY_SSL_HEADER = None  # no proxy stands before it, so that only a forger sends this header
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Cookies know no ports: two servers on one machine would sign each other's people out.
SESSION_COOKIE_NAME = f"sessionid_{_kept['port']}"
X_FRAME_OPTIONS = "DENY"
# A password reset is written to the log otherwise, link and all.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

MIDDLEWARE = [name for name in MIDDLEWARE if "corsheaders" not in name]
_signed_in = MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
MIDDLEWARE[_signed_in:_signed_in] = [
    "gw_throttle.ThrottleMiddleware",
    "gw_guard.GuardMiddleware",
    "gw_disk.DiskMiddleware",
]
AUTHENTICATION_BACKENDS = ["gw_throttle.ThrottleBackend", "django.contrib.auth.backends.ModelBackend"]
WHITENOISE_ROOT = str(Path(BASE_DIR) / "client" / "dist")  # the icon, which only STANDALONE would serve

REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_RENDERER_CLASSES": ("rest_framework.renderers.JSONRenderer",),
    # Of a list that is asked for without `?limit=`: examples come at 454 a second rather than 79 with Doccano's 5.
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
    # Tasks run inside the request: no second process to die, no locks between the two, and an upload takes 0.2 s
    # rather than 1 to 6 s.
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_TASK_STORE_EAGER_RESULT = True
    CELERY_BROKER_URL = "memory://"
else:
    # The database is the broker too, so that a team needs nothing more.
    CELERY_BROKER_URL = f"sqla+{DATABASE_URL}"
