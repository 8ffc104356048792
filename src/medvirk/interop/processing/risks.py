"""What can go wrong for people, in words for a municipality. docs/threat-model.md says the same to those who build."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Risk:
    """`measures` are keys of `measures.ALWAYS` and `measures.SETTINGS`; `left` is what they do not stop.

    `threats` are the rows of docs/threat-model.md that it stands for.
    """

    title: Promise
    happens: Promise
    measures: str
    left: Promise
    threats: tuple[str, ...]


RISKS: tuple[Risk, ...] = (
    Risk(
        _("A phone is lost or stolen"),
        _("Whoever finds it reads what its owner has answered, or that they get help."),
        "link own_sign_in citizen_level quiet_messages https",
        _("An unlocked phone with an open page shows that page, and what is not sent yet as long as the link is "
          "open."),
        ("Finder or thief of a phone", "Hijacked or forwarded link"),
    ),
    Risk(
        _("Somebody at home reads along"),
        _("A partner who is violent, or a parent, learns what was said, or where somebody lives."),
        "link quiet_messages protected own_sign_in",
        _("Somebody who stands beside, or makes the other one sign in. Talk about where and on what to answer; the "
          "shared screen in the room leaves nothing on the phone."),
        ("Abusive partner who has the phone or knows its code",),
    ),
    Risk(
        _("A screen that is lent"),
        _("Whoever answers on the worker's screen, or on the tablet in the waiting room, comes upon others' data."),
        "link lent own_sign_in",
        _("What the browser and the machine remember by themselves; somebody who looks over a shoulder."),
        ("Whoever holds a lent screen", "Next one at the tablet, or who guesses its code"),
    ),
    Risk(
        _("A curious colleague"),
        _("Somebody who works here opens the record of a neighbour, a relative or somebody they have heard of."),
        "relations bars search log_shown emergency two_factors sealed mail",
        _("A colleague with a lawful relation who looks without need: the log shows it afterwards."),
        ("Curious colleague",),
    ),
    Risk(
        _("The database or a backup is stolen"),
        _("A copy comes into the hands of somebody who sells it, or who threatens to tell."),
        "encryption words keys_apart own_files backup",
        _("Scores, days and units are not encrypted: whoever knows much from elsewhere may guess who somebody "
          "is. Keys "
          "and database together are everything."),
        ("Stolen database or backup", "Stolen key"),
    ),
    Risk(
        _("Somebody who runs the machine, or an administrator, means harm"),
        _("They read what Medvirk reads, or take away the traces of it."),
        "administrators log_shown sealed head_apart two_factors own_files",
        _("Whoever has the machine, the keys and the outside copy of the log can do everything. Let them be "
          "different "
          "people."),
        ("Somebody inside the server", "Administrator who means harm"),
    ),
    Risk(
        _("The wrong person"),
        _("Answers come into another's record, two people are taken for one, or somebody else answers."),
        "search twice link together",
        _("Whoever has the link before it is answered can answer in the other's place. Look at the answer with "
          "the person "
          "in the room."),
        ("Hijacked or forwarded link",),
    ),
    Risk(
        _("A signal is misunderstood"),
        _("A number is taken for a diagnosis, a worker for bad, or silence for safety; help is given or taken "
          "away on it."),
        "purpose together few",
        _("Most signals are not right, and somebody can be in danger without any signal. Train those who use it."),
        ("Statistics that tell too much",),
    ),
    Risk(
        _("Somebody is known again in small units"),
        _("A table of few people tells colleagues or neighbours who is behind a number."),
        "few relations words",
        _("Whoever has several tables from elsewhere, or knows the place. Look before figures are passed on."),
        ("Statistics that tell too much",),
    ),
    Risk(
        _("What was said is lost, or cannot be reached"),
        _("A disk breaks, a key is lost, or the service stands still when somebody needs it."),
        "durable backup encryption",
        _("A key that is lost cannot be replaced: nobody can read the names then. Keep a copy apart, and know "
          "what to do "
          "on paper meanwhile."),
        (),
    ),
    Risk(
        _("Somebody breaks in from outside"),
        _("Through the web, a file made to harm, or a part of the program that others have changed."),
        "no_demo https policy two_factors files versions",
        _("Faults that nobody has found yet. Have it tried by somebody independent, and take new versions."),
        ("Somebody on the web, not signed in", "Poisoned import or file", "Hijacked dependency",
         "Forged or hijacked gateway of text messages"),
    ),
)  # fmt: skip
