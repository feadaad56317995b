"""The page of hand-outs: one card per annotator, each on a sheet of its own when printed."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Protocol

__all__ = ["render"]

_STYLE = """
:root{color-scheme:light dark;--ink:#1d1c1a;--bg:#fff;--soft:#57534a;--line:#d8d3c7;--link:#1659a8}
@media(prefers-color-scheme:dark){:root{--ink:#ece8df;--bg:#1b1a17;--soft:#b3ac9d;--line:#4a463d;--link:#9cd0ff}}
body{font:18px/1.6 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:2rem 1rem;color:var(--ink)}
html{background:var(--bg)}
h1,h2{font-family:Georgia,serif;line-height:1.3;overflow-wrap:anywhere}a{color:var(--link)}
article{border:1px solid var(--line);border-radius:10px;padding:1rem 1.5rem;margin-bottom:2rem;break-inside:avoid}
h2{margin:.2rem 0 1rem}dt{color:var(--soft);font-size:.85rem}dd{margin:0 0 .8rem;overflow-wrap:anywhere}
dd.code{font:1.3rem ui-monospace,monospace;letter-spacing:.05em}ol{padding-left:1.2rem}
@media print{:root{color-scheme:light;--ink:#000;--bg:#fff;--soft:#444;--link:#000}
article{border:0;break-after:page}h1,.note{display:none}body{margin:0}}
"""


class Card(Protocol):
    """Everything that one annotator needs, such as a `HandOut` of `stages.people`."""

    @property
    def annotator(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def user(self) -> str: ...
    @property
    def sign_in(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def password_text(self) -> str: ...


def render(batch: str, cards: Iterable[Card]) -> str:
    """Render the page: plain HTML that loads nothing, with everything escaped."""
    articles = "".join(map(_article, cards))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Hand-outs for {escape(batch)}</title><style>{_STYLE}</style></head><body><main>
<h1>Hand-outs for {escape(batch)}</h1>
<p class="note">Print this page or send each card to its annotator, then delete the file: it has passwords.</p>
{articles}</main></body></html>
"""


def _article(card: Card) -> str:
    title = card.annotator if card.name is None else f"{card.annotator}, {card.name}"
    return f"""<article><h2>{escape(title)}</h2><dl>
<dt>Address</dt><dd>{_link(card.sign_in)}</dd>
<dt>User name</dt><dd class="code">{escape(card.user)}</dd>
<dt>Password</dt><dd class="code">{escape(card.password_text)}</dd>
<dt>Your texts and the guidelines</dt><dd>{_link(card.address)}</dd></dl>
<ol><li>Sign in at the address above.</li><li>Open your project, and read the guidelines once.</li>
<li>Mark each text, then tick it done: a text without a tick does not count.</li></ol></article>
"""


def _link(address: str) -> str:
    return f'<a href="{escape(address)}" rel="noreferrer">{escape(address)}</a>'
