"""Near duplicates, held to a comparison of every text with every other."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from converters.duplicates import NEAR, Compared, groups, joined


def shingles(text: str) -> set[tuple[str, ...]]:
    """All sequences of three words, in plain Python."""
    words = re.findall(r"\w+", text.lower())
    size = min(3, len(words))
    return {tuple(words[k : k + size]) for k in range(len(words) - size + 1)} if words else set()


def plainly_near(one: str, other: str) -> bool:
    if one.split() == other.split():
        return True
    a, b = shingles(one), shingles(other)
    return bool(a and b) and len(a & b) / len(a | b) >= NEAR


def plain_groups(texts: list[str]) -> list[int]:
    """The same by comparing each with each."""
    group = list(range(len(texts)))
    for one, other in combinations(range(len(texts)), 2):
        if plainly_near(texts[one], texts[other]) and group[one] != group[other]:
            low, high = sorted((group[one], group[other]))
            group = [low if g == high else g for g in group]
    return group


WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa la mu nu xi omicron pi rho sigma tau".split()


@st.composite
def corpora(draw: st.DrawFn) -> list[str]:
    """Texts of which many are others with a change."""
    texts: list[list[str]] = []
    for _ in range(draw(st.integers(1, 8))):
        chance = random.Random(draw(st.integers(0, 1000)))
        if texts and draw(st.booleans()):
            words = list(draw(st.sampled_from(texts)))
            for _ in range(draw(st.integers(0, 3))):
                place = draw(st.integers(0, len(words)))
                words[place : place + draw(st.integers(0, 2))] = [chance.choice(WORDS)] * draw(st.integers(0, 1))
        else:
            words = [chance.choice(WORDS) for _ in range(draw(st.sampled_from([0, 1, 2, 3, 20, 60])))]
        texts.append(words)
    return [draw(st.sampled_from([" ", "\n", ", "])).join(words) for words in texts]


@given(corpora())
@example(["", "", " "])
@example(["a", "A", "a."])
def test_the_same_as_comparing_each_with_each(texts: list[str]) -> None:
    assert groups(texts) == plain_groups(texts)


@given(corpora(), st.randoms(use_true_random=False))
def test_the_order_makes_no_difference(texts: list[str], chance: random.Random) -> None:
    order = list(range(len(texts)))
    chance.shuffle(order)
    found, shuffled = groups(texts), groups([texts[k] for k in order])
    for (i, one), (j, other) in combinations(enumerate(order), 2):
        assert (found[one] == found[other]) == (shuffled[i] == shuffled[j])


@given(st.text(), st.text())
def test_similarity_is_plain_jaccard(one: str, other: str) -> None:
    if re.search(r"[^\x00-\u02ff]", one + other):
        return  # scripts without spaces are divided further
    a, b = shingles(one), shingles(other)
    expected = 1.0 if one.split() == other.split() else len(a & b) / len(a | b) if a and b else 0.0
    assert Compared(one).similarity(other) == Compared(other).similarity(one) == pytest.approx(expected)


def text_of(seed: int, words: int = 200) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices("abcdefghij", k=5)) for _ in range(words)]


ONE = text_of(0)


@pytest.mark.parametrize(
    ("other", "is_near"),
    [
        (" ".join(ONE), True),
        ("\n\n".join(ONE), True),
        (" ".join(ONE).upper(), True),
        (", ".join(ONE) + ".", True),
        (" ".join(word if k % 50 else "changed" for k, word in enumerate(ONE)), True),
        (" ".join(word if k % 20 else "changed" for k, word in enumerate(ONE)), False),  # 0.74
        (" ".join(ONE[100:] + ONE[:100]), True),  # a paragraph moved
        (" ".join(ONE[:185]), True),
        (" ".join(ONE[:150]), False),
        (" ".join(sorted(ONE)), False),  # the same words
        (" ".join(text_of(1)), False),
        ("", False),
        ("!", False),
    ],
)
def test_what_near_is(other: str, is_near: bool) -> None:
    found = groups([" ".join(ONE), other])
    assert (found == [0, 0]) == is_near


def test_one_word_changed_in_twenty_is_near() -> None:
    chance = random.Random(3)
    for n in (20, 25, 30, 40):
        words = text_of(n, n)
        assert groups([" ".join(words), " ".join([*words[:-1], "changed"])]) == [0, 0]
        words[chance.randrange(2, n - 2)] = "changed"
        assert groups([" ".join(words), " ".join(text_of(n, n))]) == ([0, 0] if (n - 5) / (n + 1) >= NEAR else [0, 1])


def test_texts_of_scripts_without_spaces() -> None:
    one = "他昨天在北京说谈判将继续进行，直到月底为止，没有人知道结果会怎样。" * 2
    assert groups([one, one.replace("月底", "年底"), one[::-1]]) == [0, 0, 2]
    assert groups(["NHK" + one, "BBC" + one]) == [0, 0]


def test_texts_of_one_template_are_not_lumped_and_twins_among_them_are_found() -> None:
    """Where all share their frame, and no two are near, those that are must be found all the same."""
    chance = random.Random(1)
    frame = text_of(7, 250)
    texts = [
        " ".join(
            chance.choice(WORDS) + str(chance.randrange(9999)) if k % 18 == 0 else word for k, word in enumerate(frame)
        )
        for _ in range(400)
    ]
    assert 0.6 < Compared(texts[0]).similarity(texts[1]) < NEAR
    twins = []
    for number in range(20):
        words = texts[number * 7].split()
        words[chance.randrange(len(words))] = "changed"
        twins.append(" ".join(words))
    found = groups(texts + twins)
    assert found[:400] == list(range(400))
    assert found[400:] == [number * 7 for number in range(20)]


def test_a_chain_is_one_group() -> None:
    """Each is near the next, and the first is not near the last."""
    words = text_of(9, 300)
    texts = []
    for number in range(12):
        texts.append(" ".join(words))
        words[number * 20 : number * 20 + 8] = text_of(100 + number, 8)
    assert Compared(texts[0]).similarity(texts[-1]) < 0.6
    assert groups(texts) == [0] * 12


def test_groupings_joined() -> None:
    assert joined([0, 0, 2, 3], [0, 1, 1, 3]) == [0, 0, 0, 3]
    assert joined([0, 1, 2]) == [0, 1, 2]
