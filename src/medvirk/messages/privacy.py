"""What the fields of this room are (`people.privacy`)."""

from medvirk.people.privacy import Purpose, classify

classify(
    "outbox.Message",
    purpose=Purpose.OPERATION,
    retention="message",
    identifying="address subject body",
    sensitive="id recipient channel kind once_key reference",
    plain="created_at due_at expires_at waits_for_day state lease attempts sent_at reported_at last_error",
)
classify(
    "outbox.Notice",
    purpose=Purpose.OPERATION,
    retention="message",
    identifying="facts",
    sensitive="id recipient kind once_key",
    plain="created_at read_at",
)
classify(
    "outbox.DutyState",
    purpose=Purpose.OPERATION,
    retention="operation",
    plain="name due_at lease started_at done_at failures last_error",
)
