from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "cohorts"

    def ready(self) -> None:
        from cohorts import stats, todo  # noqa: F401  (they register themselves)
        from cohorts.actions import merging  # noqa: F401
