/* Forms read JSON, page forms and queries by tables, and report every mistake at its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "form/field_view.h"
#include "form/form.h"
#include "form/number.h"
#include "view/asset.h"
#include "view/escape.h"
#include "view/locale.h"

static struct locale_set *locales;

/* --- Kinds ----------------------------------------------------------------------------------- */

static const char *const colours[] = {"red", "blue"};

/* Returns the stored value as JSON text, "-CODE" of a finding, or "" for no value. */
static const char *read_kind(struct arena *arena, enum kind_id kind, const char *json,
                             bool is_typed)
{
    union {
        const char *text;
        struct kind_list list;
        struct kind_number number;
        struct email email;
        struct id id;
        int64_t integer;
        bool is_true;
    } value = {0};
    const struct form_field field = {"it", kind, .least = 1, .most = kind == KIND_INTEGER ? 9 : 0,
                                     .choices = KIND_CHOICES(colours)};
    struct findings findings;
    findings_init(&findings, locale_find(locales, "en"));
    const struct form_reading reading = {
        .arena = arena, .findings = &findings, .is_typed = is_typed};
    json_t *given = json_loads(json, JSON_DECODE_ANY, NULL);
    assert_non_null(given);
    struct form_place place = form_whole(&reading, given);
    const char *seen = "";
    if (form_read_value(&place, &field, &value)) {
        json_t *kept = kinds[kind].write(&value);
        char *text = json_dumps(kept, JSON_ENCODE_ANY | JSON_COMPACT | ESCAPE_REALS);
        seen = arena_copy(arena, text);
        free(text);
        json_decref(kept);
    }
    json_t *errors = findings_take(&findings);
    if (json_array_size(errors) > 0)
        seen = arena_printf(arena, "-%s",
                            json_string_value(json_object_get(json_array_get(errors, 0), "code")));
    json_decref(errors);
    json_decref(given);
    return seen;
}

static void each_kind_reads_what_it_is_for_and_says_what_it_expects(void **state)
{
    (void)state;
    static const struct {
        enum kind_id kind;
        const char *json, *seen;
    } cases[] = {
        {KIND_TEXT, "\" J\\u006f\\u0308rg \"", "\"J\xc3\xb6rg\""},
        {KIND_TEXT, "\"  \"", ""},
        {KIND_TEXT, "null", ""},
        {KIND_TEXT, "7", "-text_expected"},
        {KIND_TEXT, "\"a\\nb\"", "\"a b\""},
        {KIND_TEXT, "\"a\\u0007b\"", "-control_characters"},
        {KIND_TEXT, "\"a\\u202eb\"", "-control_characters"},
        {KIND_LONG_TEXT, "\"a\\nb\"", "\"a\\nb\""},
        {KIND_CHOICE, "\"red\"", "\"red\""},
        {KIND_CHOICE, "\"green\"", "-no_such_choice"},
        {KIND_SEVERAL, "[\"blue\",\"red\"]", "[\"blue\",\"red\"]"},
        {KIND_SEVERAL, "[\"red\",\"red\"]", "-no_such_choice"},
        {KIND_SEVERAL, "\"red\"", "-list_expected"},
        {KIND_SEVERAL, "[]", ""},
        {KIND_YES_NO, "false", "false"},
        {KIND_YES_NO, "\"true\"", "-yes_or_no_expected"},
        {KIND_NUMBER, "1.5", "1.5"},
        {KIND_NUMBER, "9007199254740993", "9007199254740993"},
        {KIND_NUMBER, "\"1\"", "-number_expected"},
        {KIND_DATE, "\"2026-05-13\"", "\"2026-05-13\""},
        {KIND_DATE, "\"13.5.2026\"", "-date_expected"},
        {KIND_DATE, "\"0085-05-13\"", "-strange_year"},
        {KIND_DATE, "\"1899-12-31\"", "-strange_year"},
        {KIND_DATE, "\"2200-01-01\"", "-strange_year"},
        {KIND_DATE, "\"2199-12-31\"", "\"2199-12-31\""},
        {KIND_NUMBER, "0.1", "0.1"},
        {KIND_EMAIL, "\" ada@EXAMPLE.org \"", "\"ada@example.org\""},
        {KIND_EMAIL, "\"ada\"", "-email_expected"},
        {KIND_PHONE, "\"+49 341 1234567\"", "\"+49 341 1234567\""},
        {KIND_PHONE, "\"(+49) 341 1234567\"", "\"+49 341 1234567\""},
        {KIND_PHONE, "\"+49 (0)341 1234567\"", "\"+49 (0)341 1234567\""},
        {KIND_PHONE, "\"\u202d+49\u00a0341\u20131234567\u202c\"", "\"+49 341-1234567\""},
        {KIND_PHONE, "\"tel:+49-341-1234567\"", "\"+49-341-1234567\""},
        {KIND_PHONE, "\"Tel.: 0341/1234567\"", "\"0341/1234567\""},
        {KIND_PHONE, "\"0341 1234567, ext. 12\"", "-phone_expected"},
        {KIND_PHONE, "\"0341 1234567 ext. 12\"", "\"0341 1234567 ext. 12\""},
        {KIND_PHONE, "\"0341 1234567x12\"", "\"0341 1234567 ext. 12\""},
        {KIND_PHONE, "\"0341 1234567 Durchwahl 12\"", "\"0341 1234567 ext. 12\""},
        {KIND_PHONE, "\"tel:+493411234567;ext=12\"", "\"+493411234567 ext. 12\""},
        {KIND_PHONE, "\"0341 1234567 ext. two\"", "-phone_expected"},
        {KIND_PHONE, "\"++49 341 1234567\"", "-phone_expected"},
        {KIND_PHONE, "\"call me maybe 12345\"", "-phone_expected"},
        {KIND_PHONE, "\"1234\"", "-phone_expected"},
        {KIND_PHONE, "\"12+345\"", "-phone_expected"},
        {KIND_COUNTRY, "\"DE\"", "\"DE\""},
        {KIND_COUNTRY, "\"XX\"", "-country_expected"},
        {KIND_NAME, "\"\\u200b\"", ""},
        {KIND_NAME, "\"\u3164\"", ""},
        {KIND_NAME, "\"\u2800 \u2800\"", ""},
        {KIND_NAME, "\"Ada\"", "\"Ada\""},
        {KIND_NAME, "\"\u202aAda\u00a0\u200bLovelace\u202c\"", "\"Ada Lovelace\""},
        {KIND_NAME, "\"see HTTPS://x\"", "-link_in_name"},
        {KIND_NAME, "\"Www.evil.example\"", "-link_in_name"},
        {KIND_RAW, "\" A~B \"", "\" A~B \""},
        {KIND_RAW, "\"\"", ""},
        {KIND_SLUG, "\"a-1\"", "\"a-1\""},
        {KIND_SLUG, "\"A\"", "-bad_slug"},
        {KIND_LOCAL_TIME, "\"2022-05-13T10:00:00\"", "\"2022-05-13T10:00\""},
        {KIND_LOCAL_TIME, "\"10:00\"", "-bad_time"},
        {KIND_TIME, "\"2026-05-13T10:00:00+02:00\"", "\"2026-05-13T08:00:00Z\""},
        {KIND_TIME, "\"now\"", "-time_expected"},
        {KIND_ID, "\"018F3C1E-7B1A-7C3D-9E0F-1A2B3C4D5E6F\"",
         "\"018f3c1e-7b1a-7c3d-9e0f-1a2b3c4d5e6f\""},
        {KIND_ID, "\"1\"", "-uuid_expected"},
        {KIND_BOOLEAN, "true", "true"},
        {KIND_BOOLEAN, "\"true\"", "-boolean_expected"},
        {KIND_INTEGER, "9", "9"},
        {KIND_INTEGER, "10", "-out_of_bounds"},
        {KIND_INTEGER, "1.5", "-integer_expected"},
        {KIND_URL, "\" https://example.org \"", "\"https://example.org\""},
        {KIND_URL, "\"HTTP://m\xc3\xbcller.example:8080/\xc3\xa4?q=1#top\"",
         "\"HTTP://m\xc3\xbcller.example:8080/\xc3\xa4?q=1#top\""},
        {KIND_URL, "\"https://example.org/a:b?c=1#d\"", "\"https://example.org/a:b?c=1#d\""},
        {KIND_URL, "\"http://[2001:db8::1]/\"", "\"http://[2001:db8::1]/\""},
        {KIND_URL, "\"example.org\"", "-url_expected"},
        {KIND_URL, "\"javascript:alert(1)\"", "-url_expected"},
        {KIND_URL, "\"ftp://example.org\"", "-url_expected"},
        {KIND_URL, "\"https://\"", "-url_expected"},
        {KIND_URL, "\"https:///path\"", "-url_expected"},
        {KIND_URL, "\"https://:80\"", "-url_expected"},
        {KIND_URL, "\"https://ada:secret@example.org\"", "-url_expected"},
        {KIND_URL, "\"https://example.org/a b\"", "-url_expected"},
        {KIND_URL, "7", "-url_expected"},
    };
    struct arena arena;
    arena_init(&arena);
    bool tried[KIND_COUNT] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tried[cases[i].kind] = true;
        assert_string_equal(read_kind(&arena, cases[i].kind, cases[i].json, false), cases[i].seen);
    }
    for (int kind = 0; kind < KIND_COUNT; kind++)
        assert_true(tried[kind]);
    arena_finish(&arena);
}

static void a_page_sends_every_kind_as_text(void **state)
{
    (void)state;
    static const struct {
        enum kind_id kind;
        const char *json, *seen;
    } cases[] = {
        {KIND_SEVERAL, "\"red\"", "[\"red\"]"},
        {KIND_YES_NO, "\"true\"", "true"},
        {KIND_BOOLEAN, "\"on\"", "true"},
        {KIND_NUMBER, "\"1,5\"", "1.5"},
        {KIND_NUMBER, "\" 7 \"", "7"},
        {KIND_NUMBER, "\"seven\"", "-number_expected"},
        {KIND_NUMBER, "\"0,1\"", "0.1"},
        {KIND_NUMBER, "\"1.000\"", "-number_ambiguous"},
        {KIND_INTEGER, "\"1.5\"", "-integer_expected"},
        {KIND_DATE, "\"13.5.2026\"", "\"2026-05-13\""},
        {KIND_DATE, "\" 13. 05. 2026 \"", "\"2026-05-13\""},
        {KIND_DATE, "\"13.5.85\"", "-short_year"},
        {KIND_DATE, "\"13.5.1785\"", "-strange_year"},
        {KIND_DATE, "\"13.5.\"", "-date_expected"},
        {KIND_DATE, "\"31.2.2026\"", "-date_expected"},
        {KIND_INTEGER, "\"7\"", "7"},
        {KIND_INTEGER, "\"0x7\"", "-integer_expected"},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_kind(&arena, cases[i].kind, cases[i].json, true), cases[i].seen);
    arena_finish(&arena);
}

/* seen: the number, "-" for none, "?" if it asks back. */
static void numbers_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char separator;
        const char *seen;
    } cases[] = {
        {"1.000", '.', "1000"},
        {"1.000", ',', "?"},
        {"1.000", '\0', "?"},
        {"1,000", ',', "1000"},
        {"1,000", '.', "?"},
        {"1.234,5", '.', "1234.5"},
        {"1.234,5", ',', "1234.5"},
        {"1,234.5", '.', "1234.5"},
        {"1 000", '.', "1000"},
        {"1\u202f000,5", '.', "1000.5"},
        {"1’000.5", '.', "1000.5"},
        {"1.000.000", ',', "1000000"},
        {"12,5", '.', "12.5"},
        {"12.5", '.', "12.5"},
        {"12,5", '\0', "12.5"},
        {"0,125", '.', "0.125"},
        {"0.125", '.', "0.125"},
        {"1234,567", '.', "1234.567"},
        {"−5", '.', "-5"},
        {"–5", '.', "-5"},
        {"+ 5", '.', "5"},
        {"１２", '.', "12"},
        {"٣", '.', "3"},
        {".5", '.', "0.5"},
        {"5.", '.', "5"},
        {"-", '.', "-"},
        {"", '.', "-"},
        {"5²", '.', "-"},
        {"1.00.000", '.', "-"},
        {"12 34", '.', "-"},
        {"1,2,3", '.', "-"},
        {"1.234,5,6", '.', "-"},
        {"5-3", '.', "-"},
        {"1e5", '.', "-"},
        {"5 €", '.', "-"},
        {"1,5 000", '.', "-"},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct number number = {0};
        enum number_reading reading =
            number_read(&arena, cases[i].text, cases[i].separator, &number);
        const char *seen = reading == NUMBER_READ   ? arena_printf(&arena, "%.10g", number.value)
                           : reading == NUMBER_NONE ? "-"
                                                    : "?";
        if (strcmp(seen, cases[i].seen) != 0)
            fail_msg("'%s' is read as %s, not %s", cases[i].text, seen, cases[i].seen);
    }
    arena_finish(&arena);
}

static void numbers_are_written_as_they_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        char separator;
        const char *seen;
    } cases[] = {
        {"0.1", ',', "0.1"},
        {"0.1", '.', "0,1"},
        {"1.5", '.', "1,5"},
        {"1.234", '.', "1,2340"},
        {"1.234", ',', "1.2340"},
        {"-1.234", '.', "-1,2340"},
        {"0.125", '.', "0,125"},
        {"1234.567", '.', "1234,567"},
        {"1000", '.', "1000"},
        {"1e20", '.', "100000000000000000000"},
        {"1e-7", ',', "0.0000001"},
        {"0.0", ',', "0"},
        {"9007199254740993", ',', "9007199254740993"},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer text = {0};
        struct number number = {0};
        json_t *json = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
        number_write(json, cases[i].separator, &text);
        assert_string_equal(buffer_text(&text), cases[i].seen);
        assert_int_equal(number_read(&arena, buffer_text(&text), cases[i].separator, &number),
                         NUMBER_READ);
        assert_true(number.value == json_number_value(json));
        json_decref(json);
        buffer_finish(&text);
    }
    arena_finish(&arena);
}

static void limits_count_characters(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *text = arena_alloc(&arena, 2 * KIND_TEXT_MOST + 8), *at = text;
    *at++ = '"';
    for (int i = 0; i < KIND_TEXT_MOST; i++, at += 2)
        memcpy(at, "\xc3\xa4", 2);
    memcpy(at, "\"", 2);
    assert_string_equal(read_kind(&arena, KIND_TEXT, text, false), text);
    memcpy(at, "a\"", 3);
    assert_string_equal(read_kind(&arena, KIND_TEXT, text, false), "-too_long");
    arena_finish(&arena);
}

/* Every row is complete, and every language has its sentences. */
static void every_kind_has_its_row_and_its_words(void **state)
{
    (void)state;
    for (int i = 0; i < KIND_COUNT; i++) {
        const struct kind *kind = &kinds[i];
        assert_true(kind->name && kind->bytes > 0 && kind->read && kind->write);
        assert_true(kind->control != KIND_AS_INPUT || kind->input);
        enum kind_id found = KIND_COUNT;
        assert_int_equal(kind_asked(kind->name, &found), kind->is_asked);
        assert_true(!kind->is_asked || (int)found == i);
        for (int l = 0; locale_languages[l]; l++) {
            char key[64];
            snprintf(key, sizeof key, "finding.%s", kind->code);
            assert_true(locale_has(locale_find(locales, locale_languages[l]), key));
        }
    }
}

/* The documents for organisers. */
static void the_documents_name_every_kind_that_is_asked(void **state)
{
    (void)state;
    static const char *const documents[] = {"docs/event-file.md", "docs/openapi.yaml"};
    for (size_t d = 0; d < sizeof documents / sizeof *documents; d++) {
        char path[4096], word[64];
        snprintf(path, sizeof path, "%s/%s", getenv("EINLASS_SOURCE"), documents[d]);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        char *text = NULL;
        size_t bytes = 0;
        assert_true(getdelim(&text, &bytes, '\0', file) > 0);
        fclose(file);
        const char *list = strstr(text, d == 0 ? "| `kind` |" : "kind: { enum: [text");
        assert_non_null(list);
        *strchr(list, '\n') = '\0';
        for (int i = 0; i < KIND_COUNT; i++) {
            snprintf(word, sizeof word, d == 0 ? "`%s`" : " %s", kinds[i].name);
            if (kinds[i].is_asked && i != KIND_TEXT && !strstr(list, word))
                fail_msg("%s does not name the kind %s", documents[d], kinds[i].name);
        }
        free(text);
    }
}

/* --- Tables ---------------------------------------------------------------------------------- */

struct person {
    const char *name;
    struct email email;
};

struct visit {
    const char *title, *colour;
    int guests;
    int64_t places;
    bool is_open;
    const char *street; /* of the object "venue" */
    struct person *people;
    size_t people_count;
    const char *tags[3];
    size_t tag_count;
};

static void refuse_name_equal_to_address(const struct form_place *object, void *values)
{
    const struct person *person = values;
    if (person->name && person->email.address && strcmp(person->name, person->email.address) == 0)
        form_refuse_at(object, "name", "name_needed", NULL);
}

static const struct form_field person_fields[] = {
    {"name", KIND_NAME, FORM_AT(struct person, name), FORM_NEEDED, .needed = "name_needed"},
    {"email", KIND_EMAIL, FORM_AT(struct person, email)},
};
static const struct form person_form =
    FORM(struct person, person_fields, .check = refuse_name_equal_to_address);

static const struct visit usual_visit = {.guests = 1, .places = -1};

static const struct form_field venue_fields[] = {
    {"street", KIND_TEXT, FORM_AT(struct visit, street), .most = 5},
};
static const struct form venue_form = FORM(struct visit, venue_fields);

static bool may_open(const void *context)
{
    return context != NULL;
}

static const struct form_field visit_fields[] = {
    {"title", KIND_TEXT, FORM_AT(struct visit, title), FORM_NOT_BLANK, .words = "test.title"},
    {"colour", KIND_CHOICE, FORM_AT(struct visit, colour), .choices = KIND_CHOICES(colours)},
    {"guests", KIND_INTEGER, FORM_AT(struct visit, guests), .least = 1, .most = 20,
     .written = FORM_CHANGED},
    {"places", KIND_INTEGER, FORM_AT(struct visit, places), .written = FORM_OR_NULL},
    {"is_open", KIND_BOOLEAN, FORM_AT(struct visit, is_open), .shown = may_open},
    {"venue", .of = &venue_form},
    {"people", .of = &person_form, FORM_AT(struct visit, people), .shape = FORM_LIST,
     FORM_COUNT_AT(struct visit, people_count), .items_most = 2, .too_many = "too_many_attendees"},
    {"a/b~c", KIND_SLUG, FORM_AT(struct visit, tags), .shape = FORM_INLINE,
     FORM_COUNT_AT(struct visit, tag_count), .items_most = 3},
    {"key"},
};
static const struct form visit_form = FORM(struct visit, visit_fields, .initial = &usual_visit);

/* Returns the findings as "CODE POINTER", in order. */
static const char *read_visit(struct form_reading *reading, const char *json, struct visit *ret)
{
    struct findings findings;
    findings_init(&findings, locale_find(locales, "en"));
    reading->findings = &findings;
    *ret = usual_visit;
    json_t *object = json_loads(json, 0, NULL);
    assert_non_null(object);
    bool is_read = form_read(reading, &visit_form, object, ret);
    json_decref(object);
    json_t *errors = findings_take(&findings), *error;
    const char *seen = "";
    size_t i;
    json_array_foreach (errors, i, error)
        seen = arena_printf(reading->arena, "%s%s%s %s", seen, *seen ? ", " : "",
                            json_string_value(json_object_get(error, "code")),
                            json_string_value(json_object_get(error, "pointer")));
    assert_int_equal(is_read, *seen == '\0');
    json_decref(errors);
    return seen;
}

static void a_table_reads_an_object_into_a_struct(void **state)
{
    (void)state;
    struct arena arena;
    struct visit visit;
    arena_init(&arena);
    struct form_reading reading = {.arena = &arena, .context = "somebody"};
    assert_string_equal(
        read_visit(
            &reading,
            "{\"title\":\"T\",\"colour\":\"blue\",\"guests\":3,\"places\":null,"
            "\"is_open\":true,\"venue\":{\"street\":\"S\"},\"people\":[{\"name\":\"Ada\"},"
            "{\"name\":\"Bo\",\"email\":\"bo@example.org\"}],\"a/b~c\":[\"x\",\"y\"],\"key\":7}",
            &visit),
        "");
    assert_string_equal(visit.title, "T");
    assert_string_equal(visit.colour, "blue");
    assert_int_equal(visit.guests, 3);
    assert_int_equal(visit.places, -1);
    assert_true(visit.is_open);
    assert_string_equal(visit.street, "S");
    assert_int_equal(visit.people_count, 2);
    assert_null(visit.people[0].email.address);
    assert_string_equal(visit.people[1].email.address, "bo@example.org");
    assert_int_equal(visit.tag_count, 2);
    assert_string_equal(visit.tags[1], "y");
    arena_finish(&arena);
}

static void every_mistake_is_told_at_its_place(void **state)
{
    (void)state;
    struct arena arena;
    struct visit visit;
    arena_init(&arena);
    struct form_reading reading = {.arena = &arena};
    assert_string_equal(
        read_visit(&reading,
                   "{\"x/y~z\":1,\"is_open\":true,\"title\":null,\"guests\":21,\"venue\":7,"
                   "\"people\":[{\"email\":\"a\"},4],\"a/b~c\":[\"x\",\"Y\"]}",
                   &visit),
        "unknown_field /x~1y~0z, unknown_field /is_open, missing /title, out_of_bounds /guests, "
        "object_expected /venue, name_needed /people/0/name, email_expected /people/0/email, "
        "object_expected /people/1, bad_slug /a~1b~0c/1");
    assert_string_equal(
        read_visit(&reading, "{\"people\":[{},{},{}],\"venue\":{\"street\":\"123456\",\"s\":1}}",
                   &visit),
        "unknown_field /venue/s, too_long /venue/street, too_many_attendees /people");
    assert_string_equal(
        read_visit(&reading, "{\"people\":[{\"name\":\"a@b.org\",\"email\":\"a@b.org\"}]}", &visit),
        "name_needed /people/0/name");
    /* A refused value does not change the member. */
    assert_int_equal(visit.guests, 1);
    arena_finish(&arena);
}

static void strict_reading_refuses_what_is_empty_and_names_its_codes(void **state)
{
    (void)state;
    struct arena arena;
    struct visit visit;
    arena_init(&arena);
    struct form_reading reading = {
        .arena = &arena, .is_strict = true, .prefix = "event.", .unknown = "unknown_key"};
    assert_string_equal(read_visit(&reading, "{\"title\":\" \",\"more\":1}", &visit),
                        "event.unknown_key /more, event.empty /title");
    reading.keeps_unknown = true;
    assert_string_equal(read_visit(&reading, "{\"more\":1}", &visit), "");
    arena_finish(&arena);
}

static void a_form_of_a_page_is_read_by_the_same_table(void **state)
{
    (void)state;
    struct arena arena;
    struct visit visit;
    arena_init(&arena);
    struct form_reading reading = {.arena = &arena, .is_typed = true, .context = "somebody"};
    assert_string_equal(
        read_visit(&reading,
                   "{\"title\":\"T\",\"colour\":\"\",\"guests\":\"3\",\"is_open\":\"on\","
                   "\"venue\":\"\",\"people\":[{\"name\":\"Ada\",\"email\":\"\"}],\"a/b~c\":\"x\"}",
                   &visit),
        "");
    assert_null(visit.colour);
    assert_int_equal(visit.guests, 3);
    assert_true(visit.is_open);
    assert_int_equal(visit.people_count, 1);
    assert_int_equal(visit.tag_count, 1);
    arena_finish(&arena);
}

static void a_struct_is_written_as_the_object_that_reads_into_it(void **state)
{
    (void)state;
    struct arena arena;
    struct visit visit;
    arena_init(&arena);
    struct form_reading reading = {.arena = &arena, .context = "somebody"};
    const char *const objects[] = {
        "{\"title\":\"T\",\"guests\":2,\"places\":5,\"is_open\":true,\"venue\":{\"street\":\"S\"},"
        "\"people\":[{\"name\":\"Ada\",\"email\":\"ada@example.org\"}],\"a/b~c\":[\"x\"]}",
        "{\"places\":null,\"is_open\":false,\"people\":[],\"a/b~c\":[]}",
    };
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(read_visit(&reading, objects[i], &visit), "");
        json_t *json = form_write(&visit_form, &visit, NULL);
        char *text = json_dumps(json, JSON_COMPACT);
        assert_string_equal(text, objects[i]);
        free(text);
        json_decref(json);
    }
    arena_finish(&arena);
}

static void a_form_is_shown_again_with_what_was_typed_and_its_errors(void **state)
{
    (void)state;
    struct arena arena;
    struct findings findings;
    struct visit visit = usual_visit;
    arena_init(&arena);
    findings_init(&findings, locale_find(locales, "en"));
    const struct form_reading reading = {.arena = &arena, .findings = &findings, .is_typed = true};
    json_t *typed = json_pack("{s:s, s:s, s:s}", "title", "T", "colour", "red", "guests", "many");
    assert_false(form_read(&reading, &visit_form, typed, &visit));
    json_t *errors = findings_take(&findings);
    const struct field_showing showing = {
        .arena = &arena, .locale = locale_find(locales, "en"), .errors = errors};
    json_t *view = field_views(&showing, &visit_form, typed);
    json_t *fields = json_object_get(view, "fields"), *problems = json_object_get(view, "problems");
    json_t *guests = json_array_get(fields, 2);
    const char *value, *error, *described;
    assert_int_equal(json_unpack(guests, "{s:s, s:s, s:s}", "value", &value, "error", &error,
                                 "describedby", &described),
                     0);
    assert_string_equal(value, "many");
    assert_string_equal(error, "Enter a whole number.");
    assert_string_equal(described, "guests-error");
    json_t *options =
        json_object_get(json_object_get(json_array_get(fields, 1), "as_choices"), "options");
    assert_true(json_is_true(json_object_get(json_array_get(options, 0), "chosen")));
    assert_false(json_is_true(json_object_get(json_array_get(options, 1), "chosen")));
    assert_int_equal(json_array_size(problems), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(problems, 0), "field")),
                        "guests");
    /* is_open is hidden, and objects are separate forms. */
    assert_int_equal(json_array_size(fields), 5);
    json_decref(view);
    json_decref(errors);
    json_decref(typed);
    arena_finish(&arena);
}

static int set_up(void **state)
{
    char error[LOCALE_ERROR_BYTES];
    (void)state;
    return locale_set_load(asset_all, asset_count, error, &locales) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    locale_set_destroy(locales);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        setenv("EINLASS_SOURCE", argv[1], 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_reads_what_it_is_for_and_says_what_it_expects),
        cmocka_unit_test(a_page_sends_every_kind_as_text),
        cmocka_unit_test(numbers_are_read_as_they_are_written),
        cmocka_unit_test(numbers_are_written_as_they_are_read),
        cmocka_unit_test(limits_count_characters),
        cmocka_unit_test(every_kind_has_its_row_and_its_words),
        cmocka_unit_test(the_documents_name_every_kind_that_is_asked),
        cmocka_unit_test(a_table_reads_an_object_into_a_struct),
        cmocka_unit_test(every_mistake_is_told_at_its_place),
        cmocka_unit_test(strict_reading_refuses_what_is_empty_and_names_its_codes),
        cmocka_unit_test(a_form_of_a_page_is_read_by_the_same_table),
        cmocka_unit_test(a_struct_is_written_as_the_object_that_reads_into_it),
        cmocka_unit_test(a_form_is_shown_again_with_what_was_typed_and_its_errors),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
