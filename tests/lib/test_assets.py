"""Assets: what is copied, without another's brand and light enough for a first visit."""

import gzip
import json
import re
from pathlib import Path

import pytest

from academy import assets

NODE_MODULES = assets.ROOT / "node_modules"
installed = pytest.mark.skipif(not NODE_MODULES.is_dir(), reason="needs `npm ci`")

CSS = (
    '@charset "UTF-8";:root{--a:1}'
    "@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2)}"
    "/*! notice */.govuk-body,.govuk-footer__crown{font-family:GDS Transport,arial,sans-serif}"
    "@media print{.govuk-body{font-family:sans-serif}.govuk-header{color:red}}"
    "@supports (a:b){@media print{.govuk-cookie-banner{color:red}}}"
    ".govuk-button:not(.a,.b):hover{top:1px}"
    ".govuk-footer__copyright-logo:before{background:url(/assets/images/govuk-crest.svg)}"
    "/*# sourceMappingURL=govuk-frontend.min.css.map */"
)


@pytest.fixture
def node_modules(tmp_path):
    """A folder with the shape of the installed packages."""
    folder = tmp_path / "node_modules"
    files = {
        f"{assets.GOVUK}.css": CSS,
        f"{assets.GOVUK}.js": "export{x as initAll};\n//# sourceMappingURL=a.map\n",
    }
    files |= {assets.FONT.format(weight=weight): "font" for weight in assets.WEIGHTS}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_styles_lose_the_brand_and_unused_parts_and_keep_the_rest():
    assert assets.unbranded(CSS) == (
        '@charset "UTF-8";:root{--a:1}'
        '.govuk-body{font-family:"Academy Sans",arial,sans-serif}'
        '@media print{.govuk-body{font-family:"Academy Sans",arial,sans-serif}}'
        ".govuk-button:not(.a,.b):hover{top:1px}"
    )


def test_a_trace_of_the_brand_is_an_error():
    with pytest.raises(ValueError, match="crest"):
        assets.unbranded(".new-part{background:url(govuk-crest.svg)}")


def test_building_again_replaces_what_was_there(node_modules, tmp_path):
    folder = assets.build(node_modules=node_modules, var=tmp_path)
    (folder / "old.css").write_text("")
    assets.build(node_modules=node_modules, var=tmp_path)
    assert {file.name for file in folder.iterdir()} == {
        "govuk.css", "scripts.js", "atkinson-400.woff2", "atkinson-700.woff2",
    }  # fmt: skip


def test_a_build_that_fails_leaves_the_last_one(node_modules, tmp_path):
    folder = assets.build(node_modules=node_modules, var=tmp_path)
    (node_modules / assets.FONT.format(weight=700)).unlink()
    with pytest.raises(FileNotFoundError):
        assets.build(node_modules=node_modules, var=tmp_path)
    assert (folder / "atkinson-700.woff2").exists()


def test_without_packages_the_command_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setenv("ACADEMY_VAR", str(tmp_path / "var"))
    with pytest.raises(SystemExit, match="Run `npm ci` first"):
        assets.main()


def test_scripts_are_one_module_with_htmx_as_a_global_and_no_source_map(node_modules, tmp_path):
    script = (assets.build(node_modules=node_modules, var=tmp_path) / "scripts.js").read_text()
    assert "window.htmx=htmx" in script
    assert script.rstrip().endswith("export{x as initAll};")
    assert "sourceMappingURL" not in script


def test_the_lock_file_records_no_address_of_a_registry():
    packages = json.loads((assets.ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]


@installed
def test_styles_scripts_and_fonts_of_a_first_visit_are_light(tmp_path):
    folder = assets.build(node_modules=NODE_MODULES, var=tmp_path)
    ours = assets.ROOT / "static" / "academy"
    files = [folder / "govuk.css", folder / "scripts.js", ours / "academy.css", ours / "academy.js"]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 52_000  # leaves 8 kB for the page
    assert sum(file.stat().st_size for file in folder.glob("*.woff2")) <= 30_000


def inline(text: str) -> list[str]:
    """What a strict content security policy would refuse."""
    return re.findall(r"<style\b|<script(?![^>]*\bsrc=)|\sstyle=[\"']|\son[a-z]+=[\"']|javascript:", text)


@pytest.mark.parametrize("path", sorted((assets.ROOT / "templates").rglob("*.*")), ids=lambda path: path.name)
def test_no_template_has_inline_script_or_style(path: Path):
    opened_from_disk = path.name == "archive.html"  # which no policy of ours covers but the one it brings
    assert inline(path.read_text("utf-8")) == (["<style"] if opened_from_disk else [])
