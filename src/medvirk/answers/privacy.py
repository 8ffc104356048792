"""The classes of this room's fields (`people.privacy`)."""

from medvirk.people.privacy import Purpose, classify

classify(
    "answers.Occasion",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id about respondent capacity opens_at closes_at closed_for created_at declined_at",
)
classify(
    "answers.Ask",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="topic",
    sensitive="id occasion topic_id",
    plain="position instrument_key instrument_version",
)
classify(
    "answers.AnswerLink",
    purpose=Purpose.CARE,
    retention="answer_link",
    sensitive="id occasion token_hash return_to",
    plain="channel created_at expires_at revoked_at",
)
classify(
    "answers.TabletCode",
    purpose=Purpose.CARE,
    retention="answer_link",
    sensitive="id occasion code_hash",
    plain="made_at expires_at",
)
classify(
    "answers.PaperForm",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id occasion code",
    plain="printed_at",
)
classify(
    "answers.PaperEntry",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="typed again correction",
    sensitive="id occasion filled_on begun_by begun_at entered_by entered_at undone_at corrected_at",
)
classify(
    "answers.Draft",
    purpose=Purpose.CARE,
    retention="draft",
    identifying="content",
    sensitive="id occasion client_id updated_at",
)
classify(
    "answers.Submission",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="own_words",
    sensitive="id occasion client_id submitted_at helped_by citizen_may_read",
    plain="channel",
)
classify(
    "answers.Answer",
    purpose=Purpose.CARE,
    retention="journal",
    # A free text stands among the values; numbers alone say nothing about who it is.
    identifying="values topic",
    sensitive="id submission topic_id alerts",
    plain="instrument_key instrument_version language",
)
classify(
    "answers.Score",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id answer value missing_reason answered",
    plain="scale of",
)
classify(
    "answers.OrganisationText",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id key unit body updated_at",
)
classify(
    "answers.NoticeSeen",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id person digest seen_at",
)
