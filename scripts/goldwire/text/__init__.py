"""Unicode text: decoding, cleaning, offsets, tokens, n-grams and language identification."""
