"""Tagged PDFs (PDF/UA-1), typeset by typst from a template in templates/pdf and plain data.

Data goes in as JSON and is never pasted into markup, so nothing that anybody typed can be run as a command.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "pdf"
_lock = Lock()  # a compiler keeps its fonts, and does one thing at a time


def render(template: str, data: dict[str, Any]) -> bytes:
    """`templates/pdf/<template>.typ` with `data`, which it reads with `json(bytes(sys.inputs.data))`.

    Raises typst.TypstError where the template is wrong.
    """
    inputs = {"data": json.dumps({"academy": _academy(), **data}, ensure_ascii=False)}
    with _lock:
        return _compiler(template).compile(format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"])


def _academy() -> dict[str, str]:
    """Whose paper it is."""
    return {
        "name": settings.ACADEMY_NAME,
        "organisation": settings.ORGANISATION_NAME,
        "brand": settings.BRAND_COLOUR,
        "accent": settings.ACCENT_COLOUR,
    }


@cache
def _compiler(template: str) -> "typst.Compiler":
    """One for each template and process: reading the fonts takes far longer than setting a page."""
    import typst  # here, since most processes never print anything

    return typst.Compiler(
        str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), font_paths=_fonts(), ignore_system_fonts=True
    )


def _fonts() -> list[str]:
    """Where the typefaces are: those from npm, and a Python package's for Chinese, Japanese and Korean."""
    east_asian = find_spec("noto_cjk_sans_jp_regular")
    folders = [settings.VAR_DIR / "fonts"]
    if east_asian and east_asian.origin:
        folders.append(Path(east_asian.origin).parent)
    return [str(folder) for folder in folders]
