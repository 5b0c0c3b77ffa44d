# The list is sorted by size and as long as one asks for; a wrong count gets the usage.
set -eu

fail() {
    echo "deb-largest: $*" >&2
    exit 1
}

deb-largest 5
[ "$(deb-largest 5 | wc -l)" -eq 5 ] || fail "five packages were asked for"
deb-largest 5 | sort --check --numeric-sort --reverse || fail "the list is not sorted"
if deb-largest many 2>/dev/null; then
    fail "a count that is no number was taken"
fi
