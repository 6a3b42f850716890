"""Domains of e-mail addresses: one way to write each, and those under which anybody can have an address."""

import re

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

# Whoever has an address there has shown nothing about who employs them. nhs.net is not one of them: only the NHS and
# those who work for it have addresses there.
PUBLIC = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "outlook.co.uk",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "live.co.uk",
        "msn.com",
        "passport.com",
        "yahoo.com",
        "yahoo.co.uk",
        "ymail.com",
        "rocketmail.com",
        "aol.com",
        "aol.co.uk",
        "icloud.com",
        "me.com",
        "mac.com",
        "btinternet.com",
        "btopenworld.com",
        "bt.com",
        "sky.com",
        "virginmedia.com",
        "virgin.net",
        "ntlworld.com",
        "blueyonder.co.uk",
        "talktalk.net",
        "tiscali.co.uk",
        "lineone.net",
        "plus.com",
        "plus.net",
        "freeserve.co.uk",
        "fsmail.net",
        "o2.co.uk",
        "ee.co.uk",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "gmx.com",
        "gmx.co.uk",
        "gmx.net",
        "mail.com",
        "email.com",
        "zoho.com",
        "zohomail.com",
        "yandex.com",
        "fastmail.com",
        "fastmail.fm",
        "tutanota.com",
        "tuta.com",
        "tutamail.com",
        "tuta.io",
        "hey.com",
        "hushmail.com",
        "inbox.com",
        "mail.ru",
        "qq.com",
        "163.com",
        "mailinator.com",
        "guerrillamail.com",
        "yopmail.com",
        "temp-mail.org",
        "10minutemail.com",
    ]
)


def as_domain(text: str) -> str:
    """In lower case and ASCII (IDNA), as mail servers see it. Raises ValueError where it can be no domain."""
    try:
        domain = text.strip().lower().encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(text)
    return domain


def as_address(text: str) -> str:
    """An address in lower case, with its domain in ASCII, so that one mailbox is written in one way.

    Raises ValueError where what stands after the @ can be no domain.
    """
    box, _, domain = text.strip().lower().rpartition("@")
    return f"{box}@{as_domain(domain)}"


def domain_of(address: str) -> str:
    """What stands after the @."""
    return address.rpartition("@")[2]
