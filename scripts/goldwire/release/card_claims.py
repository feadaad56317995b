"""Sentences of the dataset card that are true only if certain checks found nothing. Pure.

Each sentence has the codes that it depends on. If one of them found something, or did not see everything, the sentence
is not in the card; what was accepted in its place is under "Bias, Risks, and Limitations".
"""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.release.card_data import CardData

__all__ = ["CLAIMS", "CLAIM_CODES", "NO_LEAK", "accepted_problems", "claims"]

NO_LEAK = (
    "No near-duplicate of an article was found in another split. (Two texts are near-duplicates if the Jaccard index "
    "of their word 5-grams is 0.5 or more, or if one contains most of the other.)"
)

CLAIMS = {
    "leaks": (
        {"article-across-splits", "cluster-across-splits", "text-across-splits", "near-text-across-splits"},
        NO_LEAK,
    ),
    "splits": ({"assignment-changed"}, "No article of an earlier version has changed its split."),
    "offsets": (
        {
            *("text-digest-mismatch", "text-stale", "article-unknown"),
            *("span-text-mismatch", "span-out-of-bounds", "span-empty"),
        },
        "The offsets of every span were compared with its text.",
    ),
    "normalization": ({"text-not-nfc", "text-carriage-return"}, "Texts are NFC with LF line ends."),
    "origin": (
        {"raw-missing", "raw-changed", "origin-broken", "source-unknown"},
        "Each stretch of text is mapped to the bytes of the raw file that it came from.",
    ),
    "decisions": (
        {"decision-missing", "gold-label-missing", "gold-unconfirmed"},
        "Each gold label has a record of how it was decided.",
    ),
    "agreement": (
        {"agreement-stale", "agreement-missing"},
        "The values were computed again from the annotators' labels before the release.",
    ),
    "pseudonyms": ({"annotator-not-pseudonym"}, "Of the annotators, only the pseudonyms are included."),
}

"""The codes that each claim depends on, and its sentence."""

CLAIM_CODES = {name: frozenset(codes) for name, (codes, _) in CLAIMS.items()}
"""The codes that each claim depends on."""


def claims(card: CardData, *names: str) -> Iterator[str]:
    """Yield the sentences of the named claims whose checks found nothing."""
    for name in names:
        if CLAIM_CODES[name] <= card.verified:
            yield CLAIMS[name][1]


def accepted_problems(card: CardData) -> Iterator[str]:
    """Yield a list item for each code of errors that the version contains on purpose."""
    for accepted in card.manifest.accepted:
        yield f"- `{accepted.code}` ({accepted.n_findings}): {accepted.summary}. Accepted because: {accepted.reason}"
