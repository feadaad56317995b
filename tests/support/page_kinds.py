"""Invented pages that are not articles, each kind in the markup of several programs, and similar articles."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from html import escape

from support.layouts import Story, invented_stories

__all__ = ["pages_of_other_kinds"]

NAMES = ("mudlark77", "tilda_r", "oldferryman", "benno", "quill", "harbourcat")


def pages_of_other_kinds() -> list[tuple[str, str, str | None]]:
    """Return pages that are not articles: their kind, their HTML and their address, if one is known."""
    draw, stories = random.Random(0), invented_stories()
    pages: list[tuple[str, str, str | None]] = [
        *(("forum", page, url) for page, url in _forums(draw, stories)),
        *(("listing", page, url) for page, url in _listings(draw, stories)),
        *(("tag-page", page, url) for page, url in _tag_pages(draw, stories)),
        *(("search-results", page, url) for page, url in _searches(draw, stories)),
        *(("product", page, url) for page, url in _products(draw, stories)),
        *(("live-ticker", page, url) for page, url in _tickers(draw, stories)),
    ]
    return pages


def _document(title: str, body: str, head: str = "", classes: str = "") -> str:
    menu = "<ul><li><a href='/n'>News</a></li><li><a href='/s'>Sport</a></li><li><a href='/l'>Log in</a></li></ul>"
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{escape(title)}</title>{head}</head>"
        f'<body class="{classes}">{menu}{body}<div>© 2024 The Post</div></body></html>'
    )


def _json_ld(**values: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **values})}</script>'


def _teasers(stories: Sequence[Story], template: str) -> str:
    """Return a series of teasers; the template has `{title}`, `{text}` and `{number}`."""
    return "".join(
        template.format(
            title=escape(story.title), text=escape(" ".join(story.paragraphs[0].split()[:28])), number=number
        )
        for number, story in enumerate(stories)
    )


def _forums(draw: random.Random, stories: Sequence[Story]) -> list[tuple[str, str | None]]:
    """Return threads in the markup of forum software."""

    def thread(template: str) -> str:
        posts = draw.sample(list(stories), 6)
        return "".join(
            template.format(name=name, text=escape(story.paragraphs[2]), number=draw.randint(1000, 9999))
            for name, story in zip(NAMES, posts, strict=True)
        )

    title = "Is the ferry worth it in winter?"
    phpbb = (
        '<div class="post" id="p{number}"><p class="author">by <b>{name}</b></p><div class="content">{text}</div></div>'
    )
    vbulletin = (
        '<table id="post{number}"><tr><td>{name}</td><td><div id="post_message_{number}">{text}</div></td></tr></table>'
    )
    xenforo = (
        '<article class="message"><h4>{name}</h4><div class="message-content"><div class="bbWrapper">{text}</div></div>'
        "</article>"
    )
    discourse = '<div class="topic-body crawler-post"><span>{name}</span><div class="post"><p>{text}</p></div></div>'
    bbpress = '<div class="bbp-reply-author">{name}</div><div class="bbp-reply-content"><p>{text}</p></div>'
    answers = (
        '<div class="answer" id="answer-{number}"><div class="s-prose js-post-body"><p>{text}</p></div>'
        "<b>{name}</b></div>"
    )
    plain = '<div class="forum-post"><span>{name} wrote:</span><p>{text}</p></div>'
    return [
        (
            _document(title, thread(phpbb), classes="nojs notouch section-viewtopic ltr"),
            "https://talk.example/viewtopic.php?t=77",
        ),
        (_document(title, thread(vbulletin), '<meta name="generator" content="vBulletin 4.2.2">'), None),
        (_document(title, thread(xenforo)), "https://talk.example/threads/is-the-ferry-worth-it.77/"),
        (_document(title, thread(discourse), '<meta name="generator" content="Discourse 3.2.0">'), None),
        (_document(title, thread(bbpress), classes="topic bbpress single single-topic"), None),
        (_document(title, thread(answers), _json_ld(**{"@type": "QAPage"}), "question-page"), None),
        (_document(title, thread(plain)), "https://post.example/forum/ferries/77"),
        (_document(title, thread(phpbb), _json_ld(**{"@type": "DiscussionForumPosting", "headline": title})), None),
    ]


def _listings(draw: random.Random, stories: Sequence[Story]) -> list[tuple[str, str | None]]:
    """Return front pages."""

    def some(template: str, count: int) -> str:
        return _teasers(draw.sample(list(stories), count), template)

    article = (
        '<article class="post"><h2><a href="/{number}">{title}</a></h2><p>{text}…</p>'
        '<a href="/{number}">Read more</a></article>'
    )
    rows = '<div class="views-row"><h3><a href="/n/{number}">{title}</a></h3><div>{text}…</div></div>'
    headlines = '<li><a href="/{number}">{title}</a></li>'
    cards = '<div class="css-1x{number}"><a href="/{number}"><h3>{title}</h3></a><p>{text}…</p></div>'
    table = '<tr><td><a href="/{number}">{title}</a><br>{text}…</td></tr>'
    return [
        (_document("The Post", some(article, 10), classes="home blog"), "https://post.example/"),
        (_document("News | The Post", some(rows, 12), classes="path-frontpage"), None),
        (_document("The Post", f"<ul>{some(headlines, 30)}</ul>"), "https://post.example/"),
        (_document("The Post", f"<main>{some(cards, 14)}</main>", '<meta property="og:type" content="website">'), None),
        (_document("All stories", f"<table>{some(table, 12)}</table>", _json_ld(**{"@type": "ItemList"})), None),
    ]


def _tag_pages(draw: random.Random, stories: Sequence[Story]) -> list[tuple[str, str | None]]:
    """Return archives of a topic, an author and a month."""

    def some(template: str) -> str:
        return _teasers(draw.sample(list(stories), 9), template)

    post = '<div class="post-{number} hentry"><h2><a href="/{number}">{title}</a></h2><div><p>{text}…</p></div></div>'
    item = '<li class="teaser"><a href="/{number}"><h3>{title}</h3></a><p>{text}…</p></li>'
    return [
        (_document("Tag: ferries", some(post), classes="archive tag tag-ferries"), None),
        (_document("Ferries", f"<ul>{some(item)}</ul>"), "https://post.example/topics/ferries"),
        (
            _document("Oda Brenn", f"<ul>{some(item)}</ul>", _json_ld(**{"@type": "ProfilePage"})),
            "https://post.example/author/oda-brenn/",
        ),
        (_document("Archiv", some(post), classes="archive date"), "https://post.example/2019/03/"),
        (_document("Thema: Fähren", f"<ul>{some(item)}</ul>"), "https://post.example/thema/faehren/"),
    ]


def _searches(draw: random.Random, stories: Sequence[Story]) -> list[tuple[str, str | None]]:
    """Return pages of search results."""

    def some(template: str) -> str:
        return _teasers(draw.sample(list(stories), 10), template)

    hit = '<div class="result"><h3><a href="/{number}">{title}</a></h3><p>{text}…</p></div>'
    return [
        (_document("Search Results for “ferry”", some(hit), classes="search search-results"), None),
        (_document("ferry - The Post", some(hit)), "https://post.example/search?q=ferry"),
        (_document("Suchergebnisse für Fähre", some(hit)), "https://post.example/suche?query=f%C3%A4hre"),
        (_document("Search results", some(hit), _json_ld(**{"@type": "SearchResultsPage"})), None),
    ]


def _products(draw: random.Random, stories: Sequence[Story]) -> list[tuple[str, str | None]]:
    """Return pages that sell one thing."""
    text = "A kettle of enamelled steel with a handle of beech. It holds two litres and whistles in D."
    offer = (
        f"<h1>Harbour kettle</h1><p>{text}</p><span>€ 49.90</span><button>Add to cart</button><p>Ships in two days.</p>"
    )
    german = f"<h1>Hafenkessel</h1><p>{text}</p><div>49,90 €</div><div><a href='#'>In den Warenkorb</a></div>"
    reviews = "".join(
        f"<div class='review'><b>{name}</b><p>{escape(draw.choice(stories).paragraphs[1])}</p></div>"
        for name in NAMES[:3]
    )
    return [
        (_document("Harbour kettle", offer, _json_ld(**{"@type": "Product", "offers": {"price": "49.90"}})), None),
        (_document("Harbour kettle", offer + reviews, '<meta property="og:type" content="product">'), None),
        (_document("Hafenkessel", german, classes="single single-product woocommerce"), None),
        (_document("Harbour kettle", f'<div itemscope itemtype="http://schema.org/Product">{offer}</div>'), None),
    ]


def _tickers(draw: random.Random, stories: Sequence[Story]) -> list[tuple[str, str | None]]:
    """Return live tickers."""

    def entries(template: str) -> str:
        return "".join(
            template.format(time=f"{20 - number}:{draw.randint(10, 59)}", text=escape(story.paragraphs[1]))
            for number, story in enumerate(draw.sample(list(stories), 8))
        )

    block = '<div class="live-blog-entry"><time>{time}</time><div><p>{text}</p></div></div>'
    plain = "<div><h4>{time}</h4><p>{text}</p></div>"
    uhr = '<li class="liveticker__event"><span>{time} Uhr</span><p>{text}</p></li>'
    return [
        (
            _document(
                "Harbour vote: live",
                entries(plain),
                _json_ld(**{"@type": "LiveBlogPosting", "headline": "Harbour vote"}),
            ),
            None,
        ),
        (_document("Harbour vote: live updates", entries(block)), None),
        (_document("Liveticker: Die Abstimmung über den Hafen", f"<ul>{entries(uhr)}</ul>"), None),
        (_document("Harbour vote live blog: council decides", entries(plain)), None),
    ]
