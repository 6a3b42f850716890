"""A real browser against a real server, with checks that every visited page must pass."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from academy.lib import clock
from academy.tryout.clock import moved_on
from partners.actions import work
from partners.models import Person
from tests.browser.judges import AXE, DESK, PHONE, everything, width
from tests.browser.scenes import Mistake, Scene
from tests.browser.world import World, build
from tests.conftest import put_back_what_migrations_made
from tests.factories import NOW
from tests.signing_in import signed_in

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
SHOTS = os.environ.get("SHOTS")  # a folder to keep pictures of every page in
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    *("--disable-component-update", "--disable-default-apps", "--disable-sync", "--no-first-run"),
]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium here; name one in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _static_files() -> None:
    """Collected anew where a style sheet or script is newer than what was collected."""
    from django.conf import settings

    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    newest = max(path.stat().st_mtime for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*"))
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of this process's own."""
    server = LiveServerThread("localhost", lambda handler: handler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://localhost:{server.port}"
    server.terminate()
    with connection.cursor() as cursor:  # threads that still wait for their browser hold the database fast
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def site(reseed, settings, tmp_path, _static_files) -> Iterator[str]:
    """The academy on a port of its own, with the try-out's mailbox and movable clock; static files by WhiteNoise."""
    settings.VAR_DIR = tmp_path
    settings.EMAIL_BACKEND = "academy.tryout.mailbox.MailboxBackend"
    clock.use(moved_on)
    with served() as address:
        settings.SITE_URL = address
        yield address


@pytest.fixture
def later(site, settings) -> Callable[..., None]:
    """`later(days=3)`: it is three days later, and what has fallen due by then is done.

    The journey begins at NOW, and time passes so alone. Mail goes to `mail.outbox`, with what is attached to it.
    """

    def later(**how_long: float) -> None:
        moment = clock.now() + timedelta(**how_long)
        clock.use(lambda: moment)
        assert "faults" not in work.run_all(moment)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cache.clear()  # nobody has tried to sign in
    clock.use(lambda: NOW)
    return later


class Walk:
    """A browser window that somebody walks through the academy in; troubles are collected on the way."""

    def __init__(self, context: BrowserContext, site: str, scripts: bool = True) -> None:
        self.context, self.site, self.scripts = context, site, scripts
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.page.on("console", lambda line: self._note(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("requestfailed", lambda request: self._note(f"failed: {request.url} {request.failure}"))

    def _note(self, trouble: str) -> None:
        if "net::ERR_ABORTED" not in trouble:  # a page left before its last font arrived
            self.troubles.append(f"{self.page.url}: {trouble}")

    def to(self, address: str) -> None:
        self.page.goto(self.site + address)

    def press(self, name: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=name).first.click()

    def be(self, person: Person) -> None:
        """Be signed in as that person, without the way there."""
        client = signed_in(person.user)
        self.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.site}])

    def look(self, name: str) -> None:
        """Judge this page, as test_every_page.py judges those that one need not walk to."""
        self.page.evaluate(AXE)
        self.troubles += [f"{name} {problem}" for problem in everything(self.page)]
        self.shot(name)

    def shot(self, name: str) -> None:
        """Keep pictures of this page, where they are wanted."""
        if SHOTS:
            for pixels in (PHONE, DESK):
                width(self.page, pixels)
                self.page.screenshot(path=f"{SHOTS}/{name}-{pixels}.png", full_page=True)


@pytest.fixture
def walk(chromium, site) -> Iterator[Callable[..., Walk]]:
    """`walk()` opens a window; at the end of the test none may have had any trouble."""
    walks = []

    def start(**how) -> Walk:
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, **how)
        context.set_default_timeout(10_000)
        walks.append(Walk(context, site, how.get("java_script_enabled", True)))
        return walks[-1]

    yield start
    troubles = [trouble for each in walks for trouble in each.troubles]
    for each in walks:
        each.context.close()
    assert troubles == []


class Tour:
    """One window through a world that nothing changes: as anyone in it, at any page of it."""

    def __init__(self, context: BrowserContext, site: str, world: World) -> None:
        self.world, self.site, self.context = world, site, context
        self.walk = Walk(context, site)
        self.page = self.walk.page
        self.seen: set[str] = set()

    def be(self, who: str) -> None:
        self.context.clear_cookies()
        if session := self.world.sessions.get(who):
            self.context.add_cookies([{"name": "sessionid", "value": session, "url": self.site}])

    def open(self, scene: Scene, who: str) -> list[str]:
        """Load a scene as that person (`be` them first); what is wrong with that, if anything."""
        wanted = self.site + self.world.address(scene, who)
        response = self.page.goto(wanted)
        told = [line for line in self.walk.troubles if f"status of {scene.status}" not in line]
        self.walk.troubles.clear()
        if response.status != scene.status or self.page.url != wanted:
            told.append(f"answers {response.status} at {self.page.url}")
        return told

    def is_new(self, who: str) -> bool:
        """Whether nobody yet has seen what this page says."""
        content = self.world.content(self.page.content(), who)
        fresh = content not in self.seen
        self.seen.add(content)
        return fresh

    def blunder(self, mistake: Mistake) -> list[str]:
        """Make that mistake; what is wrong with where it leads, if anything."""
        self.be(mistake.who)
        self.page.goto(self.site + mistake.address.format(**self.world.facts | self.world.own.get(mistake.who, {})))
        mistake.make(self.page)
        expect(self.page.get_by_text(mistake.told).first).to_be_visible()
        told = [line for line in self.walk.troubles if "status of 40" not in line]
        self.walk.troubles.clear()
        return told


@pytest.fixture(scope="module")
def tour(chromium, django_db_setup, django_db_blocker, tmp_path_factory, _static_files) -> Iterator[Tour]:
    """A tour of a world made once for all tests of a module. They carry the mark `django_db` and change nothing."""
    with django_db_blocker.unblock(), override_settings(VAR_DIR=tmp_path_factory.mktemp("var")):
        assert connection.settings_dict["NAME"].startswith("test_")  # it is emptied in the end
        world = build()
        context = chromium.new_context(viewport={"width": DESK, "height": 800})
        context.set_default_timeout(10_000)
        context.add_init_script(AXE)
        with served() as site, override_settings(SITE_URL=site):
            yield Tour(context, site, world)
            context.close()
        call_command("flush", interactive=False, verbosity=0)
        put_back_what_migrations_made()
