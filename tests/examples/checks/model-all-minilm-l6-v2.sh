# The model's own program gives embeddings with numpy alone, with the values that sentence-transformers gives.
set -eu

fail() {
    echo "model-all-minilm-l6-v2: $*" >&2
    exit 1
}

near() {
    awk "BEGIN { difference = $1 - $2; exit !(difference < 0.005 && difference > -0.005) }"
}

packages=$(dpkg-query --show --showformat='${db:Status-Abbrev}\n' | grep -c '^ii')
echo "packages on this system: $packages"
[ "$packages" -lt 350 ] || fail "the installation pulled far more than numpy"
[ "$(minilm-embed 'A cat sits on the mat.' | wc -w)" = 384 ] || fail "an embedding does not have 384 numbers"

kitten=$(minilm-embed --similarity 'A cat sits on the mat.' 'A kitten rests on a rug.' | cut -c 1-5)
stocks=$(minilm-embed --similarity 'A cat sits on the mat.' 'Stocks fell sharply today.' | cut -c 1-5)
echo "cat and kitten $kitten, cat and stocks $stocks"
near "$kitten" 0.665 || fail "cat and kitten: expected 0.665"
awk "BEGIN { exit !($kitten > $stocks + 0.4) }" || fail "a kitten is not clearly closer to a cat than stocks are"

# The example of the model's own page.
happy=$(minilm-embed --similarity 'That is a happy person' 'That is a happy dog' 'That is a very happy person' 'Today is a sunny day')
echo "$happy"
set -- $(echo "$happy" | cut -c 1-5)
near "$1" 0.695 && near "$2" 0.943 && near "$3" 0.257 || fail "expected 0.695, 0.943 and 0.257, as sentence-transformers gives"
