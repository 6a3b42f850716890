from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from courses import due, emails, reasons, reports, sections, stats, todo  # noqa: F401  (they register themselves)
        from courses.actions import (  # noqa: F401  (what can be told of them)
            bookings,
            hostings,
            interests,
            merging,
            newcomers,
            recordings,
            registers,
            run_messages,
            runs,
            signing_in,
            visits,
        )
