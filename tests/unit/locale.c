#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <glob.h>

#include "base/memory.h"
#include "view/locale.h"

static const char *source_root;

static struct asset asset(const char *name, const char *text)
{
    return (struct asset){name, (const unsigned char *)text, strlen(text)};
}

#define ASSETS(...)                                                                                \
    (const struct asset[]){__VA_ARGS__},                                                           \
        sizeof((struct asset[]){__VA_ARGS__}) / sizeof(struct asset)

static struct locale_set *load(const struct asset *assets, size_t count)
{
    char error[LOCALE_ERROR_BYTES];
    struct locale_set *set = NULL;
    if (!locale_set_load(assets, count, error, &set))
        fail_msg("%s", error);
    return set;
}

static void expect_error(const struct asset *assets, size_t count, const char *expected)
{
    char error[LOCALE_ERROR_BYTES] = "";
    struct locale_set *set = NULL;
    assert_false(locale_set_load(assets, count, error, &set));
    assert_string_equal(error, expected);
    assert_null(set);
}

static void expect_text(const struct locale *locale, const char *key, const char *json,
                        const char *expected)
{
    struct buffer out;
    json_t *data = json_loads(json, 0, NULL);
    buffer_init(&out);
    locale_text(locale, key, data, &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_finish(&out);
    json_decref(data);
}

#define EN                                                                                         \
    asset("features/door/words.en.json",                                                           \
          "{\"door\": {\"title\": \"Door <{{name}}>\", \"day\": \"{{at.date}}\", \"left\": "       \
          "\"{{#n.one}}one place{{/n.one}}{{^n.one}}{{n.number}} places{{/n.one}} left\"}}")
#define DE                                                                                         \
    asset("features/door/words.de.json",                                                           \
          "{\"door.title\": \"Tür <{{name}}>\", \"door\": {\"day\": \"{{at.date}}\", \"left\": "  \
          "\"Noch {{#n.one}}ein Platz{{/n.one}}{{^n.one}}{{n.number}} Plätze{{/n.one}}\"}}")

static void a_page_speaks_each_language(void **state)
{
    (void)state;
    struct locale_set *set =
        load(ASSETS(EN, DE, asset("features/door/door.html", "{{> web/head}}<p>{{> t.door.left}}"),
                    asset("web/head.html", "<h1>{{> t.door.title}}</h1>"),
                    asset("features/door/mail.txt", "{{> t.door.title}} {{at.time}}"),
                    asset("web/einlass.css", "{{not a template")));
    const struct locale *en = locale_find(set, "en"), *de = locale_find(set, "de");
    json_t *data = json_pack("{s:s, s:i, s:s}", "name", "A&B", "n", 2000, "at", "2022-05-13T10:00");
    struct buffer out;
    buffer_init(&out);
    assert_true(template_render(locale_page(en, "features/door/door.html"), NULL, data, &out));
    assert_string_equal(out.bytes, "<h1>Door &lt;A&amp;B&gt;</h1><p>2,000 places left");
    buffer_clear(&out);
    assert_true(template_render(locale_page(de, "features/door/door.html"), NULL, data, &out));
    assert_string_equal(out.bytes, "<h1>Tür &lt;A&amp;B&gt;</h1><p>Noch 2.000 Plätze");
    buffer_clear(&out);
    assert_true(template_render(locale_plain(de, "features/door/mail.txt"), NULL, data, &out));
    assert_string_equal(out.bytes, "Tür <A&B> 10:00 Uhr");
    assert_null(locale_page(de, "features/door/mail.txt"));
    assert_null(locale_page(de, "features/door/none.html"));
    assert_null(locale_find(set, "fr"));
    json_decref(data);
    buffer_finish(&out);
    locale_set_destroy(set);
}

static void wordings_are_plain_text_outside_pages(void **state)
{
    (void)state;
    struct locale_set *set = load(ASSETS(EN, DE));
    const struct locale *en = locale_find(set, "en"), *de = locale_find(set, "de");
    expect_text(en, "door.title", "{\"name\": \"A&B\"}", "Door <A&B>");
    expect_text(de, "door.title", "{\"name\": \"A&B\"}", "Tür <A&B>");
    expect_text(en, "door.left", "{\"n\": 1}", "one place left");
    expect_text(de, "door.day", "{\"at\": \"2022-05-13T10:00\"}", "Freitag, 13. Mai 2022");
    expect_text(en, "door.day", "{\"at\": \"soon\"}", "");
    expect_text(en, "door.none", "{}", "door.none");
    assert_true(locale_has(en, "door.title"));
    assert_false(locale_has(en, "door"));
    locale_set_destroy(set);
}

static void a_command_needs_no_pages(void **state)
{
    char error[LOCALE_ERROR_BYTES];
    struct locale_set *set = NULL;
    (void)state;
    assert_true(locale_set_load_texts(
        ASSETS(EN, DE, asset("features/door/door.html", "<h1>{{> t.door.title}}</h1>")), error,
        &set));
    expect_text(locale_find(set, "de"), "door.left", "{\"n\": 2}", "Noch 2 Plätze");
    assert_null(locale_page(locale_find(set, "de"), "features/door/door.html"));
    locale_set_destroy(set);
}

static void mistakes_stop_the_start(void **state)
{
    (void)state;
    const struct asset en = asset("view/words.en.json", "{\"a\": \"{{x}} {{y.date}}\"}");
    const struct asset de = asset("view/words.de.json", "{\"a\": \"{{y}}, {{x}}\"}");
    locale_set_destroy(load(ASSETS(en, de)));
    expect_error(ASSETS(en), "Deutsch: \"a\": this wording is missing");
    expect_error(ASSETS(de), "English: \"a\": this wording is missing");
    expect_error(ASSETS(en, asset("view/words.de.json", "{\"a\": \"{{x}} {{z}}\"}")),
                 "Deutsch: \"a\": uses other names than in another language");
    expect_error(ASSETS(en, de, asset("features/a/words.en.json", "{\"a\": \"again\"}")),
                 "features/a/words.en.json: \"a\": is there twice");
    expect_error(ASSETS(en, de, asset("features/a/p.html", "\n{{> t.b}}")),
                 "a/p:2: {{>t.b}}: there is no such template or wording");
    expect_error(ASSETS(en, de, asset("features/a/p.html", "{{#a}}")),
                 "a/p:1: the section {{#a}} is not closed");
    expect_error(ASSETS(asset("view/words.fr.json", "{}")),
                 "view/words.fr.json: not a language of ours");
    expect_error(ASSETS(asset("view/words.en.json", "{\"a\": 1}")),
                 "view/words.en.json: \"a\": is neither a text nor an object");
    expect_error(ASSETS(asset("view/words.en.json", "[]")), "view/words.en.json:-1: is no object");
    expect_error(ASSETS(asset("view/words.en.json", "{\"a b\": \"\"}")),
                 "view/words.en.json: \"a b\": is no key");
    expect_error(ASSETS(asset("view/words.en.json", "{\"a\": \"{{{x}}}\"}")),
                 "t.a:1: a wording is plain text, {{{x}}} has no place in it");
}

static void the_reader_gets_the_language_wanted_most(void **state)
{
    (void)state;
    static const struct {
        const char *header, *language;
    } cases[] = {
        {NULL, "en"},
        {"", "en"},
        {"de", "de"},
        {"DE", "de"},
        {"de-AT", "de"},
        {"de-AT, en;q=0.9", "de"},
        {"en;q=0.8,de;q=0.9", "de"},
        {"en ; q=0.8 , de ; q=0.801", "de"},
        {"en;Q=0.1, de;q=0.2", "de"},
        {"en, de", "en"},
        {"de, en", "de"},
        {"fr, de;q=0.1", "de"},
        {"fr", "en"},
        {"den", "en"},
        {"*", "en"},
        {"en;q=0, *", "de"},
        {"en;q=0.1, *;q=0.5", "de"},
        {"de;q=0", "en"},
        {"en;q=0.5, de;q=2", "en"},
        {"en;q=0.5, de;q=banana", "en"},
        {"en;q=0.5, de;level=1", "en"},
        {",, ,de", "de"},
        {";q=1, de;q=0.3", "de"},
        {"de-CH-1996;q=0.7, en-GB;q=0.6", "de"},
    };
    struct locale_set *set = load(NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(locale_code(locale_negotiate(set, cases[i].header, NULL)),
                            cases[i].language);
    locale_set_destroy(set);
}

static void an_event_speaks_only_its_own_languages(void **state)
{
    (void)state;
    static const char *const german[] = {"de", NULL}, *const both[] = {"de", "fr", "en", NULL};
    struct locale_set *set = load(NULL, 0);
    assert_string_equal(locale_code(locale_negotiate(set, "en", german)), "de");
    assert_string_equal(locale_code(locale_negotiate(set, NULL, both)), "de");
    assert_string_equal(locale_code(locale_negotiate(set, "fr, *;q=0.1", both)), "de");
    assert_string_equal(locale_code(locale_negotiate(set, "en", both)), "en");
    locale_set_destroy(set);
}

static void expect_date(const struct locale *locale, const char *local, enum locale_date form,
                        const char *expected)
{
    struct buffer out;
    buffer_init(&out);
    assert_int_equal(locale_format_local(locale, local, form, &out), expected != NULL);
    assert_string_equal(buffer_text(&out), expected ? expected : "");
    buffer_finish(&out);
}

static void dates_read_as_people_write_them(void **state)
{
    (void)state;
    struct locale_set *set = load(NULL, 0);
    const struct locale *en = locale_find(set, "en"), *de = locale_find(set, "de");
    expect_date(en, "2022-05-13T10:00", LOCALE_DATE_LONG, "Friday, 13 May 2022");
    expect_date(de, "2022-05-13T10:00", LOCALE_DATE_LONG, "Freitag, 13. Mai 2022");
    expect_date(en, "2022-05-03T10:00:30", LOCALE_DATE_SHORT, "3 May 2022");
    expect_date(de, "2022-05-03", LOCALE_DATE_SHORT, "03.05.2022");
    expect_date(en, "2022-05-13T09:05", LOCALE_TIME, "09:05");
    expect_date(de, "2022-05-13T09:05", LOCALE_TIME, "09:05 Uhr");
    expect_date(en, "2024-02-29", LOCALE_DATE_LONG, "Thursday, 29 February 2024");
    expect_date(en, "2023-02-29", LOCALE_DATE_LONG, NULL);
    expect_date(en, "2000-01-01", LOCALE_DATE_LONG, "Saturday, 1 January 2000");
    expect_date(de, "2100-03-01", LOCALE_DATE_LONG, "Montag, 1. März 2100");
    expect_date(en, "1999-12-31", LOCALE_DATE_LONG, "Friday, 31 December 1999");
    expect_date(en, "2022-05-13", LOCALE_TIME, NULL);
    expect_date(en, "soon", LOCALE_DATE_LONG, NULL);
    locale_set_destroy(set);
}

static void expect_span(const struct locale *locale, const char *from, const char *until,
                        const char *expected)
{
    struct buffer out;
    buffer_init(&out);
    assert_int_equal(locale_format_span(locale, from, until, &out), expected != NULL);
    assert_string_equal(buffer_text(&out), expected ? expected : "");
    buffer_finish(&out);
}

static void spans_name_the_day_once(void **state)
{
    (void)state;
    struct locale_set *set = load(NULL, 0);
    const struct locale *en = locale_find(set, "en"), *de = locale_find(set, "de");
    expect_span(en, "2022-05-13T10:00", "2022-05-13T14:00", "Friday, 13 May 2022, 10:00–14:00");
    expect_span(de, "2022-05-13T10:00", "2022-05-13T14:00",
                "Freitag, 13. Mai 2022, 10:00–14:00 Uhr");
    expect_span(de, "2022-05-13T10:00", "2022-05-14T01:00",
                "Freitag, 13. Mai 2022, 10:00 – Samstag, 14. Mai 2022, 01:00 Uhr");
    expect_span(en, "2022-05-13", "2022-05-14T01:00", NULL);
    locale_set_destroy(set);
}

static void expect_number(const struct locale *locale, int64_t number, const char *expected)
{
    struct buffer out;
    buffer_init(&out);
    locale_format_number(locale, number, &out);
    assert_string_equal(out.bytes, expected);
    buffer_finish(&out);
}

static void numbers_have_their_separators(void **state)
{
    (void)state;
    struct locale_set *set = load(NULL, 0);
    const struct locale *en = locale_find(set, "en"), *de = locale_find(set, "de");
    expect_number(en, 0, "0");
    expect_number(en, 999, "999");
    expect_number(en, 2000, "2,000");
    expect_number(de, 1000000, "1.000.000");
    expect_number(en, -123456, "-123,456");
    expect_number(en, INT64_MIN, "-9,223,372,036,854,775,808");
    locale_set_destroy(set);
}

static void read_asset(struct arena *arena, const char *path, struct asset *ret_asset)
{
    struct buffer text;
    size_t got;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    buffer_init(&text);
    while ((got = fread(buffer_reserve(&text, 65536), 1, 65536, file)) > 0)
        text.length += got;
    fclose(file);
    const char *bytes = arena_copy_bytes(arena, buffer_text(&text), text.length);
    *ret_asset = (struct asset){arena_copy(arena, path + strlen(source_root) + strlen("/service/")),
                                (const unsigned char *)bytes, text.length};
    buffer_finish(&text);
}

static void the_projects_own_files_are_complete(void **state)
{
    (void)state;
    static const char *const patterns[] = {"*/words.*.json", "*/*/words.*.json", "*/*.html",
                                           "*/*/*.html",     "*/*.txt",          "*/*/*.txt"};
    struct arena arena;
    glob_t found = {0};
    arena_init(&arena);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        glob(arena_printf(&arena, "%s/service/%s", source_root, patterns[i]),
             i > 0 ? GLOB_APPEND : 0, NULL, &found);
    assert_true(found.gl_pathc >= 2);
    struct asset *assets = arena_alloc(&arena, found.gl_pathc * sizeof *assets);
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_asset(&arena, found.gl_pathv[i], &assets[i]);
    struct locale_set *set = load(assets, found.gl_pathc);
    expect_text(locale_find(set, "de"), "language", "{}", "Sprache");
    locale_set_destroy(set);
    globfree(&found);
    arena_finish(&arena);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_speaks_each_language),
        cmocka_unit_test(wordings_are_plain_text_outside_pages),
        cmocka_unit_test(a_command_needs_no_pages),
        cmocka_unit_test(mistakes_stop_the_start),
        cmocka_unit_test(the_reader_gets_the_language_wanted_most),
        cmocka_unit_test(an_event_speaks_only_its_own_languages),
        cmocka_unit_test(dates_read_as_people_write_them),
        cmocka_unit_test(spans_name_the_day_once),
        cmocka_unit_test(numbers_have_their_separators),
        cmocka_unit_test(the_projects_own_files_are_complete),
    };
    source_root = argc > 1 ? argv[1] : ".";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
