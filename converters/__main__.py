"""Run with ``python -m converters``."""

from .cli import main

main()
