"""The form of single entities, labels, tokens, overlaps: what must be found, and what must not."""

from __future__ import annotations

import pytest

from converters import Document, Span, UsageError
from converters.check import KINDS, check
from converters.check.findings import Finding
from converters.check.form import CONVENTION


def document(marked: str, label: str = "ORG", id: str = "d") -> Document:
    """A document in which what stands between ⟦ and ⟧ is an entity."""
    text, spans = "", []
    for piece in marked.split("⟦"):
        inside, closed, rest = piece.partition("⟧")
        if closed:
            spans.append(Span(len(text), len(text) + len(inside), label))
        text += inside + rest
    return Document(text, tuple(spans), id=id)


def found(*documents: Document, **options: str) -> list[Finding]:
    """The findings, but for those about documents as wholes."""
    about_all = {"no-entities", "unannotated", "duplicate", "near-duplicate"}
    return check(documents, ignore=about_all | {"misaligned"}, **options)


def names(marked: str, lang: str = "en", label: str = "ORG") -> list[tuple[str, str | None]]:
    """What is found in the only document, with the text that it should be."""
    return [(finding.name, finding.fixed) for finding in found(document(marked, label), lang=lang)]


# --- form: what must be found -------------------------------------------------------------------------------------

FOUND = [
    # punctuation
    ("E.O. 12958: ⟦DECL:⟧ 01/29/2019", "punctuation", "DECL"),
    ("End Talking ⟦Points.⟧", "punctuation", "Points"),
    ("in ⟦Moscow,⟧ Russia", "punctuation", "Moscow"),
    ("in ⟦Moscow.,⟧ he", "punctuation", "Moscow"),
    ("it was ⟦London-Moscow-⟧", "punctuation", "London-Moscow"),
    ("London⟦-Moscow⟧", "punctuation", "Moscow"),
    ("London⟦.Moscow⟧", "punctuation", "Moscow"),
    ("he saw ⟦Moscow!⟧", "punctuation", "Moscow"),
    ("at ⟦example.com.⟧", "punctuation", "example.com"),
    ("uses ⟦Node.js.⟧", "punctuation", "Node.js"),
    ("uses ⟦.NET.⟧", "punctuation", ".NET"),
    ("works for ⟦Siemens GmbH.⟧", "punctuation", "Siemens GmbH"),
    ("reads ⟦The Sun.⟧", "punctuation", "The Sun"),
    ("in ⟦World War II.⟧", "punctuation", "World War II"),
    ('the film ⟦"Titanic"⟧ sank', "punctuation", "Titanic"),
    ("the film ⟦“Titanic”⟧ sank", "punctuation", "Titanic"),
    ("der ⟦„Spiegel“⟧ schrieb", "punctuation", "Spiegel"),
    ("der ⟦»Spiegel«⟧ schrieb", "punctuation", "Spiegel"),
    ("in ⟦「東京」⟧", "punctuation", "東京"),
    ("the ⟦(NATO)⟧ said", "punctuation", "NATO"),
    ("the (⟦NATO)⟧ said", "punctuation", "NATO"),
    ("the ⟦(NATO⟧) said", "punctuation", "NATO"),
    ("the '⟦Monitor'⟧ said", "punctuation", "Monitor"),
    ("from '⟦Paris'⟧ said", "punctuation", "Paris"),
    ("from ⟦'Moscow⟧' said", "punctuation", "Moscow"),
    ("the “⟦Monitor”⟧ said", "punctuation", "Monitor"),
    ("⟦([{NATO}])⟧ said", "punctuation", "NATO"),
    ("⟦…Moscow⟧ said", "punctuation", "Moscow"),
    ("⟦/Moscow⟧ said", "punctuation", "Moscow"),
    ("在⟦北京，⟧他", "punctuation", "北京"),
    # determiners and pronouns
    ("he and ⟦his Department⟧'s experts", "pronoun", "Department"),
    ("at ⟦the White House⟧ they", "determiner", "White House"),
    ("it is ⟦my Lord⟧ who", "pronoun", "Lord"),
    ("said ⟦his⟧ men", "pronoun", None),
    ("said ⟦the⟧ men", "determiner", None),
    # classification marks
    ("¶3. (⟦S/NF⟧) The system", "classification-mark", None),
    ("it is ⟦S//NF⟧ here", "classification-mark", None),
    ("it is ⟦TS//SI//REL TO USA, GBR⟧ here", "classification-mark", None),
    ("¶9. (⟦SBU⟧) Washington", "classification-mark", None),
    ("¶9. ⟦(SBU)⟧ Washington", "classification-mark", None),
    ("(⟦S⟧) Over the past years", "classification-mark", None),
    ("a. (⟦C⟧) Over the past years", "classification-mark", None),
    ("-- (⟦U⟧) Over the past years", "classification-mark", None),
    ("SUBJECT: (⟦U⟧) TALKS", "classification-mark", None),
    ("It is over. ( ⟦S⟧ ) Over the past years", "classification-mark", None),
    ("¶4. ⟦(S) Moscow⟧ said", "classification-mark", "Moscow"),
    ("he saw ⟦(S/NF) Moscow⟧", "classification-mark", "Moscow"),
    ("he saw ⟦Moscow S/NF⟧ there", "classification-mark", "Moscow"),
    ("⟦C O N F I D E N T I A L⟧ MOSCOW 000123", "classification-mark", None),
    ("⟦NOFORN⟧ and", "classification-mark", None),
    # paragraph marks
    ("it ended. ⟦¶6. Moscow⟧ said", "paragraph-mark", "Moscow"),
    ("it ended. ⟦¶ Moscow⟧ said", "paragraph-mark", "Moscow"),
    ("it ended in ⟦Moscow ¶7.⟧ Then", "paragraph-mark", "Moscow"),
    ("1. One.\n⟦2. Moscow⟧ said\n3. Two.", "paragraph-mark", "Moscow"),
    # others
    ("in ⟦New\n\nYork⟧ he", "line-break", None),
    ("in ⟦New\u200bYork⟧ he", "invisible-character", None),
    ("in ⟦New\u00adYork⟧ he", "invisible-character", None),
    ("in ⟦Mos\u200dcow⟧ he", "invisible-character", None),
    ("in ⟦Mos\ufffdcow⟧ he", "invisible-character", None),
    ("in ⟦New\u0007York⟧ he", "invisible-character", None),
    ("in ⟦New\u202eYork⟧ he", "invisible-character", None),
    ("it was ⟦🙂🙂⟧ so", "no-word", None),
    ("it was ⟦!!!⟧ so", "no-word", None),
    ("it was ⟦" + "(" * 50 + "⟧ so", "no-word", None),
    ("in ⟦Mosco⟧w he", "partial-word", "Moscow"),
    ("in M⟦oscow⟧ he", "partial-word", "Moscow"),
    ("the SA-⟦2⟧4 is", "partial-word", "24"),
    ("⟦" + "One Two Three " * 9 + "End⟧ said", "long-mention", None),
]


@pytest.mark.parametrize(("marked", "name", "fixed"), FOUND, ids=[case[0] for case in FOUND])
def test_what_is_of_a_wrong_form_is_found(marked: str, name: str, fixed: str | None) -> None:
    assert names(marked) == [(name, fixed)]


# --- form: what must not be found ---------------------------------------------------------------------------------

FINE = """
⟦U.S.⟧ concerns
the ⟦U.S.⟧
the ⟦St. Petersburg-based Leningrad Optical-Mechanical Association⟧ said
⟦Posts'⟧ assistance
during ⟦WHA A/S⟧ Shannon
⟦A/S Shannon⟧ advised
replies to ⟦ISN/CATR⟧
from ⟦Yahoo!⟧
from ⟦Yahoo! Inc.⟧
in ⟦Washington, D.C.⟧
by ⟦J. K. Rowling⟧
by ⟦J.R.R. Tolkien⟧
by ⟦Ursula K.⟧
by ⟦Martin Luther King Jr.⟧
at ⟦No. 10⟧
in ⟦Boston, Mass.⟧
from ⟦Toys "R" Us⟧
from ⟦Macy's⟧
in ⟦'s-Hertogenbosch⟧ then
by ⟦'N Sync⟧'s fans
the ⟦Guns N' Roses⟧
the ⟦Guns N'⟧ record
with ⟦.NET⟧
with ⟦C++⟧ and
with ⟦C#⟧ and
by ⟦AT&T⟧ and
it cost ⟦$100⟧ then
it was ⟦50%⟧ then
oran ⟦%50⟧ idi
it was ⟦-5⟧ then
call ⟦+49 30 1234⟧ now
more than ⟦>100⟧ now
by ⟦@handle⟧ then
on ⟦#tag⟧ then
by ⟦Sigur Rós (band)⟧ then
by ⟦(the) Verve⟧ then
by ⟦"Weird Al" Yankovic⟧ then
by ⟦"A" and "B"⟧ then
by ⟦(A) and (B)⟧ then
by ⟦Dwayne "The Rock"⟧ then
he is ⟦6'4"⟧ tall
in ⟦The Hague⟧ then
at ⟦The White House⟧ then
that ⟦His Holiness⟧ saw
in ⟦El Salvador⟧ then
⟦東京⟧ へ
⟦東京⟧へ行く
在⟦北京⟧市
⟦ไทย⟧แลนด์
⟦서울⟧에서
ב⟦ירושלים⟧ היה
⟦צה"ל⟧ אמר
و⟦القاهرة⟧ كانت
⟦ایران\u200cها⟧ بود
⟦👩\u200d🚀 Corp⟧ said
⟦🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England⟧ won
after ⟦§ 12 BGB⟧ so
⟦1. FC Köln⟧ gewann
der ⟦1. FC Köln⟧ gewann
the ⟦3rd⟧ one
it weighs ⟦10⟧kg so
the ⟦Class (S)⟧ one
sulfur (⟦S⟧) and carbon (⟦C⟧) then
uranium (⟦U⟧) then
the drug ⟦(S)-Warfarin⟧ then
on ⟦Windows (R)⟧ then
Ukraine's Security Service (⟦SBU⟧) said
that ⟦SBU⟧ said
that ⟦LOU⟧ said
on ⟦S/CT⟧ then
in ⟦New⏎York⟧ then
at ⟦http://a.org/⟧ then
at ⟦/usr/bin⟧ then
by ⟦*NSYNC⟧ then
the play ⟦Who's Afraid of Virginia Woolf?⟧
the show ⟦Who Wants to Be a Millionaire?⟧
la película ⟦¡Átame!⟧ fue
the ⟦S.p.A.⟧ said
a ⟦Ph.D.⟧ then
the ⟦U.S.S.R.⟧
los ⟦EE. UU.⟧
at ⟦8 p.m.⟧
on ⟦Sept.⟧
on ⟦next day⟧ then
by ⟦O'Neill⟧ then
by ⟦L'Oréal⟧ then
by ⟦D'Artagnan⟧ then
""".strip().splitlines()


@pytest.mark.parametrize("marked", FINE)
def test_what_names_are_like_is_not_found(marked: str) -> None:
    assert names(marked.replace("⏎", "\n")) == []


@pytest.mark.parametrize(
    ("lang", "marked", "expected"),
    [
        ("es", "dijo ⟦el Gobierno⟧ ayer", [("determiner", "Gobierno")]),
        ("en", "dijo ⟦el Gobierno⟧ ayer", []),
        ("fr", "à ⟦l'Élysée⟧ hier", [("determiner", "Élysée")]),
        ("fr", "à ⟦l’Élysée⟧ hier", [("determiner", "Élysée")]),
        ("fr", "chez ⟦L’Oréal⟧ hier", []),
        ("fr", "à ⟦La Rochelle⟧ hier", []),
        ("de", "in ⟦der Schweiz⟧ ist", [("determiner", "Schweiz")]),
        ("de", "unter ⟦Wilhelm II.⟧", []),
        ("de", "am ⟦3.⟧", []),
        ("de", "⟦Nord-⟧ und Südkorea", []),
        ("nl", "in ⟦'s-Hertogenbosch⟧ is", []),
        ("nl", "in ⟦De Bilt⟧ is", []),
        ("xx", "in ⟦the White House⟧ is", []),
    ],
)
def test_languages_have_their_own_words(lang: str, marked: str, expected: list[tuple[str, str]]) -> None:
    assert names(marked, lang) == expected


def test_a_bracketed_mark_away_from_a_paragraph_is_brackets_alone() -> None:
    assert names("sulfur ⟦(S)⟧ then") == [("punctuation", "S")]


def test_punctuation_that_a_sentence_goes_on_after_is_the_names_own_everywhere() -> None:
    texts = ["the site ⟦Zapf!⟧ said", "he used ⟦Zapf!⟧"]
    assert [f.name for f in found(*map(document, texts))] == []
    assert [f.fixed for f in found(document(texts[1]))] == ["Zapf"]
    lower = ["in ⟦moscow.⟧ it is cold", "in ⟦moscow.⟧"]  # no capitals: nothing tells where a sentence begins
    assert [f.fixed for f in found(*map(document, lower))] == ["moscow", "moscow"]


def test_a_determiner_with_a_capital_is_told_where_the_rest_is_annotated_alone_with_the_same_label() -> None:
    hague = document("⟦The Hague⟧ is", "LOC")
    assert found(hague, document("by ⟦Hague⟧ then", "PER")) == []
    bank = [document("⟦The World Bank⟧ is", id="a"), document("by ⟦World Bank⟧ then", id="b")]
    assert [(f.name, f.fixed) for f in found(*bank)] == [("determiner", "World Bank")]


def test_a_corpus_may_have_determiners_and_quotes_for_a_rule() -> None:
    marked = "at ⟦the White House⟧ " * CONVENTION
    assert found(document(marked)) == []
    assert len(found(document(marked + "at the ⟦Kremlin⟧ " * (CONVENTION + 1)))) == CONVENTION
    quoted = document('in ⟦"Titanic"⟧ ' * CONVENTION, "WORK_OF_ART")
    assert found(quoted) == []
    assert [f.label for f in found(quoted, document('by ⟦"Al"⟧ then', "PER"))] == ["PER"]


def test_the_seed(seed: Document) -> None:
    form = [f for f in check([seed]) if f.name in {"punctuation", "pronoun", "classification-mark", "paragraph-mark"}]
    assert [f.text for f in form] == ["DECL:", "S/NF", "his Department", "S/NF", "Points.", "SBU"]
    assert {f.text: f.fixed for f in form if f.fixed} == {
        "DECL:": "DECL",
        "his Department": "Department",
        "Points.": "Points",
    }


# --- overlaps and tokens ------------------------------------------------------------------------------------------


def test_entities_that_share_text() -> None:
    text = "Bank of China Tower"
    spans = Span(0, 13, "ORG"), Span(8, 13, "LOC"), Span(8, 19, "FAC"), Span(8, 13, "GPE"), Span(14, 19, "X")
    messages = [(f.label, f.message) for f in check([Document(text, spans)]) if f.name == "overlapping"]
    assert messages == [
        ("GPE", "is inside FAC 'China Tower'"),
        ("LOC", "is inside FAC 'China Tower'"),
        ("FAC", "overlaps ORG 'Bank of China'"),
        ("X", "is inside FAC 'China Tower'"),
    ]
    twins = Document(text, (Span(0, 4, "ORG"), Span(0, 4, "LOC")))
    assert [f.message for f in check([twins]) if f.name == "overlapping"] == ["the same text is LOC 'Bank' as well"]


def test_neighbours_do_not_overlap() -> None:
    assert not [f for f in check([document("⟦Bank⟧⟦Tower⟧")]) if f.name == "overlapping"]


@pytest.mark.parametrize(
    ("marked", "fixed", "tokens"),
    [
        ("of ⟦Venezuela⟧?s army", "Venezuela?s", ["Venezuela?s"]),
        ("the ⟦New York-b⟧ased one", "New York-", ["New", "York", "-", "based"]),
        ("it is ⟦Moscow.It⟧alia now", None, ["Moscow", ".", "Italia"]),
    ],
)
def test_entities_off_tokens_are_told_with_the_nearest_fit(marked: str, fixed: str | None, tokens: list[str]) -> None:
    found = [f for f in check([document(marked)], tokenizer="en") if f.name == "misaligned"]
    assert len(found) == 1
    assert found[0].message.endswith(", ".join(map(repr, tokens)))
    assert fixed is None or found[0].fixed == fixed


def test_the_seed_sits_on_tokens_when_its_apostrophes_are_mended(seed: Document, cables: object) -> None:
    from converters import ReadOptions, read

    assert [f.text for f in check([seed]) if f.name == "misaligned"] == ["Venezuela", "FARC"]
    [mended] = read(cables, options=ReadOptions(repairs=("apostrophe",)))  # type: ignore[arg-type]
    assert len(mended.spans) == 159
    assert not [f for f in check([mended], tokenizer="en") if f.name == "misaligned"]


def test_unknown_names() -> None:
    with pytest.raises(UsageError, match="there is no finding 'nonsense'"):
        check([], ignore=["nonsense"])
    with pytest.raises(UsageError, match="no language or pipeline"):
        check([document("⟦a⟧")], tokenizer="no-such-language")


def test_a_kind_that_is_ignored_is_not_found() -> None:
    doubtful = document("of ⟦the Moscow,⟧ there")
    assert {f.name for f in check([doubtful])} >= {"punctuation", "determiner"}
    assert {f.name for f in check([doubtful], ignore=KINDS)} == set()


# --- labels -------------------------------------------------------------------------------------------------------


def typos(counts: dict[str, int]) -> list[tuple[str, str]]:
    """Which labels are taken for which, in a corpus that has each so often."""
    labels = [label for label, n in counts.items() for _ in range(n)]
    spans = tuple(Span(4 * n, 4 * n + 3, label) for n, label in enumerate(labels))
    made = Document("abc " * len(labels), spans)
    fixes = [(f.label, f.fix) for f in check([made]) if f.name == "label-typo"]
    return [(label, fix.label) for label, fix in fixes if fix]


@pytest.mark.parametrize(
    ("right", "n", "typo", "m"),
    [
        ("PER", 20, "PRE", 1),
        ("PER", 20, "PERS", 1),
        ("PER", 8, "PERS", 8),
        ("ORG", 9, "ORGG", 2),
        ("LOC", 9, "LOCATION", 8),
        ("LOC", 40, "LOX", 1),
        ("PER", 9, "per", 8),
        ("PER", 9, "Per", 9),
        ("PER", 9, "B-PER", 8),
        ("B-LOC", 4, "I-LOC", 3),
        ("PERSON", 9, "PERSN", 1),
        ("MISC", 9, "MSIC", 1),
        ("WORK_OF_ART", 9, "WORK OF ART", 2),
        ("WORK_OF_ART", 9, "WORKOFART", 2),
        ("WORK_OF_ART", 9, "WORK_OF_ATR", 2),
        ("DISEASE", 9, "DISEASES", 1),
        ("PRODUCT", 60, "PRODUKT", 2),
    ],
)
def test_labels_misspelt(right: str, n: int, typo: str, m: int) -> None:
    assert typos({right: n, typo: m, "DATE": 5}) == [(typo, right)]


REAL = {
    "OntoNotes": "PERSON NORP FAC ORG GPE LOC PRODUCT EVENT WORK_OF_ART LAW LANGUAGE DATE TIME PERCENT MONEY QUANTITY "
    "ORDINAL CARDINAL",
    "CoNLL-2003": "PER LOC ORG MISC",
    "MUC": "PER ORG LOC DATE TIME MONEY PERCENT",
    "GermEval": "PER PERderiv PERpart LOC LOCderiv LOCpart ORG ORGderiv ORGpart OTH OTHderiv OTHpart",
    "i2b2 2010": "problem treatment test",
    "i2b2 2014": "PATIENT DOCTOR USERNAME PROFESSION ROOM DEPARTMENT HOSPITAL ORGANIZATION STREET CITY STATE COUNTRY "
    "ZIP OTHER LOCATION-OTHER AGE DATE PHONE FAX EMAIL URL IPADDRESS SSN MEDICALRECORD HEALTHPLAN ACCOUNT LICENSE "
    "VEHICLE DEVICE BIOID IDNUM",
    "JNLPBA": "protein DNA RNA cell_type cell_line",
    "GENIA": "protein_molecule protein_complex DNA_domain_or_region RNA_domain_or_region DNA_molecule RNA_molecule",
    "ChemProt": "CHEMICAL GENE-Y GENE-N",
    "Weibo": "PER.NAM PER.NOM GPE.NAM GPE.NOM ORG.NAM ORG.NOM LOC.NAM LOC.NOM",
    "CLUENER": "address book company game government movie name organization position scene",
    "GMB": "geo org per gpe tim art nat eve",
    "ACE": "PER PER:Individual ORG ORG:Government GPE FAC VEH WEA LOC",
    "FIGER": "/person /person/actor /location /location/city",
    "NorNE": "PER ORG LOC GPE_LOC GPE_ORG PROD EVT DRV MISC",
    "MultiCoNER": "PER PROD CW GRP CORP LOC",
    "personal data": "COUNTY CITY STATE ZIP COUNTRY HEIGHT WEIGHT IPV4 IPV6 IP CURRENCY CURRENCYCODE MAC FAX",
    "numbered": "ARG0 ARG1 ARG2 ARG",
    "signs": "A+ A- + - .",
    "labels that nobody knows": "LIMB LAMB BONE CONE TIBIA TIBIO",
}


@pytest.mark.parametrize("labels", REAL.values(), ids=REAL)
@pytest.mark.parametrize("rare", [0, 1, 2])
def test_labels_of_published_corpora_are_no_typos(labels: str, rare: int) -> None:
    counts = {label: 4 if n % 3 == rare else 60 for n, label in enumerate(labels.split())}
    assert typos(counts) == []


# --- time ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_once_took_time_that_explodes() -> None:
    """Each of these took minutes or longer; they are here to end at all."""
    n = 100_000
    many = [Span(16 * k, 16 * k + 6, "LOC") for k in range(0, n // 2, 2)]
    text = "Moscow is here. " * (n // 2)
    hard = [
        Document(text, tuple(many)),
        Document(text, (Span(0, len(text) - 1, "ALL"), *many)),
        Document("(" * n + "a" + ")" * n, (Span(0, 2 * n + 1, "X"),)),
        Document("(" * n + "a", (Span(0, n + 1, "X"),)),
        Document("a" * n, tuple(Span(k, k + 1, "X") for k in range(0, n, 10))),
        Document("S" + "/REL TO A" * 60 + "\nb x", (Span(0, 543, "X"),)),
        Document("(S" + "/REL TO A" * 60 + " x", (Span(0, 544, "X"),)),
        Document("ab cd " * 20_000, tuple(Span(6 * k, 6 * k + 1, "X") for k in range(20_000))),
    ]
    for one in hard:
        assert check([one])
