"""A small corpus in bracketed form, made from templates: a tagger can learn it, and no name comes twice."""

from __future__ import annotations

import random
from pathlib import Path

FIRST = "Anna Boris Clara David Elena Felix Greta Hugo Irene Jonas Karla Lukas Maria Nils Olga Peter Rosa Simon".split()
SYLLABLES = "ka lo mi ra tu ve no pi sa den ber lin gor mal tis kov ren dal har wen zo bra fel nor".split()
SENTENCES = """
On {day} , {PER} of {ORG} arrived in {LOC} for talks that nobody had asked for .
{ORG} said that {PER} would leave {LOC} before the end of {day} .
The prime minister , {PER} , met the head of {ORG} in {LOC} .
Officials in {LOC} told {ORG} ( a company of {number} people ) about the visit of {PER} .
According to {PER} , the factory of {ORG} near {LOC} was closed on {day} .
Nothing was decided in {number} meetings , the ministry said on {day} .
" We have {number} questions , " said {PER} 's lawyer in {LOC} .
Reports from {LOC} say that {PER} resigned from {ORG} after {number} years .
The old market hall holds {number} stalls , and most of them were empty on {day} .
Nobody in the room had heard of {ANY} .
""".strip().splitlines()


def write_corpus(folder: Path, documents: int, seed: int = 0) -> None:
    """Write a file for each document."""
    chance = random.Random(seed)
    used: set[str] = set()

    def name(syllables: int) -> str:
        while True:
            made = "".join(chance.choice(SYLLABLES) for _ in range(syllables)).capitalize()
            if made not in used:
                used.add(made)
                return made

    def entity(label: str) -> str:
        if label == "PER":
            words = f"{chance.choice(FIRST)} {name(3)}"
        elif label == "ORG":
            words = f"{name(3)} {chance.choice('Bank Group Motors Institute'.split())}"
        else:
            words = name(3) + chance.choice(["burg", "ville", "stad", "ton"])
        return f"[{label} {words}  ]"

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(documents):
        lines = []
        for sentence in chance.choices(SENTENCES, k=chance.randint(3, 6)):
            # whether this is a person, a company or a town, nothing shows: no tagger gets them all right
            sentence = sentence.replace("{ANY}", f"[{chance.choice(['PER', 'ORG', 'LOC'])} {name(3)}  ]")
            for label in ("PER", "ORG", "LOC"):
                sentence = sentence.replace("{" + label + "}", entity(label))
            day = chance.choice("Monday Tuesday Thursday Friday".split())
            lines.append(sentence.replace("{day}", day).replace("{number}", str(chance.randint(3, 999))) + " \n")
        (folder / f"{number:04}.txt").write_text("".join(lines), encoding="utf-8")
