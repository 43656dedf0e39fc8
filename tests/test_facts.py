"""What is known of a text: its facts, each taken once from its HTML."""

from plugins.facts import Link, ParsedText, TextFacts

HTML = """<section class="key-points" aria-labelledby="key-points">
<h2 id="key-points">Key points</h2>
<p>Two words.</p>
</section>
<p>One <code>two</code><sup id="fnref:1"><a href="#fn:1">1</a></sup>, three<!-- four -->five.</p>
<h2 id="first">The <em>first</em></h2>
<p><a href="{filename}other.md">a link</a> <a href="{filename}other.md"><img alt="An image"></a></p>
<h2>Without an id</h2>
<section class="faq" aria-labelledby="faqs"><h2 id="faqs">FAQs</h2>
<h3 id="why"><span class="n">1.</span> Why? <a class="permalink" href="#why">#</a></h3>
<p>Because.</p><ul><li>one</li></ul>
<h3 id="how"><span class="n">2.</span> How? <a class="permalink" href="#how">#</a></h3>
<p>So.<sup><a href="#fn:1">1</a></sup></p>
</section>
<div class="footnote"><ol><li id="fn:1"><p>Source</p></li><li id="fn:2"><p>More</p></li></ol></div>
"""


def test_sections_are_the_headings_below_the_key_points_that_can_be_linked():
    assert ParsedText(HTML).facts().sections == [("first", "The first"), ("faqs", "FAQs")]


def test_an_article_without_key_points_has_all_its_sections():
    late = "<p>Words.</p>" + HTML
    assert ParsedText(late).facts().sections[0] == ("key-points", "Key points")


def test_words_are_counted_as_a_reader_meets_them_without_sources():
    assert ParsedText("<p>One<b>two</b> three <sup>4</sup></p>").facts().words == 2
    assert ParsedText('<p>One</p> two<div class="footnote"><p>No</p></div>').facts().words == 2
    assert ParsedText("<p>a<!-- no -->b</p>").facts().words == 1
    assert ParsedText("").facts().words == 0


def test_reading_takes_a_minute_at_least():
    assert [TextFacts(words=words).minutes for words in (0, 100, 299, 301, 2000)] == [
        1,
        1,
        1,
        2,
        10,
    ]


def test_sources_and_questions_are_counted_once():
    facts = ParsedText(HTML).facts()
    assert facts.sources == 2
    assert [(one.id, one.text, one.answer_text) for one in facts.questions] == [
        ("why", "Why?", "Because.\none"),
        ("how", "How?", "So."),
    ]


def test_links_are_those_that_an_author_wrote():
    facts = ParsedText(HTML).facts()
    assert facts.links == [
        Link("a", "{filename}other.md", 0, "a link"),
        Link("a", "{filename}other.md", 1, "An image"),
    ]
    assert {"first", "faqs", "why", "fn:1", "fnref:1"} <= set(facts.ids)


def test_code_is_no_loose_text_whatever_it_holds():
    page = ParsedText("<p>a<code>b<i>c</i></code>d</p><pre>e</pre>f<kbd>g</kbd>")
    assert page.loose.split() == ["a", "d", "f"]
