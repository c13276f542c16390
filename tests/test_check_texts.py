"""Documents compared: empty ones, twins, and what the parts of a split have in common."""

from __future__ import annotations

import pytest

from converters import Document, Span
from converters.check import Finding, check
from converters.check.parts import parts_of
from converters.errors import Place

LONG = "The minister said on Monday that talks about the treaty will go on in Geneva until the end of the month."


def document(text: str, id: str = "d", spans: tuple[tuple[int, int, str], ...] = ()) -> Document:
    return Document(text, tuple(Span(*span) for span in spans), id=id, source=Place(f"{id}.txt"))


def found(*documents: Document, parts: list[str | None] | None = None) -> list[Finding]:
    return [f for f in check(documents, parts=parts) if f.name not in {"no-entities", "unannotated"}]


def names(*documents: Document, parts: list[str | None] | None = None) -> list[tuple[str, str | None]]:
    return [(f.name, f.document.id) for f in found(*documents, parts=parts)]


# --- documents by themselves --------------------------------------------------------------------------------------


def test_empty_documents() -> None:
    made = [document(""), document(" \n "), document("text"), document("text more", spans=((0, 4, "X"),))]
    assert [(f.name, f.document.text) for f in check(made) if f.name in {"empty-document", "no-entities"}] == [
        ("empty-document", ""),
        ("empty-document", " \n "),
        ("no-entities", "text"),
    ]
    assert check([]) == []


def test_empty_documents_are_no_duplicates() -> None:
    assert names(document("", "a"), document("", "b")) == [("empty-document", "a"), ("empty-document", "b")]


# --- twins --------------------------------------------------------------------------------------------------------


def test_a_document_that_comes_twice_and_one_that_nearly_does() -> None:
    near = LONG.replace("Monday", "Tuesday").replace("The ", "When the ") + " Nobody knows more of it now."
    one = document(" ".join([LONG, *(f"Sentence number {n} says this." for n in range(40))]), "a")
    same = document(one.text.replace(" ", "\n"), "b")
    other = document(one.text.replace("number 7 ", "number seven "), "c")
    assert near not in one.text
    assert names(one, same, other) == [("duplicate", "b"), ("near-duplicate", "c")]
    messages = [f.message for f in found(one, same, other)]
    assert messages[0] == "has the text of a (a.txt)"
    assert messages[1].startswith("has nearly the text (9")


def test_twins_with_other_annotations() -> None:
    one, two = document(LONG, "a", ((4, 12, "PER"),)), document(LONG, "b", ((4, 12, "ORG"),))
    [finding] = [f for f in found(one, two) if f.name == "duplicate"]
    assert finding.message == "has the text of a (a.txt), and other annotations"


# --- splits -------------------------------------------------------------------------------------------------------


def test_a_document_in_two_parts_leaks_and_its_sentences_are_not_told_again() -> None:
    made = document(LONG, "a"), document(LONG, "b"), document(LONG, "c")
    assert names(*made, parts=["test", "train", "test"]) == [("leaking-document", "a"), ("leaking-document", "c")]
    [first, _] = found(*made, parts=["test", "train", "test"])
    assert first.message == "in test, has the text of b (b.txt), which is in train"
    assert first.severity == "error"
    assert names(*made, parts=["train", "train", None]) == [("duplicate", "b"), ("duplicate", "c")]


def test_a_sentence_in_two_parts() -> None:
    one = document(f"First there was this here. {LONG} Then it ended, as all things do in the end.", "a")
    other = document(f"Quite another beginning was there, my friend, and more of it. {LONG}", "b")
    [finding] = found(one, other, parts=["train", "dev"])
    assert (finding.name, finding.document.id, finding.text) == ("leaking-sentence", "b", LONG)
    assert finding.message == "this sentence of dev is in train as well"
    assert found(one, other, parts=["train", "train"]) == []
    assert found(one, other) == []


def test_short_sentences_do_not_leak() -> None:
    one = document("He said so. Talks went on for a long time in the city.", "a")
    other = document("He said so. Nothing was decided by anybody at that time.", "b")
    assert found(one, other, parts=["train", "dev"]) == []


def test_sentences_without_spaces_have_words_too() -> None:
    one, other = (
        document("他昨天在北京说谈判将继续进行。\n这是另外一件完全不同的事情了。", "a"),
        document("他昨天在北京说谈判将继续进行。\n没有人知道", "b"),
    )
    assert [f.name for f in found(one, other, parts=["train", "dev"])] == ["leaking-sentence"]


def test_a_sentence_is_told_once_a_part_even_after_a_document_that_leaks() -> None:
    again = document(f"Quite another beginning was there, my friend, and more of it. {LONG}", "c")
    made = document(LONG, "a"), document(LONG, "b"), again, document("It is all new here. " + LONG + " And so on.", "d")
    assert names(*made, parts=["train", "dev", "dev", "dev"]) == [
        ("leaking-document", "b"),
        ("leaking-sentence", "c"),
    ]


def test_labels_and_mentions_that_the_first_part_lacks() -> None:
    train = document("Moscow and Paris here", "a", ((0, 6, "LOC"), (11, 16, "LOC")))
    test = document("Moscow saw Boris once", "b", ((0, 6, "LOC"), (11, 16, "PER")))
    findings = {f.name: f for f in found(test, train, parts=["test", "train"])}
    assert set(findings) == {"unseen-label", "seen-mentions"}
    assert findings["unseen-label"].text == "Boris"
    assert findings["unseen-label"].message == "the label 'PER' is in test and not in train"
    assert findings["seen-mentions"].message.startswith("50% (1 of 2) of the entities of test")


@pytest.mark.parametrize("first", ["train", "training", "data/train.jsonl", "data/en.train"])
def test_what_is_called_train_comes_first(first: str) -> None:
    made = document(LONG, "a"), document(LONG, "b")
    assert names(*made, parts=["data/dev.jsonl", first]) == [("leaking-document", "a")]


# --- the parts by the names of files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "inputs", "part"),
    [
        ("train.jsonl", ["train.jsonl"], "train"),
        ("data/dev.conll", ["data"], "dev"),
        ("conll/eng.testa", ["conll"], "dev"),
        ("conll/eng.testb", ["conll"], "test"),
        ("en_ewt-ud-train.conllu", ["en_ewt-ud-train.conllu"], "train"),
        ("train-00000-of-00002.parquet", ["train-00000-of-00002.parquet"], "train"),
        ("test.english.v4_gold_conll", ["test.english.v4_gold_conll"], "test"),
        ("c/TRAIN/a.txt", ["c"], "train"),
        ("c/validation/a.txt", ["c"], "dev"),
        ("c/train.jsonl.gz", ["c"], "train"),
        ("c/train/test.jsonl", ["c"], "test"),  # the nearest
        ("c/train/nuclear-test.txt", ["c"], "train"),  # a name of its own before a word of another
        ("c/test/a/b/c.txt", ["c"], "test"),
        ("c/test/a.txt", ["c/test"], "test"),
        ("c/test/a.txt", ["c/*/a.txt"], "test"),
        ("/home/test/train/c/a.txt", ["/home/test/train/c"], None),  # what is above the input says nothing
        ("/home/test/c/a.txt", ["/home/test/c/a.txt"], None),
        ("/home/test/c/a.txt", ["/home/test/c/*.txt"], None),
        ("latest.txt", ["latest.txt"], None),
        ("contest/trainer.txt", ["contest"], None),
        ("-", ["-"], None),
    ],
)
def test_a_file_is_in_a_part_by_its_name(file: str, inputs: list[str], part: str | None) -> None:
    assert parts_of([Document("x", source=Place(file, 3))], inputs) == [part]


def test_each_input_can_be_a_part() -> None:
    made = [Document("x", source=Place(file)) for file in ("a/x.txt", "b.jsonl", "c/1/x.txt")]
    inputs = ["a", "b.jsonl", "c/*/x.txt"]
    assert parts_of(made, inputs, is_each=True) == inputs
    assert parts_of([Document("x")], inputs) == [None]
