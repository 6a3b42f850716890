from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "cohorts"

    def ready(self) -> None:
        from cohorts import reasons, sections, stats, todo  # noqa: F401  (they register themselves)
        from cohorts.actions import merging  # noqa: F401
        from cohorts.importers import cohorts  # noqa: F401  (so does what can be told of them)
