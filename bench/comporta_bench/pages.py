"""Pages whose figures are written by commands, between `<!-- figures: NAME -->` and `<!-- end -->`; what stands outside is
not touched."""

import re
import sys

BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def as_markdown(table):
    head, rows = table
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines) if rows else "Not measured.\n"


def write_figures(page, blocks):
    """`blocks`: the text of each, by name."""
    text, count = BLOCK.subn(lambda match: match[1] + blocks[match[2]] + match[3], page.read_text())
    if count == 0:
        sys.exit(f"{page} has no place for figures")
    page.write_text(text)
