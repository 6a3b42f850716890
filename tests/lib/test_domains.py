"""Domains of e-mail addresses, written in one way."""

import pytest

from academy.lib.domains import PUBLIC, as_address, as_domain


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Larkshire.GOV.uk", "larkshire.gov.uk"),
        (" nhs.net ", "nhs.net"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_a_domain_is_kept_as_mail_servers_see_it(typed, kept):
    assert as_domain(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "gov", "a b.uk", "-a.uk", "a-.uk", "a..uk", ".uk", "a.uk.", "192.0.2.1", "a_b.uk", "@a.uk", "a@b.uk"),
        *("*.uk", f"{'a' * 64}.uk", f"{'a.' * 130}uk", "a.uk\nb.uk", "\0.uk"),
    ],
)
def test_what_can_be_no_domain_is_refused(typed):
    with pytest.raises(ValueError):
        as_domain(typed)


def test_one_mailbox_is_written_in_one_way():
    assert as_address("Ines.Larch@BÜCHER.example") == as_address("ines.larch@xn--bcher-kva.example")


def test_the_nhs_shares_one_that_is_not_anybodys():
    assert "gmail.com" in PUBLIC
    assert "nhs.net" not in PUBLIC
    assert all(as_domain(domain) == domain for domain in PUBLIC)
