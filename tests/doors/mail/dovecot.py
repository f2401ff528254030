"""A Dovecot of the test's own, on loopback, with one mailbox."""

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER, PASSWORD = "reports", "a-test-only"
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@contextmanager
def dovecot() -> Iterator[int]:
    """Run Dovecot; gives the port of its IMAP."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("dovecot-imapd is not installed")
    folder = Path(tempfile.mkdtemp(prefix="tocsin-dovecot-"))
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    root = os.geteuid() == 0
    me = pwd.getpwuid(os.geteuid())
    mail = pwd.getpwnam("nobody") if root else me
    if root:
        os.chown(folder / "mail", mail.pw_uid, mail.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    people = {"internal": "dovecot", "group": "dovecot", "login": "dovenull"} if root else {}
    people = people or {"internal": me.pw_name, "group": str(me.pw_gid), "login": me.pw_name}
    text = _CONFIG.format(
        folder=folder, port=port, uid=mail.pw_uid, gid=mail.pw_gid, password=PASSWORD, **people
    )
    (folder / "dovecot.conf").write_text(text, encoding="utf-8")
    with subprocess.Popen([program, "-F", "-c", str(folder / "dovecot.conf")]) as process:
        try:
            _wait(port, folder / "log")
            yield port
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def link(port: int) -> imaplib.IMAP4:
    """Sign in."""
    client = imaplib.IMAP4("127.0.0.1", port, timeout=20)
    client.login(USER, PASSWORD)
    return client


def deliver(port: int, *mails: bytes) -> None:
    """Put mails into the inbox."""
    client = link(port)
    for mail in mails:
        client.append("INBOX", "", "", mail.replace(b"\n", b"\r\n"))
    client.logout()


def counts(port: int, *folders: str) -> list[int]:
    """Return how many mails each folder holds."""
    client = link(port)
    found = [int(client.select(folder, readonly=True)[1][0] or 0) for folder in folders]
    client.logout()
    return found


def _wait(port: int, log: Path) -> None:
    patience = threading.Event()
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as probe:
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        patience.wait(0.1)
    pytest.fail(log.read_text(encoding="utf-8") if log.exists() else "dovecot did not start")
