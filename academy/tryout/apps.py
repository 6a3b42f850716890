from django.apps import AppConfig


class TryoutConfig(AppConfig):
    name = "academy.tryout"
    label = "tryout"

    def ready(self) -> None:
        from academy.lib import clock
        from academy.tryout.clock import moved_on

        clock.use(moved_on)
