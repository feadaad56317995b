"""Preparing the server's data for a start: tables, indexes, roles, the administrator, and deletion of old exports."""

import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

import gw_receipts
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from roles.models import Role

ADMIN = "admin"
MAX_EXPORT_AGE = 24 * 3600.0  # seconds: Doccano never deletes an export, and each holds every text and label
# Doccano's 117 migrations take 6 s, which only the first SQLite server of an environment spends: it saves its tables.
_TABLES = Path(sys.prefix) / "doccano-tables.sqlite3"
# They cover the columns that `gw_state` sums, so that it reads no text and no label: 0.06 s instead of 0.24 for 10,000
# texts of 3 kB with 100,000 spans.
_INDEXES = {
    "gw_examples_saved": "examples_example (project_id, id, updated_at)",
    "gw_spans_made": "labels_span (example_id, id, updated_at, label_id, start_offset, end_offset)",
}


def prepare():
    """Run the steps that have not run yet; a repetition takes 0.1 s."""
    is_new = _copy_tables()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
        if is_new:
            _save_tables()
    with connection.cursor() as cursor:
        for name, columns in _INDEXES.items():
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")
    gw_receipts.create_table()
    for name in (settings.ROLE_PROJECT_ADMIN, settings.ROLE_ANNOTATOR, settings.ROLE_ANNOTATION_APPROVER):
        Role.objects.get_or_create(name=name)
    _ensure_administrator()
    call_command("clearsessions")
    for export in Path(settings.MEDIA_ROOT).glob("*.zip"):
        if export.stat().st_mtime < time.time() - MAX_EXPORT_AGE:
            export.unlink(missing_ok=True)
    # The workers that are forked from here must not share a connection.
    connections.close_all()


def _copy_tables():
    """Return whether there is no database yet on SQLite; if its tables have been saved, copy them first."""
    path = Path(settings.DATABASES["default"]["NAME"])
    if connection.vendor != "sqlite" or path.exists():
        return False
    copy = path.with_suffix(".tmp")
    with suppress(OSError):  # not saved yet, or by another user: the migrations run instead
        shutil.copyfile(_TABLES, copy)
        copy.replace(path)
    copy.unlink(missing_ok=True)
    return True


def _save_tables():
    """Save the tables of a database without any row of a user, unless the environment is read-only."""
    copy = _TABLES.with_suffix(f".{os.getpid()}.tmp")
    with suppress(OSError, DatabaseError):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        copy.replace(_TABLES)
    with suppress(OSError):
        copy.unlink(missing_ok=True)


def _ensure_administrator():
    admin, _ = get_user_model().objects.get_or_create(username=ADMIN)
    # Reset any changes to the account: goldwire signs in with the password of the private file.
    if not (admin.check_password(settings.GOLDWIRE_ADMIN_PASSWORD) and admin.is_active and admin.is_superuser):
        admin.set_password(settings.GOLDWIRE_ADMIN_PASSWORD)
        admin.is_active = admin.is_staff = admin.is_superuser = True
        admin.save()
