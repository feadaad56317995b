"""All figures of any layers, without a workspace."""

from __future__ import annotations

from goldwire import agreement
from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from support.factories import article, layer


def test_the_report_of_layers_is_what_agree_computes_for_a_batch() -> None:
    texts = [article(f"Story {n}\n\nAda Brook met Nils Orr.", id=f"wire-{n:012d}") for n in range(6)]
    layers = [
        layer(text, [(9, 18, "PER"), (23, 31, "PER")][: 1 + (n + k) % 2], annotator=f"A{k + 1}")
        for n, text in enumerate(texts)
        for k in range(3)
    ]
    by_id = {text.id: text.text for text in texts}
    context = BatchContext(labels=("PER",), stances=(), texts=by_id, gamma=True)
    expert = layer(texts[0], [], annotator="E1")
    report = agreement.report([*layers, expert], texts=by_id)
    assert repr(report) == repr(measure_batch("b01", layers, context))
    assert report.annotators == ("A1", "A2", "A3")
    assert {"span_f1_exact", "token_alpha", "gamma"} <= {value.name for value in report.values}
    assert all(value.interval or value.reason for value in report.values)


def test_layers_without_texts_and_of_several_batches_are_measured_too() -> None:
    text = article("Story\n\nAda Brook met Nils Orr.")
    one, other = layer(text, [(7, 16, "PER")]), layer(text, [(7, 16, "PER")], annotator="A2", batch="b02")
    report = agreement.report([one, other], gamma=False)
    assert (report.batch, report.articles) == ("", 1)
    assert report.values[0].value == 1
