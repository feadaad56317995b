"""What a scraper brings that the journalist did not write, known by its own words: one table of zones and patterns.

The patterns name lines that say what they are. Lines that only their place gives away are `goldwire.zones`' work.
"""

from __future__ import annotations

import re

__all__ = ["NAMED", "Named", "is_caption", "name_line"]

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}})"
_NETWORK = r"(?:facebook|twitter|x|whatsapp|linked ?in|pinterest|e-?mail|print|copy link|reddit|telegram|flipboard|tumblr|messenger|instagram|youtube|threads|bluesky|mastodon|google\+|line|viber|pocket|rss)"
_NAME = r"[A-Z][\w.'’-]*(?: (?:[a-z]{1,3} )?[A-Z][\w.'’-]*){0,4}"

Named = tuple[str, str, re.Pattern[str]]


def _rows(zone: str, flags: int, **patterns: str) -> list[Named]:
    return [(zone, why.replace("_", " "), re.compile(pattern, flags)) for why, pattern in patterns.items()]


_I = re.IGNORECASE
NAMED: tuple[Named, ...] = tuple(
    _rows(
        "comments",
        _I,
        comment_form=r"(?:please )?enter your (?:comment|name|email|e-mail|website).{0,60}|leave (?:a|your) (?:reply|comment).{0,40}|cancel reply|post (?:a )?comment.{0,10}|save my name.{0,120}|your email address will not be published.{0,60}|.{0,20}log ?in to (?:leave|post) (?:a )?comment.{0,20}|join the (?:conversation|discussion).{0,20}|you have entered an incorrect email.{0,40}|comments? (?:are )?closed.{0,20}|(?:name|email|website|comment):? ?\*?",
        comment_count=r"(?:\d[\d,.]*|no|view|show|recent|latest|load|read|see|add|write|all)? ?(?:all |more |a |the )?(?:comments?|replies|reply)(?: ?\(?\+?\d*\)?| on .{0,80})?",
    )
    + _rows(
        "ads",
        _I,
        advertisement=r"[-–—\[(* ]{0,4}(?:advert(?:is(?:e)?ment)?s?|ads?|anzeige|publicidad|publicité|sponsored(?: content| links?| by .{0,40})?|paid (?:content|post)|promoted|ad feedback|skip ad)[-–—\])* ]{0,4}",
        advertisement_break=r".{0,3}(?:story|article|post) continues (?:below|after).{0,40}|advertisement\b.{0,60}|scroll (?:down )?(?:to continue|for more).{0,40}",
    )
    + _rows(
        "newsletter",
        _I,
        newsletter_box=r".{0,80}\b(?:sign[- ]?up|subscribe|register)\b.{0,60}\b(?:newsletter|inbox|e-?mails?|alerts|updates|free)\b.{0,80}|subscribe(?: now| today| here)?!?|.{0,60}\b(?:straight|delivered|direct(?:ly)?|right|sent)\b.{0,15}\bto your (?:inbox|e-?mail)\b.{0,40}|(?:enter )?your e-?mail(?: address)?.{0,20}|newsletters?(?: sign-?up)?|.{0,40}\bget (?:the|our)\b.{0,50}\b(?:newsletter|inbox)\b.{0,60}|download our app.{0,40}|follow us (?:on|at)\b.{0,80}|(?:click here )?to join our (?:whatsapp|telegram).{0,60}",
    )
    + _rows(
        "cookie",
        _I,
        cookie_notice=r".{0,200}\bcookies?\b.{0,100}\b(?:consent|accept|agree|policy|experience|preferences|settings|continu\w+|analy\w+|traffic)\b.{0,300}|.{0,80}\b(?:accept|reject|manage|use of|uses?)\b.{0,40}\bcookies\b.{0,200}|(?:accept|reject|allow|manage)(?: (?:all|preferences|settings|options))+",
    )
    + _rows(
        "legal",
        _I,
        copyright=r".{0,30}(?:©|\(c\) ?(?:19|20)\d\d|\bcopyright\b).{0,200}|.{0,160}\ball rights reserved\b.{0,160}|terms (?:of|and|&) (?:use|service|conditions).{0,60}|(?:your )?privacy (?:policy|notice|rights|settings|choices).{0,40}|.{0,120}may not be (?:reproduced|published|republished|copied).{0,200}|do not sell.{0,40}",
    )
    + _rows(
        "share",
        _I,
        share_bar=rf"(?:share|tweet|pin|post|send|follow|like)(?: (?:this|it|us|article|story|page|post))*(?: ?(?:on|via|with|by|to)? ?{_NETWORK})*:?|(?:(?:share |click to share )?(?:on |via |by |to )?{_NETWORK}(?: \(opens in new window\))?[ ,|•·/]*)+|\d[\d.,]*k? ?(?:shares?|views|likes|tweets)|(?:click )?to share\b.{{0,40}}|copy(?: link)?|link copied.{{0,20}}",
    )
    + _rows(
        "tags",
        _I,
        tags=r"(?:related )?(?:tags?|topics?|keywords?|filed under|categories|category|more about)\b ?:.{0,300}|(?:related )?(?:tags|topics|filed under)",
    )
    + _rows(
        "source-link",
        _I,
        source_link=r"(?:news )?source(?: link)?:?|source ?: ?\S{1,40}|via ?: ?\S{1,40}|(?:view|read|see) (?:the )?(?:full|original|complete) (?:story|article|post|source)?.{0,60}|(?:this (?:story|article|post) )?(?:was )?(?:originally|first) (?:published|appeared|posted) (?:on|in|at|by)\b.{0,120}|https?://\S+|the post .{5,160} appeared first on .{2,60}",
    )
    + _rows(
        "related",
        _I,
        related_links=r"(?:[>»→•▶*–-] ?)?(?:(?:also|must|further) read(?:ing)?|read (?:also|more|next|this|on)|see also|also see|related|don['’]t miss|up next|watch(?: now| also| live)?|more (?:on this|like this)|recommended|in pictures|explained|listen)(?: ?[:|»>–-].{0,200}| ?\.{0,3})|(?:most|more|latest|top|popular|trending|related|recent|recommended|featured|editors?['’]? ?s?|other|must|breaking|similar|today['’]s|our|you might|people) (?:popular|read|viewed|shared|news|stories|articles|posts?|videos?|picks?|headlines|now|reads?|topics|coverage|content|links|updates|searches|from .{2,40}|on .{2,40}|stories from .{2,40})(?: .{0,20})?|(?:you (?:may|might)|we think you['’]?(?:ll| will| might)?) also (?:like|be interested).{0,30}|trending(?: now)?|recommended(?: for you| stories)?|related",
    )
    + _rows(
        "navigation",
        _I,
        navigation=r"(?:skip|jump|go|back) to (?:the )?(?:main |top|home|content|navigation|search|footer)+.{0,20}|(?:main )?menu|(?:toggle )?(?:navigation|search|sidebar)|home ?page|home|log ?(?:in|out)|sign ?(?:in|up|out)|register|(?:my )?account|contact(?: us)?|about(?: us)?|next(?: (?:article|post|story))?|prev(?:ious)?(?: (?:article|post|story))?|close|loading\.{0,3}|load more|show more|view (?:all|more)|see (?:all|more)|more|help|faqs?|sitemap|advertise(?: with us)?|careers|e-?paper|live(?: tv)?|you are (?:here|at):?.{0,80}|breadcrumbs?|(?:home ?[>»/›|] ?.{2,120})|edition:?.{0,30}|font size.{0,20}|text size.{0,20}",
    )
    + _rows(
        "byline",
        0,
        byline=rf"(?:(?:[Bb]y|BY|[Ww]ritten by|[Rr]eported by|[Pp]osted by|[Aa]uthor:?|[Ee]dited by|[Tt]ext by|[Ff]rom our)[: ]{{1,2}}){_NAME}(?:(?:,| and| &| \||,? [-–—]| in| for|  ?·) ?.{{1,80}})?|{_NAME},? (?:[Ss]taff|[Ss]enior|[Cc]hief|[Pp]olitical|[Ss]pecial|[Bb]usiness|[Ss]ports)(?: [A-Za-z]+){{0,3}} (?:[Ww]riter|[Rr]eporter|[Cc]orrespondent|[Ee]ditor)",
        sign_off=r"[(\[](?:(?:[Aa]dditional )?(?:[Rr]eporting|[Ww]riting|[Ee]diting|[Cc]ompiled|[Ww]ritten|[Ee]dited|[Rr]eported)(?: and \w+)? (?:by|from)\b).{0,300}[)\]]?",
    )
    + _rows(
        "dateline",
        _I,
        date_line=rf"(?:(?:first |last )?(?:published|updated|posted|modified|created|issued|date|on)(?: on| at)?\b[: |]{{0,3}}.{{0,20}}(?:{_DATE}|\d{{1,2}}:\d\d|\bago\b).{{0,60}})|(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?{_DATE}(?:[ ,|•·/-]{{1,3}}(?:at )?\d{{1,2}}[:.]\d\d.{{0,30}})?(?:[ ,|•·/-]{{1,3}}.{{0,40}})?|\d{{1,3}}[- ]?(?:sec|min|hour|day|week|month|year)\w* (?:ago|read).{{0,20}}|(?:reading time|estimated read).{{0,20}}|updated? .{{0,20}}\bago",
    )
)

_AGENCY = r"(?:Reuters|AP|AFP|EPA(?:-EFE)?|EFE|DPA|dpa|ANSA|ANI|PTI|TASS|Xinhua|Bloomberg|Getty(?: Images)?|Shutterstock|Alamy|iStock|Handout|KCNA|Unsplash|Pixabay|Wikimedia(?: Commons)?|[Ff]ile(?: [Pp]hoto)?|[A-Z][\w ]{1,30} (?:Photo|Images|Pictures|Agency|Press)|[A-Z]\w+ [Ww]ire)"
_CREDIT = re.compile(
    rf"(?:[—–|/-] ?|\(|\[|\. )(?:[A-Z][\w.'’ -]{{1,40}} ?[/|,] ?)?{_AGENCY}(?: ?[/|,] ?[A-Z][\w.'’ -]{{1,40}})?[)\].]?$"
    r"|\b(?:[Pp]hoto(?:graph)?(?:s|er)?|PHOTO|[Pp]icture|[Ii]mage(?: [Cc]redit)?|[Cc]redit|[Cc]ourtesy|[Ii]llustration|[Ff]ile [Pp]hoto)(?: by|:| ?/| courtesy| of)[ :]?[^.]{2,60}\)?\.?$"
    r"|[(\[](?:[Ff]ile )?(?:[Pp]hoto|[Pp]icture|[Ii]mage|[Cc]redit|[Ss]ource)\b[^)\]]{0,80}[)\]]\.?$"
    r"|\((?:AP|AFP|EPA|Reuters|Getty|File)\b[^)]{0,60}\)$"
)
_CAPTION_START = re.compile(
    r"(?:[Pp]hoto|PHOTO|[Ii]mage|IMAGE|[Pp]icture|[Cc]aption|CAPTION|[Cc]redit|[Ff]ile(?: photo| picture)?|FILE(?: PHOTO)?|[Aa]bove|[Pp]ictured|[Ii]llustration|[Vv]ideo|[Ww]atch)(?: [Cc]redit| [Cc]aption| by)? ?[:–—|-] ?\S|FILE\b|\(?[Ff]ile photo"
)


def is_caption(line: str) -> bool:
    """Tell whether a line shows by its credit or its first word that it stands under a picture."""
    return len(line) < 500 and (_CAPTION_START.match(line) is not None or _CREDIT.search(line) is not None)


def name_line(line: str) -> tuple[str, str] | None:
    """Name the zone of a line that says what it is, and why; None where its words alone do not tell."""
    if len(line) > 400:
        return None
    for zone, why, pattern in NAMED:
        if pattern.fullmatch(line):
            return zone, why
    if is_caption(line):
        return "caption", "photo credit"
    return None
