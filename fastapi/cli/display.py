"""What the command says to people: lines with a tag in front."""

from pathlib import Path

import typer

_WIDTH = 11
_TITLE, _TAG = (0, 148, 133), (0, 113, 102)


def line(text: str = "", tag: str = "", *, title: bool = False) -> None:
    """Prints a line to stdout, its tag on a coloured ground where it is a terminal."""
    label = f" {tag} " if tag else ""
    ground = typer.style(label, fg="white", bg=_TITLE if title else _TAG) if tag else ""
    typer.echo(f"{' ' * (_WIDTH - len(label))}{ground}   {text}".rstrip())


def refuse(text: str) -> typer.Exit:
    """Prints what is wrong and makes the exception that ends the command with status 1."""
    line()
    line(typer.style(text, fg="red"))
    return typer.Exit(1)


def place(path: Path) -> str:
    """A path as short as it is clear: from the working directory, if it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
