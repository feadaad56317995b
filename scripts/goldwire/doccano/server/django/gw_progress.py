"""An annotator's progress: totals, the next text that is not done, and the state of single texts."""

from examples.models import Comment, Example, ExampleState
from examples.views.example import ExampleList
from gw_state import labels_differ
from labels.models import Category, Relation, Span
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

MAX_STATES = 1000
"""Texts whose state one request may ask for: a page of the list has at most 100."""


class ProgressView(ExampleList):
    """GET, for members. All filters of Doccano's own list of texts apply (`q`, `confirmed`, `ordering`).

    - `after=N`: `total` and `done` (numbers of texts), and `next`: the position (from 1) of the first text after the
      Nth that is not done, or of the first of all; 0 if all are done.
    - `states=1,2`: for each id, `done`, `started` or `untouched`. A text with nothing but its pre-labels is untouched.
    """

    http_method_names = ("get", "head", "options")

    def get(self, request, *_arguments, **_keywords):
        """Read ids only: Doccano's list reads every text, in four queries each."""
        try:
            asked = [int(number) for number in request.GET.get("states", "").split(",") if number]
            after = int(request.GET.get("after", "0"))
        except ValueError:
            raise ParseError("goldwire: not a number") from None
        if len(asked) > MAX_STATES:
            raise ParseError(f"goldwire: more than {MAX_STATES} texts")
        project = self.project
        ticks = ExampleState.objects.filter(example__project=project)
        if not project.collaborative_annotation:
            ticks = ticks.filter(confirmed_by=request.user)
        if asked:
            return Response({"states": _states(project, asked, ticks)})
        done, order = set(ticks.values_list("example_id", flat=True)), self._order()
        unfinished = [position for position, number in enumerate(order, 1) if number not in done]
        following = next((position for position in unfinished if position > after), 0)
        totals = {"total": len(order), "done": len(order) - len(unfinished)}
        return Response({**totals, "next": following or (unfinished[0] if unfinished else 0)})

    def _order(self):
        return list(self.filter_queryset(self.get_queryset()).values_list("id", flat=True))


def _states(project, asked, ticks):
    metadata = dict(Example.objects.filter(project=project, pk__in=asked).values_list("id", "meta"))
    done = set(ticks.filter(example_id__in=metadata).values_list("example_id", flat=True))
    started = _started(project, {number: meta for number, meta in metadata.items() if number not in done})
    return {
        number: "done" if number in done else "started" if number in started else "untouched" for number in metadata
    }


def _started(project, metadata):
    """Return the ids of the texts in which somebody has worked."""
    prelabels = {number: meta["gw_prelabels"] for number, meta in metadata.items() if meta.get("gw_prelabels")}
    started = set(Comment.objects.filter(example_id__in=metadata).values_list("example_id", flat=True))
    started |= labels_differ(project.pk, prelabels)
    for model in (Span, Relation, Category):
        rows = model.objects.filter(example_id__in=metadata.keys() - prelabels.keys())
        # In an expert's project, goldwire itself has added labels: disputed ones, and those that are agreed on.
        disputed = [number for number, meta in metadata.items() if "gw_disputes" in meta]
        rows = rows.exclude(example_id__in=disputed, user__is_staff=True)
        started.update(rows.values_list("example_id", flat=True))
    return started
