"""One sentence for what a user can put right, and the exit code that goes with it."""

import functools
import os
import sys

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import typer

from darkreach.study.catalogue import PACKAGE
from darkreach.study.values import InputError

P = ParamSpec("P")
R = TypeVar("R")
WRONG_INPUT: Final = 2
INTERRUPTED: Final = 130
INTERRUPTED_TEXT: Final = (
    "interrupted; nothing is half-written, and a scan that is started again continues"
)
# Typer's error for words that it cannot read; older versions take Click's
USAGE: Final[type[Exception]] = typer.BadParameter.__mro__[1]


def _is_ours(error: BaseException) -> bool:
    """Whether our own code raised it, so that its message is meant for the user."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    return Path(trace.tb_frame.f_code.co_filename).is_relative_to(PACKAGE)


def say(message: str) -> None:
    """A sentence on stderr."""
    typer.echo(f"darkreach: {message}", err=True)


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command end with a sentence on stderr and no traceback.

    An error of JAX or NumPy that is no `InputError` is a bug, and keeps its traceback.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            say(INTERRUPTED_TEXT)
            raise typer.Exit(INTERRUPTED) from None
        except ValueError as error:
            if not isinstance(error, InputError) and not _is_ours(error):
                raise
            say(str(error))
            raise typer.Exit(WRONG_INPUT) from None
        except BrokenPipeError:  # the reader of a pipe has gone: typer ends quietly
            raise
        except OSError as error:
            named = f" {error.filename!r}" if error.filename else " a file"
            say(f"cannot use{named}: {error.strerror or error}")
            raise typer.Exit(WRONG_INPUT) from None

    return wrapped


def run_plainly(app: typer.Typer) -> None:
    """Run the command line; words that cannot be read end with a sentence as well."""
    try:
        code = app(standalone_mode=False, prog_name="darkreach")
    except KeyboardInterrupt:
        say(INTERRUPTED_TEXT)
        code = INTERRUPTED
    except USAGE as error:
        code = _refused(error)
    if code == INTERRUPTED:
        _leave_at_once()
    sys.exit(code)


def _refused(error: Any) -> int:
    if len(sys.argv) > 1:
        say(usage(error))
    else:  # no words at all: the help
        error.show()
    return WRONG_INPUT


def usage(error: Any) -> str:
    """Typer's error as one sentence, with the value that was given."""
    text = " ".join(error.format_message().split()).rstrip(".")
    text = text.replace(". Did you mean", "; did you mean")
    near = getattr(error, "possibilities", None)
    cause = error.__cause__  # of Pydantic, where the version of Typer uses it
    if near:
        text = f"{error.message}; did you mean {' or '.join(sorted(near))}?"
    elif hasattr(cause, "errors"):
        name = error.param.get_error_hint().replace("'", "")
        wanted = error.message.partition(",")[0].replace("Input", "it")
        text = f"{name} is {cause.errors()[0]['input']!r}; {wanted}"
    return f"{text[:1].lower()}{text[1:]} (--help shows what is expected)"


def _leave_at_once() -> None:
    """End without the interpreter's cleaning up, under which XLA's threads crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
