#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "view/markdown.h"
#include "view/placeholders.h"

static const struct placeholder values[] = {
    {"name", "Ada & [Co](http://evil.example) *B* <b> {ticket} _x_", false},
    {"ticket", "https://example.org/r/1?key=a_b_&c=-_", true},
    {0},
};
#define NAME_HTML "Ada &amp; [Co](http://evil.example) *B* &lt;b&gt; {ticket} _x_"
#define LINK_HTML "https://example.org/r/1?key=a_b_&amp;c=-_"

static void expect(const char *text, const char *html, const char *plain)
{
    struct buffer out;
    buffer_init(&out);
    assert_true(placeholders_html(text, values, 2, &out));
    assert_string_equal(buffer_text(&out), html);
    buffer_clear(&out);
    assert_true(placeholders_text(text, values, &out));
    assert_string_equal(buffer_text(&out), plain);
    buffer_finish(&out);
}

static void a_value_is_never_read_as_markdown_or_html(void **state)
{
    (void)state;
    expect("Dear **{name}**,", "<p>Dear <strong>" NAME_HTML "</strong>,</p>\n",
           "Dear Ada & [Co](http://evil.example) *B* <b> {ticket} _x_,");
    expect("`{name}`", "<p><code>" NAME_HTML "</code></p>\n",
           "Ada & [Co](http://evil.example) *B* <b> {ticket} _x_");
    expect("[x]({name})", "<p>x</p>\n", "x");
    expect("Fish &amp; chips & more", "<p>Fish &amp; chips &amp; more</p>\n",
           "Fish & chips & more");
}

static void a_link_stays_whole(void **state)
{
    (void)state;
    static const char link[] = "<a href=\"" LINK_HTML "\" rel=\"noopener nofollow ugc\">";
    struct buffer html;
    buffer_init(&html);
    buffer_printf(&html, "<p>See:%s" LINK_HTML "</a>.</p>\n", link);
    expect("See:{ticket}.", buffer_text(&html), "See:https://example.org/r/1?key=a_b_&c=-_.");
    buffer_clear(&html);
    buffer_printf(&html, "<p>%syours</a></p>\n", link);
    expect("[yours]({ticket})", buffer_text(&html),
           "yours (https://example.org/r/1?key=a_b_&c=-_)");
    buffer_finish(&html);
}

static void only_known_words_in_braces_are_placeholders(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_string_equal(placeholders_unknown("{name} {nmae}", values, &arena), "nmae");
    assert_null(placeholders_unknown("{ name} {} {Name} {{name}} {name", values, &arena));
    arena_finish(&arena);
    expect("{other} \xee\x80\x80!", "<p>{other} !</p>\n", "{other} !"); /* nobody writes a mark */
    struct buffer out;
    buffer_init(&out);
    placeholders_fill("{name}: {other}{ticket}", values + 1, &out);
    assert_string_equal(buffer_text(&out), "{name}: {other}https://example.org/r/1?key=a_b_&c=-_");
    buffer_finish(&out);
}

static void plain_text_reads_well(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out);
    assert_true(
        markdown_text("# Title\n\nOne\ntwo  \nthree\n\n- a\n- b\n  1. c\n  2. d\n\n> quoted\n\n"
                      "See <https://example.org> and [this](https://example.org/a) "
                      "![picture](x.png) [no](javascript:x)",
                      &out));
    assert_string_equal(buffer_text(&out),
                        "Title\n\nOne\ntwo\nthree\n\n- a\n- b\n  1. c\n  2. d\n\n> quoted\n\n"
                        "See https://example.org and this (https://example.org/a) picture no");
    buffer_finish(&out);
}

/* Without the mark in its middle, the text would be a mark of the row behind the table. */
static void broken_utf8_is_refused(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out);
    assert_false(placeholders_html("\xee\x80\xee\x80\x80\x81", values, 2, &out));
    assert_false(placeholders_text("\xee\x80\xee\x80\x80\x81", values, &out));
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_never_read_as_markdown_or_html),
        cmocka_unit_test(a_link_stays_whole),
        cmocka_unit_test(only_known_words_in_braces_are_placeholders),
        cmocka_unit_test(plain_text_reads_well),
        cmocka_unit_test(broken_utf8_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
