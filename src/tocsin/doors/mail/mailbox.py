"""A mailbox on an IMAP server (RFC 9051), as the pick-up uses it: bounded, blocking, one call at a time."""

import imaplib
import re
import ssl
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from tocsin.doors.mail.imap_config import Config

MOST_AT_ONCE = 200
_SIZE = re.compile(rb"UID (\d{1,10}).*?RFC822\.SIZE (\d{1,12})|RFC822\.SIZE (\d{1,12}).*?UID (\d{1,10})")


class Waiting(NamedTuple):
    """A mail that waits: its UID, and its size in bytes."""

    uid: int
    size: int


class Box:
    """An open mailbox.

    Args:
        config: where it is.
        password: of its user.

    Raises:
        OSError: it can't be opened now.
    """

    def __init__(self, config: Config, password: str) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._link = _link(config)
        try:
            self._do(self._link.login, config.user, password)
            self._moves = "MOVE" in self._link.capabilities
            for folder in (config.done, config.rejected):
                self._link.create(_quoted(folder))  # refused where it exists; a move tells what is wrong
        except BaseException:
            self._link.shutdown()
            raise

    def waiting(self) -> list[Waiting]:
        """Return the first mails that wait."""
        with self._lock:
            count = int(self._do(self._link.select, _quoted(self._config.folder))[0] or 0)
            if not count:
                return []
            found = self._do(self._link.uid, "SEARCH", f"1:{min(count, MOST_AT_ONCE)}", "UNDELETED")
            uids = b",".join(found[0].split()) if found and found[0] else b""
            sizes = self._do(self._link.uid, "FETCH", uids.decode(), "(UID RFC822.SIZE)") if uids else []
        read = (_SIZE.search(line) for line in sizes if isinstance(line, bytes))
        return [Waiting(int(one[1] or one[4]), int(one[2] or one[3])) for one in read if one]

    def fetch(self, uid: int) -> bytes:
        """Return a mail; empty when it has gone meanwhile."""
        with self._lock:
            answer = self._do(self._link.uid, "FETCH", str(uid), "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")

    def file(self, uid: int, folder: str) -> None:
        """Mark a mail as seen and move it to a folder."""
        with self._lock:
            self._do(self._link.uid, "STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
            if self._moves:
                self._do(self._link.uid, "MOVE", str(uid), _quoted(folder))
                return
            self._do(self._link.uid, "COPY", str(uid), _quoted(folder))
            self._do(self._link.uid, "STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            self._do(self._link.expunge)

    def close(self) -> None:
        """Sign out; a link that is lost already is no matter."""
        with self._lock:
            try:
                self._link.logout()
            except (OSError, imaplib.IMAP4.error):
                self._link.shutdown()

    def _do(self, call: Callable[..., tuple[str, list[Any]]], *arguments: str) -> list[Any]:
        try:
            status, answer = call(*arguments)
        except imaplib.IMAP4.error as error:
            raise ConnectionError(f"the mailbox: {type(error).__name__}") from error
        if status != "OK":
            raise ConnectionError(f"the mailbox refused {getattr(call, '__name__', 'a command')}")
        return answer


def _link(config: Config) -> imaplib.IMAP4:
    if config.security == "none":
        return imaplib.IMAP4(config.host, config.port, timeout=config.timeout_s)
    context = ssl.create_default_context(cafile=config.authority or None)
    if config.security == "tls":
        return imaplib.IMAP4_SSL(config.host, config.port, ssl_context=context, timeout=config.timeout_s)
    link = imaplib.IMAP4(config.host, config.port, timeout=config.timeout_s)
    try:
        link.starttls(context)
    except BaseException as error:
        link.shutdown()
        if isinstance(error, imaplib.IMAP4.error):
            raise ConnectionError("the mailbox's server has no TLS") from error
        raise
    return link


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
