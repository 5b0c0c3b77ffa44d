# The same seed gives the same verse; verse fits the model better than prose, and prose better than noise.
set -eu

fail() {
    echo "model-tiny-sonnets: $*" >&2
    exit 1
}

verse=$(tiny-sonnets generate --seed 18 --length 160)
echo "$verse"
[ "$verse" = "$(tiny-sonnets generate --seed 18 --length 160)" ] || fail "the same seed gave another verse"
[ "$verse" != "$(tiny-sonnets generate --seed 19 --length 160)" ] || fail "another seed gave the same verse"

sonnet=$(tiny-sonnets score "Thy beauty shall outlive the summer's shade")
prose=$(tiny-sonnets score "Insert the cartridge and press the power button")
noise=$(tiny-sonnets score "xq#zz%kj@@vw!!pq0093")
echo "bits per character: verse $sonnet, prose $prose, noise $noise"
awk "BEGIN { exit !($sonnet < $prose && $prose < $noise) }" || fail "the scores are not in that order"
