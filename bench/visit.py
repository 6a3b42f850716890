"""What a first visit fetches: the page and everything it names, compressed, from an empty cache."""

import gzip
import re
from collections.abc import Iterator
from urllib.request import Request, urlopen

from bench.figures import Line
from bench.ground import served, tell

BAR_KB, BAR_FONTS_KB, BAR_REQUESTS = 60, 30, 8


def measure() -> Iterator[Line]:
    """Kilobytes and requests of the first page that a signed-out visitor sees."""
    tell("a first visit")
    with served("web server") as (port, _):
        site = f"http://localhost:{port}"
        page = _fetch(f"{site}/try-out/")
        names = set(re.findall(rb'(?:href|src|data-scripts)="(/(?:static/|brand)[^"]+)"', gzip.decompress(page)))
        sizes = {name.decode(): len(_fetch(site + name.decode())) for name in names}
    fonts = sum(size for name, size in sizes.items() if name.endswith(".woff2")) / 1000
    rest = (len(page) + sum(sizes.values())) / 1000 - fonts
    yield Line("first visit, compressed, without fonts", rest, "kB", f"≤ {BAR_KB} kB", rest <= BAR_KB)
    yield Line("its fonts", fonts, "kB", f"≤ {BAR_FONTS_KB} kB", fonts <= BAR_FONTS_KB)
    requests = 1 + sum(not name.endswith(".woff2") for name in sizes)
    yield Line("its requests, without fonts", requests, "", f"≤ {BAR_REQUESTS}", requests <= BAR_REQUESTS)


def _fetch(address: str) -> bytes:
    request = Request(address, headers={"Accept-Encoding": "gzip"})
    with urlopen(request) as answer:
        return answer.read()
