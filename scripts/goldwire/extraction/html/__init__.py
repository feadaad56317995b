"""Article text from HTML pages.

`extractor` is the entry. A page passes `markup` (repairs and limits), `blocks` (its text in blocks), the features of
the blocks (`block_features`, `tree_features`, `class_names`, `block_words`, `cues`) and of other verdicts on them
(`verdict_features` of `heuristics`, `top_candidate` and `second_opinion`), the network, and `decoding`, which chooses
the blocks. `page_kind` and `confidence` judge the page as a whole, `metadata` reads what it states, and `source_map`
traces the text back to the page.
"""
