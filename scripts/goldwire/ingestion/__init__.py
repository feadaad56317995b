"""Readers of raw files, and their conversion to articles."""
