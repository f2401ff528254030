"""The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.1.2 and 6.2.1).

`encode` and `decode` use one octet a septet, as SMPP carries them; `pack` and `unpack` are the packing
of the air interface, which a few message centres pass on as it is.
"""

import codecs

ESCAPE = 0x1B
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_DECODING = ALPHABET + "\ufffe" * 128  # U+FFFE makes charmap_decode call its error handler
_ENCODING = {character: bytes((code,)) for code, character in enumerate(ALPHABET) if code != ESCAPE} | {
    character: bytes((ESCAPE, code)) for code, character in EXTENSION.items()
}


def decode(septets: bytes) -> str:
    """Read septets, one an octet.

    An unknown character of the extension table is shown as the basic table has it, as 23.038 asks; an octet
    above 127 becomes U+FFFD.
    """
    if ESCAPE not in septets:
        return codecs.charmap_decode(septets, "replace", _DECODING)[0]
    first, *others = septets.split(b"\x1b")
    return codecs.charmap_decode(first, "replace", _DECODING)[0] + "".join(map(_escaped, others))


def _escaped(piece: bytes) -> str:
    if not piece:
        return " "  # an escape before an escape, or at the end: 23.038 shows a space
    text = codecs.charmap_decode(piece, "replace", _DECODING)[0]
    return EXTENSION.get(piece[0], text[0]) + text[1:]


def encode(text: str) -> list[bytes] | None:
    """Write text as septets, one an octet.

    Returns:
        one or two octets for each character, so that none is split between messages; None when a character
        is not in the alphabet.
    """
    septets = [_ENCODING.get(character, b"") for character in text]
    return None if b"" in septets else septets


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Pack septets into octets, the first septet's lowest bit first (23.038, 6.1.2.1).

    Args:
        septets: one an octet.
        fill: bits left empty in front, so that septets begin on a boundary after a user data header.
    """
    bits = sum((septet & 0x7F) << (7 * place) for place, septet in enumerate(septets)) << fill
    return bits.to_bytes((7 * len(septets) + fill + 7) // 8, "little")


def unpack(octets: bytes, fill: int = 0) -> bytes:
    """Unpack octets into septets, one an octet.

    A last septet of zeros, or a carriage return, is padding where the bits come out even, because SMPP does
    not carry the number of septets (23.038, 6.1.2.3.1).
    """
    bits = max(0, 8 * len(octets) - fill)
    even = (int.from_bytes(octets, "little") >> fill).to_bytes(len(octets) + 7, "little")
    septets = b"".join(_eight(even[start : start + 7]) for start in range(0, len(octets), 7))[: bits // 7]
    padded = bits % 7 == 0 and septets.endswith((b"\0", b"\r"))
    return septets[:-1] if padded else septets


def _eight(octets: bytes) -> bytes:
    bits = int.from_bytes(octets, "little")
    return bytes(bits >> shift & 0x7F for shift in range(0, 56, 7))
