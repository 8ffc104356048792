"""The classes of this room's fields (`people.privacy`)."""

from medvirk.people.privacy import Purpose, classify

classify(
    "instruments.LocalWording",
    purpose=Purpose.OPERATION,
    retention="organisation",
    identifying="loaded_by",
    plain="id instrument_key version language content translator licence source loaded_at",
)
classify(
    "instruments.LocalParameters",
    purpose=Purpose.OPERATION,
    retention="organisation",
    identifying="set_by",
    plain="id instrument_key version scale cutoff reliable_change level source set_at",
)
