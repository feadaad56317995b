"""SQLite for several simultaneous users."""
