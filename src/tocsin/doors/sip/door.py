"""The SIP door: people call a number to report the call they just had; networks say which were unwanted."""

import asyncio
import socket

from tocsin.doors.calls.records import CallRecords
from tocsin.doors.calls.sources import open_records
from tocsin.doors.door import Door, House, Kind
from tocsin.doors.sip.config import SipConfig
from tocsin.doors.sip.link import Trusted
from tocsin.doors.sip.reporting import Reporting
from tocsin.doors.sip.server import Server
from tocsin.doors.sip.transport import listening


class SipDoor(Door):
    """Listens for SIP.

    Args:
        name: the door's name.
        config: its table.
        house: the node.
        records: where calls are asked for; those that the table names by default.

    Raises:
        Misconfigured: the table can't work.
    """

    def __init__(
        self, name: str, config: SipConfig, house: House, records: CallRecords | None = None
    ) -> None:
        super().__init__(name)
        config.check()
        Trusted(config.trusted)
        country = config.jurisdiction or house.settings.jurisdiction
        self.records = records or open_records(config.records, country, house.clock)
        self._config = config
        self._reporting = Reporting(name, config, house, self.records, country)
        self.address: tuple[str, int] | None = None
        """Where it listens, while it does."""

    async def run(self) -> None:
        """Listen until cancelled; then answer what was taken, hang up, and close."""
        host = self._config.host
        port = self._config.port or _free_port(host)
        known_as = self._config.advertise or host
        server = Server(self._reporting, f"[{known_as}]:{port}" if ":" in known_as else f"{known_as}:{port}")
        async with listening(server, self._config, host, port):
            self.address = host, port
            try:
                await self.records.follow()
            finally:
                self.address = None
                await asyncio.shield(server.close())


def _free_port(host: str) -> int:
    """Find a port that is free for both transports."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    kinds = socket.SOCK_DGRAM, socket.SOCK_STREAM
    with socket.socket(family, kinds[0]) as datagrams, socket.socket(family, kinds[1]) as stream:
        datagrams.bind((host, 0))
        port: int = datagrams.getsockname()[1]
        stream.bind((host, port))
    return port


KIND = Kind(SipConfig, SipDoor)
