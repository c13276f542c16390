"""Splits: nothing lost, nothing in two parts, what belongs together in one, shares as asked for, whatever the order."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from converters import DataError, Document, Report, UsageError, read
from converters.cli import app
from converters.duplicates import groups
from converters.errors import Place
from converters.pipeline import write_parts
from converters.training.split import (
    DOCUMENTS,
    LEAKING,
    RATIOS,
    assign,
    folds,
    read_ratios,
    shares,
    split,
    training_sets,
)

LABELS = ["PER", "LOC", "ORG", "RARE"]


def made(number: int, chance: random.Random, most: int = 12) -> Document:
    """A document like no other, with some entities, three kinds of which are frequent and one is not."""
    words, spans, at = [], [], 0
    entities = chance.randrange(most)
    for n in range(30):
        word = f"w{chance.randrange(10**9)}"
        if n < entities:
            spans.append((at, at + len(word), chance.choices(LABELS, [50, 40, 30, 1])[0]))
        words.append(word)
        at += len(word) + 1
    return Document(" ".join(words), tuple(spans), id=f"d{number}")  # type: ignore[arg-type]


@st.composite
def documents(draw: st.DrawFn, min_size: int = 4, max_size: int = 40) -> list[Document]:
    """Documents of which some are duplicates, some near duplicates, and some share a field."""
    chance = random.Random(draw(st.integers(0, 10**6)))
    found: list[Document] = []
    for number in range(draw(st.integers(min_size, max_size))):
        document = made(number, chance)
        if found and (kind := draw(st.sampled_from(["new", "new", "new", "same", "near"]))) != "new":
            twin = chance.choice(found)
            text = twin.text if kind == "same" else f"{twin.text} more"
            document = replace(twin, text=text, id=f"d{number}")
        found.append(replace(document, meta={"author": {"name": draw(st.sampled_from("abcdefgh"))}}))
    return found


ratios = st.lists(st.integers(1, 20), min_size=2, max_size=4).map(lambda ns: {f"p{n}": r for n, r in enumerate(ns)})


def ids(parts: dict[str, list[Document]]) -> dict[str, list[str | None]]:
    return {name: [document.id for document in found] for name, found in parts.items()}


@settings(max_examples=150)
@given(documents(), ratios, st.integers(0, 3), st.sampled_from([None, "author.name"]))
def test_nothing_is_lost_and_what_belongs_together_is_in_one_part(
    corpus: list[Document], shares_of: dict[str, int], seed: int, group_by: str | None
) -> None:
    try:
        parts = split(corpus, shares_of, seed=seed, group_by=group_by)
    except DataError:
        twins = groups([document.text for document in corpus])
        assert group_by or len({*twins}) < len(shares_of)
        return
    assert list(parts) == list(shares_of)
    assert all(parts.values())
    assert Counter(id(d) for found in parts.values() for d in found) == Counter(map(id, corpus))
    part_of = {id(document): name for name, found in parts.items() for document in found}
    twins = groups([document.text for document in corpus])
    for (a, one), (b, other) in combinations(enumerate(corpus), 2):
        if twins[a] == twins[b] or (group_by and one.meta["author"] == other.meta["author"]):
            assert part_of[id(one)] == part_of[id(other)]


@settings(max_examples=60)
@given(documents(min_size=20), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_documents_has_no_effect(corpus: list[Document], chance: random.Random, grouped: bool) -> None:
    group_by = "author.name" if grouped else None
    try:
        expected = ids(split(corpus, group_by=group_by))
    except DataError:
        return
    shuffled = list(corpus)
    chance.shuffle(shuffled)
    assert ids(split(shuffled, group_by=group_by)) == expected


def test_ids_that_were_made_from_the_order_have_no_effect() -> None:
    chance = random.Random(1)
    corpus = [made(number, chance) for number in range(30)]
    turned = [d.identified(f"file#{number}", is_own=False) for number, d in enumerate(reversed(corpus))]
    texts = [{d.text for d in found} for found in split(turned).values()]
    again = [d.identified(f"x#{number}", is_own=False) for number, d in enumerate(corpus)]
    assert [{d.text for d in found} for found in split(again).values()] == texts


counts = st.dictionaries(st.sampled_from([*LABELS, DOCUMENTS]), st.integers(1, 9), min_size=1)


def deviation(groups_: Sequence[dict[str, int]], places: Sequence[int], ratios_: Sequence[int]) -> float:
    """The sum over parts and names of the squared deviation over what is expected, documents as much as all labels."""
    totals: Counter[str] = Counter()
    for group in groups_:
        totals.update(group)
    total = 0.0
    for part, ratio in enumerate(ratios_):
        held: Counter[str] = Counter()
        for group, place in zip(groups_, places, strict=True):
            held.update(group if place == part else {})
        for name, n in totals.items():
            expected = n * ratio / sum(ratios_)
            weight = len(totals) if name == DOCUMENTS else 1
            total += weight * (held[name] - expected) ** 2 / expected
    return total


@settings(max_examples=150)
@given(st.lists(counts, min_size=4, max_size=14), st.lists(st.integers(1, 9), min_size=2, max_size=4))
def test_no_group_would_be_better_in_another_part(groups_: list[dict[str, int]], ratios_: list[int]) -> None:
    places = assign(groups_, ratios_)
    assert {*places} == {*range(len(ratios_))}
    now = deviation(groups_, places, ratios_)
    for number, place in enumerate(places):
        if places.count(place) > 1:
            for other in range(len(ratios_)):
                moved = [*places[:number], other, *places[number + 1 :]]
                assert deviation(groups_, moved, ratios_) > now - 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_shares_are_those_that_were_asked_for(seed: int) -> None:
    chance = random.Random(seed)
    corpus = [made(number, chance) for number in range(400)]
    parts = split(corpus, seed=seed)
    assert [len(found) for found in parts.values()] == [320, 40, 40]
    totals = Counter(span.label for document in corpus for span in document.spans)
    for (name, found), share in zip(parts.items(), RATIOS.values(), strict=True):
        here = Counter(span.label for document in found for span in document.spans)
        for label in LABELS[:3]:
            assert abs(100 * here[label] / totals[label] - share) < 1, (name, label)
        assert abs(here["RARE"] - totals["RARE"] * share / 100) <= 2


def test_a_label_of_one_document_is_learnt() -> None:
    chance = random.Random(2)
    corpus = [made(number, chance, most=1) for number in range(50)]
    corpus[17] = replace(corpus[17], spans=((0, 2, "ONLY"),))  # type: ignore[arg-type]
    assert any(document.spans for document in split(corpus)["train"])


def test_another_seed_is_another_split() -> None:
    chance = random.Random(3)
    corpus = [made(number, chance) for number in range(60)]
    tests = {tuple(d.id for d in split(corpus, seed=seed)["test"]) for seed in range(5)}
    assert len(tests) == 5


def test_a_split_is_the_same_everywhere() -> None:
    corpus = [Document(f"text number {n}, all of it", ((0, 4, "ab"[n % 2]),), id=f"d{n}") for n in range(12)]  # type: ignore[arg-type]
    assert (ids(split(corpus))["dev"], ids(split(corpus))["test"]) == (["d10"], ["d11"])
    assert (ids(split(corpus, seed=1))["dev"], ids(split(corpus, seed=1))["test"]) == (["d5"], ["d1"])


def test_documents_are_in_the_order_of_their_ids_as_people_sort_them() -> None:
    chance = random.Random(4)
    corpus = [replace(made(n, chance), id=f"a{n}/b") for n in (10, 9, 100, 1, 2, 20, 11)]
    [one, two] = split(corpus, {"one": 4, "two": 3}).values()
    for found in (one, two):
        numbers = [int((d.id or "")[1:-2]) for d in found]
        assert numbers == sorted(numbers)
    corpus = [replace(made(n, chance), id=id) for n, id in enumerate(["b1", "a2", "c", "7"])]
    parts = split(corpus, {"one": 3, "two": 1})
    assert [d.id for d in parts["one"]] == [id for id in ["7", "a2", "b1", "c"] if id != parts["two"][0].id]


@given(documents(min_size=12), st.integers(2, 5))
def test_folds_hold_all_and_train_on_the_rest(corpus: list[Document], k: int) -> None:
    try:
        made_folds = folds(corpus, k)
    except DataError:
        return
    assert sorted(id(d) for fold in made_folds for d in fold) == sorted(map(id, corpus))
    sets = training_sets(made_folds)
    for number in range(1, k + 1):
        train, test = sets[f"fold-{number}/train"], sets[f"fold-{number}/test"]
        assert sorted(map(id, [*train, *test])) == sorted(map(id, corpus))


# What cannot be done


def test_too_few_documents_tell_how_many_it_takes() -> None:
    with pytest.raises(DataError, match=r"^1 document cannot be divided into train, dev, test: it takes 3 at least"):
        split([Document("one", id="a")])
    with pytest.raises(DataError, match="0 documents cannot"):
        split([])


def test_duplicates_do_not_count_for_that() -> None:
    same = [Document("the very same words in all of them", id=str(n)) for n in range(5)]
    with pytest.raises(
        DataError,
        match=r"5 documents in 1 group \(near duplicates stay together\) cannot .*: it takes 3 groups at least",
    ):
        split(same)


def test_a_field_that_is_not_there_is_an_error() -> None:
    documents = [Document(f"text {n}", id=str(n), meta={"b": 1, "a": 2}, source=Place("f.jsonl", n)) for n in range(4)]
    with pytest.raises(DataError, match=r"f.jsonl:0: document 0 has no field 'author' to group by \(there are a, b\)"):
        split(documents, group_by="author")
    nested = [Document(f"text {n}", meta={"b": 1, "author": {"name": "x"}}) for n in range(4)]
    with pytest.raises(DataError, match=r"did you mean author.name\? there are author.name, b"):
        split(nested, group_by="auther.name")


@pytest.mark.parametrize("seed", [0, 1])
def test_any_field_groups(seed: int) -> None:
    chance = random.Random(7)
    corpus = [replace(made(n, chance), meta={"year": [n % 5]}) for n in range(40)]
    parts = split(corpus, {"a": 3, "b": 2}, seed=seed, group_by="year")
    years = [{d.meta["year"][0] for d in found} for found in parts.values()]
    assert years[0] | years[1] == {0, 1, 2, 3, 4}
    assert not years[0] & years[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80,10,10", {"train": 80, "dev": 10, "test": 10}),
        ("0.8, 0.2", {"train": 4, "test": 1}),
        ("1/3,1/3,1/3", {"train": 1, "dev": 1, "test": 1}),
        ("a=70,b=20,c=5,d.e=5", {"a": 70, "b": 20, "c": 5, "d.e": 5}),
    ],
)
def test_ratios_are_read(text: str, expected: dict[str, int]) -> None:
    assert read_ratios(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "80", "80,x", "80,-10,30", "1,0,1", "1,2,3,4", "a=1,2", "a=1,a=2", "../a=1,b=2", "1e2,1", "1E9999999,1"],
)
def test_what_are_no_ratios(text: str) -> None:
    with pytest.raises(UsageError, match=r"are no ratios \(as in 80,10,10 for train, dev and test"):
        read_ratios(text)


def test_parts_that_are_needed() -> None:
    assert read_ratios("9,1", needed=("train", "dev")) == {"train": 9, "dev": 1}
    with pytest.raises(UsageError, match="'a=1,b=2' makes no part train"):
        read_ratios("a=1,b=2", needed=("train", "dev"))


def test_the_table_of_shares() -> None:
    one = Document("a b", ((0, 1, "X"), (2, 3, "Y")), id="1")  # type: ignore[arg-type]
    table = shares({"train": [one, one], "test": [replace(one, spans=one.spans[:1])]})
    assert table.rows == [
        ["documents", "2   66.7%", "1   33.3%"],
        ["X", "2   66.7%", "1   33.3%"],
        ["Y", "2  100.0%", "0    0.0%"],
    ]


# Files


def test_parts_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    good = Document("a b", ((0, 1, "X"),), id="1")  # type: ignore[arg-type]
    bad = Document("a b", ((0, 3, "X"), (0, 1, "Y")), id="2")  # type: ignore[arg-type]
    for documents in ({"train": [good], "test": [bad]}, {"train": [bad], "test": [good]}):
        with pytest.raises(DataError, match="overlap"):
            write_parts(documents, tmp_path / "out", to=["spacy-v2", "rasa"], report=Report())
        assert not (tmp_path / "out").exists()
    files = write_parts({"train": [good], "x/test": [good]}, tmp_path / "out", to=["jsonl", "doccano"], report=Report())
    assert [file.relative_to(tmp_path / "out").as_posix() for file in files] == [
        "train.jsonl.jsonl",
        "train.doccano.jsonl",
        "x/test.jsonl.jsonl",
        "x/test.doccano.jsonl",
    ]
    assert [d.id for d in read(files[2])] == ["1"]


def test_the_format_is_the_one_that_was_read(tmp_path: Path, cables: Path) -> None:
    report = Report()
    documents = list(read(cables, report=report))
    [folder] = write_parts({"train": documents}, tmp_path, report=report)
    assert list(read(folder)) == documents
    assert next(folder.iterdir()).suffix == ".txt"
    report.formats.add("conll")
    [file] = write_parts({"train": documents}, tmp_path, report=report)
    assert file.name == "train.jsonl"


CITIES = ["Rome", "Oslo", "Bonn", "Lyon"]


def test_shares_that_cannot_be_met_are_told(tmp_path: Path) -> None:
    names = [f"{city}{number}" for city in CITIES for number in (7, 8, 9)]
    records = [{"text": f"{name} has {n} walls of {name} stone.", "meta": {"a": n % 3}} for n, name in enumerate(names)]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    call = ["split", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "p")]
    told = "of the documents and was to have 80%: there are too few documents, or too many that stay together"
    assert told in CliRunner().invoke(app, [*call, "--group-by", "a"]).stderr
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0
    assert "was to have" not in done.stderr


def test_folds_by_sentence_are_written_listed_and_warned_of(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        "".join(
            f'{{"text": "{name} is old.", "spans": [{{"start": 0, "end": 4, "label": "LOC"}}]}}\n' for name in CITIES
        )
    )
    call = ["split", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "p"), "--folds", "2", "--split-by", "sentence"]
    done = CliRunner().invoke(app, [*call, "--tokenizer", "en", "--json"])
    assert done.exit_code == 0, done.output
    listed = json.loads(done.stdout)
    assert list(listed) == ["fold-1/train", "fold-1/test", "fold-2/train", "fold-2/test"]
    for fold in ("fold-1", "fold-2"):
        assert len({*listed[f"{fold}/train"], *listed[f"{fold}/test"]}) == len(CITIES)
        for part in ("train", "test"):
            assert [d.id for d in read(tmp_path / "p" / fold / f"{part}.jsonl")] == listed[f"{fold}/{part}"]
    assert sorted(listed["fold-1/test"]) == sorted(listed["fold-2/train"])
    assert LEAKING in done.stderr
    assert "fold-1/test" in done.stderr
    assert "fold-1/train " not in done.stderr  # the table is of the parts that are tested on
    quiet = CliRunner().invoke(app, [*call[:-2], "-q"])
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
