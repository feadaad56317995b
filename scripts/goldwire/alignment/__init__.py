"""Alignment of several annotators' spans: pairwise matching, mentions, and names of one entity."""
