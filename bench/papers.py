"""PDFs: a certificate, and the month's paper."""

from collections.abc import Iterator

from academy.lib import clock
from bench.figures import Line, in_turns
from bench.ground import tell
from courses import reports as training
from courses.models import Certificate
from evaluation import reports as evaluation

ROUNDS = 50
BAR_MS = 5


def measure() -> Iterator[Line]:
    """Milliseconds for each, in a process that has the fonts."""
    tell("PDFs")
    certificate = Certificate.objects.select_related("achievement").first()
    on = clock.today()
    one, month = in_turns(
        [lambda: training.certificate_pdf(certificate), lambda: evaluation.retention_paper(on)], ROUNDS
    )
    holds = one.median <= BAR_MS
    yield Line("certificate as a PDF", one.median, "ms", f"≤ {BAR_MS} ms", holds, worst=one.p95)
    yield Line("the month’s paper as a PDF, figures included", month.median, "ms", worst=month.p95)
