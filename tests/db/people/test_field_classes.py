"""Every field of every table is classed, and what identifies somebody is hidden in the database."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from medvirk.people import privacy
from medvirk.people.fields import EncryptedTextField, EncryptedTextsJSONField
from medvirk.people.models import Citizen, Grant, Person, PersonKey, Staff
from medvirk.people.privacy import Level, Purpose, classes

#: Identifying columns that stand neither encrypted nor as a keyed hash, each with why that is no harm.
HIDDEN_OTHERWISE = {
    # Hash of a long random key (people.sessions).
    "sessions.Session.session_key",
    # Tables of allauth that stay empty: accounts have no e-mail address here.
    "account.EmailAddress.email",
    "account.EmailConfirmation.key",
}


def test_every_field_is_classed():
    """If this fails: say in `<room>/privacy.py` what the field is (docs/keys.md, "A new field")."""
    assert list(privacy.unclassed()) == []


def test_every_table_of_the_database_has_a_model_that_is_classed(db):
    # Made by Django without a model: which migrations are in, and the shared cache (people.cache encrypts it).
    without = {"django_migrations", "ui_cache"}
    classed = {model._meta.db_table for model, _rule in privacy.every_rule()}

    assert set(connection.introspection.table_names()) - without <= classed


@pytest.fixture
def new_model(monkeypatch):
    """A model that somebody adds to `people`, known to the register of models as long as the test lasts."""
    from django.test.utils import isolate_apps

    with isolate_apps("medvirk.people"):

        class Allergy(models.Model):
            what = models.TextField()

            class Meta:
                app_label = "people"

            def __str__(self) -> str:
                return ""

    monkeypatch.setattr(classes, "every_model", lambda: [Allergy])
    monkeypatch.setattr(classes, "_stated", dict(classes._stated))
    return Allergy


def test_a_new_table_that_nobody_classed_is_named_with_what_to_do(new_model):
    (fault,) = privacy.unclassed()

    assert "people.Allergy is not classed" in fault
    assert "privacy.py" in fault


def test_a_new_field_that_nobody_classed_is_named_with_what_to_do(new_model):
    privacy.classify("people.Allergy", purpose=Purpose.CARE, retention="journal", sensitive="id since")

    faults = list(privacy.unclassed())

    assert len(faults) == 2
    assert "people.Allergy.what has no class" in faults[0]
    assert "has no field since" in faults[1]


def test_a_field_stands_in_one_class(new_model):
    with pytest.raises(ValueError, match=r"people\.Allergy\.what stands in two"):
        privacy.classify(
            "people.Allergy", purpose=Purpose.CARE, retention="x", identifying="what", plain="what id"
        )


def test_what_identifies_somebody_is_encrypted_or_hashed():
    in_the_clear = set()
    hidden = {(each.model, each.name) for each in (*privacy.encrypted_columns(), *privacy.keyed_columns())}
    for model, rule in privacy.every_rule():
        for name, level in rule.fields.items():
            if level is Level.IDENTIFYING and (model, name) not in hidden:
                in_the_clear.add(f"{model._meta.label}.{name}")

    assert in_the_clear <= HIDDEN_OTHERWISE


def test_what_is_encrypted_is_classed_as_identifying_or_links_people():
    """An encrypted field classed as plain would go out with the first export."""
    for model, rule in privacy.every_rule():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField | EncryptedTextsJSONField):
                assert rule.fields[field.name] >= Level.SENSITIVE, f"{model._meta.label}.{field.name}"


def test_free_text_is_not_plain():
    """A text field without choices in a table about people is where names end up."""
    plain = set()
    for model, rule in privacy.every_rule():
        if rule.purpose is not Purpose.CARE:
            continue
        for field in model._meta.concrete_fields:
            if type(field) is models.TextField and rule.fields[field.name] is Level.PLAIN:
                plain.add(f"{model._meta.label}.{field.name}")

    assert plain == set()


def test_a_link_to_somebody_is_not_plain():
    """Who belongs together with whom tells a lot, also without names."""
    people = {Person, Citizen, Staff, apps.get_model("people", "User")}
    plain = {
        f"{model._meta.label}.{field.name}"
        for model, rule in privacy.every_rule()
        for field in model._meta.concrete_fields
        if field.related_model in people and rule.fields[field.name] is Level.PLAIN
    }

    assert plain == set()


def test_changes_follow_their_table():
    rule = privacy.rule_of(Person.history.model)

    assert rule.fields["given_name"] is Level.IDENTIFYING
    assert rule.fields["history_user"] is Level.SENSITIVE
    assert rule.fields["history_date"] is Level.PLAIN
    assert (rule.purpose, rule.retention) == (Purpose.CARE, privacy.rule_of(Person).retention)


@pytest.mark.parametrize(
    ("model", "level", "names"),
    [
        (Grant, Level.PLAIN, {"id", "role", "unit", "valid_from", "valid_to"}),
        (Grant, Level.SENSITIVE, {"id", "role", "unit", "valid_from", "valid_to", "staff"}),
        (PersonKey, Level.SENSITIVE, {"id", "person", "kind"}),
        (Person, Level.PLAIN, set()),
    ],
)
def test_an_export_holds_what_its_level_allows(model, level, names):
    assert set(privacy.export_fields(model, level)) == names


def test_an_export_of_everything_holds_everything():
    assert privacy.export_fields(Person, Level.IDENTIFYING) == [
        each.name for each in Person._meta.concrete_fields
    ]


def test_what_is_not_classed_is_never_exported(new_model):
    privacy.classify("people.Allergy", purpose=Purpose.CARE, retention="journal", sensitive="id")

    with pytest.raises(LookupError, match="not classed: what"):
        privacy.export_fields(new_model, Level.IDENTIFYING)
