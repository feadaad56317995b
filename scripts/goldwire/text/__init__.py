"""Unicode text: decoding, cleaning, offsets, tokens, n-grams and language identification.

- from bytes: `encodings`, `mojibake`, `normalization` and `unwrapping`, on the flags of `scan` and the table of
  `characters`; `provenance` traces each piece of the text back to the raw page
- positions: `offsets` in code points, UTF-16 and UTF-8; `boundaries`, `display_limits`
- segments: `tokenization`, `sentences`, `words`, `bio_tags`
- many texts at once: `batches`, `ngrams`, `hash_lookup`
- names and languages: `name_search`, `language_id`, `urls`
"""
