"""Article text from raw pages: HTML and full-page text dumps.

`api` is the entry, `result` what it returns. `html` and `plaintext` classify blocks and lines; both use `network`,
the small neural networks; `repeats`, `source_links` and `metadata_words`. What recurs over the pages of a source is
learnt by `site_boilerplate`, from `line_fingerprints` counted in `line_frequencies`.
"""
