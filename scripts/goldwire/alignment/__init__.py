"""Which spans of several annotators mark the same mention."""
