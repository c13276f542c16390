"""``nerconv.Corpus.v1`` gives spaCy what ``spacy.Corpus.v1`` gives it from the converted DocBin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import registry

from converters import DataError, Document, Span, UsageError, convert, write
from converters.options import Changes, ReadOptions

MARKUP = '[PER Anna Maier  ] of [ORG U.S. Steel  ] \'s board left [LOC Berlin  ] . \nShe said : " No . " \n'


@pytest.fixture
def nlp() -> Language:
    return spacy.blank("en")


def reader(**settings: Any) -> Any:
    return registry.resolve({"corpus": {"@readers": "nerconv.Corpus.v1", **settings}})["corpus"]


def seen(examples: Any) -> list[Any]:
    """All that training sees of examples."""
    return [
        (
            example.predicted.text,
            [token.text for token in example.predicted],
            example.get_aligned_ner(),
            example.get_aligned_sent_starts(),
            [(token.text, token.whitespace_, token.ent_iob_, token.ent_type_) for token in example.reference],
        )
        for example in examples
    ]


@pytest.fixture
def markup(tmp_path: Path) -> Path:
    folder = tmp_path / "markup"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(MARKUP * (number + 1), encoding="utf-8")
    (folder / "empty.txt").write_text("", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "settings",
    [{}, {"gold_preproc": True}, {"max_length": 12}, {"limit": 2}, {"gold_preproc": True, "limit": 1}],
    ids=str,
)
def test_examples_are_those_of_the_docbin(
    settings: dict[str, Any], markup: Path, nlp: Language, tmp_path: Path
) -> None:
    convert([markup], tmp_path / "all.spacy")
    peers = {"gold_preproc": False, **settings}
    expected = seen(Corpus(tmp_path / "all.spacy", **peers)(nlp))
    assert expected
    assert seen(reader(path=str(markup), **settings)(nlp)) == expected


@pytest.mark.parametrize("name", ["x.conll", "x.jsonl", "x.spacy"])
def test_any_format_gives_the_same(name: str, markup: Path, nlp: Language, tmp_path: Path) -> None:
    convert([markup], tmp_path / name)
    corpus = reader(path=str(tmp_path / name))
    if name != "x.conll":  # which has no paragraphs, and no empty documents
        assert seen(corpus(nlp)) == seen(reader(path=str(markup))(nlp))
    assert [example.reference.ents[0].text for example in corpus(nlp)] == ["Anna Maier"] * 3


def test_the_configs_that_spacy_makes_need_no_more_than_another_name(markup: Path, nlp: Language) -> None:
    settings = {"path": str(markup), "max_length": 0, "gold_preproc": False, "limit": 0, "augmenter": None}
    assert len(list(reader(**settings)(nlp))) == 3


def test_gold_tokens_are_those_of_the_data(tmp_path: Path, nlp: Language) -> None:
    (tmp_path / "a.conll").write_text("New\tB-LOC\nYork-based\tO\nfirm\tO\n", encoding="utf-8")
    words = [
        [token.text for token in e.predicted] for e in reader(path=str(tmp_path / "a.conll"), gold_tokens=True)(nlp)
    ]
    assert words == [["New", "York-based", "firm"]]
    words = [[token.text for token in e.predicted] for e in reader(path=str(tmp_path / "a.conll"))(nlp)]
    assert words == [["New", "York", "-", "based", "firm"]]


def test_options_are_those_of_convert(tmp_path: Path, nlp: Language) -> None:
    (tmp_path / "a.txt").write_text("[SHIP Titanic  ] ? s [LOC Deck  ] and [ORG Crew  ] . ", encoding="utf-8")
    settings: dict[str, Any] = {
        "path": str(tmp_path / "a.txt"),
        "labels": ["any"],
        "repair": ["all"],
        "map": "SHIP=VESSEL",
        "drop": ["ORG"],
    }
    [example] = reader(**settings)(nlp)
    assert example.reference.text == "Titanic's Deck and Crew."
    assert [(ent.text, ent.label_) for ent in example.reference.ents] == [("Titanic", "VESSEL"), ("Deck", "LOC")]
    [kept] = reader(**{**settings, "drop": None, "keep": ["VESSEL"]})(nlp)
    assert [ent.text for ent in kept.reference.ents] == ["Titanic"]
    convert(
        [tmp_path / "a.txt"],
        tmp_path / "a.spacy",
        read_options=ReadOptions(labels=("any",), repairs=("apostrophe", "url", "hyphen")),
        changes=Changes(labels={"SHIP": "VESSEL"}, drop=("ORG",)),
    )
    assert seen([example]) == seen(Corpus(tmp_path / "a.spacy")(nlp))


def test_what_cannot_be_learnt_is_told(tmp_path: Path, nlp: Language) -> None:
    documents = [Document("Moscow-based firms", (Span(0, 3, "LOC"), Span(13, 18, "ORG")), id="a")]
    write(documents, tmp_path / "a.jsonl")
    corpus = reader(path=str(tmp_path / "a.jsonl"))
    told = r"^1 entities of .*a.jsonl are not learnt, the first is .*a.jsonl:1: LOC 'Mos'; nerconv check lists them$"
    with pytest.warns(UserWarning, match=told):
        [example] = corpus(nlp)
    assert [ent.text for ent in example.reference.ents] == ["firms"]
    [example] = reader(path=str(tmp_path / "a.jsonl"), on_misaligned="expand")(nlp)
    assert [ent.text for ent in example.reference.ents] == ["Moscow", "firms"]
    with pytest.raises(DataError, match="does not begin and end with a token"):
        list(reader(path=str(tmp_path / "a.jsonl"), on_misaligned="error")(nlp))


def test_overlapping_entities(tmp_path: Path, nlp: Language) -> None:
    write([Document("Bank of England", (Span(0, 15, "ORG"), Span(8, 15, "LOC")), id="a")], tmp_path / "a.jsonl")
    with pytest.raises(DataError, match="overlap"):
        list(reader(path=str(tmp_path / "a.jsonl"))(nlp))
    [example] = reader(path=str(tmp_path / "a.jsonl"), on_overlap="longest")(nlp)
    assert [ent.text for ent in example.reference.ents] == ["Bank of England"]


def test_it_shuffles_and_augments(markup: Path, nlp: Language) -> None:
    def twice(nlp: Language, example: Example) -> Any:
        yield example
        yield example

    corpus = reader(path=str(markup))
    corpus.augmenter = twice
    assert len(list(corpus(nlp))) == 6
    shuffled = reader(path=str(markup), shuffle=True)
    orders = {tuple(len(example.reference) for example in shuffled(nlp)) for _ in range(60)}
    assert len(orders) > 1


def test_mistakes_in_the_config(tmp_path: Path, nlp: Language) -> None:
    with pytest.raises(UsageError, match="the corpus reader has no path"):
        reader(path=None)
    with pytest.raises(DataError, match="there is no such file"):
        list(reader(path=str(tmp_path / "nothing.jsonl"))(nlp))
    (tmp_path / "a.txt").write_text("[LOC Berlin .", encoding="utf-8")
    with pytest.raises(DataError, match=r"a.txt:1:1: unclosed bracket"):
        list(reader(path=str(tmp_path / "a.txt"))(nlp))
    with pytest.raises(UsageError, match="unknown format"):
        list(reader(path=str(tmp_path / "a.txt"), format="nonsense")(nlp))
