"""The scorer for spaCy against spaCy's own."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from converters.evaluation.scorer import make_ner_scorer, score_entities

VOCAB = spacy.blank("en").vocab
NAME = "nerconv.ner_scorer.v1"
SCHEMAS = ("strict", "exact", "partial", "type")


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Gold and predicted entities on the same tokens; of some tokens it is not known whether they are in one."""
    words = draw(st.lists(st.sampled_from(["a", "Bo", "Rome", "\U0001f600"]), max_size=8))
    spaces = [draw(st.booleans()) for _ in words]
    gold, predicted = (draw(st.lists(tags(), min_size=len(words), max_size=len(words))) for _ in range(2))
    if draw(st.booleans()):
        predicted = [g if draw(st.booleans()) else p for g, p in zip(gold, predicted, strict=True)]
    if draw(st.booleans()):
        gold = ["" if draw(st.booleans()) else tag for tag in gold]
    if draw(st.integers(0, 5)) == 0:
        gold = [""] * len(words)
    return Example(doc(words, spaces, predicted), doc(words, spaces, gold))


def tags() -> st.SearchStrategy[str]:
    return st.sampled_from(["O", "O", "B-A", "I-A", "B-B", "I-B"])


def doc(words: list[str], spaces: list[bool], tags: list[str]) -> Doc:
    """A Doc of tags, the empty one saying nothing of its token; an I- that continues nothing begins."""
    valid, before = [], ""
    for tag in tags:
        label = tag[2:]
        valid.append(f"B-{label}" if tag.startswith("I-") and label != before else tag)
        before = label
    return Doc(VOCAB, words=words, spaces=spaces, ents=valid)


def test_spacy_knows_the_scorer() -> None:
    assert registry.scorers.get(NAME)() is score_entities
    assert make_ner_scorer() is score_entities


@given(st.lists(examples(), max_size=4))
def test_the_scores_are_those_of_spacy(made: list[Example]) -> None:
    found, right = score_entities(made), get_ner_prf(made)
    for name in ("ents_p", "ents_r", "ents_f"):
        assert found[name] == (None if right[name] is None else pytest.approx(right[name], abs=1e-9)), name


@given(st.lists(examples(), max_size=4))
def test_the_scores_of_each_label_are_those_of_spacy(made: list[Example]) -> None:
    found, right = score_entities(made)["ents_per_type"], get_ner_prf(made)["ents_per_type"]
    if right is None:
        assert found is None
        return
    assert found.keys() == right.keys()
    for label, scores in right.items():
        assert found[label] == pytest.approx(scores, abs=1e-9)


def test_the_partial_scores() -> None:
    gold = doc(["Anna", "Lee", "met", "Bo"], [True] * 4, ["B-A", "I-A", "O", "B-A"])
    predicted = doc(["Anna", "Lee", "met", "Bo"], [True] * 4, ["B-A", "O", "O", "B-B"])
    found = score_entities([Example(predicted, gold)])
    assert {name: found[f"ents_{name}_f"] for name in SCHEMAS} == {
        "strict": 0,
        "exact": 0.5,
        "partial": 0.75,
        "type": 0.5,
    }
    assert {f"ents_{name}_{score}" for name in SCHEMAS for score in "prf"} <= found.keys()


def test_tokens_may_differ() -> None:
    gold = Doc(VOCAB, words=["New", "York", "is"], ents=["B-A", "I-A", "O"])
    predicted = Doc(
        VOCAB, words=["New", "Yo", "rk", "is"], spaces=[True, False, True, True], ents=["B-A", "I-A", "I-A", "O"]
    )
    assert score_entities([Example(predicted, gold)])["ents_f"] == 1


def test_nothing_annotated_is_no_score() -> None:
    nothing = Doc(VOCAB, words=["New", "York"])
    assert not nothing.has_annotation("ENT_IOB")
    found = score_entities([Example(doc(["New", "York"], [True, True], ["B-A", "I-A"]), nothing)])
    assert set(found.values()) == {None}
    assert found.keys() >= {"ents_p", "ents_r", "ents_f", "ents_per_type", "ents_partial_f"}
    assert set(score_entities([]).values()) == {None}


def config(folder: Path) -> Any:
    from spacy.cli.init_config import init_config

    made = init_config(lang="en", pipeline=["ner"], optimize="efficiency")
    made["components"]["ner"]["scorer"] = {"@scorers": NAME}
    made["training"] |= {"max_steps": 30, "eval_frequency": 10, "patience": 0}
    made["training"]["score_weights"] = {"ents_f": 0.5, "ents_partial_f": 0.5}
    made["paths"] |= {"train": str(folder / "c.spacy"), "dev": str(folder / "c.spacy")}
    return made


@pytest.mark.slow
def test_a_pipeline_is_trained_and_evaluated_with_it(tmp_path: Path) -> None:
    from spacy.tokens import DocBin
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train

    sentences = [
        (f"{name} lives in {place} .".split(), ["B-PER", "O", "O", "B-LOC", "O"])
        for name in ("Bo", "Anna", "Eve")
        for place in ("Rome", "Oslo", "Bonn")
    ]
    DocBin(docs=[Doc(VOCAB, words=words, ents=ents) for words, ents in sentences]).to_disk(tmp_path / "c.spacy")
    made = config(tmp_path)
    made.to_disk(tmp_path / "config.cfg")
    nlp = init_nlp(spacy.util.load_config(tmp_path / "config.cfg"))
    (tmp_path / "out").mkdir()
    train(nlp, tmp_path / "out", stdout=StringIO(), stderr=StringIO())
    trained = spacy.load(tmp_path / "out" / "model-best")
    assert trained.meta["performance"].keys() >= {"ents_f", "ents_partial_f"}
    references = [Doc(trained.vocab, words=words, ents=ents) for words, ents in sentences]
    found = trained.evaluate([Example(trained.make_doc(doc.text), doc) for doc in references])
    right = get_ner_prf([Example(trained(doc.text), doc) for doc in references])
    assert {name: found[name] for name in right} == {
        **{name: pytest.approx(right[name]) for name in ("ents_p", "ents_r", "ents_f")},
        "ents_per_type": {label: pytest.approx(scores) for label, scores in right["ents_per_type"].items()},
    }
    assert found["ents_partial_f"] >= found["ents_strict_f"] == pytest.approx(found["ents_f"])
    assert found["ents_per_type"].keys() == {"PER", "LOC"}
