# SPDX-License-Identifier: BSD-3-Clause
"""Comments and string literals of Swift and C sources, for the scripts that read them."""

import re

PLAIN = re.compile(r"[^/#\"']+")
CHARACTER = re.compile(r"'(?:\\.|[^'\\\n])+'")


def line_starts(text):
    return [0] + [match.end() for match in re.finditer("\n", text)]


def string_end(text, start):
    """The offset after the string literal whose `#`s or quotes begin at start."""
    hashes = 0
    while text[start + hashes] == "#":
        hashes += 1
    at = start + hashes
    quote = '"""' if text.startswith('"""', at) else '"'
    at += len(quote)
    close, escape = quote + "#" * hashes, "\\" + "#" * hashes
    while at < len(text):
        if text.startswith(close, at):
            return at + len(close)
        if text[at] == "\n" and len(quote) == 1:
            return at
        if text.startswith(escape, at):
            at += len(escape)
            if text[at:at + 1] != "(":
                at += 1
                continue
            depth = 0
            while at < len(text):
                if re.match(r'#*"', text[at:at + 4]):
                    at = string_end(text, at)
                    continue
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                at += 1
                if depth == 0:
                    break
            continue
        at += 1
    return at


def comment_end(text, start):
    """The offset after the comment that begins at start; `/* */` may be nested."""
    if text.startswith("//", start):
        end = text.find("\n", start)
        return len(text) if end < 0 else end
    depth, at = 0, start
    while at < len(text):
        if text.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    return at


def pieces(text):
    """Yields (kind, start, end) for all of the text; kind is code, comment or string."""
    at = 0
    while at < len(text):
        kind, end = "code", at + 1
        plain = PLAIN.match(text, at)
        character = CHARACTER.match(text, at)
        if plain:
            end = plain.end()
        elif text.startswith(("//", "/*"), at):
            kind, end = "comment", comment_end(text, at)
        elif re.match(r'#*"', text[at:at + 4]):
            kind, end = "string", string_end(text, at)
        elif character:
            end = character.end()
        yield kind, at, end
        at = end
