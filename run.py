#!/usr/bin/env python3
"""The academy's one command. Needs nothing but Python; see `python3 run.py help`.

It makes a virtual environment in .venv, installs the locked packages there, and goes on as
`python -m academy.embedded COMMAND` inside it. Written so that a Python too old for
the academy can still read it, and say so.
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
THIS = "{}.{}".format(*sys.version_info)
HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
ROOM_MB = 500  # what .venv takes with the tests' packages, and some to spare
PYTHON = os.path.join(VENV, "bin", "python")

HELP = """\
python3 run.py               start the try-out on http://localhost:8000 (PORT=8001 for another port)
python3 run.py test [ARGS]   run every test; ARGS go to pytest
python3 run.py check         judge code, migrations, settings and templates; changes nothing
python3 run.py fix           let the linter and the formatter put right what they can
python3 run.py setup         fetch everything that the try-out needs, and start nothing
python3 run.py demo [ARGS]   load invented people, for example: demo --scale county
python3 run.py bench [ARGS]  measure
python3 run.py shell         a Python shell with the academy loaded

DATABASE_URL and REDIS_URL are used where they are set; else the try-out brings its own."""

# Which of the lock files in requirements/ each command needs.
LOCKS = {"start": "app", "setup": "app", "demo": "app", "shell": "app"}
LOCKS.update({"test": "dev", "check": "dev", "fix": "dev", "bench": "dev"})


def main(arguments):
    command = arguments[0] if arguments else "start"
    refusal = why_not(sys.version_info, os.name)
    if refusal:
        sys.exit(refusal)
    if command in ("help", "--help", "-h"):
        print(HELP)
        return
    if command not in LOCKS:
        sys.exit(f"There is no command '{command}'.\n\n{HELP}")
    bring_up_to_date(LOCKS[command])
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "academy.embedded", command, *arguments[1:]])


def why_not(version, system):
    """The sentence about why the academy can't run on this Python, or None."""
    if tuple(version[:2]) < OLDEST:
        this = ".".join(str(part) for part in version[:3])
        return (
            f"Python 3.11 or newer is needed; this is {this}. Install one from python.org or your system's "
            "packages, and run it again with that, for example: python3.11 run.py"
        )
    if system != "posix":
        return "The try-out runs on Linux and macOS, and on Windows inside WSL: run this again there."
    return None


def bring_up_to_date(lock):
    """Make sure that .venv holds what the lock file names. What `dev` names includes all of `app`."""
    if any(is_installed(name) for name in {lock, "dev"}):
        return
    free = shutil.disk_usage(HERE).free // 1000000
    if free < ROOM_MB:
        sys.exit(
            f"The disk is full: {free} MB are free for {HERE}, and the Python packages need {ROOM_MB} MB. "
            "Make room there and run this again."
        )
    if not is_usable():
        make_venv()
    print("Installing Python packages ...", flush=True)
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--require-hashes", "--only-binary", ":all:", "--no-compile"]
    pip += ["--no-input", "--disable-pip-version-check", "-r", lock_file(lock)]
    if subprocess.call(pip, cwd=HERE):
        sys.exit("The Python packages could not be installed: see above. Is the package index reachable?")
    with open(stamp(lock), "w") as file:
        file.write(fingerprint(lock))


def is_installed(lock):
    try:
        with open(stamp(lock)) as file:
            return file.read() == fingerprint(lock) and os.path.exists(PYTHON)
    except OSError:
        return False


def fingerprint(lock):
    """Changes with the lock file, and with the Python that the packages were installed for."""
    with open(lock_file(lock), "rb") as file:
        return hashlib.sha256(file.read() + sys.version.encode()).hexdigest()


def lock_file(lock):
    return os.path.join(HERE, "requirements", lock + ".txt")


def stamp(lock):
    return os.path.join(VENV, lock + ".installed")


def is_usable():
    """Whether .venv is there, for this version of Python, and able to install packages."""
    ask = "import sys, pip; print('{}.{}'.format(*sys.version_info))"
    try:
        answer = subprocess.check_output([PYTHON, "-c", ask], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.decode().strip() == THIS


def make_venv():
    print("Making a virtual environment in .venv ...", flush=True)
    if not has_venv_module():
        install_venv_module()
    if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]):
        sys.exit(f"The virtual environment could not be made in {VENV}: see above.")


def has_venv_module():
    """Debian leaves both modules to a package of their own. Asked anew, since it may have come just now."""
    return subprocess.call([sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) == 0


def install_venv_module():
    packages = [f"python{THIS}-venv", "python3-venv"]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.call(["apt-get", "update", "-qq"])
        for package in packages:
            subprocess.call(["apt-get", "install", "-y", "-qq", package], stdout=subprocess.DEVNULL)
            if has_venv_module():
                return
    sys.exit(f"Python's venv module is missing. Run `sudo apt-get install {packages[0]}`, then this again.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    except OSError as error:
        sys.exit(f"{error.strerror}: {error.filename}")
