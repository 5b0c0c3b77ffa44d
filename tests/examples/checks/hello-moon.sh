# The program greets the moon and keeps tradition; Debian's own hello can stand beside it.
set -eu

fail() {
    echo "hello-moon: $*" >&2
    exit 1
}

greeting=$(hello-moon)
echo "hello-moon: $greeting"
[ "$greeting" = "Hello, moon!" ] || fail "expected \"Hello, moon!\", got \"$greeting\""

tradition=$(hello-moon --traditional)
echo "hello-moon --traditional: $tradition"
[ "$tradition" = "hello, world" ] || fail "expected \"hello, world\", got \"$tradition\""

sudo apt-get install --yes -qq hello >/dev/null 2>&1 || fail "Debian's hello cannot be installed beside it"
echo "hello (Debian's): $(hello)"
