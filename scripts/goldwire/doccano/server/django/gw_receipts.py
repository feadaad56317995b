"""Receipts of pulls: a client stores one with each project that it has pulled, under the digest of the files it wrote.

A database that has the receipt has everything that it had at that pull, except for what people have deleted since: a
database restored from an older backup, or a new one, lacks it. The content of a receipt is the client's.
"""

from django.db import connection

MAX_BYTES = 1_000_000
_TABLE = """CREATE TABLE IF NOT EXISTS goldwire_receipt (
    project_id BIGINT NOT NULL, digest VARCHAR(64) NOT NULL, content TEXT NOT NULL, PRIMARY KEY (project_id, digest))"""

_STORE = """INSERT INTO goldwire_receipt (project_id, digest, content) VALUES (%s, %s, %s)
    ON CONFLICT (project_id, digest) DO UPDATE SET content = excluded.content"""


def create_table():
    """Create the table if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)


def read(project, digest):
    """Return the receipt of a project under `digest`, as it was stored; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM goldwire_receipt WHERE project_id = %s AND digest = %s", (project, digest))
        row = cursor.fetchone()
    return None if row is None else row[0]


def store(project, digest, content):
    """Store a receipt in place of an earlier one under the same digest."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE, (project, digest, content))
