"""Lines under pictures, known by their credit or their first word."""

from __future__ import annotations

import re

from goldwire.extraction.plaintext.named import row

__all__ = ["ALONE", "CAPTION", "CREDIT", "START", "is_caption"]

_LONGEST = 400  # characters: a longer line is prose, whatever it ends with
_AGENCY = (
    r"(?:Reuters|AP|AFP|EPA(?:-EFE)?|EFE|DPA|dpa|ANSA|ANI|PTI|TASS|Xinhua|Bloomberg|Getty(?: Images)?|Shutterstock"
    r"|Alamy"
    r"|iStock|Handout|KCNA|Unsplash|Pixabay|Wikimedia(?: Commons)?|[Ff]ile(?: [Pp]hoto)?"
    r"|[A-Z][\w ]{1,30} (?:Photo|Images|Pictures|Agency|Press|Service))"
)
_BY = r"[A-Z][\w.'’ -]{1,40}"
_TOLD = (
    r"(?:[Pp]hoto(?:graph|s)?|PHOTO|[Pp]icture|[Ii]mage|[Ff]oto|[Cc]redit|[Cc]ourtesy|[Ii]llustration)"
    r"(?: [Cc]redit)?(?: by|:| ?/| courtesy| of)[ :]?(?:[^.]|\b[A-Z]\.){2,60}\)?\.?$"
)
CREDIT = re.compile(
    r"[—–|/(\[.”\"’)-](?:"  # one class that all begin with: where a search finds none, it tries nothing
    rf"(?:(?<=[—–|/-]) ?|(?<=[(\[])|(?<=\.) )(?:{_BY} ?[/|,] ?)?{_AGENCY}(?: ?[/|,] ?{_BY})?[)\].]?$"
    rf"|(?<=[—–]) ?[A-Z][\w.'’&-]{{0,20}}(?: [A-Z][\w.'’-]{{1,20}}){{0,2}} ?/ ?{_BY}$"
    rf"|(?<=[(\[])(?:[Tt]he )?{_BY} ?/ ?(?:[Tt]he )?{_BY}[)\]]\.?$"
    rf"|(?:(?<=[.”\"’)]) ?|(?<=\()){_TOLD}"
    r"|(?<=[(\[])(?:[A-Z]?\w+ )?(?:[Pp]hoto|[Pp]icture|[Ii]mage|[Cc]redit|[Ss]ource)\b[^)\]]{0,80}[)\]]\.?$"
    r"|(?<=\()(?:AP|AFP|EPA|Reuters|Getty|File)\b[^)]{0,60}\)$)"
)
_TAIL = 130  # characters: where a credit ends the line
# One of these a credit has where a sentence's end follows it: asked last, for in a paragraph the pattern is faster.
_HINTS = ("hoto", "HOTO", "icture", "mage", "Foto", "redit", "ourtesy", "llustration", "/", "(AP", "(AFP", "Reuters")
_ENDS = frozenset('.!?…”"’')
ALONE = re.compile(_TOLD)  # a line that is nothing but a credit
START = re.compile(
    r"(?:[Pp]hoto|PHOTO|[Ii]mage|IMAGE|[Pp]icture|[Cc]aption|CAPTION|[Ff]ile(?: photo| picture)?|FILE(?: PHOTO)?"
    r"|[Aa]bove"
    r"|[Pp]ictured|[Ii]llustration|[Vv]ideo)(?: [Cc]aption)? ?[:–—|-] ?\S|FILE\b|\(?[Ff]ile photo"
)
_STARTS = frozenset("PpIiCcFfAaVv(")

# Where a credit or a caption's first word may be: the words of the two patterns above.
CAPTION = row(
    "caption",
    "picture's credit",
    keys="""reut ap afp epa efe dpa ansa ani pti tass xinh bloo gett shut alam isto hand kcna unsp pixa wiki file phot
        imag pict agen pres serv foto cred cour illu sour /""",
    first="capt abov vide",
)


def is_caption(line: str) -> bool:
    """Tell whether a line shows by its credit or its first word that it stands under a picture."""
    if len(line) >= _LONGEST:
        return False
    if line[:1] in _STARTS and START.match(line) is not None:
        return True
    if CREDIT.search(line, max(0, len(line) - _TAIL)) is None and (len(line) > _TAIL or ALONE.match(line) is None):
        return False
    return line[-1:] not in _ENDS or any(hint in line for hint in _HINTS)
