"""Make .venv from a lock file and put this checkout into it: python3 tools/bootstrap.py requirements.lock.

It runs before anything is installed, and under Pythons too old for the rest: standard library and old syntax only.
"""

import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
# Every package of the lock files has wheels for these.
OLDEST, NEWEST = (3, 11), (3, 14)
FITS = "import sys; sys.exit(not {} <= sys.version_info[:2] <= {})".format(OLDEST, NEWEST)
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
OTHERS = ["python3.13", "python3.12", "python3.11", "python3.14"]


def main(lock: str, sources: str = "") -> None:
    if not succeeds(sys.executable, "-c", FITS):
        use_another_python()
    if not (succeeds(PYTHON, "-c", FITS) and succeeds(PYTHON, "-m", "pip", "--version")):
        make_environment()
    say("installing {}; the first time takes a minute or two".format(lock))
    # Wheels only: building from source would fetch build tools that no hash covers. Nothing but what the lock names: pip looks
    # for the newest of a package that another wants with an extra, and stops where that is newer than the lock. Python compiles what
    # is imported when it is; pip would spend a minute on compiling all.
    pip("--require-hashes", "--no-deps", "--only-binary=:all:", "-r", lock)
    if sources:
        offer_browser()
        # What is published as source only is built with the setuptools that the first lock has put there, and nothing else. The wheel
        # lives for a moment: packing Spark's archives once more took two thirds of the time.
        stored = "--config-settings=--build-option=--compression=stored"
        pip("--require-hashes", "--no-deps", "--no-build-isolation", "--use-pep517", stored, "-r", sources)
    pip("--no-index", "--no-deps", "--no-build-isolation", "-e", ".")


def use_another_python() -> None:
    wrong = "Python {}.{}".format(*sys.version_info)
    needed = "{}.{} to {}.{}".format(*OLDEST + NEWEST)
    for name in OTHERS:
        if succeeds(name, "-c", FITS):
            say("{} is not within {}; {} is used instead".format(wrong, needed, name))
            os.execvp(name, [name, *sys.argv])
    fail("{}: not within {}; install one of these, or name it: make PYTHON=python3.13".format(wrong, needed))


def make_environment() -> None:
    if not succeeds(sys.executable, "-c", "import ensurepip"):
        install_ensurepip()
    if not succeeds(sys.executable, "-m", "venv", "--clear", VENV):
        fail(".venv: could not be made; see what {} -m venv .venv says".format(sys.executable))
    say("made with Python {}.{}.{}".format(*sys.version_info))


def install_ensurepip() -> None:
    """Debian's python3 comes without what makes environments; as root it can be had."""
    package = "python{}.{}-venv".format(*sys.version_info)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        fail("{}: it has no ensurepip; install {}, then try again".format(sys.executable, package))
    say("this Python has no ensurepip; installing {} with apt-get".format(package))
    failed = apt(package)
    if failed:
        fail("{}: apt-get {} failed; install it by hand, then try again".format(package, failed))


def offer_browser() -> None:
    """The tests open the explorer in Chromium; where it cannot be had, they say that they were skipped."""
    if any(map(shutil.which, BROWSERS)) or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say("installing chromium with apt-get, for the tests of what is seen in a browser")
    failed = apt("chromium")
    if failed:
        say("apt-get {} failed: tests in a browser will be skipped".format(failed))


def apt(package: str) -> str:
    """Install it; the step that failed, or nothing."""
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for step in ["update"], ["install", "--yes", "--no-install-recommends", package]:
        if subprocess.call(["apt-get", "-qq", *step], env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL):
            return step[0]
    return ""


def pip(*arguments: str) -> None:
    command = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile", *arguments]
    if subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL):
        fail("pip: could not install into .venv; read its message above, then try again")


def succeeds(*command: str) -> bool:
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def say(text: str) -> None:
    print(".venv: " + text, flush=True)


def fail(text: str) -> None:
    sys.exit(text)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        fail(".venv: interrupted; run the same command again to go on")
