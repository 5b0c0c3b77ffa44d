# The interpreter computes, and its instructions are those of the variant that was built.
set -eu

fail() {
    echo "lua-march: $*" >&2
    exit 1
}

lua-march -v
[ "$(lua-march -e 'print(("Debian"):reverse(), 6 * 7)')" = "naibeD	42" ] || fail "the interpreter computes wrongly"

sudo apt-get install --yes -qq --no-install-recommends binutils >/dev/null 2>&1 || fail "binutils cannot be installed"
version=$(dpkg-query --show --showformat='${Version}' lua-march)
vector=$(objdump -d /usr/bin/lua-march | grep -cE '%[yz]mm|vmovs|vadds' || true)
echo "$version: $vector lines with AVX instructions"
case $version in
    *+cdur1.*) [ "$vector" -gt 0 ] || fail "the variant was not built for its instruction set" ;;
    *) [ "$vector" -eq 0 ] || fail "the default needs more than amd64's baseline" ;;
esac
