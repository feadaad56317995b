"""Assignment of articles to train, validation and test."""
