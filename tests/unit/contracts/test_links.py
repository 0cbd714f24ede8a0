"""What our texts point to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
TEXTS = [
    ROOT / "README.md",
    *(
        text
        for folder in ("deploy", "helm", "schemas", "services")
        for text in (ROOT / folder).rglob("*.md")
        if not text.name.endswith(".template.md")  # its links are read where the generator writes it
    ),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(text.relative_to(ROOT)))
def test_every_link_leads_somewhere(text: Path) -> None:
    links = [link for link in LINK.findall(text.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (text.parent / link).exists()] == []


def test_links_are_found() -> None:
    assert LINK.findall("![A picture](deploy/page.svg) and [a text](b.md#part)") == ["deploy/page.svg", "b.md"]
