"""Alignment of several annotators' spans: the one implementation of which spans are the same mention.

`span_matching` matches the spans of two annotators, `mentions` aligns those of any number and the stances between
them, and `entity_names` groups the names in an article that mean the same entity.
"""
