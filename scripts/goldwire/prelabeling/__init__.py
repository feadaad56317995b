"""Suggested labels that annotators start from."""
