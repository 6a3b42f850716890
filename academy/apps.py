from django.apps import AppConfig


class AcademyConfig(AppConfig):
    name = "academy"

    def ready(self) -> None:
        from academy import celery, checks  # noqa: F401  (tasks find their application; checks register themselves)
        from academy.dashboards import sections, todo  # noqa: F401  (so do these)
