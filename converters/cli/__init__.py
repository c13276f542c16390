"""The command line: what was asked for goes to the library, and what the library says goes to the terminal.

Only this package prints and only it exits. Its modules import the library inside the commands, so that ``--help``
waits for nothing. Exit status: 0 done, 1 the data is at fault, 2 the command is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from ..docstrings import docstring
from .check import check
from .convert import convert, explain, list_formats
from .corpus import stats
from .evaluate import agree, evaluate
from .prepare import prepare, split
from .terminal import finish, say, stand_in_for_closed_streams, write_alike_everywhere
from .view import view


class _Plain:
    """A command whose help shows the words of this project for values, and no types of Python."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its arguments and options; a flag takes no value, so it shows none."""
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in found:
            if isinstance(parameter, TyperArgument):
                parameter.display_type_rich = lambda ctx: None  # type: ignore[method-assign]  # its name tells
            elif parameter.is_flag:
                parameter.metavar = ""
        return found


class _Command(_Plain, TyperCommand):
    """One of the commands."""


class _Group(_Plain, TyperGroup):
    """The command that has the others."""


app = typer.Typer(
    name="nerconv",
    cls=_Group,
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


def _add(command: Callable[..., None], name: str | None = None) -> None:
    help = docstring(command)
    app.command(name, cls=_Command, help=help, short_help=" ".join(help.split("\n\n")[0].split()))(command)


for command in (convert, check, stats, view, split, prepare, evaluate, agree, explain):
    _add(command)
_add(list_formats, "formats")


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
