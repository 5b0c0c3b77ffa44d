# A program links with cuDNN and asks for its version; every part of it can be loaded, without a graphics card.
set -eu

fail() {
    echo "nvidia-cudnn-cu12: $*" >&2
    exit 1
}

/sbin/ldconfig -p | grep libcudnn.so.9 || fail "ldconfig does not know libcudnn.so.9"
cd "$(mktemp -d)"
sudo apt-get install --yes -qq --no-install-recommends gcc libc6-dev python3 >/dev/null 2>&1 || fail "gcc cannot be installed"
cat >probe.c <<'SOURCE'
#include <stddef.h>
#include <stdio.h>

/* Declared here: the headers include those of CUDA, which this test does not need. */
extern size_t cudnnGetVersion(void);
extern const char *cudnnGetErrorString(int status);

int main(void)
{
    printf("cuDNN %zu: %s\n", cudnnGetVersion(), cudnnGetErrorString(0));
    return cudnnGetVersion() == 90600 ? 0 : 1;
}
SOURCE
gcc -o probe probe.c -lcudnn || fail "a program does not link"
./probe || fail "the program does not run, or the library is not 9.6.0"
for part in adv cnn engines_precompiled engines_runtime_compiled graph heuristic ops; do
    python3 -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "libcudnn_$part.so.9" || fail "libcudnn_$part.so.9 cannot be loaded"
    echo "loaded: libcudnn_$part.so.9"
done
