"""How often a code may be tried: seldom enough that nobody guesses one, often enough for a full waiting room.

With 50 codes alive at a time, the 500 wrong tries a day that the whole house takes from strangers find one in eleven
years; the 100 of one address in 55. Addresses from which a right code has come are tablets of ours: a stranger who
uses up what strangers have must not stop them.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from medvirk.people.crypto import keyed_hash
from medvirk.people.signin import limits

KNOWN_FOR = 30 * 24 * 60 * 60


@dataclass(frozen=True)
class Try:
    """One try that has been counted."""

    known: str
    counted: tuple[ratelimit.RateLimitUsage, ...]

    def was_right(self) -> None:
        """Only wrong ones count; and this address is one of ours."""
        for each in self.counted:
            each.rollback()
        cache.set(self.known, True, KNOWN_FOR)


def count_try(request: HttpRequest) -> Try | None:
    """Count a try before it is looked at, so that many at once are counted too; None is one too many."""
    known = f"tablet:{keyed_hash('address', ratelimit.get_ip(request))}"
    counted = [limits.count(request, "tablet_code")]
    if counted[0] is not None and not cache.get(known):
        counted.append(limits.count(request, "tablet_codes_of_strangers", key="everybody"))
    if None in counted:
        return None
    return Try(known, tuple(each for each in counted if each is not None))
