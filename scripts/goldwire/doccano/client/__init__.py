"""Requests to any Doccano server."""
