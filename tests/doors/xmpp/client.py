"""A slixmpp client in a process of its own: it gets a message from another user and blocks with a report.

It prints "sent" when the block was answered. Arguments: port, the reporter's and the sender's names.
"""

import asyncio
import sys
from xml.etree import ElementTree as ET

from slixmpp import ClientXMPP

HOST = "example.test"


async def online(name: str, port: int) -> ClientXMPP:
    """Sign in."""
    client = ClientXMPP(f"{name}@{HOST}/home", "secret")
    client.enable_starttls = False
    client.enable_direct_tls = False
    client.enable_plaintext = True
    client["feature_mechanisms"].unencrypted_plain = True
    client.connect("127.0.0.1", port)
    await client.wait_until("session_start", 20)
    client.send_presence()
    return client


async def main(port: int, reporter: str, sender: str) -> None:
    """Send, receive, block with a report."""
    juliet = await online(reporter, port)
    romeo = await online(sender, port)
    heard = asyncio.ensure_future(juliet.wait_until("message", 20))
    await asyncio.sleep(0)
    romeo.send_message(mto=f"{reporter}@{HOST}", mbody="Your parcel is held at parcel.example", mtype="chat")
    message = await heard
    stanza_id = message.xml.find("{urn:xmpp:sid:0}stanza-id")
    iq = juliet.make_iq_set()
    block = ET.SubElement(iq.xml, "{urn:xmpp:blocking}block")
    item = ET.SubElement(block, "{urn:xmpp:blocking}item", {"jid": f"{sender}@{HOST}"})
    report = ET.SubElement(item, "{urn:xmpp:reporting:1}report", {"reason": "urn:xmpp:reporting:spam"})
    if stanza_id is not None:
        report.append(stanza_id)
    text = ET.SubElement(report, "{urn:xmpp:reporting:1}text")
    text.text = "Never came trouble to my house like this."
    ET.SubElement(report, "{urn:xmpp:reporting:1}third-party")
    await iq.send(timeout=20)
    print("sent", flush=True)  # noqa: T201 - its parent reads it
    await asyncio.gather(juliet.disconnect(), romeo.disconnect())


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
