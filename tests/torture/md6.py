"""MD6-256 (aemp-protocol C.7), which Python does not have, and the HMAC that version 1.x of the original makes with
it."""

_MASK = (1 << 64) - 1
_Q = (
    0x7311C2812425CFA0, 0x6432286434AAC8E7, 0xB60450E9EF68B7C1, 0xE8FB23908D9F06F1, 0xDD2E76CBA691E5BF,
    0x0CD0D63B2C30BC41, 0x1F8CCF6823058F8A, 0x54E5ED5B88E3775D, 0x4AD12AAE0A6D6031, 0x3E7F16BB88222E0D,
    0x8AF8671D3FB50C2C, 0x995AD1178BD25C31, 0xC878C1DD04C4B633, 0x3B72066C7A1552AC, 0x0D6F3522631EFFCB,
)  # fmt: skip
_RIGHT = (10, 5, 13, 10, 11, 12, 2, 7, 14, 15, 7, 13, 11, 7, 6, 12)
_LEFT = (11, 24, 9, 16, 15, 9, 27, 15, 6, 2, 29, 8, 15, 5, 31, 9)
_ROUNDS, _BLOCK = 104, 512


def _compress(words, level, index, padding, is_last):
    control = _ROUNDS << 48 | 64 << 40 | is_last << 36 | padding << 20 | 256
    a = [*_Q, *[0] * 8, level << 56 | index, control, *words]
    s = 0x0123456789ABCDEF
    for turn in range(_ROUNDS):
        for k in range(16):
            i = 89 + 16 * turn + k
            x = s ^ a[i - 89] ^ a[i - 17] ^ (a[i - 18] & a[i - 21]) ^ (a[i - 31] & a[i - 67])
            x ^= x >> _RIGHT[k]
            a.append(x ^ (x << _LEFT[k] & _MASK))
        s = ((s << 1 | s >> 63) & _MASK) ^ (s & _Q[0])
    return a[-16:]


def md6_256(data):
    level = 0
    while True:
        level += 1
        blocks = [data[i : i + _BLOCK] for i in range(0, len(data), _BLOCK)] or [b""]
        out = []
        for index, block in enumerate(blocks):
            padded = block.ljust(_BLOCK, b"\0")
            words = [int.from_bytes(padded[i : i + 8], "big") for i in range(0, _BLOCK, 8)]
            out += _compress(words, level, index, 8 * (_BLOCK - len(block)), len(blocks) == 1)
        data = b"".join(w.to_bytes(8, "big") for w in out)
        if len(blocks) == 1:
            return data[-32:]


def hmac_md6(key, data):
    """RFC 2104 over MD6-256 with blocks of 64 bytes."""
    if len(key) > 64:
        key = md6_256(key)
    key = key.ljust(64, b"\0")
    inner = md6_256(bytes(k ^ 0x36 for k in key) + data)
    return md6_256(bytes(k ^ 0x5C for k in key) + inner)
