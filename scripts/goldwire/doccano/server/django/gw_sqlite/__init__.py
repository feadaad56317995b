"""SQLite for several people at once."""
