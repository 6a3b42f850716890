"""Files that people send as evidence: what they are by their content, and a name that is safe to give back."""

import io
import re
import zipfile
from pathlib import PurePosixPath

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_ENDS = b"IEND\xaeB`\x82"
_LONGEST_NAME = 100
_MOST_PARTS = 2_000  # of a Word document


def kind_of(data: bytes) -> str:
    """'pdf', 'png', 'jpg' or 'docx' by the file's own marks, at its beginning and its end; '' for anything else."""
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:]:
        return "pdf"
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and data.endswith(_PNG_ENDS):
        return "png"
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data[-64:]:
        return "jpg"
    return "docx" if data.startswith(b"PK\x03\x04") and _is_word(data) else ""


def _is_word(data: bytes) -> bool:
    """A Word document without macros. Nothing of it is unpacked."""
    try:
        names = {part.filename for part in zipfile.ZipFile(io.BytesIO(data)).infolist()[:_MOST_PARTS]}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    macros = any(name.casefold().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", "word/document.xml"} <= names and not macros


def kind_named(name: str) -> str:
    """What the end of its name says that it is; '' for what is not taken."""
    end = PurePosixPath(name).suffix.removeprefix(".").lower()
    end = "jpg" if end == "jpeg" else end
    return end if end in CONTENT_TYPES else ""


def safe_name(name: str, kind: str) -> str:
    """The name without its path and whatever a browser, a shell or a header could take for more than a name, with the
    ending of what it is."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    stem = " ".join(re.sub(r"[^\w\s.,()-]", " ", stem).split()).strip(". -")
    return f"{stem[:_LONGEST_NAME] or 'evidence'}.{kind}"
