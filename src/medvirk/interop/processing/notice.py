"""What everybody may read: what is known about people here, why, who sees it, how long, and what they can do."""

from __future__ import annotations

from django.utils.translation import gettext as _

from medvirk.interop.processing import words
from medvirk.interop.processing.categories import (
    PURPOSES,
    SAID_TO_CITIZENS,
    About,
    stored,
)
from medvirk.interop.processing.document import Section
from medvirk.interop.processing.facts import Facts
from medvirk.people.access import roles_with
from medvirk.people.logic.retention import RULES
from medvirk.people.models import ConsentPurpose
from medvirk.people.privacy import Purpose
from medvirk.ui.languages import current_language

#: Said to citizens: what is about them, or about what they did.
RULES_TOLD = ("journal", "access_log", "consent", "account", "draft", "answer_link", "message", "statistics")


def notice(facts: Facts) -> list[Section]:
    """The sections, in the language that is active."""
    return [
        _responsible(facts),
        _known(),
        _why(),
        _asked(facts),
        _who_sees(),
        _how_long(facts),
        _rights(facts),
        Section(
            title=_("Nobody watches between conversations"),
            paragraphs=[
                _("Answers are read when you and the one who helps you look at them together. Do not use them to "
                  "call for "
                  "help: if it is urgent, call 113, or 116 117 when the doctor's office is closed."),
            ],
        ),
        _complain(),
    ]  # fmt: skip


def _responsible(facts: Facts) -> Section:
    if facts.municipalities:
        who = _("%(who)s is responsible for what is stored here.") % {
            "who": words.listed(facts.municipalities)
        }
    else:
        who = _("The municipality is responsible for what is stored here.")
    return Section(
        title=_("Who is responsible"),
        paragraphs=[
            who,
            _("The data protection officer (personvernombud) answers what you wonder about: %(contact)s")
            % {"contact": facts.officer}
            if facts.officer
            else _("Every municipality has a data protection officer (personvernombud) whom you can ask. The "
                   "switchboard knows "
                   "how to reach them."),
        ],
    )  # fmt: skip


def _known() -> Section:
    told = [
        each for each in stored() if About.CITIZENS in each.category.about and each.purpose is Purpose.CARE
    ]
    return Section(
        title=_("What is known about you"),
        paragraphs=[_("If you get help here, this is stored:")],
        points=[words.sentence(each.category.words) for each in told],
    )


def _why() -> Section:
    held = {each.purpose for each in stored()}
    return Section(
        title=_("Why, and on what basis"),
        paragraphs=[
            _(
                "Whoever gives health care must keep a record. The law says so, so you are not asked to agree to it."
            ),
            # The bases are ours to suggest: whether they hold here is not for a program to say.
            _(
                "The legal bases below are how Medvirk understands the law. The municipality's data protection "
                "officer must confirm them."
            ),
        ],
        points=["{}. {}".format(*PURPOSES[purpose]) for purpose in Purpose if purpose in held],
    )


def _asked(facts: Facts) -> Section:
    points = []
    for text in facts.consents:
        _language, wording = text.in_language(current_language())
        points.append(f"{words.sentence(ConsentPurpose(text.purpose).label)}: {wording.summary}")
    return Section(
        title=_("What you decide yourself"),
        paragraphs=[_("This happens only if you say yes, and you can change your mind whenever you like:")],
        points=points,
    )


def _who_sees() -> Section:
    points = [_("You, and the one who decides for you if you are a child or have a guardian.")]
    for permission, said in SAID_TO_CITIZENS.items():
        if said is not None:
            roles = words.sentence(words.listed(role.label for role in roles_with(permission)))
            points.append(_("%(roles)s: %(words)s.") % {"roles": roles, "words": said})
    return Section(
        title=_("Who can see it"),
        paragraphs=[
            _("Everyone who opens your record is written down, and you can read who it was and why.")
        ],
        points=points,
    )


def _how_long(facts: Facts) -> Section:
    return Section(
        title=_("For how long"),
        points=[f"{words.sentence(RULES[key].label)}. {words.kept(key, facts.months)}" for key in RULES_TOLD],
    )


def _rights(facts: Facts) -> Section:
    own = facts.citizens_sign_in
    if own:
        how = _("Sign in with %(name)s. On your own pages you can:") % {"name": own.name}
    else:
        how = _("Ask the one who helps you. You can:")
    return Section(
        title=_("Your rights, and how to use them here"),
        paragraphs=[how],
        points=[
            _("read everything that is written about you, and take a copy along (My data)"),
            _("see who has looked, and why (Who has looked)"),
            _("ask to have something corrected or erased, and get an answer within a month (Ask or correct)"),
            _("decide what is shared with others, and stop it (My sharing)"),
            _("keep named workers out of your record (My sharing)"),
            _("take back what you have said yes to (What I have agreed to)"),
            _("let questions be, or stop answering. You do not lose help by it."),
        ],
    )


def _complain() -> Section:
    return Section(
        title=_("If you do not agree"),
        points=[
            _("Complain to Datatilsynet about how your data are used: datatilsynet.no."),
            _("Complain to Statsforvalteren about your health record, who looked in it, or the help: "
              "statsforvalteren.no."),
            _("Pasient- og brukerombudet helps you to do it, for free: pasientogbrukerombudet.no."),
        ],
    )  # fmt: skip
