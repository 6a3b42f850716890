from django.apps import AppConfig


class AcademyConfig(AppConfig):
    name = "academy"

    def ready(self) -> None:
        from academy import celery  # noqa: F401  (tasks find their application)
