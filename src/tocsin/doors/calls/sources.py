"""Opening the call records that a door's table names."""

from msgspec import Struct

from tocsin.doors.calls.csv_folder import FolderCalls, FolderConfig
from tocsin.doors.calls.http_service import ServiceCalls, ServiceConfig
from tocsin.doors.calls.records import CallRecords
from tocsin.errors import Misconfigured
from tocsin.ports import Clock


class RecordsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Where call records are; exactly one of these.

    Args:
        files: a folder of CSV files.
        service: an HTTP service.
    """

    files: FolderConfig | None = None
    service: ServiceConfig | None = None


def open_records(config: RecordsConfig, country: str, clock: Clock) -> CallRecords:
    """Open them.

    Raises:
        Misconfigured: none or both are named, or the one named can't work.
    """
    if config.files is not None and config.service is None:
        return FolderCalls(config.files, country, clock)
    if config.service is not None and config.files is None:
        return ServiceCalls(config.service, country)
    raise Misconfigured("name one source of call records: files or service")
