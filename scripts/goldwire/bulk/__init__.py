"""Corpora that are too large for a workspace: Parquet parts in a folder or an object store, on one machine or many."""
