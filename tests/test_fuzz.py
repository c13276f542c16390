"""What fuzzing has found, once more: every input that was a finding, and those that reach the most of each target.

``fuzz/fuzz.py`` finds new ones; this needs no fuzzer. An input has its options in its head, so hypothesis can draw one
as well as any fuzzer, and does for what is said nowhere else in the tests.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from corpora import CORPUS, LARGEST, MOST_BYTES, MOST_FILES, Input, load
from targets import HEAD, TARGETS, run

from converters.formats import formats

FINDINGS = [(target, item) for target in TARGETS for item in load(target) if item.was]


@pytest.mark.parametrize(("target", "item"), [pytest.param(*f, id=f"{f[0]}-{f[1].was}") for f in FINDINGS])
def test_what_was_found_is_mended(target: str, item: Input) -> None:
    run(target, item.data)


@pytest.mark.parametrize("target", TARGETS)
def test_the_inputs_that_reach_most_keep_all_promises(target: str) -> None:
    for item in load(target):
        run(target, item.data)


def test_every_target_has_inputs_and_they_are_few_and_short() -> None:
    assert {path.stem for path in CORPUS.glob("*")} == set(TARGETS)
    for target in TARGETS:
        others = [item.data for item in load(target) if not item.was]
        assert 0 < len(others) <= MOST_FILES
        assert sum(map(len, others)) <= MOST_BYTES
        assert max(map(len, others)) <= LARGEST


def test_every_format_that_is_read_has_a_target() -> None:
    fuzzed = {name for target in TARGETS.values() for name in getattr(target, "args", [()])[0]}
    assert fuzzed == {name for name, format in formats().items() if format.reader}


TOKENS = json.loads((CORPUS.parent / "tokens.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("target", TARGETS)
@given(st.data())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_whatever_is_drawn_keeps_all_promises(target: str, data: st.DataObject) -> None:
    words = st.sampled_from([*TOKENS.get(target, ()), *TOKENS["json"]])
    content = st.lists(st.one_of(words, words, words, st.text(max_size=5))).map("".join).map(str.encode)
    kept = st.sampled_from([item.data[HEAD:] for item in load(target)])
    head = data.draw(st.binary(min_size=HEAD, max_size=HEAD), "options")
    run(target, head + data.draw(st.one_of(content, kept, st.tuples(kept, content).map(b"".join)), "input"))
