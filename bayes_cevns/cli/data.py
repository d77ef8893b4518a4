"""Commands for the package's data: build, verify, fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_cevns.cli.command import Command

app = typer.Typer(
    name="data",
    help="Build, verify and fetch the data tables.",
    rich_markup_mode=None,
)

_OUT = Annotated[
    Path | None, typer.Option("--out", help="Data folder; the package's own by default.")
]
_ALLOW = Annotated[
    bool, typer.Option("--allow-changed", help="Accept inputs that differ from those recorded.")
]


@app.command("build", cls=Command)
def build(
    names: Annotated[
        list[str] | None, typer.Argument(help="Tables to build; all by default.")
    ] = None,
    releases: Annotated[
        Path | None,
        typer.Option("--releases", help="Folder of the raw releases ($BAYES_CEVNS_RELEASES)."),
    ] = None,
    out: _OUT = None,
    allow_changed: _ALLOW = False,
) -> None:
    """Turn raw public releases into the package's own tables."""
    from bayes_cevns import releases as data
    from bayes_cevns.storage.resources import data_dir

    written = data.build(
        releases or data.default_releases_dir(),
        names=names or (),
        out_dir=out or data_dir(),
        allow_changed=allow_changed,
    )
    for path in written:
        typer.echo(path)


@app.command("verify", cls=Command)
def verify(
    folder: Annotated[
        Path | None, typer.Argument(help="Data folder; the package's own by default.")
    ] = None,
) -> None:
    """Compare every data file with its recorded checksum."""
    from bayes_cevns import releases as data
    from bayes_cevns.errors import DataError
    from bayes_cevns.storage.resources import data_dir

    verdicts = data.verify(folder or data_dir())
    for path, verdict in verdicts.items():
        typer.echo(f"{path}: {verdict}")
    wrong = [path for path, verdict in verdicts.items() if verdict != "ok"]
    if wrong:
        raise DataError(
            f"{len(wrong)} of {len(verdicts)} data files are not as recorded: {wrong[0]}"
        )


@app.command("fetch", cls=Command)
def fetch(
    name: Annotated[str, typer.Argument(help="Release to download by its DOI.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the raw releases.")] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Download the archive from a mirror instead.")
    ] = None,
    allow_changed: _ALLOW = False,
) -> None:
    """Download a raw public release."""
    from bayes_cevns import releases as data

    path = data.fetch(
        name,
        out_dir=out or data.default_releases_dir(),
        base_url=base_url,
        progress=True,
        allow_changed=allow_changed,
    )
    typer.echo(path)
