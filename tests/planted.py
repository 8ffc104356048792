"""Words by which it is known that somebody has read what is written about the citizen of a `World`, one a place.

Written through the verbs of the house, so that they lie where such words lie.
"""

from __future__ import annotations

from datetime import date, timedelta

from addresses import World
from django.utils import timezone

OWN_WORDS, CHANGED = "ord-bare-mellom-oss-to", "endret-til-gaturer"
#: On their own pages the citizen finds all of it that is shown there, and what the partner may see by parts.
SIGNS, HELPS, CALLS = "ringer-ikke-tilbake", "sitte-paa-brygga", "ring-nabo-tiriltopp"
GOAL, TASK = "vil-male-baaten", "spoer-om-stoettekontakt"
BESIDE = {
    "crisis plan, wish": "stryk-nabo-av-lista",
    "life event": "hunden-er-borte",
    "agreement": "skriver-soevndagbok",
    "talked about": "snakket-om-tempoet-sist",
    "pause": "er-paa-soersommer",
    "board, move": "flyttes-for-oktoberuka",
    "supervision, wish": "hva-overser-vi-hos-henne",
    "supervision, note": "teamet-tenker-hoeyt",
    "supervision, decision": "proever-to-og-to",
    "journal, note": "ført-i-tillegg-av-meg",
    "paper": "skrevet-med-blyant",
    "next of kin": "Strandvollen",
    "next of kin, own words": "synes-hun-er-blekere",
}
WORDS = {OWN_WORDS, CHANGED, SIGNS, HELPS, CALLS, GOAL, TASK, *BESIDE.values()}

#: What a worker writes for themselves: not even the citizen reads it. A score and a day, so told by their look.
GUESS, CHECKED_ON = 41.3, date(2021, 3, 17)
FOR_ONESELF = {"41,3", "17.03.2021"}


def write_about_the_citizen(world: World) -> None:
    """What is on the pages of a citizen who has been helped for a while."""
    from medvirk.answers.models import Occasion
    from medvirk.answers.paper.entering import OnPaper, type_first
    from medvirk.feedback.actions import board, following, goals, learning, note_change, pauses, supervision
    from medvirk.feedback.actions.journal import Chosen, export
    from medvirk.feedback.logic.learning import OWN_CHECK
    from medvirk.feedback.models import Session, Signal, SupervisionCase
    from medvirk.instruments.queries import effective

    made, now, citizen = world.examples, timezone.now(), world.citizen
    by = world.make.viewer(world.owner)
    session = Session.objects.select_related("episode").get(pk=made["session_id"])
    episode = session.episode

    _answer(by, session.asks("before"), OWN_WORDS)
    _answer(by, Occasion.objects.get(capacity="kin", about=citizen), BESIDE["next of kin, own words"])
    note_change(by=by, session=session, staff=world.owner, text=CHANGED, now=now)
    following.talk(
        by=by, signal=Signal.objects.get(pk=made["signal_id"]), about=BESIDE["talked about"],
        agreed=[following.NewAgreement(BESIDE["agreement"])], session=session, now=now,
    )  # fmt: skip

    goals.add_goal(by=by, citizen=citizen, episode=episode, words=GOAL, now=now)
    goals.note_event(by=by, citizen=citizen, day=by.today, words=BESIDE["life event"], now=now)

    board.write_plan(
        by=by, citizen=citizen, signs=SIGNS, helps=HELPS, calls=CALLS, with_citizen=True, now=now
    )
    own = world.make.viewer(world.make.own_account(citizen.person))
    board.wish_for(by=own, citizen=citizen, text=BESIDE["crisis plan, wish"], now=now + timedelta(seconds=1))
    board.move(by=by, episode=episode, to=0, reason=BESIDE["board, move"], now=now)
    board.give_task(by=by, episode=episode, text=TASK, who=world.owner, due_on=by.today, now=now)

    case = SupervisionCase.objects.select_related("episode", "supervision").get(pk=made["case_id"])
    SupervisionCase.objects.filter(pk=case.pk).update(asked=BESIDE["supervision, wish"])
    supervision.note(by=by, case=case, text=BESIDE["supervision, note"], now=now)
    supervision.decide(by=by, case=case, text=BESIDE["supervision, decision"], due_on=None, now=now)

    export(by=by, chosen=Chosen(episode, citizen, session, (), "nb", "", BESIDE["journal, note"]), now=now)
    paper = Occasion.objects.get(pk=made["answers:paper"]["occasion_id"])
    type_first(
        by=by, occasion=paper, typed={"life-now.q1": "3"}, paper=OnPaper(by.today, BESIDE["paper"]), now=now
    )

    learning.guess(by=by, asking=session.askings.get(moment="after"), score=GUESS, top=50, now=now)
    learning.check_oneself(by=by, instrument=effective(OWN_CHECK), marks={"q1": 4.0}, day=CHECKED_ON)
    # Last: from here on nothing is asked.
    pauses.pause(
        by=by, citizen=citizen, episodes=[episode], reason="other", until=by.today + timedelta(days=9),
        words=BESIDE["pause"], now=now,
    )  # fmt: skip


def _answer(by, occasion, own_words: str) -> None:
    from medvirk.answers.actions import make_link, submit
    from medvirk.answers.logic import Asked
    from medvirk.answers.queries import way_in
    from medvirk.instruments.queries import effective

    now = timezone.now()
    token = make_link(by=by, occasion=occasion, channel="phone", now=now)
    submit(
        way_in=way_in(token, now=now), asked=[Asked(effective("life-now"), "nb")], client_id=occasion.pk,
        sent={f"life-now.q{number}": "3" for number in range(1, 6)}, own_words=own_words, now=now,
    )  # fmt: skip
