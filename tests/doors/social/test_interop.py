"""A Flag signed by an independent implementation of HTTP Signatures."""

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.doors.peers import open_door, reports
from tests.doors.social.test_activitypub import FLAG, INBOX, KEY, signed, table

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning"),
]


def test_a_flag_signed_by_httpsig_is_taken(tmp_path: Path) -> None:
    """Its header signer and our verifier agree on draft-cavage-12; one changed letter and they don't."""
    library = pytest.importorskip("httpsig", reason="httpsig is not installed")
    body = json.dumps(FLAG).encode()
    names = ["(request-target)", "host", "date", "digest", "content-type"]
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key_id = "https://social.example/actor#main-key"
    signer = library.HeaderSigner(key_id, pem, "rsa-sha256", headers=names, sign_header="signature")
    headers = {name: value for name, value in signed(body).items() if name != "signature"}
    headers["digest"] = "SHA-256=" + base64.b64encode(sha256(body).digest()).decode()
    made = signer.sign(headers, host=headers["host"], method="POST", path=INBOX)
    made["signature"] = made["signature"].removeprefix("Signature ")
    with open_door(tmp_path / "data", table()) as (client, node):
        wrong = made | {"content-type": "application/ld+json"}
        assert client.post(INBOX, content=body, headers=wrong).status_code == 401
        assert client.post(INBOX, content=body, headers=made).status_code == 202
        assert len(reports(node)) == 1
