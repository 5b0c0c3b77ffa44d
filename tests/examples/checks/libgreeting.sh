# A program finds header and library by pkg-config, links and runs.
set -eu

fail() {
    echo "libgreeting: $*" >&2
    exit 1
}

cd "$(mktemp -d)"
sudo apt-get install --yes -qq --no-install-recommends gcc libc6-dev pkgconf >/dev/null 2>&1 || fail "gcc cannot be installed"
cat >probe.c <<'SOURCE'
#include <greeting.h>
#include <stdio.h>

int main(void)
{
    char text[80];
    greeting_write(text, sizeof text, "journey", "Ada");
    puts(text);
    return greeting_write(text, sizeof text, "nothing", "Ada") == -1 ? 0 : 1;
}
SOURCE
gcc -o probe probe.c $(pkg-config --cflags --libs greeting) || fail "a program does not compile or link"
text=$(./probe) || fail "the program does not run"
echo "$text"
[ "$text" = "Travel well, Ada, and come home with stories." ] || fail "the sentence is another one"
ldd probe | grep libgreeting.so.1 || fail "the program does not use the shared library"
