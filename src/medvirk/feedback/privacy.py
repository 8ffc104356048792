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
classify(
    "feedback.Participation",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode citizen signals_due_at",
)
classify(
    "feedback.Session",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode starts_at cancelled_at",
)
classify(
    "feedback.Asking", purpose=Purpose.CARE, retention="journal", sensitive="id session citizen moment occasion"
)
classify(
    "feedback.Signal",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode citizen session kind raised_at score owner due_at tell_at settled_at",
)
classify(
    "feedback.SignalStep",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text",
    sensitive="id signal kind at by owner until session score",
)
classify(
    "feedback.ChangeChoice",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id unit words position retired_at",
)
classify(
    "feedback.Agreement",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text",
    sensitive="id episode session signal choice due_on done_on dropped_on noted_by noted_at",
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
