"""The folder layout of a workspace and the readers and writers of its files."""
