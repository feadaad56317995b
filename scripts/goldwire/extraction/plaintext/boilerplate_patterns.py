"""Boilerplate rules: patterns of lines that show by their own words what they are, such as share bars and bylines.

A table of data. `goldwire.extraction.plaintext.boilerplate` matches lines against it; lines that only their position
gives away are zoned by `goldwire.extraction.plaintext.segmenter`.
"""

from __future__ import annotations

import re

import msgspec

from goldwire.extraction.metadata_words import BYLINE_WORDS

__all__ = ["AUTHOR_BIO_HEADING", "RULES", "BoilerplateRule", "rule"]


class BoilerplateRule(msgspec.Struct, frozen=True):
    """One rule: its zone, the reason it gives, the pattern that the whole line must match, and words it needs.

    A line that matches has one of `any_word`, or its first word is one of `first_word`: looking those up spares it
    most patterns. Such a key is a word, or the first four letters of a longer one; `0` is any word that begins with a
    digit, `-` a hyphen after two to four characters, and another sign is itself. Where the keys are also common words
    of prose, the lower-cased line must contain one of `contains`, too.
    """

    zone: str
    reason: str
    pattern: re.Pattern[str]
    any_word: tuple[str, ...]
    first_word: tuple[str, ...]
    contains: tuple[str, ...] = ()


def rule(
    zone: str,
    reason: str,
    *patterns: str,
    any_word: str = "",
    first_word: str = "",
    contains: str = "",
    flags: int = re.IGNORECASE,
) -> BoilerplateRule:
    """Make a rule of patterns, any of which a line may match; words are separated by blanks, `contains` by bars."""
    return BoilerplateRule(
        zone,
        reason,
        re.compile("|".join(patterns), flags),
        tuple(any_word.split()),
        tuple(first_word.split()),
        tuple(contains.split("|")) if contains else (),
    )


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?"
_DATE = (
    rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}"
    r"|\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})"
)
_TIME = r"\d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?"
_NETWORK = (
    r"(?:facebook|twitter|whatsapp|linked ?in|pinterest|e-?mail|print|copy link|reddit|telegram|flipboard|tumblr"
    r"|messenger|instagram|youtube|tiktok|snapchat|threads|bluesky|mastodon|google\+|line|viber|pocket|rss|save)"
)
_NAME = r"[A-Z][\w.'’-]*(?: (?:[a-z]{1,3} )?[A-Z][\w.'’-]*){0,4}"
_CONTROL = (
    r"(?:share|save|gift|print|listen|compartir|imprimir|partager|imprimer|e-?mail|comments?|tweak text|text size"
    r"|follow us on|a[+−–-]?|f|t|x|in|✉|âœ‰|\(\d+ min\w*\))"
)
_NAME_AND_PLACE = rf"{_NAME}(?: in {_NAME})?"  # a reporter, and where they reported from
_WIRE = r"(?:[A-Z]\w+ ){1,2}(?:Wire|Press|(?:News )?Agency|(?:News )?Agencies)"
_BYLINE_WORDS = "|".join(word.capitalize() for word in BYLINE_WORDS)
_NEWS = r"(?:news|stories|articles|posts?|videos?|picks?|headlines|reads?|topics|coverage|links|updates|searches)"


RULES = (
    rule(
        "comments",
        "comment form",
        # A field for an address only if the line says what it is for: newsletters ask for addresses, too.
        r"(?:please )?enter your (?:comment|name|website|e-?mail(?=.*(?:comment|reply|name|log|sign))).{0,60}",
        r"(?:leave|write|post|add) (?:a|your) (?:reply|comment).{0,40}|cancel reply|submit comment",
        r"save my name.{0,120}|your email address will not be published.{0,80}",
        r".{0,20}\b(?:log|signed|logged) ?in to (?:leave|post|take part|comment|join).{0,40}",
        r"join (?:\d[\d,.]* others in )?the (?:conversation|discussion|debate).{0,20}",
        r"be the first to (?:comment|reply).{0,20}|(?:view|read|show|see|hide) (?:all )?comments.{0,20}",
        r"you have entered an incorrect email.{0,40}|comments? (?:are )?(?:closed|off).{0,20}|(?:name|website):? ?\*",
        r"(?:your )?name:? ?\(?required\b.{0,40}",
        any_word="ente repl comm log logi logg sign inco",
        first_word="save join your name webs",
        contains="enter your|comment|reply|email address|in to |join |first to |incorrect email|name|website",
    ),
    rule(
        "comments",
        "comment count",
        r"\W{0,3}(?:\d[\d,.]*|no|recent|latest|top rated|load|more)? ?(?:more )?(?:comments?"
        r"|replies)(?: ?\(?\+?\d*\)?)\W{0,3}",
        r".{0,20}\bcomments? on .{0,80}|\d[\d,.]* comments?\b.{0,40}",
        any_word="comm repl",
        first_word="0 noco nore rece late top load more",
        contains="comment|replies",
    ),
    rule(
        "comments",
        "comment heading",
        r"\W{0,3}(?:\d[\d,.]*|no|one|two|three) (?:responses?|reactions?|thoughts?|replies) (?:to|on)"
        # Then the title, in quotes or not: `Three responses to drought` is a heading of an article.
        r" (?-i:[A-Z“\"‘'].{1,120}(?<!\.))",
        r"\W{0,3}(?:\d[\d,.]*|no|user|readers?['’]?) (?:responses|reactions|comments)(?: so far)?\W{0,3}",
        r"(?:responses|trackbacks?|pingbacks?|reader comments?)(?: ?\(?\d*\)?)\W{0,3}|reactions ?\(\d+\)",
        r"\W{0,3}\d+ comments?.{0,5}\bread (?:them|it) below.{0,40}",
        r"trackback url\b.{0,60}|listed below are links to (?:we)?blogs that reference\b.{0,160}",
        r"you can follow (?:this conversation|any responses)\b.{0,120}|comments? feed\b.{0,60}",
        first_word="0 no one two thre user read resp reac trac ping list you comm",
        contains="response|reaction|thought|replies|trackback|pingback|comment|below are links|follow this",
    ),
    rule(
        "comments",
        "footer of a post with its comments",
        r"posted (?:by|on|in|at) .{1,120}\b(?:\d+ comments?|comments? \(\d+\)|permalink)\b.{0,40}",
        first_word="post",
        contains="comment|permalink",
    ),
    rule(
        "advertisement",
        "advertisement",
        r"\W{0,4}(?:advert\w{0,12}|ads?|anzeige|annonse|annonce|werbung|publicidad|publicité|reklama?)\W{0,4}",
        r"\W{0,4}(?:sponsored(?: content| links?| by .{0,40})?|paid (?:content|post)|promoted|ad feedback"
        r"|skip ad)\W{0,4}",
        r".{0,3}(?:story|article|post) continues (?:below|after).{0,40}|advert\w{3,12} .{0,40}",
        r"scroll (?:down )?(?:to continue|for more).{0,40}",
        any_word="cont adve",
        first_word="ad ads anze anno werb publ rekl spon paid prom skip scro",
    ),
    rule(
        "newsletter",
        "newsletter or subscription box",
        r".{0,80}\b(?:sign[- ]?up|subscribe|register)\b.{0,60}\b(?:newsletter|inbox|e-?mails?|alerts"
        r"|updates)\b.{0,80}",
        r"(?:.{0,80}[:.!] )?(?:subscribe|sign up|log in)(?: (?:now|today|here|for free))?[.!]?(?: [|/] ?(?:sign"
        r"|log) in)?",
        r".{0,80}\bsign me up\b.{0,10}|.{0,80}\bsign up(?: for)? (?:free|now|here|today)\b.{0,20}",
        r"subscribe (?:for|to) .{1,80}",
        any_word="sign subs regi log",
        contains="subscribe|sign up|sign-up|signup|register|log in|sign me up",
    ),
    rule(
        "newsletter",
        "newsletter or subscription box",
        r".{0,100}\b(?:in|to) your (?:inbox|e-?mail)\b.{0,40}|.{0,80}\benter your e-?mail\b.{0,20}",
        r".{0,60}\bone e-?mail, .{1,40}|(?:enter )?your e-?mail(?: address)?.{0,20}",
        any_word="inbo emai mail",
        first_word="ente your",
    ),
    rule(
        "newsletter",
        "newsletter or subscription box",
        r".{0,60}\b(?:hit|reached|used(?: up)?) (?:all )?(?:of )?your\b.{0,20}\bfree (?:stories|articles).{0,40}",
        r"(?:you have )?(?:\d+|one|two|three|four|five|no) (?:more )?free (?:articles?|stor(?:y|ies))"
        r" (?:left|remaining).{0,100}|.{0,40}to continue reading.{0,60}",
        r".{0,100}\bcancel any ?time\b.{0,40}|.{0,60}\bunsubscrib\w+.{0,40}",
        any_word="free canc unsu cont",
        contains="free stor|free article|continue reading|cancel any|unsubscrib",
    ),
    rule(
        "newsletter",
        "newsletter or subscription box",
        r"get .{1,80}[.!] free (?:on|every|in) .{1,30}|(?:our )?newsletters?",
        r"(?:like|enjoy(?:ing)?) what you(?:['’]re reading| read)\b.{0,100}",
        r"get .{1,40}, our (?:\w+ )?(?:briefing|newsletter|podcast|app)\b.{0,80}",
        r"(?:get|receive) .{1,60} (?:in your inbox|newsletter).{0,40}",
        r"(?:receive|get) .{1,50}(?:free of charge|every (?:week|day|morning|evening)).{0,40}",
        r"(?:download|get) (?:our|the) (?:\w+ )?app\b.{0,60}",
        r"support (?:independent|our|local|quality) (?:\w+ )?journalism.{0,60}",
        r"stay (?:up to date|up-to-date|informed) with .{1,60}|you have suc\w+ subscribed\b.{0,60}",
        r"an e-?mail with (?:an? )?(?:activation|confirmation) link .{0,200}",
        first_word="get rece like enjo our news down supp stay you an",
    ),
    rule(
        "cookie-notice",
        "cookie notice",
        r"(?:.{0,60}\b)?(?:we|our|this (?:web)?site|by (?:continuing|using|browsing))\b.{0,120}\bcookies?\b.{0,300}",
        r".{0,80}\b(?:accept|reject|manage|store)\b.{0,40}\bcookies?\b.{0,120}|cookie (?:policy|settings|notice"
        r"|list)",
        r"(?:accept|reject|allow|manage)(?: (?:all|cookies|preferences|settings|options|choices))+|got it[.!]?",
        any_word="cook",
        first_word="acce reje allo mana got",
    ),
    rule(
        "legal",
        "legal notice",
        r".{0,30}(?:©|\(c\) ?(?:19|20)\d\d|\bcopyright\b).{0,200}|.{0,160}\ball rights reserved\b.{0,160}",
        r"terms (?:of|and|&) (?:use|service|conditions).{0,60}|(?:your )?privacy (?:policy|notice|rights"
        r"|choices).{0,60}",
        r".{0,120}\bmay not be (?:reproduced|published|republished|copied|rewritten).{0,200}",
        r".{0,20}\bis not responsible for (?:the )?(?:content of )?(?:external|third).{0,80}|do not sell.{0,40}",
        r"responsible editor: .{1,200}|prohibida su reproducción.{0,60}",
        any_word="© c copy rese priv may resp",
        first_word="term do proh",
        contains="©|(c)|copyright|all rights reserved|terms |privacy |may not be |responsible |do not sell|prohibida",
    ),
    rule(
        "share-links",
        "share links",
        rf"(?:(?:kindly|please) )?(?:share|tweet|pin|send|follow us|like us)(?: (?:this|it|article|story|page|post"
        rf"|now))*(?:(?: on| via| with| by|,)? {_NETWORK})*\W{{0,2}}",
        rf"(?=.{{1,80}}$)(?:{_CONTROL}(?:[\s|•·,:/][\s|•·,:/Â]*|$)){{2,12}}",
        r"follow .{1,60}\bcoverage\b.{0,40}|(?:kindly|please) share\b.{0,60}|gift this (?:article|story)",
        rf"(?:(?:click to |share )*(?:share )?(?:on |via "
        rf"|by )?{_NETWORK}(?: \(opens in new window\))?[ ,|•·/]*){{1,12}}",
        r"\d[\d.,]*k? ?(?:shares?|views|likes|tweets)|link copied.{0,20}|follow us (?:on|at)\b.{0,80}",
        r"click here to join .{0,60}|join (?:our|us on) .{0,30}(?:channel|whatsapp|telegram|facebook).{0,40}",
        r"compartir|compartilhar|partager|condividi|teilen|поделиться",
        any_word="✉",
        first_word="""shar twee pin send foll like kind plea gift a f t x in âœ 0 save prin list comp impr part e emai
            comm twea text clic on via by face twit what link pint copy redd tele flip tumb mess inst yout tikt snap
            thre blue mast goog line vibe pock rss join cond teil поде""",
    ),
    rule(
        "tags",
        "tags",
        r"(?:related )?(?:tags?|topics?|keywords?|filed under|categor(?:y|ies)|more about) ?:.{0,300}",
        r"(?:related )?(?:tags|topics|filed under)",
        first_word="rela tag tags topi keyw file cate more",
    ),
    rule(
        "source-link",
        "source link",
        r"(?:news )?source(?: link)?:?|(?:source|via) ?: ?\S{1,40}|https?://\S+",
        r"(?:view|read|see) (?:the )?(?:full|original|complete) (?:story|article|post|source).{0,60}",
        r"(?:this (?:story|article|post) )?(?:was )?(?:originally|first) (?:published|appeared|posted) (?:on|in|at"
        r"|by)\b.{0,120}",
        r"the post .{5,160} appeared first on .{2,60}",
        any_word="appe",
        first_word="news sour via http view read see this was orig firs",
    ),
    rule(
        "related",
        "link to another story",
        r"\W{0,3}(?:(?:also|must|further) read(?:ing)?|read (?:also|more|next)|see also|related|don['’]t miss|up next"
        r"|watch(?: now| also| live)?|listen(?: to this (?:article|story)(?:.{0,4}\d+ min\w*.?)?)?"
        r"|more on this|recommended|in pictures|le[ai] tamb(?:ié|e)n|lea tambiã©n|leia (?:também|mais)|lire aussi"
        r"|leggi anche|lesen sie auch|читайте также)"
        r"(?: ?[:|»>–-] ?.{0,200}|\W{0,3})",
        rf"(?:most|more|latest|top|popular|trending|related|recent|recommended|featured|other|must|breaking|similar"
        rf"|our) {_NEWS}"
        r"(?: (?:from|in|on|for) .{1,40})?",
        r"most (?:popular|read|viewed|shared|recent)(?: .{0,20})?|more from .{1,40}|editors?['’]?s? picks?"
        r"|trending(?: now)?",
        r"(?:you (?:may|might)|we think you['’]?(?:ll| will| might)?) also (?:like|be interested).{0,30}|popular now",
        first_word="""also must furt read see rela don up watc list more reco in le lea lei leia lire legg lese чита
            most late top popu tren rece feat othe brea simi our edit you we""",
    ),
    rule(
        "navigation",
        "navigation",
        r"(?:skip|jump|go|back) to (?:the )?(?:main |top|home|content|navigation|search|footer)+.{0,20}"
        r"|(?:main )?menu",
        r"(?:toggle )?(?:navigation|search|sidebar)|home ?page|home|log ?(?:in|out)|sign ?(?:in|up|out)|register",
        r"(?:my )?account|contact(?: us)?|about(?: us)?|(?:next|prev(?:ious)?)(?: (?:article|post|story))?|close"
        r"|more",
        r"loading\.{0,3}|(?:load|show|view|see|read|learn) (?:all|more)|help|faqs?|sitemap|advertise(?: with us)?"
        r"|careers",
        r"e-?paper|live(?: tv)?|you are (?:here|at):?.{0,80}|home ?[>»/›|] ?.{2,120}|(?:font|text) size.{0,20}",
        r"manage (?:settings|choices)|opinion|opinión|business|sports?|politics|world|entertainment|technology",
        first_word="""skip jump go back main menu togg navi sear side home log logi logo sign regi my acco cont abou
            next prev clos more load show view see read lear help faq faqs site adve care e epap live you font text mana
            opin busi spor poli worl ente tech""",
    ),
    rule(
        "byline",
        "byline",
        rf"(?:by|BY|[Ww]ritten by|[Rr]eported by|[Pp]osted by|[Aa]uthor:?|[Ee]dited by|[Tt]ext by|[Ff]rom"
        rf"|{_BYLINE_WORDS})[: ]{{1,2}}(?:our |the )?{_NAME}"
        rf"(?:(?:,| and| &| \||,? [-–—/]| in| at| for| ·) ?.{{1,80}})?(?<![.!?”])",
        rf"{_NAME}, (?:[A-Z][\w-]+ ){{0,3}}(?:[Ww]riter|[Rr]eporter|[Cc]orrespondent|[Ee]ditor)(?: in {_NAME})?",
        r"(?:[Oo]ur )?(?:[A-Z]\w+ ){0,2}(?:[Ss]taff|[Ss]pecial|[Nn]ews|[Ww]eb) (?:[Rr]eporter|[Ww]riter|[Dd]esk"
        r"|[Cc]orrespondent)s?",
        any_word="repo writ corr edit desk",
        first_word="by post auth text from por von par",
        flags=0,
    ),
    rule(
        "byline",
        "sign-off",
        r"[(\[]?(?:(?:[Aa]dditional|[Aa]ssociated|[Ff]urther) [Rr]eporting|[Rr]eporting|[Ww]riting|[Ee]diting"
        r"|[Cc]ompiled)(?: and \w+)? (?:by|from) .{1,300}",
        rf"(?=.* (?:reported|contributed))\(?{_NAME_AND_PLACE}(?:(?:,|,? and) {_NAME_AND_PLACE})*"
        r" (?:reported|contributed)(?: (?:to|from|reporting)\b.{0,80})?\.?\)?",
        r"(?:Contributing|Contributors?)\b:? [A-Z].{1,200}|(?:.{1,40}, )?[Ww]ith (?:additional )?reporting by .{1,200}",
        any_word="repo cont",
        first_word="addi asso furt writ edit comp",
        flags=0,
    ),
    rule(
        "byline",
        "sign-off",
        rf"(?=.* in .* in ){_NAME} in {_NAME}(?:(?:,|,? and) {_NAME} in {_NAME})+",
        any_word="in",
        flags=0,
    ),
    rule(
        "byline",
        "news agencies",
        rf"(?:{_WIRE}, {_NAME}|{_NAME}, {_WIRE}|{_WIRE})(?:, {_NAME})?",
        any_word="wire pres agen",
        flags=0,
    ),
    rule(
        "correction",
        "correction note",
        r"\(?(?:This (?:story|article|report|version)|It) (?:has been|was) (?:updated|corrected|amended)\b.{0,200}",
        r"\(?(?:This (?:story|article|report|version) )?(?:[Cc]orrects|[Cc]larifies)\b.{0,200}",
        r"\(?(?:A [Cc]orrection to this|[Cc]orrection:|An earlier version of this) .{1,250}",
        r".{1,80} moves? separately\b.{0,60}",
        any_word="upda corr amen clar earl sepa",
        flags=0,
    ),
    rule(
        "publication-date",
        "publication date",
        rf"(?:(?:first |last )?(?:published|updated?|posted|modified|created|issued|date)(?: on| at)?)\b[: |]{{0,3}}"
        rf".{{0,20}}(?:{_DATE}|{_TIME}|\bago\b).{{0,60}}",
        rf"(?:(?=[^|•·]{{0,41}}[|•·]).{{2,40}} [|•·] )?(?:{_DAY} )?{_DATE}"
        rf"(?:[ ,|•·/–-]{{1,3}}(?:at )?{_TIME}.{{0,30}})?(?:[ ,|•·/-]{{1,3}}.{{0,40}})?",
        r"\d{1,3}[- ]?(?:sec|min|hour|day|week|month|year)\w* (?:ago|read).{0,20}|(?:reading time"
        r"|estimated read).{0,20}",
        any_word="0",
        first_word="firs last publ upda post modi crea issu date read esti",
    ),
    rule(
        "publication-date",
        "publication date",
        rf".{{0,50}} [|/•·] (?:last )?(?:updated|published|posted):? .{{0,20}}(?:{_DATE}).{{0,40}}",
        any_word="upda publ post",
    ),
    rule(
        "publication-date",
        "wire slug",
        r"[A-Z]{2,4}-[A-Z0-9'’&/]{2,}[ -][A-Z0-9 '’&/-]{2,40}(?:, .{0,40})?",
        any_word="-",
        flags=0,
    ),
)

AUTHOR_BIO_HEADING = rule(
    "byline",
    "heading of a box about the author",
    r"(?:About|Über|Sobre|Acerca de|À propos de)(?: the author| [^\W\d_a-zß-ÿ][\w.'’-]*){1,4}:?",
    first_word="abou über sobr acer à",
    flags=0,
)
"""A heading of a box about the author. It ends the article, if little of the article is below it."""
