from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import WORDS

from converters import (
    DataError,
    Document,
    ReadOptions,
    Report,
    UsageError,
    bulk,
    detokenize,
    from_brackets,
    gaps,
    read,
    rules,
)
from converters.detokenize import assemble, decide
from converters.formats.brackets import Step, explain
from converters.gaps import PROFILES, Context, Gap, pair_quotes

TABLE = Path(__file__).parent / "cases" / "detokenize.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["why"], marks=[pytest.mark.xfail] if case["kind"] == "known failure" else [])
        for case in CASES
    ],
)
def test_cases(case: dict[str, Any]) -> None:
    assert read_case(case) == case["text"]


def read_case(case: dict[str, Any]) -> str:
    options = ReadOptions(profile=case.get("profile"), repairs=tuple(case.get("repair", ())))
    return from_brackets(case["markup"], options=options).text


ROWS = [("RULES", rule) for rule in rules.RULES] + [("REFERENCE_RULES", rule) for rule in rules.REFERENCE_RULES]


@pytest.mark.parametrize(("table", "rule"), ROWS, ids=[f"{table} {rule.name}" for table, rule in ROWS])
def test_each_rule_has_a_case_that_fails_without_it(
    table: str, rule: rules.Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = tuple(row for row in getattr(rules, table) if row is not rule)
    monkeypatch.setattr(detokenize, table, without)
    detokenize.rules_between.cache_clear()
    bulk._between.cache_clear()
    bulk._tables.cache_clear()
    try:
        wrong = [case["why"] for case in CASES if case["kind"] != "known failure" and read_case(case) != case["text"]]
    finally:
        monkeypatch.undo()
        detokenize.rules_between.cache_clear()
        bulk._between.cache_clear()
        bulk._tables.cache_clear()
    assert wrong


def test_each_rule_has_a_name_of_its_own_and_a_reason() -> None:
    names = [rule.name for rule in rules.RULES]
    assert len(set(names)) == len(names)
    assert all(rule.reason for rule in (*rules.RULES, *rules.REFERENCE_RULES))


GAPS = st.sampled_from([Gap.ATTACHED, Gap.SPACE, Gap.SPACE, Gap.SPACE, Gap.LINE, Gap.PARAGRAPH, Gap.REFERENCE])


MADE = st.lists(st.tuples(WORDS, GAPS), max_size=25)


@given(MADE, st.sampled_from(list(PROFILES)), st.sampled_from(["flow", "sentences"]))
def test_words_are_never_changed_and_offsets_are_theirs(made: list[tuple[str, Gap]], profile: str, layout: str) -> None:
    words, gaps = [word for word, _ in made], [gap for _, gap in made]
    text, tokens, _ = assemble(words, gaps, profile=profile, layout=layout)  # type: ignore[arg-type]
    assert [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)] == words
    assert text == text.strip() or not words
    between = [text[b:a] for b, a in zip(tokens.ends, list(tokens.starts)[1:], strict=False)]
    assert set(between) <= {"", " ", "\n", "\n\n"}
    for gap, space in zip(gaps[1:], between, strict=True):
        assert (gap == Gap.PARAGRAPH) == (space == "\n\n")
        assert gap != Gap.ATTACHED or space == ""


@given(MADE, st.sampled_from(list(PROFILES)))
def test_only_space_that_the_tokenizer_can_have_put_there_is_taken_away(made: list[tuple[str, Gap]], name: str) -> None:
    words, gaps = [word for word, _ in made], [gap for _, gap in made]
    split_off = PROFILES[name].split_off | {"."}
    decided = decide(words, gaps, PROFILES[name])
    for at in range(1, len(words)):
        if gaps[at] in (Gap.SPACE, Gap.LINE) and not {words[at - 1], words[at]} & split_off:
            assert not decided[at].join


def test_the_whitespace_profile_joins_nothing() -> None:
    text, _, _ = assemble(["(", "a", ")", "."], [Gap.SPACE] * 4, profile="whitespace")
    assert text == "( a ) ."


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"unknown profile 'penn' .there are cogcomp, cogcomp-line, ptb, whitespace"):
        assemble([], [], profile="penn")


@given(st.lists(st.sampled_from(['"', "a", ",", "(", ":", "the"]), max_size=12))
def test_the_pairing_of_quotes_is_the_cheapest_there_is(words: list[str]) -> None:
    from itertools import product

    context = Context(words, [Gap.SPACE] * len(words), PROFILES["cogcomp"])
    quotes = [number for number, word in enumerate(words) if word == '"']
    costs = {number: gaps._quote_costs(context, number) for number in quotes}

    def cost(reading: tuple[bool, ...]) -> float:
        total, inside = 0.0, False
        for number, opens in zip(quotes, reading, strict=True):
            total += costs[number][not opens] + (gaps._UNPAIRED if opens == inside else 0)
            inside = opens
        return total + (gaps._UNPAIRED if inside else 0)

    found = pair_quotes(context)
    best = min(map(cost, product([True, False], repeat=len(quotes))))
    assert cost(tuple(found[number] for number in quotes)) == best


def test_an_unknown_repair_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"unknown repair 'spelling' \(there are apostrophe, url, hyphen, all\)"):
        from_brackets("a \n", options=ReadOptions(repairs=("spelling",)))


def replay(steps: list[Step]) -> str:
    pieces = [steps[0].left] if steps else []
    for step in steps:
        pieces += ["" if step.join else " ", step.right]
    return "".join(pieces)


@given(st.lists(st.one_of(WORDS, st.sampled_from(["[LOC Rome  ]", "\n", "<p>", "&lt ;", "? s"])), max_size=25))
def test_replaying_what_explain_tells_makes_the_text(words: list[str]) -> None:
    markup = " ".join([*words, "\n"])
    for options in (ReadOptions(), ReadOptions(profile="ptb"), ReadOptions(repairs=tuple(rules.REPAIRS))):
        try:
            document = from_brackets(markup, options=options, report=Report())
        except DataError:
            return
        steps = explain(markup, options=options)
        assert len(steps) == max(len(document.words) - 1, 0)
        assert all(step.rule and step.reason for step in steps)
        if steps:
            assert replay(steps) == re.sub("[ \n]+", " ", document.text)  # in form C it is kept as it was


def test_explain_names_the_rule(seed: Document, cables: Path) -> None:
    [path] = cables.iterdir()
    steps = explain(path.read_text(encoding="utf-8"))
    assert replay(steps) == seed.text.replace("\n\n", " ")
    by_gap = {(step.left, step.right): step for step in steps}
    assert by_gap["Venezuela", "'s"].rule == "clitic"
    assert by_gap["?", "s"].rule == "lost apostrophe"
    assert by_gap[".", '"'].rule == "closing quote"
    assert by_gap["non-", "state"].rule == "original space"
    assert by_gap[".", "¶1"].rule == "paragraph"


def test_repairs_of_the_seed_are_counted_with_their_places(cables: Path) -> None:
    report = Report()
    [document] = read(cables, options=ReadOptions(repairs=tuple(rules.REPAIRS)), report=report)
    for text in ("Venezuela's ability", "FARC's use", "non-state actors.", "118406776-print.html."):
        assert text in document.text
    [path] = cables.iterdir()
    assert [(repair.name, repair.place, repair.text) for repair in report.repairs] == [
        ("apostrophe", f"{path}:14:41", "Venezuela ? s"),
        ("apostrophe", f"{path}:53:171", "FARC ? s"),
        ("hyphen", f"{path}:8:179", "non- state"),
        ("url", f"{path}:25:89", "http://en.rian.ru/analysis/20081119/118406776 -"),
        ("url", f"{path}:25:91", "- print.html."),
    ]
    assert len(document.spans) == 159
    assert "'s" in document.words


def test_an_apostrophe_at_the_edge_of_an_entity() -> None:
    options = ReadOptions(repairs=("apostrophe",))
    for markup, mention in [
        ("x [LOC Rome  ] ? s y \n", "Rome"),
        ("x [LOC Rome ?  ] s y \n", "Rome"),
        ("x [LOC Rome ? s  ] y \n", "Rome's"),
        ("x Rome ? [LOC s y  ] \n", "y"),
    ]:
        document = from_brackets(markup, options=options)
        assert document.text == "x Rome's y"
        assert [document.text[a:b] for a, b, _ in document.spans] == [mention]
    report = Report()
    assert from_brackets("x Rome ? [LOC s  ] y \n", options=options, report=report).spans == ()
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", "s")]
