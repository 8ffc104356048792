"""One row for each sending, with as many answers as Medvirk's page asks for."""

from django.db import models


class Reply(models.Model):
    client_id = models.UUIDField(unique=True)
    first = models.FloatField()
    second = models.FloatField()
    third = models.FloatField()
    fourth = models.FloatField()
    fifth = models.FloatField()
    safety = models.PositiveSmallIntegerField()
    own_words = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.client_id)
