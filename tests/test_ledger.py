from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.balance import Loss, Repair
from converters.ledger import Ledger

REPAIRS = st.builds(Repair, st.text(max_size=5), st.text(max_size=5), st.text(st.characters(), max_size=5))


@given(st.lists(st.lists(REPAIRS, max_size=12), max_size=4), st.integers(1, 4))
def test_a_ledger_is_the_list_of_what_was_added(batches: list[list[Repair]], most: int) -> None:
    ledger = Ledger(Repair)
    ledger.most = most
    plain: list[Repair] = []
    for batch in batches:
        ledger.extend(batch)
        plain += batch
        assert len(ledger.kept) <= most
        assert list(ledger) == plain
        assert len(ledger) == len(plain)
    assert ledger == plain
    assert pickle.loads(pickle.dumps(ledger)) == plain
    assert ledger != [*plain, Repair("", "", "")]
    for number, repair in enumerate(plain):
        assert ledger[number] == repair
    with pytest.raises(IndexError):
        ledger[len(plain)]
    assert list(zip(ledger, ledger, strict=True)) == list(zip(plain, plain, strict=True))


@given(st.lists(REPAIRS, max_size=12), st.slices(12))
def test_a_part_of_a_ledger_is_that_of_the_list(plain: list[Repair], part: slice) -> None:
    ledger = Ledger(Repair)
    ledger.most = 3
    ledger.extend(plain)
    assert ledger[part] == plain[part]


def test_what_does_not_fit_in_memory_is_in_a_file_that_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ledger = Ledger(Loss)
    ledger.most = 10
    for number in range(25):
        ledger.append(Loss("span", f"a.txt:{number}", "x\udc80", "why"))
    assert ledger.filed == 22
    assert [loss.place for loss in ledger] == [f"a.txt:{number}" for number in range(25)]
    assert list(tmp_path.iterdir()) == []
