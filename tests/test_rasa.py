from __future__ import annotations

import re
from pathlib import Path

import pytest
import srsly
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, read, write
from converters.formats import formats
from converters.formats.rasa import _marked, _seems_several, _without_comments, parse_example

YAML = """version: "3.1"
nlu:
- intent: inform
  examples: |
    - hello

    - from [Berlin](city) to [NYC]{"entity": "city", "role": "to", "value": "New York"}
- synonym: credit
  examples: |
    - credit card
- intent: greet
  metadata: 1
  examples:
  - text: |
      good [morning](time)
    metadata:
      id: a
      mood: 0.5
      on: 2020-01-01
  - text: bye
    metadata: sad
responses:
  utter: []
"""

MARKDOWN = """# Training data
## intent:inform
- hello
<!-- a comment
- no example -->
* from [Berlin](city) to [NYC](city:New York)

## regex:zipcode
- [0-9]{5}
## lookup:plates
plates.txt
## intent: greet
- bye
"""


def parse(path: Path, text: str, report: Report | None = None) -> list[Document]:
    path.write_text(text, encoding="utf-8")
    return list(read(path, report=report or Report()))


def test_yaml_is_read(tmp_path: Path) -> None:
    report = Report()
    found = parse(tmp_path / "a.yml", YAML, report)
    assert [document.text for document in found] == ["hello", "from Berlin to NYC", "good morning", "bye"]
    assert [document.id for document in found] == ["a#1", "a#2", "a", "a#4"]
    assert [document.meta["intent"] for document in found] == ["inform", "inform", "greet", "greet"]
    assert [str(document.source).rpartition(":")[2] for document in found] == ["5", "7", "14", "20"]
    assert found[1].spans == ((5, 11, "city"), (15, 18, "city"))
    assert found[1].attributes == {found[1].spans[1]: {"role": "to", "value": "New York"}}
    assert found[2].meta == {"intent": "greet", "source": "a.yml", "mood": 0.5, "on": "2020-01-01"}
    assert found[3].meta["metadata"] == "sad"
    assert [(loss.kind, loss.place.rpartition(":")[2], loss.text) for loss in report.lost] == [
        ("field", str(tmp_path / "a.yml").rpartition(":")[2], "responses"),
        ("field", "8", "synonym credit"),
        ("field", "11", "metadata"),
    ]


def test_markdown_is_read(tmp_path: Path) -> None:
    report = Report()
    found = parse(tmp_path / "a.md", MARKDOWN, report)
    assert [document.text for document in found] == ["hello", "from Berlin to NYC", "bye"]
    assert [document.meta["intent"] for document in found] == ["inform", "inform", "greet"]
    assert [str(document.source).rpartition(":")[2] for document in found] == ["3", "6", "13"]
    assert found[1].attributes == {Span(15, 18, "city"): {"value": "New York"}}
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "regex zipcode"), ("field", "lookup plates")]


def test_what_a_file_looks_like(tmp_path: Path) -> None:
    spans = (Span(0, 4, "a:b"), Span(8, 13, "LOC"))
    documents = [
        Document("Rome or Paris: [x] (y)\n\u2028end", spans, id="a", meta={"source": "s", "intent": "go"}),
        Document("Rome or Paris", spans, None, {spans[1]: {"role": "}", "value": "é"}}, meta={"intent": "go"}),
        Document("bye"),
    ]
    write(documents, tmp_path / "a.yml")
    assert (tmp_path / "a.yml").read_text(encoding="utf-8") == (
        'version: "3.1"\n'
        "nlu:\n"
        '- intent: "go"\n'
        "  examples:\n"
        '  - text: "[Rome]{\\"entity\\": \\"a:b\\"} or [Paris](LOC): [x] (y)\\n\\u2028end"\n'
        '    metadata: {"id": "a", "source": "s"}\n'
        '  - text: "[Rome]{\\"entity\\": \\"a:b\\"} or '
        '[Paris]{\\"entity\\": \\"LOC\\", \\"role\\": \\"\\\\u007d\\", \\"value\\": \\"é\\"}"\n'
        '- intent: "nerconv"\n'
        "  examples:\n"
        '  - text: "bye"\n'
    )
    back = list(read(tmp_path / "a.yml"))
    assert back == documents
    assert [document.meta.get("intent") for document in back] == ["go", "go", None]
    srsly.read_yaml(tmp_path / "a.yml")
    write([], tmp_path / "b.yml")
    assert list(read(tmp_path / "b.yml", format="rasa")) == []


@given(made=corpora(), intents=st.lists(st.sampled_from([None, "a", "b c: d"]), min_size=3, max_size=3))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, made: list[Document], intents: list[str | None]
) -> None:
    path = tmp_path_factory.mktemp("rasa") / "a.yml"
    given_documents, refused = [], []
    for document, intent in zip(made, intents, strict=False):
        meta = {"source": "s", "n": [1, 2.5, {"é\u2028": None}]} | ({"intent": intent} if intent else {})
        document = Document(document.text, document.spans, id=document.id, meta=meta)
        try:
            write([document], path)
        except DataError as error:
            refused.append((document.text, error.what))
        else:
            given_documents.append(document)
    assert all("its brackets would be read" in what and set("[]") & set(text) for text, what in refused)
    write(given_documents, path)
    back = list(read(path, format="rasa"))
    assert back == given_documents
    assert [(d.id, d.meta) for d in back] == [(d.id, d.meta) for d in given_documents]


def test_examples_are_parsed_as_rasa_does() -> None:
    text = 'a [b c](x), [d]{"entity": "y", "group": "1"} [e][{"entity": "z"}, {"entity": "w", "role": "r"}] [f] (g)'
    assert parse_example(text) == (
        "a b c, d e [f] (g)",
        [
            (Span(2, 5, "x"), {}),
            (Span(7, 8, "y"), {"group": "1"}),
            (Span(9, 10, "z"), {}),
            (Span(9, 10, "w"), {"role": "r"}),
        ],
    )


def test_what_two_objects_of_one_label_say_differently_is_told(tmp_path: Path) -> None:
    report = Report()
    text = '## intent:x\n- [c][{"entity": "X", "role": "a", "group": "1"}, {"entity": "X", "role": "b"}]\n'
    [document] = parse(tmp_path / "a.md", text, report)
    assert dict(document.attributes) == {Span(0, 1, "X"): {"role": "a", "group": "1"}}
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "role")]


def test_what_an_example_and_its_metadata_say_differently_is_told(tmp_path: Path) -> None:
    report = Report()
    example = "- text: a\n    lang: en\n    page: 1\n    metadata: {lang: de, page: 1, intent: y}\n"
    [document] = parse(tmp_path / "a.yml", f"nlu:\n- intent: x\n  examples:\n  {example}", report)
    assert document.meta == {"source": "a.yml", "lang": "de", "page": 1, "intent": "x"}
    assert [(loss.kind, loss.text, str(loss.place)) for loss in report.lost] == [
        ("field", name, f"{tmp_path / 'a.yml'}:4") for name in ("lang", "intent")
    ]


def test_losses_and_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    text = '## intent:x\n- [ a ](X) [ ](Y)b [c][{"entity": "X"}, {"entity": "X"}]\n'
    [document] = parse(tmp_path / "a.md", text, report)
    assert (document.text, document.spans) == (" a   b c", ((1, 2, "X"), (7, 8, "X")))
    assert [repair.name for repair in report.repairs] == ["trim white space", "merge twins"]
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", " ")]
    report = Report()
    span = Span(1, 2, "X")
    tokens = Tokens.make([1, 3], [2, 4], [0, 1], {"pos": ["A", "B"]})
    document = Document(
        " a b\n", (span,), tokens, {span: {"role": "r", "o": {"p": 1}, "entity": 1}}, meta={"intent": 3}
    )
    write([document], tmp_path / "b.yml", report=report)
    assert [(loss.kind, loss.text, loss.count) for loss in report.lost] == [
        ("field", "pos", 1),
        ("field", "2 sentences", 1),
        ("token", "a b", 2),
        ("field", "entity, o", 1),
        ("field", "white space at the ends", 1),
    ]
    [back] = read(tmp_path / "b.yml")
    assert (back.text, back.spans, back.attributes) == ("a b", ((0, 1, "X"),), {Span(0, 1, "X"): {"role": "r"}})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            Document("see [1](a)"),
            "rasa cannot hold the text 'see [1](a)': its brackets would be read as other entities "
            "(it has no escape for them; convert to another format)",
        ),
        (Document("see [a][b]"), "rasa cannot hold the text 'see [a][b]': its brackets"),
        (Document("[ Rome", (Span(2, 6, "X"),)), "rasa cannot hold the text '[ Rome': its brackets"),
        (Document("a]b", (Span(0, 3, "X"),)), "rasa cannot hold the text 'a]b': its brackets"),
        (Document('[a]{"b"}'), "rasa cannot hold the text '[a]{\"b\"}': its brackets"),
        (
            Document("a b", (Span(0, 3, "X"), Span(0, 1, "Y"))),
            "entities X 'a b' and Y 'a' overlap, and rasa can hold only one of them "
            "(choose one with --on-overlap longest or first, or convert to a format that holds both)",
        ),
        (Document("a", meta={"x": {1, 2}}), "rasa cannot hold this document: Object of type set is not JSON"),
        (Document("a", meta={"x": float("nan")}), "rasa cannot hold this document: Out of range float values"),
        (Document("a", meta={"x": "\ud83d"}), "rasa cannot hold this document: 'utf-8' codec can't encode"),
    ],
)
def test_what_it_cannot_hold_is_an_error(tmp_path: Path, document: Document, message: str) -> None:
    with pytest.raises(DataError) as error:
        write([document], tmp_path / "a.yml", report=Report())
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just text\n", "a.yml: this is no training data of Rasa (it has a list nlu: or sections ## intent:NAME)"),
        ("a: [1\n", "a.yml:2:1: this is no YAML: "),
        ("a: 1\na: 2\n", "a.yml:2:1: this is no YAML: found duplicate key"),
        ("nlu:\n- 7\n", "a.yml:2: item 0 of nlu is no object (it begins with - intent: NAME)"),
        ("nlu:\n- intent:\n  examples: |\n    - a\n", "a.yml:2: an intent has no name (it begins with - intent: NAME)"),
        ("nlu:\n- intent: a\n  examples: |\n    - b\n    c\n", "a.yml:5: 'c' is no example (an example begins with"),
        ("nlu:\n- intent: a\n  examples: 7\n", "a.yml:2: the examples of intent a are neither a block nor a list"),
        (
            "nlu:\n- intent: a\n  examples:\n  - b\n  - text: 7\n",
            "a.yml:5: example 1 of intent a has no text (it has a field text:)",
        ),
        (
            'nlu:\n- intent: a\n  examples: |\n    - [b]{"entity"}\n',
            'a.yml:4: the entity {"entity"} is no JSON: Expecting \':\' delimiter (it should look like {"entity":',
        ),
        (
            'nlu:\n- intent: a\n  examples: |\n    - [b]{"role": "x"}\n',
            'a.yml:4: the entity {"role": "x"} has no label (the field "entity" holds it)',
        ),
        (
            'nlu:\n- intent: a\n  examples: |\n    - [b]{"entity": "x", "role": "y", "role": "z"}\n',
            'a.yml:4: the entity {"entity": "x", "role": "y", "role": "z"} is no JSON: the field \'role\' comes twice',
        ),
        ("## intent:a\nb\n", "a.yml:2: 'b' is no example (an example begins with \"- \")"),
        ("a\n## intent:a\n- b\n", "a.yml:1: 'a' is in no section (a section begins with ## intent:NAME)"),
        ("## intent:a\n## story:b\n", "a.yml:2: unknown section 'story' (there are intent, synonym, regex, lookup)"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.yml", text)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


@pytest.mark.parametrize(
    ("beginning", "is_ours"),
    [
        (YAML, True),
        (MARKDOWN, True),
        ("nlu:\n  - lookup: x\n", True),
        ("# nlu\n\n## Usage\n- intent:\n", False),
        ("[PER John  ] said\n", False),
        ('{"text": "## intent:x"}', False),
    ],
)
def test_it_is_known_by_its_beginning(beginning: str, is_ours: bool) -> None:
    sniff = formats()["rasa"].sniff
    assert sniff is not None
    assert sniff(beginning.encode()) is is_ours


@pytest.mark.parametrize(
    "fields", ["metadata: {1: a, '1': b}", "metadata: {k: [{true: a, 'true': b}]}", "1: a\n    '1': b"]
)
def test_names_that_are_the_same_as_text_are_an_error(tmp_path: Path, fields: str) -> None:
    with pytest.raises(DataError, match=r"metadata that JSON cannot hold: the field '(1|true)' comes twice"):
        parse(tmp_path / "a.yml", f"nlu:\n- intent: x\n  examples:\n  - text: a\n    {fields}\n")


@pytest.mark.parametrize("places", [False, True])
def test_fields_that_a_merge_key_brings_in(tmp_path: Path, places: bool) -> None:
    path = tmp_path / "a.yml"
    path.write_text(
        "version: '3.1'\nnlu:\n- &a\n  intent: x\n  examples: |\n    - to [Rome](LOC)\n- <<: *a\n  intent: y\n"
        "- intent: z\n  examples:\n  - &b {text: 'in [Oslo](LOC)', metadata: {k: 1}}\n  - <<: *b\n"
    )
    found = list(read(path, options=ReadOptions(places=places), report=Report()))
    assert [(d.text, d.meta.get("intent")) for d in found] == [
        ("to Rome", "x"),
        ("to Rome", "y"),
        ("in Oslo", "z"),
        ("in Oslo", "z"),
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("nlu:\r\n- intent: x\r\n  examples: |\r\n    - a\r\n    - b [c]{}\r\n", [4, 5]),
        ("nlu:\r- intent: x\r  examples: |\r    - a\r    - b [c]{}\r", [1, 1]),
        ("nlu:\r- intent: x\n  examples:\r  - a\r  - text: b\n  - text: c [d]{}\n", [2, 2, 3]),
        ("nlu:\n- intent: x\n  examples:\n  - text: a\n  # \r\r\n    metadata: .nan\n", [6]),
        ("nlu:\n- intent: x\n  examples: |\n    - a\n  \x85 - b\n    - c [d]{}\n", [4, 5, 6]),
        ("nlu:\n- intent: x\n  examples: !!str\n    |\n    - a\n    - b [c]{}\n", [5, 6]),
        ("nlu:\n- &a\n  intent: x\n  examples: |\n    - a\n    - b\n- <<: *a\n", [5, 6, 7, 7]),
        ("nlu:\n- intent:\r\r  examples: []\n", [2]),
        ("nlu:\r\r- 7\n", [1]),
        ("a:\r\rnlu: 7\n", [1]),
    ],
)
def test_places_are_in_the_lines_of_the_file(tmp_path: Path, text: str, lines: list[int]) -> None:
    path, report = tmp_path / "a.yml", Report(keep_going=True)
    path.write_bytes(text.encode())
    found = list(read(path, format="rasa", options=ReadOptions(places=True), report=report))
    places = [*(document.source for document in found), *(error.place for error in report.failures)]
    assert [place and place.line for place in places] == lines


def test_a_carriage_return_alone_ends_no_line_of_a_place(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.yml:2:8: this is no YAML"):
        parse(tmp_path / "a.yml", "nlu:\n#\r#\ra: ]\n")


def test_aliases_that_would_fill_the_memory_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    levels = [f"  - &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12)]
    bomb = "\n".join(["x:", "  - &l0 [lol, lol]", *levels])
    path.write_text(
        f"version: '3.1'\nnlu:\n- intent: x\n  examples:\n  - text: a\n    metadata: *l11\n{bomb}\n".replace(
            "nlu:", f"{bomb}\nnlu:", 1
        ).rsplit("\nx:", 1)[0]
        + "\n"
    )
    with pytest.raises(DataError, match=r"a\.yml: aliases make more than 100 times of this file what it is"):
        list(read(path, report=Report()))


def test_metadata_that_aliases_make_too_large_are_an_error(tmp_path: Path) -> None:
    items = ", ".join(["*a"] * 40)
    path = tmp_path / "a.yml"
    path.write_text(f"nlu:\n- intent: x\n  examples:\n  - text: a\n    metadata: [&a {'b' * 30_000}, {items}]\n")
    with pytest.raises(DataError, match=r"a\.yml:5: metadata that JSON cannot hold: they would have more than"):
        list(read(path, report=Report()))


def test_examples_that_aliases_make_more_than_a_file_can_mean_are_an_error(tmp_path: Path) -> None:
    groups = "- {intent: y, examples: *e}\n" * 5_000
    path = tmp_path / "a.yml"
    path.write_text("nlu:\n- intent: x\n  examples: &e\n" + "  - a\n" * 5_000 + groups)
    with pytest.raises(DataError, match=r"a\.yml: aliases make more than 100 times of this file what it is"):
        list(read(path, report=Report()))


PIECES = st.sampled_from([*"[](){}:a \n", "[a]", "[a](", "[a][{", "}]", '[a]{"entity": "b"}'])


@given(st.lists(PIECES).map("".join))
def test_entities_are_those_of_rasas_own_patterns(markup: str) -> None:
    own = re.compile(r"\[([^\]]+?)\](?:\(([^:)]+?)(?::([^)]+))?\)|\{([^}]+?)\}|\[\s*(\{.*?\})\s*\])")
    found = [(one.start, one.end, markup[one.start + 1 : one.stop], *one[3:]) for one in _marked(markup)]
    assert found == [(*match.span(), *match.groups()) for match in own.finditer(markup)]
    assert _seems_several(markup) == bool(re.search(r"\[[^\]]+?\]\[.*?\]", markup))


@given(st.lists(st.sampled_from(["<!--", "-->", "<!-", "->", "-", "a", "\n"])).map("".join))
def test_comments_of_markdown_leave_their_line_ends(text: str) -> None:
    pattern = re.compile(r"<!--.*?-->", re.DOTALL)
    assert _without_comments(text) == pattern.sub(lambda comment: "\n" * comment[0].count("\n"), text)
