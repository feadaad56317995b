"""Released versions of the dataset: tables, Parquet files, card, manifest, reader, and the Hub."""
