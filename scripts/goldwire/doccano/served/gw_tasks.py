"""A failed import leaves nothing behind, and exports are quick (see `gw_export`).

Doccano tries it three times more, each time from the first row and outside any transaction: 1,500 rows became 6,000
(doccano#2373). One transaction around all of it would hold SQLite's only write lock for as long as the import takes.
"""


def remove_rows(_task, _error, _id, _arguments, keywords, _trace):
    """Celery's `on_failure` of an import: delete the rows that it brought, known by the name of the uploaded file."""
    from django_drf_filepond.models import TemporaryUpload
    from examples.models import Example

    uploads = TemporaryUpload.objects.filter(upload_id__in=keywords["upload_ids"])
    names = [upload.file.name for upload in uploads]
    Example.objects.filter(project_id=keywords["project_id"], filename__in=names).delete()


def speed_up(_task, _id, _arguments, _keywords):
    """Celery's `before_start` of an export, in whichever process runs it."""
    import gw_export

    gw_export.speed_up()


ANNOTATIONS = {
    "data_import.celery_tasks.import_dataset": {"max_retries": 0, "on_failure": remove_rows},
    "data_export.celery_tasks.export_dataset": {"max_retries": 0, "before_start": speed_up},
}
