from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from courses import due, emails, reasons, reports, stats, todo  # noqa: F401  (they register themselves)
        from courses.actions import merging, registers, runs  # noqa: F401  (so does what can be told of them)
