"""The board in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medvirk.feedback.logic.board import Column
from medvirk.feedback.models import ColumnKey
from medvirk.feedback.wording.courses import points


def column_name(column: Column) -> str:
    """The team's own name; else ours."""
    return column.name or str(ColumnKey(column.key).label if column.key else _("Without a name"))


def contacts_words(contacts: float | None) -> str:
    """How often a week: "3 times a week", "every second week"."""
    if contacts is None:
        return ""
    if contacts == 0.5:
        return _("every second week")
    count = 1 if contacts == 1 else 2
    words = ngettext("%(count)s time a week", "%(count)s times a week", count)
    return words % {"count": points(contacts)}


def met_words(met: int | None) -> str:
    """How often somebody was met in the last four weeks."""
    if met is None:
        return _("new: nothing to count yet")
    if met == 0:
        return _("not met in the last 4 weeks")
    return ngettext("met once in the last 4 weeks", "met %(count)d times in the last 4 weeks", met) % {
        "count": met
    }


REFUSALS: dict[str, Promise] = {
    "ended_already": gettext_lazy("This course of help has ended. Nothing was changed."),
    "no_words": gettext_lazy("Nothing is written yet."),
    "no_reason": gettext_lazy("Say why, in a few words."),
    "too_much": gettext_lazy("This is too long to be kept. Shorten it a little."),
    "too_soon": gettext_lazy("That day has passed. Choose today or a later day."),
    "cannot_do": gettext_lazy("They may not open this record, so they cannot be given a task in it."),
    "no_column": gettext_lazy("That column is not there any more. Choose again."),
    "newer": gettext_lazy(
        "Somebody has written a newer version meanwhile. It stands above. Put together what should hold, and keep it"
        " once more."
    ),
    "no_columns": gettext_lazy("A board needs at least one column."),
    "no_start": gettext_lazy("Choose in which column courses begin."),
}
