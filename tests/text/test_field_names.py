"""Names of fields in one spelling."""

from __future__ import annotations

import pytest

from goldwire.text.field_names import plain_name


@pytest.mark.parametrize("name", ["article_body", "articleBody", "Article Body", " ARTICLE-BODY ", "article.body"])
def test_spellings_of_a_name_are_one(name: str) -> None:
    assert plain_name(name) == "article_body"
