"""Article text from HTML pages."""
