"""Validation of a workspace: rules, findings, waivers, reports.

A `rule` says what a code means, and stands in `rules` beside the `check` that reports it; `registry` collects them.

1. `snapshot_reader` reads a workspace into a `snapshot`. `workspace_files` knows its paths; `file_bytes`, `parsing`
   and `document_parsing` turn what cannot be read into findings.
2. `runner` runs the checks, level by level.
3. `waivers` takes away what a person has accepted, and `git_baseline` what a change did not introduce.
4. `report` writes the rest as text, JSON, JUnit, SARIF or annotations of GitHub.

`fixes` corrects the form of files, `release_gate` decides what a version may contain, `venues` compares a version
with what a venue asks for. `released_rows` and `released_labels` read the Parquet files of a version, and
`differences` compares what is stored with what is computed again.
"""
