"""Article text from raw pages: HTML and full-page text dumps."""
