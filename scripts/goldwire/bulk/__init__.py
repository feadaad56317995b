"""Corpora that are too large for a workspace: Parquet parts in a folder or an object store, on one machine or many.

Each stage is a few steps of small tasks, which `runner` runs and a manifest records, so that a run that was killed
continues. `store` is the folder, `parts` its files, `segments` the rows that pass between steps.

- articles: `articles`, in the columns of `article_table`
- near-duplicates: `deduplication` runs the steps of `postings` (candidates), `components`, `clusters` and `placement`
- splits: `splits`, with `split_steps` for what other stages need of them
- versions: `shards` and `version_files`
- findings: `checks`
- the audit of a dataset: `audited_files`, then `overlaps` between its splits
"""
