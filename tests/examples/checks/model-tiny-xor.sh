# The installed weights compute XOR.
set -eu

fail() {
    echo "model-tiny-xor: $*" >&2
    exit 1
}

sudo apt-get install --yes -qq --no-install-recommends python3 >/dev/null 2>&1 || fail "python3 cannot be installed"
python3 - /usr/share/models/tiny-xor/weights.json <<'PYTHON' || fail "the weights do not compute XOR"
import json
import math
import sys

with open(sys.argv[1], encoding="ascii") as stream:
    weights = json.load(stream)


def neuron(factors, left, right):
    return 1 / (1 + math.exp(-(factors[0] * left + factors[1] * right + factors[2])))


for left in (0, 1):
    for right in (0, 1):
        result = neuron(weights["output"], *(neuron(each, left, right) for each in weights["hidden"]))
        print(f"{left} xor {right}: {result:.3f}")
        if round(result) != left ^ right:
            sys.exit(1)
PYTHON
