"""The folder layout of a workspace and the readers and writers of its files.

`layout` has the paths, the settings and the lock; `scaffold` creates a workspace, with the table of
`settings_reference`.

- records: `loading` loads them; `jsonl` is the one reader and writer, `indexed_jsonl` reads at random, and
  `assignment_table` is the one table that is only appended to
- files that people write, in TOML by `toml_files`: `label_schema`, `sources`; `guidelines`, `exclusions`
- writing: `atomic`, and `private_files` for what nobody else may read; `positional_read` reads from threads
- `versions` of releases
"""
