"""Spam reports by XMPP: blocking with a report (XEP-0191, XEP-0377), over a server component (XEP-0114)."""
