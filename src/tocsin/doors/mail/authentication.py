"""What our own mail server found out about who sent a mail (`Authentication-Results`, RFC 8601).

Anyone can write such a field. Only those of the configured server count, and that server must remove the
ones that others wrote in its name (section 5). Without a configured server nothing is authenticated.
"""

import re

from tocsin.doors.mail.headers import Headers, address

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"^\s*(\w{1,20})(?:/\d+)?\s*=\s*(\w{1,20})(.{0,2000})$", re.DOTALL)
_PROPERTY = re.compile(r"\b(header\.(?:from|d|i))\s*=\s*\"?([^\s;\"]{1,255})")


def authenticated(headers: Headers, authserv_id: str) -> bool:
    """Say whether the address in `From` is proven: `dmarc=pass` for its domain, and one address only."""
    domain = address(headers.first("from")).rpartition("@")[2]
    if not domain or len(headers.every("from")) != 1:
        return False
    return any(
        method == "dmarc" and result == "pass" and found.get("header.from", domain) == domain
        for method, result, found in _results(headers, authserv_id)
    )


def passed_signatures(headers: Headers, authserv_id: str) -> set[str]:
    """Return the domains whose DKIM signatures hold."""
    return {
        found.get("header.d") or found.get("header.i", "").rpartition("@")[2]
        for method, result, found in _results(headers, authserv_id)
        if method == "dkim" and result == "pass"
    } - {""}


def _results(headers: Headers, authserv_id: str) -> list[tuple[str, str, dict[str, str]]]:
    """Read the topmost field that our server wrote: those below may have come with the mail."""
    for value in headers.every("authentication-results") if authserv_id else ():
        server, *results = _COMMENT.sub(" ", value).split(";")
        if server.split()[:1] == [authserv_id]:
            read = (_RESULT.match(result) for result in results)
            return [(one[1].lower(), one[2].lower(), _properties(one[3])) for one in read if one]
    return []


def _properties(text: str) -> dict[str, str]:
    return dict(_PROPERTY.findall(text.lower()))
