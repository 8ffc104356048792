"""Lists of the library (tests/web/test_query_counts.py)."""

from __future__ import annotations

from django.urls import reverse
from factories_library import add, put_in
from lists import Listed


def shelf(make) -> Listed:
    leader = make.staff("team_leader")
    unit = leader.grants.get().unit

    def put() -> str:
        document = put_in(make, unit, by=make.viewer(leader))
        return document.versions.get().title

    return Listed(leader, reverse("library:shelf"), put)


def searched(make) -> Listed:
    listed = shelf(make)
    return Listed(listed.who, listed.path + "?words=veileder&kind=guide", listed.add)


def languages(make) -> Listed:
    document = put_in(make)
    codes = iter({"so": "Soomaali", "pl": "Polski", "uk": "Українська"}.items())

    def put() -> str:
        code, name = next(codes)
        add(make, document, language=code)
        return name

    return Listed(make.staff(), reverse("library:document", args=[document.pk]), put)


def versions(make) -> Listed:
    document = put_in(make)

    def put() -> str:
        leader = make.staff("administrator")
        add(make, document, by=make.viewer(leader))
        return leader.person.name

    return Listed(make.staff(), reverse("library:versions", args=[document.pk]), put)


LISTS = {
    "library:shelf": shelf,
    "library:shelf, searched": searched,
    "library:document": languages,
    "library:versions": versions,
}
NO_LIST = {
    "library:edit",
    "library:file",
    "library:new",
    "library:new_version",
    "library:retire",
    "library:version",
}
