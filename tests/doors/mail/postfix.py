"""A Postfix of the test's own, on loopback, which relays everything to one door."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SBIN = f"{os.environ.get('PATH', '')}:/usr/sbin"
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
default_transport = {next}
relay_transport = {next}
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_tls_security_level = none
smtp_dns_support_level = disabled
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
default_destination_concurrency_failed_cohort_limit = 0
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(door: int, protocol: str) -> Iterator[tuple[int, Path]]:
    """Run Postfix in front of a door; gives its port and its folder."""
    program = shutil.which("postfix", path=_SBIN)
    if program is None or os.geteuid() != 0:
        pytest.skip("Postfix is not installed, or this is not root, which it needs")
    folder = Path(tempfile.mkdtemp(prefix="tocsin-postfix-"))
    folder.chmod(0o755)
    for name in ("config", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix", "postfix")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    following = f"smtp:[127.0.0.1]:{door}" if protocol == "smtp" else f"lmtp:inet:127.0.0.1:{door}"
    values = {"folder": folder, "next": following, "port": port}
    (folder / "config" / "main.cf").write_text(_MAIN.format(**values), encoding="utf-8")
    (folder / "config" / "master.cf").write_text(_MASTER.format(**values), encoding="utf-8")
    command = [program, "-c", str(folder / "config")]
    subprocess.run([*command, "start"], check=True, capture_output=True, timeout=60)
    try:
        _wait(port)
        yield port, folder
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True, timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def log_of(folder: Path) -> str:
    """Return what Postfix logged."""
    file = folder / "log"
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def _wait(port: int) -> None:
    patience = threading.Event()
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            patience.wait(0.1)
        else:
            return
    pytest.fail("Postfix did not listen")
