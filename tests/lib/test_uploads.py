"""Evidence is what its content says, and its name is only a name."""

import io
import zipfile

import pytest

from academy.lib import uploads, wary
from tests.courses.evidence import DOCX, JPEG, PDF, PNG, docx


@pytest.mark.parametrize(("kind", "data"), [("pdf", PDF), ("png", PNG), ("jpg", JPEG), ("docx", DOCX)])
def test_each_kind_is_known_by_its_content(kind, data):
    assert uploads.kind_of(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!-- -->" + PDF,
        PDF[:40],
        b"GIF89a" + PNG,
        PNG + b"<script>alert(1)</script>",
        b"MZ\x90",
        b"PK\x03\x04 not a zip",
        docx(**{"word/vbaProject.bin": b"macros"}),
    ],
)
def test_what_is_none_of_them_or_more_than_one_is_refused(data):
    assert uploads.kind_of(data) == ""


def test_another_zip_is_no_word_document_and_none_is_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", b"0" * 50_000_000)
    assert uploads.kind_of(out.getvalue()) == ""


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Notes on neglect.pdf", "Notes on neglect.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\ann\\notes.pdf", "notes.pdf"),
        ('a"; filename="evil.html.pdf', "a filename evil.html.pdf"),
        ("x\r\nSet-Cookie: a=b.pdf", "x Set-Cookie a b.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("Überblick – Łódź.pdf", "Überblick Łódź.pdf"),
        ("...pdf", "evidence.pdf"),
        ("n" * 300 + ".pdf", "n" * 100 + ".pdf"),
    ],
)
def test_a_name_keeps_nothing_that_could_be_more_than_a_name(name, safe):
    assert uploads.safe_name(name, "pdf") == safe


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.pdf.exe", "pdf", "a.doc", "a.docm", ""])
def test_other_endings_are_not_taken(name):
    assert uploads.kind_named(name) == ""


@pytest.mark.parametrize(
    "text",
    [
        "The case is 1234567.",
        "LCS-0099887 was closed",
        "A boy called Milo told me",
        "their daughter Aisha Karim was there",
        "NHS number 943 476 5919",
        "born on 3 May",
    ],
)
def test_what_looks_like_a_child_or_a_case_is_pointed_at(text):
    assert list(wary.hints(text))


@pytest.mark.parametrize(
    "text",
    [
        "I read 12 papers in 2026 and talked to the family worker.",
        "The Children Act 1989 says so; the family Court heard it.",
        "Working with a family I learnt to listen.",
        "",
    ],
)
def test_ordinary_words_are_left_alone(text):
    assert list(wary.hints(text)) == []
