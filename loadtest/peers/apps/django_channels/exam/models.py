"""The answers. Their table is made by the load test."""

from django.db import models


class Answer(models.Model):
    pk = models.CompositePrimaryKey("attempt", "n")
    attempt = models.TextField()
    n = models.IntegerField()
    question = models.TextField()
    value = models.TextField()
    position = models.IntegerField()
    at_ms = models.BigIntegerField()

    class Meta:
        db_table = "answers"
        managed = False
