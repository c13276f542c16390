from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.training.converters import conllu_to_docs
from strategies import corpora, documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, WriteOptions, read, write
from converters.balance import Count
from converters.errors import Place
from converters.formats import by_content, named
from converters.formats.conllu import _Mention, _Opened
from converters.source import Source


def parse(text: str, report: Report | None = None, **options: object) -> list[Document]:
    reader = named("conllu").reader
    assert reader is not None
    source = Source("x.conllu", "x", "x.conllu")
    return list(reader(BytesIO(text.encode()), source, ReadOptions(**options), report or Report()))  # type: ignore[arg-type]


def written(*documents: Document, report: Report | None = None) -> str:
    maker = named("conllu").writer
    assert maker is not None
    file = BytesIO()
    report = report or Report()
    report.written["conllu"] = Count()
    writer = maker(file, WriteOptions(), report)
    for document in documents:
        writer.write(document)
    writer.close()
    return file.getvalue().decode()


def rows(*words: str, comments: str = "") -> str:
    """A sentence of words with what is in MISC: ``Rome/name=B-LOC``."""
    lines = []
    for number, word in enumerate(words, 1):
        form, _, misc = word.partition("/")
        lines.append("\t".join([str(number), form, *"_" * 7, misc or "_"]))
    return comments + "\n".join([*lines, "", ""])


def entities(document: Document) -> list[tuple[str, str]]:
    return [(document.text[span.start : span.end], span.label) for span in document.spans]


DOCUMENT = Document(
    "Rome's  New\u00a0York.\n\nBye",
    (Span(0, 4, "LOC"), Span(8, 16, "LOC")),
    Tokens.make([0, 4, 8, 16, 19], [4, 6, 16, 17, 22], [0, 4], {"pos": ["PROPN", "PART", "PROPN", "PUNCT", None]}),
    id="a b",
    meta={"source": "a.txt", "topic": "cities"},
)
FILE = """\
# newdoc id = a b
# meta::source = a.txt
# meta::topic = cities
# sent_id = a b-1
# text = Rome's New\u00a0York.
1	Rome	_	PROPN	_	_	_	_	_	SpaceAfter=No|name=B-LOC
2	's	_	PART	_	_	_	_	_	SpacesAfter=\\s\\s|name=O
3	New\u00a0York	_	PROPN	_	_	_	_	_	SpaceAfter=No|name=B-LOC
4	.	_	PUNCT	_	_	_	_	_	SpacesAfter=\\n\\n|name=O

# newpar
# sent_id = a b-2
# text = Bye
1	Bye	_	_	_	_	_	_	_	SpaceAfter=No|name=O

"""


def test_what_a_file_looks_like() -> None:
    assert written(DOCUMENT) == FILE
    report = Report()
    [back] = parse(FILE, report)
    assert (back, back.id, back.meta) == (DOCUMENT, "a b", DOCUMENT.meta)
    assert (report.lost, report.repairs) == ([], [])
    assert str(back.source) == "x.conllu:6"
    assert by_content(FILE.encode()) == named("conllu")


# There and back


@st.composite
def parsed(draw: st.DrawFn) -> Document:
    """A document with columns, white space at its ends, metadata, and ids of its sentences."""
    document = draw(documents())
    tokens = document.tokens
    assert tokens is not None
    before = draw(st.sampled_from(["", " ", "\n\u00a0"])) if tokens else ""
    text = before + document.text + (draw(st.sampled_from(["", " ", "\n"])) if tokens else "")
    value = st.sampled_from([None, "a", "B=c|D=e", "f g", "é"])
    columns = {}
    for name in ("lemma", "pos", "tag", "morph", "dep", "deps", "misc"):
        values = [draw(value) for _ in range(len(tokens))]
        if any(values) and draw(st.booleans()):
            columns[name] = values
    if len(tokens) and draw(st.booleans()):
        columns["head"] = ["0"] * len(tokens)
    shift = len(before)
    meta: dict[str, object] = {"source": "s"} | draw(st.sampled_from([{}, {"x": "1 = 2"}]))
    if tokens.sentences and draw(st.booleans()):
        meta["sent_ids"] = [draw(st.sampled_from(["s", "t=1", None])) for _ in tokens.sentences]
        if not any(meta["sent_ids"]):  # type: ignore[call-overload]
            del meta["sent_ids"]
    return Document(
        text,
        tuple(Span(start + shift, end + shift, label) for start, end, label in document.spans),
        Tokens.make([s + shift for s in tokens.starts], [e + shift for e in tokens.ends], tokens.sentences, columns),
        id=document.id,
        meta=meta,
    )


@given(corpora(parsed()))
def test_what_is_written_is_read_back(made: list[Document]) -> None:
    report = Report()
    back = parse(written(*made, report=report), report)
    assert back == made
    assert [(document.id, document.meta) for document in back] == [(d.id, d.meta) for d in made]
    assert report.lost == report.repairs == []


@given(corpora(parsed(), max_size=2))
def test_what_is_read_is_written_alike(made: list[Document]) -> None:
    text = written(*made)
    assert written(*parse(text)) == text


MULTIWORD = """\
# newdoc id = d
# meta::source = x.conllu
# sent_id = d-1
# text = Vámonos al Prado.
1-2	Vámonos	_	_	_	Typo=Yes	_	_	_	A=b
1	Vamos	ir	VERB	_	Mood=Imp	0	root	_	name=O
2	nos	nosotros	PRON	_	_	1	obj	_	C=d|name=O
3-4	al	_	_	_	_	_	_	_	_
3	a	a	ADP	_	_	5	case	_	name=O
4	el	el	DET	_	_	5	det	_	name=B-LOC
5	Prado	Prado	PROPN	_	_	1	obl	1:obl	SpaceAfter=No|name=I-LOC
6	.	.	PUNCT	_	_	1	punct	_	SpaceAfter=No|name=O

"""


def test_multiword_tokens_are_tokens() -> None:
    report = Report()
    [document] = parse(MULTIWORD, report)
    assert document.words == ["Vámonos", "al", "Prado", "."]
    assert entities(document) == [("al Prado", "LOC")]
    assert [(repair.name, repair.place, repair.text) for repair in report.repairs] == [
        ("widen to the multiword token", "x.conllu:10:30", "al Prado")
    ]
    assert document.tokens is not None
    assert document.tokens.columns == {
        "lemma": (None, None, "Prado", "."),
        "pos": (None, None, "PROPN", "PUNCT"),
        "morph": ("Typo=Yes", None, None, None),
        "head": (None, None, "1", "1"),
        "dep": (None, None, "obl", "punct"),
        "deps": (None, None, "1:obl", None),
        "misc": ("A=b", None, None, None),
        "words": (
            "Vamos\tir\tVERB\t_\tMood=Imp\t0\troot\t_\t_\nnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\tC=d",
            "a\ta\tADP\t_\t_\t5\tcase\t_\t_\nel\tel\tDET\t_\t_\t5\tdet\t_\t_",
            None,
            None,
        ),
    }
    whole = MULTIWORD.replace("5\tcase\t_\tname=O", "5\tcase\t_\tname=B-LOC").replace(
        "det\t_\tname=B", "det\t_\tname=I"
    )
    report = Report()
    assert written(document, report=report) == whole
    assert report.lost == []
    assert parse(whole, report) == [document]
    assert report.repairs == []


def test_a_multiword_token_may_have_the_tag() -> None:
    text = "1-2\tal\t_\t_\t_\t_\t_\t_\t_\tNER=B-X\n1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n2\tel\t_\t_\t_\t_\t_\t_\t_\tQ=1\n"
    [document] = parse(text + "3\tb\t_\t_\t_\t_\t_\t_\t_\tNER=I-X\n")
    assert entities(document) == [("al b", "X")]


# Tags


@pytest.mark.parametrize("key", ["name", "NE", "NER", "ner"])
@pytest.mark.parametrize(
    "tags",
    [
        ["B-PER", "I-PER", "B-PER", "", "B-LOC"],
        ["B-PER", "L-PER", "U-PER", "O", "U-LOC"],
        ["B-PER", "E-PER", "S-PER", "O", "S-LOC"],
    ],
)
def test_schemes_show_in_the_tags(key: str, tags: list[str]) -> None:
    [document] = parse(rows(*(f"w{k}/" + (f"{key}={tag}" if tag else "") for k, tag in enumerate(tags))))
    assert entities(document) == [("w0 w1", "PER"), ("w2", "PER"), ("w4", "LOC")]
    assert document.tokens is not None
    assert document.tokens.columns == {}


def test_tags_are_repaired_where_that_is_asked_for() -> None:
    text = rows("a/name=I-X", "b/name=I-X")
    report = Report()
    [document] = parse(text, report, repair_tags="conlleval")
    assert entities(document) == [("a b", "X")]
    assert [(repair.name, repair.place, repair.text) for repair in report.repairs] == [
        ("tags conlleval", "x.conllu:1:24", "I-X is B-X")
    ]
    [document] = parse(text, repair_tags="discard")
    assert entities(document) == []


def test_brackets_beside_tags_are_kept_apart() -> None:
    [document] = parse(rows("a/name=B-X|Entity=(e1-person)", "b"))
    assert entities(document) == [("a", "X")]
    assert document.tokens is not None
    assert document.tokens.columns == {"misc": ("Entity=(e1-person)", None)}
    assert parse(written(replace(document, spans=())))[0].spans == ()


# Brackets

GUM = """\
# newdoc id = GUM_bio_x
# global.Entity = GRP-etype-infstat-identity
# sent_id = GUM_bio_x-1
# text = The town of April-15.
1	The	the	DET	DT	_	2	det	_	Entity=(188-place-new-Town_%28x%29-y
2	town	town	NOUN	NN	_	0	root	_	_
3	of	of	ADP	IN	_	4	case	_	_
4	April	April	PROPN	NNP	_	2	nmod	_	Entity=(189-time-new|SpaceAfter=No
5	-	-	PUNCT	:	_	4	punct	_	SpaceAfter=No
6	15	15	NUM	CD	_	4	nmod	_	Entity=(1-time-giv)189)188)|SpaceAfter=No
7	.	.	PUNCT	.	_	2	punct	_	_

"""


def test_brackets_as_gum_writes_them() -> None:
    [document] = parse(GUM)
    assert document.text == "The town of April-15."
    assert entities(document) == [("The town of April-15", "place"), ("April-15", "time"), ("15", "time")]
    assert document.attributes == {
        Span(0, 20, "place"): {"GRP": "188", "infstat": "new", "kb_id": "Town_%28x%29-y"},
        Span(12, 20, "time"): {"GRP": "189", "infstat": "new"},
        Span(18, 20, "time"): {"GRP": "1", "infstat": "giv"},
    }
    assert document.tokens is not None
    assert "misc" not in document.tokens.columns
    with pytest.raises(DataError, match=r"entities place .* and time 'April-15' overlap, and conllu can hold only one"):
        written(document)


@pytest.mark.parametrize(
    ("head", "first", "last"),
    [
        ("", "(e1-person-1(e2-place-x)", "e1)"),
        ("", "(person-1(place-2)", "person-1)"),
        ("", "(person-1(place-2)", "1)"),
        ("", "(person(place-Wadi-x)", "person)"),
        ("# global.Entity = etype-identity\n", "(person-A(place)", "person-A)"),
        ("# global.Entity = entity-GRP-identity\n", "(person-7-A_B(place-8)", "7)"),
        ("# global.Entity = eid-etype-head-other\n", "(e7-person-1-(e8-place-1-a:b-c)", "e7)"),
    ],
)
def test_kinds_of_brackets(head: str, first: str, last: str) -> None:
    [document] = parse(rows(f"a/Entity={first}", f"b/Entity={last}", comments=head))
    assert entities(document) == [("a b", "person"), ("a", "place")]


def test_brackets_cross_and_run_across_sentences_and_fields_are_said_once() -> None:
    text = "# global.Entity = eid-etype\n# newdoc\n"
    text += rows("a/Entity=(e1-x", "b/Entity=(e2-y") + rows("c/Entity=e1)", "d/Entity=e2)")
    documents = parse(text + rows("e/Entity=(e1-z)", comments="# newdoc\n"))
    assert [entities(document) for document in documents] == [[("a b c", "x"), ("b c d", "y")], [("e", "z")]]


def test_what_brackets_cannot_say() -> None:
    report = Report()
    text = rows("a/Entity=(e1-)(e2-x)(e3-x)", comments="# global.Entity = eid-etype\n")
    [document] = parse(text, report)
    assert entities(document) == [("a", "x")]
    assert document.attributes == {Span(0, 1, "x"): {"eid": "e2"}}
    assert [(loss.kind, loss.place, loss.text, loss.reason) for loss in report.lost] == [
        ("span", "x.conllu:2:19", "e1-", "it has no type, which would be its label"),
        ("field", "x.conllu:2:19", "eid", "two entities that are the same have another each"),
    ]
    assert [(repair.name, repair.text) for repair in report.repairs] == [("merge twins", "a")]


def test_entities_in_parts() -> None:
    text = rows("a/Entity=(e1[1/2]-x)", "b", "c/Entity=(e1[2/2]-x", "d/Entity=e1[2/2])")
    with pytest.raises(DataError) as error:
        parse(text)
    todo = "say what becomes of it: --discontinuous split, or --discontinuous cover"
    assert str(error.value) == f"x.conllu:1:19: the entity (e1[1/2]-x is in parts ({todo})"
    report = Report()
    [document] = parse(text, report, discontinuous="split")
    assert entities(document) == [("a", "x"), ("c d", "x")]
    assert document.attributes[Span(0, 1, "x")] == {"eid": "e1"}
    assert [repair.name for repair in report.repairs] == ["discontinuous split"]
    [document] = parse(text, discontinuous="cover")
    assert entities(document) == [("a b c d", "x")]


def test_empty_nodes_are_told_once_a_document() -> None:
    line = "\t_\t_\t_\t_\t_\t_\t_\t"
    text = f"0.1\tsie{line}Entity=(e1-x)(e2-y\n1\tgeht{line}Entity=e2)\n1.1\ter{line}_\n2\tweg{line}SpaceAfter=No\n"
    report = Report()
    [document] = parse(text, report)
    assert document.text == "geht weg"
    assert entities(document) == [("geht", "y")]
    assert [(loss.kind, loss.place, loss.text, loss.reason, loss.count) for loss in report.lost] == [
        ("token", "x.conllu:1:1", "sie er", "empty nodes are not in the text", 2),
        ("span", "x.conllu:1:23", "e1-x", "it is on empty nodes alone", 1),
    ]


# White space


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rows("a", "b"), "a b"),
        (rows("a/SpaceAfter=No", "b"), "ab"),
        (rows("a/SpaceAfter=Yes", "b"), "a b"),
        (rows("a/SpacesAfter=\\s\\t\\n\\r\u00a0", "b"), "a \t\n\r\u00a0b"),
        (rows("a/SpacesBefore=\\n", "b/SpacesBefore=\\s"), "\na  b"),
        (rows("a", "b/SpacesAfter=\\n"), "a b\n"),
        (rows("a") + rows("b"), "a b"),
        (rows("a") + rows("b", comments="# newpar\n"), "a\n\nb"),
        (rows("a/SpaceAfter=No") + rows("b", comments="# newpar\n"), "a\n\nb"),
        (rows("a/SpacesAfter=\\n") + rows("b", comments="# newpar\n"), "a\nb"),
        ("\ufeff" + rows("a", "b").replace("\n", "\r\n"), "a b"),
    ],
)
def test_white_space(text: str, expected: str) -> None:
    assert [document.text for document in parse(text)] == [expected]


def test_sentences_on_lines_of_their_own() -> None:
    assert parse(rows("a") + rows("b/SpaceAfter=No") + rows("c"), layout="sentences")[0].text == "a\nbc"


def test_the_word_that_is_an_underscore() -> None:
    [document] = parse("1\t_\t_\tSYM\t_\t_\t_\t_\t_\t_\n")
    assert document.tokens is not None
    assert (document.words, document.tokens.columns) == (["_"], {"pos": ("SYM",)})
    assert parse(written(document)) == [document]


# Documents and comments


def test_documents_and_their_ids() -> None:
    text = rows("a", comments="# newdoc id = one\n") + rows("b") + rows("c", comments="# newdoc\n")
    assert [(document.id, document.words) for document in parse(text)] == [("one", ["a", "b"]), ("x#2", ["c"])]
    assert [document.id for document in parse(rows("a"))] == ["x"]
    assert parse("") == []
    found = parse("# newdoc id = a\n# newdoc id = b\n\n# newdoc id = c\n# meta::x = 1\n")
    assert [(document.id, document.text, document.meta.get("x")) for document in found] == [
        ("a", "", None),
        ("b", "", None),
        ("c", "", "1"),
    ]


def test_comments() -> None:
    comments = "# generator = U\n# newdoc id = d\n# newpar id = p\n# sent_id = s/1\n# text_en = A\n# free\n"
    report = Report()
    [document] = parse(rows("a", comments=comments) + rows("b"), report)
    assert document.meta == {"sent_ids": ["s/1", None], "source": "x.conllu"}
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        ("field", "generator, newpar id, text_en, free", "these comments are not read")
    ]
    assert parse(written(document))[0].meta == document.meta


# Errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1\ta\tO\n",
            "1:1: 3 columns, where CoNLL-U has 10: '1 a O' (they are separated by tabs; is it really conllu?)",
        ),
        ("1\ta\t\t_\t_\t_\t_\t_\t_\t_\n", "1:5: an empty column (one that has no value is _)"),
        (
            rows("a") + rows("\u00a0"),
            "3:3: the word '\\xa0' begins or ends in white space (it is no token, or it does ",
        ),
        (rows("a") + rows("b").replace("1", "2"), "3:1: the number '2' is out of order (after word 0 the next is 1)"),
        (rows("a").replace("1", "1-0"), "1:1: the number '1-0' is out of order (after word 0 the next is 1)"),
        (rows("a").replace("1", "one"), "1:1: the number 'one' is out of order (after word 0 the next is 1)"),
        (rows("a").replace("1", "1.1"), "1:1: the number '1.1' is out of order (after word 0 the next is 1)"),
        (
            rows("a").replace("1", "1-2").strip() + "\n" + rows("a"),
            "2:1: the sentence ends at word 1, inside a multiword token that goes to 2",
        ),
        ("1\ta" + "\t_" * 8 + "\n# x\n", "2:1: a comment inside a sentence (an empty line ends a sentence)"),
        (
            rows("a", "b", comments="# text = ab\n"),
            "1: # text has 'b' where the tokens have ' b', at character 1 (look at the words and at SpaceAfter=No)",
        ),
        (
            rows("a", comments="# text = a b\n"),
            "1: # text has ' b' where the tokens have '', at character 1 (look at the words and at SpaceAfter=No)",
        ),
        (rows("a/SpaceAfter=Maybe"), "1:19: 'SpaceAfter=Maybe' is no white space (it can be No)"),
        (
            rows("a/x|SpacesAfter=\\p"),
            "1:21: 'SpacesAfter=\\\\p' is no white space (\\s, \\t, \\n and \\r stand for it)",
        ),
        (
            rows("a/SpacesAfter="),
            "1:19: 'SpacesAfter=' is no white space (\\s, \\t, \\n and \\r stand for it)",
        ),
        (
            rows("a/SpaceAfter=No|SpacesAfter=\\n"),
            "1:33: two items say what follows the word 'a' (leave out the one that is wrong)",
        ),
        (
            rows("a/name=O", "b/Q|name=I-X"),
            "2:26: tag 'I-X' continues nothing (in BIO an entity begins with B-; "
            "--repair-tags conlleval begins one there)",
        ),
        (
            rows("a/name=B-X") + rows("b/name=I-X"),
            "3:24: tag 'I-X' continues nothing (in BIO an entity begins with B-; "
            "--repair-tags conlleval begins one there; "
            "the document at line 1 shows that the tags of this file are BIO)",
        ),
        (rows("a/name=U-X", "b/name=B-X"), "2:24: tag 'O' comes before entity 'X' has ended (end it with L-)"),
        (rows("a/name=S-X", "b/name=B-X", "c"), "3:19: tag 'O' comes before entity 'X' has ended (end it with E-)"),
        (rows("a/name=B-"), "1:24: tag 'B-' has no label"),
        (rows("a/NE=P<pf"), "1:22: tag 'P<pf' is not one of BIO (BIO, BILOU and BIOES are read)"),
        (rows("a/NE=O", "b/NER=O"), "2:19: the tag 'NER=O', where before there is NE= (choose one)"),
        (rows("a/NE=O|NER=O"), "1:24: a second tag, 'NER=O' (choose one)"),
        (rows("a/Entity=person"), "1:19: Entity=person are no brackets ((e1-person opens one, e1) closes it)"),
        (rows("a/Entity=(e1-x"), "1:19: the entity (e1-x is not closed (in the same document)"),
        (rows("a/Entity=e1)"), "1:19: e1) closes no entity that is open ((e1-... opens one)"),
    ],
)
def test_what_is_not_conllu_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(text)
    assert str(error.value).startswith(f"x.conllu:{message}")


def test_errors_of_multiword_tokens() -> None:
    line = "\t_\t_\t_\t_\t_\t_\t_\t"
    with pytest.raises(DataError, match=r"x.conllu:2:19: a tag on a multiword token and on a word of it"):
        parse(f"1-2\tab{line}name=B-X\n1\ta{line}name=B-X\n2\tb{line}_\n")
    with pytest.raises(DataError, match=r"x.conllu:1:22: Entity= on a multiword token \(it belongs to the words\)"):
        parse(f"1-2\tab{line}Entity=(e1-x)\n1\ta{line}_\n2\tb{line}_\n")
    with pytest.raises(DataError, match=r"x.conllu:1:19: the entity \(e1\[1/2\]-x has not all its parts"):
        parse(f"1\ta{line}Entity=(e1[1/2]-x)\n", discontinuous="split")


BITS = st.sampled_from([*"12-.#\t\n_aB=|()[]/\\ sn", "name=", "B-", "L-", "Entity=", "(e1", "SpacesAfter=", "# newdoc"])


@given(st.lists(BITS, max_size=30), st.sampled_from(["split", "cover"]))
def test_no_other_exception_leaves(bits: list[str], discontinuous: str) -> None:
    text = "".join(bits)
    for content in (text, *("1\ta" + "\t_" * 7 + f"\t{misc}\n" for misc in text.split("\n"))):
        with suppress(DataError):
            parse(content, discontinuous=discontinuous)


# Writing


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            Document("a", (Span(0, 1, "A|B"),), Tokens.make([0], [1])),
            "conllu cannot hold the label 'A|B', which has a | (rename it with --map, or convert to jsonl)",
        ),
        (
            Document("a\tb", (), Tokens.make([0], [3])),
            "conllu cannot hold the word 'a\\tb' (mend the source, or convert to jsonl)",
        ),
    ],
)
def test_what_it_cannot_hold_is_an_error(document: Document, message: str) -> None:
    with pytest.raises(DataError) as error:
        written(document)
    assert str(error.value) == message


def test_a_document_without_tokens_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="conllu needs tokens, and this document has none"):
        written(Document("a"))


def test_losses_are_told(tmp_path: Path) -> None:
    columns = {
        "chunk": ["A", "B", "C"],
        "pos": ["X", "", "_"],
        "lemma": ["\ud800", None, None],
        "head": ["2", "0", "7"],
        "misc": ["SpaceAfter=No|Q=1", None, None],
        "words": ["no", None, None],
    }
    tokens = Tokens.make([0, 2, 4], [1, 3, 5], [0, 1, 2], columns)
    span = Span(0, 3, "X")
    meta = {"sent_ids": ["a"], "page": 3, "title": " x", "half": "\udc00", "source": "s"}
    document = Document("a b c", (span, Span(4, 5, "Y")), tokens, {span: {"kb_id": "Q1"}}, "a\nb", None, meta)
    report = Report()
    write([document], tmp_path / "a.conllu", report=report)
    text = (tmp_path / "a.conllu").read_text(encoding="utf-8")
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        ("field", "kb_id", "conllu: it holds no attributes of entities"),
        ("field", "b", "conllu: a sentence begins inside an entity"),
        (
            "field",
            "words, misc, pos, lemma, chunk, head, sent_ids, id, page, title, half",
            "conllu: no place for it",
        ),
    ]
    assert text.splitlines() == [
        "# newdoc",
        "# meta::source = s",
        "# sent_id = 1",
        "# text = a b",
        "1\ta\t_\tX\t_\t_\t_\t_\t_\tQ=1|name=B-X",
        "2\tb\t_\t_\t_\t_\t_\t_\t_\tname=I-X",
        "",
        "# sent_id = 2",
        "# text = c",
        "1\tc\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No|name=B-Y",
        "",
    ]
    report = Report()
    odd: dict[Any, object] = {1: 2, None: "n"}
    write([Document("a", (), Tokens.make([0], [1]), meta=odd)], tmp_path / "c.conllu", report=report)
    assert "# meta::null = n\n" in (tmp_path / "c.conllu").read_text(encoding="utf-8")
    assert [loss.text for loss in report.lost] == ["1"]
    report = Report()
    document = Document("ab", (Span(0, 1, "X"),), Tokens.make([0], [2]))
    write([document, Document(" ", (), Tokens.make([], []))], tmp_path / "b.conllu", report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", "a"), ("field", "white space")]


# Peers


@given(corpora(parsed(), max_size=2))
def test_conllu_reads_it_and_what_it_writes_is_read(made: list[Document]) -> None:
    conllu = pytest.importorskip("conllu")
    made = [document for document in made if document.text]
    sentences = conllu.parse(written(*made))
    assert [token["form"] for s in sentences for token in s] == [word for d in made for word in d.words]
    back = parse("".join(sentence.serialize() for sentence in sentences))
    assert [(b.text, b.spans, b.id) for b in back] == [(d.text, d.spans, d.id) for d in made]


def test_conllu_serialises_multiword_tokens_and_brackets_unchanged() -> None:
    conllu = pytest.importorskip("conllu")
    for text in (MULTIWORD, GUM):
        serialized = "".join(sentence.serialize() for sentence in conllu.parse_incr(StringIO(text)))
        assert parse(serialized) == parse(text)


SIMPLE = st.text("abcXYZ.,'é", min_size=1, max_size=5)


@given(documents(words=SIMPLE, labels=st.sampled_from(["PER", "LOC", "WORK_OF_ART"]), min_size=1))
def test_spacy_finds_the_same_entities(document: Document) -> None:
    docs = list(conllu_to_docs(written(document), n_sents=1, no_print=True))
    assert [[token.text for token in doc] for doc in docs] == [
        document.words[first:stop] for first, stop in document.sentence_ranges()
    ]
    found = [(ent.text.split(), ent.label_) for doc in docs for ent in doc.ents]
    tokens = [document.token_span(span) for span in document.spans]
    assert [label for _, label in found] == [span.label for span in tokens if span]
    assert ["".join(words) for words, _ in found] == ["".join(document.words[s.first : s.stop]) for s in tokens if s]


def test_spacy_finds_the_entities_of_multiword_tokens() -> None:
    [document] = parse(MULTIWORD)
    for merge, expected in ((True, "al Prado"), (False, "ael Prado")):
        [doc] = conllu_to_docs(written(document), merge_subtokens=merge, no_print=True)
        assert [(ent.text, ent.label_) for ent in doc.ents] == [(expected, "LOC")]


def test_white_space_without_a_token_is_told(tmp_path: Path) -> None:
    report = Report()
    write([Document(" \n", tokens=Tokens.make((), ()), id="a")], tmp_path / "a.conllu", report=report)
    assert [(repair.name, repair.text) for repair in report.repairs] == [("spacing", "not kept by conllu")]
    [document] = read(tmp_path / "a.conllu")
    assert (document.text, document.id) == ("", "a")


@given(st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=3))))
def test_a_bracket_closes_the_innermost_of_its_name(events: list[tuple[bool, list[str]]]) -> None:
    opened, plain = _Opened(), []
    for number, (opens, fields) in enumerate(events):
        says = "-".join(fields)
        if opens:
            mention = _Mention(number, number, says, {"eid": fields[-1]}, Place("a"))
            opened.add(mention)
            plain.append(mention)
        elif says:
            exact = [one for one in plain if says in (one.says, one.id)]
            begun = [one for one in plain if one.says.startswith(f"{says}-")]
            wanted = (exact or begun or [None])[-1]
            assert opened.close(says) == wanted
            if wanted:
                plain.remove(wanted)
        assert [*opened.mentions.values()] == plain
