"""Bring the database to where the server can start from: tables, roles and the administrator."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor


def prepare():
    """Do whatever of it has not been done; each part is quick where it has."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    call_command("create_roles")
    _administrator()
    # Forked workers must not share a connection.
    connections.close_all()


def _administrator():
    users = get_user_model()
    admin, _ = users.objects.get_or_create(username="admin", defaults={"is_staff": True, "is_superuser": True})
    if not admin.check_password(settings.GOLDWIRE_ADMIN_PASSWORD):
        admin.set_password(settings.GOLDWIRE_ADMIN_PASSWORD)
        admin.is_active = admin.is_staff = admin.is_superuser = True
        admin.save()
