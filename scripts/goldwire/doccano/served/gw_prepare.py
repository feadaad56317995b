"""Bring the server's data to where it can start from: tables, roles, the administrator, and no old exports."""

import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from roles.models import Role

ADMIN = "admin"
EXPORTS_KEPT = 24 * 3600.0  # seconds: Doccano never deletes one, and each holds every text and label


def prepare():
    """Do whatever of it has not been done; each part is quick where it has (together 0.1 s)."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    for name in (settings.ROLE_PROJECT_ADMIN, settings.ROLE_ANNOTATOR, settings.ROLE_ANNOTATION_APPROVER):
        Role.objects.get_or_create(name=name)
    _administrator()
    call_command("clearsessions")
    for export in Path(settings.MEDIA_ROOT).glob("*.zip"):
        if export.stat().st_mtime < time.time() - EXPORTS_KEPT:
            export.unlink(missing_ok=True)
    # The workers that are forked from here must not share a connection.
    connections.close_all()


def _administrator():
    admin, _ = get_user_model().objects.get_or_create(username=ADMIN)
    # Also where somebody changed it: the private file is what the toolkit signs in with.
    if not (admin.check_password(settings.GOLDWIRE_ADMIN_PASSWORD) and admin.is_active and admin.is_superuser):
        admin.set_password(settings.GOLDWIRE_ADMIN_PASSWORD)
        admin.is_active = admin.is_staff = admin.is_superuser = True
        admin.save()
