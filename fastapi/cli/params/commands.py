"""``fastapi params init``, ``check`` and ``diff``; what they need takes long to import, and other commands do not."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fastapi.cli.display import refuse
from fastapi.cli.loading import load
from fastapi.cli.options import parameter, target_parameters, with_signature

if TYPE_CHECKING:
    from fastapi.params.schema import ParamsSchemaError

params = typer.Typer(
    name="params", help="Write, check and compare the schema file of parameters.", no_args_is_help=True
)


@params.command()
@with_signature(
    [
        *target_parameters(),
        parameter(
            "output",
            Path | None,
            typer.Option(
                "--output",
                "-o",
                help="The file; $FASTAPI_PARAMS_SCHEMA, or params_schema.yaml.",
                show_default=False,
            ),
        ),
        parameter("force", bool, typer.Option("--force", help="Replace a file that exists."), False),
    ]
)
def init(output: Path | None, force: bool, **target: Any) -> None:
    """Write the schema file of an application, with its parameters as the code declares them."""
    from fastapi.cli.params.initial import write
    from fastapi.cli.params.text import SUFFIXES
    from fastapi.params.schema_file import NAMES, VARIABLE

    path = output or Path(os.environ.get(VARIABLE) or NAMES[0])
    if path.suffix.lower() not in SUFFIXES:
        raise refuse(f"{path}: the ending is none of {', '.join(SUFFIXES)}.")
    if path.exists() and not force:
        raise refuse(f"{path} exists. Replace it with --force, or write another file with --output.")
    written = write(load(**target).routes, path)
    typer.echo(f"{path}: {sum(map(len, written.values()))} parameters of {len(written)} functions.")


@params.command()
@with_signature(
    [
        *target_parameters(),
        parameter(
            "schema",
            Path | None,
            typer.Option(help="The file, if it is not the one that is found.", show_default=False),
        ),
        parameter(
            "complete",
            bool,
            typer.Option("--complete", help="Also report parameters that the file does not declare."),
            False,
        ),
    ]
)
def check(schema: Path | None, complete: bool, **target: Any) -> None:
    """Report endpoints and parameters that the application or the file lacks, with status 1."""
    from fastapi.cli.params.callables import callables
    from fastapi.cli.params.usage import usage
    from fastapi.params.schema import ParamsSchemaError, load_params_schema
    from fastapi.params.schema.loading import tolerated
    from fastapi.params.schema.reading import read
    from fastapi.routing.schema_file import check_places

    missing: list[ParamsSchemaError] = []
    tolerated.set(missing)
    try:
        if schema is not None:
            load_params_schema(schema)
        app = load(**target)
        in_force = load_params_schema()
        check_places(app.routes)
        root, _ = read(Path(in_force.file))
    except ParamsSchemaError as error:
        _report([*missing, error])
        raise typer.Exit(1) from None
    told = [problem for error in missing for problem in error.problems]
    found = usage(in_force, callables(app.routes), root, told, complete=complete)
    problems = sorted(found.problems, key=lambda problem: problem.line or 0)
    _report([*missing, *(ParamsSchemaError(in_force.file, problem) for problem in problems)])
    if missing or problems:
        raise typer.Exit(1)
    for note in found.by_code:
        typer.echo(note.at(in_force.file))
    typer.echo(f"{in_force.file}: {found.used} parameters in use, {len(found.by_code)} declared by the code.")


def _report(errors: "Iterable[ParamsSchemaError]") -> None:
    for text in dict.fromkeys(line for error in errors for line in str(error).splitlines()):
        typer.echo(typer.style(text, fg="red"))


@params.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The file as it was.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="The file as it will be.", show_default=False)],
) -> None:
    """Print what a change loosens and tightens: which requests will be valid that were not, and the other way round."""
    from fastapi.params.schema import ParamsSchemaError
    from fastapi.params.schema.comparison import compare
    from fastapi.params.schema.loading import read_schema

    try:
        found = compare(read_schema(old), read_schema(new))
    except ParamsSchemaError as error:
        _report([error])
        raise typer.Exit(1) from None
    colours = {"loosens": "green", "tightens": "red", "changes": "yellow"}
    for each in found:
        effect = typer.style(each.effect.ljust(8), fg=colours[each.effect])
        typer.echo(f"{effect}  {each.endpoint}  {each.param}  {each.text}")
    counts = [f"{effect} {sum(each.effect == effect for each in found)}" for effect in colours]
    typer.echo(", ".join(counts))
