"""What holds of results whatever the input is, for the tests and for fuzzing."""

from __future__ import annotations

from collections.abc import Sequence

from converters.anchor import Anchors


def anchors_hold(words: Sequence[str], text: str, found: Anchors) -> None:
    """What holds of all anchors, whatever the words and the text."""
    assert len(found.places) == len(words)
    until = 0
    for place in found.places:
        if place:
            assert until <= place[0] < place[1] <= len(text)
            assert not text[place[0]].isspace()
            assert not text[place[1] - 1].isspace()
            until = place[1]
    missing = [number for number, place in enumerate(found.places) if place is None]
    assert missing == [n for mismatch in found.mismatches for n in range(mismatch.first, mismatch.stop)]
    for first, stop, start, end in found.mismatches:
        assert first < stop
        assert 0 <= start <= end <= len(text)
        assert all(place[1] <= start for place in found.places[:first] if place)
        assert all(end <= place[0] for place in found.places[stop:] if place)
