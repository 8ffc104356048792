"""Forms of the library."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.library.logic import LONGEST_NOTE, LONGEST_TITLE, MOST_BYTES, MOST_SIGNS, NewVersion
from medvirk.library.models import Audience, Kind
from medvirk.people.models import Unit
from medvirk.ui.forms import DateInput, DesignForm, RadioSelect
from medvirk.ui.languages import NAMES


class SearchForm(DesignForm):
    marks_optional = False

    words = forms.CharField(label=_("Words in it"), required=False, max_length=200, strip=True)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("all kinds")), *Kind.choices]


class AboutForm(DesignForm):
    """What a document is, whom it is for, and who looks after it."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    audience = forms.ChoiceField(label=_("Who may read it"), choices=Audience.choices, widget=RadioSelect)
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit that looks after it"))
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=500, help_text=_("Words to find it by, parted by commas.")
    )

    def __init__(self, *args, units, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units


class VersionForm(DesignForm):
    """What it says in one language: a page, or a file."""

    language = forms.ChoiceField(label=_("Language"), choices=list(NAMES.items()))
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    body = forms.CharField(
        label=_("The text"),
        required=False,
        max_length=MOST_SIGNS,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_(
            "Leave an empty line between paragraphs. A line that begins with ## is a heading, one that begins with - a "
            "point in a list; **two stars** make bold. Or leave it empty and choose a file."
        ),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument, PNG or JPEG, at most %(most)d MB.")
        % {"most": MOST_BYTES // 1_000_000},
    )
    valid_from = forms.DateField(
        label=_("Holds from"),
        widget=DateInput,
        help_text=_("Until that day the version before is shown."),
    )
    note = forms.CharField(
        label=_("What is changed"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=_("One sentence. Needed when there is a version in this language already."),
    )

    def version(self) -> NewVersion:
        """What is filled in; of a form that is valid."""
        cleaned = self.cleaned_data
        file = cleaned["file"]
        return NewVersion(
            language=cleaned["language"],
            title=cleaned["title"],
            valid_from=cleaned["valid_from"],
            body=cleaned["body"],
            content=file.read() if file else None,
            size=file.size if file else 0,
            note=cleaned["note"],
        )


class NewDocumentForm(AboutForm, VersionForm):
    """A document with its first version."""

    field_order = ("kind", "language", "title", "body", "file", "audience", "unit", "valid_from", "tags")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # Nothing is changed yet.
        del self.fields["note"]
        self.fields["valid_from"].help_text = _("It is shown from that day.")

    def version(self) -> NewVersion:
        self.cleaned_data.setdefault("note", "")
        return super().version()
