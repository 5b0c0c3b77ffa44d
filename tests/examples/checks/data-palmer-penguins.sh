# All 344 penguins are there, of three species.
set -eu

fail() {
    echo "data-palmer-penguins: $*" >&2
    exit 1
}

folder=/usr/share/data/palmer-penguins
ls -l "$folder"
count=$(tail --lines=+2 "$folder/penguins.csv" | wc -l)
echo "penguins: $count"
[ "$count" -eq 344 ] || fail "expected 344 penguins"
species=$(tail --lines=+2 "$folder/penguins.csv" | cut --delimiter=, --fields=1 | sort | uniq --count)
echo "$species"
[ "$(echo "$species" | wc -l)" -eq 3 ] || fail "expected three species"
