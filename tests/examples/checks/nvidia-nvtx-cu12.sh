# A program compiles against NVTX, links with it and runs, without a graphics card; the licence is installed.
set -eu

fail() {
    echo "nvidia-nvtx-cu12: $*" >&2
    exit 1
}

/sbin/ldconfig -p | grep libnvToolsExt.so.1 || fail "ldconfig does not know libnvToolsExt.so.1"
zcat /usr/share/doc/libnvtoolsext1/nvidia-cuda-eula.txt.gz | sha256sum |
    grep -q ^ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd || fail "the installed licence is not the one that was accepted"
echo "licence: the text that was accepted"

cd "$(mktemp -d)"
sudo apt-get install --yes -qq --no-install-recommends gcc libc6-dev >/dev/null 2>&1 || fail "gcc cannot be installed"
cat >probe.c <<'SOURCE'
#include <nvToolsExt.h>
#include <stdio.h>

int main(void)
{
    nvtxMarkA("here");
    /* Without a profiler the library answers that no range was opened. */
    printf("range %d\n", nvtxRangePushA("range"));
    nvtxRangePop();
    return 0;
}
SOURCE
gcc -o probe probe.c -lnvToolsExt || fail "a program does not compile or link"
./probe || fail "the program does not run"
ldd probe | grep libnvToolsExt
