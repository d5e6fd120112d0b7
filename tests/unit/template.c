#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "view/escape.h"
#include "view/template.h"

struct source {
    enum template_kind kind;
    const char *name, *text;
};

/* Returns a linked set of the sources. The last source has no name. */
static struct template_set *load(const struct source *sources)
{
    char error[TEMPLATE_ERROR_BYTES];
    struct template_set *set = template_set_create(NULL);
    for (; sources->name; sources++)
        if (!template_set_add(set, sources->kind, sources->name, sources->text,
                              strlen(sources->text), error))
            fail_msg("%s", error);
    if (!template_set_link(set, error))
        fail_msg("%s", error);
    return set;
}

static void expect_set(const struct source *sources, const char *json, const char *expected)
{
    struct buffer out;
    struct template_set *set = load(sources);
    json_t *data = json_loads(json, JSON_DECODE_ANY, NULL);
    buffer_init(&out);
    assert_true(template_render(template_find(set, sources->name), NULL, data, &out));
    assert_string_equal(buffer_text(&out), expected);
    buffer_finish(&out);
    json_decref(data);
    template_set_destroy(set);
}

static void expect(const char *source, const char *json, const char *expected)
{
    expect_set((const struct source[]){{TEMPLATE_HTML, "page", source}, {0}}, json, expected);
}

static void expect_error(enum template_kind kind, const char *source, const char *expected)
{
    char error[TEMPLATE_ERROR_BYTES] = "";
    struct template_set *set = template_set_create(NULL);
    bool good = template_set_add(set, kind, "page", source, strlen(source), error) &&
                template_set_link(set, error);
    assert_false(good);
    assert_string_equal(error, expected);
    template_set_destroy(set);
}

static void values_cannot_leave_text_or_attribute(void **state)
{
    (void)state;
    expect("<p title=\"{{x}}\" lang='{{x}}'>{{x}}</p>", "{\"x\": \"\\\"'><b>&\"}",
           "<p title=\"&quot;&#39;&gt;&lt;b&gt;&amp;\" lang='&quot;&#39;&gt;&lt;b&gt;&amp;'>"
           "&quot;&#39;&gt;&lt;b&gt;&amp;</p>");
    expect("{{{x}}} {{&x}}", "{\"x\": \"<b>\"}", "<b> <b>");
    expect("{{x}}", "{\"x\": \"{{y}}\", \"y\": 1}", "{{y}}");
}

static void plain_text_is_not_escaped(void **state)
{
    (void)state;
    expect_set((const struct source[]){{TEMPLATE_TEXT, "mail", "Dear {{name}} & {{{name}}},"}, {0}},
               "{\"name\": \"A<B\"}", "Dear A<B & A<B,");
}

static void wordings_are_escaped_on_their_way_into_html(void **state)
{
    (void)state;
    expect_set((const struct source[]){{TEMPLATE_HTML, "page", "<h1>{{> t.title}}</h1>"},
                                       {TEMPLATE_WORDING, "t.title", "<Q&A> with \"{{name}}\""},
                                       {0}},
               "{\"name\": \"<i>\"}", "<h1>&lt;Q&amp;A&gt; with &quot;&lt;i&gt;&quot;</h1>");
    expect_error(TEMPLATE_WORDING, "{{{x}}}",
                 "page:1: a wording is plain text, {{{x}}} has no place in it");
    expect_error(TEMPLATE_WORDING, "{{&x}}",
                 "page:1: a wording is plain text, {{{x}}} has no place in it");
}

static void what_counts_as_false(void **state)
{
    (void)state;
    static const char *const falses[] = {"null", "false", "0", "0.0", "\"\"", "[]"};
    static const char *const trues[] = {"true", "1", "-0.5", "\"0\"", "[0]", "{}"};
    char data[64];
    for (size_t i = 0; i < 6; i++) {
        snprintf(data, sizeof data, "{\"x\": %s}", falses[i]);
        expect("{{#x}}yes{{/x}}{{^x}}no{{/x}}", data, "no");
        snprintf(data, sizeof data, "{\"x\": %s}", trues[i]);
        expect("{{#x}}yes{{/x}}{{^x}}no{{/x}}", data, "yes");
    }
    expect("{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{}", "no");
    expect("{{#a.0}}some{{/a.0}}{{^b.0}}none{{/b.0}}", "{\"a\": [{}], \"b\": []}", "somenone");
}

static void numbers_print_as_they_are_read(void **state)
{
    (void)state;
    expect("{{x}}", "{\"x\": 9007199254740993}", "9007199254740993");
    expect("{{x}}", "{\"x\": 0.1}", "0.1");
    expect("{{x}}", "{\"x\": 12.5}", "12.5");
    expect("{{x}}", "{\"x\": 0.30000000000000004}", "0.30000000000000004");
}

static void one_is_told_from_many(void **state)
{
    (void)state;
    const char *source = "{{#n.one}}one place{{/n.one}}{{^n.one}}{{n}} places{{/n.one}}";
    expect(source, "{\"n\": 1}", "one place");
    expect(source, "{\"n\": 0}", "0 places");
    expect(source, "{\"n\": 2}", "2 places");
    expect(source, "{\"n\": \"1\"}", "1 places");
    expect("{{n.other}}{{#n.other}}never{{/n.other}}", "{\"n\": 1}", "");
    expect("{{n.one}}", "{\"n\": {\"one\": \"of its own\"}}", "of its own");
    const char *list =
        "{{#a.0}}<ul>{{/a.0}}{{#a}}<li>{{x}}{{/a}}{{^a.0}}none{{/a.0}}{{a.1.x}}{{a.x}}";
    expect(list, "{\"a\": [{\"x\": 1}, {\"x\": 2}]}", "<ul><li>1<li>22");
    expect(list, "{\"a\": []}", "none");
}

static void shared_names_stand_behind_those_of_the_data(void **state)
{
    (void)state;
    struct buffer out;
    struct template_set *set =
        load((const struct source[]){{TEMPLATE_HTML, "page", "{{a}}{{b}}{{.}}"}, {0}});
    json_t *shared = json_pack("{s:s, s:s}", "a", "shared", "b", "shared");
    json_t *data = json_pack("{s:s}", "a", "own ");
    buffer_init(&out);
    assert_true(template_render(template_find(set, "page"), shared, data, &out));
    assert_string_equal(buffer_text(&out), "own shared");
    buffer_clear(&out);
    assert_true(template_render(template_find(set, "page"), NULL, NULL, &out));
    assert_string_equal(buffer_text(&out), "");
    assert_int_equal(json_object_size(data), 1);
    json_decref(shared);
    json_decref(data);
    buffer_finish(&out);
    template_set_destroy(set);
}

static void layouts_are_filled_with_blocks(void **state)
{
    (void)state;
    const struct source sources[] = {
        {TEMPLATE_HTML, "page",
         "{{<layout}}\n{{$title}}{{name}}{{/title}}\n"
         "{{$main}}\n<p>{{name}}</p>\n{{/main}}\n{{/layout}}\n"},
        {TEMPLATE_HTML, "layout",
         "{{<frame}}{{$main}}never{{/main}}{{$foot}}foot{{/foot}}{{/frame}}"},
        {TEMPLATE_HTML, "frame",
         "<title>{{$title}}none{{/title}}</title>\n{{$main}}{{/main}}{{$foot}}{{/foot}}\n"},
        {0}};
    expect_set(sources, "{\"name\": \"<x>\"}",
               "<title>&lt;x&gt;</title>\n<p>&lt;x&gt;</p>\nfoot\n");
}

static void the_innermost_partial_keeps_the_outer_indentation(void **state)
{
    (void)state;
    const struct source sources[] = {
        {TEMPLATE_TEXT, "page", "a\n  {{>one}}\nb\n"},
        {TEMPLATE_TEXT, "one", "c\n{{#x}}\nd {{>two}}\n{{/x}}\n  {{>two}}\ne\n"},
        {TEMPLATE_TEXT, "two", "f\n{{y}}\n"},
        {0}};
    expect_set(sources, "{\"x\": 1, \"y\": \"g\\nh\"}",
               "a\n  c\n  d f\ng\nh\n\n    f\n    g\nh\n  e\nb\n");
}

static void mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    expect_error(TEMPLATE_HTML, "a\n{{#b}}\n{{/c}}",
                 "page:3: {{/c}} stands where {{/b}} of line 2 is due");
    expect_error(TEMPLATE_HTML, "a\n{{#b}}\n", "page:2: the section {{#b}} is not closed");
    expect_error(TEMPLATE_HTML, "a\n\n{{/b}}", "page:3: {{/b}} closes nothing");
    expect_error(TEMPLATE_HTML, "{{b", "page:1: the tag is not closed by }}");
    expect_error(TEMPLATE_HTML, "{{{b}}", "page:1: the tag is not closed by }}}");
    expect_error(TEMPLATE_HTML, "{{}}", "page:1: a tag without a name");
    expect_error(TEMPLATE_HTML, "{{a b}}", "page:1: the name \"a b\" has white space in it");
    expect_error(TEMPLATE_HTML, "{{a..b}}", "page:1: the name \"a..b\" has an empty part");
    expect_error(TEMPLATE_HTML, "{{a.b.c.d.e.f.g.h.i}}",
                 "page:1: the name \"a.b.c.d.e.f.g.h.i\" has too many parts");
    expect_error(TEMPLATE_HTML, "{{=<%=}}",
                 "page:1: delimiters are two, with a space between them");
    expect_error(TEMPLATE_HTML, "a\n{{> t.titel}}",
                 "page:2: {{>t.titel}}: there is no such template or wording");
}

static void html_and_plain_text_are_kept_apart(void **state)
{
    (void)state;
    char error[TEMPLATE_ERROR_BYTES];
    struct template_set *set = template_set_create(NULL);
    assert_true(template_set_add(set, TEMPLATE_HTML, "page", "{{>mail}}", 9, error));
    assert_true(template_set_add(set, TEMPLATE_TEXT, "mail", "{{x}}", 5, error));
    assert_false(template_set_link(set, error));
    assert_string_equal(error, "page:1: {{>mail}}: plain text and HTML cannot use each other");
    template_set_destroy(set);
}

static void a_name_is_taken_once(void **state)
{
    (void)state;
    char error[TEMPLATE_ERROR_BYTES];
    struct template_set *set = template_set_create(NULL);
    assert_true(template_set_add(set, TEMPLATE_HTML, "page", "a", 1, error));
    assert_true(template_set_add(set, TEMPLATE_HTML, "page", "b", 1, error));
    assert_false(template_set_link(set, error));
    assert_string_equal(error, "page: is there twice");
    template_set_destroy(set);
}

/* Returns the text so many times. */
static char *repeat(const char *text, size_t times)
{
    struct buffer buffer;
    buffer_init(&buffer);
    while (times-- > 0)
        buffer_add_text(&buffer, text);
    return buffer_take(&buffer);
}

static void nesting_is_bounded_in_one_source(void **state)
{
    (void)state;
    char *open = repeat("{{#x}}", TEMPLATE_MOST_NESTING);
    char *closed = repeat("{{/x}}", TEMPLATE_MOST_NESTING);
    struct buffer source;
    buffer_init(&source);
    buffer_printf(&source, "%s.%s", open, closed);
    expect(source.bytes, "{\"x\": true}", ".");
    buffer_clear(&source);
    buffer_printf(&source, "{{#x}}%s.%s{{/x}}", open, closed);
    expect_error(TEMPLATE_HTML, source.bytes, "page:1: more than 32 sections are open at once");
    buffer_finish(&source);
    free(open);
    free(closed);
}

/* Expects that rendering fails at a limit and leaves the buffer unchanged. */
static void expect_refusal(const struct source *sources, const json_t *data)
{
    struct buffer out;
    struct template_set *set = load(sources);
    buffer_init(&out);
    buffer_add_text(&out, "before");
    assert_false(template_render(template_find(set, sources->name), NULL, data, &out));
    assert_string_equal(buffer_text(&out), "before");
    buffer_finish(&out);
    template_set_destroy(set);
}

static void recursion_follows_the_data_and_no_further(void **state)
{
    (void)state;
    const struct source tree[] = {{TEMPLATE_HTML, "page", "{{v}}{{#next}}<{{>page}}>{{/next}}"},
                                  {0}};
    expect_set(tree, "{\"v\": 1, \"next\": {\"v\": 2, \"next\": {\"v\": 3, \"next\": null}}}",
               "1<2<3>>");
    expect_refusal((const struct source[]){{TEMPLATE_HTML, "page", "x\n  {{>page}}\n"}, {0}}, NULL);
    expect_refusal((const struct source[]){{TEMPLATE_HTML, "page",
                                            "{{$a}}{{<page}}{{$a}}{{$a}}{{/a}}{{/a}}"
                                            "{{/page}}{{/a}}"},
                                           {0}},
                   NULL);
}

static void doubling_partials_stop_at_the_steps(void **state)
{
    (void)state;
    struct source sources[40] = {{0}};
    char names[40][8], texts[40][32];
    for (int i = 0; i < 39; i++) {
        snprintf(names[i], sizeof names[i], "p%d", i);
        snprintf(texts[i], sizeof texts[i], "{{>p%d}}{{>p%d}}", i + 1, i + 1);
        sources[i] = (struct source){TEMPLATE_HTML, names[i], i < 38 ? texts[i] : ""};
    }
    expect_refusal(sources, NULL);
}

static void a_rendering_is_bounded_in_bytes(void **state)
{
    (void)state;
    json_t *list = json_array();
    char *text = repeat("0123456789abcdef", 1024);
    json_t *item = json_string(text), *data = json_pack("{s:o}", "list", list);
    for (int i = 0; i < TEMPLATE_MOST_OUTPUT / (16 * 1024) + 2; i++)
        json_array_append(list, item);
    expect_refusal((const struct source[]){{TEMPLATE_HTML, "p", "{{#list}}{{.}}{{/list}}"}, {0}},
                   data);
    json_decref(item);
    json_decref(data);
    free(text);
}

static void data_cannot_close_its_script(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out);
    json_t *data = json_pack("{s:s}", "a", "</script><!--&\xe2\x80\xa8\"");
    escape_script_json(&out, data);
    assert_string_equal(out.bytes, "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\\\"\"}");
    json_t *again = json_loads(out.bytes, 0, NULL);
    assert_true(json_equal(again, data));
    json_decref(again);
    json_decref(data);
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_cannot_leave_text_or_attribute),
        cmocka_unit_test(plain_text_is_not_escaped),
        cmocka_unit_test(wordings_are_escaped_on_their_way_into_html),
        cmocka_unit_test(what_counts_as_false),
        cmocka_unit_test(numbers_print_as_they_are_read),
        cmocka_unit_test(one_is_told_from_many),
        cmocka_unit_test(shared_names_stand_behind_those_of_the_data),
        cmocka_unit_test(layouts_are_filled_with_blocks),
        cmocka_unit_test(the_innermost_partial_keeps_the_outer_indentation),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(html_and_plain_text_are_kept_apart),
        cmocka_unit_test(a_name_is_taken_once),
        cmocka_unit_test(nesting_is_bounded_in_one_source),
        cmocka_unit_test(recursion_follows_the_data_and_no_further),
        cmocka_unit_test(doubling_partials_stop_at_the_steps),
        cmocka_unit_test(a_rendering_is_bounded_in_bytes),
        cmocka_unit_test(data_cannot_close_its_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
