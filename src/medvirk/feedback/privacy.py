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
    sensitive="id episode citizen signals_due_at since until",
)
classify(
    "feedback.Session",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode starts_at cancelled_at is_last",
)
classify(
    "feedback.Asking",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id session citizen moment occasion",
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
    sensitive="id signal kind at by owner until session score said_by",
)
classify(
    "feedback.RiskLine",
    purpose=Purpose.OPERATION,
    retention="organisation",
    # Of functions, not of people.
    plain="id unit days begins ends who phone within_minutes position changed_at",
)
classify(
    "feedback.ChangeChoice",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id unit words position retired_at changed_at",
)
classify(
    "feedback.SignalGuide",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id unit kind document changed_at",
)
classify(
    "feedback.Agreement",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text",
    sensitive="id episode session signal choice case due_on done_on dropped_on undone_at noted_by noted_at",
)
classify(
    "feedback.MeasuringPause",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="words",
    sensitive="id episode citizen reason since until set_by set_at lifted_by lifted_at",
)
classify(
    "feedback.Goal",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="words",
    sensitive="id citizen episode set_on set_by set_at reached_on dropped_on",
)
classify(
    "feedback.LifeEvent",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="words",
    sensitive="id citizen day noted_by noted_at",
)
classify(
    "feedback.Schedule", purpose=Purpose.CARE, retention="journal", sensitive="id episode", plain="unit eases"
)
classify(
    "feedback.ScheduleLine",
    purpose=Purpose.CARE,
    retention="journal",
    plain="id schedule instrument_key instrument_version moment rule number",
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
classify(
    "feedback.Showing",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode citizen part yes said_at said_by",
)
classify(
    "feedback.ProxyAsking",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id occasion basis noted_by noted_at",
)
classify(
    "feedback.Supervision",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id unit day begun_at ended_at planned_by planned_at",
)
classify(
    "feedback.Supervision_present",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id supervision staff",
)
classify(
    "feedback.SupervisionCase",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="asked",
    sensitive="id supervision episode why asked_by asked_at taken_off_by taken_off_at",
)
classify(
    "feedback.SupervisionNote",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text",
    sensitive="id case written_by written_at undone_at",
)
classify(
    "feedback.SelfCheck",
    purpose=Purpose.IMPROVEMENT,
    retention="organisation",
    identifying="marks",
    sensitive="id staff unit day answered_at",
    plain="instrument_key instrument_version",
)
classify(
    "feedback.MeetingGuess",
    purpose=Purpose.IMPROVEMENT,
    retention="journal",
    sensitive="id asking staff score guessed_at",
)
classify(
    "feedback.BoardColumn",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id unit key name position contacts starts_here retired_at",
)
classify(
    "feedback.BoardMove",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="reason",
    sensitive="id episode column day contacts moved_by moved_at",
)
classify(
    "feedback.BoardTask",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text",
    sensitive="id episode who due_on made_by made_at done_at done_by dropped_at",
)
classify(
    "feedback.BoardLook",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id episode day looked_by looked_at",
)
classify(
    "feedback.CrisisPlan",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="signs helps calls",
    sensitive="id citizen with_citizen written_by written_at",
)
classify(
    "feedback.PlanWish",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="text",
    sensitive="id citizen wished_by wished_at seen_by seen_at",
)
classify(
    "feedback.JournalSummary",
    purpose=Purpose.CARE,
    retention="journal",
    identifying="note",
    sensitive="id episode citizen session parts language text_digest made_by made_at taken_over_at taken_over_by "
    "taken_over_where",
)
classify(
    "feedback.JournalChoice",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="id staff parts since",
)
classify(
    "feedback.UseNote",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="noted_by noted_at",
    plain="id unit month words new_limits",
)
classify(
    "feedback.ReminderPlan",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id unit sends invite_hours remind_hours after_hours names_time",
)
classify("feedback.ReminderChoice", purpose=Purpose.CARE, retention="journal", sensitive="id episode sends")
classify(
    "feedback.Reminder",
    purpose=Purpose.CARE,
    retention="journal",
    sensitive="id asking kind for_time made_at channel why_not by called_off_at outdated_at",
)
