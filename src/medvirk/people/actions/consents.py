"""Saying yes and no, and publishing what is asked. What somebody says holds at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people import hooks
from medvirk.people.access import Permission, Viewer, log_access
from medvirk.people.actions.checks import require, require_wish
from medvirk.people.logic import RefusedError
from medvirk.people.models import AccessAction, Citizen, Consent, ConsentPurpose, ConsentText, ConsentWay
from medvirk.people.purposes import LANGUAGES, PARTS, PurposeText, wordings_of
from medvirk.people.queries.consents import agrees, current_texts
from medvirk.ui.languages import current_language


@transaction.atomic
def answer_consent(
    *, by: Viewer, citizen: Citizen, purpose: ConsentPurpose | str, yes: bool, version: int, language: str
) -> Consent:
    """Say yes or no to the text that was read, `version`. The answer before it ends now.

    The citizen, or a parent or guardian who decides for them, answers on their own pages; a worker with a relation
    writes down what was said when both were in the room. A no that ends a yes has its effect in the same
    transaction: rooms register it in `hooks.on_withdrawal`.

    Raises:
        RefusedError: the text has been replaced since it was read.
        PermissionDenied: neither the citizen, nor one who decides for them, nor a worker with a relation.
    """
    basis = require_wish(by, citizen)
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    text = current_texts()[ConsentPurpose(purpose)]
    if text.version != version or language not in text.wordings:
        raise RefusedError([_("The text has changed while you read. Read it once more before you answer.")])
    given = _answer(by, citizen, text, yes=yes, language=language)
    if not yes:
        hooks.withdraw(ConsentPurpose(purpose), citizen, by)
    log_access(by, [citizen.pk], "people.consent", action=AccessAction.CHANGED, basis=basis)
    return given


@transaction.atomic
def take_back(*, citizen: Citizen, purpose: ConsentPurpose | str, way: ConsentWay, now: datetime) -> bool:
    """The citizen says no without signing in: by a word from their phone, or by a link that only they were sent.

    It counts as their own answer to the text in force, with its effect in the same transaction, and stands in their
    log with how it came. False where they have said no already. Nobody says yes in this way.
    """
    held = Citizen.objects.select_for_update(of=("self",)).select_related("person").get(pk=citizen.pk)
    before = Consent.objects.filter(citizen=held, purpose=purpose, ended_at__isnull=True).first()
    if before is not None and not before.yes:
        return False
    # Stands for them in what is written down here, and opens nothing.
    themselves = Viewer(
        user_id=uuid.UUID(int=0),
        staff_id=None,
        person_id=None,
        name="",
        grants=(),
        now=now,
        own_person_id=held.person_id,
    )
    text = current_texts()[ConsentPurpose(purpose)]
    language, _wording = text.in_language(held.person.language)
    _answer(themselves, held, text, yes=False, language=language, way=way)
    hooks.withdraw(ConsentPurpose(purpose), held, themselves)
    log_access(themselves, [held.pk], "people.consent", action=AccessAction.CHANGED, basis=f"own:{way.value}")
    return True


def agree_by_doing(*, by: Viewer | None, citizen: Citizen, purpose: ConsentPurpose) -> None:
    """Note the yes that lies in doing it: the page on which somebody shares shows the text and what it means.

    Call it in the transaction of what is done, after the caller has checked who may say what the citizen wants.
    """
    if agrees(citizen, purpose):
        return
    text = current_texts()[purpose]
    language, _wording = text.in_language(current_language())
    _answer(by, citizen, text, yes=True, language=language)


def _answer(
    by: Viewer | None,
    citizen: Citizen,
    text: PurposeText,
    *,
    yes: bool,
    language: str,
    way: ConsentWay | None = None,
) -> Consent:
    now = timezone.now() if by is None else by.now
    before = Consent.objects.filter(citizen=citizen, purpose=text.purpose, ended_at__isnull=True).first()
    if before is not None:
        if (before.yes, before.version) == (yes, text.version):
            return before
        before.ended_at = max(now, before.answered_at)
        before.save(update_fields=["ended_at"])
    return Consent.objects.create(
        citizen=citizen,
        purpose=text.purpose,
        version=text.version,
        language=language,
        digest=text.digest,
        yes=yes,
        answered_at=now,
        answered_by_id=by.own_person_id if by else None,
        noted_by_id=by.staff_id if by else None,
        way=way or "",
    )


@transaction.atomic
def publish_consent_text(
    *,
    by: Viewer,
    purpose: ConsentPurpose | str,
    body: Mapping[str, Mapping[str, str]],
    asks_again: bool,
    now: datetime,
) -> ConsentText:
    """Publish the municipality's own version of what is asked; the one before stays readable.

    `body` is {language: {title, summary, body}}; a language may be left out, but not Bokmål. `asks_again` lets no
    earlier yes count: for when people are asked about something else than before.

    Raises:
        RefusedError: no Bokmål, a language filled in by halves, or nothing changed.
        PermissionDenied: the viewer may not edit texts.
    """
    require(by, Permission.EDIT_TEXTS)
    cleaned = {
        code: {part: "\n".join(body.get(code, {}).get(part, "").splitlines()).strip() for part in PARTS}
        for code in LANGUAGES
    }
    written = {code: parts for code, parts in cleaned.items() if any(parts.values())}
    faults = [] if "nb" in written else [_("Write the text in Bokmål; the other languages may wait.")]
    if any(not all(parts.values()) for parts in written.values()):
        faults.append(
            _("A language needs all three: heading, summary and text. Fill in or empty all of them.")
        )
    ConsentText.objects.select_for_update().filter(purpose=purpose).last()
    current = current_texts()[ConsentPurpose(purpose)]
    if not faults and dict(current.wordings) == wordings_of(written) and not asks_again:
        faults.append(_("Nothing is changed, so no new version is made."))
    if faults:
        raise RefusedError(faults)
    return ConsentText.objects.create(
        purpose=purpose,
        version=current.version + 1,
        body=written,
        asks_again=asks_again,
        published_at=now,
        published_by_id=by.staff_id,
    )
