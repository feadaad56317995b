"""Records in, HTML out: pages that open anywhere, with no network."""
