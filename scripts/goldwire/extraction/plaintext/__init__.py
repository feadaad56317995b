"""Article text from full-page text dumps."""
