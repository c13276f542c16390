from __future__ import annotations

import json
import warnings
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, read, write
from converters.document import TokenSpan
from converters.formats import formats
from converters.formats.huggingface import SchemeFinder
from converters.schemes import SCHEMES, TagError, decode, encode

RECORD = {"id": "0", "tokens": ["Rome", "'s", "New\u00a0York", "."], "ner_tags": ["B-LOC", "O", "B-LOC", "O"]}


def parse(path: Path, *records: object, report: Report | None = None, **options: object) -> list[Document]:
    lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read(path, format="huggingface", report=report or Report(), options=ReadOptions(**options)))  # type: ignore[arg-type]


def tagged(tags: list[str]) -> dict[str, Any]:
    return {"tokens": ["a"] * len(tags), "ner_tags": tags}


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_record_is_read_and_written_back_field_for_field(tmp_path: Path, suffix: str) -> None:
    more = {"pos_tags": ["N", "P", "N", "."], "chunk_tags": [1, 2, 1, 0], "answer": [1], "meta": {"page": 3}}
    record = RECORD | more
    report = Report()
    [document] = parse(tmp_path / f"a{suffix}", record, report=report)
    assert document.text == "Rome's New\u00a0York."
    assert document.spans == ((0, 4, "LOC"), (7, 15, "LOC"))
    assert document.tokens is not None
    assert document.tokens.columns == {"pos": ("N", "P", "N", "."), "chunk": (1, 2, 1, 0)}
    assert [(repair.name, repair.text) for repair in report.repairs] == [("spacing", "reconstructed")]
    assert document.meta == {"source": f"a{suffix}", "page": 3, "__record__": {"answer": [1]}}
    write([document, replace(document, id="1")], tmp_path / f"b{suffix}", format="huggingface")
    text = (tmp_path / f"b{suffix}").read_text(encoding="utf-8")
    record |= {"meta": {"source": f"a{suffix}", "page": 3}}
    found = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    assert found == [record, record | {"id": "1"}]
    back = list(read(tmp_path / f"b{suffix}", report=report))
    assert back == [document] * 2
    assert [(d.id, d.meta) for d in back] == [("0", document.meta), ("1", document.meta)]


def test_a_plain_document_has_the_standard_fields_and_its_source_alone(tmp_path: Path) -> None:
    document = Document("Rome yes", (Span(0, 4, "A B"),), Tokens.make([0, 5], [4, 8]))
    record: dict[str, Any] = {"tokens": ["Rome", "yes"], "ner_tags": ["B-A B", "O"]}
    write([document], tmp_path / "a.json", format="huggingface")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == [record]
    write([replace(document, meta={"source": "x"})], tmp_path / "a.json", format="huggingface")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == [record | {"meta": {"source": "x"}}]
    [back] = read(tmp_path / "a.json", report=Report())
    assert back.meta == {"source": "x"}


@given(document=documents())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    path = tmp_path_factory.mktemp("huggingface") / "a.jsonl"
    report = Report()
    write([document], path, format="huggingface", report=report)
    [back] = read(path, report=Report())
    assert (back.words, back.id) == (document.words, document.id)
    assert [back.token_span(s) for s in back.spans] == [document.token_span(s) for s in document.spans]
    several = document.tokens is not None and len(document.tokens.sentences or ()) > 1
    assert [loss.kind for loss in report.lost] == ["field"] * several


@pytest.mark.parametrize("names", ["ner_tag_names", "label_names", "names"])
def test_numbers_have_names_in_the_first_record_or_each(tmp_path: Path, names: str) -> None:
    one = {"tokens": ["in", "Rome"], "ner_tags": [0, 1], names: ["O", "B-LOC"]}
    two = {"tokens": ["a"], "ner_tags": [1]}
    three = {"tokens": ["a"], "ner_tags": [0], names: ["S-X"]}
    found = parse(tmp_path / "a.jsonl", one, two)
    assert [[span.label for span in document.spans] for document in found] == [["LOC"], ["LOC"]]
    assert "__record__" not in found[0].meta
    assert [d.spans for d in parse(tmp_path / "a.jsonl", three)] == [((0, 1, "X"),)]


def test_a_field_called_names_is_kept_beside_tags_that_are_strings(tmp_path: Path) -> None:
    [document] = parse(tmp_path / "a.jsonl", {"tokens": ["a"], "ner_tags": ["O"], "names": ["x"]})
    assert document.meta["__record__"] == {"names": ["x"]}


@pytest.mark.parametrize(
    "feature",
    [
        {"feature": {"names": ["O", "B-LOC"], "_type": "ClassLabel"}, "_type": "List"},
        {"sequence": {"class_label": {"names": {"0": "O", "1": "B-LOC"}}}},
        {"feature": {"num_classes": 2, "names": ["O", "B-LOC"], "_type": "ClassLabel"}, "length": -1},
    ],
)
def test_a_wrapper_brings_the_names(tmp_path: Path, feature: object) -> None:
    pos = {"feature": {"names": ["P", "N"]}}
    records = [{"tokens": ["in", "Rome"], "ner_tags": [0, 1], "pos_tags": [0, 1]}] * 2
    wrapper = {"features": {"ner_tags": feature, "pos_tags": pos, "tokens": 1}, "data": records}
    found = parse(tmp_path / "a.json", wrapper)
    assert [document.id for document in found] == ["a#1", "a#2"]
    assert all(document.spans == ((3, 7, "LOC"),) for document in found)
    assert found[0].tokens is not None
    assert found[0].tokens.columns == {"pos": ("P", "N")}


def test_text_or_spaces_of_a_record_give_the_text(tmp_path: Path) -> None:
    [document] = parse(tmp_path / "a.jsonl", RECORD | {"text": " Rome's\n\nNew\u00a0York ."})
    assert (document.text, document.spans[1]) == (" Rome's\n\nNew\u00a0York .", (9, 17, "LOC"))
    [document] = parse(tmp_path / "a.jsonl", RECORD | {"spaces": [False, True, True, False]})
    assert document.text == "Rome's New\u00a0York ."


def test_tokens_of_white_space_are_none_and_that_is_told(tmp_path: Path) -> None:
    report = Report()
    record = {"tokens": ["New", " ", "York", "\n\n", " x "], "ner_tags": ["B-LOC", "I-LOC", "I-LOC", "B-Y", "O"]}
    [document] = parse(tmp_path / "a.jsonl", record | {"pos_tags": [1, 2, 3, 4, 5]}, report=report)
    assert (document.words, document.spans) == (["New", "York", "x"], ((0, 8, "LOC"),))
    assert document.tokens is not None
    assert document.tokens.columns == {"pos": (1, 3, 5)}
    assert [(loss.kind, loss.text) for loss in report.lost] == [("token", " "), ("token", "\n\n"), ("span", "\n\n")]
    report = Report()
    spaces = {"spaces": [False, False, False, False, False]}
    [document] = parse(tmp_path / "a.jsonl", record | spaces, report=report)
    assert (document.text, document.words) == ("New York\n\n x ", ["New", "York", "x"])
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", "\n\n")]


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_the_scheme_is_found_out(tmp_path: Path, scheme: Any) -> None:
    spans = [TokenSpan(0, 1, "A"), TokenSpan(1, 3, "B"), TokenSpan(4, 7, "A")]
    [document] = parse(tmp_path / "a.jsonl", tagged(encode(spans, 8, scheme)))
    assert [document.token_span(span) for span in document.spans] == spans


def test_tags_of_two_schemes_mean_the_same_in_both() -> None:
    """What lets a file be read record by record: whichever scheme is taken first, the entities are the same."""
    alphabet = ["O", *(f"{letter}-{label}" for letter in "BIESLU" for label in "XY")]
    for size in range(4):
        for tags in product(alphabet, repeat=size):
            found = []
            for scheme in SCHEMES.values():
                try:
                    found.append(decode(tags, scheme))
                except TagError:
                    continue
            assert all(spans == found[0] for spans in found)


@given(st.lists(st.lists(st.sampled_from(["O", "B-X", "I-X", "E-X", "S-X", "L-X", "U-X"]), max_size=4), max_size=3))
def test_a_file_is_read_only_if_all_of_it_is_of_one_scheme(sentences: list[list[str]]) -> None:
    def valid(tags: list[str], scheme: Any) -> bool:
        try:
            decode(tags, scheme)
        except TagError:
            return False
        return True

    finder = SchemeFinder()
    try:
        for tags in sentences:
            finder.decode(tags)
        read_all = True
    except TagError:
        read_all = False
    assert read_all == any(all(valid(tags, scheme) for tags in sentences) for scheme in SCHEMES.values())


@pytest.mark.parametrize(("method", "spans"), [("conlleval", ((0, 1, "X"), (2, 3, "Y"))), ("discard", ((0, 1, "X"),))])
def test_tags_are_repaired_where_that_is_asked_for(tmp_path: Path, method: str, spans: tuple[Span, ...]) -> None:
    report = Report()
    [document] = parse(tmp_path / "a.jsonl", tagged(["B-X", "I-Y"]), report=report, repair_tags=method)
    assert document.spans == spans
    assert [tuple(vars(repair).values()) for repair in report.repairs] == [
        (f"tags {method}", f"{tmp_path}/a.jsonl:1:44", f"I-Y is {'B-Y' if method == 'conlleval' else 'O'}"),
        ("spacing", f"{tmp_path}/a.jsonl:1", "reconstructed"),
    ]


def test_under_a_repair_what_looks_like_iob1_is_bio(tmp_path: Path) -> None:
    tags = ["I-X", "I-X", "B-X"]  # in IOB1 nothing here is at fault
    [document] = parse(tmp_path / "a.jsonl", tagged(tags))
    assert document.spans == ((0, 3, "X"), (4, 5, "X"))
    report = Report()
    [document] = parse(tmp_path / "a.jsonl", tagged(tags), report=report, repair_tags="discard")
    assert document.spans == ((4, 5, "X"),)
    assert [repair.text for repair in report.repairs if repair.name == "tags discard"] == ["I-X is O"] * 2


SCHEME = "(all tags of a file should be of one scheme: BIO, IOB1, IO, BIOES or BILOU)"


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([7], "a.jsonl:1:1: the record should be an object and is 7"),
        ([{}], "a.jsonl:1:1: tokens should be an array and is missing"),
        ([{"tokens": [1]}], "a.jsonl:1:13: tokens[0] should be a string and is 1"),
        (
            [{"tokens": ["a"]}],
            'a.jsonl:1:1: the field ner_tags is missing (a tag a token, for example ["B-LOC", "O"])',
        ),
        (
            [{"tokens": ["a"], "ner_tags": []}],
            "a.jsonl:1:31: ner_tags has 0 tags for 1 tokens (there should be one a token)",
        ),
        ([{"tokens": ["a"], "ner_tags": {}}], "a.jsonl:1:31: ner_tags should be an array and is {}"),
        (
            [{"tokens": ["a"], "ner_tags": ["O"], "pos_tags": []}],
            "a.jsonl:1:50: pos_tags has 0 tags for 1 tokens (there should be one a token)",
        ),
        ([{"tokens": ["a"], "ner_tags": [None]}], "a.jsonl:1:32: ner_tags[0] should be a string and is missing"),
        (
            [tagged(["O"]), {"tokens": ["a"], "ner_tags": [3]}],
            "a.jsonl:2:32: ner_tags[0] is the number 3, and no names of labels are given "
            '(add their names to the first record, for example "ner_tag_names": ["O", "B-PER", "I-PER"])',
        ),
        (
            [{"tokens": ["a"], "ner_tags": [-100], "names": ["O"]}],
            "a.jsonl:1:32: ner_tags[0] is -100, and there are 1 names (they count from 0)",
        ),
        (
            [tagged(["B-X"]), tagged(["O", "S-X"])],
            f"a.jsonl:2:42: tag 'S-X' is not one of BIO, at token 1 'a' {SCHEME}",
        ),
        ([tagged(["B-X", "I-Y"])], f"a.jsonl:1:44: tag 'I-Y' continues nothing, at token 1 'a' {SCHEME}"),
        ([tagged(["B-X", "L-Y"])], f"a.jsonl:1:44: tag 'L-Y' continues nothing, at token 1 'a' {SCHEME}"),
        (
            [tagged(["S-X", "B-X", "O"])],
            f"a.jsonl:1:56: tag 'O' comes before entity 'X' has ended, at token 2 'a' {SCHEME}",
        ),
        ([tagged(["S-X", "B-X"])], f"a.jsonl:1:44: tag 'O' comes before entity 'X' has ended, at token 1 'a' {SCHEME}"),
        ([tagged(["B-"])], f"a.jsonl:1:32: tag 'B-' has no label, at token 0 'a' {SCHEME}"),
        ([tagged(["LOC"])], "a.jsonl:1:32: tag 'LOC' is not one of BI"),
        (
            [tagged(["O"]) | {"text": "b"}],
            "a.jsonl:1:13: tokens[0] is 'a', but the text goes on with 'b' (take out the text, or the tokens)",
        ),
        ([tagged(["O", "O"]) | {"text": "a"}], "a.jsonl:1:18: tokens[1] is 'a', but the text ends there"),
        ([tagged(["O"]) | {"text": "a b"}], "a.jsonl:1:12: no token covers 'b' at 1:3"),
        ([tagged(["O"]) | {"text": 1}], "a.jsonl:1:46: text should be a string and is 1"),
        ([tagged(["O"]) | {"spaces": []}], "a.jsonl:1:48: spaces has 0 values for 1 tokens (one a token)"),
        ([tagged(["O"]) | {"meta": []}], "a.jsonl:1:46: meta should be an object and is []"),
        ([tagged(["O"]) | {"id": 0.5}], "a.jsonl:1:44: id should be a string or a whole number and is 0.5"),
        (
            [tagged(["O"]) | {"spans": [{"start": 0, "end": 1}]}],
            "a.jsonl:1:47: spans has entities as another format has them "
            "(is the file of several formats? divide it, and name each with --from)",
        ),
        (
            [{"data": [tagged(["O"]), {"tokens": ["a", 2]}]}],
            "a.jsonl:1:66: data[1].tokens[1] should be a string and is 2",
        ),
        (
            [{"data": [tagged(["O"]), tagged(["O", "X"])]}],
            "a.jsonl:1:90: tag 'X' is not one of BIO, at token 1 'a'",
        ),
        (
            [{"data": [tagged(["O"]) | {"id": "7"}, tagged(["O"]) | {"id": 7}]}],
            "a.jsonl:1:103: a second document with the id '7', the first is in line 1 (give each its own, or none)",
        ),
        ([RECORD, RECORD], "a.jsonl:2:8: a second document with the id '0', the first is in line 1"),
        (['{"tokens": ["a"'], "a.jsonl:1:16: this is no JSON: Expecting ',' delimiter"),
    ],
)
def test_what_is_wrong_with_a_record_is_told(tmp_path: Path, records: list[object], message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", *records)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


def test_what_it_cannot_hold_is_told(tmp_path: Path) -> None:
    span = Span(0, 1, "X")
    tokens = Tokens.make([0, 2, 4], [1, 3, 6], [0, 1], {"pos": ["A", "B", "C"], "ner": [1, 2, 3]})
    meta = {"source": "s", "__record__": {"id": 7, "pos_tags": 1, "k": 1}}
    spans = (span, Span(4, 5, "Y"))
    document = Document("a b cd", spans, tokens, {span: {"kb_id": "Q1"}}, id="i", meta=meta)
    report = Report()
    write([document], tmp_path / "a.json", format="huggingface", report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [
        ("span", "c"),
        ("field", "2 sentences"),
        ("field", "kb_id"),
        ("field", "ner, id, pos_tags"),
    ]
    assert report.written["huggingface"].spans == 1
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == [
        {
            "id": "i",
            "tokens": ["a", "b", "cd"],
            "ner_tags": ["B-X", "O", "O"],
            "pos_tags": ["A", "B", "C"],
            "k": 1,
            "meta": {"source": "s"},
        }
    ]
    with pytest.raises(UsageError, match="huggingface needs tokens"):
        write([Document("a")], tmp_path / "a.json", format="huggingface", report=report)
    nested = Document("a b", (Span(0, 3, "X"), Span(0, 1, "Y")), Tokens.make([0, 2], [1, 3]))
    with pytest.raises(DataError, match="entities X 'a b' and Y 'a' overlap, and huggingface can hold only one"):
        write([nested], tmp_path / "a.json", format="huggingface", report=report)


@pytest.mark.parametrize(
    ("beginning", "is_ours"),
    [
        ('{"id": "0", "tokens": ["a"], "ner_tags": ["O"]}', True),
        ('[\n{"tokens": ["a', True),
        ('{"tokens": [], "ner_tags": []}', True),
        ('{"features": {}, "data": [{"tokens": ["a"]}]}', True),
        ('{"text": "a", "tokens": [{"text": "a"}], "spans": []}', False),
        ('{"text": "\\"tokens\\": [\\"a", "label": []}', False),
        ('{"tokenized_text": ["a"], "ner": []}', False),
        ('{"data": {"text": "a"}, "annotations": []}', False),
        ('["a", {"entities": []}]', False),
    ],
)
def test_it_is_known_by_its_beginning(beginning: str, is_ours: bool) -> None:
    sniff = formats()["huggingface"].sniff
    assert sniff is not None
    assert sniff(beginning.encode()) is is_ours


def test_datasets_reads_what_we_write_and_we_read_what_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, not ours to mend
        datasets = pytest.importorskip("datasets")
        datasets.disable_progress_bars()
        mine = parse(tmp_path / "in.jsonl", RECORD | {"pos_tags": ["N", "P", "N", "."]}, RECORD | {"id": "1"})
        for suffix in ("json", "jsonl"):
            write(mine, tmp_path / f"a.{suffix}", format="huggingface")
            files, cache = str(tmp_path / f"a.{suffix}"), str(tmp_path / "cache")
            theirs = datasets.load_dataset("json", data_files=files, cache_dir=cache, split="train")
            assert theirs["tokens"][1] == RECORD["tokens"]
            assert theirs["ner_tags"][0] == RECORD["ner_tags"]
            theirs.to_json(str(tmp_path / f"b.{suffix}"), lines=suffix == "jsonl", force_ascii=False)
            assert list(read(tmp_path / f"b.{suffix}", report=Report())) == mine
        names = ["O", "B-LOC", "I-LOC"]
        features = datasets.Features(
            {
                "tokens": datasets.Sequence(datasets.Value("string")),
                "ner_tags": datasets.Sequence(datasets.ClassLabel(names=names)),
            }
        )
        numbers = datasets.Dataset.from_list([{"tokens": ["in", "Rome"], "ner_tags": [0, 1]}], features=features)
        numbers.to_json(str(tmp_path / "c.jsonl"))
    with pytest.raises(DataError, match="is the number 0, and no names of labels are given"):
        list(read(tmp_path / "c.jsonl"))
    wrapper = {"features": numbers.features.to_dict(), "data": numbers.to_list()}
    [document] = parse(tmp_path / "d.json", wrapper)
    assert document.spans == ((3, 7, "LOC"),)


@pytest.mark.parametrize("values", [["x"], ["x", "y"]])
def test_a_field_that_would_be_read_as_a_column_is_told(values: list[str], tmp_path: Path) -> None:
    """It is the record's own in another format, and has nothing to do with the tokens."""
    meta = {"__record__": {"user_tags": values, "text_tags": "x"}}
    document = Document("Bo met", (Span(0, 2, "PER"),), Tokens.make([0, 3], [2, 6]), meta=meta)
    report = Report()
    write([document], tmp_path / "a.json", format="huggingface", report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "user_tags")]
    [back] = read(tmp_path / "a.json", report=Report())
    assert (back.text, back.spans, back.tokens) == (document.text, document.spans, document.tokens)
    assert back.meta["__record__"] == {"text_tags": "x"}
