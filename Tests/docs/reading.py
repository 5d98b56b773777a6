"""Reads Markdown: its fenced blocks, what is not in them, and the anchors of its headings."""

import re

FENCE = re.compile(r"^ *(`{3,}|~{3,})\s*([\w-]*)")
NOT_RUN = re.compile(r"^\s*<!-- not run:(.*)-->\s*$")


def blocks(text):
    """All fenced blocks: line number, tag, lines, the reason not to run it or None."""
    found, lines, fence = [], text.splitlines(), None
    for number, line in enumerate(lines, 1):
        match = FENCE.match(line)
        if fence is None and match:
            fence = match[1]
            before = NOT_RUN.match(lines[number - 2]) if number > 1 else None
            found.append((number, match[2], [], before and before[1].strip()))
        elif fence and match and match[1].startswith(fence) and line.strip() == match[1]:
            fence = None
        elif fence:
            found[-1][2].append(line)
    assert fence is None, "a block has no end"
    return found


def prose(text):
    """The text without its fenced blocks."""
    kept, inside = [], None
    for line in text.splitlines():
        match = FENCE.match(line)
        if inside is None and not match:
            kept.append(line)
        elif match and (inside is None or line.strip().startswith(inside)):
            inside = match[1] if inside is None else None
    return "\n".join(kept)


def anchors(text):
    """The names that GitHub gives to headings, and those given by hand."""
    names, seen = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)), {}
    for heading in re.findall(r"^#{1,6} +(.*?)[ #]*$", prose(text), re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")
        seen[name] = seen.get(name, -1) + 1
        names.add(f"{name}-{seen[name]}" if seen[name] else name)
    return names
