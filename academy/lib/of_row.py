"""SQL of our own in a queryset, where building the same from querysets would cost a page milliseconds of Python."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F


class OfRow(models.Func):
    """Something about each row of a queryset, in SQL; `{row}` in it is the row.

    Django gives a table another name where it puts one queryset into another, so a statement that named the table
    itself would ask about the wrong row there, or about none.
    """

    def __init__(self, sql: str, values: Iterable[object], output_field: models.Field | None = None) -> None:
        super().__init__(F("pk"), output_field=output_field or models.BooleanField())
        self.sql, self.values = sql, tuple(values)

    def as_sql(self, compiler: Any, *_: Any, **__: Any) -> tuple[str, list[object]]:
        """The statement and its values."""
        [key] = self.source_expressions
        return self.sql.replace("{row}", compiler.quote_name_unless_alias(key.alias)), list(self.values)
