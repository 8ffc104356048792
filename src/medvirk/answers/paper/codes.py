"""The short code on a printed form: what a worker types where the paper cannot be scanned.

It says which form it is, and opens nothing by itself: whoever types it must be signed in and follow the citizen.
"""

from __future__ import annotations

import secrets
import unicodedata

#: Signs that cannot be taken for one another by hand or ear. A prime number of them, so that one wrong sign, or two
#: that changed places, never make another code that is right.
SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ346789"
LENGTH = 6
_WEIGHTS = range(1, LENGTH)


def new_code() -> str:
    """Five signs by chance and one that checks them."""
    drawn = "".join(secrets.choice(SIGNS) for _ in _WEIGHTS)
    return drawn + _check(drawn)


def _check(signs: str) -> str:
    total = sum(weight * SIGNS.index(sign) for weight, sign in zip(_WEIGHTS, signs, strict=True))
    return SIGNS[-total % len(SIGNS)]


def read_code(typed: str) -> str | None:
    """The code as it is stored, however it was typed; None where it cannot be one."""
    signs = "".join(
        sign for sign in unicodedata.normalize("NFKC", typed).upper() if not sign.isspace() and sign != "-"
    )
    if len(signs) != LENGTH or not set(signs) <= set(SIGNS):
        return None
    return signs if _check(signs[:-1]) == signs[-1] else None


def in_threes(code: str) -> str:
    """As it is printed: `ABC-DEF`."""
    return f"{code[:3]}-{code[3:]}"
