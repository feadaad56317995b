"""Planning of annotation batches: articles, targets, windows, annotators.

`options` are validated first. `selection` chooses the articles: by `stratification`, by `uncertainty`, with the
probabilities of `inclusion`. `tasks` makes tasks of them, for `windows` and `targets` too, and `annotator_assignment`
gives each to its annotators.
"""
