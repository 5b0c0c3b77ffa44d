# A figure is plotted in braille by the installed module.
set -eu

fail() {
    echo "python-plotille: $*" >&2
    exit 1
}

PYTHONIOENCODING=utf-8 python3 - <<'PYTHON' || fail "the module does not plot"
import plotille

print(plotille.__file__)
text = plotille.plot([0, 1, 2, 3, 4], [0, 1, 4, 9, 16], width=30, height=6)
print(text)
if not any("\u2801" <= character <= "\u28ff" for character in text):
    raise SystemExit("no braille dot was drawn")
PYTHON
