"""How gunicorn runs it."""

# One import of Doccano (2.5 s, 150 MB) for all workers, and one place that makes the database ready.
preload_app = True
# Two, so that a big import in one leaves the other answering; threads, because a browser keeps its connection open.
workers = 2
threads = 8
worker_class = "gthread"
# A task runs inside its request: 100,000 spans are exported in 38 s, and a slow disk is slower.
timeout = 1800
graceful_timeout = 8
keepalive = 5
accesslog = None
errorlog = "-"
umask = 0o077
