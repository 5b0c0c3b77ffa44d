"""The blocks of a recipe's page, cut out of its HTML."""

import pytest

from devtools.examples.page import Block, PageError, read_page

PAGE = """
<section data-needs="first second"><h2>Get it</h2>
<pre class="block" data-block="get">
( set -eu
echo &lt;a&gt; &amp;&amp; echo "x"
)
</pre>
<pre class="block" data-block="build" data-variant="plain"><code>one</code></pre>
<pre class="block" data-block="build" data-variant="fast">two</pre>
<pre>not to be pasted</pre>
<pre class="block" data-block="install">three</pre></section>
"""


def test_a_block_is_what_a_browser_copies():
    assert read_page("x", PAGE).block("get").text == '( set -eu\necho <a> && echo "x"\n)'


def test_what_is_not_marked_is_no_block():
    assert [block.kind for block in read_page("x", PAGE).blocks] == ["get", "build", "build", "install"]


def test_the_default_variant_is_the_first():
    assert read_page("x", PAGE).block("build").text == "one"


def test_a_variant_has_its_block():
    assert read_page("x", PAGE).block("build", "fast") == Block("build", "fast", "two")


def test_a_block_without_variant_serves_all():
    assert read_page("x", PAGE).block("install", "fast").text == "three"


def test_variants_are_in_the_order_of_the_page():
    assert read_page("x", PAGE).variants == ("plain", "fast")


def test_needed_recipes_are_named():
    assert read_page("x", PAGE).needs == ("first", "second")


@pytest.mark.parametrize(("kind", "variant"), [("clean", ""), ("build", "slow")])
def test_a_missing_block_is_told(kind, variant):
    with pytest.raises(PageError, match=f"no block '{kind}'"):
        read_page("x", PAGE).block(kind, variant)


def test_a_page_without_blocks_is_told():
    with pytest.raises(PageError, match="no lines to paste"):
        read_page("x", "<pre>git clone</pre>")
