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
from converters.detokenize import assemble, decide, respaced
from converters.errors import Place
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


@pytest.mark.parametrize("repairs", [tuple(rules.REPAIRS), ("all",)])
def test_repairs_of_the_seed_are_counted_with_their_places(cables: Path, repairs: tuple[str, ...]) -> None:
    report = Report()
    [document] = read(cables, options=ReadOptions(repairs=repairs), report=report)
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


def begins(words: str, gaps: list[Gap], profile: str = "cogcomp", **more: Any) -> list[int]:
    """The words that begin a sentence."""
    _, tokens, _ = assemble(words.split(" "), gaps, profile=profile, **more)
    assert tokens.sentences is not None
    return list(tokens.sentences)


SPACE, LINE, PARAGRAPH = Gap.SPACE, Gap.LINE, Gap.PARAGRAPH


def test_the_rule_of_each_gap_is_told() -> None:
    def names(words: str, gaps: list[Gap], repairs: list[str]) -> list[str]:
        rows = [rule for name in repairs if (rule := rules.REPAIRS[name])]
        return [rule.name for rule in decide(words.split(" "), gaps, PROFILES["cogcomp"], rows)]

    bracketed = ["paragraph", "word space", "opening bracket", "closing bracket", "original space"]
    assert names("a ( b ) non- c", [SPACE] * 6, []) == [*bracketed[:4], "word space", "original space"]
    assert names("a ( b ) non- c", [SPACE] * 6, ["hyphen"])[5] == "hyphen repair"
    # what stands between other words is not looked at because a reference is somewhere
    assert names("AT& T “ x", [SPACE, Gap.REFERENCE, SPACE, SPACE], [])[3] == "original space"
    assert decide([], [], PROFILES["cogcomp"]) == []


def test_a_repair_joins_nothing_across_a_paragraph() -> None:
    for gap, text in ((SPACE, "non-state"), (LINE, "non-state"), (PARAGRAPH, "non-\n\nstate")):
        assert assemble(["non-", "state"], [SPACE, gap], profile="cogcomp", repairs=["hyphen"]).text == text


def test_the_first_repair_that_is_not_known_is_named() -> None:
    with pytest.raises(UsageError, match=r"unknown repair 'x' \(there are apostrophe, url, hyphen, all\)"):
        assemble([], [], profile="cogcomp", repairs=["url", "x", "y"])


def test_layouts_differ_between_sentences_alone() -> None:
    words, kept = ["a", ".", "B", "c", "!", "D", "e", ".", "F"], {6: "\t", 8: " \n", 2: "\t\t"}
    gaps = [SPACE, SPACE, LINE, SPACE, LINE, PARAGRAPH, Gap.KEPT, SPACE, Gap.KEPT_LINE]
    for layout, text in (("flow", "a. B c!\n\nD\te. \nF"), ("sentences", "a.\nB c!\n\nD\te. \nF")):
        made = assemble(words, gaps, profile="cogcomp-line", layout=layout, kept={n: kept[n] for n in (6, 8)})  # type: ignore[arg-type]
        assert made.text == text
        assert list(made.tokens.sentences or []) == [0, 2, 5, 8]
    assert assemble(["a", "b"], [SPACE, LINE], profile="cogcomp").text == "a b"
    # what stood at other gaps is not kept
    assert assemble(words, gaps, profile="cogcomp-line", kept=kept).text == "a. B c!\n\nD\te. \nF"
    assert assemble(["a", "b"], [Gap.KEPT, SPACE], profile="cogcomp", kept={0: "  "}).text == "a b"


@pytest.mark.parametrize(
    ("words", "profile"),
    [
        ("( a . ) B", "cogcomp-line"),
        ("[ a . ] B", "cogcomp-line"),
        ("{ a . } B", "cogcomp-line"),
        ('" a . " B', "cogcomp-line"),
        ("` a . ' B", "ptb"),
        ("`` a . '' B", "ptb"),
        ("“ a . ” B", "cogcomp-line"),
        ("‘ a . ’ B", "cogcomp-line"),
        ("« a . » B", "cogcomp-line"),
    ],
)
def test_what_closes_a_sentence_belongs_to_it(words: str, profile: str) -> None:
    assert begins(words, [SPACE, SPACE, SPACE, LINE, SPACE], profile) == [0, 4]


def test_a_line_that_begins_inside_a_word_is_no_sentence() -> None:
    assert begins("http://a.org/b ? c=d x", [SPACE, LINE, SPACE, SPACE]) == [0]


def test_no_sentence_begins_inside_what_is_whole() -> None:
    lines = [LINE] * 8
    assert begins("a b c d e f g h", lines) == list(range(8))
    assert begins("a b c d e f g h", lines, whole=[(0, 2), (2, 3), (4, 7)]) == [0, 2, 3, 4, 7]
    assert begins("a b c d e f g h", lines, whole=[(6, 8)]) == [0, 1, 2, 3, 4, 5, 6]


def test_words_alone_are_spaced_as_they_were_tokenized_and_told_of() -> None:
    words, report = ["a", ":", "b", "n't", ".", "C"], Report()

    def text(options: ReadOptions, **more: Any) -> str:
        return respaced(words, options, Place("a.x", 3), report, begins=[0, 5], **more)[0]

    assert text(ReadOptions()) == "a: bn't. C"  # n't shows the Treebank's rules
    assert text(ReadOptions(), profile="cogcomp") == "a : b n't. C"
    assert text(ReadOptions(profile="whitespace"), profile="cogcomp") == "a : b n't . C"
    assert text(ReadOptions(layout="sentences")) == "a: bn't.\nC"
    assert {(repair.name, repair.place, repair.text) for repair in report.repairs} == {
        ("spacing", "a.x:3", "reconstructed")
    }
    nowhere = Report()
    respaced(words, ReadOptions(), None, nowhere)
    assert nowhere.repairs[0].place == ""


# What stands between words: `gaps` by example. A | begins a line, a ¶ a paragraph.


def context_of(text: str, profile: str = "cogcomp") -> Context:
    words: list[str] = []
    found: list[Gap] = []
    gap = SPACE
    for part in text.split(" "):
        if part in ("|", "¶"):
            gap = LINE if part == "|" else PARAGRAPH
        else:
            words.append(part)
            found.append(gap)
            gap = SPACE
    return Context(words, found, PROFILES[profile])


@pytest.mark.parametrize(
    ("text", "opening", "closing"),
    [
        # what the word after it says: nothing that a quotation begins with
        *[(f'x " {word} b', "against", "") for word in [",", ";x", ":", "?", "!", ")", "”x", ".", "'s", "'d"]],
        ('x "', "against", ""),
        ('x " | b', "against", ""),
        ('x " ¶ b', "against", ""),
        ('x " .5 b', "", ""),
        ('x " x, b', "", ""),
        ('x " b', "", ""),
        ('x | " b c', "doubtful", ""),
        ('x | " B c', "", ""),
        ('x | " bC c', "doubtful", ""),
        # what the word before it says: nothing that a quotation ends with
        ('" A b', "", "against"),
        ('" a b', "doubtful", "against"),
        ('x ¶ " B c', "", "against"),
        ('x ¶ " b c', "doubtful", "against"),
        ('x( " B c', "", "against"),
        ('x: " B c', "", "against"),
        ('x= " B c', "", "against"),
        ('(x " B c', "", ""),
        (':x " B c', "", ""),
        ('x of " B c', "", "against"),
        ('x The " B c', "", "against"),
        ('" of " B c', "", "doubtful"),
        ('" The " B c', "", "doubtful"),
        ('x x . " B c', "doubtful", ""),
        ('x Why? " B c', "doubtful", ""),
        ('x No! " B c', "doubtful", ""),
        ('x .x " B c', "", ""),
        ('x x . | " B c', "", ""),
    ],
)
def test_what_the_neighbours_of_a_quote_say(text: str, opening: str, closing: str) -> None:
    context = context_of(text)
    numbers = [number for number, word in enumerate(context.words) if word == '"']
    costs = {"": 0.0, "doubtful": gaps._DOUBTFUL, "against": gaps._AGAINST}
    assert gaps._quote_costs(context, numbers[-1]) == (costs[opening], costs[closing])


def test_it_is_worse_to_be_unpaired_than_doubtful_and_worst_to_be_ruled_out() -> None:
    assert 0 < gaps._DOUBTFUL < gaps._UNPAIRED < gaps._AGAINST < gaps._UNPAIRED + 2 * gaps._DOUBTFUL


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ('x " A b " y', [True, False]),
        ('x: " A b ¶ y " C d " z', [True, True, False]),  # each paragraph by itself
        ('x " A b " y ¶ z: " C', [True, False, True]),
        ('x b " A ¶ y b " C', [False, False]),
        ('x " A " , c " , d', [True, False, False]),
        ('x b " A | y b " C', [True, False]),
        ("no quotes", []),
    ],
)
def test_quotes_pair_in_a_paragraph(text: str, opens: list[bool]) -> None:
    context = context_of(text)
    assert sorted(context.opens) == [number for number, word in enumerate(context.words) if word == '"']
    assert [context.opens[number] for number in sorted(context.opens)] == opens


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("a .", True),
        ("a . | b", True),
        ("a . ¶ b", True),
        ("a . b", False),
        ('a . " b', False),
        ('a . " | b', True),
        ('a . "', True),
        ("a . b | c", False),
    ],
)
def test_which_full_stops_are_the_taggers(text: str, own: bool) -> None:
    assert context_of(text).is_own_stop(1) is own
    assert context_of(text, "cogcomp-line").is_own_stop(1)
    assert not context_of(text, "whitespace").is_own_stop(1)
    assert not any(context_of(text, name).is_own_stop(0) for name in PROFILES)


@pytest.mark.parametrize("eyes", [":", ":-", ":'", ";-", "=-", ":^"])
def test_a_bracket_after_eyes_is_a_mouth(eyes: str) -> None:
    for mouth in "()":
        assert context_of(f"a {eyes} {mouth}").is_mouth(2)
        assert not context_of(f"a {eyes}x {mouth}").is_mouth(2)
    assert not context_of(f"a {eyes} [").is_mouth(2)


def test_a_semicolon_before_a_bracket_winks_only_where_none_can_close() -> None:
    assert context_of("a ; )").is_mouth(2)
    assert not context_of("a ; (").is_mouth(2)
    assert not context_of("( ; )").is_mouth(2)
    assert not context_of("; )").is_mouth(1)
    assert not context_of("b a )").is_mouth(2)


def test_brackets_have_partners_of_their_kind_in_their_paragraph() -> None:
    assert context_of("( a [ b ] c ) { d }").partner == {0: 6, 6: 0, 2: 4, 4: 2, 7: 9, 9: 7}
    assert context_of("( a ] b )").partner == {0: 4, 4: 0}
    assert context_of("( a ¶ b ) ( c )").partner == {4: 6, 6: 4}
    assert context_of("( a | b )").partner == {0: 3, 3: 0}
    assert context_of("( a :- ) b )").partner == {0: 5, 5: 0}
    assert context_of(") a (").partner == {}


def test_the_treebanks_single_quotes() -> None:
    def opens(text: str) -> dict[int, bool]:
        return dict(context_of(text, "ptb").single_opens)

    assert opens("x ` a ' y") == {1: True, 3: False}
    assert opens("x ' a ' y") == {1: True, 3: False}
    assert opens("the Joness ' a ' y") == {2: False, 4: True}
    assert opens("the JONES ' a ' y") == {2: False, 4: True}
    assert opens("x a ' | y") == {2: False}
    assert opens("x ' a ¶ b ' c") == {1: True, 4: True}
    assert opens("' a ' b ' c ' d") == {0: True, 2: False, 4: True, 6: False}


@pytest.mark.parametrize("word", ["n't", "``", "-LRB-", "-RRB-"])
def test_a_word_shows_the_treebanks_rules(word: str) -> None:
    assert gaps.detect_profile(["a", word]) == "ptb"
    assert gaps.detect_profile(["a", "b", f"{word}x"]) == "cogcomp"
    assert gaps.detect_profile([]) == "cogcomp"


@pytest.mark.parametrize("profile", ["cogcomp", "cogcomp-line"])
def test_the_taggers_own_contraction_is_one_word(profile: str) -> None:
    assert assemble(["ca", "'nt", "go"], [SPACE] * 3, profile=profile).text == "ca'nt go"
