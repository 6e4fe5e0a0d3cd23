"""The command ``roialign-lab``, in a checkout also ``python -m roialign_lab``: the app, slides, figures, a site."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

NOT_WRITTEN = 1  # the exit code where what was asked for could not be written
WRONG_USAGE = 2  # the one that argparse has for it
INTERRUPTED = 130  # the one that a shell has for Ctrl+C
PACKAGE = Path(__file__).resolve().parent
APP = next(path for path in (PACKAGE / "app" / "app.py", PACKAGE.parent / "app.py") if path.is_file())
"""The app: inside the package once it is installed, beside it in a checkout. Streamlit finds the pages beside it, and
reads ``.streamlit/config.toml`` beside it after all other files, wherever it is started."""
OTHER_OPTIONS = """\
Every other option goes to Streamlit, such as --server.baseUrlPath=lab or
--browser.serverAddress=lab.example.org; "streamlit run --help" lists them.
An environment variable can stand for any option, such as STREAMLIT_SERVER_PORT=8502.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    if sys.stderr is None:  # closed: what is said there goes nowhere, and not to standard output instead
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        _say()  # what argparse printed


def _run(arguments: Sequence[str] | None) -> int:
    program = "python -m roialign_lab" if Path(sys.argv[0]).name == "__main__.py" else "roialign-lab"
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words:
        print(_help(program), file=sys.stderr)
        return WRONG_USAGE
    name, *options = words
    if name in ("-h", "--help"):
        _say(_help(program))
        return 0
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        print(f'{program}: there is no command "{name}". The commands are: {known}.', file=sys.stderr)
        return WRONG_USAGE
    command, _ = COMMANDS[name]
    return command(f"{program} {name}", options)


def _say(words: str = "") -> None:
    """Print words, and all that waits; ends with a sentence where that fails, with none where nobody reads it."""
    try:
        if words:
            print(words)
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes the rest of it at its end
        if not isinstance(error, BrokenPipeError):
            print(f"standard output: {error.strerror}", file=sys.stderr)
        raise SystemExit(NOT_WRITTEN) from None


def run(program: str, arguments: Sequence[str]) -> NoReturn:
    """Start Streamlit with the app, in this process; exits when the server ends."""
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} [--port PORT] [--address ADDRESS] [any option of Streamlit]",
        description="Start the app. Its address is printed; Ctrl+C ends it.",
        epilog=OTHER_OPTIONS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=int, help="the port of this machine to listen at (default 8501)")
    parser.add_argument("--address", help="the address to listen at (default: all addresses of this machine)")
    options, others = parser.parse_known_args(arguments)
    chosen = {"server.port": options.port, "server.address": options.address}
    flags = [f"--{name}={value}" for name, value in chosen.items() if value is not None]

    from streamlit.web import cli  # the other commands do not need it

    sys.exit(cli.main(["run", str(APP), *flags, *others], prog_name="streamlit"))


def deck(program: str, arguments: Sequence[str]) -> int:
    """Make slides from a lesson file."""
    from roialign_lab.export import deck_command  # matplotlib, which the app does not load at its start

    return deck_command.main(program, arguments)


def figure(program: str, arguments: Sequence[str]) -> int:
    """Make the figure of a link."""
    from roialign_lab.export import figure_command

    return figure_command.main(program, arguments)


def worksheet(program: str, arguments: Sequence[str]) -> int:
    """Make sheets to compute by hand."""
    from roialign_lab.export import worksheet_command

    return worksheet_command.main(program, arguments)


def site(program: str, arguments: Sequence[str]) -> int:
    """Build the lesson as a folder of static files."""
    from roialign_lab.site import command

    return command.main(program, arguments)


COMMANDS = {
    "run": (run, "start the app and print its address"),
    "deck": (deck, "make slides from a lesson.toml: PowerPoint, PDF, figures, animations"),
    "figure": (figure, "make the figure of a link for a paper: SVG, PDF, PNG, TikZ"),
    "worksheet": (worksheet, "make sheets to compute by hand, and their keys, as a PDF"),
    "site": (site, "build the lesson as static files that need no server of their own"),
}
"""Each command by its name: the function that runs it, and what it does."""


def _help(program: str) -> str:
    lines = [f"  {name:<11}{summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: {program} COMMAND [options]",
            "",
            "RoIAlign Lab: RoI Pooling, RoI Align and bilinear interpolation, exactly as the libraries compute them.",
            "",
            "commands:",
            *lines,
            "",
            f"{program} COMMAND --help explains a command and its options.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
