"""Forms of the people room. New ones stand in a file of their own."""

from medvirk.people.forms.people import (
    CitizenDetailsForm,
    DetailsForm,
    GrantForm,
    JobAccountForm,
    LastDayForm,
    NewCitizenForm,
    NewStaffForm,
    PasswordForm,
    RelationForm,
    SearchForm,
    StaffForm,
    StartAfterSearchForm,
    TeamForm,
    UnitForm,
)

__all__ = [
    "CitizenDetailsForm",
    "DetailsForm",
    "GrantForm",
    "JobAccountForm",
    "LastDayForm",
    "NewCitizenForm",
    "NewStaffForm",
    "PasswordForm",
    "RelationForm",
    "SearchForm",
    "StaffForm",
    "StartAfterSearchForm",
    "TeamForm",
    "UnitForm",
]
