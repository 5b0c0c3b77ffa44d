# The dynamic linker takes the library of glibc-hwcaps after installation alone, where the processor can run it.
set -eu

fail() {
    echo "xxhash-hwcaps: $*" >&2
    exit 1
}

cd "$(mktemp -d)"
sudo apt-get install --yes -qq --no-install-recommends gcc libc6-dev libxxhash-dev >/dev/null 2>&1 || fail "gcc cannot be installed"
cat >probe.c <<'SOURCE'
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

int main(void)
{
    char line[4096];
    FILE *maps = fopen("/proc/self/maps", "r");
    printf("XXH64 of nothing: %016llx\n", (unsigned long long) XXH64("", 0, 0));
    while (maps && fgets(line, sizeof line, maps))
        if (strstr(line, "r-xp") && strstr(line, "libxxhash"))
            printf("loaded: %s", strchr(line, '/'));
    return 0;
}
SOURCE
gcc -o probe probe.c -lxxhash
found=$(./probe)
echo "$found"
case $found in *ef46db3751d8e999*) ;; *) fail "the hash is wrong" ;; esac

best=
for level in x86-64-v3 x86-64-v4; do
    if /lib64/ld-linux-x86-64.so.2 --help | grep -q "$level (supported, searched)"; then
        best=$level
    fi
done
echo "best level of this processor: ${best:-below x86-64-v3}"
if [ -n "$best" ]; then
    case $found in
        */glibc-hwcaps/$best/*) ;;
        *) fail "the program does not use the library of glibc-hwcaps/$best" ;;
    esac
fi
