"""Small files of the kinds that are taken as evidence."""

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40 + b"\xff\xd9"


def docx(**parts: bytes) -> bytes:
    """A Word document as far as anybody looks, with further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>", **parts}.items():
            made.writestr(name, content)
    return out.getvalue()


DOCX = docx()
