"""Gunicorn's settings."""

# Import Doccano once (2.5 s, 150 MB) for all workers, and prepare the database in one place.
preload_app = True
# Two workers, so that one answers while the other runs a large import; threads, because browsers keep connections open.
workers = 2
threads = 8
worker_class = "gthread"
# A task runs inside its request: 100,000 spans are exported in 38 s, and a slow disk takes longer.
timeout = 1800
graceful_timeout = 8
keepalive = 5
accesslog = None
errorlog = "-"
umask = 0o077
# `gw_proxy` alone decides which proxy is believed; gunicorn would believe any process of this machine.
forwarded_allow_ips = ""
secure_scheme_headers = {}
