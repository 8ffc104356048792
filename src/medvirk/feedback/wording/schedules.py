"""Plans in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medvirk.feedback.logic.schedules import AFTER, Ahead, Form, Line, When
from medvirk.instruments.queries import effective_all
from medvirk.ui.languages import current_language


def rule_in_words(line: Line) -> str:
    """When a line asks: "before every conversation", "after the first conversation, and then every fourth"."""
    after = line.moment == AFTER
    match line.when:
        case When.EVERY:
            return _("after every conversation") if after else _("before every conversation")
        case When.EVERY_NTH:
            text = (
                _("after the first conversation and then after every %(number)d.")
                if after
                else _("before the first conversation and then before every %(number)d.")
            )
            return text % {"number": line.number}
        case When.START:
            return _("after the first conversation") if after else _("before the first conversation")
        case When.AFTER_MONTHS:
            text = ngettext(
                "at the first conversation after %(number)d month",
                "at the first conversation after %(number)d months",
                line.number,
            )
            return text % {"number": line.number}
        case When.END:
            return _("at the last conversation")


def titles_of(forms: Iterable[Form]) -> dict[Form, str]:
    """What questionnaires are called here. Three queries at most."""
    wanted = sorted(set(forms))
    language = current_language()
    return {
        form: instrument.title(language)
        for form, instrument in zip(wanted, effective_all(wanted), strict=True)
    }


def listed(forms: Sequence[Form], titles: dict[Form, str], *, goals: int = 0) -> str:
    """The names of what is asked, in a row."""
    names = [titles[form] for form in forms]
    if goals:
        names.append(ngettext("%(count)d own goal", "%(count)d own goals", goals) % {"count": goals})
    return ", ".join(names) or _("nothing")


def forms_of(coming: Iterable[Ahead]) -> set[Form]:
    return {form for each in coming for form in (*each.before, *each.after)}
