"""SMPP 3.4 and 5.0: the link to an operator's message centre, by which a short code hears the public.

`door` hears deliver_sm and answers; `esme` binds; `smsc` is the other side, for tests, exercises and
benches. `reading` and `writing` know octets, `session` one link, `words`, `gsm7` and
`parts` what people wrote.
"""
