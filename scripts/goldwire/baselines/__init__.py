"""Simple models of a release's labels, and probes for annotation artefacts.

`evaluation` trains and scores them all: `tagger` for entities; `stance_models` for stances, whose inputs
`stance_context` makes and among which `stance_selection` chooses; `soft_labels` for distributions of labels.
`human_ceiling` sets annotators beside them, `label_f1` compares labels, and `scores` says which results are a warning.
"""
