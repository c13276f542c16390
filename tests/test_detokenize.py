from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import WORDS

from converters import UsageError, from_brackets
from converters.detokenize import assemble, decide
from converters.rules import PROFILES, Context, Gap, pair_quotes

TABLE = Path(__file__).parent / "cases" / "detokenize.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["why"], marks=[pytest.mark.xfail] if case["kind"] == "known failure" else [])
        for case in CASES
    ],
)
def test_cases(case: dict[str, str]) -> None:
    assert from_brackets(case["markup"]).text == case["text"]


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

    from converters import rules

    context = Context(words, [Gap.SPACE] * len(words), PROFILES["cogcomp"])
    quotes = [number for number, word in enumerate(words) if word == '"']
    costs = {number: rules._quote_costs(context, number) for number in quotes}

    def cost(reading: tuple[bool, ...]) -> float:
        total, inside = 0.0, False
        for number, opens in zip(quotes, reading, strict=True):
            total += costs[number][not opens] + (rules._UNPAIRED if opens == inside else 0)
            inside = opens
        return total + (rules._UNPAIRED if inside else 0)

    found = pair_quotes(context)
    best = min(map(cost, product([True, False], repeat=len(quotes))))
    assert cost(tuple(found[number] for number in quotes)) == best
