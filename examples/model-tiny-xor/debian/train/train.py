"""Train two hidden neurons and one output on the truth table of XOR. Same data, same seed: the same weights, bit for bit."""

import csv
import json
import math
import random
import sys

ROUNDS = 20_000
RATE = 0.5


def activate(weights, left, right):
    """Return the output of one neuron: the logistic function of the weighted sum; the last weight is the bias."""
    return 1 / (1 + math.exp(-(weights[0] * left + weights[1] * right + weights[2])))


def train(samples):
    """Return the weights of the two hidden neurons and of the output, trained by gradient descent."""
    source = random.Random(3)
    hidden = [[source.uniform(-1, 1) for _ in range(3)] for _ in range(2)]
    output = [source.uniform(-1, 1) for _ in range(3)]
    for _ in range(ROUNDS):
        for left, right, wanted in samples:
            first, second = (activate(neuron, left, right) for neuron in hidden)
            result = activate(output, first, second)
            slope = (wanted - result) * result * (1 - result)
            for neuron, value, weight in zip(hidden, (first, second), tuple(output)):
                inner = slope * weight * value * (1 - value)
                for index, factor in enumerate((left, right, 1)):
                    neuron[index] += RATE * inner * factor
            for index, factor in enumerate((first, second, 1)):
                output[index] += RATE * slope * factor
    return hidden, output


def main(data, target):
    """Read the samples, train, check that all of them come out right, and write the weights."""
    with open(data, newline="", encoding="ascii") as stream:
        samples = [tuple(int(row[name]) for name in ("left", "right", "result")) for row in csv.DictReader(stream)]
    hidden, output = train(samples)
    for left, right, wanted in samples:
        result = activate(output, *(activate(neuron, left, right) for neuron in hidden))
        if round(result) != wanted:
            sys.exit(f"train.py: {left} xor {right} came out as {result:.3f}")
    with open(target, "w", encoding="ascii") as stream:
        json.dump({"hidden": hidden, "output": output}, stream, indent=1)


main(*sys.argv[1:])
