"""Records of JSON files: where each value stands, and what becomes of lines that are no JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import DataError, Document, Report, Tokens, records, write
from converters import read as documents
from converters.errors import Place
from converters.records import (
    EXTRA,
    At,
    Record,
    expect,
    field,
    first_fields,
    further_fields,
    identifier,
    json_records,
    parted,
    shown,
    with_extra,
)
from converters.source import Source, whole

SOURCE = Source("a.json", "a", "a.json")


def read(text: str, encoding: str = "utf-8") -> list[Record | DataError]:
    return list(json_records(BytesIO(text.encode(encoding)), SOURCE, encoding))


def found(text: str, encoding: str = "utf-8") -> list[Record]:
    """The records of a file of which none is wrong. Raises the first error."""
    return list(whole(read(text, encoding)))


def parts(text: str) -> tuple[list[Record], list[DataError]]:
    """The records of a file, and the errors that stand among them."""
    items = read(text)
    return [item for item in items if isinstance(item, Record)], [item for item in items if isinstance(item, DataError)]


def place(text: str, *path: str | int, number: int = 0) -> tuple[int | None, int | None]:
    """Line and column of an error in the value that a path leads to in a record of a file."""
    error = At(found(text)[number], path).error("what", "todo")
    assert (error.what, error.todo) == ("what", "todo")
    assert error.place is not None
    assert error.place.file == "a.json"
    return error.place.line, error.place.column


def pointed(text: str, *path: str | int, number: int = 0) -> str:
    """The text from there on."""
    line, column = place(text, *path, number=number)
    assert line is not None
    assert column is not None
    return text.split("\n")[line - 1][column - 1 :]


# Places

NESTED = '  {"a": {"b": [10, {"c": null}, [[]], "]}"], "": 7}, "d": "x" , "e":[ ]}'


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ((), NESTED[2:]),
        (("a",), '{"b": [10, {"c": null}, [[]], "]}"], "": 7}, "d": "x" , "e":[ ]}'),
        (("a", "b"), '[10, {"c": null}, [[]], "]}"], "": 7}, "d": "x" , "e":[ ]}'),
        (("a", "b", 0), '10, {"c": null}, [[]], "]}"], "": 7}, "d": "x" , "e":[ ]}'),
        (("a", "b", 1), '{"c": null}, [[]], "]}"], "": 7}, "d": "x" , "e":[ ]}'),
        (("a", "b", 1, "c"), 'null}, [[]], "]}"], "": 7}, "d": "x" , "e":[ ]}'),
        (("a", "b", 2, 0), '[]], "]}"], "": 7}, "d": "x" , "e":[ ]}'),
        (("a", "b", 3), '"]}"], "": 7}, "d": "x" , "e":[ ]}'),
        (("a", ""), '7}, "d": "x" , "e":[ ]}'),
        (("d",), '"x" , "e":[ ]}'),
        (("e",), "[ ]}"),
    ],
)
def test_an_error_is_at_the_column_of_its_value(path: tuple[str | int, ...], rest: str) -> None:
    assert pointed(NESTED, *path) == rest
    assert place(f"\n{NESTED}", *path) == (2, len(NESTED) - len(rest) + 1)


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (("x",), ()),
        (("x", "y", 0), ()),
        ((0,), ()),  # of an object, which has no items
        (("a", "x"), ("a",)),
        (("a", 0), ("a",)),
        (("a", "b", 4), ("a", "b")),
        (("a", "b", -1), ("a", "b")),
        (("a", "b", "x"), ("a", "b")),
        (("a", "b", 0, "x"), ("a", "b", 0)),
        (("a", "b", 1, "x", "y"), ("a", "b", 1)),
        (("a", "b", 1, "c", "x"), ("a", "b", 1, "c")),
        (("a", "b", 2, 0, 0), ("a", "b", 2, 0)),
        (("a", "b", 3, 0), ("a", "b", 3)),
        (("d", 0), ("d",)),
        (("e", 0), ("e",)),
    ],
)
def test_what_is_not_there_is_at_the_last_value_on_the_way(
    path: tuple[str | int, ...], nearest: tuple[str | int, ...]
) -> None:
    assert place(NESTED, *path) == place(NESTED, *nearest)


def test_values_that_are_looked_for_one_after_another_are_where_each_is_by_itself() -> None:
    text = json.dumps({"a": [{"b": [1, [2, 3], "x"]}, [], {}], "c": {"d": 7}})
    ways: list[tuple[str | int, ...]] = [("a", 0, "b", 1, 1), ("c", "d"), ("a", 2), ("a", 0, "b", 0), ("a", 9), ("c",)]
    alone = []
    for way in ways:
        records._finder.cache_clear()
        alone.append(place(text, *way))
    assert [place(text, *way) for way in ways] == alone
    assert len({*alone}) == len(ways)


ARRAY = """
 [ {"text": "é😀", "spans": [
{"start": 0},
\t{"start":
 1}]},
{"text": "x"}  , 7
]
"""


@pytest.mark.parametrize(
    ("number", "path", "expected"),
    [
        (0, (), (2, 4)),
        (0, ("text",), (2, 13)),
        (0, ("spans",), (2, 28)),
        (0, ("spans", 0), (3, 1)),
        (0, ("spans", 0, "start"), (3, 11)),
        (0, ("spans", 0, "end"), (3, 1)),
        (0, ("spans", 1), (4, 2)),
        (0, ("spans", 1, "start"), (5, 2)),
        (0, ("spans", 2), (2, 28)),
        (1, (), (6, 1)),
        (1, ("text",), (6, 10)),
        (1, ("spans", 0), (6, 1)),
        (2, (), (6, 18)),
        (2, ("text",), (6, 18)),
    ],
)
@pytest.mark.parametrize("text", [ARRAY, ARRAY.replace("\n", "\r\n"), "\ufeff" + ARRAY.lstrip()])
def test_the_places_in_an_array_over_several_lines(
    number: int, path: tuple[str | int, ...], expected: tuple[int, int], text: str
) -> None:
    line, column = expected
    if text.startswith("\ufeff"):  # which is no column
        line, column = line - 1, column - (line == 2)
    assert place(text, *path, number=number) == (line, column)


def test_the_places_do_not_depend_on_the_encoding() -> None:
    for encoding in ("utf-8", "utf-16", "utf-16-le"):
        records = found(ARRAY, encoding)
        error = At(records[0], ("spans", 1, "start")).error("x")
        assert error.place == Place("a.json", 5, 2)
        assert [record.place for record in records] == [
            Place("a.json", 2, 4),
            Place("a.json", 6, 1),
            Place("a.json", 6, 18),
        ]


def test_keys_may_be_escaped() -> None:
    text = r'{"\u0061\"\\": 1, "a": {"\ud83d\ude00": 2, "\u00e9": 3}, "\u0062": 4, "\\u0062": 5}'
    assert pointed(text, 'a"\\').startswith("1, ")
    assert pointed(text, "a", "😀").startswith("2, ")
    assert pointed(text, "a", "é").startswith("3}, ")
    assert pointed(text, "b").startswith("4, ")
    assert pointed(text, "\\u0062") == "5}"


@pytest.mark.parametrize(
    ("path", "rest"),
    [(("a",), '[3], "b": 4}'), (("a", 0), '3], "b": 4}'), (("b",), "4}"), (("b", "c"), "4}")],
)
def test_of_keys_that_come_twice_the_last_is_meant(path: tuple[str | int, ...], rest: str) -> None:
    text = '{"a": 1, "b": {"c": 2}, "a": [3], "b": 4}'
    error = At(Record(json.loads(text), Place("a.json", 1), text), path).error("x")
    assert error.place == Place("a.json", 1, len(text) - len(rest) + 1)


def test_a_key_that_comes_twice_is_an_error() -> None:
    records, failures = parts('{"a": 1, "b": {"a": 2}}\n{"b": [{"a": 1, "\\u0061": 1}]}\n{"a": 3}')
    assert [record.value for record in records] == [{"a": 1, "b": {"a": 2}}, {"a": 3}]
    [failure] = failures
    assert failure.place is not None
    assert failure.place.line == 2
    assert "the field 'a' comes twice" in failure.what


@pytest.mark.parametrize(
    ("text", "rest", "key"),
    [
        ('{"a": 1, "b": 2, "a": 1}', '"a": 1}', "a"),
        ('{"b": {"a": 1}, "c": [{"a": 1, "é": 2, "\\u00e9": 3}]}', '"\\u00e9": 3}]}', "é"),
        ('[{"a": 1}, {"a": 1, "a": 2}]', '"a": 2}]', "a"),
    ],
)
def test_a_key_that_comes_twice_is_told_where_it_does(text: str, rest: str, key: str) -> None:
    with pytest.raises(DataError) as error:
        found(text)
    assert str(error.value).startswith(f"a.json:1:{len(text) - len(rest) + 1}: ")
    assert f"the field {key!r} comes twice" in str(error.value)


def test_a_record_without_text_has_its_own_place() -> None:
    record = Record({"a": 1}, Place("a.parquet", 7))
    assert (At(record) / "a").error("x").place == Place("a.parquet", 7)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
MARK = "the only one"


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths to all values in a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


@given(st.lists(JSON, min_size=1, max_size=3), st.data(), st.booleans(), st.sampled_from([None, 0, 2]), st.booleans())
def test_any_value_is_found(
    values: list[Any], data: st.DataObject, is_escaped: bool, indent: int | None, is_array: bool
) -> None:
    number = data.draw(st.integers(0, len(values) - 1))
    path = data.draw(st.sampled_from(list(paths(values[number]))))
    marked = deepcopy(values)
    holder: Any = marked
    for step in (number, *path)[:-1]:
        holder = holder[step]
    holder[(number, *path)[-1]] = MARK
    marked = [{"r": value} for value in marked]
    path = ("r", *path)
    if is_array:
        text = json.dumps(marked, ensure_ascii=is_escaped, indent=indent)
    else:
        text = "\n".join(" " * (indent or 0) + json.dumps(value, ensure_ascii=is_escaped) for value in marked)
    assert [record.value for record in found(text)] == marked
    assert pointed(text, *path, number=number).startswith(f'"{MARK}"')
    assert place(text, *path, "none such", number=number) == place(text, *path, number=number)


def test_a_path_says_how_to_get_there() -> None:
    at = At(Record(None, Place("a.json")))
    assert str(at) == "the record"
    assert str(at / "spans" / 0 / "start") == "spans[0].start"
    assert str(at / 1 / "entities" / 12 / 2) == "[1].entities[12][2]"
    assert str(at) == "the record"


# Lines and arrays


def test_lines_that_are_no_json_are_told_and_the_others_read() -> None:
    lines = [
        "\ufeff",
        '{"a": 1}',
        '{"a": 2',
        "  ",
        "what?",
        ' {"a": 3} ',
        '{"a": 4}}',
        "[5]",
        r'{"a": "é \udc00"}',
        '{"a":\t6}\r',
        "[" * 100_000,
    ]
    records, failures = parts("\n".join(lines))
    assert [(record.value, record.place) for record in records] == [
        ({"a": 1}, Place("a.json", 2)),
        ({"a": 3}, Place("a.json", 6)),
        ([5], Place("a.json", 8)),
        ({"a": 6}, Place("a.json", 10)),
    ]
    todo = "a line holds one record, whole"
    assert [(str(failure.place), failure.what, failure.todo) for failure in failures[:4]] == [
        ("a.json:3:8", "this is no JSON: Expecting ',' delimiter", todo),
        ("a.json:5:1", "this is no JSON: Expecting value", todo),
        ("a.json:7:9", "this is no JSON: Extra data", todo),
        (
            "a.json:9:10",
            "a string holds U+DC00, half of a surrogate pair",
            "it is no character and no file can hold it; mend the text",
        ),
    ]
    [deep] = failures[4:]
    assert str(deep.place) == "a.json:11:1"
    assert deep.what.startswith("this is no JSON: ")


def test_a_broken_line_stands_in_its_place_and_the_lines_after_it_are_not_looked_at_yet() -> None:
    file = BytesIO(b'{"a": 1}\n{"a"\n{"a": 2}\n')
    records = json_records(file, SOURCE, "utf-8")
    first, second = next(records), next(records)
    assert isinstance(first, Record)
    assert first.value == {"a": 1}
    assert isinstance(second, DataError)
    assert str(second) == "a.json:2:5: this is no JSON: Expecting ':' delimiter (a line holds one record, whole)"
    assert file.read() == b'{"a": 2}\n'


def test_bytes_of_another_encoding_end_no_file() -> None:
    items = list(json_records(BytesIO(b'{"a": 1}\n{"a": "\xe9\xff"}\n{"a": 3}\r\n'), SOURCE, "utf-8"))
    assert [item.value for item in items if isinstance(item, Record)] == [{"a": 1}, {"a": 3}]
    assert [str(item).split(" (")[0] for item in items if isinstance(item, DataError)] == [
        "a.json:2:8: byte 0xE9 is not UTF-8"
    ]


BROKEN = ["{", '{"a": }', '{"a": 1', "nonsense", '"half', '{"a": 1} {"b": 2}', '{"a": 01}', "{'a': 1}"]


@given(st.lists(st.sampled_from([*BROKEN, '{"a": 1}', '{"a": "é"}', "", " "]), max_size=12))
def test_each_broken_line_is_a_failure_and_each_other_a_record(lines: list[str]) -> None:
    records, failures = parts("\n".join(lines))
    good = [number for number, line in enumerate(lines, 1) if line.strip() and line not in BROKEN]
    assert [record.place.line for record in records] == good
    assert [record.value for record in records] == [json.loads(lines[number - 1]) for number in good]
    places = [failure.place for failure in failures]
    assert [place and place.line for place in places] == [n for n, line in enumerate(lines, 1) if line in BROKEN]


@pytest.mark.parametrize(
    ("text", "values", "failure"),
    [
        ("[]", [], None),
        (" [\n]\n ", [], None),
        ("[1,\n 2]", [1, 2], None),
        ("[1,\n 2", [1, 2], "a.json:2:3: this is no JSON: Expecting ',' delimiter (the file is cut short, or no JSON)"),
        ("[1,\n", [1], "a.json:1:4: this is no JSON: Expecting value (the file is cut short, or no JSON)"),
        ("[1\n 2]", [1], "a.json:2:2: this is no JSON: Expecting ',' delimiter (the file is cut short, or no JSON)"),
        (
            '[1, {"a"},\n 2]',
            [1],
            "a.json:1:9: this is no JSON: Expecting ':' delimiter (the file is cut short, or no JSON)",
        ),
        ("[1]\n 2", [1], "a.json:2:2: this is no JSON: Extra data"),
        (
            '[1, "\\ud800"]',
            [1],
            "a.json:1:6: a string holds U+D800, half of a surrogate pair "
            "(it is no character and no file can hold it; mend the text)",
        ),
    ],
)
def test_what_is_before_a_mistake_in_an_array_is_read(text: str, values: list[Any], failure: str | None) -> None:
    records, failures = parts(text)
    assert [record.value for record in records] == values
    assert [str(error).startswith(failure or "none") for error in failures] == [True] * bool(failure)
    if failure:
        with pytest.raises(DataError) as error:
            found(text)
        assert str(error.value).startswith(failure)


def test_what_is_after_a_string_that_no_file_can_hold_is_read() -> None:
    records, failures = parts('[1, "\\ud800", 3, ["\\udc00"], 5]')
    assert [record.value for record in records] == [1, 3, 5]
    assert [str(failure.place) for failure in failures] == ["a.json:1:6", "a.json:1:20"]


@pytest.mark.parametrize("beginning", ["", "[\n", "[1, "])
def test_numbers_that_are_none_are_told_where_they_are(beginning: str) -> None:
    reasons = dict.fromkeys(("NaN", "Infinity", "-Infinity"), "is not a JSON value")
    for name, reason in (reasons | {"-1e999": "is too large for a number"}).items():
        text = f'{beginning}{{"a": ["{name}", "{name}\\"", 0, {name}]}}'
        with pytest.raises(DataError) as error:
            found(text)
        line, column = text.count("\n") + 1, len(text) - len(name) - 2 - text.rfind("\n")
        assert text.split("\n")[line - 1][column - 1 :] == f"{name}]}}"
        assert str(error.value).startswith(f"a.json:{line}:{column}: this is no JSON: {name} {reason}")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (r'{"a": "\ud83d"}', r'\ud83d"}'),
        (r'{"a": "x\uDC00y"}', r'\uDC00y"}'),
        (r'{"a": "\ud83d\ude00 \ud83d."}', r'\ud83d."}'),  # a whole pair before it
        (r'{"a": "\\ud83d \\\ud83d"}', r'\ud83d"}'),  # a backslash and letters before it
        (r'{"a": "\ud83d\ud83d\ude00"}', r'\ud83d\ud83d\ude00"}'),
        (r'{"a": "\ude00\ud83d"}', r'\ude00\ud83d"}'),
        (r'{"\ude00": 1}', r'\ude00": 1}'),
        (r'[{"a": "\ud83d\ude00"}, {"a": "\ud83d\ude00\ud83d"}]', r'\ud83d"}]'),
    ],
)
def test_half_a_character_is_told_where_it_is(text: str, rest: str) -> None:
    with pytest.raises(DataError) as error:
        found(text)
    assert error.value.place is not None
    assert text[(error.value.place.column or 0) - 1 :] == rest
    assert "half of a surrogate pair" in error.value.what


@pytest.mark.parametrize("text", [r'{"a": "\ud83d\ude00 #"}', r'{"a": "#", "b": "\ud83d"}', r'[{"": "\ud83d\ude00#"}]'])
def test_half_a_character_that_is_not_escaped_is_told_where_it_is(text: str) -> None:
    with pytest.raises(DataError, match=r"a string holds U\+D83D, half of a surrogate pair") as error:
        found(text.replace("#", "\ud83d"), "utf-7")
    assert error.value.place == Place("a.json", 1, text.index("#") + 1)


def test_whole_pairs_and_what_only_looks_like_half_of_one_are_read() -> None:
    text = r'{"a": "\ud83d\ude00 \\ud83d", "b": "\u00e9"}'
    assert [record.value for record in found(text)] == [{"a": "😀 \\ud83d", "b": "é"}]


# Values

AT = At(found('{"a": {"b": [1]}}')[0])


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (1, dict, "a should be an object and is 1"),
        ("é", list, 'a should be an array and is "é"'),
        (None, str, "a should be a string and is missing"),
        (True, int, "a should be a whole number and is true"),
        (1.5, int, "a should be a whole number and is 1.5"),
        (["x" * 99], int, f'a should be a whole number and is ["{"x" * 38}'),
    ],
)
def test_what_is_not_of_its_kind_is_told(value: Any, kind: type, message: str) -> None:
    with pytest.raises(DataError) as error:
        expect(value, kind, AT / "a")
    assert str(error.value) == f"a.json:1:7: {message}"
    with pytest.raises(DataError) as error:
        field({"a": value}, "a", kind, AT)
    assert str(error.value) == f"a.json:1:7: {message}"


def test_what_is_of_its_kind_is_given_back() -> None:
    assert expect({"a": 1}, dict, AT) == {"a": 1}
    assert field([7], 0, int, AT) == 7
    assert field({"a": ""}, "a", str, AT) == ""
    assert field({"a": 0}, "a", int, AT, 5) == 0
    assert field({"a": None}, "a", int, AT, 5) == 5
    assert field({}, "a", int, AT, None) is None
    with pytest.raises(DataError, match=r"^a\.json:1:7: a should be a whole number and is false$"):
        field({"a": False}, "a", int, AT, 5)
    with pytest.raises(DataError, match=r"^a\.json:1:14: a\.b\[0\] should be a string and is 1$"):
        field([1], 0, str, AT / "a" / "b")


def test_an_id_is_a_string_or_a_whole_number() -> None:
    assert identifier({"id": 7}, AT) == "7"
    assert identifier({"id": "a b"}, AT) == "a b"
    assert identifier({"id": 0}, AT) == "0"
    assert identifier({"id": None}, AT) is None
    assert identifier({}, AT) is None
    assert identifier({"name": "x"}, AT, "name") == "x"
    for value in (True, 1.5, [1], {}):
        with pytest.raises(DataError) as error:
            identifier({"b": value}, AT / "a", "b")
        message = f"a.json:1:13: a.b should be a string or a whole number and is {json.dumps(value)}"
        assert str(error.value) == message


def test_an_id_that_is_empty_is_told() -> None:
    with pytest.raises(DataError) as error:
        identifier({"b": ""}, AT / "a", "b")
    assert str(error.value).startswith("a.json:1:13: a.b is empty")


@pytest.mark.parametrize("name", ["annotations", "entities", "ents", "label", "labels", "ner", "spans"])
@pytest.mark.parametrize(
    "entity",
    [
        [0, 1, "X"],
        {"start": 0, "end": 1},
        {"start_offset": 0, "end_offset": 1, "label": "X"},
        {"start_char": 0, "end_char": 1},
    ],
)
def test_entities_of_another_format_are_no_metadata(name: str, entity: object) -> None:
    text = json.dumps({"text": "x", name: ["", entity]})
    [record] = found(text)
    with pytest.raises(DataError) as error:
        further_fields(record.value, ["text"], At(record))
    column = text.index('["') + 1
    assert str(error.value) == (
        f"a.json:1:{column}: {name} has entities as another format has them "
        "(is the file of several formats? divide it, and name each with --from)"
    )
    assert further_fields(record.value, ["text", name], At(record)) == {}


def test_other_fields_are_metadata() -> None:
    record = {"text": "x", "label": ["POSITIVE"], "spans": [[0, 1]], "ner": [], "entities": {"start": 0}, "k": [0, 1]}
    assert further_fields(record, ["text"], AT) == {name: value for name, value in record.items() if name != "text"}
    assert with_extra({"a": 1}, {}) == {"a": 1}
    assert parted(with_extra({"a": 1}, {"b": 2})) == ({"a": 1}, {"b": 2})
    assert parted({"a": 1, "__record__": 3}) == ({"a": 1, "__record__": 3}, {})


def test_a_value_is_shown_as_it_stands_in_the_file() -> None:
    assert shown({"é": [True, None, 0.5]}) == '{"é": [true, null, 0.5]}'
    assert len(shown("x" * 100)) <= 40


def test_the_fields_of_the_first_record() -> None:
    text = b'\xef\xbb\xbf[ {"a\\"": [{"x": 1}], "b" : "c: {", "d":'
    assert [(name, text[begin:]) for name, begin in first_fields(text)] == [
        (b'a\\"', b' [{"x": 1}], "b" : "c: {", "d":'),
        (b"b", b' "c: {", "d":'),
        (b"d", b""),
    ]
    assert [name for name, _ in first_fields(b'{"a": 1} {"b": 2}')] == [b"a"]
    assert [name for name, _ in first_fields(b'{"a": 1}, "b": 2')] == [b"a"]
    assert list(first_fields(b'["a"]')) == []


LOOK_LIKE_ENTITIES = {"spans": [{"start": 0, "end": 4, "label": "PER"}], "labels": [[0, 4, "PER"]]}


@pytest.mark.parametrize("format", ["doccano", "gliner", "huggingface", "jsonl", "spacy-v2"])
def test_metadata_that_look_like_entities_are_not_written_among_the_fields(format: str, tmp_path: Path) -> None:
    """They would be read as entities there, or be an error, and so are told."""
    fields = {"source": "a.xml", **LOOK_LIKE_ENTITIES}
    meta = fields if format == "doccano" else {EXTRA: fields}
    document = Document("Anna left", (), Tokens.make([0, 5], [4, 9]), id="a", meta=meta)
    path, report = tmp_path / "a.json", Report()
    write([document], path, format=format, report=report)
    assert [(loss.kind, loss.text) for loss in report.lost if "place for it" in loss.reason] == [
        ("field", "spans, labels")
    ]
    [back] = documents(path, format=format)
    assert back.spans == ()
    assert '"source": "a.xml"' in path.read_text(encoding="utf-8")
