"""Where the embedded services live, and as whom they run."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from academy.embedded import CannotStart

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
OF_ROOT = Path("/var/tmp/academy-embedded")  # unlike /tmp it outlives a restart of the machine
ROOM_MB = 200  # what a new database, its log and the front-end files take, with as much again to grow
SOCKET_PATH_BYTES = 100  # the kernel takes 107 on Linux, 103 on macOS


def is_root() -> bool:
    """Whether services must be run as somebody else: PostgreSQL refuses to run as root."""
    return os.geteuid() == 0


def var() -> Path:
    """The folder of everything that is made here: ACADEMY_VAR, else `var` in the project."""
    return Path(os.environ.get("ACADEMY_VAR") or ROOT / "var").resolve()


def home(name: str) -> Path:
    """The folder of one database server, made if missing; only its owner can change anything in it.

    For root it is outside the project, since `nobody` may have no way into the project's folder.
    """
    if is_root():
        folder = of_root() / digest(str(var())) / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    folder = var() / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def of_root() -> Path:
    """Root's own folder for what `nobody` runs; refused where somebody else could have prepared it."""
    OF_ROOT.mkdir(mode=0o755, exist_ok=True)
    found = OF_ROOT.lstat()
    if OF_ROOT.is_symlink() or found.st_uid != 0 or found.st_mode & 0o022:
        raise CannotStart(f"{OF_ROOT} is not safe: others than root can change it. Remove it and try again.")
    return OF_ROOT


def make_sure_of_room() -> None:
    """Raise CannotStart where a disk that the academy writes to is as good as full.

    Asked before anything is begun: half a database is worse than none.
    """
    var().mkdir(parents=True, exist_ok=True)
    for folder in (var(), of_root() if is_root() else var()):
        free = shutil.disk_usage(folder).free // 1_000_000
        if free < ROOM_MB:
            raise CannotStart(
                f"The disk is full: {free} MB are free for {folder}, and the academy needs {ROOM_MB} MB. "
                "Make room there and run this again."
            )


def private(folder: Path) -> Path:
    """The folder, made if missing, which only the account that runs the services may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_root():
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o700)
    return folder


def for_sockets(folder: Path, socket: str) -> Path:
    """The folder itself, or a private one with a shorter name where the socket's path would be too long."""
    if len(os.fsencode(folder / socket)) <= SOCKET_PATH_BYTES:
        return folder
    short = Path("/tmp") / f"academy-{os.geteuid()}-{digest(str(folder))}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid != os.geteuid():
        raise CannotStart(f"{short} belongs to somebody else. Move the project to a shorter path.")
    return short


def digest(text: str) -> str:
    """A short name for a long text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def copied_once(folders: list[Path], to: Path) -> Path:
    """Copies of the folders, side by side below `to`, made in one step so that half a copy is never used."""
    if not to.exists():
        making = Path(tempfile.mkdtemp(prefix=f"{to.name}.", dir=to.parent))
        for folder in folders:
            shutil.copytree(folder, making / folder.name, symlinks=True)
        making.chmod(0o755)
        _rename_unless_done(making, to)
    return to


def _rename_unless_done(making: Path, to: Path) -> None:
    try:
        making.rename(to)
    except OSError:  # somebody else was quicker
        shutil.rmtree(making)
        if not to.exists():
            raise
