"""A writer of small compound files (MS-CFB, version 3), to test the reader of Outlook's mails."""

import struct

_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_CUTOFF = 4096
_DIRECTORY = 1


def outlook_file(properties: dict[str, str]) -> bytes:
    """Make a file whose streams are named `__substg1.0_` and a property's tag and type, in UTF-16.

    Every stream is padded to the size from which it has sectors of its own, so no mini stream is needed.
    """
    streams = [
        (f"__substg1.0_{tag}", (text + "\0").encode("utf-16-le").ljust(_CUTOFF, b"\0"))
        for tag, text in properties.items()
    ]
    entries = 1 + len(streams)
    directory = -(-entries * 128 // _SECTOR)
    fat = [_FAT, *_chain(_DIRECTORY, directory)]
    body, names = b"", [_entry("Root Entry", 5, child=1, start=_END, size=0)]
    for number, (name, data) in enumerate(streams, 1):
        start = len(fat)
        fat += _chain(start, -(-len(data) // _SECTOR))
        body += data.ljust(-(-len(data) // _SECTOR) * _SECTOR, b"\0")
        right = number + 1 if number < len(streams) else _FREE
        names.append(_entry(name, 2, right=right, start=start, size=len(data)))
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    listed = b"".join(names).ljust(directory * _SECTOR, b"\0")
    return _header() + struct.pack(f"<{len(fat)}I", *fat) + listed + body


def _chain(start: int, length: int) -> list[int]:
    return [*range(start + 1, start + length), _END]


def _header() -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack(
        "<5H6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, _DIRECTORY, 0, _CUTOFF, _END, 0, _END, 0
    )
    return head + struct.pack("<109I", 0, *[_FREE] * 108)


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, start: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    tree = struct.pack("<HBBIII", len(raw), kind, 1, _FREE, right, child)
    return raw.ljust(64, b"\0") + tree + bytes(36) + struct.pack("<IQ", start, size)
