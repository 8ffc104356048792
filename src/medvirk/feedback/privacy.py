"""The classes of this room's fields (`people.privacy`)."""

from medvirk.people.privacy import Purpose, classify

classify(
    "feedback.Episode",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id unit responsible started_on ended_on ending asks_safety",
    plain="kind outcome_key outcome_version meeting_key meeting_version",
)
classify(
    "feedback.EpisodeMove",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode day unit reorganisation",
)
classify("feedback.Participation", purpose=Purpose.CARE, retention="journal", sensitive="id episode citizen")
classify(
    "feedback.Session",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode starts_at before after cancelled_at",
)
classify(
    "feedback.HelpChange",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text",
    sensitive="id session noted_by noted_at",
)
classify(
    "feedback.LocalNorms",
    purpose=Purpose.IMPROVEMENT,
    retention="statistics",
    plain="id instrument_key instrument_version scale norms persons accuracy measuring fitted_at",
)
classify(
    "feedback.NormsRelease",
    purpose=Purpose.IMPROVEMENT,
    retention="statistics",
    plain="id instrument_key instrument_version scale period municipality_number checksum text made_at",
)
classify(
    "feedback.NormsRelease_episodes",
    purpose=Purpose.IMPROVEMENT,
    retention="statistics",
    sensitive="id normsrelease episode",
)
