"""A dataset version: tables, Parquet, card, manifest, and its reader."""
