"""What the fields of this room are (`people.privacy`): about nobody, but for who wrote what."""

from medvirk.people.privacy import Purpose, classify

classify(
    "library.Document",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id kind audience unit tags created_at retired_at",
)
classify(
    "library.Version",
    purpose=Purpose.OPERATION,
    retention="organisation",
    sensitive="made_by",
    plain="id document language number title body file_type file_size content searched note valid_from made_at",
)
classify(
    "library.DocumentMove",
    purpose=Purpose.OPERATION,
    retention="organisation",
    plain="id document day unit reorganisation",
)
