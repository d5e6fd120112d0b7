#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "view/markdown.h"

static void expect(const char *text, const char *expected)
{
    struct buffer out;
    buffer_init(&out);
    assert_true(markdown_html(text, 3, &out));
    assert_string_equal(buffer_text(&out), expected);
    buffer_finish(&out);
}

static void descriptions_read_well(void **state)
{
    (void)state;
    expect("Talks from **medicine**:\n\n- *care*\n- `cells`\n\nSee <https://example.org/?a=1&b=2>.",
           "<p>Talks from <strong>medicine</strong>:</p>\n<ul>\n<li><em>care</em></li>\n"
           "<li><code>cells</code></li>\n</ul>\n<p>See <a "
           "href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener nofollow "
           "ugc\">https://example.org/?a=1&amp;b=2</a>.</p>\n");
    expect("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n");
    expect("|a|b|\n|---|---|\n|c|d|", "<table>\n<thead>\n<tr><th scope=\"col\">a</th>"
                                      "<th scope=\"col\">b</th></tr>\n</thead>\n<tbody>\n"
                                      "<tr><td>c</td><td>d</td></tr>\n</tbody>\n</table>\n");
    expect("info@example.org", "<p><a href=\"mailto:info@example.org\" "
                               "rel=\"noopener nofollow ugc\">info@example.org</a></p>\n");
}

static void headings_stay_below_the_pages_own(void **state)
{
    (void)state;
    expect("# a", "<h3>a</h3>\n");
    expect("## a", "<h4>a</h4>\n");
    expect("###### a", "<h6>a</h6>\n");
}

static void markup_of_strangers_shows_as_text(void **state)
{
    (void)state;
    expect("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
    expect("a <img src=x onerror=alert(1)> b", "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>\n");
    expect("<div\nonmouseover=\"x\">", "<p>&lt;div\nonmouseover=&quot;x&quot;&gt;</p>\n");
    expect("`<b>`", "<p><code>&lt;b&gt;</code></p>\n");
    expect("```html\"><script>\n<b>&amp;\n```", "<pre><code>&lt;b&gt;&amp;amp;\n</code></pre>\n");
    expect("&lt;script&gt; &#60;b&#62;", "<p>&lt;script&gt; &#60;b&#62;</p>\n");
}

static void links_lead_to_web_and_mail_only(void **state)
{
    (void)state;
    static const char *const addresses[] = {
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<b>",
        "vbscript:x",
        "java&#115;cript:alert(1)",
        "&#106;avascript:alert(1)",
        "javascript&colon;alert",
        "&#x6A;avascript:alert(1)",
        "java&Tab;script:alert(1)",
        "<java\tscript:alert(1)>",
        "<javascript:alert(1)//http:>",
        "//evil.example",
        "/relative",
        "file:///etc/passwd",
        "blob:https://example.org/x",
        "<\x01javascript:x>",
        "<https://a\tb>",
        "https:example.org",
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        char text[128];
        snprintf(text, sizeof text, "[here](%s)", addresses[i]);
        expect(text, "<p>here</p>\n");
    }
    expect("[here](HTTPS://example.org)",
           "<p><a href=\"HTTPS://example.org\" rel=\"noopener nofollow ugc\">here</a></p>\n");
}

static void an_address_cannot_leave_its_attribute(void **state)
{
    (void)state;
    expect("[x](https://e.org/\"onmouseover=\"a)",
           "<p><a href=\"https://e.org/&quot;onmouseover=&quot;a\" "
           "rel=\"noopener nofollow ugc\">x</a></p>\n");
    expect("[x](https://e.org/ 'title\" onclick=\"a')",
           "<p><a href=\"https://e.org/\" rel=\"noopener nofollow ugc\">x</a></p>\n");
    expect("[x](https://e.org/&quot;onclick=a)", "<p>x</p>\n");
    expect("[x](https://e.org/?a=1&amp;b=2)",
           "<p><a href=\"https://e.org/?a=1&amp;b=2\" rel=\"noopener nofollow ugc\">x</a></p>\n");
}

static void nothing_is_loaded_from_elsewhere(void **state)
{
    (void)state;
    expect("![the *venue*](https://e.org/x.png)", "<p>the venue</p>\n");
    expect("[![a *b*](c)](https://d.org)",
           "<p><a href=\"https://d.org\" rel=\"noopener nofollow ugc\">a b</a></p>\n");
}

static void a_bad_link_leaves_the_following_ones_whole(void **state)
{
    (void)state;
    expect("[a](javascript:x) [b](https://b.org) [c](data:x)",
           "<p>a <a href=\"https://b.org\" rel=\"noopener nofollow ugc\">b</a> c</p>\n");
}

static void expect_refusal(const char *text)
{
    struct buffer out;
    buffer_init(&out);
    buffer_add_text(&out, "before");
    assert_false(markdown_html(text, 3, &out));
    assert_string_equal(out.bytes, "before");
    buffer_finish(&out);
}

static void what_is_too_much_is_refused_whole(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text);
    for (int i = 0; i <= MARKDOWN_MOST_BYTES; i++)
        buffer_add_char(&text, 'a');
    expect_refusal(text.bytes);
    text.length--;
    text.bytes[text.length] = '\0';
    struct buffer out;
    buffer_init(&out);
    assert_true(markdown_html(text.bytes, 3, &out));
    buffer_finish(&out);
    buffer_finish(&text);
    expect_refusal("\xff");
}

/* Short rows are filled up to the width of the head, so the output could be the square of the
 * input. */
static void a_table_cannot_blow_up(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text);
    for (int i = 0; i < 5000; i++)
        buffer_add_text(&text, "|a");
    buffer_add_char(&text, '\n');
    for (int i = 0; i < 5000; i++)
        buffer_add_text(&text, "|---");
    for (int i = 0; i < 5000; i++)
        buffer_add_text(&text, "\n|b|");
    expect_refusal(text.bytes);
    buffer_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptions_read_well),
        cmocka_unit_test(headings_stay_below_the_pages_own),
        cmocka_unit_test(markup_of_strangers_shows_as_text),
        cmocka_unit_test(links_lead_to_web_and_mail_only),
        cmocka_unit_test(an_address_cannot_leave_its_attribute),
        cmocka_unit_test(nothing_is_loaded_from_elsewhere),
        cmocka_unit_test(a_bad_link_leaves_the_following_ones_whole),
        cmocka_unit_test(what_is_too_much_is_refused_whole),
        cmocka_unit_test(a_table_cannot_blow_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
