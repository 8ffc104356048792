"""What is asked, and what was answered. A yes counts while it stands and its text still does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Citizen, Consent, ConsentPurpose, ConsentText
from medvirk.people.purposes import PurposeText, Wording, shipped, wordings_of
from medvirk.ui.languages import current_language


@dataclass(frozen=True)
class Standing:
    """One purpose on a citizen's page: what is asked, and what they have answered.

    `consent` is the answer in force, or None when nothing was answered. `holds` says whether it is a yes that still
    counts; `outdated`, whether it was given to an earlier text that has since been replaced by one that asks anew.
    """

    text: PurposeText
    language: str
    wording: Wording
    consent: Consent | None
    holds: bool
    outdated: bool


def current_texts() -> dict[str, PurposeText]:
    """The text in force of each purpose: the municipality's newest, else ours. One query."""
    texts = dict(shipped())
    for row in ConsentText.objects.order_by("version"):
        texts[row.purpose] = _published(row)
    return {purpose: texts[purpose] for purpose in ConsentPurpose.values}


def _published(row: ConsentText) -> PurposeText:
    return PurposeText(row.purpose, row.version, wordings_of(row.body), row.asks_again)


def oldest_that_counts() -> dict[str, int]:
    """The oldest version of each purpose to which a yes still counts. One query."""
    asked_again = ConsentText.objects.filter(asks_again=True).values("purpose").annotate(Max("version"))
    ours = {purpose: text.version if text.asks_again else 1 for purpose, text in shipped().items()}
    return ours | {row["purpose"]: row["version__max"] for row in asked_again}


def agreeing(purpose: ConsentPurpose) -> QuerySet[Consent]:
    """Yeses to `purpose` that count at this moment; rooms below filter their people by `citizen_id`. Two queries.

    No viewer: it decides what may be done with somebody's data, not who sees them.
    """
    oldest = oldest_that_counts()[purpose]
    return Consent.objects.filter(purpose=purpose, yes=True, ended_at__isnull=True, version__gte=oldest)


def agrees(citizen: Citizen, purpose: ConsentPurpose) -> bool:
    """Does this citizen's yes to `purpose` count now?"""
    return agreeing(purpose).filter(citizen=citizen).exists()


def standing_of(viewer: Viewer, citizen: Citizen, language: str) -> list[Standing]:
    """Every purpose with this citizen's answer; empty for who may not see it. Three queries."""
    own = can(viewer, Permission.OWN_PAGES, citizen).allowed
    if not own and not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return []
    answered = {each.purpose: each for each in Consent.objects.filter(citizen=citizen, ended_at__isnull=True)}
    oldest = oldest_that_counts()
    return [
        _standing(text, language, answered.get(purpose), oldest[purpose])
        for purpose, text in current_texts().items()
    ]


def _standing(text: PurposeText, language: str, consent: Consent | None, oldest: int) -> Standing:
    code, wording = text.in_language(language)
    current = consent is not None and consent.version >= oldest
    return Standing(
        text=text,
        language=code,
        wording=wording,
        consent=consent,
        holds=consent is not None and consent.yes and current,
        outdated=consent is not None and consent.yes and not current,
    )


def text_of(purpose: str, version: int) -> PurposeText | None:
    """What exactly was asked in one version, also an earlier one."""
    ours = shipped().get(purpose)
    if ours is not None and ours.version == version:
        return ours
    row = ConsentText.objects.filter(purpose=purpose, version=version).first()
    return _published(row) if row else None


def earlier_versions(viewer: Viewer, purpose: str) -> list[PurposeText]:
    """The versions before the one in force, the newest first; for those who keep the texts. One query."""
    if Permission.EDIT_TEXTS not in viewer.permissions:
        return []
    rows = ConsentText.objects.filter(purpose=purpose).order_by("-version")
    own = [_published(each) for each in rows]
    return [*own[1:], shipped()[purpose]] if own else []


def answers_over_time(viewer: Viewer, citizen: Citizen) -> QuerySet[Consent]:
    """Every answer there has been, the newest first; nothing for who may not see it."""
    if not (
        can(viewer, Permission.OWN_PAGES, citizen).allowed
        or can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed
    ):
        return Consent.objects.none()
    return Consent.objects.filter(citizen=citizen).select_related("answered_by", "noted_by__person")


@dataclass(frozen=True)
class PurposeCount:
    """How many have answered what, for those who keep the texts. It names nobody."""

    text: PurposeText
    label: str
    yes: int
    no: int
    outdated: int


def purpose_counts(viewer: Viewer) -> list[PurposeCount]:
    """Each purpose with its text and how many have answered. Three queries."""
    if Permission.EDIT_TEXTS not in viewer.permissions:
        return []
    oldest = oldest_that_counts()
    rows = list(Consent.objects.filter(ended_at__isnull=True).values_list("purpose", "yes", "version"))
    return [_count(text, rows, oldest[purpose]) for purpose, text in current_texts().items()]


def _count(text: PurposeText, rows: Iterable[tuple[str, bool, int]], oldest: int) -> PurposeCount:
    mine = [(yes, version) for purpose, yes, version in rows if purpose == text.purpose]
    return PurposeCount(
        text=text,
        label=str(ConsentPurpose(text.purpose).label),
        yes=sum(yes and version >= oldest for yes, version in mine),
        no=sum(not yes for yes, _version in mine),
        outdated=sum(yes and version < oldest for yes, version in mine),
    )


def panel_context(viewer: Viewer, citizen: Citizen) -> dict[str, object]:
    """What the worker's page of a citizen shows: each purpose with yes, no or not asked."""
    return {"standing": standing_of(viewer, citizen, current_language())}
