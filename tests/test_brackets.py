from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import ReadOptions, from_brackets
from converters.balance import Loss, Report
from converters.document import Document
from converters.errors import DataError, NerconvError, Place, UsageError
from converters.markup import detect


def entities(document: Document) -> list[tuple[str, str]]:
    return [(document.text[a:b], label) for a, b, label in document.spans]


@pytest.mark.parametrize(
    ("markup", "form", "text", "expected"),
    [
        (
            "The [LOC United States  ] and [LOC Russia  ] agree . \n",
            "brackets",
            "The United States and Russia agree.",
            [("United States", "LOC"), ("Russia", "LOC")],
        ),
        (
            "[PER Mark McGwire] , the [ORG St. Louis Cardinals] slugger , left . He said no .",
            "brackets-line",
            "Mark McGwire, the St. Louis Cardinals slugger, left. He said no.",
            [("Mark McGwire", "PER"), ("St. Louis Cardinals", "ORG")],
        ),
        (
            "(Near [LOC Urbana ] -[LOC Champaign ] , \"so\"  far) the [ORG Treasury 's Office ]  is.\n\nIt's big.",
            "brackets-inline",
            "(Near Urbana-Champaign, \"so\"  far) the Treasury's Office is.\n\nIt's big.",
            [("Urbana", "LOC"), ("Champaign", "LOC"), ("Treasury's Office", "ORG")],
        ),
        (
            "[PER Wolff ] , currently a journalist in [LOC Argentina ] , played with [PER Del Bosque ] .",
            "brackets-task",
            "Wolff, currently a journalist in Argentina, played with Del Bosque.",
            [("Wolff", "PER"), ("Argentina", "LOC"), ("Del Bosque", "PER")],
        ),
        (
            "[LOC Urbana ] -[LOC Champaign ] ,",
            "brackets-inline",
            "Urbana-Champaign,",
            [("Urbana", "LOC"), ("Champaign", "LOC")],
        ),
        ("by ([PER IUCN ] ), \nthe", "brackets-inline", "by (IUCN), \nthe", [("IUCN", "PER")]),
        ('[ORG Moon ] ," says', "brackets-inline", 'Moon," says', [("Moon", "ORG")]),
        ("[LOC Paris ] is nice.", "brackets-task", "Paris is nice.", [("Paris", "LOC")]),
        ("[PER ] and [LOC X] .", "brackets-line", "[PER] and X.", [("X", "LOC")]),
        ("x\u00a0 [LOC y ]  is it,\r\nso (he).", "brackets-inline", "x\u00a0 y is it,\nso (he).", [("y", "LOC")]),
        ("I love the meat ! \n", "brackets", "I love the meat!", []),
        ("I love the meat! Really, I do.\n", "brackets-inline", "I love the meat! Really, I do.", []),
        ("[LOC Rome  ] [LOC Paris  ] \n", "brackets", "Rome Paris", [("Rome", "LOC"), ("Paris", "LOC")]),
        (
            "[WORK_OF_ART Faust  ] , [GPE Rome  ] \n",
            "brackets",
            "Faust, Rome",
            [("Faust", "WORK_OF_ART"), ("Rome", "GPE")],
        ),
        ("", "brackets", "", []),
    ],
)
def test_each_form_is_told_and_read(markup: str, form: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert detect(markup, ReadOptions()).name == form
    document = from_brackets(markup)
    assert document.text == text
    assert entities(document) == expected


@pytest.mark.parametrize(
    ("markup", "text", "expected"),
    [
        ("See [ 1 ] and [LOC Rome  ] . \n", "See [1] and Rome.", [("Rome", "LOC")]),
        ("[LOC Rome [ 1 ]  ] . \n", "Rome [1].", [("Rome [1]", "LOC")]),
        ("The [LOCAL ] press of [LOC Rome  ] . \n", "The [LOCAL] press of Rome.", [("Rome", "LOC")]),
        ("see [sic ] , [1 ] , [a b ] , [A1 ] . \n", "see [sic], [1], [a b], [A1].", []),
        ("[PER ] is [PER Bo  ] . \n", "[PER] is Bo.", [("Bo", "PER")]),
        ("the [NOTE see [LOC Rome  ] map ] . \n", "the [NOTE see Rome map].", [("Rome", "LOC")]),
        ("the [PER [ARMY ] unit  ] . \n", "the [ARMY] unit.", [("[ARMY] unit", "PER")]),
        ("[ORG A ] B  ] . \n", "A] B.", [("A] B", "ORG")]),
        ("see [ 1  ] and [ 2 . \n", "see [1] and [2.", []),
        ("[ORG A [ 1 ] B] , [ 2 ] .", "A [1] B, [2].", [("A [1] B", "ORG")]),
        ("[ORG A [ 1 ] B ] , x .", "A [1] B, x.", [("A [1] B", "ORG")]),
        ("[ORG A [ 1 B ] , [LOC C ] , x .", "A [1 B, C, x.", [("A [1 B", "ORG"), ("C", "LOC")]),
        ("see [NOTE this ] and [PER Bo ]  here, there", "see [NOTE this ] and Bo here, there", [("Bo", "PER")]),
    ],
)
def test_brackets_of_the_text_stay(markup: str, text: str, expected: list[tuple[str, str]]) -> None:
    document = from_brackets(markup)
    assert document.text == text
    assert entities(document) == expected


@pytest.mark.parametrize(
    ("markup", "message"),
    [
        ("a\nb [LOC Rome and . \n", "x.txt:2:3: unclosed bracket: the entity that opens with [LOC is not closed"),
        ("[LOC Rome and [LOC Paris  ] . \n", "x.txt:1:1: unclosed bracket: the entity that opens with [LOC is not"),
        ("[LOC Rome [PER Bo  ]  ] . \n", "x.txt:1:11: bracket in a bracket: [PER opens inside the entity [LOC"),
        ("[LOC Rome [PER Bo ] ] . \n", "x.txt:1:11: bracket in a bracket: [PER opens inside the entity [LOC"),
        ("[LOC Rome [PER Bo]] .", "x.txt:1:11: bracket in a bracket: [PER opens inside the entity [LOC"),
        ("é [PER  ] . \n", "x.txt:1:3: the entity [PER  ] is empty"),
        ("[PER ] .", "x.txt:1:1: the entity [PER ] is empty"),
        (
            "[GENE p53  ] . \n",
            "x.txt:1:1: unknown label GENE (--labels any takes every label, --labels GENE,... those that it names)",
        ),
        ("[GENE p53] and [PER Bo] .", "x.txt:1:1: unknown label GENE"),
        ("[PRE Bo  ] . \n", "x.txt:1:1: unknown label PRE (did you mean PER? --labels any takes every label"),
        *[
            (markup, f"x.txt:1:3: unknown label {label} (did you mean {meant}? --labels any takes every label")
            for label, meant in [("PERS", "PER"), ("ORGANIZATION", "ORG")]
            for markup in [
                f"a [{label} Bo  ] here . \n",
                f"a [{label} Bo ] here . \n",
                f"a [{label} Bo] here . \n",
                f"a [{label} Bo ] here, then.\n",
                f"a [{label} Bo ] here in [LOC Rome ] . \n",
                f"a [{label} Bo ] here in [LOC Rome ]  , then.\n",
                f"a [{label} Bo ] here in [LOC Rome  ] . \n",
                f"a [{label} Bo] here in [LOC Rome  ] . \n",
                f"a [{label} Bo ] here in [LOC Rome] . \n",
            ]
        ],
        *[
            (
                markup,
                f"x.txt:1:5: this entity is closed as in [LOC Venezuela ], and the others as in {others} (close them",
            )
            for markup, others in [
                ("The [LOC Rome ] of [LOC Rome  ] . \n", "[LOC Venezuela  ]"),
                ("The [LOC Rome ] of [LOC Rome] . \n", "[LOC Venezuela]"),
            ]
        ],
        ("[per Bo  ] and [PER Bo  ] . \n", "x.txt:1:10: an entity is closed here, but none is open"),
    ],
)
def test_broken_markup_is_an_error_with_its_place(markup: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        from_brackets(markup, file="x.txt")
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("markup", "labels"),
    [
        ("a [GENE p53 ] here . \n", ["GENE"]),
        ("a [GENE p53 ] here, then [NOTE see there ].\n", ["GENE", "NOTE"]),
        ("a [GENE p53 ] in [LOC Rome [NOTE or so ] ] of [LOC Oslo ] . \n", ["GENE", "NOTE"]),
        ("a [GENE p53] in [LOC Rome [NOTE or so ] , say  ] and [GENE p54 ] . \n", ["GENE", "NOTE", "GENE"]),
        ("see [sic ] , [1 ] , [a b ] , [A1 ] , [NOTE] and [ NOTE this ] . \n", []),
        ("see [sic], [1], [a b], [GENE p53] and [NOTE], he said.\n", []),
    ],
)
def test_what_looks_like_an_entity_and_stays_in_the_text_is_told(markup: str, labels: list[str]) -> None:
    report = Report()
    assert "".join(from_brackets(markup, file="x", report=report).words).count("[") >= len(labels)
    told = [(str(repair.place), repair.text) for repair in report.repairs]
    places = [f"x:1:{found.start() + 1}" for found in re.finditer(r"\[(?:GENE|NOTE) ", markup)]
    assert told == list(zip(places, labels, strict=bool(labels)))
    assert {repair.name for repair in report.repairs} <= {
        "bracket left in the text, as its label is not among --labels"
    }


def test_labels_can_be_named_or_all_be_taken() -> None:
    markup = "[GENE p53  ] in [PER Bo  ] \n"
    assert entities(from_brackets(markup, options=ReadOptions(labels=("any",)))) == [("p53", "GENE"), ("Bo", "PER")]
    with pytest.raises(DataError, match="unknown label PER"):
        from_brackets(markup, options=ReadOptions(labels=("GENE",)))
    with pytest.raises(UsageError, match=r"1:17: unknown label PER \(did you mean PER where --labels says PERR"):
        from_brackets(markup, options=ReadOptions(labels=("GENE", "PERR")))
    literal = from_brackets("In [LOC Rome ]  it rains, [any thing] goes.", options=ReadOptions(labels=("any",)))
    assert literal.text == "In Rome it rains, [any thing] goes."
    own = from_brackets("[gene p53  ] \n", options=ReadOptions(labels=("gene",)))
    assert entities(own) == [("p53", "gene")]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One . \n<p>Two ( 2 ) . \n", "One.\n\nTwo (2)."),
        ("It is <b>bold</b> , so . \n", "It is bold, so."),
        ("Rock &lt ; b&gt ; don&#39 ; t , caf&eacute ; s . \n", "Rock <b> don't, cafés."),
        ("the caf&eacute ; in Rome&#8217 ; s caf&eacute ; . \n", "the café in Rome’s café."),
        ("5 &lt ; 6 &pound ; 5 and Posts&#39 ; aid \n", "5 < 6 £5 and Posts' aid"),
        ("mail <someone@example.org> ! \n", "mail <someone@example.org>!"),
        ("see [LOC <b>Rome</b>  ] , [LOC Pa<i>ris  ] </i> ! \n", "see Rome, Paris!"),
        ("end. <a name=x>¶</a>2 . \nNext ¶3 . \n", "end.\n\n¶2. Next\n\n¶3."),
        ("one\u00a0two \u00a0 three\u200b \ufeff. \n", "one\u00a0two three\u200b \ufeff."),
        ("\ufeffOne , two . \r\nThree . \r\n", "One, two. Three."),
        ("One . \n\nTwo . \n", "One.\n\nTwo."),
    ],
)
def test_html_and_odd_white_space(markup: str, text: str) -> None:
    assert from_brackets(markup).text == text


def test_no_sentence_begins_inside_an_entity() -> None:
    document = from_brackets("See [LOC New<br>York  ] . \nNext . \n")
    assert document.text == "See New\n\nYork. Next."
    assert [document.words[first] for first, _ in document.sentence_ranges()] == ["See", "Next"]
    assert entities(document) == [("New\n\nYork", "LOC")]


def test_an_entity_inside_a_tag_is_reported() -> None:
    report = Report()
    document = from_brackets('a <img alt= " [LOC Rome  ] " > b \n', report=report, file="x.txt")
    assert document.text == "a b"
    assert report.lost == [Loss("span", "x.txt:1:15", "Rome", "no text of it is left outside HTML tags")]
    assert (report.read.spans, report.read.labels["LOC"]) == (1, 1)
    with pytest.raises(DataError, match="lost span 'Rome'"):
        from_brackets('a <img alt= " [LOC Rome  ] " > b \n')


def test_an_entity_that_opens_or_closes_inside_a_tag_keeps_its_words() -> None:
    assert entities(from_brackets("x [LOC Rome <a  ] href='y'>z</a> \n")) == [("Rome", "LOC")]
    assert entities(from_brackets("x <a href= [LOC y > Rome  ] </a> \n")) == [("Rome", "LOC")]


PIECES = ["[LOC Rome  ]", "[PER A. B's  ]", *'[](),."?\n', "'s", "word", "<b>", "&lt ;", "¶1", "<p>"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)


@given(TEXTS)
def test_every_word_is_in_the_text_and_every_offset_slices_to_its_word(markup: str) -> None:
    report = Report()
    try:
        document = from_brackets(markup + " \n", report=report)
    except DataError:  # a closing in a bracket of the text
        return
    assert "".join(document.words) == "".join(document.text.split())
    assert len(document.spans) + len(report.lost) == markup.count("[LOC ") + markup.count("[PER ")
    assert {document.text[a:b] for a, b, _ in document.spans} <= {"Rome", "A. B's"}


@given(st.text("[]LOC PER\n <a>&;\"'¶\u00a0", max_size=40))
def test_any_text_is_read_or_refused_with_a_place(markup: str) -> None:
    place: Place | None = Place("-", 1)
    try:
        from_brackets(markup, report=Report())
    except DataError as error:
        place = error.place
    assert place is not None
    assert place.line is not None


@pytest.mark.parametrize(
    ("known", "label", "error", "todo"),
    [
        ("LOCC", "LOC", UsageError, "did you mean LOC where --labels says LOCC?"),
        ("PER", "PERS", DataError, "did you mean PER? --labels any takes every label"),
        ("PER", "GENE", DataError, "--labels any takes every label"),
    ],
)
def test_a_label_is_misspelt_in_the_text_or_in_the_command(
    known: str, label: str, error: type[NerconvError], todo: str
) -> None:
    with pytest.raises(NerconvError) as found:
        from_brackets(f"[{label} Bo  ] left . \n", options=ReadOptions(labels=(known,)))
    assert type(found.value) is error
    assert found.value.todo.startswith(todo)
