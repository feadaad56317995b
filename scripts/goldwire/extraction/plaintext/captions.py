"""Picture captions, recognised by their credit or their first word."""

from __future__ import annotations

import re

from goldwire.extraction.plaintext.boilerplate_patterns import rule

__all__ = ["CAPTION_RULE", "CREDIT_AT_END", "CREDIT_ONLY", "START", "is_caption"]

_LONGEST = 400  # characters: a longer line is prose, regardless of its end
_AGENCY = (
    r"(?:Reuters|AP|AFP|EPA(?:-EFE)?|EFE|DPA|dpa|ANSA|ANI|PTI|TASS|Xinhua|Bloomberg|Getty(?: Images)?|Shutterstock"
    r"|Alamy"
    r"|iStock|Handout|KCNA|Unsplash|Pixabay|Wikimedia(?: Commons)?|[Ff]ile(?: [Pp]hoto)?"
    r"|[A-Z][\w ]{1,30} (?:Photo|Images|Pictures|Agency|Press|Service))"
)
_BY = r"[A-Z][\w.'’ -]{1,40}"
_CREDIT_TEXT = (
    r"(?:[Pp]hoto(?:graph|s)?|PHOTO|[Pp]icture|[Ii]mage|[Ff]oto|[Cc]redit|[Cc]ourtesy|[Ii]llustration)"
    r"(?: [Cc]redit)?(?: by|:| ?/| courtesy| of)[ :]?(?:[^.]|\b[A-Z]\.){2,60}\)?\.?$"
)
CREDIT_AT_END = re.compile(
    r"[—–|/(\[.”\"’)-](?:"  # one class that all alternatives begin with: a search that finds none of it tries nothing
    rf"(?:(?<=[—–|/-]) ?|(?<=[(\[])|(?<=\.) )(?:{_BY} ?[/|,] ?)?{_AGENCY}(?: ?[/|,] ?{_BY})?[)\].]?$"
    rf"|(?<=[—–]) ?[A-Z][\w.'’&-]{{0,20}}(?: [A-Z][\w.'’-]{{1,20}}){{0,2}} ?/ ?{_BY}$"
    rf"|(?<=[(\[])(?:[Tt]he )?{_BY} ?/ ?(?:[Tt]he )?{_BY}[)\]]\.?$"
    rf"|(?:(?<=[.”\"’)]) ?|(?<=\()){_CREDIT_TEXT}"
    r"|(?<=[(\[])(?:[A-Z]?\w+ )?(?:[Pp]hoto|[Pp]icture|[Ii]mage|[Cc]redit|[Ss]ource)\b[^)\]]{0,80}[)\]]\.?$"
    r"|(?<=\()(?:AP|AFP|EPA|Reuters|Getty|File)\b[^)]{0,60}\)$)"
)
_TAIL = 130  # characters: a credit is in the last 130 of its line
# A credit followed by the end of a sentence has one of these: tested last, since the pattern is faster in prose.
_HINTS = ("hoto", "HOTO", "icture", "mage", "Foto", "redit", "ourtesy", "llustration", "/", "(AP", "(AFP", "Reuters")
_ENDS = frozenset('.!?…”"’')
CREDIT_ONLY = re.compile(_CREDIT_TEXT)  # a line that is nothing but a credit
START = re.compile(
    r"(?:[Pp]hoto|PHOTO|[Ii]mage|IMAGE|[Pp]icture|[Cc]aption|CAPTION|[Ff]ile(?: photo| picture)?|FILE(?: PHOTO)?"
    r"|[Aa]bove"
    r"|[Pp]ictured|[Ii]llustration|[Vv]ideo)(?: [Cc]aption)? ?[:–—|-] ?\S|FILE\b|\(?[Ff]ile photo"
)
_STARTS = frozenset("PpIiCcFfAaVv(")

# The keys are the words of the two patterns above.
CAPTION_RULE = rule(
    "caption",
    "picture credit",
    any_word="""reut ap afp epa efe dpa ansa ani pti tass xinh bloo gett shut alam isto hand kcna unsp pixa wiki file
        phot imag pict agen pres serv foto cred cour illu sour /""",
    first_word="capt abov vide",
)


def is_caption(line: str) -> bool:
    """Whether a line is a picture caption, by its credit or its first word."""
    if len(line) >= _LONGEST:
        return False
    if line[:1] in _STARTS and START.match(line) is not None:
        return True
    if CREDIT_AT_END.search(line, max(0, len(line) - _TAIL)) is None and (
        len(line) > _TAIL or CREDIT_ONLY.match(line) is None
    ):
        return False
    return line[-1:] not in _ENDS or any(hint in line for hint in _HINTS)
