"""Whether the node lives and can work, and its metrics, for those who watch it."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from tocsin.desk.counter import Counter
from tocsin.storage.engine import Storage
from tocsin.storage.schema import HEAD, revision

_registry = CollectorRegistry()
_waiting = Gauge("tocsin_desk_waiting_reports", "Reports waiting for the desk", registry=_registry)
_resident = Gauge("tocsin_resident_bytes", "Resident memory of the node", registry=_registry)


@get("/healthz", tags=["health"], summary="The process answers", sync_to_thread=False)
def healthz() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "ok"}


@get("/readyz", tags=["health"], summary="The ledger can be read and is of this version", sync_to_thread=True)
def readyz(storage: NamedDependency[Storage]) -> Response[dict[str, str]]:
    """Answer 200 when the ledger is open and its schema is this version's, 503 otherwise."""
    with storage.reading() as connection:
        connection.execute(text("SELECT 1"))
    ready = revision(storage) == HEAD
    return Response({"status": "ok" if ready else "schema"}, status_code=200 if ready else 503)


@get(
    "/metrics",
    tags=["health"],
    summary="Metrics for Prometheus",
    media_type="text/plain",
    sync_to_thread=True,
)
def metrics(counter: NamedDependency[Counter]) -> Response[bytes]:
    """Answer with the Prometheus text exposition format."""
    _waiting.set(counter.waiting)
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - a kernel file
        _resident.set(int(statm.read().split()[1]) * 4096)
    return Response(generate_latest(_registry), media_type=CONTENT_TYPE_LATEST)


def routes() -> list[BaseRouteHandler]:
    """Return the routes of this module."""
    return [healthz, readyz, metrics]
