"""Copy the few front-end files that pages need into `var/assets/vendor`.

Run `npm ci`, then `python -m academy.assets`.

GOV.UK Frontend is used without GOV.UK's brand, so its typeface, crown and crest are taken out on the way.
What no page uses is left out as well, which keeps a first visit light.  Standard library only, no bundler.
"""

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOVUK = "govuk-frontend/dist/govuk/govuk-frontend.min"
FONT = "@fontsource/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-{weight}-normal.woff2"
WEIGHTS = (400, 700)
PRINTED = "@expo-google-fonts/*/{weight}/*.ttf"  # whole families, for PDFs: names come in many scripts
PRINTED_WEIGHTS = ("400Regular", "700Bold")
TYPEFACE = '"Academy Sans",arial,sans-serif'

# Brand elements that are not ours to use, then components and helpers that no page has.
LEFT_OUT = re.compile(
    r"\.govuk-(header|logo-dot|footer__(crown|copyright-logo|licence)|accordion|cookie-banner|exit-this-page"
    r"|feedback|language-navigation|password-input|phase-banner|\\!-static)"
)
BRAND_LEFT = ("GDS Transport", "crest", "crown", "/assets/")


def main() -> None:
    """Build the vendor folder afresh and say how much is in it."""
    try:
        folder = build(node_modules=ROOT / "node_modules", var=Path(os.environ.get("ACADEMY_VAR", ROOT / "var")))
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing. Run `npm ci` first.")
    except OSError as error:
        sys.exit(f"{error.strerror}: {error.filename or 'the folder of front-end files'}")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {len(list(folder.iterdir()))} files, {size // 1000} kB")


def build(*, node_modules: Path, var: Path) -> Path:
    """Write styles, scripts and fonts below `var`, replacing what was there; return their folder.

    The old folder stays in place until the new one is complete.
    """
    folder, making = var / "assets" / "vendor", var / "assets" / ".vendor"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    (making / "govuk.css").write_text(unbranded((node_modules / f"{GOVUK}.css").read_text("utf-8")), "utf-8")
    (making / "scripts.js").write_text(scripts((node_modules / f"{GOVUK}.js").read_text("utf-8")), "utf-8")
    for weight in WEIGHTS:
        shutil.copyfile(node_modules / FONT.format(weight=weight), making / f"atkinson-{weight}.woff2")
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    _copy_printed(node_modules, var / "fonts")
    return folder


def _copy_printed(node_modules: Path, fonts: Path) -> None:
    fonts.mkdir(exist_ok=True)
    for weight in PRINTED_WEIGHTS:
        for file in node_modules.glob(PRINTED.format(weight=weight)):
            shutil.copyfile(file, fonts / file.name)


def scripts(govuk: str) -> str:
    """One module: GOV.UK Frontend with its exports, and htmx as the global it expects to be."""
    package = importlib.util.find_spec("django_htmx")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("django_htmx is not installed, so there is no htmx to copy.")
    htmx = Path(package.origin).parent / "static" / "django_htmx" / "htmx-2.min.js"
    return f"{without_source_map(htmx.read_text('utf-8'))};window.htmx=htmx;\n{without_source_map(govuk)}"


def unbranded(css: str) -> str:
    """GOV.UK Frontend's styles in our typeface, without its brand and without what no page uses.

    Raises ValueError where a trace of the brand is left, which means that a new release changed shape.
    """
    css = re.sub(r'"?GDS Transport"?,\s*arial,\s*sans-serif', TYPEFACE, without_source_map(css))
    css = "".join(_kept(css)).replace("font-family:sans-serif", f"font-family:{TYPEFACE}")  # on paper, too
    if left := [word for word in BRAND_LEFT if word in css]:
        raise ValueError(f"GOV.UK's brand is still in its styles: {', '.join(left)}.")
    return css


def without_source_map(text: str) -> str:
    """The text without the comment that points at a source map, which is not copied."""
    return re.sub(r"\s*(//[#@] sourceMappingURL=\S+|/\*[#@] sourceMappingURL=.*?\*/)\s*$", "\n", text)


def _kept(css: str) -> Iterator[str]:
    """The rules worth keeping, one by one, from minified styles without comments."""
    for prelude, body in _rules(re.sub(r"/\*.*?\*/", "", css, flags=re.S)):
        if body is None:
            yield prelude
        elif prelude.startswith(("@media", "@supports")):
            if inner := "".join(_kept(body)):
                yield f"{prelude}{{{inner}}}"
        elif prelude.startswith("@font-face"):
            continue
        elif selectors := [part for part in _selectors(prelude) if not LEFT_OUT.search(part)]:
            yield f"{','.join(selectors)}{{{body}}}"


def _rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Each rule's prelude and body at the outermost level; None for a statement such as @charset."""
    start = depth = opened = 0
    for match in re.finditer(r"[{};]", css):
        mark, at = match[0], match.start()
        if mark == "{":
            opened = opened if depth else at
            depth += 1
        elif mark == "}":
            depth -= 1
            if not depth:
                yield css[start:opened].strip(), css[opened + 1 : at]
                start = at + 1
        elif not depth:
            yield css[start : at + 1].strip(), None
            start = at + 1


def _selectors(prelude: str) -> list[str]:
    """A rule's selectors, split at commas that are not inside brackets."""
    return re.split(r",(?![^(]*\))", prelude)


if __name__ == "__main__":
    main()
