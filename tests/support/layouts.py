"""Pages with invented articles in the markup of page builders and of old sites, each with its gold text.

The text is that of the sample corpus, whose own pages have few layouts; German text and recipes are invented here. A
seed draws the article, the names of elements, and the boilerplate around the article: menus, teasers of other articles,
comments, a newsletter box, a footer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from support import reference_corpus
from support.paths import REPOSITORY

__all__ = ["LAYOUTS", "LayoutPage", "Story", "invented_stories", "layout_page", "layout_pages"]


class Story(NamedTuple):
    """An article: headline and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


class LayoutPage(NamedTuple):
    """A page of HTML with the paragraphs of its article."""

    layout: str
    html: str
    gold: tuple[str, ...]

    @property
    def gold_text(self) -> str:
        """The article's paragraphs, separated by blank lines."""
        return "\n\n".join(self.gold)


Content = list[tuple[str, str]]
"""The parts of an article: a tag (`p`, `h2`, `li`, `tr`) and a text."""

GERMAN = (
    Story(
        "Warum der Fährhafen von Lanthe im Winter schließt",
        (
            "Wer im November nach Lanthe fährt, findet den Kai leer. Die Fähre liegt vertäut am Nordufer, und der "
            "Kiosk hat seine Läden heruntergelassen.",
            "Seit drei Jahren wird der Betrieb in den kalten Monaten eingestellt. Die Gemeinde nennt dafür zwei "
            "Gründe: das Eis und das Geld.",
            "„Im Januar haben wir manchmal nur vier Fahrgäste am Tag“, sagt Hafenmeisterin Oda Brenn. „Davon lässt "
            "sich nicht einmal der Diesel bezahlen.“",
            "Die Händler der Altstadt sehen das anders. Ihr Verband hat eine Zählung vorgelegt, nach der an jedem "
            "Samstag mehr als neunzig Menschen übergesetzt sind.",
            "Im Rathaus liegt nun ein Vorschlag auf dem Tisch, der beide Seiten zufrieden stellen soll: eine Fähre am "
            "Morgen und eine am Abend, dazwischen ein Rufbus über die Brücke.",
            "Abgestimmt wird am zweiten Dienstag im Dezember. Bis dahin bleibt der Kai leer, und die Möwen haben ihn "
            "für sich.",
        ),
    ),
    Story(
        "Brot backen mit altem Sauerteig: So gelingt es",
        (
            "Ein Sauerteig, der drei Wochen im Kühlschrank stand, ist nicht verdorben. Er ist nur hungrig, und das "
            "lässt sich ändern.",
            "Nehmen Sie einen Esslöffel davon und rühren Sie ihn mit fünfzig Gramm Roggenmehl und ebenso viel "
            "lauwarmem Wasser an.",
            "Nach zwölf Stunden sollte der Ansatz Blasen werfen. Tut er das nicht, füttern Sie ihn ein zweites Mal.",
            "Erst wenn er sich in vier Stunden verdoppelt, ist er stark genug für einen ganzen Laib.",
            "Der Hauptteig darf ruhig weich sein. Wer ihn zu fest knetet, bekommt ein Brot, das am nächsten Tag "
            "trocken ist.",
            "Gebacken wird zuerst heiß und mit Dampf, dann bei fallender Hitze. Nach fünfzig Minuten klingt der Boden "
            "hohl.",
        ),
    ),
)
INGREDIENTS = (
    "2 cups rye flour",
    "1 tsp sea salt",
    "300 ml warm water",
    "3 tbsp butter",
    "1 onion, sliced",
    "a pinch of nutmeg",
)
STEPS = (
    "Warm the water until it feels neither hot nor cold on the wrist.",
    "Stir in the flour with a wooden spoon and leave it for an hour.",
    "Fry the onion in the butter until it is the colour of straw.",
    "Fold the onion into the dough and bake it for fifty minutes.",
)
SECTIONS = ("News", "Politics", "Money", "Culture", "Sport", "Weather", "Opinion", "About us", "Contact")
COMMENTERS = ("mudlark77", "Tilda R.", "old ferryman", "Benno", "Quill")


def invented_stories() -> tuple[Story, ...]:
    """Return the articles of the sample corpus."""
    rows = reference_corpus.read_truth(REPOSITORY / "corpus" / "truth")
    return tuple(
        Story(row.title, tuple(row.paragraphs)) for row in rows if row.kind == "article" and len(row.paragraphs) >= 6
    )


def headed(story: Story, draw: random.Random) -> Content:
    """Return an article whose paragraphs have headings."""
    content: Content = []
    for number, paragraph in enumerate(story.paragraphs):
        if number and number % draw.choice((2, 3)) == 0:
            content.append(("h2", heading(paragraph)))
        content.append(("p", paragraph))
    return content


def heading(paragraph: str) -> str:
    """Return a heading made of the beginning of a paragraph."""
    return " ".join(paragraph.split()[:5]).rstrip(",.;:“”\"'")


def numbered(story: Story, draw: random.Random) -> Content:
    """Return a list article: an introduction, and items with a number, a text and a short list each."""
    content: Content = [("p", story.paragraphs[0])]
    for number, paragraph in enumerate(story.paragraphs[1:], 1):
        content.append(("h3", f"{number}. {heading(paragraph)}"))
        content.append(("p", paragraph))
        if draw.random() < 0.6:
            words = paragraph.split()
            content += [
                ("li", f"{label}: {' '.join(words[at : at + 4])}")
                for label, at in (("Good", 2), ("Bad", 6), ("Best for", 9))
            ]
    return content


def with_table(story: Story, draw: random.Random) -> Content:
    """Return an article with a table and a list between its paragraphs."""
    content = headed(story, draw)
    words = " ".join(story.paragraphs).split()
    rows = [
        ("tr", "|".join(" ".join(words[at : at + 2]) for at in range(start, start + 6, 2))) for start in range(0, 36, 6)
    ]
    items = [("li", " ".join(words[start : start + 7])) for start in range(40, 82, 7)]
    return [*content[:3], *rows, *content[3:6], *items, *content[6:]]


def render(content: Content, paragraph: str = "<p>{}</p>") -> str:
    """Return the markup of an article; `paragraph` is the template of its paragraphs."""
    parts: list[str] = []
    previous = ""
    for tag, text in [*content, ("", "")]:
        parts += _borders(previous, tag)
        if tag == "tr":
            parts.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in text.split("|")) + "</tr>")
        elif tag:
            template = paragraph if tag == "p" else f"<{tag}>{{}}</{tag}>"
            parts.append(template.format(escape(text, quote=False)))
        previous = tag
    return "\n".join(parts)


def _borders(before: str, after: str) -> Iterator[str]:
    """Yield the tags that end and begin a list or a table between two parts."""
    for tag, container in (("li", "ul"), ("tr", "table")):
        if before == tag != after:
            yield f"</{container}>"
        if after == tag != before:
            yield f"<{container}>"


class Surroundings:
    """Boilerplate around an article, drawn by a seed."""

    def __init__(self, draw: random.Random, others: Sequence[Story]) -> None:
        self.draw, self.others = draw, others

    def menu(self) -> str:
        """Return a menu."""
        names = self.draw.sample(SECTIONS, self.draw.randint(4, 8))
        links = "".join(f'<li><a href="/{number}">{name}</a></li>' for number, name in enumerate(names))
        return f'<div class="{self.draw.choice(("menu", "nav-main", "top", "hdr"))}"><ul>{links}</ul></div>'

    def teasers(self, count: int = 4, title: str = "More stories") -> str:
        """Return links to other articles, with their first paragraphs."""
        units = "".join(
            f'<div class="item"><h3><a href="/{number}">{escape(story.title)}</a></h3>'
            f"<p>{escape(' '.join(story.paragraphs[0].split()[: self.draw.randint(12, 30)]))}…</p></div>"
            for number, story in enumerate(self.draw.sample(list(self.others), count))
        )
        return f'<div class="{self.draw.choice(("block-7", "more", "related", "grid"))}"><h2>{title}</h2>{units}</div>'

    def comments(self, count: int = 3) -> str:
        """Return comments of readers, which are prose too."""
        stories = self.draw.sample(list(self.others), count)
        units = "".join(
            f'<div class="{self.draw.choice(("c", "comment", "reply"))}-{self.draw.randint(1000, 9999)}">'
            f"<b>{name}</b> <span>{self.draw.randint(2, 20)} hours ago</span><p>{escape(story.paragraphs[1])}</p></div>"
            for name, story in zip(COMMENTERS, stories, strict=False)
        )
        return f"<div><h3>{count} comments</h3>{units}</div>"

    def footer(self) -> str:
        """Return a newsletter box and a footer."""
        year = self.draw.randint(2009, 2026)
        return (
            "<div><h4>Newsletter</h4><p>Get our best stories in your inbox every Friday.</p><form><input></form></div>"
            f"<div>© {year} The Lanthe Post. All rights reserved. <a href='/p'>Privacy</a> <a href='/t'>Terms</a></div>"
        )

    def below(self) -> str:
        """Return what follows the article."""
        parts = [self.teasers(self.draw.randint(3, 6))]
        if self.draw.random() < 0.5:
            parts.append(self.comments(self.draw.randint(2, 4)))
        return "".join(parts) + self.footer()


def document(title: str, body: str, head: str = "", language: str = "en") -> str:
    """Return a page."""
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)} | The Post</title>'
        f"{head}</head><body>{body}</body></html>"
    )


def _page(
    story: Story, content: Content, article: str, around: Surroundings, head: str = "", language: str = "en"
) -> tuple[str, Content]:
    """Return a page with an article between a menu and other boilerplate."""
    return document(story.title, around.menu() + article + around.below(), head, language), content


def page_builder(story: Story, around: Surroundings) -> tuple[str, Content]:
    """Paragraphs are `<div>` in a widget each, as page builders write them."""
    draw, content = around.draw, headed(story, around.draw)
    widget = draw.choice(("elementor-widget-container", "et_pb_text_inner", "fl-rich-text", "brxe-text", "framer-1x9k"))
    parts = "".join(
        f'<div class="w-{draw.randint(100, 999)}"><div class="{widget}">{render([part], "<div>{}</div>")}</div></div>'
        for part in content
    )
    return _page(story, content, f"<div><h1>{escape(story.title)}</h1>{parts}</div>", around)


def line_breaks(story: Story, around: Surroundings) -> tuple[str, Content]:
    """Paragraphs are separated by `<br>`, in one element."""
    content: Content = [("p", paragraph) for paragraph in story.paragraphs]
    gap = around.draw.choice(("<br><br>", "<br/>\n<br/>\n", "<br>&nbsp;<br>"))
    text = gap.join(escape(paragraph, quote=False) for _, paragraph in content)
    name = around.draw.choice(("postbody", "entry", "text", "blogtext", "x1"))
    return _page(story, content, f'<h1>{escape(story.title)}</h1><div class="{name}">{text}</div>', around)


def list_article(story: Story, around: Surroundings) -> tuple[str, Content]:
    """An introduction, and numbered items with short lists."""
    content = numbered(story, around.draw)
    name = around.draw.choice(("listicle", "article-content", "css-8atqhb", "slice"))
    return _page(story, content, f'<main class="{name}"><h1>{escape(story.title)}</h1>{render(content)}</main>', around)


def recipe(story: Story, around: Surroundings) -> tuple[str, Content]:
    """A story with a recipe: ingredients and steps are lists."""
    content: Content = [("p", paragraph) for paragraph in story.paragraphs[:4]]
    content += [("h2", "Ingredients"), *(("li", item) for item in around.draw.sample(INGREDIENTS, 5))]
    content += [("h2", "Instructions"), *(("li", step) for step in STEPS), ("p", story.paragraphs[4])]
    name = around.draw.choice(("wprm-recipe-container", "tasty-recipes", "recipe", "post-content"))
    body = f'<article><h1>{escape(story.title)}</h1><div class="{name}">{render(content)}</div></article>'
    return _page(story, content, body, around)


def questions(story: Story, around: Surroundings) -> tuple[str, Content]:
    """Questions and answers that unfold."""
    content: Content = [("p", story.paragraphs[0])]
    parts = [render(content)]
    for paragraph in story.paragraphs[1:]:
        question = f"What about {heading(paragraph)}?"
        content += [("h3", question), ("p", paragraph)]
        if around.draw.random() < 0.5:
            parts.append(f"<details><summary>{escape(question)}</summary><div>{escape(paragraph)}</div></details>")
        else:
            parts.append(
                f'<div class="accordion-item"><h3>{escape(question)}</h3>'
                f'<div class="panel"><p>{escape(paragraph)}</p></div></div>'
            )
    return _page(story, content, f'<div class="faq"><h1>{escape(story.title)}</h1>{"".join(parts)}</div>', around)


def unclosed_tags(story: Story, around: Surroundings) -> tuple[str, Content]:
    """No paragraph is closed, nor is the title."""
    content = headed(story, around.draw)
    text = "\n".join(
        f"<{tag}>{escape(part, quote=False)}" + (f"</{tag}>" if tag != "p" else "") for tag, part in content
    )
    body = f"{around.menu()}<h1>{escape(story.title)}</h1><div id=main>{text}</div>{around.below()}"
    return f"<html><head><title>{escape(story.title)}<body>{body}", content


def german_blog(story: Story, around: Surroundings) -> tuple[str, Content]:
    """A German blog with German boilerplate."""
    draw = around.draw
    story = draw.choice(GERMAN)
    content = headed(story, draw)
    name = draw.choice(("entry-content", "beitrag", "ce-bodytext", "blog-text"))
    other = GERMAN[1 - GERMAN.index(story)]
    below = (
        "<p>Veröffentlicht am 3. März 2019 von <a href='/a'>Oda Brenn</a></p>"
        "<div><h3>Das könnte Sie auch interessieren</h3>"
        f"<ul><li><a href='/1'>{other.title}</a><p>{other.paragraphs[0]}</p></li></ul></div>"
        "<div id='respond'><h3>Schreibe einen Kommentar</h3>"
        "<p>Deine E-Mail-Adresse wird nicht veröffentlicht.</p></div>"
        "<div>Impressum | Datenschutz | © 2019</div>"
    )
    article = f'<div class="{name}"><h1>{story.title}</h1>{render(content)}</div>'
    return document(story.title, around.menu() + article + below, language="de"), content


def university(story: Story, around: Surroundings) -> tuple[str, Content]:
    """A news page of a content management system, with a contact below the article."""
    content: Content = [("p", paragraph) for paragraph in story.paragraphs]
    name = around.draw.choice(("field field--name-body", "news-single-content", "region-content", "frame-type-text"))
    body = (
        f'<div id="block-system-main"><h2>{escape(story.title)}</h2><div class="{name}">{render(content)}</div></div>'
    )
    contact = "<div class='contact'><h4>Contact</h4><p>Press office, room 114</p><p>+00 555 0114</p></div>"
    return _page(story, content, body + contact, around)


def company_blog(story: Story, around: Surroundings) -> tuple[str, Content]:
    """A blog of a company: a table and lists in the article, and calls to action between its paragraphs."""
    content = with_table(story, around.draw)
    name = around.draw.choice(("hs_cos_wrapper_type_rich_text", "w-richtext", "rich-text", "prose"))
    markup = render(content).split("\n")
    call = (
        '<div class="cta"><p>Want to see it for yourself? Book a free demo with our team today.</p>'
        '<a href="/d">Book now</a></div>'
    )
    markup.insert(len(markup) // 2 if "<tr>" not in markup[len(markup) // 2] else len(markup), call)
    return _page(
        story,
        content,
        f'<section><h1>{escape(story.title)}</h1><div class="{name}">{"".join(markup)}</div></section>',
        around,
    )


def inline_builder(story: Story, around: Surroundings) -> tuple[str, Content]:
    """Element names are hashes, and each paragraph has `<span>` elements in it."""
    draw, content = around.draw, headed(story, around.draw)
    code = "".join(draw.choices("abcdefghkmn0123456789", k=6))
    markup = render(content, f'<p class="css-{code}"><span><span style="font-size:17px">{{}}</span></span></p>')
    return _page(story, content, f'<div class="css-{code[::-1]}"><h1>{escape(story.title)}</h1>{markup}</div>', around)


def layout_table(story: Story, around: Surroundings) -> tuple[str, Content]:
    """A site of about 2005: nested tables, `<font>`, headings in bold type."""
    content = headed(story, around.draw)
    text = "".join(
        f"<b>{escape(part)}</b><p>" if tag == "h2" else f'<font face="Verdana" size=2>{escape(part)}</font><p>'
        for tag, part in content
    )
    body = (
        f"<table width=760><tr><td width=160 valign=top>{around.menu()}</td><td><table><tr><td>"
        f"<font size=4>{escape(story.title)}</font><p>{text}</td></tr></table></td>"
        f"<td width=180>{around.teasers(3)}</td></tr></table>{around.footer()}"
    )
    return document(story.title, body), content


LAYOUTS: dict[str, Callable[[Story, Surroundings], tuple[str, Content]]] = {
    "page builder": page_builder,
    "line breaks": line_breaks,
    "list article": list_article,
    "recipe": recipe,
    "questions": questions,
    "unclosed tags": unclosed_tags,
    "German blog": german_blog,
    "university": university,
    "company blog": company_blog,
    "inline builder": inline_builder,
    "layout table": layout_table,
}
"""The kinds of layout that the sample corpus lacks."""


def layout_page(layout: str, stories: Sequence[Story], seed: int) -> LayoutPage:
    """Return a page of a layout, drawn by a seed."""
    draw = random.Random(f"{layout} {seed}")
    story = draw.choice(list(stories))
    around = Surroundings(draw, [other for other in stories if other is not story])
    html, content = LAYOUTS[layout](story, around)
    return LayoutPage(layout, html, tuple(text.replace("|", " ") for _, text in content))


def layout_pages(per_layout: int, first_seed: int = 0) -> Iterator[LayoutPage]:
    """Yield pages of each layout."""
    stories = invented_stories()
    for layout in LAYOUTS:
        for seed in range(first_seed, first_seed + per_layout):
            yield layout_page(layout, stories, seed)
