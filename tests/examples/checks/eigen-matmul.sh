# The product is computed, and objdump shows the instructions of the variant that was built.
set -eu

fail() {
    echo "eigen-matmul: $*" >&2
    exit 1
}

eigen-matmul 512 5 || fail "the program does not run"
sudo apt-get install --yes -qq --no-install-recommends binutils >/dev/null 2>&1 || fail "binutils cannot be installed"
version=$(dpkg-query --show --showformat='${Version}' eigen-matmul)
objdump -d /usr/bin/eigen-matmul >/tmp/eigen-matmul.s
ymm=$(grep -c '%ymm' /tmp/eigen-matmul.s || true)
zmm=$(grep -c '%zmm' /tmp/eigen-matmul.s || true)
fma=$(grep -c 'vfmadd' /tmp/eigen-matmul.s || true)
echo "$version: lines with ymm $ymm, zmm $zmm, vfmadd $fma"
case $version in
    *+cdur1.x86.64.v3) [ "$ymm" -gt 0 ] && [ "$fma" -gt 0 ] && [ "$zmm" -eq 0 ] || fail "these are not the instructions of x86-64-v3" ;;
    *+cdur1.native)
        if grep -qw avx2 /proc/cpuinfo; then
            [ "$ymm" -gt 0 ] && [ "$fma" -gt 0 ] || fail "the processor has AVX2 and the program does not use it"
        fi
        if grep -qw avx512f /proc/cpuinfo; then
            [ "$zmm" -gt 0 ] || fail "the processor has AVX-512 and the program does not use it"
        fi
        ;;
    *) [ $((ymm + zmm + fma)) -eq 0 ] || fail "the default needs more than amd64's baseline" ;;
esac
