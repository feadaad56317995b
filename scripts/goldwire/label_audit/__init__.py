"""Labels that are likely wrong: models that did not see them, copies, surfaces and the habits of annotators. Pure.

`label_audit` gathers all evidence as `suspects` and ranks it. Models judge articles of other `folds`: of the labels
of spans (`span_labels`) and of `stances` by `confident_learning`, and of `unmarked_spans`. `surfaces` and `copies`
compare places that should have the same label, and `annotator_habits` compares the annotators.
"""
