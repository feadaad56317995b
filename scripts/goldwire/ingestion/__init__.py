"""Readers of raw files, and their conversion to articles.

`readers` yields a `raw_record` per page or row: of `tabular` files, `feeds` and `warc` archives. `conversion` makes
each an article or a rejection: `page_detection` tells dumps of pages from texts, which `clean_text` handles, and
`site_learning` learns what a site repeats. `run_state` compares with the run before, `article_store` holds the lines
on disk, `references` lists the articles that must stay, and `summary` is the report. `corrections` applies a person's
corrections of a text.
"""
