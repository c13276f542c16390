"""The HTML page of an evaluation: what Python writes, and what a browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import random
import re
import shutil
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from converters import look
from converters.evaluation.page import page

Span = tuple[int, int, str]
TEMPLATE = resources.files("converters.evaluation").joinpath("page.html").read_text(encoding="utf-8") + look.style()


# ---- evaluations to show: small ones, whose numbers can be counted by hand


def document(name: str, text: str, gold: Iterable[Span], *predicted: Iterable[Span]) -> dict[str, Any]:
    return {"id": name, "text": text, "gold": [*map(list, gold)], "predicted": [[*map(list, of)] for of in predicted]}


def errors_of(document: Mapping[str, Any], system: int) -> Iterator[dict[str, Any]]:
    """Each gold span that is not predicted takes the first wrong prediction that overlaps it."""
    gold, predicted = ({tuple(span) for span in of} for of in (document["gold"], document["predicted"][system]))
    spurious = sorted(predicted - gold)
    for span in sorted(gold - predicted):
        start, end, label = span
        other = next((of for of in spurious if of[0] < end and start < of[1]), None)
        kind = "missed"
        if other:
            spurious.remove(other)
            kind = "label" if other[:2] == span[:2] else "boundary" if other[2] == label else "both"
        yield {
            "document": document["id"],
            "kind": kind,
            "gold": [*span],
            "predicted": other and [*other],
            "context": "",
        }
    for other in spurious:
        yield {"document": document["id"], "kind": "spurious", "gold": None, "predicted": [*other], "context": ""}


def score(tp: int, fp: int, fn: int) -> dict[str, Any]:
    ratio = {"precision": (tp, tp + fp), "recall": (tp, tp + fn), "f1": (2 * tp, 2 * tp + fp + fn)}
    values = {name: over / under if under else None for name, (over, under) in ratio.items()}
    f1 = values["f1"]
    interval = None if f1 is None else [f1 / 2, (1 + f1) / 2]
    return {"tp": tp, "fp": fp, "fn": fn, "support": tp + fn, **values, "interval": interval}


def evaluation(documents: list[dict[str, Any]], *names: str) -> dict[str, Any]:
    systems = []
    for number, name in enumerate(names):
        errors = [error for document in documents for error in errors_of(document, number)]
        labels: dict[str, Counter[str]] = defaultdict(Counter)
        confusion: dict[str, Counter[str]] = defaultdict(Counter)
        per_document = []
        for of in documents:
            gold, predicted = ({tuple(span) for span in spans} for spans in (of["gold"], of["predicted"][number]))
            for kind, spans in {"tp": gold & predicted, "fp": predicted - gold, "fn": gold - predicted}.items():
                for *_, label in spans:
                    labels[label][kind] += 1
                    if kind == "tp":
                        confusion[label][label] += 1
            exact = score(len(gold & predicted), len(predicted - gold), len(gold - predicted))
            per_document.append({"id": of["id"], "exact": exact})
        for error in errors:
            sides = [error[side][2] if error[side] else "" for side in ("gold", "predicted")]
            confusion[sides[0]][sides[1]] += 1
        total = sum(labels.values(), Counter())
        micro = score(total["tp"], total["fp"], total["fn"])
        average = {key: micro[key] for key in ("precision", "recall", "f1", "interval")}
        counts = dict.fromkeys(("correct", "incorrect", "partial", "missed", "spurious"), 1)
        systems.append(
            {
                "name": name,
                "documents": len(documents),
                "exact": {
                    "micro": micro,
                    "macro": average,
                    "weighted": average,
                    "labels": {label: score(of["tp"], of["fp"], of["fn"]) for label, of in sorted(labels.items())},
                },
                "semeval": dict.fromkeys(("strict", "exact", "partial", "type"), counts | average),
                "boundary": micro,
                "token": None,
                "by": {},
                "per_document": per_document,
                "confusion": {gold: dict(of) for gold, of in confusion.items()},
                "errors": errors,
            }
        )
    return {"signature": "nerconv 0.1 | match exact", "systems": systems, "comparisons": []}


ANNA = "Anna met Bob in New York ."
SMALL = [
    document(
        "a",
        ANNA,
        [(0, 4, "PER"), (9, 12, "PER"), (16, 24, "LOC")],
        [(0, 4, "PER"), (9, 12, "ORG"), (20, 24, "LOC")],
    ),
    document("b", "Rome is old .", [(0, 4, "LOC")], [(0, 4, "LOC")]),
    document("c", "ACME sued Rome\n  Inc .", [(0, 4, "ORG"), (10, 20, "ORG")], [(10, 14, "LOC")]),
    document("d/e", "It rained in the Cafe\u0301 .", [], [(0, 2, "MISC")]),
    document("f", "No names here .", [], []),
]
"""An error of each class: wrong label and wrong boundary in a, missed and both in c, spurious in d/e."""

HOSTILE = "<script>window.hacked=1</script></script><!--\"><img src=x onerror=window.hacked=1>'&amp;]]>"


def html(documents: list[dict[str, Any]], *names: str, **more: Any) -> str:
    return "".join(page(evaluation(documents, *names) | more, documents))


# ---- without a browser


class Elements(HTMLParser):
    """The tags of a page, and what its scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.comments: list[str] = []
        self.metas: list[dict[str, str | None]] = []
        self.inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append((dict(attrs), ""))
        if tag == "meta":
            self.metas.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def blocks(text: str, kind: str) -> list[Any]:
    return [item for of, data in Elements(text).scripts if of.get("class") == kind for item in json.loads(data)]


def test_no_data_can_leave_its_block() -> None:
    hostile = [document(HOSTILE, HOSTILE, [(0, 8, HOSTILE)], [(0, 9, HOSTILE)])]
    plain = [document("x", "x" * len(HOSTILE), [(0, 8, "x")], [(0, 9, "x")])]
    found, expected = Elements(html(hostile, HOSTILE, signature=HOSTILE)), Elements(html(plain, "x"))
    assert found.tags == expected.tags
    assert found.comments == expected.comments == []
    assert [of for of, _ in found.scripts] == [of for of, _ in expected.scripts]
    for of, data in found.scripts[:-1]:
        assert of["type"] == "application/json"
        assert not set("<>&") & set(data)
    assert blocks(html(hostile, HOSTILE), "documents") == hostile


def test_the_policy_allows_the_script_and_the_style_of_the_page_and_no_more() -> None:
    text = html(SMALL, "x")
    [policy] = [of["content"] or "" for of in Elements(text).metas if of.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("require-trusted-types-for") == "'script'"
    assert rules.pop("trusted-types") == "'none'"
    for kind in ("script", "style"):
        [code] = re.findall(f"<{kind}>(.*?)</{kind}>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert rules.pop(f"{kind}-src") == f"'sha256-{digest}'"
    assert not rules


def test_the_template_names_nothing_outside_itself_and_makes_no_html_of_strings() -> None:
    for needle in ("http:", "https:", "//www", "src=", "@import", "url(", "fetch(", "XMLHttp", "import("):
        assert needle not in TEMPLATE
    for needle in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "Function(", " style="):
        assert needle not in TEMPLATE
    assert not re.search(r"\beval\b", TEMPLATE)
    assert not re.search(r"<[^>]* on\w+=", TEMPLATE)


def test_documents_are_taken_one_at_a_time() -> None:
    taken = []

    def documents() -> Iterator[dict[str, Any]]:
        for number in range(5):
            taken.append(number)
            yield document(str(number), "x" * 600_000, [], [])

    result = evaluation([document(str(number), "x", [], []) for number in range(5)], "x")
    pieces = page(result, documents())
    seen = []
    for piece in pieces:
        seen.append((len(taken), 'class="documents"' in piece))
        assert len(piece) < 1_700_000
    assert [when for when, holds in seen if holds] == [2, 4, 5]
    assert seen[0][0] == 0


def test_the_index_tells_what_the_page_filters_by() -> None:
    text = html(SMALL, "x")
    rows = blocks(text, "index")
    assert [row["id"] for row in rows] == ["a", "b", "c", "d/e", "f"]
    assert rows[0]["gold"] == ["LOC", "PER"]
    assert rows[0]["predicted"] == [["LOC", "ORG", "PER"]]
    assert rows[0]["right"] == [["PER"]]
    assert not rows[0]["differ"]
    assert rows[0]["errors"] == [
        {"system": 0, "kind": "label", "gold": [9, 12, "PER"], "predicted": [9, 12, "ORG"]},
        {"system": 0, "kind": "boundary", "gold": [16, 24, "LOC"], "predicted": [20, 24, "LOC"]},
    ]
    assert rows[0]["scores"][0]["tp"] == 1
    assert blocks(text, "unplaced") == [0]
    [result] = blocks(text, "result")
    assert "errors" not in result["systems"][0]
    assert "per_document" not in result["systems"][0]


def test_errors_of_documents_that_did_not_come_are_counted() -> None:
    assert blocks("".join(page(evaluation(SMALL, "x"), SMALL[1:])), "unplaced") == [2]


def test_half_a_surrogate_pair_can_be_written() -> None:
    name = "caf\udce9"
    text = html([document(name, "x", [], [])], "x")
    assert text.encode()
    assert blocks(text, "index")[0]["id"] == name


def test_two_documents_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="two documents have the id 'b'"):
        html([SMALL[1], SMALL[1]], "x")


def test_a_prediction_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="document 'a': 1 predictions, 2 systems"):
        list(page(evaluation([], "x", "y"), SMALL))


def test_a_number_that_json_does_not_have_is_refused() -> None:
    result = evaluation(SMALL, "x")
    result["systems"][0]["exact"]["micro"]["f1"] = float("nan")
    with pytest.raises(ValueError, match="not JSON compliant"):
        list(page(result, SMALL))


def test_the_template_is_installed_with_the_package() -> None:
    wanted = {"converters/evaluation/page.html", "converters/look.css"}
    installed = {path.as_posix() for path in importlib.metadata.files("nerconv") or []}
    if "converters/__init__.py" not in installed:  # installed for development: ask the builder what it would take
        builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder(str(Path(__file__).parent.parent))
        installed = {Path(of.distribution_path).as_posix() for of in builder.recurse_included_files()}
    assert "converters/evaluation/page.py" in installed
    assert wanted <= installed


# ---- in a browser

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
DRIVER = shutil.which("chromedriver")


class Browser:
    """A page in a real browser, asked as a person would ask it."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self.file = folder / "page.html"

    def open(self, result: Mapping[str, Any], documents: Iterable[Mapping[str, Any]]) -> None:
        with self.file.open("w", encoding="utf-8") as file:
            file.writelines(page(result, documents))
        self.go(self.file.as_uri())

    def go(self, address: str) -> None:
        self.driver.get("about:blank")
        self.logged("browser"), self.logged("performance")
        self.driver.get(address)
        self.settle()

    def logged(self, kind: str) -> list[dict[str, Any]]:
        log: list[dict[str, Any]] = self.driver.get_log(kind)
        return log

    def requests(self) -> list[str]:
        messages = [json.loads(entry["message"])["message"] for entry in self.logged("performance")]
        return [of["params"]["request"]["url"] for of in messages if of["method"] == "Network.requestWillBeSent"]

    def js(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(code, *arguments)

    def settle(self) -> None:
        """Wait for a search to end."""
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, 60).until(lambda _: self.one("#list").get_attribute("aria-busy") is None)

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        elements: list[Any] = self.driver.find_elements("css selector", selector)
        return elements

    def text(self, selector: str) -> str:
        words: str = self.one(selector).get_property("textContent")
        return words

    def texts(self, selector: str) -> list[str]:
        return [of.get_property("textContent") for of in self.all(selector)]

    def press(self, *keys: str) -> None:
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def click(self, selector: str) -> None:
        self.js("arguments[0].scrollIntoView({block: 'center'})", self.one(selector))
        self.one(selector).click()
        self.settle()

    def search(self, words: str) -> None:
        self.one("#query").clear()
        self.one("#query").send_keys(words or " ")
        self.settle()

    def choose(self, selector: str, choice: str) -> None:
        from selenium.webdriver.support.select import Select

        Select(self.one(selector)).select_by_visible_text(choice)
        self.settle()

    def counts(self) -> tuple[int, int, int, int]:
        found = re.fullmatch(r"([\d,]+) of ([\d,]+) documents?, ([\d,]+) of ([\d,]+) errors?", self.text("#counts"))
        assert found, self.text("#counts")
        documents, all_documents, errors, all_errors = (int(number.replace(",", "")) for number in found.groups())
        return documents, all_documents, errors, all_errors

    def rows(self) -> list[str]:
        return self.texts(".row .id")

    def shown(self) -> str:
        return self.text("#document-id")

    def marked(self, column: int) -> list[str]:
        """The marked pieces of a column, and after each mention what its label says."""
        return self.texts(f".sides td:nth-child({column}) :is(.mark:not(:has(.chip)), .chip)")

    def current(self) -> list[str]:
        return self.texts(".sides .mark.current:not(:has(.chip))")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("no chromium and chromedriver on the PATH")
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("chromium")
    quiet = "disable-background-networking disable-component-update disable-sync no-first-run disable-dev-shm-usage"
    for switch in ["headless=new", "no-sandbox", "disable-gpu", f"user-data-dir={profile}", *quiet.split()]:
        options.add_argument(f"--{switch}")
    options.add_argument("--window-size=1280,900")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(DRIVER)) as running:
        yield running


@pytest.fixture
def browser(driver: Any, tmp_path: Path) -> Browser:
    return Browser(driver, tmp_path)


@pytest.fixture
def small(browser: Browser) -> Browser:
    browser.open(evaluation(SMALL, "tagger"), SMALL)
    return browser


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and notes what was asked for."""

    asked: list[str]

    def log_message(self, format: str, *args: Any) -> None:
        self.asked.append(self.path)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    handler = type("Noting", (Quiet,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", handler.asked
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_it_opens_without_a_word_and_asks_for_nothing(small: Browser) -> None:
    assert small.counts() == (5, 5, 5, 5)
    small.press("n", "n", "n", "?")
    assert small.logged("browser") == []
    assert small.requests() == [small.file.as_uri()]


@pytest.mark.slow
def test_served_it_asks_for_itself_alone_and_what_got_in_may_ask_for_nothing(
    small: Browser, served: tuple[str, list[str]]
) -> None:
    address, asked = served
    small.go(address + "page.html")
    assert small.counts() == (5, 5, 5, 5)
    assert small.logged("browser") == []
    wanted = """
        const done = arguments[1];
        const image = document.createElement("img");
        const script = document.createElement("script");
        script.append("window.hacked = 1");
        const link = document.createElement("link");
        link.rel = "stylesheet";
        image.src = link.href = arguments[0];
        let refused = 0;
        try { document.body.innerHTML = "<p>"; } catch { refused += 1; }
        try { document.body.append(image, script, link); } catch { refused += 1; }
        document.head.append(link);
        fetch(arguments[0]).catch(() => refused += 1).finally(() => setTimeout(() => done(refused), 500));
    """
    refused = small.driver.execute_async_script(wanted, address + "leak")
    assert refused >= 2
    assert small.js("return window.hacked") is None
    assert [path for path in asked if path != "/page.html"] == []
    assert any("Content Security Policy" in entry["message"] for entry in small.logged("browser"))


@pytest.mark.slow
def test_scores_are_shown_with_their_intervals_and_what_is_undefined_is_called_so(small: Browser) -> None:
    assert small.text("#signature") == "nerconv 0.1 | match exact"
    rows = {of.find_element("css selector", "th").text: of for of in small.all("#scores-tables tbody tr")}
    cells = [of.text for of in rows["Micro average"].find_elements("css selector", "td")]
    # 2 right, 4 predicted wrongly, 4 of the gold not found
    assert cells == ["33.33", "33.33", "33.33", "[16.67, 66.67]", "", "2", "4", "4", "6"]
    fill = rows["Micro average"].find_element("css selector", ".fill")
    assert fill.size["width"] / fill.find_element("xpath", "..").size["width"] == pytest.approx(1 / 3, abs=0.02)
    assert [of.text for of in rows["MISC"].find_elements("css selector", "td")][:3] == ["0.00", "undefined", "0.00"]
    assert [of.text for of in rows["Tokens"].find_elements("css selector", "td")][:3] == ["undefined"] * 3
    labels = "#scores-tables table:first-of-type th[scope=row] .tag"
    assert small.texts(labels) == ["LOC", "ORG", "PER", "MISC"]
    small.choose("#order-labels", "by name")
    assert small.texts(labels) == ["LOC", "MISC", "ORG", "PER"]
    small.choose("#order-labels", "by F1, lowest first")
    assert small.texts(labels) == ["ORG", "MISC", "LOC", "PER"]
    assert len(small.all("#semeval tbody tr")) == 4
    assert not small.one("#by").is_displayed()
    assert not small.one("#comparisons").is_displayed()


@pytest.mark.slow
def test_filters_by_class_label_text_and_whether_there_are_errors(small: Browser) -> None:
    for kind, name in {"missed": "c", "spurious": "d/e", "label": "a", "boundary": "a", "both": "c"}.items():
        small.click(f"#kinds [value={kind}]")
        assert (small.counts(), small.rows(), small.shown()) == ((1, 5, 1, 5), [name], name)
        small.click(f"#kinds [value={kind}]")
    small.click("#kinds [value=missed]")
    small.click("#kinds [value=label]")
    assert (small.counts(), small.rows()) == ((2, 5, 2, 5), ["a", "c"])
    small.click("#clear")
    assert (small.counts(), len(small.rows())) == ((5, 5, 5, 5), 5)
    assert small.texts("#kinds .count") == ["1"] * 5

    small.choose("#label", "LOC")
    assert (small.counts(), small.rows()) == ((3, 5, 2, 5), ["a", "b", "c"])
    assert small.texts("#kinds .count") == ["0", "0", "0", "1", "1"]
    small.click("#errors-only")
    assert (small.counts(), small.rows()) == ((2, 5, 2, 5), ["a", "c"])
    small.choose("#label", "any")
    assert (small.counts(), small.rows()) == ((3, 5, 5, 5), ["a", "c", "d/e"])
    small.click("#errors-only")

    searches = {"rome": "bc", "ROME INC": "c", "d/E": "d/e", "café": "d/e", "New  York": "a", "a.me": "", "<b>": ""}
    for words, names in searches.items():
        small.search(words)
        assert "".join(small.rows()) == names, words
    assert small.text("#document") == "No document passes the filters."
    assert small.counts() == (0, 5, 0, 5)
    small.search("is")
    small.choose("#label", "PER")
    assert small.rows() == []
    small.click("#clear")
    small.choose("#order", "most errors first")
    assert small.rows() == ["a", "c", "d/e", "b", "f"]
    small.choose("#order", "lowest F1 first")
    assert small.rows() == ["c", "d/e", "a", "b", "f"]


@pytest.mark.slow
def test_a_search_is_marked_in_the_text(small: Browser) -> None:
    small.search("w york .")
    found = small.js("return [...CSS.highlights.get('found')].map(String)")
    # a search goes on behind a label; what a range says has the label in it
    assert found == ["w YorkLOC↔ boundary .", "w YorkLOC↔ boundary ."]


@pytest.mark.slow
def test_each_cell_of_the_confusion_shows_its_documents(small: Browser) -> None:
    cells = {}
    for number in range(len(small.all("#confusion button"))):
        button = small.all("#confusion button")[number]
        key = (button.get_attribute("data-gold"), button.get_attribute("data-predicted"))
        said = button.get_attribute("aria-label")
        assert said.startswith(f"{button.text}: gold {key[0] or 'none'}"), said
        small.js("arguments[0].click()", button)
        assert button.get_attribute("aria-pressed") == "true"
        assert len(small.all("#confusion [aria-pressed=true]")) == 1
        cells[key] = (int(button.text), small.counts()[2], "".join(small.rows()))
    assert cells == {
        ("PER", "ORG"): (1, 1, "a"),
        ("ORG", "LOC"): (1, 1, "c"),
        ("ORG", ""): (1, 1, "c"),
        ("", "MISC"): (1, 1, "d/e"),
        ("LOC", "LOC"): (2, 1, "ab"),  # one right, in b, and one whose boundary is wrong, in a
        ("PER", "PER"): (1, 0, "a"),
    }
    assert small.one("#pair").is_displayed()
    small.click("#no-pair")
    assert small.counts() == (5, 5, 5, 5)
    assert not small.one("#pair").is_displayed()
    small.click("#confusion [data-gold=PER][data-predicted=ORG]")
    assert small.current() == ["Bob", "Bob"]


@pytest.mark.slow
def test_the_keyboard_goes_through_documents_and_errors(small: Browser) -> None:
    assert small.shown() == "a"
    small.press("j")
    assert small.shown() == "b"
    small.press("k", "k")
    assert small.shown() == "a"
    steps = [("a", ["Bob", "Bob"]), ("a", ["New York", "York"]), ("c", ["ACME"])]
    steps += [("c", ["Rome", "  Inc", "Rome"]), ("d/e", ["It"])]  # Rome Inc stands on two lines
    for name, marks in steps:
        small.press("n")
        assert small.shown() == name
        assert sorted(small.current()) == sorted(marks)
    small.press("n")
    assert small.text("#said") == "No further error"
    for name, _ in steps[-2::-1]:
        small.press("p")
        assert small.shown() == name
    assert small.text("#said") == "Error 1 of 2 in a: wrong label, Bob, gold PER, predicted ORG"
    assert small.text("[aria-current=true] td") == "≠ wrong label"

    small.press("/")
    assert small.driver.switch_to.active_element.get_attribute("id") == "query"
    small.press("j")  # a letter to search for, here
    small.settle()
    assert small.one("#query").get_property("value") == "j"
    assert small.counts()[0] == 0
    small.one("#query").clear()
    small.settle()
    small.press("/", "\ue007")  # return goes to the list, where the arrows move
    small.press("\ue015", "\ue015")
    assert small.shown() == "c"
    small.press("\ue010")
    assert small.shown() == "f"
    small.press("\ue011")
    assert small.shown() == "a"

    small.press("?")
    assert small.one("#keys").get_property("open")
    small.press("j")
    assert small.shown() == "a"
    small.one("#letters").click()
    small.press("\ue00c")
    assert not small.one("#keys").get_property("open")
    small.press("j")
    assert small.shown() == "a"
    assert small.logged("browser") == []


@pytest.mark.slow
def test_buttons_do_what_the_keys_do_and_keep_the_focus(small: Browser) -> None:
    small.click("[data-move=j]")
    assert small.shown() == "b"
    assert small.driver.switch_to.active_element.get_attribute("data-move") == "j"
    small.click("[data-move=n]")
    assert (small.shown(), small.current()) == ("c", ["ACME"])
    small.click(".errors tr:nth-child(2) button")
    assert small.current() == ["Rome", "Rome", "  Inc"]
    small.click(".row:nth-child(4)")
    assert small.shown() == "d/e"
    assert small.text(".row[aria-selected=true] .id") == "d/e"


@pytest.mark.slow
def test_hostile_data_runs_nothing_and_is_shown_as_it_is(browser: Browser) -> None:
    documents = [document(HOSTILE, HOSTILE, [(0, 8, HOSTILE)], [(0, 9, HOSTILE)]), *SMALL]
    result = evaluation(documents, HOSTILE) | {"signature": HOSTILE}
    result["comparisons"] = [{"a": HOSTILE, "b": HOSTILE, "metric": HOSTILE, "difference": 0.1, "p_value": 0.5}]
    result["systems"][0]["by"] = {"length": {HOSTILE: score(1, 2, 3)}}
    browser.open(result, documents)
    browser.choose("#label", HOSTILE)
    browser.search(HOSTILE)
    assert browser.counts() == (1, 6, 1, 6)
    browser.press("\ue007", "n", "?")
    assert browser.js("return window.hacked") is None
    assert browser.logged("browser") == []
    assert browser.requests() == [browser.file.as_uri()]
    assert browser.all("img") == []
    assert len(browser.all("script:not([type])")) == 1
    assert browser.shown() == HOSTILE
    for selector in ("#signature", ".card bdi", ".row .id", ".row .start", "#by th bdi", "#comparisons td bdi"):
        assert browser.text(selector) == HOSTILE, selector
    assert browser.text(".errors td:last-child .tag") == HOSTILE
    assert browser.text(".sides td").replace(HOSTILE + "↔ boundary", "", 1) == HOSTILE


@pytest.mark.slow
def test_offsets_count_characters_and_not_the_units_of_javascript(browser: Browser) -> None:
    text = "😀 𝒳 Rome 👩‍👩‍👧 né Élodie 🇮🇹"
    at = {word: (text.index(word), text.index(word) + len(word)) for word in ("Rome", "Élodie", "🇮🇹")}
    documents = [document("😀", text, [(*at["Rome"], "LOC"), (*at["🇮🇹"], "LOC")], [(*at["Élodie"], "PER")])]
    browser.open(evaluation(documents, "x"), documents)
    assert browser.marked(1) == ["Rome", "LOC− missed", "🇮🇹", "LOC− missed"]
    assert browser.marked(2) == ["Élodie", "PER+ spurious"]
    assert browser.texts(".errors td:nth-child(2)") == ["Rome LOC", "none", "🇮🇹 LOC"]
    browser.press("n", "n")
    assert browser.current() == ["Élodie"]
    browser.search("👧")
    assert browser.js("return [...CSS.highlights.get('found')].map(String)") == ["👧", "👧"]


@pytest.mark.slow
def test_nested_and_overlapping_entities_have_lanes_and_labels_of_their_own(browser: Browser) -> None:
    text = "Bank of New York City"
    gold: list[Span] = [(0, 16, "ORG"), (8, 16, "LOC"), (12, 21, "MISC")]
    documents = [document("x", text, gold, gold)]
    browser.open(evaluation(documents, "x"), documents)
    assert browser.marked(1) == ["Bank of ", "New ", "York", "LOC", "ORG", " City", "MISC"]
    count = """
        return [...document.querySelectorAll(".sides td:first-child .mark:not(:has(.chip))")].map(
            (mark) => mark.style.backgroundImage.split("gradient").length - 1)
    """
    assert browser.js(count) == [1, 2, 3, 1]
    places = browser.js(count.replace('backgroundImage.split("gradient").length - 1', "backgroundPosition"))
    assert len(set(places[2].split(", "))) == 3
    assert browser.text(".sides td") == "Bank of New YorkLOCORG CityMISC"
    assert browser.text("#document .nothing") == "No errors in this document."


@pytest.mark.slow
def test_no_word_of_any_text_is_lost_or_doubled(browser: Browser) -> None:
    rng = random.Random(5)
    documents = []
    for number in range(30):
        words = ["Rome", "a", "b.", "\n", "\n\n", "naïve?", "“x!”", "שלום", "😀", "x" * 450, "  "]
        text = " ".join(rng.choices(words, weights=[3] * 9 + [0.3, 1], k=rng.choice([0, 3, 40, 400]))).strip()
        starts = [found.start() for found in re.finditer(r"\S+", text)]
        ends = [found.end() for found in re.finditer(r"\S+", text)]
        sides = []
        for _ in range(2):
            picked = (rng.randrange(len(starts)) for _ in range(min(len(starts), 12)))
            sides.append(
                {(starts[at], ends[min(at + rng.randrange(9), len(ends) - 1)], "ABC"[at % 3]) for at in picked}
            )
        documents.append(document(f"n{number}", text, sorted(sides[0]), sorted(sides[1])))
    browser.open(evaluation(documents, "x"), documents)
    words_of = """
        return [1, 2].map((side) => [...document.querySelectorAll(`.sides td:nth-child(${side})`)].map((cell) => {
            const copy = cell.cloneNode(true);
            for (const chip of copy.querySelectorAll(".chip")) chip.remove();
            return copy.textContent;
        }).join("\\n"))
    """
    chips_of = "return [1, 2].map((side) => document.querySelectorAll(`.sides td:nth-child(${side}) .chip`).length)"
    for of in documents:
        assert browser.shown() == of["id"]
        for shown in browser.js(words_of):
            assert shown.split() == of["text"].split(), of["id"]
        assert browser.js(chips_of) == [len(of["gold"]), len(of["predicted"][0])]
        browser.press("j")
    assert browser.logged("browser") == []


@pytest.mark.slow
def test_a_long_line_is_cut_between_sentences_and_not_inside_an_entity(browser: Browser) -> None:
    words = "One two. " * 43  # 387 characters: the next sentence ends inside the entity
    text = f"{words}Court No. 5 of the City of New York sat. {words}"
    start = len(words)
    documents = [document("x", text, [(start, start + 35, "ORG")], [])]
    browser.open(evaluation(documents, "x"), documents)
    assert browser.marked(1) == ["Court No. 5 of the City of New York", "ORG− missed"]
    passages = browser.texts(".sides td:first-child")
    assert len(passages) == 3
    assert all(passage.rstrip().endswith(".") for passage in passages)


@pytest.mark.slow
def test_ten_thousand_documents_are_a_small_page(browser: Browser) -> None:
    rng = random.Random(3)
    documents = []
    for number in range(10_000):
        text = " ".join(rng.choices(["Rome", "and", "Anna", "met", "Bob"], k=60)) + (
            " needle" if number == 7_777 else ""
        )
        gold = [(found.start(), found.end(), "LOC") for found in re.finditer("Rome", text)]
        documents.append(document(f"corpus#{number + 1}", text, gold, [span for span in gold if rng.random() < 0.9]))
    result = evaluation(documents, "x")
    browser.open(result, documents)
    errors = len(result["systems"][0]["errors"])
    assert browser.counts() == (10_000, 10_000, errors, errors)
    size = "return document.querySelectorAll('*').length"
    small = browser.js(size)
    assert small < 2_000
    assert len(browser.rows()) < 40
    browser.one("#list").send_keys("\ue010")
    assert browser.shown() == "corpus#10000"
    assert browser.rows()[-1] == "corpus#10000"
    browser.js("document.getElementById('list').scrollTop = 4000 * 56; return 0")
    browser.js("document.getElementById('list').dispatchEvent(new Event('scroll'))")
    browser.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    assert "corpus#4001" in browser.rows()
    assert len(browser.rows()) < 40
    browser.search("NEEDLE")
    assert browser.counts()[0] == 1
    assert browser.shown() == "corpus#7778"
    browser.search("")
    assert browser.counts()[0] == 10_000
    assert browser.shown() == "corpus#7778"
    assert browser.js(size) < small + 500
    assert browser.logged("browser") == []


@pytest.mark.slow
def test_two_systems_stand_side_by_side(browser: Browser) -> None:
    second = [[(0, 4, "PER")], [(0, 4, "LOC")], [(0, 4, "ORG")], [(0, 2, "MISC")], []]
    documents = [
        of | {"predicted": [*of["predicted"], [*map(list, spans)]]} for of, spans in zip(SMALL, second, strict=True)
    ]
    result = evaluation(documents, "one", "two")
    result["comparisons"] = [
        {"a": "one", "b": "two", "metric": "micro f1", "difference": -0.0123, "p_value": 0.04},
        {"a": "one", "b": "two", "metric": "macro f1", "difference": None, "p_value": None},
    ]
    result["systems"][1]["by"] = {"seen": score(1, 2, 3), "unseen": score(0, 0, 0), "length": {"1": score(1, 0, 0)}}
    browser.open(result, documents)
    # the second: Bob and New York are missed in a, Rome Inc in c, It is spurious in d/e
    assert browser.counts() == (5, 5, 9, 9)
    assert browser.texts(".sides th") == ["Gold", "A: one", "B: two"]
    assert browser.marked(1)[:5] == ["Anna", "PER", "Bob", "PERA ≠ labelB − missed", "New York"]
    assert browser.text("#by caption") == "In the training data"
    rows = [
        [cell.text for cell in row.find_elements("css selector", "th, td")] for row in browser.all("#comparisons tr")
    ]
    assert [row[2:] for row in rows[1:]] == [["micro f1", "−1.23", "0.0400"], ["macro f1", "undefined", "undefined"]]
    browser.click("#differ")
    assert (browser.counts(), browser.rows()) == ((2, 5, 7, 9), ["a", "c"])
    browser.choose("#system", "B: two")
    assert (browser.counts(), browser.rows()) == ((2, 5, 3, 9), ["a", "c"])
    assert browser.texts(".sides th") == ["Gold", "B: two"]
    assert browser.marked(1)[3] == "PER− missed"
    browser.click("#confusion [data-gold=ORG][data-predicted=''][data-system='0']")
    assert (browser.counts(), browser.one("#system").get_property("value")) == ((1, 5, 1, 9), "0")
    browser.choose("#system", "all")
    assert browser.counts() == (5, 5, 9, 9)


@pytest.mark.slow
@pytest.mark.parametrize(
    "documents", [[], [document("void", "", [], [])], [document("x", "Rome", [(0, 4, "LOC")], [])]]
)
def test_little_or_nothing_can_be_shown_too(browser: Browser, documents: list[dict[str, Any]]) -> None:
    browser.open(evaluation(documents, "x"), documents)
    assert browser.counts()[:2] == (len(documents), len(documents))
    browser.press("j", "n", "p", "k")
    assert browser.texts(".card dd")[1] == "undefined"
    assert browser.logged("browser") == []


@pytest.mark.slow
def test_labels_may_be_called_as_javascript_calls_its_own(browser: Browser) -> None:
    names = ["constructor", "__proto__", "toString", "hasOwnProperty", "1", "0"]
    spans: list[Span] = [(2 * at, 2 * at + 1, name) for at, name in enumerate(names)]
    documents = [document("valueOf", "a b c d e f", spans, spans[1:], spans[:1])]
    browser.open(evaluation(documents, "constructor", "__proto__"), documents)
    assert sorted(set(browser.texts("#scores-tables th .tag"))) == sorted(names)
    assert browser.counts() == (1, 1, 6, 6)
    assert len(browser.all("#confusion button")) == 12
    assert browser.logged("browser") == []


@pytest.mark.slow
def test_errors_without_a_document_are_told(browser: Browser) -> None:
    browser.open(evaluation(SMALL, "x"), SMALL[1:])
    assert browser.counts() == (4, 4, 3, 5)
    assert browser.one("#unplaced").text == "2 errors of documents that this page does not hold"


@pytest.mark.slow
def test_text_from_right_to_left_is_set_so(browser: Browser) -> None:
    documents = [document("x", "שלום עולם\nHello\n" + "שלום Rome. " * 90, [], [])]
    browser.open(evaluation(documents, "x"), documents)
    directions = browser.js(
        "return [...document.querySelectorAll('.sides td:first-child')].map((cell) => getComputedStyle(cell).direction)"
    )
    assert directions[:3] == ["rtl", "ltr", "rtl"]
    assert len(directions) > 4
    assert set(directions[2:]) == {"rtl"}


CONTRAST = """
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgb = (colours) => {
        canvas.clearRect(0, 0, 1, 1);
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (colour) => colour.map((value) => value / 255)
        .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
    const low = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility() || element.disabled || element.closest("script, option")) continue;
        const behind = [];
        for (let at = element; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
        const pair = [light(rgb(behind)), light(rgb([...behind, getComputedStyle(element).color]))];
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        if (ratio < 4.5) low.push([element.tagName, element.className, element.textContent, ratio]);
    }
    return low;
"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(browser: Browser, scheme: str) -> None:
    labels = [f"L{number}" for number in range(24)]
    spans: list[Span] = [(2 * at, 2 * at + 1, label) for at, label in enumerate(labels)]
    text = " ".join("x" * len(labels))
    documents = [document("all", text, spans, []), document("right", text, spans, spans), *SMALL]
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    try:
        browser.open(evaluation(documents, "x"), documents)
        dark = browser.js("return getComputedStyle(document.body).backgroundColor") != "rgb(253, 253, 252)"
        assert dark == (scheme == "dark")
        for _ in documents:
            browser.press("n")
            assert browser.js(CONTRAST) == []
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.slow
def test_whoever_listens_to_the_page_is_told_what_is_what(small: Browser) -> None:
    for control in small.all("input, select, button, [role=listbox], article, nav, table"):
        if control.is_displayed():
            assert control.accessible_name.strip(), control.get_attribute("outerHTML")
    for header in small.all("th"):
        assert header.get_attribute("scope") in ("col", "row", "rowgroup")
    assert [of.get_attribute("role") for of in small.all("#counts, #said")] == ["status", "status"]
    option = small.one(f"#{small.one('#list').get_attribute('aria-activedescendant')}")
    assert (option.get_attribute("aria-posinset"), option.get_attribute("aria-setsize")) == ("1", "5")
    levels = [int(of.tag_name[1]) for of in small.all("h1, h2, h3") if of.is_displayed()]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    # colour is not the only sign: each error says its class where it stands
    assert small.marked(1) == ["Anna", "PER", "Bob", "PER≠ label", "New York", "LOC↔ boundary"]


@pytest.mark.slow
def test_printed_it_has_its_tables_and_the_document_and_no_controls(small: Browser) -> None:
    small.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        for selector in ("nav", "#filters", "#list", ".moves"):
            assert not small.one(selector).is_displayed(), selector
        for selector in ("#scores table", "#semeval table", "#confusion table", ".sides", ".errors"):
            assert small.one(selector).is_displayed(), selector
    finally:
        small.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
