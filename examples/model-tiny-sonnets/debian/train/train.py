"""Count which character follows each context in a text. The weights are whole numbers: the same on every machine."""

import json
import sys

ORDER = 5


def count(text):
    """Return, for each context of up to ORDER characters, how often each character followed."""
    table = {}
    for position, character in enumerate(text):
        for length in range(min(ORDER, position) + 1):
            followers = table.setdefault(text[position - length : position], {})
            followers[character] = followers.get(character, 0) + 1
    return table


def main(data, target):
    """Read the text, count, and write the weights with their keys in order."""
    with open(data, encoding="ascii") as stream:
        text = stream.read()
    weights = {"order": ORDER, "characters": len(text), "followers": count(text)}
    with open(target, "w", encoding="ascii") as stream:
        json.dump(weights, stream, indent=0, sort_keys=True, separators=(",", ":"))


main(*sys.argv[1:])
