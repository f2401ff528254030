"""`tocsin serve`: a node on the web."""

import sys
from typing import Annotated

import typer

Data = Annotated[str | None, typer.Option(help="Data folder.")]


def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL; empty is SQLite.")] = None,
) -> None:
    """Run a node until it is interrupted."""
    import uvicorn  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.logs import configure  # noqa: PLC0415
    from tocsin.node import Node  # noqa: PLC0415

    values = settings.load({"data": data, "host": host, "port": port, "database": database})
    configure(values.log)
    # The desk's thread and the web's give way to each other ten times as often as by default: each waits
    # for the other less than it would wait for the disk.
    sys.setswitchinterval(0.0005)
    node = Node(values)
    typer.echo(f"Tocsin is at http://{values.host}:{values.port} . Open it in a browser; stop with Ctrl-C.")
    typer.echo(f"API: http://{values.host}:{values.port}/api/v1/openapi  Data: {values.folder}")
    uvicorn.run(
        node.app(),
        host=values.host,
        port=values.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def register(app: typer.Typer) -> None:
    """Add this module's verb."""
    app.command()(serve)
