"""The list of bookings behind a figure, as rows of a download."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from academy.lib.dates import london_day
from courses.stats.attendees import Attendee

COLUMNS = ["Name", "Agency", "Course", "Last session", "What came of it"]
UNNAMED = "Someone in another agency"
AT_ONCE = 1000  # people whose names are asked for together

Names = Callable[[set[int]], set[int]]


def lines(found: Iterable[Attendee], named: Names) -> Iterator[list[object]]:
    """One for each booking; whoever may not be named is counted as somebody elsewhere."""
    found = iter(found)
    while some := list(islice(found, AT_ONCE)):
        known = named({attendee.person for attendee in some})
        for attendee in some:
            name = attendee.name if attendee.person in known else UNNAMED
            day = london_day(attendee.ended_at)
            yield [name, attendee.agency, attendee.course, day, attendee.came_to]
