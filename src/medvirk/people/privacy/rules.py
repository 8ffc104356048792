"""The classes of `people`'s own fields, and of the tables that other packages bring."""

from medvirk.people import crypto, identity
from medvirk.people.models import AccessEvent, JobAccount, KeyKind, Person, PersonKey, User
from medvirk.people.models.log import hash_of
from medvirk.people.privacy.classes import EncryptedColumn, KeyedColumn, Purpose, classify


def login_hash(user: User) -> str:
    return identity.sign_in_key(user.login)


def digest(key: PersonKey) -> str | None:
    """None when the person no longer has what the key was made of: then it is left as it stands."""
    person: Person = key.person
    by_kind = dict(
        identity.keys_of(
            given_name=person.given_name,
            family_name=person.family_name,
            national_id=person.national_id,
            phone=person.phone,
            email=person.email,
        )
    )
    return by_kind.get(KeyKind(key.kind))


def actor_hash(event: AccessEvent) -> str:
    return hash_of("actor", event.actor_id)


def citizen_hash(event: AccessEvent) -> str:
    return hash_of("citizen", event.citizen_id)


def identity_hash(account: JobAccount) -> str:
    return identity.job_account_key(account.identity)


classify(
    "people.Unit",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id name kind parent valid_from valid_to",
)
classify(
    "people.User",
    purpose=Purpose.OPERATION,
    retention="account",
    identifying="login login_hash",
    sensitive="id password last_login person created_at",
    plain="is_active has_first_password session_round",
    keyed=[KeyedColumn("login_hash", login_hash)],
)
classify(
    "people.JobAccount",
    purpose=Purpose.OPERATION,
    retention="account",
    identifying="identity identity_hash",
    sensitive="id user made_at bound_at",
    keyed=[KeyedColumn("identity_hash", identity_hash)],
)
classify(
    "people.Person",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="given_name family_name national_id birth_date phone email",
    sensitive="id language protection died_on merged_into created_at",
)
classify(
    "people.PersonKey",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="digest",
    sensitive="id person",
    plain="kind",
    keyed=[KeyedColumn("digest", digest, related=("person",))],
)
classify(
    "people.Staff",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="id person user title",
)
classify(
    "people.Grant",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="staff",
    plain="id role unit valid_from valid_to",
)
classify(
    "people.Citizen",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id person registered_at erased_at",
)
classify(
    "people.Relation",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="reason",
    sensitive="id citizen staff unit basis opens_all parts valid_from valid_to ends_at",
)
classify(
    "people.Bar",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="reason",
    sensitive="id citizen staff kind set_at lifted_at",
)
classify(
    "people.Guardianship",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id citizen guardian kind withheld covers_health valid_from valid_to",
)
classify(
    "people.AccessEvent",
    purpose=Purpose.CARE,
    retention="access_log",
    # Ids name nobody, but they say who used whose record, so they are encrypted and found by hashes.
    identifying="actor_id actor_hash citizen_id citizen_hash",
    sensitive="id at nonce actor_kind action what basis mac",
    keyed=[KeyedColumn("actor_hash", actor_hash), KeyedColumn("citizen_hash", citizen_hash)],
)

classify(
    "people.LogSeal",
    purpose=Purpose.CARE,
    retention="access_log",
    sensitive="ids",
    plain="number rows total digest sealed_at mac",
)
classify(
    "people.LogStone",
    purpose=Purpose.CARE,
    retention="access_log",
    plain="up_to last_id total last_mac removed_at rule mac",
)
classify(
    "people.UnusualOpening",
    purpose=Purpose.CARE,
    retention="access_log",
    identifying="words",
    sensitive="id day kind staff records first_at last_at state looked_at looked_by",
)
classify(
    "people.RotationProgress",
    purpose=Purpose.OPERATION,
    retention="operation",
    sensitive="after",
    plain="id keys table rows done_at",
)

# Tables of other packages.
classify(
    "sessions.Session",
    purpose=Purpose.OPERATION,
    retention="sign_in",
    identifying="session_key session_data",
    plain="expire_date",
    encrypted=[EncryptedColumn("session_data")],
)
for label, names in {
    "contenttypes.ContentType": "id app_label model",
    "auth.Permission": "id name content_type codename",
    "auth.Group": "id name",
    "auth.Group_permissions": "id group permission",
}.items():
    classify(label, purpose=Purpose.OPERATION, retention="organisation", plain=names)
classify(
    "mfa.Authenticator",
    purpose=Purpose.OPERATION,
    retention="account",
    # Secrets, recovery codes and the owner's names of keys stand encrypted among the rest (people.signin.factors).
    identifying="data",
    sensitive="id user created_at last_used_at",
    plain="type",
    encrypted=[EncryptedColumn("data", crypto.renew_json, crypto.tokens_in_json)],
)
# Accounts have no e-mail address here (ACCOUNT_USER_MODEL_EMAIL_FIELD): the tables are there, and empty.
classify(
    "account.EmailAddress",
    purpose=Purpose.OPERATION,
    retention="account",
    identifying="email",
    sensitive="id user verified primary",
)
classify(
    "account.EmailConfirmation",
    purpose=Purpose.OPERATION,
    retention="account",
    identifying="key",
    sensitive="id email_address created sent",
)

classify(
    "people.ConsentText",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="published_by",
    plain="id purpose version body asks_again published_at",
)
classify(
    "people.Consent",
    purpose=Purpose.CARE,
    retention="consent",
    sensitive="id citizen answered_at ended_at answered_by noted_by way yes",
    plain="purpose version language digest",
)

# Units over time: which unit a row stood in says something of those it belongs to, so keys of rows are sensitive.
classify(
    "people.Reorganisation",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="made_by",
    plain="id kind day described made_at undone_at",
)
classify(
    "people.UnitSuccession",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id reorganisation old new",
)
classify(
    "people.UnitPlace",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id unit day name parent reorganisation",
)
classify(
    "people.ReorganisedRow",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="old_key new_key",
    plain="id reorganisation kind made last_day_before unit_before",
)
# One person registered twice. The journal is what undoing rests on, so it is kept as long as the record.
classify(
    "people.PersonMerge",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="details",
    sensitive="id kept duplicate kept_citizen_id duplicate_citizen_id made_at made_by undone_at undone_by",
)
classify(
    "people.PersonMergeMove",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="content",
    sensitive="row old_value new_value",
    plain="id merge model field",
)
classify(
    "people.SuspectedDuplicate",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="reason",
    sensitive="id first second state proposed_by at decided_by decided_at merge_proposed_by merge_proposed_at kept "
    "take",
)
classify(
    "people.CitizenRequest",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text answer",
    sensitive="id citizen asked_by kind about sent_at due_on seen_at outcome answered_at answered_by closed_at",
    plain="overdue_told_at",
)
classify(
    "people.EmergencyReview",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id relation reviewed_by reviewed_at",
)
classify(
    "people.Death",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id citizen registered_by registered_at closed undone_at",
)
classify(
    "people.RetentionPeriod",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id rule months",
)
classify(
    "people.RetentionRun",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="made_by approved_by",
    plain="id made_at report months approved_at done_at result",
)
classify(
    "people.Erasure",
    purpose=Purpose.OPERATION,
    retention="organisation",
    identifying="reason",
    sensitive="citizen run proposed_at proposed_by approved_at approved_by declined_at done_at",
    plain="id basis result",
)
