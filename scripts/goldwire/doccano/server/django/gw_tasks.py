"""Failed imports leave nothing behind, lost tasks are reported, and exports are fast (see `gw_export`).

Doccano tries a failed import three more times, each time from the first row and outside any transaction: 1,500 rows
became 6,000 (doccano#2373). One transaction around all of it would hold SQLite's only write lock during the import.

A task that a killed worker had taken from the queue is never handed out again, and whoever waits for it waits forever:
the next worker marks each such task as failed.
"""

import json

from celery import current_app, states
from celery.signals import celeryd_after_setup


def remove_rows(_task, _error, _id, _arguments, keywords, _trace):
    """Delete the rows of a failed import (Celery's `on_failure`), known by the name of the uploaded file."""
    from django_drf_filepond.models import TemporaryUpload
    from examples.models import Example

    uploads = TemporaryUpload.objects.filter(upload_id__in=keywords["upload_ids"])
    names = [upload.file.name for upload in uploads]
    Example.objects.filter(project_id=keywords["project_id"], filename__in=names).delete()


def speed_up(_task, _id, _arguments, _keywords):
    """Prepare an export (Celery's `before_start`) in whichever process runs it."""
    import gw_export

    gw_export.speed_up()


@celeryd_after_setup.connect
def fail_lost_tasks(**_):
    """Mark tasks as failed that were taken from the queue and have no result; the queue's table keeps them."""
    from django.db import connection
    from django_celery_results.models import TaskResult

    with connection.cursor() as cursor:
        if "kombu_message" not in connection.introspection.table_names(cursor):
            return  # before the first task
        cursor.execute("SELECT id, payload FROM kombu_message WHERE NOT visible")
        messages = cursor.fetchall()
    tasks = {json.loads(payload).get("headers", {}).get("id") for _, payload in messages} - {None}
    ended = TaskResult.objects.filter(task_id__in=tasks, status__in=states.READY_STATES)
    for task in tasks.difference(ended.values_list("task_id", flat=True)):
        current_app.backend.mark_as_failure(task, RuntimeError("the worker that had taken this task has ended"))
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM kombu_message WHERE id = %s", [(number,) for number, _ in messages])


ANNOTATIONS = {
    "data_import.celery_tasks.import_dataset": {"max_retries": 0, "on_failure": remove_rows},
    "data_export.celery_tasks.export_dataset": {"max_retries": 0, "before_start": speed_up},
}
