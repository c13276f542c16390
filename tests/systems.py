"""The same commands under other settings of the system: all of them must write the same bytes.

Run ``python tests/systems.py`` to try every setting by itself. ``python tests/systems.py --digests FILE`` writes the
SHA-256 of all outputs, of this Python and these versions of what nerconv depends on, and ``--compare FILE...`` tells
where such files differ.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
NAMES = ["brackets", "brackets-line", "brackets-inline", "brat", "cogcomp-columns", "conll", "conll-iob1", "conll-io"]
NAMES += ["conll-bioes", "conll-bilou", "conllu", "doccano", "gliner", "huggingface", "jsonl", "label-studio", "rasa"]
NAMES += ["spacy", "spacy-v2", "xml", "enamex", "parquet"]
"""All formats."""
MARKUP = "[PER Zoë Straße  ] met [PER İnci  ] in [LOC Zürich  ] , for the “ fine ” [MISC Ångström  ] prize 🏆 . \n"
TEXT = "Zoë Straße met İnci in Zürich, for the “fine” Ångström prize 🏆."
STEP = 1_000_000_000
TEXTS = frozenset([".stdout", ".stderr"])
JSON = "split statistics-json check-json evaluation-json explain-json".split()
DATA = frozenset(f"{name}.stdout" for name in ["output", *JSON])
"""What is for programs, and so UTF-8 everywhere."""
OWN = "utf-8" if os.name == "posix" else "mbcs"
"""The encoding of streams where PYTHONUTF8 is 0 and nothing else is asked for."""
STRICT = ("-W", "error", *(f"-Wignore::DeprecationWarning:{name}" for name in ("typer", "spacy.cli._util")))
"""Warnings are errors, but for those of what the lowest versions import from the newest click."""


def write_inputs(folder: Path, *, reverse: bool = False) -> None:
    """Write the inputs, files in this order or in the reverse one, all of one time."""
    made = {
        "cables/a.txt": next((ROOT / "data" / "cables").glob("*.txt")).read_text(encoding="utf-8"),
        **{f"made/{name}.txt": f"{MARKUP}{name} [LOC Rome  ] . \n" for name in "Ähre Zorn ärgern zart".split()},
        "made/below/é.txt": MARKUP * 3,
        "made/below/z.txt": "Nobody was there . \n",
        "brat/ü/ö.txt": TEXT,
        "brat/ü/ö.ann": "T1\tPER 0 10\tZoë Straße\nT2\tLOC 23 29\tZürich\nN1\tReference T2 Wikidata:Q72\tZürich\n",
        "records.jsonl": "".join(
            json.dumps({"text": TEXT, "spans": [{"start": 23, "end": 29, "label": label}], "meta": {"id": f"ä/{n}"}})
            + "\n"
            for n, label in enumerate(["LOC", "ORT", "ÖRT"])
        ),
        "bad/ß.txt": "[LOC Zürich . \n",
    }
    for name, content in sorted(made.items(), reverse=reverse):
        path = folder / os.fsdecode(name.encode())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
        os.utime(path, ns=(STEP, STEP))


def commands(where: str) -> Iterator[tuple[str, list[str]]]:
    """What is run, by the name of the output; the inputs are in a folder."""
    markup = [f"{where}/cables", f"{where}/made"]
    every = [*markup, f"{where}/brat", f"{where}/records.jsonl"]
    gold = f"{where}/cables"
    for name in NAMES:
        options = ["--report", f"{name}.json", "--keep-going", "--tokenizer", "en"]
        yield f"to-{name}", ["convert", *every, "--to", name, "-o", f"to-{name}", *options]
        labels = ["--labels", "any"] if name.startswith("brackets") else []
        yield f"from-{name}", ["convert", f"to-{name}", *labels, "-o", f"from-{name}.jsonl"]
    yield "shards", ["convert", *every, "--to", "jsonl,brat", "--shard-size", "3", "-o", "shards", "-q"]
    yield "processes", ["convert", *every, "--to", "jsonl", "--shard-size", "3", "-j", "2", "-o", "processes", "-q"]
    yield "output", ["convert", *every, "--to", "jsonl", "-o", "-"]
    yield "mapped", ["convert", gold, "--map", "MISC=ORG", "--drop", "PER", "-o", "mapped.conll"]
    yield "statistics", ["stats", *every, "--html", "statistics.html"]
    yield "statistics-json", ["stats", *every, "--json"]
    yield "statistics-markdown", ["stats", *every, "--markdown"]
    yield "check", ["check", *every]
    yield "check-json", ["check", *every, "--json"]
    yield "evaluation", ["evaluate", gold, "mapped.conll", "--html", "evaluation.html", "--errors"]
    yield "evaluation-json", ["evaluate", f"{where}/made", f"{where}/made", "--bootstrap", "200", "--json"]
    yield "evaluation-markdown", ["evaluate", gold, "mapped.conll", "--markdown"]
    yield "evaluation-conlleval", ["evaluate", gold, "mapped.conll", "--conlleval"]
    yield "agreement", ["agree", gold, "mapped.conll"]
    yield "split", ["split", gold, "-o", "split", "--split-by", "sentence", "--to", "jsonl,spacy", "--json"]
    yield "folds", ["split", gold, "-o", "folds", "--split-by", "sentence", "--folds", "3", "--to", "conll"]
    yield "project", ["prepare", gold, "-o", "project", "--split-by", "sentence"]
    yield "view", ["view", *every]
    yield "view-page", ["view", *every, "--html", "view.html"]
    yield "explain", ["explain", "--file", f"{where}/cables/a.txt"]
    yield "explain-json", ["explain", "--file", f"{where}/cables/a.txt", "--json"]
    yield "formats", ["formats"]
    yield "formats-rasa", ["formats", "rasa"]
    yield "bad", ["convert", f"{where}/bad", "-o", "bad.jsonl"]
    yield "nothing", ["check", gold, "--ignore", "a,b,c", "--ignore", "d"]


def run(where: str) -> None:
    """Run all commands in the working directory, each with streams as Python opens them."""
    from converters.cli import main

    codes = {}
    for name, arguments in commands(where):
        sys.argv = ["nerconv", *arguments]
        with open(f"{name}.stdout", "wb") as out, open(f"{name}.stderr", "wb") as err:
            for stream, file in (("stdout", out), ("stderr", err)):
                own = getattr(sys, f"__{stream}__")
                setattr(sys, stream, io.TextIOWrapper(file, own.encoding, own.errors))
            try:
                main()
            except SystemExit as end:
                codes[name] = end.code
            finally:
                sys.stdout.close()
                sys.stderr.close()
                sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    Path("codes.json").write_text(json.dumps(codes, indent=1), encoding="utf-8")


class Setting(NamedTuple):
    """A setting of the system: variables, options of Python, and in which order files were made."""

    variables: Mapping[str, str] = {}
    options: tuple[str, ...] = ()
    reverse: bool = False
    umask: int = 0o022
    encoding: str = "utf-8"
    absolute: bool = False


def locale(folder: Path, name: str, encoding: str) -> dict[str, str] | None:
    """The variables that choose a locale, which is made where the system can make one."""
    if not shutil.which("localedef"):
        return None
    made = folder / f"{name}.{encoding}"
    subprocess.run(["localedef", "-i", name, "-f", encoding, str(made)], capture_output=True)
    return {"LOCPATH": str(folder), "LC_ALL": made.name, "PYTHONUTF8": "0"} if made.exists() else None


def outputs(folder: Path, setting: Setting, name: str = "work") -> dict[str, bytes]:
    """What all commands write under a setting, by the names of the files."""
    work = folder / name
    work.mkdir()
    write_inputs(work / "in", reverse=setting.reverse)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    environment |= {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONUTF8": "1", "TZ": "UTC", **setting.variables}
    where = str(work / "in") if setting.absolute else "in"
    code = "import sys; sys.path.insert(0, sys.argv[1]); import systems; systems.run(sys.argv[2])"
    call = [sys.executable, *setting.options, "-c", code, str(Path(__file__).parent), where]
    old = os.umask(setting.umask)
    try:
        done = subprocess.run(call, cwd=work, env=environment, capture_output=True)
    finally:
        os.umask(old)
    if done.returncode:
        raise AssertionError(done.stderr.decode(errors="replace"))
    shutil.rmtree(work / "in")
    found = sorted(os.path.join(parent, name) for parent, _, files in os.walk(work) for name in files)
    return {os.fsencode(os.path.relpath(path, work)).decode("utf-8"): Path(path).read_bytes() for path in found}


def differences(plain: Mapping[str, bytes], found: Mapping[str, bytes], setting: Setting) -> list[str]:
    """The names of files that are not what they are elsewhere.

    Text on a terminal is in its encoding, what that has not in Python's escapes. Absolute paths are told in messages
    and reports, so only what was converted is compared.
    """
    wrong = []
    for name in sorted({*plain, *found}):
        expected = plain.get(name)
        if expected is not None and Path(name).suffix in TEXTS and name not in DATA:
            expected = expected.decode().encode(setting.encoding, "backslashreplace")
        if setting.absolute and not name.startswith(("to-", "shards/part")):
            continue
        if setting.absolute and Path(name).suffix in TEXTS:
            continue
        if found.get(name) != expected:
            wrong.append(name)
    return wrong


def settings(folder: Path) -> dict[str, Setting]:
    """All settings by name, those of locales that this system cannot make left out."""
    found = {
        "LC_ALL=C": Setting({"LC_ALL": "C"}),
        "LC_ALL=C PYTHONUTF8=0": Setting({"LC_ALL": "C", "PYTHONUTF8": "0"}, encoding=OWN),
        "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0": Setting(
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, encoding=OWN
        ),
        "PYTHONIOENCODING=cp1252": Setting({"PYTHONIOENCODING": "cp1252"}, encoding="cp1252"),
        "hash seed 0": Setting({"PYTHONHASHSEED": "0"}),
        "hash seed 1": Setting({"PYTHONHASHSEED": "1"}),
        "hash seed random": Setting({"PYTHONHASHSEED": "random"}),
        "TZ=Asia/Tokyo": Setting({"TZ": "Asia/Tokyo"}),
        "TZ=America/St_Johns": Setting({"TZ": "America/St_Johns"}),
        "PYTHONDONTWRITEBYTECODE": Setting({"PYTHONDONTWRITEBYTECODE": "1"}),
        "files made in reverse": Setting(reverse=True),
        "umask 077": Setting(umask=0o077),
        "absolute paths": Setting(absolute=True),
        "-W error": Setting(options=STRICT),
        "-X dev": Setting(options=("-X", "dev", *STRICT)),
        "-O": Setting(options=("-O",)),
        "-OO": Setting(options=("-OO",)),
    }
    for name, encoding in [("de_DE", "ISO-8859-1"), ("tr_TR", "ISO-8859-9"), ("tr_TR", "UTF-8")]:
        if variables := locale(folder, name, encoding):
            found[f"{name}.{encoding}"] = Setting(variables, encoding=encoding)
    return found


def content(name: str, data: bytes) -> bytes:
    """What an output says, where its bytes are the choice of a library, or of the system in spelling a path."""
    suffix = Path(name).suffix
    if suffix == ".spacy":
        return zlib.decompress(data)
    if suffix == ".parquet":
        from pyarrow import BufferReader, parquet

        table = parquet.read_table(BufferReader(data))
        return repr((table.schema.types, table.schema.metadata, table.to_pydict())).encode()
    if suffix == ".cfg":
        from thinc.api import Config

        return json.dumps(Config().from_bytes(data, interpolate=False), sort_keys=True).encode()
    return data.replace(b"\\\\", b"/").replace(b"\\", b"/")


def compare(files: Sequence[str]) -> bool:
    """Whether all digests are those in the first file; tells which are not."""
    first, *others = (json.loads(Path(file).read_text(encoding="utf-8")) for file in files)
    wrong = [[name for name in sorted({*first, *found}) if first.get(name) != found.get(name)] for found in others]
    for file, names in zip(files[1:], wrong, strict=True):
        print(f"{file}: {', '.join(names) or 'the same'}")
    return not any(wrong)


def main() -> None:
    """Try all settings, or write or compare the digests of outputs."""
    if sys.argv[1:2] == ["--compare"]:
        sys.exit(not compare(sys.argv[2:]))
    with tempfile.TemporaryDirectory() as folder:
        plain = outputs(Path(folder), Setting())
        if sys.argv[1:2] == ["--digests"]:
            digests = {name: hashlib.sha256(content(name, data)).hexdigest() for name, data in plain.items()}
            Path(sys.argv[2]).write_text(json.dumps(digests, indent=1), encoding="utf-8", newline="\n")
            return
        print(f"{len(plain)} outputs")
        ok = True
        for number, (name, setting) in enumerate(settings(Path(folder)).items()):
            try:
                wrong = differences(plain, outputs(Path(folder), setting, f"work-{number}"), setting)
            except AssertionError as error:
                wrong = [str(error)]
            ok &= not wrong
            print(f"{name}: {', '.join(wrong) or 'the same'}", flush=True)
    sys.exit(not ok)


if __name__ == "__main__":
    main()
