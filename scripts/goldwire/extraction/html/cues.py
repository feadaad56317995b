"""Cues: short blocks whose words say what follows, such as `Related posts`, `3 comments` or `About the author`.

Names of elements say the same, but only in the markup of sites that name them. The words are English, German, French,
Spanish, Portuguese, Italian and Dutch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["CUES", "cue_features"]

CUES: dict[str, str] = {
    "comments": (
        r"comments?|repl(?:y|ies)|responses?|trackbacks?|pingbacks?|leave a|says|said on|kommentare?|antworten"
        r"|schreibe einen|commentaires?|répondre|comentarios?|comentários?|commenti|rispondi|reacties|reageer|permalink"
    ),
    "related": (
        r"related|recommended|recent|popular|latest|trending|most read|read more|read next|more from|more on|more in"
        r"|more stories|you (?:may|might)|also like|don't miss|up next|see also|similar|previous|next|older|newer"
        r"|archives?|categories|blogroll|ähnliche|verwandte|weitere|mehr zum|mehr von|meistgelesen|lesen sie auch"
        r"|auch interessant|das könnte|neueste|beliebte|vorheriger|nächster|à lire|aussi|articles? liés?"
        r"|relacionad[oa]s"
        r"|leia também|lea también|más leídas|leggi anche|correlati|lees ook|gerelateerd"
    ),
    "share": (
        r"share|tweet|facebook|twitter|linkedin|pinterest|whatsapp|email this|print|bookmark|digg|reddit|stumbleupon"
        r"|delicious|follow us|teilen|drucken|merken|partager|imprimer|compartir|compartilhar|condividi|delen"
    ),
    "author": (
        r"about the author|about me|author|written by|posted by|posted in|posted on|filed under|tagged|tags?"
        r"|by the same"
        r"|über den autor|über die autorin|über mich|autor(?:in)?|verfasst von|veröffentlicht|schlagw[oö]rter|à propos"
        r"|auteur|sobre el autor|sobre o autor|etiquetas|autore|over de auteur"
    ),
    "newsletter": (
        r"newsletter|subscribe|sign up|sign in|log ?in|register|rss|feed|e-?mail address|get the latest|join|download"
        r"|abonnieren|anmelden|registrieren|abonnez|inscri\w+|suscr[ií]\w+|assine|iscriviti|abonneren"
    ),
    "notice": (
        r"copyright|all rights|privacy|cookies?|terms|disclaimer|advertis\w+|sponsored|contact|powered by|impressum"
        r"|datenschutz|agb|anzeige|werbung|mentions légales|publicité|publicidad|publicidade|pubblicità|advertentie"
    ),
    "navigation": r"home|menu|search|skip to|back to|navigation|startseite|suche|zurück|accueil|inicio|início|zoeken",
    "date": (
        r"\d{1,2}:\d\d|(?:19|20)\d\d[-/.]\d+|\d[-/.](?:19|20)\d\d|ago"
        r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d+"
        r"|\d+\.? (?:jan|feb|mar|mär|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*"
    ),
    "references": (
        r"references|sources?|footnotes?|notes|bibliography|further reading|external links|quellen?|einzelnachweise"
        r"|literatur|fuentes|fontes|bronnen"
    ),
}
"""Kinds of cues, each with the pattern of its words. The order is part of the trained weights."""

_MAX_CUE = 80  # characters: a longer block is text
_MAX_DISTANCE = 60  # blocks
# Most short blocks have no cue: one search for all of them instead of nine.
_ANY = re.compile(rf"\b(?:{'|'.join(CUES.values())})(?!\w)")
_PATTERNS = [re.compile(rf"\b(?:{pattern})(?!\w)") for pattern in CUES.values()]


@lru_cache(maxsize=1 << 14)  # the pages of a site share their cues
def _cue_bits(text: str) -> int:
    """Return the kinds of cues in a short text, one bit each."""
    folded = text.casefold()
    if not _ANY.search(folded):
        return 0
    return sum(1 << number for number, pattern in enumerate(_PATTERNS) if pattern.search(folded))


def cue_features(texts: Sequence[str]) -> dict[str, NDArray[np.floating]]:
    """Return which cues each block has, and how far it is below the last block with a cue.

    Parameters
    ----------
    texts : sequence of str
        Texts of blocks in page order.

    Returns
    -------
    dict of str to array of shape (blocks,)
        For each kind of cue, `cue_<kind>`, and `since_<kind>`: log(1 + blocks since the last one above).
    """
    bits = np.array([_cue_bits(text) if len(text) <= _MAX_CUE else 0 for text in texts], np.int64)
    has_cue = (bits[:, None] >> np.arange(len(CUES)) & 1).astype(bool)
    index = np.arange(len(texts))[:, None]
    last = np.maximum.accumulate(np.where(has_cue, index, -_MAX_DISTANCE), axis=0)
    above = np.vstack((np.full((1, len(CUES)), -_MAX_DISTANCE), last[:-1]))
    since = np.log1p(np.minimum(index - above, _MAX_DISTANCE))
    columns: dict[str, NDArray[np.floating]] = {}
    for number, name in enumerate(CUES):
        columns[f"cue_{name}"] = has_cue[:, number].astype(float)
        columns[f"since_{name}"] = since[:, number]
    return columns
