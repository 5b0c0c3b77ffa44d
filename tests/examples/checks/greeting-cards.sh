# The card comes out, and its sentence is from the shared library of the other recipe.
set -eu

fail() {
    echo "greeting-cards: $*" >&2
    exit 1
}

greeting-card birthday Ada || fail "the program does not run"
greeting-card birthday Ada | grep -q 'Happy birthday, Ada! May the year be kind to you.' || fail "the sentence is another one"
depends=$(dpkg-query --show --showformat='${Depends}' greeting-cards)
echo "depends: $depends"
case $depends in *"libgreeting1 (>= 1.0"*) ;; *) fail "the package does not depend on libgreeting1" ;; esac
ldd /usr/bin/greeting-card | grep libgreeting.so.1 || fail "the program does not use the shared library"
