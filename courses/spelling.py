"""What somebody meant who looked for a word that no course has.

Words are corrected by those of the catalogue itself, and only where what was typed finds nothing. The database keeps
no list of them: it is made from the courses that this person may find, when it is needed.
"""

import re
from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from courses.models import Course, PracticeTheme

LONGEST = 30  # letters; no word that anyone misspells is longer
MOST_WORDS = 6
SHORT = 5  # letters, up to which a word may have one error; longer ones two
_WORD = re.compile(r"[^\W\d_]{3,}")


def corrected(typed: str, courses: QuerySet[Course]) -> str:
    """The same words, each that no course has replaced by the nearest that one has; empty where one has none near.

    Quotes, minus signs and everything else stay as they were typed.
    """
    words = [word for word in _WORD.findall(typed)[:MOST_WORDS] if len(word) <= LONGEST]
    wrong = [word for word in _that_count(words) if not courses.matching(word).exists()]
    known = _vocabulary(courses, map(len, wrong)) if wrong else set()
    better = {word: _nearest(word.lower(), known) for word in wrong}
    if not better or not all(better.values()):
        return ""
    return _WORD.sub(lambda found: better.get(found[0], found[0]), typed)


def _that_count(words: list[str]) -> list[str]:
    """Those that the search looks for: it leaves out 'the' and its like."""
    with connection.cursor() as cursor:
        sql = "SELECT word FROM unnest(%s::text[]) word WHERE to_tsvector('english', word) <> ''"
        cursor.execute(sql, [words])
        return [word for (word,) in cursor.fetchall()]


_WORDS = """
SELECT DISTINCT lexeme
FROM ({courses}) found, unnest(to_tsvector('simple', concat_ws(' ', title, summary, audience, aims)))
WHERE length(lexeme) = ANY(%s)
"""


def _vocabulary(courses: QuerySet[Course], lengths: Iterable[int]) -> set[str]:
    """Every word of those courses, and of the names of themes, that is about as long as one of these."""
    near = sorted({length + more for length in lengths for more in (-2, -1, 0, 1, 2)})
    sql, values = courses.order_by().values("title", "summary", "audience", "aims").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_WORDS.format(courses=sql), [*values, near])
        found = {word for (word,) in cursor.fetchall()}
    names = PracticeTheme.objects.values_list("name", flat=True)
    return found | {word.lower() for name in names for word in _WORD.findall(name)}


def _nearest(typed: str, known: set[str]) -> str:
    """The nearest word, if any is near enough."""
    most = 1 if len(typed) <= SHORT else 2
    near = (word for word in known if abs(len(word) - len(typed)) <= most)
    distances = ((distance(typed, word, most), word) for word in near if _WORD.fullmatch(word))
    steps, word = min(distances, default=(most + 1, ""))
    return word if steps <= most else ""


def distance(one: str, other: str, most: int) -> int:
    """How many letters are left out, added, changed or swapped with their neighbour; past `most`, some number above it.

    Damerau and Levenshtein's, with each place changed once.
    """
    earlier: list[int] = []
    before = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(*row, *before) > most:
            return most + 1
        earlier, before = before, row
    return before[-1]
