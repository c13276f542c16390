"""Beside the scorers that are in use: the same scores on random taggings, and mistakes of theirs that we do not make.

What a test says of a peer is true of the releases that it was written with; where a newer one knows better, that part
of the test can go. A score that a peer has no value for is its 0, so that ours are asked for with ``undefined="zero"``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from seqscore.encoding import EncodingError, get_encoding
from seqscore.scoring import ClassificationScore, score_label_sequences
from seqscore.validation import validate_labels

from converters import Document, Span, Tokens, read
from converters.document import TokenSpan
from converters.errors import DataError
from converters.evaluation import Evaluation, evaluate, evaluate_tags
from converters.evaluation.evaluation import Settings
from converters.evaluation.tags import TagReading
from converters.schemes import SCHEMES, TagError, decode, encode

ZERO = Settings(undefined="zero")
SEQSCORE = {"BIO": "BIO", "IOB1": "IOB", "IO": "IO", "BIOES": "BIOES", "BILOU": "BILOU"}
"""What SeqScore calls the schemes."""
SEQEVAL = {"BIO": "IOB2", "BIOES": "IOBES", "BILOU": "BILOU"}
"""What seqeval calls the schemes of its strict mode."""

Sentences = list[list[str]]
Counts = tuple[int, int, int, int, int]
"""COR, INC, PAR, MIS, SPU."""


# 2,000 random taggings

LABELS = (
    "PERSON NORP FAC ORG GPE LOC PRODUCT EVENT WORK_OF_ART LAW LANGUAGE DATE TIME PERCENT MONEY QUANTITY ORDINAL "
    "GPE-CITY Ägypten x"
).split()
"""Among them one with a dash and one of more bytes than characters."""


class Case(NamedTuple):
    """Sentences of tags on two sides, and whether the scheme allows all of them."""

    scheme: str
    gold: Sentences
    predicted: Sentences
    is_valid: bool


@cache
def taggings() -> Sequence[Case]:
    """400 of each scheme, half of them of tags that are valid; the same ones in every run."""
    random = Random(5)
    return [tagging(random, scheme, mend=number % 2 == 0) for scheme in SCHEMES for number in range(400)]


def tagging(random: Random, scheme: str, *, mend: bool) -> Case:
    """Up to 4 sentences of up to 14 tokens, with 1 to 20 labels; predictions like the gold ones, or quite others."""
    labels = random.sample(LABELS, random.randint(1, 20) if random.random() < 0.5 else random.randint(1, 4))
    gold: Sentences = []
    predicted: Sentences = []
    for _ in range(random.choice([0, 1, 1, 2, 3, 4])):
        size = random.randint(0, 14)
        entities = flat(random, size, labels, random.choice([0, 0.2, 0.6, 0.9]))
        found = noisy(random, entities, size, labels) if random.random() < 0.8 else flat(random, size, labels, 0.5)
        for side, spans in ((gold, entities), (predicted, found)):
            tags = encode(spans, size, SCHEMES[scheme])
            side.append(tags if mend else broken(random, tags, scheme, labels))
    return Case(scheme, gold, predicted, all(map(is_valid, gold + predicted, [scheme] * 2 * len(gold))))


def flat(random: Random, size: int, labels: Sequence[str], often: float) -> list[TokenSpan]:
    """Entities that do not overlap; many touch."""
    spans, at = [], 0
    while at < size:
        if random.random() < often:
            stop = min(size, at + random.choice([1, 1, 2, 3, 5]))
            spans.append(TokenSpan(at, stop, random.choice(labels)))
            at = stop
        else:
            at += 1
    return spans


def noisy(random: Random, spans: Iterable[TokenSpan], size: int, labels: Sequence[str]) -> list[TokenSpan]:
    """What a tagger makes of entities: most are right, some missed, some with another label or other boundaries."""
    found: list[TokenSpan] = []
    for first, stop, label in [*spans, *flat(random, size, labels, 0.05)]:
        kind = random.random()
        if kind < 0.15:
            continue
        if kind < 0.3:
            label = random.choice(labels)
        if kind > 0.8:
            first, stop = max(0, first - random.randint(0, 1)), min(size, stop + random.randint(0, 2))
        found.append(TokenSpan(first, stop, label))
    kept: list[TokenSpan] = []
    for span in sorted(found):
        if not kept or kept[-1].stop <= span.first:
            kept.append(span)
    return kept


def broken(random: Random, tags: Iterable[str], scheme: str, labels: Sequence[str]) -> list[str]:
    """The tags with some of them replaced by any other of the scheme's."""
    letters = sorted({*SCHEMES[scheme][1:5]})
    return [
        random.choice(["O", *(f"{random.choice(letters)}-{random.choice(labels)}" for _ in range(3))])
        if random.random() < 0.2
        else tag
        for tag in tags
    ]


def is_valid(tags: Sequence[str], scheme: str) -> bool:
    try:
        decode(tags, SCHEMES[scheme])
    except TagError:
        return False
    return True


def ours(case: Case, reading: TagReading) -> dict[str, Any]:
    return result(evaluate_tags(case.gold, case.predicted, scheme=case.scheme, tags=reading, settings=ZERO))


def result(evaluation: Evaluation) -> dict[str, Any]:
    [system] = evaluation.as_dict()["systems"]
    assert isinstance(system, dict)
    return system


def of(*schemes: str) -> list[Case]:
    return [case for case in taggings() if case.scheme in schemes]


def test_the_taggings_are_of_every_kind() -> None:
    cases = taggings()
    assert len(cases) == 2000
    for scheme in SCHEMES:
        valid = [case.is_valid for case in of(scheme)]
        assert valid.count(True) >= 200
        assert valid.count(False) >= 100 or scheme == "IO"  # every order of IO tags is valid
        assert any(not case.gold for case in of(scheme))  # without a sentence
        assert any([] in case.gold for case in of(scheme))  # with one without a token
    used = [{tag[2:] for tags in case.gold + case.predicted for tag in tags} - {""} for case in cases]
    assert {len(labels) for labels in used} >= set(range(14))
    assert set().union(*used) == set(LABELS)


def test_an_invalid_tagging_is_refused_and_a_valid_one_is_read_alike_in_every_way() -> None:
    for case in taggings():
        if not case.is_valid:
            with pytest.raises(TagError):
                evaluate_tags(case.gold, case.predicted, scheme=case.scheme)
            continue
        strict = ours(case, "strict")
        for reading in ("conlleval", "discard", "lenient"):
            assert ours(case, reading) == strict, reading


# seqeval


@pytest.fixture(scope="module")
def seqeval() -> SimpleNamespace:
    pytest.importorskip("seqeval")
    from seqeval import scheme
    from seqeval.metrics.sequence_labeling import classification_report, get_entities

    return SimpleNamespace(report=classification_report, entities=get_entities, scheme=scheme)


def same_as_seqeval(seqeval: SimpleNamespace, case: Case, reading: TagReading, **how: Any) -> None:
    """Every number of its report, which has the same labels."""
    found = ours(case, reading)["exact"]
    if not found["labels"]:  # it warns of the mean of nothing, and refuses no sentences
        for side in (case.gold, case.predicted):
            assert not (seqeval.scheme.Entities(side, how["scheme"]).unique_tags if how else seqeval.entities(side))
        assert [found[name]["f1"] for name in ("micro", "macro", "weighted")] == [0, 0, 0]
        return
    report = seqeval.report(case.gold, case.predicted, output_dict=True, zero_division=0, **how)
    averages = {name: report.pop(f"{name} avg") for name in ("micro", "macro", "weighted")}
    assert sorted(found["labels"]) == sorted(report)
    for name, theirs in averages.items():
        compare(found[name], theirs)
        assert found[name]["support"] == (theirs["support"] if name == "micro" else None)
    for label, theirs in report.items():
        compare(found["labels"][label], theirs)
        assert found["labels"][label]["support"] == theirs["support"]


def compare(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    pairs = (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score"))
    assert [mine[a] for a, _ in pairs] == pytest.approx([theirs[b] for _, b in pairs], rel=0, abs=1e-12)


@pytest.mark.parametrize("scheme", ["IOB1", "BIO", "BIOES"])
def test_lenient_scores_are_those_of_seqevals_default(seqeval: SimpleNamespace, scheme: str) -> None:
    for case in of(scheme):
        same_as_seqeval(seqeval, case, "lenient")


@pytest.mark.parametrize("scheme", ["IOB1", "BIO"])
def test_scores_of_tags_mended_as_conlleval_does_are_those_of_seqevals_default(
    seqeval: SimpleNamespace, scheme: str
) -> None:
    for case in of(scheme):
        same_as_seqeval(seqeval, case, "conlleval")


@pytest.mark.parametrize("scheme", ["BIO", "BIOES", "BILOU"])
def test_scores_without_what_is_invalid_are_those_of_seqevals_strict_mode(
    seqeval: SimpleNamespace, scheme: str
) -> None:
    for case in of(scheme):
        same_as_seqeval(seqeval, case, "discard", mode="strict", scheme=getattr(seqeval.scheme, SEQEVAL[scheme]))


@pytest.mark.parametrize("scheme", ["BIO", "BIOES", "BILOU"])
def test_strict_scores_are_those_of_seqevals_strict_mode(seqeval: SimpleNamespace, scheme: str) -> None:
    for case in of(scheme):
        if case.is_valid:
            same_as_seqeval(seqeval, case, "strict", mode="strict", scheme=getattr(seqeval.scheme, SEQEVAL[scheme]))


def test_seqevals_default_mode_does_not_know_bilou(seqeval: SimpleNamespace) -> None:
    # U- and L- are no letters to it, so that two entities of one token each become one of two tokens
    gold, predicted = [["U-PER", "U-PER"]], [["U-PER", "O"]]
    with pytest.warns(UserWarning, match="seems not to be NE tag"):
        theirs = seqeval.report(gold, predicted, output_dict=True, zero_division=0)["PER"]
    assert (theirs["recall"], theirs["support"]) == (0, 1)
    mine = result(evaluate_tags(gold, predicted))["exact"]["labels"]["PER"]
    assert (mine["recall"], mine["support"]) == (0.5, 2)


def test_undefined_scores_are_left_out_of_our_averages_and_count_0_in_seqevals(seqeval: SimpleNamespace) -> None:
    # LOC was never predicted: how many of its predictions are right nobody can say, and 0 of 0 is not 0 in 100
    gold, predicted = [["B-PER", "O", "B-LOC"]], [["B-PER", "O", "O"]]
    theirs = seqeval.report(gold, predicted, output_dict=True, zero_division=0)
    assert (theirs["LOC"]["precision"], theirs["macro avg"]["precision"]) == (0, 0.5)
    mine = result(evaluate_tags(gold, predicted))["exact"]
    assert (mine["labels"]["LOC"]["precision"], mine["macro"]["precision"]) == (None, 1)
    assert mine["macro"]["f1"] == theirs["macro avg"]["f1-score"] == 0.5


# SeqScore


def same_as_seqscore(case: Case, reading: TagReading, repair: str | None) -> None:
    found = ours(case, reading)["exact"]
    # the predictions come first there
    theirs, _ = score_label_sequences(case.predicted, case.gold, SEQSCORE[case.scheme], repair=repair)
    assert sorted(found["labels"]) == sorted(theirs.type_scores)
    pairs: list[tuple[dict[str, Any], ClassificationScore]] = [(found["micro"], theirs)]
    pairs += [(score, theirs.type_scores[label]) for label, score in found["labels"].items()]
    for mine, other in pairs:
        counts = (other.true_pos, other.false_pos, other.false_neg, other.total_ref)
        assert tuple(mine[name] for name in ("tp", "fp", "fn", "support")) == counts
        scores = (other.precision, other.recall, other.f1)
        assert [mine[name] for name in ("precision", "recall", "f1")] == pytest.approx(scores, rel=0, abs=1e-12)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_strict_scores_are_those_of_seqscore(scheme: str) -> None:
    for case in of(scheme):
        if case.is_valid:
            same_as_seqscore(case, "strict", None)


@pytest.mark.parametrize(("scheme", "method"), [("BIO", "conlleval"), ("BIO", "discard"), ("IOB1", "conlleval")])
def test_scores_of_mended_tags_are_those_of_seqscore(scheme: str, method: TagReading) -> None:
    for case in of(scheme):
        same_as_seqscore(case, method, method)


def test_seqscore_refuses_the_same_taggings() -> None:
    for case in taggings():
        encoding = get_encoding(SEQSCORE[case.scheme])
        assert all(validate_labels(tags, encoding).is_valid() for tags in case.gold + case.predicted) == case.is_valid
    with pytest.raises(EncodingError):
        score_label_sequences([["I-PER"]], [["O"]], "BIO", repair=None)


# conlleval

CONLLEVAL = Path(__file__).parent / "cases" / "conlleval"
"""Columns of our own making and what the script (version 2004-01-26) printed, made with
``conlleval < NAME.txt > NAME.report``; ``random.jsonl`` holds taggings of the kind above with its reports."""


def columns(gold: Sentences, predicted: Sentences) -> str:
    """What the script reads: a token a line, its gold and its predicted tag, and an empty line after each sentence."""
    sentences = [zip(*sides, strict=True) for sides in zip(gold, predicted, strict=True)]
    return "".join("".join(f"x {a} {b}\n" for a, b in sentence) + "\n" for sentence in sentences)


def tags_of(text: str, column: int) -> Sentences:
    sentences = [sentence.splitlines() for sentence in text.strip("\n").split("\n\n") if sentence]
    return [[line.split(" ")[column] for line in lines] for lines in sentences]


GOLDEN = sorted(path.stem for path in CONLLEVAL.glob("*.txt"))


@pytest.mark.parametrize("name", GOLDEN)
def test_the_report_is_that_of_the_conlleval_script(name: str) -> None:
    text = (CONLLEVAL / f"{name}.txt").read_text(encoding="utf-8")
    found = evaluate_tags(tags_of(text, 1), tags_of(text, 2), scheme="BIO", tags="lenient").conlleval()
    assert found == (CONLLEVAL / f"{name}.report").read_text(encoding="utf-8")


def test_the_reports_of_random_taggings_are_those_of_the_conlleval_script() -> None:
    lines = (CONLLEVAL / "random.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 60
    for line in lines:
        case = json.loads(line)
        sides = [[tags.split() for tags in case[side]] for side in ("gold", "predicted")]
        found = evaluate_tags(*sides, scheme=case["scheme"], tags="conlleval")
        assert found.conlleval() == case["report"]


@pytest.mark.skipif(
    not shutil.which("conlleval"), reason="the conlleval script, which no index has, is not on the PATH"
)
def test_all_reports_are_those_of_the_conlleval_script_where_it_is_at_hand() -> None:
    for case in of("BIO", "IOB1"):
        script = subprocess.run(
            ["conlleval"], input=columns(case.gold, case.predicted).encode(), capture_output=True, check=True
        )
        for reading in ("conlleval", "lenient"):
            found = evaluate_tags(case.gold, case.predicted, scheme=case.scheme, tags=reading).conlleval()
            assert found == script.stdout.decode()


def test_the_report_of_documents_is_that_of_the_conlleval_script(tmp_path: Path) -> None:
    text = (CONLLEVAL / "valid.txt").read_text(encoding="utf-8")
    words = tags_of(text, 0)
    sides = []
    for column in (1, 2):
        path = tmp_path / f"{column}.conll"
        rows = [
            "".join(f"{word}\t{tag}\n" for word, tag in zip(*each, strict=True))
            for each in zip(words, tags_of(text, column), strict=True)
        ]
        path.write_text("\n".join(rows), encoding="utf-8")
        sides.append(list(read(path, format="conll")))
    assert evaluate(*sides).conlleval() == (CONLLEVAL / "valid.report").read_text(encoding="utf-8")


def test_there_is_no_report_where_the_tokens_are_others() -> None:
    gold, predicted = (
        Document("New York", (Span(0, 8, "LOC"),), Tokens.make(starts, ends, [0]), id="a")
        for starts, ends in (([0, 4], [3, 8]), ([0], [8]))
    )
    with pytest.raises(DataError, match="the same tokens"):
        evaluate([gold], [predicted]).conlleval()


def test_the_conlleval_script_takes_the_label_0_for_none() -> None:
    # In Perl "0" is false: the script prints it as nothing, and twice. We print it as what it is.
    row = "precision: 100.00%; recall: 100.00%; FB1: 100.00  1\n"
    script = (
        "processed 2 tokens with 1 phrases; found: 1 phrases; correct: 1.\n"
        "accuracy: 100.00%; precision: 100.00%; recall: 100.00%; FB1: 100.00\n"
        f"                 : {row}                 : {row}"
    )
    found = evaluate_tags([["B-0", "O"]], [["B-0", "O"]]).conlleval()
    assert found.splitlines()[:2] == script.splitlines()[:2]
    assert found.splitlines(keepends=True)[2:] == [f"                0: {row}"]


@pytest.fixture(scope="module")
def conlleval() -> Any:
    """The script's port to Python."""
    return pytest.importorskip("conlleval")


@pytest.mark.parametrize("scheme", ["IOB1", "BIO"])
def test_scores_are_those_of_the_conlleval_package(conlleval: Any, scheme: str) -> None:
    for case in of(scheme):
        if not any(case.gold):
            continue  # it divides by the number of tokens
        theirs = conlleval.evaluate(columns(case.gold, case.predicted).strip("\n").split("\n"))
        for reading in ("conlleval", "lenient"):
            found = ours(case, reading)["exact"]
            same_as_conlleval(found["micro"], theirs["overall"]["chunks"])
            labels = theirs["slots"]["chunks"]
            assert sorted(found["labels"]) == sorted(labels)
            for label, score in found["labels"].items():
                same_as_conlleval(score, labels[label])


def same_as_conlleval(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    stats, scores = theirs["stats"], theirs["evals"]
    assert (mine["tp"], mine["tp"] + mine["fp"], mine["support"]) == (stats["correct"], stats["pred"], stats["gold"])
    # where nothing was predicted the port has a precision of 1, the script one of 0
    precision = scores["prec"] if stats["pred"] else 0
    expected = [precision, scores["rec"], scores["f1"]]
    assert [mine[name] for name in ("precision", "recall", "f1")] == pytest.approx(expected, rel=0, abs=1e-12)


# nervaluate

SCHEMAS = {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}
"""What nervaluate calls the schemas."""
Entity = tuple[int, int, str]
"""Start and end, half-open, and a label."""


@pytest.fixture(scope="module")
def nervaluate() -> Callable[..., dict[str, Counts]]:
    """Its counts, by our names of the schemas; `how` says in which form the data are, and ends are inclusive there."""
    module = pytest.importorskip("nervaluate")

    def counts(gold: Any, predicted: Any, labels: Iterable[str], how: str = "dict") -> dict[str, Counts]:
        found = module.Evaluator(gold, predicted, tags=sorted(labels), loader=how).evaluate()["overall"]
        names = ("correct", "incorrect", "partial", "missed", "spurious")
        return {mine: tuple(getattr(found[theirs], name) for name in names) for mine, theirs in SCHEMAS.items()}

    return counts


def entries(entities: Iterable[Entity], last: int = 1) -> list[dict[str, Any]]:
    """Entities as nervaluate has them: `last` 1 for the inclusive ends that it counts with, 0 for ends as they are."""
    return [{"start": start, "end": end - last, "label": label} for start, end, label in entities]


def semeval(evaluation: Evaluation) -> dict[str, Counts]:
    names = ("correct", "incorrect", "partial", "missed", "spurious")
    return {schema: tuple(counts[name] for name in names) for schema, counts in result(evaluation)["semeval"].items()}


def of_spans(gold: Sequence[Entity], predicted: Sequence[Entity]) -> dict[str, Counts]:
    """Ours, of entities in a text in which they fit."""
    text = "x" * max(end for _, end, _ in (*gold, *predicted))
    sides = ([Document(text, tuple(Span(*entity) for entity in side), id="a")] for side in (gold, predicted))
    return semeval(evaluate(*sides))


@pytest.mark.parametrize("scheme", ["BIO", "IOB1"])
def test_semeval_counts_of_tags_are_those_of_nervaluate(
    nervaluate: Callable[..., dict[str, Counts]], scheme: str
) -> None:
    for case in of(scheme):
        if case.gold:  # else it has no result
            mine = semeval(evaluate_tags(case.gold, case.predicted, scheme=scheme, tags="lenient"))
            assert mine == nervaluate(case.gold, case.predicted, LABELS, "list")


@pytest.mark.parametrize("scheme", ["IO", "BIOES", "BILOU"])
def test_semeval_counts_of_other_schemes_are_those_of_nervaluate_for_the_same_entities(
    nervaluate: Callable[..., dict[str, Counts]], scheme: str
) -> None:
    encoding = get_encoding(SEQSCORE[scheme])
    for case in of(scheme):
        if case.gold and case.is_valid:
            sides = [
                [
                    entries(
                        (mention.span.start, mention.span.end, mention.type) for mention in encoding.decode_labels(tags)
                    )
                    for tags in side
                ]
                for side in (case.gold, case.predicted)
            ]
            mine = semeval(evaluate_tags(case.gold, case.predicted, scheme=scheme))
            assert mine == nervaluate(*sides, LABELS)


def test_semeval_scores_are_those_of_nervaluate() -> None:
    module = pytest.importorskip("nervaluate")
    for case in of("BIO"):
        if case.gold:
            mine = ours(case, "lenient")["semeval"]
            theirs = module.Evaluator(case.gold, case.predicted, tags=LABELS, loader="list").evaluate()["overall"]
            for schema, name in SCHEMAS.items():
                expected = [getattr(theirs[name], score) for score in ("precision", "recall", "f1")]
                found = [mine[schema][score] for score in ("precision", "recall", "f1")]
                assert found == pytest.approx(expected, rel=0, abs=1e-12)


def test_semeval_counts_of_nested_entities_are_those_of_nervaluate_or_better(
    nervaluate: Callable[..., dict[str, Counts]],
) -> None:
    random, better = Random(6), 0
    for _ in range(1000):
        gold, predicted = nested(random), nested(random)
        if not gold + predicted:
            continue
        mine = of_spans(gold, predicted)
        theirs = nervaluate([entries(gold)], [entries(predicted)], "AB")
        equal = len({*gold} & {*predicted})
        bounds = (Counter((start, end) for start, end, _ in side) for side in (gold, predicted))
        right = {"strict": equal, "exact": (next(bounds) & next(bounds)).total(), "type": theirs["type"][0]}
        right["partial"] = right["exact"]
        for schema, counts in mine.items():
            assert counts[0] == right[schema]
            assert sum(counts[:4]) == len(gold)  # what is missed, and what is not
            assert sum(counts) - counts[3] == len(predicted)
            # where they differ an entity that is right was given away there, see below
            assert counts == theirs[schema] or counts[0] > theirs[schema][0]
            better += counts != theirs[schema]
    assert 0 < better < 300


def nested(random: Random) -> list[Entity]:
    """Entities in the order of the text, which may overlap."""
    starts = [random.randint(0, 6) for _ in range(random.randint(0, 4))]
    found = {(start, start + random.randint(1, 4), random.choice("AB")) for start in starts}
    return sorted(found, key=lambda entity: (entity[0], -entity[1], entity[2]))


# Where nervaluate is wrong

ONE_EACH: dict[str, Counts] = dict.fromkeys(SCHEMAS, (0, 0, 0, 1, 1))
"""One missed and one spurious."""


def test_nervaluate_takes_entities_that_touch_for_ones_that_overlap(
    nervaluate: Callable[..., dict[str, Counts]],
) -> None:
    # In a text without spaces, as "北京大学", the gold 北京 ends where the predicted 大学 begins. Given half-open ends,
    # as spaCy and Prodigy have them, nervaluate asks whether one starts after the end of the other, and so finds an
    # overlap. They share no character, and SemEval asks for some overlap: one is missed and one is spurious.
    gold, predicted = [(0, 2, "A")], [(2, 4, "A")]
    theirs = nervaluate([entries(gold, last=0)], [entries(predicted, last=0)], "A")
    assert theirs == {
        "strict": (0, 1, 0, 0, 0),
        "exact": (0, 1, 0, 0, 0),
        "partial": (0, 0, 1, 0, 0),
        "type": (1, 0, 0, 0, 0),
    }
    assert of_spans(gold, predicted) == ONE_EACH
    # it agrees when it is given the same entities with inclusive ends
    assert nervaluate([entries(gold)], [entries(predicted)], "A") == ONE_EACH


def test_nervaluates_counts_depend_on_the_order_of_the_predictions(
    nervaluate: Callable[..., dict[str, Counts]],
) -> None:
    # Each prediction takes the first gold entity that it overlaps and that is left. Listed in another order than that
    # of the text, (3, 5) takes (0, 4), and (0, 1), which overlaps nothing else, finds it gone. The order in which a
    # tagger puts entities out means nothing, and so no count may hang on it: ours is always that of the text.
    gold = [(0, 4, "A"), (4, 8, "A")]
    predicted = [(3, 5, "A"), (0, 1, "A")]
    theirs = nervaluate([entries(gold)], [entries(predicted)], "A")
    in_order = nervaluate([entries(gold)], [entries(sorted(predicted))], "A")
    assert (theirs["partial"], in_order["partial"]) == ((0, 0, 1, 1, 1), (0, 0, 2, 0, 0))
    assert of_spans(gold, predicted) == of_spans(gold, predicted[::-1]) == in_order


def test_nervaluates_counts_depend_on_the_order_of_the_gold_entities(
    nervaluate: Callable[..., dict[str, Counts]],
) -> None:
    # The same the other way round: the first prediction takes the gold entity that the second one needs.
    gold = [(2, 6, "A"), (0, 2, "A")]
    predicted = [(1, 3, "A"), (4, 5, "A")]
    theirs = nervaluate([entries(gold)], [entries(predicted)], "A")
    in_order = nervaluate([entries(sorted(gold))], [entries(predicted)], "A")
    assert (theirs["partial"], in_order["partial"]) == ((0, 0, 1, 1, 1), (0, 0, 2, 0, 0))
    assert of_spans(gold, predicted) == of_spans(gold[::-1], predicted) == in_order


def test_nervaluates_types_depend_on_the_order_of_the_predictions(
    nervaluate: Callable[..., dict[str, Counts]],
) -> None:
    # Two predictions in one gold entity, one of them with its label: which of them it is paired with, and so whether a
    # type is right, is the order in which they are listed. Ours is always the first in the text, so one answer.
    gold, predicted = [(0, 4, "A")], [(2, 4, "A"), (0, 2, "B")]
    theirs = nervaluate([entries(gold)], [entries(predicted)], "AB")
    in_order = nervaluate([entries(gold)], [entries(sorted(predicted))], "AB")
    assert (theirs["type"], in_order["type"]) == ((1, 0, 0, 0, 1), (0, 1, 0, 0, 1))
    assert of_spans(gold, predicted) == of_spans(gold, predicted[::-1]) == in_order


def test_nervaluate_gives_an_entity_away_that_another_prediction_has_right(
    nervaluate: Callable[..., dict[str, Counts]],
) -> None:
    # The prediction (0, 2) is the gold entity, boundaries and label. But (0, 4) comes before it, overlaps, and takes
    # it, so that the right one counts as spurious; listed the other way round nervaluate finds it itself. An entity
    # that was found exactly is correct in every schema, whatever else was predicted around it.
    gold, predicted = [(0, 2, "A")], [(0, 4, "A"), (0, 2, "A")]
    theirs = nervaluate([entries(gold)], [entries(predicted)], "A")
    assert (theirs["strict"], theirs["exact"], theirs["partial"]) == ((0, 1, 0, 0, 1), (0, 1, 0, 0, 1), (0, 0, 1, 0, 1))
    assert nervaluate([entries(gold)], [entries(predicted[::-1])], "A") == dict.fromkeys(SCHEMAS, (1, 0, 0, 0, 1))
    assert of_spans(gold, predicted) == dict.fromkeys(SCHEMAS, (1, 0, 0, 0, 1))


def test_nervaluate_overlooks_an_overlap_of_less_than_a_hundredth(
    nervaluate: Callable[..., dict[str, Counts]],
) -> None:
    # It asks that a prediction covers 1 % of the gold entity at least, and takes no lower threshold. One character of a
    # gold entity of 101 is an overlap as much as one of 100 is, and "some overlap" is all that SemEval asks.
    for size in (100, 101):
        gold, predicted = [(0, size, "A")], [(size - 1, size + 1, "A")]
        theirs = nervaluate([entries(gold)], [entries(predicted)], "A")
        mine = of_spans(gold, predicted)
        assert (mine["partial"], mine["type"]) == ((0, 0, 1, 0, 0), (1, 0, 0, 0, 0))
        assert theirs == (mine if size == 100 else ONE_EACH)


def test_nervaluate_has_no_counts_of_no_sentences() -> None:
    # Where there is nothing to count the counts are 0, which is what adding up those of the sentences makes of none.
    module = pytest.importorskip("nervaluate")
    assert module.Evaluator([], [], tags=["A"], loader="list").evaluate()["overall"] == {}
    assert semeval(evaluate_tags([], [])) == dict.fromkeys(SCHEMAS, (0, 0, 0, 0, 0))


def test_nervaluate_does_not_count_predictions_with_labels_that_it_was_not_told() -> None:
    # A prediction with a label that the gold does not have is as wrong as any other. It is dropped there, before it is
    # counted, if the labels of the gold are what is given as `tags`: one of two is right, and the precision is 1.
    module = pytest.importorskip("nervaluate")
    gold, predicted = [["B-A", "O"]], [["B-A", "B-C"]]
    theirs = module.Evaluator(gold, predicted, tags=["A"], loader="list").evaluate()["overall"]["strict"]
    assert (theirs.spurious, theirs.precision) == (0, 1)
    mine = result(evaluate_tags(gold, predicted))["semeval"]["strict"]
    assert (mine["spurious"], mine["precision"]) == (1, 0.5)
