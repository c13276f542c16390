"""The command line: what was asked for goes to the library, and what the library says goes to the terminal.

Only this package prints and only it exits. Its modules import the library inside the commands, so that ``--help``
waits for nothing. Exit status: 0 done, 1 the data is at fault, 2 the command is.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ..docstrings import docstring
from .check import check
from .convert import convert, explain, list_formats
from .corpus import stats
from .evaluate import agree, evaluate
from .prepare import prepare, split
from .terminal import finish, say, stand_in_for_closed_streams, write_alike_everywhere
from .view import view

app = typer.Typer(
    name="nerconv",
    help="Named-entity annotations between formats, with exact offsets and nothing lost in silence.",
    epilog="Example: nerconv convert data/cables -o corpus. nerconv COMMAND --help tells of a command's options.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        from .. import __version__

        typer.echo(f"nerconv {__version__}")
        raise typer.Exit


for command in (convert, check, stats, view, split, prepare, evaluate, agree, explain):
    app.command(help=docstring(command))(command)
app.command("formats", help=docstring(list_formats))(list_formats)


def main() -> None:
    """Run the command line. Nothing that goes wrong is a traceback, unless the environment has NERCONV_TRACEBACK."""
    stand_in_for_closed_streams()
    write_alike_everywhere()
    try:
        try:
            app(prog_name="nerconv")
        finally:
            finish(sys.stdout)
    except OSError as error:  # of standard output; what happens to files is an error of the library
        if not isinstance(error, BrokenPipeError):
            say(f"{error.filename or 'standard output'}: {error.strerror or error}")
        sys.exit(1)
    except MemoryError:
        say("nerconv: there is too little memory (leave out the largest file, or divide it)")
        sys.exit(1)
    except Exception as error:
        if os.environ.get("NERCONV_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        say(f"nerconv: {what} (this is a fault of nerconv; please report it, with what NERCONV_TRACEBACK=1 shows)")
        sys.exit(1)
