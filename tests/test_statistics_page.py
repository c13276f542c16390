"""The page of a corpus: what Python writes, and what a browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_statistics import annotated, doc
from typer.testing import CliRunner

from converters import Document, look, read
from converters.cli import app
from converters.statistics.page import brief, histogram, page
from converters.statistics.statistics import Distribution, statistics

SEED = Path(__file__).parent.parent / "data" / "cables"
TEMPLATE = resources.files("converters.statistics").joinpath("page.html").read_text(encoding="utf-8") + look.style()
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


class Elements(HTMLParser):
    """The elements of a page in their order, with the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((self.open[-1], data))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.found if attribute in attributes]


def corpus(mention: str, label: str) -> list[Document]:
    text = f"x {mention} y"
    span = (2, 2 + len(mention), label)
    return [doc(text, span), doc(text, span, (*span[:2], "OTHER")), doc("nothing")]


def html(documents: list[Document], name: str = "corpus", top: int = 10) -> str:
    return page(statistics(documents), name, top)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>window.hacked=1</script>",
        "</title></svg></style><!-- ]]>",
        "\"'><img src=x onerror=hack()>",
        "&lt;&amp;",
    ],
)
def test_no_data_becomes_an_element_or_an_attribute(hostile: str) -> None:
    plain = re.sub(r"\S", "x", hostile)
    found = Elements(html(corpus(hostile, hostile), hostile))
    expected = Elements(html(corpus(plain, plain), plain))
    assert found.found[6:] == expected.found[6:]
    assert [tag for tag, _ in found.found] == [tag for tag, _ in expected.found]
    assert found.comments == expected.comments == []
    assert not found.open
    assert found.texts == [(tag, text.replace(plain, hostile)) for tag, text in expected.texts]


@given(st.lists(annotated(), max_size=4), st.integers(0, 3))
@settings(max_examples=40)
def test_any_corpus_makes_a_whole_page(documents: list[Document], top: int) -> None:
    found = Elements(html(documents, top=top))
    assert not found.open
    assert not found.comments
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    named = {name for kind in ("aria-labelledby", "aria-describedby") for name in found.values(kind)}
    assert named <= set(ids)
    assert {link[1:] for link in found.values("href")} <= set(ids)
    counts = Counter(tag for tag, _ in found.found)
    assert counts["h1"] == counts["main"] == counts["style"] == 1
    assert not counts["script"]
    for tag, attributes in found.found:
        assert tag != "svg" or attributes.get("role") == "img" or attributes.get("aria-hidden") == "true"
        assert "style" not in attributes  # the policy would not have it


def test_the_policy_allows_the_style_of_the_page_and_no_more() -> None:
    text = html(list(read(SEED)))
    [policy] = [a["content"] or "" for _, a in Elements(text).found if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("require-trusted-types-for") == "'script'"
    assert rules.pop("trusted-types") == "'none'"
    [code] = re.findall("<style>(.*?)</style>", text, flags=re.DOTALL)
    assert rules.pop("style-src") == f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
    assert not rules


def test_the_page_names_nothing_outside_itself() -> None:
    text = html(list(read(SEED)))
    for needle in ("http:", "https:", "//www", "src=", "@import", "url(", "<script", " style=", "{{", "/*"):
        assert needle not in text
    for needle in ("http:", "https:", "@import", "url(", "<script"):
        assert needle not in TEMPLATE


def test_the_template_is_installed_with_the_package() -> None:
    wanted = {"converters/statistics/page.html", "converters/look.css"}
    installed = {path.as_posix() for path in importlib.metadata.files("nerconv") or []}
    if "converters/__init__.py" not in installed:  # installed for development: ask the builder what it would take
        builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder(str(Path(__file__).parent.parent))
        installed = {Path(of.distribution_path).as_posix() for of in builder.recurse_included_files()}
    assert wanted <= installed


def test_the_numbers_are_in_the_page() -> None:
    found = Elements(html(list(read(SEED))))
    texts = [text for _, text in found.texts]
    assert {"159", "1,673", "LOC", "40.3%", "Venezuela", "22", "1.32", "12.6%"} <= set(texts)
    assert "Entities per document" not in texts  # there is one document


def test_a_label_has_the_same_hue_everywhere() -> None:
    text = html(corpus("Rome", "LOC"))
    assert set(re.findall(r'class="tag (h\d+)">LOC', text)) == {f"h{look.hue(0)}"}
    assert set(re.findall(r'class="tag (h\d+)">OTHER', text)) == {f"h{look.hue(1)}"}  # it is rarer


def test_the_hues_are_those_of_the_page_of_an_evaluation() -> None:
    assert [look.hue(place) for place in range(4)] == [255, 33, 170, 308]
    script = resources.files("converters.evaluation").joinpath("page.html").read_text(encoding="utf-8")
    assert "Math.round(255 + number * 137.5) % 360" in script


def test_a_mention_of_many_labels_is_cut() -> None:
    found = Elements(html([doc("Paris", *((0, 5, label) for label in "ABCDEFGHI"))]))
    assert "4 more" in [text for _, text in found.texts]


def test_an_empty_corpus_has_a_page() -> None:
    assert "There are no documents." in html([])
    assert "There are no entities." in html([doc("nothing")])


def rects(values: dict[int, int]) -> list[tuple[str, float, float, float, float]]:
    """The bars of a histogram: what each is called, its left and width in per cent, its top and height in pixels."""
    figure = histogram("Title", Distribution(values), "tokens", "document")
    found = []
    for group in figure.iter("g"):
        if (title := group.find("title")) is not None and (rect := group.find("rect")) is not None:
            x, width, y, height = (float(rect.get(name, "").rstrip("%")) for name in ("x", "width", "y", "height"))
            found.append((title.text or "", x, width, y, height))
    return found


def test_bars_are_as_high_as_their_numbers() -> None:
    found = rects({1: 40, 2: 20, 4: 10})
    assert [title for title, *_ in found] == ["1: 40", "2: 20", "4: 10"]
    heights = [height for *_, height in found]
    assert heights == pytest.approx([heights[0], heights[0] / 2, heights[0] / 4], abs=0.2)
    assert len({round(y + height, 1) for _, _, _, y, height in found}) == 1


@given(st.dictionaries(st.integers(0, 10**5), st.integers(1, 1000), min_size=1))
def test_bars_stay_in_their_plot_and_do_not_overlap(values: dict[int, int]) -> None:
    at = 0.0
    for _, x, width, y, height in rects(values):
        assert at <= x < x + width <= 100
        assert 0 <= y < y + height <= 200
        at = x + width


@given(st.dictionaries(st.integers(0, 10**7), st.integers(1, 1000), min_size=1))
def test_the_values_below_the_bars_do_not_run_into_each_other(values: dict[int, int]) -> None:
    figure = histogram("Title", Distribution(values), "tokens", "document")
    [group] = [group for group in figure.iter("g") if group.get("class") == "values"]
    edge = -100.0
    for text in group:
        size = len(text.text or "") * 6.5
        middle = float(text.get("x", "").rstrip("%")) * 2.2
        start = middle - size if text.get("class") == "end" else middle - size / 2
        assert start > edge
        edge = start + size
    assert group[0].text


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0"), (500, "500"), (1500, "1.5k"), (20_000, "20k"), (5_000_000, "5M"), (10**10, "10G")],
)
def test_numbers_in_few_letters(number: int, expected: str) -> None:
    assert brief(number) == expected


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.html"
    result = CliRunner().invoke(app, ["stats", str(SEED), "--html", str(out), "--top", "2", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["spans"] == 159
    assert out.read_text(encoding="utf-8") == page(statistics(read(SEED)), str(SEED), 2)


# ---- in a browser

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
DRIVER = shutil.which("chromedriver")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if not CHROMIUM or not DRIVER:
        pytest.skip("no chromium and chromedriver on the PATH")
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    quiet = "disable-background-networking disable-component-update disable-sync no-first-run disable-dev-shm-usage"
    profile = tmp_path_factory.mktemp("chromium")
    for switch in ["headless=new", "no-sandbox", "disable-gpu", f"user-data-dir={profile}", *quiet.split()]:
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(DRIVER)) as running:
        yield running


@pytest.fixture
def many() -> list[Document]:
    words = [HOSTILE, "\u05d3\u05d5\u05d3 \u05d1\u05df", "x" * 3000, "Rome", "a b c d e f g h i j k l m n o p q r"]
    return [
        doc(f"{word} {'y ' * size}z", (0, len(word), label))
        for size in range(1, 60)
        for word, label in zip(words, ["PER", HOSTILE, "L" * 200, f"N{size % 20}", "LOC"], strict=True)
    ]


@pytest.mark.parametrize("width", [320, 800, 1920])
def test_the_page_fits_every_screen(width: int, driver: Any, many: list[Document], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(html(many, HOSTILE), encoding="utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get("about:blank")
    driver.get_log("browser"), driver.get_log("performance")
    driver.get(path.as_uri())
    assert driver.get_log("browser") == []  # nothing that the policy had to stop
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [of["params"]["request"]["url"] for of in messages if of["method"] == "Network.requestWillBeSent"]
    assert asked == [path.as_uri()]
    assert driver.execute_script("return window.hacked") is None
    assert (
        driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    )
    plots = driver.find_elements("css selector", "svg.plot")
    assert len(plots) == 4
    assert all(plot.rect["width"] > 200 and plot.rect["height"] == 200 for plot in plots)
    colours = {bar.value_of_css_property("fill") for bar in driver.find_elements("css selector", ".line rect")}
    assert len(colours) > 10
