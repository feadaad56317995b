"""Planning of annotation batches: articles, targets, windows, annotators."""
