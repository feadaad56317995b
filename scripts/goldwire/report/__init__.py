"""Records in, HTML out: pages that open anywhere, with no network.

`agreement` is the report of a batch, with `verdict`, `passages` and `phrasing`; `tables` has the same figures as CSV
and LaTeX. `dashboard` is the status of a batch, served from a `page_cache`; `certificate` is that of a machine, and
`handouts` has a card per annotator. `pages` is what they share.
"""
