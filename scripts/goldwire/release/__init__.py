"""Released versions of the dataset: tables, Parquet files, card, manifest, reader, and the Hub.

- what goes in: `inputs` reads the gold, `rows` and `candidates` are the rows, `features` their columns, `vote_shares`
  the soft labels; `assembly` builds the tables and `card_data`
- files: `parquet`, and `writer` with the manifest
- the card: `dataset_card`, with `card_metadata`, `card_claims`, `card_baselines`, `statements`, `training_content`,
  `charts` and `markdown`; `datasheet`
- other documents: `croissant`, `responsible_ai`, `frictionless`, `citation`
- without text: `standoff`, and `reanchoring` in another copy of an article
- afterwards: `reader`, `documents`, `diff` with `gold_contents`, and `hub` with `publication`
"""
