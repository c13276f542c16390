"""The statistics of a corpus as a web page: one file with tables and plots, and nothing in it that runs.

The page is built as a tree of elements, and what comes from the data (labels, mentions, names) is only ever text in it,
so writing the tree out escapes it. The content security policy allows the page's own style and nothing else: no script,
no image, no request.

Every plot has its numbers beside it. A bar stands in a row of a table that says what it shows; a histogram has a title
and a description for those who do not see it, and a table that can be opened. Plots have lengths in per cent, so they
take the width that there is, and letters that keep their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from xml.etree.ElementTree import Element, tostring

from ..look import hue, policy, style
from ..visible import shown
from .statistics import (
    TOP,
    UNKNOWN,
    Bin,
    Distribution,
    LabelStatistics,
    Mention,
    Statistics,
    number,
    percent,
    round_numbers,
)

POLICY = "{{policy}}"
LOOK = "/* look */"
HUES = "/* hues */"
BODY = "<!-- body -->"

HEIGHT = 200
"""Pixels of a histogram, with the room for the values below and a count above."""
ABOVE, BELOW = 8, 24
LABELS = 6
"""How many labels of a mention are told."""
NARROW = 220
"""Pixels of a histogram's width on the narrowest screens: the values below it must not run into each other there."""
LETTER = 7
"""Pixels of a digit, at most."""

Child = Element | str | None


def page(statistics: Statistics, name: str = "", top: int = TOP) -> str:
    """The page, for UTF-8. `name`: what the corpus is called. `top`: how many of the most frequent mentions to show."""
    template = resources.files(__name__.rpartition(".")[0]).joinpath("page.html").read_text(encoding="utf-8")
    body = tostring(Page(statistics, top).body(name), encoding="unicode", method="html")
    hues = sorted({hue(place) for place in range(len(statistics.of_label))})
    head, tail = template.replace(LOOK, style()).split(BODY)
    head = head.replace(HUES, "\n".join(f".h{angle} {{ --hue: {angle}; }}" for angle in hues))
    return head.replace(POLICY, policy(head)) + body + tail


class Page:
    """The statistics with what all parts of their page need."""

    def __init__(self, statistics: Statistics, top: int) -> None:
        self.statistics = statistics
        self.top = top
        self.labels = statistics.labels
        self.mentions = statistics.mentions()
        self.hues = {label: f"h{hue(place)}" for place, label in enumerate(self.labels)}

    def body(self, name: str) -> Element:
        """All that is to be seen."""
        sections = {
            "Labels": self.label_table(),
            "Lengths": [plots for plots in [make("div", *self.histograms(), class_="plots")] if len(plots)],
            "Mentions": list(self.most_frequent()),
            "Ambiguity": list(self.ambiguity()),
        }
        sections = {title: parts for title, parts in sections.items() if parts}
        links = [make("li", make("a", title, href=f"#{title.lower()}")) for title in sections]
        return make(
            "body",
            make("a", "Go to the labels", class_="skip", href="#labels"),
            make("header", make("h1", "Corpus"), make("code", shown(name, 400), class_="signature"), *self.overview()),
            make("nav", make("ul", *links), aria_label="Sections"),
            make(
                "main",
                *(
                    make("section", make("h2", title), *parts, id=title.lower(), aria_label=title)
                    for title, parts in sections.items()
                ),
            ),
        )

    def overview(self) -> Iterator[Element]:
        """How much there is of everything, and in how many documents something is missing or odd."""
        statistics = self.statistics
        documents = statistics.documents
        numbers = {
            "documents": documents,
            "sentences": statistics.known(statistics.sentences),
            "tokens": statistics.known(statistics.tokens),
            "characters": statistics.characters.sum,
            "entities": statistics.spans.sum,
            "labels": len(self.labels),
            "unique mentions": len(self.mentions.spans),
        }
        yield make(
            "dl",
            *(
                make(
                    "div",
                    make("dt", name),
                    make("dd", UNKNOWN, class_="undefined") if n is None else make("dd", f"{n:,}"),
                )
                for name, n in numbers.items()
            ),
            class_="numbers",
        )
        odd = {
            "without entities": statistics.spans[0],
            "with entities that overlap": statistics.overlapping,
            "without tokens": documents - statistics.tokens.total(),
            "without marks of sentences": documents - statistics.sentences.total(),
        }
        told = [f"{n:,} {what}" for what, n in odd.items() if n]
        if told:
            yield make("p", f"Of {many(documents, 'document')}: {', '.join(told)}.")
        if statistics.tokens.sum:
            inside = percent(statistics.inside / statistics.tokens.sum)
            yield make("p", f"Of the tokens {inside} are in entities.")

    def label_table(self) -> list[Element]:
        """The labels and their entities, a bar each."""
        statistics = self.statistics
        if not self.labels:
            return [make("p", "There are no entities." if statistics.documents else "There are no documents.")]
        unit, spans, tokens = statistics.unit, statistics.spans.sum, statistics.tokens.sum
        longest = max(of.spans for of in self.labels.values())
        head = ["Label", "Entities", "Share", None, "Mentions", "Documents", "Mean", "Median", "Longest"]
        title = f"Entities by label; the mean, median and longest in {unit}"

        def cells(count: int, plot: Child, mentions: int, documents: int, lengths: Distribution, inside: int) -> Row:
            row = [f"{count:,}", percent(count / spans), plot, f"{mentions:,}", f"{documents:,}"]
            row += [number(lengths.mean), number(lengths.median), number(max(lengths, default=None))]
            return row + ([percent(inside / tokens)] if tokens else [])

        def row(label: str, of: LabelStatistics) -> Row:
            plot = bar([(self.hues[label], of.spans)], longest)
            return [
                self.tag(label),
                *cells(of.spans, plot, len(of.mentions), of.documents, getattr(of, unit), of.inside),
            ]

        with_spans = statistics.documents - statistics.spans[0]
        total = cells(spans, None, len(self.mentions.spans), with_spans, statistics.lengths(unit), statistics.inside)
        rows = [row(label, of) for label, of in self.labels.items()]
        return [table(title, head + (["Of tokens"] if tokens else []), rows, foot=["All", *total])]

    def histograms(self) -> Iterator[Element]:
        """How long entities and, where there are several, documents are, and how many entities these have."""
        statistics, unit = self.statistics, self.statistics.unit
        for title, values, what, of in (
            (f"Length of entities in {unit}", statistics.lengths(unit), unit, "entity"),
            ("Entities per document", statistics.spans, "entities", "document"),
            ("Length of documents in tokens", statistics.tokens, "tokens", "document"),
            ("Length of documents in characters", statistics.characters, "characters", "document"),
        ):
            if values and (of == "entity" or statistics.documents > 1):
                yield histogram(title, values, what, of)

    def most_frequent(self) -> Iterator[Element]:
        """The most frequent mentions, of all labels and of each."""
        found = self.mentions.top(self.top)
        if not found:
            return
        most = max(mention.spans for mention in found)
        yield self.mention_table(f"The most frequent of {many(len(self.mentions.spans), 'mention')}", found, most)
        yield make("h3", "By label")
        lists = []
        for label, of in self.labels.items():
            top = of.top(self.top)
            rows: list[Row] = [[own(text), f"{n:,}", bar([(self.hues[label], n)], top[0][1])] for text, n in top]
            lists.append(table("", ["Mention", "Entities", None], rows, caption=self.tag(label)))
        yield make("div", *lists, class_="lists")

    def ambiguity(self) -> Iterator[Element]:
        """Mentions with more than one label."""
        mentions, spans = self.mentions, self.statistics.spans.sum
        if not mentions.spans:
            return
        several, size = len(mentions.ambiguous), len(mentions.spans)
        said = "occurs" if several == 1 else "occur"
        yield make(
            "p",
            f"Of {many(size, 'unique mention')} {several:,} ({percent(several / size)}) {said} with more than one "
            f"label. Of {many(spans, 'entity')} {mentions.ambiguous_spans:,} "
            f"({percent(mentions.ambiguous_spans / spans)}) are one of these. "
            f"A mention has {number(mentions.labels_per_mention)} labels in the mean.",
        )
        if found := mentions.top_ambiguous(self.top):
            yield self.mention_table("The most frequent of these, and how their entities share the labels", found, None)

    def mention_table(self, title: str, found: Iterable[Mention], most: int | None) -> Element:
        """Mentions with a bar each, which is divided among the labels: of the length `most`, None to fill it."""
        rows: list[Row] = []
        for mention in found:
            plot = bar([(self.hues[label], n) for label, n in mention.labels.items()], most or mention.spans)
            tags = [make("span", self.tag(label), f" {n:,}") for label, n in mention.labels.items()]
            if len(tags) > LABELS:
                tags[LABELS - 1 :] = [make("span", f"{len(tags) - LABELS + 1:,} more", class_="soft")]
            rows.append([own(mention.text), f"{mention.spans:,}", plot, make("div", *tags, class_="tags")])
        return table(title, ["Mention", "Entities", None, "Labels"], rows)

    def tag(self, label: str) -> Element:
        """A label in its colour."""
        return make("bdi", shown(label), class_=f"tag {self.hues[label]}")


# ---- elements

Row = list[Child]


def make(tag: str, *children: Child, **attributes: str | int) -> Element:
    """An element. Attributes are called as in HTML, with ``_`` for ``-`` and at the end of a word that Python has."""
    found = Element(tag, {name.strip("_").replace("_", "-"): str(value) for name, value in attributes.items()})
    for child in children:
        if isinstance(child, str):
            if len(found):
                found[-1].tail = (found[-1].tail or "") + child
            else:
                found.text = (found.text or "") + child
        elif child is not None:
            found.append(child)
    return found


def own(text: str) -> Element:
    """A text of the data, which may be written from right to left whatever stands around it."""
    return make("bdi", shown(text, 80))


def many(n: int, one: str) -> str:
    """A number of things, which are called `one` where there is one."""
    return f"{n:,} {one if n == 1 else plural(one)}"


def plural(one: str) -> str:
    """What several are called."""
    return f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"


def table(
    title: str, head: list[str | None], rows: Iterable[Row], foot: Row | None = None, caption: Element | None = None
) -> Element:
    """A table that scrolls sideways where it must. A column without a head holds bars and takes the room that is left.

    The caption is `title`, or what `caption` holds.
    """

    def line(cells: Row) -> Element:
        made = make("tr", make("th", cells[0], scope="row", class_="first name"))
        for name, cell in zip(head[1:], cells[1:], strict=True):
            made.append(make("td", cell, **({} if name and name != "Labels" else {"class_": drawn(name)})))
        return made

    def drawn(name: str | None) -> str:
        return "words" if name else "drawn"

    top = make("tr", make("th", head[0], scope="col", class_="first"))
    for name in head[1:]:
        if name is None:
            top.append(make("td", class_="drawn"))
        else:
            top.append(make("th", name, scope="col", **({"class_": "words"} if name == "Labels" else {})))
    is_wide = None in head
    made = make(
        "table",
        make("caption", make("span", title) if caption is None else caption),
        make("thead", top),
        make("tbody", *map(line, rows)),
        make("tfoot", line(foot)) if foot else None,
        class_="scores wide" if is_wide else "scores",
    )
    return make("div", made, class_="scroll", tabindex=0, role="region", aria_label=title or "Most frequent mentions")


# ---- plots


def bar(parts: list[tuple[str, int]], full: int) -> Element:
    """A bar of several parts, each a class that has its colour and a number; `full` is what would fill the room.

    It says nothing that its row does not, so it is not read out.
    """
    made = make("svg", class_="line", aria_hidden="true")
    at = 0.0
    for name, n in parts:
        width = 100 * n / full
        made.append(make("rect", class_=name, x=f"{at:.2f}%", width=f"{max(width, 0.4):.2f}%", height="100%"))
        at += width
    return made


def histogram(title: str, values: Distribution, unit: str, of: str) -> Element:
    """How often values occur: a plot, its numbers in short, and all of them in a table."""
    bins = values.bins()
    short = f"{many(values.total(), of)}: median {number(values.median)}, mean {number(values.mean)}"
    if min(values) < max(values):
        short += f", from {min(values):,} to {max(values):,} {unit}"
    rows: list[Row] = [[str(found), f"{found.size:,}", percent(found.size / values.total())] for found in bins]
    key = "-".join(title.lower().split())
    return make(
        "figure",
        make("figcaption", make("h3", title), make("p", short)),
        plot(key, title, bins, unit, of),
        make(
            "details",
            make("summary", "The numbers"),
            table(title, [unit.capitalize(), plural(of).capitalize(), "Share"], rows),
        ),
    )


def plot(key: str, title: str, bins: list[Bin], unit: str, of: str) -> Element:
    """The bars of a histogram. One for the tail stands apart."""
    most = max(found.size for found in bins)
    step = next(n for n in round_numbers() if most / n <= 4)
    ceiling = -(-most // step) * step
    floor = HEIGHT - BELOW

    def y(n: float) -> float:
        return ABOVE + (floor - ABOVE) * (1 - n / ceiling)

    width = bins[0].last - bins[0].first + 1
    has_tail = len(bins) > 1 and bins[-1].last - bins[-1].first + 1 != width
    room = 100 / max(len(bins) + has_tail / 2, 6)  # per cent a bar: one alone would be a wall

    counts = make("g", class_="counts", aria_hidden="true")
    for n in range(0, ceiling + 1, step):
        kind = "grid" if n else "base"
        counts.append(make("line", class_=kind, x1=0, x2="100%", y1=f"{y(n):.1f}", y2=f"{y(n):.1f}"))
        counts.append(make("text", brief(n), x=-8, y=f"{y(n) + 4:.1f}"))
    bars = make("g")
    values = make("g", class_="values", aria_hidden="true")
    texts = [f"{found.first:,}" for found in bins]
    tail = f"{bins[-1].first:,}+" if has_tail else ""
    every = -(-(max(map(len, texts)) + 1) * LETTER * 100 // int(room * NARROW)) or 1
    for place, found in enumerate(bins):
        is_tail = has_tail and place == len(bins) - 1
        left = room * (place + is_tail / 2)
        if found.size:
            top = min(y(found.size), floor - 1)
            rect = make(
                "rect",
                x=f"{left + room * 0.06:.2f}%",
                y=f"{top:.1f}",
                width=f"{room * 0.88:.2f}%",
                height=f"{floor - top:.1f}",
                **({"class_": "tail"} if is_tail else {}),
            )
            bars.append(make("g", make("title", f"{found}: {found.size:,}"), rect))
        far = (len(bins) + 0.5 - place) * room * NARROW / 100  # pixels up to the end of the tail's text, at the least
        if is_tail:
            values.append(make("text", tail, class_="end", x=f"{left + room:.2f}%", y=HEIGHT - 6))
        elif place % every == 0 and (not has_tail or far > (len(tail) + len(texts[place]) / 2 + 1) * LETTER):
            at = left + (room / 2 if width == 1 else 0)
            values.append(make("text", texts[place], x=f"{at:.2f}%", y=HEIGHT - 6))
    peak = max(bins, key=lambda found: found.size)
    said = f"A histogram of {len(bins)} bars. Most {plural(of)} are at {peak} {unit}: {peak.size:,}."
    return make(
        "svg",
        make("title", title, id=f"{key}-title"),
        make("desc", said, id=f"{key}-desc"),
        counts,
        bars,
        values,
        class_="plot",
        role="img",
        aria_labelledby=f"{key}-title",
        aria_describedby=f"{key}-desc",
    )


def brief(n: int) -> str:
    """A round number in few letters."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if n >= size:
            return f"{n / size:g}{letter}"
    return str(n)
