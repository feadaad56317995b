"""Doccano's own exports without reading every text once per label.

Doccano joins each label to its example, text and all, and queries the database twice more for each relation: 10,000
texts of 3 kB with 100,000 spans and 20,000 relations take it 35 s. The output is the same, with labels in the order in
which they were created, which Doccano leaves undefined.
"""

from collections import defaultdict

from data_export.models import ExportedRelation
from data_export.pipeline.comments import Comments
from data_export.pipeline.labels import Labels

# The fields of each model that an export contains: others, such as times, take three quarters of the reading.
_EXPORTED_FIELDS = {
    "ExportedSpan": ("example_id", "start_offset", "end_offset", "label__text"),
    "ExportedRelation": ("example_id", "from_id_id", "to_id_id", "type__text"),
    "ExportedCategory": ("example_id", "label__text"),
}


def speed_up():
    """Replace the methods by which an export finds its labels and comments."""
    Labels.__init__ = _labels
    Comments.__init__ = _comments
    ExportedRelation.to_dict = _relation


def _labels(self, examples, user=None):
    labels = self.label_class.objects.filter(example__in=examples.order_by().values("pk"))
    if user:
        labels = labels.filter(user=user)
    self.label_groups = defaultdict(list)
    fields = _EXPORTED_FIELDS.get(self.label_class.__name__)
    labels = labels.only(*fields) if fields else labels
    for label in labels.select_related(*self.fields[1:]).order_by("pk"):
        self.label_groups[label.example_id].append(label)


def _comments(self, examples, user=None):
    comments = self.comment_class.objects.filter(example__in=examples.order_by().values("pk"))
    if user:
        comments = comments.filter(user=user)
    self.comment_groups = defaultdict(list)
    for comment in comments.order_by("pk"):
        self.comment_groups[comment.example_id].append(comment)


def _relation(self):
    return {"id": self.id, "from_id": self.from_id_id, "to_id": self.to_id_id, "type": self.type.text}
