"""Assignment of articles to train, validation and test.

`strategies` split new groups of articles; `assignment` holds clusters together and never changes a row.
"""
