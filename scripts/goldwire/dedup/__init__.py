"""Near-duplicate texts, exact at any size of the corpus.

`near_duplicates` is the entry. `sketches` samples each text, `candidates` finds pairs with a common sample, `jaccard`
compares them exactly, and `clustering` cuts chains that would join dissimilar texts. `engines` runs this in threads,
or in Daft by `daft_engine`; `text_store` holds the texts on disk meanwhile.
"""
