"""Split a text into sentences with offsets, in any language.

The stops of all scripts end a sentence; whether a full stop does depends on the words around it. English has rules of
its own: the field's best splitters score .944-.956 on news, within error of each other and of these rules (.955). The
abbreviations of other languages are those of Wikimedia's sentencex; the suppressions of ICU lack `z. B.`, `EE. UU.` and
dates such as `3. Oktober`. Thai and Lao have no stops: only a line end ends a sentence there, as in ICU and sentencex.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from goldwire.text.words import needs_dictionary

__all__ = ["SENTENCE_STOPS", "sentences"]

# 1. English

# Titles and abbreviations after which a name or a number follows, and some that other languages share.
_TITLES = """
    Mr Mrs Ms Dr Prof Rev Rt Fr Sr Jr St Mt Ft Gov Sen Rep Gen Lt Col Capt Cmdr Sgt Maj Adm Pres Hon Messrs Mme Mlle
    Shri Smt Supt Dist Asst Dir Amb Sec Atty Brig Insp vs
    Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec
"""
# An abbreviation that may end a sentence ends one if the next word can only open a sentence.
_MAY_END = "Inc Corp Ltd Co Bros Ave Blvd Rd U.S U.K U.N E.U D.C a.m p.m al etc Jr Sr Ph.D B.A M.A"
_ABBREVIATED = frozenset(f"{_TITLES} {_MAY_END} i.e e.g cf approx est dept Dept".split())
_BEFORE_NUMBERS = frozenset(("No", "Nos", "no", "nos", "Art", "art", "Vol", "vol", "Fig", "Figs", "p", "pp"))

# 2. Other languages: abbreviations that sentencex lacks, those that may end a sentence, and words that open one

_MORE_ABBREVIATIONS = {
    "de": "Abg Abt Bd Bhf Fa Fr Frl Hbf Hr Hrsg Nrn Tel Jan Feb Apr Aug Sept Okt Nov Dez",
    "es": "p.ej Ud Uds Gral Exmo Excmo Lic Ing Arq",
    "fr": "M MM Mme Mmes Mlle Me Mgr",
    "hi": "डॉ श्री श्रीमती प्रो पं स्व कु मो रु ई",
    "it": "On Sen Avv Ing Arch Geom Rag Dott Dott.ssa Prof.ssa Sig Sig.ra Sigg S",
    "pl": "al godz hab inż ks mgr pl św ul",
    "pt": "Exmo Exma Gen Cel Sgto Dep Sen V.Exa séc sécs pág págs",
    "ru": "г д им кв корп наб о обл пер пл пр просп р ред стр т ул",
}
_MAY_END_BY_LANGUAGE = {
    "de": "usw etc Mio Mrd Chr",
    "en": _MAY_END,
    "es": "UU EE.UU A S.A m p.m a.m etc Cía",
    "fr": "etc av apr",
    "it": "ecc C a.C d.C S.p.A",
    "pt": "etc S.A Cia",
}
_OPENERS = {
    "de": """
        Der Die Das Den Dem Ein Eine Er Sie Es Wir Ihr Ich Doch Aber Und Im In Am An Auf Bei Nach Vor Für Mit Laut Zu
        Dann Danach Dabei Damit Dazu So Wenn Als Auch Seit Trotz Wegen Während
    """,
    "en": """
        The A An He She It They We I You But And In On At For If As When While After Before Since This That These Those
        There His Her Their Its Our My What Who How Why Where Under Despite However Meanwhile According
    """,
    "es": """
        El La Los Las Lo Un Una Él Ella Ellos Ellas Yo En Por Para Pero Y Según Esto Esta Este Ese Esa Su Sus Con Sin Si
        Cuando Desde Tras Además Aunque También
    """,
    "fr": """
        Le La Les L Un Une Il Elle Ils Elles On Nous Vous Je Mais Et En Dans Par Pour Selon Ce Cette Ces Son Sa Ses Si
        Quand Depuis Après Avant Avec Sans
    """,
    "it": """
        Il Lo La I Gli Le L Un Una Lui Lei Loro Noi Ma E In Nel Nella Per Con Secondo Questo Questa Quando Dopo Prima Se
    """,
    "pt": """
        O A Os As Um Uma Ele Ela Eles Elas Eu Mas E Em No Na Nos Nas Por Para Segundo Este Esta Isso Seu Sua Com Sem Se
        Quando Depois
    """,
}
_ORDINAL_STOPS = frozenset(
    ["cs", "da", "de", "et", "fi", "hr", "hu", "is", "lv", "nb", "nn", "no", "sk", "sl", "sr", "tr"]
)
"""Languages that write an ordinal as a number with a full stop."""

# 3. All scripts

_WIDE = "։؟۔܀-܂߹।॥။።፧፨᙮᠃᠉។៕᪨-᪫᭚᭛᭞᭟᰻᰼᱾᱿‼‽⁇-⁉⸮⸼。꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝-꩟꫰꫱꯫﹒﹖﹗！？｡།༎"
"""Stops that end a sentence without a space after them, from the property Sentence_Terminal of Unicode."""
SENTENCE_STOPS = frozenset(
    ".!?…" + re.sub("(.)-(.)", lambda ends: "".join(map(chr, range(ord(ends[1]), ord(ends[2]) + 1))), _WIDE)
)
"""Characters that end a sentence, in all scripts."""
_MORE_STOPS = {"el": ";", "hy": ":"}
"""Greek writes its question mark as a semicolon, and Armenian texts often their full stop as a colon."""
_CONTINUES_QUOTE = re.compile(
    r"[」』](?:と|って|など|という|の|を|が|に|は[^い])"
    r"|[”」』\"]\w{1,15}(?:[说說问問]|[说說问問喊叫答回写寫反]道|表示|回答)[，。：；！]"
)
"""Japanese: the sentence around a quotation that ends in a full stop goes on. Chinese: its speaker follows."""
_WORD_BEFORE = re.compile(r"[^\s\"“”«»‹›„()\[\],;:!?…—–]*\Z")
_ROMAN = re.compile("[IVXLC]{2,}")
_RUSSIAN_END = re.compile(r"(?:\d[ \u00a0]?[а-я]+|\bт\.[ \u00a0]?[дп])\.\W*\Z")
"""Russian: a unit (`в 2020 г. Он`) or `и т. д.` ends a sentence before an upper-case letter."""
_QUOTES = str.maketrans(dict.fromkeys("\"'“”‘’«»‹›„‚「」()[]", " "))
_CONTEXT = 60  # characters: more than any abbreviation of several words has


@cache
def _break_pattern(language: str) -> re.Pattern[str]:
    """Return the pattern of the places where a sentence may end."""
    stops = f".!?…{_MORE_STOPS.get(language, '')}"
    return re.compile(
        # A mark beside the stop closes, whichever it is; after a space only the French one does.
        rf"""(?P<end>(?P<stop>[{stops}]+)['"“”‘’«»‹›)\]]*(?:[^\S\n]»(?=[\s.,;:]))?)(?P<space>[^\S\n]+)"""
        r"""(?=['"“‘«»‹›„‚(\[¿¡…—–-]*\s?(?P<next>\w+|[#@$€£¥₹\U0001f000-\U0001faff]))"""
        rf"|(?P<wide>(?<!\d)[.!?…]*[{_WIDE}][.!?…{_WIDE}]*+[”’»›)\]」』】》〉）]*+)(?=\s*\S)"
        r"|(?P<line>\n+)"
    )


def sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Split a text into sentences; a line end always ends a sentence.

    Parameters
    ----------
    text : str
        The text.
    language : str
        Code of its language, such as `de` or `pt-BR`, for its abbreviations. Default: "en".

    Returns
    -------
    list of (int, int)
        Half-open offsets in code points: sorted and disjoint, without white space at either end.

    Examples
    --------
    >>> text = "Mr. Roe left. She stayed."
    >>> [text[start:end] for start, end in sentences(text)]
    ['Mr. Roe left.', 'She stayed.']
    >>> text = "Das kostet z. B. 3 Euro. Mehr nicht."
    >>> [text[start:end] for start, end in sentences(text, "de")]
    ['Das kostet z. B. 3 Euro.', 'Mehr nicht.']
    """
    language = language.lower().replace("_", "-").partition("-")[0]
    language = "en" if language in ("und", "mul", "") else language
    spans, start = [], 0
    for match in _breaks(text, language):
        if match["line"] is not None:
            end = match.start()
        elif match["wide"] is not None:
            end = _wide_end(text, start, match)
        else:
            end = match.end("end") if _ends_sentence(text, start, match, language) else 0
        if end:
            spans.append((start, end))
            start = max(end, match.end()) if match["line"] is not None else end
    spans.append((start, len(text)))
    return [trimmed for span in spans if (trimmed := _trim(text, *span)) is not None]


def _breaks(text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield the places where a sentence may end.

    Only a stop or a line end is compared with the pattern: four times as fast as the comparison at each character.
    """
    pattern, position = _break_pattern(language), 0
    for stop in _stop_pattern(language).finditer(text):
        if stop.start() >= position and (match := pattern.match(text, stop.start())) is not None:
            position = match.end()
            yield match


@cache
def _stop_pattern(language: str) -> re.Pattern[str]:
    """Return the pattern of the first character of a place where a sentence may end."""
    return re.compile(f"[.!?…{_MORE_STOPS.get(language, '')}{_WIDE}\n]")


def _wide_end(text: str, start: int, stop: re.Match[str]) -> int:
    """Return the end of the sentence at a stop that needs no space, or 0 if the sentence goes on."""
    end = stop.end()
    if text[end] == '"' and text.count('"', start, end) % 2:  # it closes what was opened
        end += 1
    if text[end - 1] in '”」』"' and _CONTINUES_QUOTE.match(text, end - 1):
        return 0
    following = text[end:].lstrip()[:1]
    return 0 if following.islower() else end


def _ends_sentence(text: str, start: int, stop: re.Match[str], language: str) -> bool:
    """Whether a stop before a space ends the sentence from `start`, by the words before and after it."""
    after = stop["next"]
    if after[0].islower():
        return False
    if stop["stop"] != ".":
        return True
    word = _WORD_BEFORE.search(text[max(start, stop.start() - 20) : stop.start()])
    before = word[0].lstrip("'’-") if word else ""
    opens = after in _words(_OPENERS.get(language, ""))
    if before in _words(_MAY_END_BY_LANGUAGE.get(language, "")) or before.lower() in ("a.m", "p.m"):
        return opens
    if needs_dictionary(before[-1:]):  # Thai writes the full stop after abbreviations only
        return False
    if language != "en":
        return _ends_by_abbreviations(text[start : stop.end()], before, after, language)
    if before in _ABBREVIATED or (before in _BEFORE_NUMBERS and after[0].isdigit()):
        return False
    return opens or not _is_initial(before)


def _is_initial(word: str) -> bool:
    """Whether a word is one letter that stands for a name: an upper-case one, or one of Arabic or Hebrew."""
    return len(word) == 1 and word != "I" and (word.isupper() or "\u05d0" <= word < "\u0900")


def _ends_by_abbreviations(sentence: str, before: str, after: str, language: str) -> bool:
    """Whether the full stop at the end of `sentence` ends it, in a language other than English."""
    from sentencex import get_sentence_boundaries

    context = sentence[-_CONTEXT:]
    if language == "ru" and _RUSSIAN_END.search(context):
        return True
    is_plain = not before or (before in ("No", "no") and not after[0].isdigit()) or _ROMAN.fullmatch(before)
    if is_plain and language not in _ORDINAL_STOPS:
        return True
    if _is_initial(before) or before.lower() in _words(_MORE_ABBREVIATIONS.get(language, "").lower()):
        return False
    if language in _ORDINAL_STOPS and before.isdecimal() and len(before) <= 2:
        return after in _words(_OPENERS.get(language, ""))
    # sentencex leaves quotations whole: without quotation marks it looks at every stop.
    context = context.translate(_QUOTES).encode("utf-8", "replace").decode()
    ends = [found["end_index"] for found in get_sentence_boundaries(language, context + after)]
    return any(len(context.rstrip()) <= end <= len(context) for end in ends)


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return a range without white space at its ends, or None if nothing else is in it."""
    piece = text[start:end]
    if not piece.strip():
        return None
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
