from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from courses import due, emails, stats, todo  # noqa: F401  (they register themselves)
        from courses.actions import merging  # noqa: F401
