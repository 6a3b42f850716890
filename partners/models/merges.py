"""Two records of one human being, made one."""

from django.db import connection, models
from django.db.models import F, Q

from partners.models.people import Person

# Pairs of records with the same address or the same name, but for those of whom somebody said that they are two people.
_PAIRS = """
SELECT one, other, bool_or(same_address) AS same_address FROM (
    SELECT a.id AS one, b.id AS other, a.name_key, true AS same_address
    FROM partners_person a JOIN partners_person b ON b.email = a.email AND b.id > a.id
    WHERE a.email <> '' AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL
    UNION ALL
    SELECT a.id, b.id, a.name_key, false
    FROM partners_person a JOIN partners_person b ON b.name_key = a.name_key AND b.id > a.id
    WHERE a.merged_into_id IS NULL AND b.merged_into_id IS NULL
) pairs
WHERE NOT EXISTS (SELECT FROM partners_notduplicates n WHERE n.one_id = one AND n.other_id = other)
GROUP BY one, other, name_key ORDER BY same_address DESC, name_key, one, other LIMIT %s
"""


def count_possible_duplicates(most: int) -> int:
    """How many such pairs there are; `most` where there are that many or more."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_PAIRS}) pairs", [most])  # noqa: S608
        return cursor.fetchone()[0]


def possible_duplicates(most: int) -> list[tuple[Person, Person]]:
    """Pairs of people, `most` at the most, who may be one: those who share an address first."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, [most])
        pairs = [(one, other) for one, other, _ in cursor.fetchall()]
    people = Person.objects.in_bulk({pk for pair in pairs for pk in pair})
    return [(people[one], people[other]) for one, other in pairs]


class Merge(models.Model):
    """What became one, why, and what was moved, so that it can be undone."""

    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absorptions")
    absorbed = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    moved = models.JSONField(default=dict, help_text="ids of the rows that point at the kept record now, by field")
    before = models.JSONField(default=dict, help_text="what both records held that was changed")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="nobody_is_merged_with_themselves"),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at=None), name="a_record_is_absorbed_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed} into {self.kept}"


class NotDuplicates(models.Model):
    """Two people of whom somebody said that they are two. The lower id comes first."""

    one = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="two_people_are_told_apart_once")]

    def __str__(self) -> str:
        return f"{self.one} is not {self.other}"
