from __future__ import annotations

import re
import warnings
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, WriteOptions, read, write
from converters.balance import Count
from converters.formats import named
from converters.source import Source

SCHEMES = {"conll": "BIO", "conll-iob1": "IOB", "conll-io": "IO", "conll-bioes": "BIOES", "conll-bilou": "BILOU"}
"""The formats, and what SeqScore calls their schemes."""


def parse(text: str, format: str = "conll", report: Report | None = None, **options: object) -> list[Document]:
    reader = named(format).reader
    assert reader is not None
    source = Source("x.conll", "x", "x.conll")
    return list(reader(BytesIO(text.encode()), source, ReadOptions(**options), report or Report()))  # type: ignore[arg-type]


def written(
    *documents: Document, columns: str = "word,ner", report: Report | None = None, format: str = "conll"
) -> str:
    maker = named(format).writer
    assert maker is not None
    file = BytesIO()
    report = report or Report()
    report.written[format] = Count()
    writer = maker(file, WriteOptions(columns=tuple(columns.split(","))), report)
    for document in documents:
        writer.write(document)
    writer.close()
    return file.getvalue().decode()


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(loss.kind, loss.text, loss.reason) for loss in report.lost]


DOCUMENT = Document(
    "Rome's  New\u00a0York.\n\nBye",
    (Span(0, 4, "LOC"), Span(8, 16, "LOC")),
    Tokens.make([0, 4, 8, 16, 19], [4, 6, 16, 17, 22], [0, 4]),
)


def test_what_a_file_looks_like() -> None:
    assert written(DOCUMENT) == ("-DOCSTART- -X- O O\n\nRome\tB-LOC\n's\tO\nNew\u00a0York\tB-LOC\n.\tO\n\nBye\tO\n\n")
    assert written(DOCUMENT, columns="word,space,ner").splitlines()[2:] == [
        "Rome\t-\tB-LOC",
        "'s\t\\s\\s\tO",
        "New\u00a0York\t-\tB-LOC",
        ".\t\\n\\n\tO",
        "",
        "Bye\t-\tO",
        "",
    ]
    assert written(Document("", (), Tokens.make([], []))) == "-DOCSTART- -X- O O\n\n"


@given(documents())
def test_with_the_space_column_the_text_comes_back(document: Document) -> None:
    [back] = parse(written(document, columns="word,space,ner"))
    assert back == document or not document.text


@given(documents())
def test_without_it_the_tokens_and_entities_do(document: Document) -> None:
    [back] = parse(written(document))
    assert back.words == document.words
    assert [back.token_span(s) for s in back.spans] == [document.token_span(s) for s in document.spans]
    assert list(back.sentence_ranges()) == list(document.sentence_ranges())


@pytest.mark.parametrize(
    "line", ["-DOCSTART- -X- O O", "-DOCSTART- -X- -X- O", "-DOCSTART- -X- O", "-DOCSTART- O", "-DOCSTART-"]
)
@pytest.mark.parametrize("empty", ["\n\n", "\n"])
def test_every_kind_of_document_line(line: str, empty: str) -> None:
    found = parse(f"{line}{empty}a O\n\nb O\n\n{line}{empty}c O\n")
    assert [document.words for document in found] == [["a", "b"], ["c"]]
    assert [document.id for document in found] == ["x#1", "x#2"]


def test_columns_split_on_tabs_or_spaces_but_never_on_a_no_break_space() -> None:
    [document] = parse("New\u00a0York NNP I-NP B-LOC\nis VBZ I-VP O\n")
    assert document.words == ["New\u00a0York", "is"]
    assert document.spans == ((0, 8, "LOC"),)
    assert document.tokens is not None
    assert document.tokens.columns == {"pos": ("NNP", "VBZ"), "chunk": ("I-NP", "I-VP")}
    [document] = parse("a b\tO\n")
    assert document.words == ["a b"]


def test_mark_of_byte_order_and_windows_line_ends_are_taken_in_stride() -> None:
    [document] = parse("\ufeffRome\tB-LOC\r\n\r\nBye\tO\r\n")
    assert document.words == ["Rome", "Bye"]
    assert document.id == "x"


def test_an_empty_file_has_no_documents_and_an_empty_document_is_one() -> None:
    assert parse("") == []
    assert [document.words for document in parse("-DOCSTART- O\n\n-DOCSTART- O\n\na O\n")] == [[], ["a"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tO\nb\tX\tO\n", "x.conll:2:1: 3 columns, where the lines before have 2: 'b X O'"),
        ("just words\nof text here\n", "x.conll:2:1: 3 columns, where the lines before have 2"),
        ("word\n", "x.conll:1:1: only one column: 'word'"),
        ("\u00a0\tO\n", "x.conll:1:1: the word is white space"),
        (
            "a\tB-LOC\n\nb\tI-LOC\n",
            "x.conll:3:3: tag 'I-LOC' continues nothing "
            "(in BIO an entity begins with B-; --repair-tags conlleval begins one there)",
        ),
        ("a  NN   I-LOC\nb  NN   B-LOC\nc  NN   O\nd  NN   B-LOC\n", "x.conll:1:9: tag 'I-LOC' continues nothing"),
        ("a S-LOC\nb B-LOC\n", "x.conll:2:3: tag 'O' comes before entity 'LOC' has ended (end it with E-)"),
        ("a S-LOC\nb U-LOC\n", "x.conll:2:3: tag 'U-LOC' is not one of BIOES"),
        ("a M-LOC\n", "x.conll:1:3: tag 'M-LOC' is not one of BIO"),
        (
            "-DOCSTART-\n\na B-LOC\n\n-DOCSTART-\n\nb O\nc I-LOC\n",
            "x.conll:8:3: tag 'I-LOC' continues nothing (in BIO an entity begins with B-; --repair-tags conlleval "
            "begins one there; the document at line 3 shows that the tags of this file are BIO)",
        ),
        (
            "-DOCSTART-\n\na I-LOC\n\n-DOCSTART-\n\nb B-LOC\n",
            "x.conll:7:3: tag 'B-LOC' begins an entity that touches none before it (it should be I-; the document "
            "at line 3 shows that the tags of this file are IOB1)",
        ),
        ("a\tB-\n", "x.conll:1:3: tag 'B-' has no label"),
        (
            "a\tnoun\n",
            "x.conll:1:3: tag 'noun' is not one of BIO (they look like B-PER, I-PER and O; a format's name tells "
            "another scheme, as conll-bioes; labels alone are conll-io)",
        ),
    ],
)
def test_what_is_not_conll_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(text)
    assert str(error.value).startswith(message)


def test_named_columns_must_be_as_many() -> None:
    with pytest.raises(DataError, match=r"x.conll:1:1: 2 columns, where 3 are named: word,space,ner"):
        parse("a\tO\n", columns=("word", "space", "ner"))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Document("a", (Span(0, 1, "A B"),), Tokens.make([0], [1])), "conll cannot hold the label 'A B'"),
        (Document("-DOCSTART-", (), Tokens.make([0], [10])), "conll cannot hold the word '-DOCSTART-'"),
        (Document("a\tb", (), Tokens.make([0], [3])), r"conll cannot hold the word 'a\\tb'"),
        (
            Document("a b", (Span(0, 3, "X"), Span(0, 1, "Y")), Tokens.make([0, 2], [1, 3])),
            "entities X 'a b' and Y 'a' overlap, and conll can hold only one",
        ),
    ],
)
def test_what_it_cannot_hold_is_an_error(document: Document, message: str) -> None:
    with pytest.raises(DataError, match=message):
        written(document)


def test_a_document_without_tokens_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="conll needs tokens, and this document has none"):
        written(Document("a"))


@pytest.mark.parametrize("columns", ["word,pos,ner", "ner,word", "word", "word,ner,ner", ""])
def test_columns_that_there_are_not(columns: str) -> None:
    with pytest.raises(UsageError) as error:
        written(DOCUMENT, columns=columns)
    if columns == "word,pos,ner":
        assert str(error.value) == "unknown column 'pos' (there are word, space, ner)"


@pytest.mark.parametrize("columns", ["word,pos", "ner", "word,ner,ner", "word,word,ner"])
def test_columns_that_cannot_be_read(columns: str) -> None:
    with pytest.raises(UsageError, match="word and ner must be among them, and none comes twice"):
        parse("a O\n", columns=tuple(columns.split(",")))


@pytest.mark.parametrize(
    ("format", "tags"),
    [
        ("conll", "B-PER I-PER O B-LOC B-LOC B-ORG"),
        ("conll-iob1", "I-PER I-PER O I-LOC B-LOC I-ORG"),
        ("conll-bioes", "B-PER E-PER O S-LOC S-LOC S-ORG"),
        ("conll-bilou", "B-PER L-PER O U-LOC U-LOC U-ORG"),
        ("conll-io", "I-PER I-PER O I-LOC I-LOC I-ORG"),
    ],
)
def test_each_scheme(format: str, tags: str) -> None:
    spans = [Span(0, 3, "PER"), Span(6, 7, "LOC"), Span(8, 9, "LOC"), Span(10, 11, "ORG")]
    document = Document("a b c d e f", tuple(spans), Tokens.make(range(0, 11, 2), range(1, 12, 2)))
    report = Report()
    text = written(document, format=format, report=report)
    assert [line.split("\t")[1] for line in text.splitlines()[2:-1]] == tags.split()
    if format == "conll-io":
        reason = "conll-io: it touches an entity of its label, and IO has no mark between them"
        assert told(report) == [("span", "e", reason)]
        assert report.written[format].labels["LOC"] == -1  # the caller has counted two
        spans[1:3] = [Span(6, 9, "LOC")]
    else:
        assert not report.lost
    for reader in (format, "conll"):
        [back] = parse(text, reader)
        assert list(back.spans) == spans


@pytest.mark.parametrize("format", [name for name in SCHEMES if name != "conll"])
def test_a_name_wants_its_own_scheme(format: str) -> None:
    other = "conll-bilou" if format == "conll-bioes" else "conll-bioes"
    with pytest.raises(DataError, match=r"^x.conll:3:6: tag '[SU]-LOC' is not one of "):
        parse(written(replace(DOCUMENT, spans=DOCUMENT.spans[:1]), format=other), format)


def same_tokens(one: Document, other: Document) -> bool:
    places = [[document.token_span(span) for span in document.spans] for document in (one, other)]
    return one.words == other.words and places[0] == places[1]


@pytest.mark.parametrize("format", [name for name in SCHEMES if name != "conll-io"])
@given(made=corpora())
def test_what_is_written_is_read_back(format: str, made: list[Document]) -> None:
    text = written(*made, format=format)
    for reader in (format, "conll"):
        back = parse(text, reader)
        assert len(back) == len(made)
        assert all(same_tokens(one, other) for one, other in zip(back, made, strict=True))


@given(documents())
def test_io_loses_a_boundary_wherever_it_says_so(document: Document) -> None:
    report = Report()
    [back] = parse(written(document, format="conll-io", report=report), "conll-io")
    assert len(back.spans) == len(document.spans) - len(report.lost)
    begins = (
        {document.tokens.starts[number] for number in document.tokens.sentences or ()} if document.tokens else set()
    )
    merged = [
        document.text[other.start : other.end]
        for one, other in pairwise(document.spans)
        if one.label == other.label and not document.text[one.end : other.start].strip() and other.start not in begins
    ]
    assert [loss.text for loss in report.lost] == merged


@pytest.mark.parametrize(("format", "scheme"), SCHEMES.items())
@given(made=corpora(documents(min_size=1), min_size=1))
def test_seqscore_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, format: str, scheme: str, made: list[Document]
) -> None:
    seqscore = pytest.importorskip("seqscore.conll")
    path = tmp_path_factory.mktemp("seqscore") / "x.conll"
    path.write_bytes(written(*made, format=format).encode())
    call = {"ignore_document_boundaries": False, "allow_comment_lines": False}
    columns = seqscore.LineSpec(0, -1)
    assert not seqscore.validate_conll_file(str(path), scheme, "utf-8", columns, **call).errors
    found = seqscore.ingest_conll_file(path, scheme, "utf-8", columns, **call)
    ours = parse(path.read_text(encoding="utf-8"), format)
    assert len(found) == len(ours)
    for sequences, document in zip(found, ours, strict=True):
        assert [word for sequence in sequences for word in sequence.tokens] == document.words
        mentions, at = [], 0
        for sequence in sequences:
            mentions += [(m.span.start + at, m.span.end + at, m.type) for m in sequence.mentions]
            at += len(sequence)
        assert mentions == [document.token_span(span) for span in document.spans]


@given(corpora(documents(words=st.sampled_from("Moscow the U.S. . ( שלום 😀".split()), min_size=1), min_size=1))
def test_spacys_converter_reads_the_same(made: list[Document]) -> None:
    from spacy.training.converters import conll_ner_to_docs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(conll_ner_to_docs(written(*made), no_print=True))
    assert [[token.text for token in doc] for doc in found] == [document.words for document in made]
    for doc, document in zip(found, made, strict=True):
        assert [(e.start, e.end, e.label_) for e in doc.ents] == [document.token_span(s) for s in document.spans]


BROKEN = "a\tO\nb\tI-LOC\nc\tI-LOC\nd\tB-PER\ne\tI-LOC\n"


@pytest.mark.parametrize(("method", "spans"), [("conlleval", ["LOC b c", "PER d", "LOC e"]), ("discard", ["PER d"])])
def test_repaired_tags_are_told_one_by_one(method: str, spans: list[str]) -> None:
    report = Report()
    [document] = parse(BROKEN, report=report, repair_tags=method)
    assert [f"{label} {document.text[start:end]}" for start, end, label in document.spans] == spans
    repairs = [(repair.name, repair.place, repair.text) for repair in report.repairs if repair.name != "spacing"]
    places = ["x.conll:2:3", "x.conll:5:3"] if method == "conlleval" else ["x.conll:2:3", "x.conll:3:3", "x.conll:5:3"]
    new = "B-LOC" if method == "conlleval" else "O"
    assert repairs == [(f"tags {method}", place, f"I-LOC is {new}") for place in places]


def test_under_a_repair_what_looks_like_iob1_is_bio_unless_the_name_says_otherwise() -> None:
    text = "a O\nb I-LOC\n"
    assert len(parse(text)[0].spans) == len(parse(text, "conll-iob1", repair_tags="discard")[0].spans) == 1
    assert not parse(text, repair_tags="discard")[0].spans
    [document] = parse("a O\nb B-LOC\n", "conll-iob1", repair_tags="conlleval")
    assert len(document.spans) == 1
    for format, tags in (("conll-iob1", "B-LOC"), ("conll-bioes", "I-LOC"), ("conll", "E-LOC")):
        with pytest.raises(DataError):
            parse(f"a O\nb {tags}\n", format, repair_tags="discard")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("a O", []),
        ("a NN O", ["column1"]),
        ("a + O", []),
        ("a NN I-NP O", ["pos", "chunk"]),
        ("a - - O", ["pos", "chunk"]),
        ("a NN + O", ["column1"]),
        ("a b c d O", ["column1", "column2", "column3"]),
    ],
)
def test_columns_without_names(line: str, names: list[str]) -> None:
    [document] = parse(line + "\n")
    assert document.tokens is not None
    assert list(document.tokens.columns) == names


def test_columns_with_names() -> None:
    [document] = parse("O a - NN _\nO b \\n _ x\n", columns=("ner", "word", "space", "pos", "y"))
    assert document.text == "ab\n"
    assert document.tokens is not None
    assert document.tokens.columns == {"pos": ("NN", None), "y": (None, "x")}
    with pytest.raises(DataError) as error:
        parse("a NN O\n", columns=("word", "space", "ner"))
    todo = "+ is one space, - none, and others are spelled out, as \\s or \\n"
    assert str(error.value) == f"x.conll:1:3: 'NN' is no white space ({todo})"


def test_further_columns_are_written_by_name() -> None:
    columns = {"pos": ["NNP", None, 5], "lemma": ["rome", "", "a b"], "x": [1, 2, 3]}
    one = Document("Rome is it", (), Tokens.make([0, 5, 8], [4, 7, 10], [0], columns))
    other = Document("Bye", (), Tokens.make([0], [3]))
    report = Report()
    text = written(one, other, columns="word,pos,lemma,ner", report=report)
    assert text.splitlines()[2:] == [
        *("Rome\tNNP\trome\tO", "is\t_\t_\tO", "it\t5\ta b\tO", ""),
        *("-DOCSTART- -X- O O", "", "Bye\t_\t_\tO", ""),
    ]
    assert told(report) == [("field", "x", "conll: --columns is word,pos,lemma,ner")]
    back, _ = parse(text, columns=("word", "pos", "lemma", "ner"))
    assert back.tokens is not None
    assert back.tokens.columns == {"pos": ("NNP", None, "5"), "lemma": ("rome", None, "a b")}
    with pytest.raises(UsageError) as error:
        written(one, other, columns="word,tag,ner")
    assert str(error.value) == "unknown column 'tag' (there are word, space, ner, pos, lemma, x)"
    broken = replace(other, tokens=Tokens.make([0], [3], None, {"pos": ["a\tb"]}))
    with pytest.raises(DataError, match=r"conll cannot hold 'a\\tb' in the column pos"):
        written(broken, columns="word,pos,ner")
    assert written(columns="word,tag,ner") == ""


def test_comments_and_ids() -> None:
    report = Report()
    text = (
        "# id = a\n-DOCSTART- -X- O O\n\n# sent 1\nx\tO\n\n# id = s2\ny\tO\n\n"
        "-DOCSTART- -X- O O\n\n# id = b c\n\n-DOCSTART-\n\nz\tO\n\n# id = d\n\n-DOCSTART-\n"
    )
    found = parse(text, report=report)
    assert [(document.id, document.words) for document in found] == [
        *(("a", ["x", "y"]), ("b c", []), ("x#3", ["z"]), ("d", []))
    ]
    assert told(report) == [("field", "# sent 1; # id = s2", "comment lines are not carried")]
    assert [loss.count for loss in report.lost] == [2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#\tO\na\tO\n", ["#", "a"]),
        ("# O\na O\n", ["#", "a"]),
        ("a O\n# O\n", ["a", "#"]),
        ("a O\n\n# B-X\n", ["a", "#"]),
        ("a O\n\n# x\n", ["a"]),
        ("a O\n\n#\n", ["a"]),
        ("a NN I-NP O\n\n# id = O\n# NN O O\n", ["a", "#"]),
        ("a\tO\n\n# O\n", ["a"]),
        ("#a O\n", ["#a"]),
    ],
)
def test_a_token_is_no_comment(text: str, words: list[str]) -> None:
    assert [document.words for document in parse(text)] == [words]


def test_with_keep_going_all_errors_are_told_and_the_rest_is_read() -> None:
    start = "-DOCSTART-\n\n"
    text = f"{start}a I-X\nb B-Y\n\n{start}b B-X\n\n{start}c\nd\n\n{start}d O\n\n{start}e I-X\n"
    report = Report(keep_going=True)
    assert [document.id for document in parse(text, report=report)] == ["x#2", "x#4"]
    assert [str(error.place) for error in report.failures] == ["x.conll:3:3", "x.conll:12:1", "x.conll:21:3"]


def test_white_space_at_the_edge_of_a_word_is_told() -> None:
    report = Report()
    [document] = parse("\u00a0a\tO\n", report=report)
    assert document.words == ["a"]
    assert ("trim white space", "x.conll:1:1", "\u00a0a") in {(r.name, r.place, r.text) for r in report.repairs}


@given(st.text("ab\t\n #-=OBISX\u00a0", max_size=40), st.sampled_from(sorted(SCHEMES)))
def test_nothing_but_data_errors_leaves(text: str, format: str) -> None:
    report = Report(keep_going=True)
    parse(text, format, report)
    assert all(re.match(r"x\.conll:\d+", str(error)) for error in report.failures)


def test_losses_are_told(tmp_path: Path) -> None:
    report = Report()
    tokens = Tokens.make([1, 5, 8], [4, 7, 9], [0, 1, 2], {"pos": ["A", "B", "C"]})
    document = Document(
        " Rom es x", (Span(1, 2, "X"), Span(1, 7, "Y")), tokens, {Span(1, 7, "Y"): {"kb_id": "Q1"}}, meta={"topic": 1}
    )
    with pytest.raises(DataError):
        written(document, columns="word,space,ner", report=report)
    document = Document(" Rom es x", (Span(1, 7, "Y"),), tokens, {Span(1, 7, "Y"): {"kb_id": "Q1"}}, meta={"topic": 1})
    report = Report()
    write([document], tmp_path / "a.conll", options=WriteOptions(columns=("word", "space", "ner")), report=report)
    text = (tmp_path / "a.conll").read_text(encoding="utf-8")
    assert told(report) == [
        ("field", "kb_id", "conll: it holds no attributes of entities"),
        ("field", "topic", "conll: it holds no metadata"),
        ("field", "pos", "conll: --columns is word,space,ner"),
        ("field", " ", "conll: white space before the first word has no place"),
        ("field", "es", "conll: a sentence begins inside an entity"),
    ]
    assert text.splitlines()[2:] == ["Rom\t+\tB-Y", "es\t+\tI-Y", "", "x\t-\tO", ""]
    report = Report()
    write([Document("ab", (Span(0, 1, "X"),), Tokens.make([0], [2]))], tmp_path / "b.conll", report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", "a")]
    assert report.written["conll"].spans == 0


def test_spacing_is_said_to_be_reconstructed(tmp_path: Path) -> None:
    write([DOCUMENT], tmp_path / "a.conll", report=Report())
    report = Report()
    [document] = read(tmp_path / "a.conll", report=report)
    assert document.text == "Rome's New\u00a0York. Bye"
    assert [(repair.name, repair.text) for repair in report.repairs] == [("spacing", "reconstructed")]


def test_labels_alone_are_read_as_io() -> None:
    text = "Anna\tPER\nSmith\tPER\nsaw\tO\nRome\tbuilding-air/port\n\n-DOCSTART-\n\nOslo\tI-LOC\n"
    one, two = parse(text, "conll-io")
    assert [(one.text[start:end], label) for start, end, label in one.spans] == [
        ("Anna Smith", "PER"),
        ("Rome", "building-air/port"),
    ]
    assert [label for _, _, label in two.spans] == ["LOC"]


@pytest.mark.parametrize(
    ("tags", "tag"), [("PER 0", "0"), ("PER _", "_"), ("I-PER LOC", "LOC"), ("PER B-LOC", "PER"), ("B PER", "B")]
)
def test_labels_alone_are_all_that_there_is(tags: str, tag: str) -> None:
    text = "".join(f"word\t{tag}\n" for tag in tags.split())
    with pytest.raises(DataError, match=f"^x.conll:[12]:6: tag '{tag}' is not one of IO"):
        parse(text, "conll-io")


def test_a_full_stop_may_end_a_sentence_where_nothing_marks_sentences() -> None:
    text = "".join(f"{word}\tO\n" for word in "In Berlin . She saw Rome .".split())
    assert parse(text)[0].text == "In Berlin. She saw Rome."
    assert parse(text, profile="cogcomp")[0].text == "In Berlin . She saw Rome."


def test_where_sentences_are_marked_no_other_full_stop_ends_one() -> None:
    first, second = (
        "".join(f"{word}\tO\n" for word in words.split()) for words in ("In Berlin . She saw it .", "Yes .")
    )
    assert parse(f"{first}\n{second}")[0].text == "In Berlin . She saw it. Yes."


def test_words_of_the_treebank_are_spaced_as_such_with_or_without_sentences() -> None:
    text = "".join(f"{word}\tO\n" for word in "`` He did n't . '' No .".split())
    assert parse(text)[0].text == parse(text, profile="ptb")[0].text != parse(text, profile="cogcomp-line")[0].text
