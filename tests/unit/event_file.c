#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/memory.h"
#include "event/event_diff.h"
#include "event/event_file.h"
#include "event/event_unknown.h"
#include "event/events.h"
#include "view/asset.h"
#include "view/locale.h"

static json_t *example(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/deploy/events/bionection.json", getenv("EINLASS_SOURCE"));
    json_t *file = json_load_file(path, 0, NULL);
    assert_non_null(file);
    return file;
}

static struct event *read_good(const json_t *file)
{
    struct findings findings;
    findings_init(&findings, NULL);
    struct event *event = event_file_read(file, &findings);
    json_t *list = findings_take(&findings);
    char *text = json_dumps(list, 0);
    if (!event)
        fail_msg("%s", text);
    free(text);
    json_decref(list);
    findings_finish(&findings);
    return event;
}

/* Expects the findings as "CODE POINTER", in order, with commas between. */
static void expect_findings(const json_t *file, const char *expected)
{
    struct findings findings;
    struct buffer seen;
    findings_init(&findings, NULL);
    buffer_init(&seen);
    assert_null(event_file_read(file, &findings));
    json_t *list = findings_take(&findings), *finding;
    size_t i;
    json_array_foreach (list, i, finding) {
        const char *code = json_string_value(json_object_get(finding, "code"));
        assert_memory_equal(code, "event.", 6);
        buffer_printf(&seen, "%s%s %s", i > 0 ? ", " : "", code + 6,
                      json_string_value(json_object_get(finding, "pointer")));
    }
    assert_string_equal(buffer_text(&seen), expected);
    json_decref(list);
    findings_finish(&findings);
    buffer_finish(&seen);
}

/* Sets a value (JSON text; NULL removes it) at a pointer of the example. */
static json_t *example_with(const char *pointer, const char *value)
{
    json_t *file = example(), *at = file;
    char part[200];
    const char *end;
    for (pointer++; (end = strchr(pointer, '/')); pointer = end + 1) {
        snprintf(part, sizeof part, "%.*s", (int)(end - pointer), pointer);
        at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10))
                               : json_object_get(at, part);
        assert_non_null(at);
    }
    json_t *new = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    assert_true(!value || new);
    if (json_is_array(at))
        json_array_insert_new(at, strtoul(pointer, NULL, 10), new);
    else if (value)
        json_object_set_new(at, pointer, new);
    else
        json_object_del(at, pointer);
    return file;
}

static void expect_with(const char *pointer, const char *value, const char *expected)
{
    json_t *file = example_with(pointer, value);
    expect_findings(file, expected);
    json_decref(file);
}

static void the_example_is_read_and_written_back_as_it_was(void **state)
{
    (void)state;
    json_t *file = example();
    struct event *event = read_good(file);
    json_t *written = event_file_write(event);
    char *before = json_dumps(file, 0), *after = json_dumps(written, 0);
    assert_string_equal(after, before);
    assert_int_equal(event->capacity, 78);
    assert_int_equal(event->question_count, 4);
    assert_int_equal(event->questions[3].shown_if, 2);
    assert_string_equal(event->questions[3].shown_if_answer, "true");
    assert_string_equal(event_text(event, &event->title, "de"),
                        "bionection meets Künstliche Intelligenz");
    assert_string_equal(event_text(event, &event->title, "fr"),
                        "bionection meets Artificial Intelligence");
    assert_true(door_admits(event_door(event, "speakers"), "speaker"));
    assert_false(door_admits(event_door(event, "speakers"), "guest"));
    assert_true(door_admits(event_door(event, "main"), "press"));
    free(before);
    free(after);
    json_decref(written);
    json_decref(file);
    events_release(event);
}

static void the_shortest_file_has_the_documented_defaults(void **state)
{
    (void)state;
    json_t *file =
        json_loads("{\"organiser\": {\"slug\": \"o\", \"name\": \"O\"}, \"slug\": \"e\","
                   " \"title\": \"E\", \"timezone\": \"UTC\", \"languages\": [\"de\", \"pt-BR\"],"
                   " \"starts_at\": \"2026-01-01T10:00:00\", \"ends_at\": \"2026-01-01T11:00:30\"}",
                   0, NULL);
    struct event *event = read_good(file);
    assert_int_equal(event->capacity, -1);
    assert_int_equal(event->most_attendees, 1);
    assert_int_equal(event->retention_days, -1);
    assert_true(event->published);
    assert_false(event->waiting_list || event->once_per_email || event->approval ||
                 event->verify_email || event->api_needs_token);
    assert_null(event->opens_at);
    assert_null(event->venue_name);
    assert_int_equal(event->ticket_type_count, 1);
    assert_string_equal(event->ticket_types[0].slug, "guest");
    assert_string_equal(event_text(event, &event->ticket_types[0].title, "de"), "Gast");
    assert_int_equal(event->ticket_types[0].capacity, -1);
    assert_string_equal(event->starts_at, "2026-01-01T10:00");
    assert_string_equal(event->ends_at, "2026-01-01T11:00:30");
    assert_string_equal(event_text(event, &event->title, "pt-BR"), "E");
    events_release(event);
    json_decref(file);
}

static void unknown_keys_are_refused_with_their_path(void **state)
{
    (void)state;
    expect_with("/colour", "1", "unknown_key /colour");
    expect_with("/a~b", "1", "unknown_key /a~0b");
    expect_with("/registration/limit", "1", "unknown_key /registration/limit");
    expect_with("/questions/1/choices/0/help", "\"x\"", "unknown_key /questions/1/choices/0/help");
    expect_with("/doors/0/open", "true", "unknown_key /doors/0/open");
}

static void wrong_types_are_refused_with_their_path(void **state)
{
    (void)state;
    expect_with("/title", "7", "text_expected /title");
    expect_with("/organiser", "\"biosaxony\"", "object_expected /organiser");
    expect_with("/questions", "{}", "list_expected /questions");
    expect_with("/registration/waiting_list", "\"yes\"",
                "boolean_expected /registration/waiting_list");
    expect_with("/registration/capacity", "78.5", "integer_expected /registration/capacity");
    expect_with("/consents/0", "[]", "object_expected /consents/0");
    json_t *list = json_array();
    expect_findings(list, "object_expected ");
    json_decref(list);
}

static void what_has_no_default_must_be_there(void **state)
{
    (void)state;
    expect_with("/title", NULL, "missing /title");
    expect_with("/slug", NULL, "missing /slug");
    expect_with("/timezone", NULL, "missing /timezone");
    expect_with("/ends_at", "null", "missing /ends_at");
    expect_with("/organiser/name", NULL, "missing /organiser/name");
    expect_with("/questions/0/kind", NULL, "missing /questions/0/kind");
    expect_with("/questions/0/slug", NULL, "missing /questions/0/slug");
    expect_with("/consents/0/version", NULL, "missing /consents/0/version");
    expect_with("/languages", NULL, "missing /languages");
}

static void texts_are_in_the_languages_of_the_event(void **state)
{
    (void)state;
    expect_with("/title/fr", "\"Titre\"", "other_language /title/fr");
    expect_with("/title", "{}", "no_language /title");
    expect_with("/title/en", "\"  \"", "empty /title/en");
    expect_with("/title/en", "\"a\\u202eb\"", "control_characters /title/en");
    expect_with("/languages", "[\"english\"]", "bad_language /languages/0");
    expect_with("/languages", "[]", "empty /languages");
    expect_with("/languages", "[\"en\", \"de\", \"en\"]", "duplicate /languages/2");
    json_t *file = example_with("/title", "{\"de\": \"Nur Deutsch\"}");
    struct event *event = read_good(file);
    assert_string_equal(event_text(event, &event->title, "en"), "Nur Deutsch");
    events_release(event);
    json_decref(file);
}

static void slugs_are_well_formed_and_come_once(void **state)
{
    (void)state;
    expect_with("/slug", "\"Bionection\"", "bad_slug /slug");
    expect_with("/slug", "\"a-\"", "bad_slug /slug");
    expect_with("/ticket_types/2/slug", "\"guest\"", "duplicate /ticket_types/2/slug");
    expect_with("/questions/1/slug", "\"1\"", "bad_question_slug /questions/1/slug");
    expect_with("/questions/1/slug", "\"company\"", "duplicate /questions/1/slug");
    expect_with("/questions/1/choices/3/slug", "\"ict\"", "duplicate /questions/1/choices/3/slug");
    expect_with("/consents/1/slug", "\"privacy\"", "duplicate /consents/1/slug");
    expect_with("/doors/1/slug", "\"main\"", "duplicate /doors/1/slug");
}

static void times_are_local_and_in_order(void **state)
{
    (void)state;
    expect_with("/starts_at", "\"2022-05-13T10:00Z\"", "bad_time /starts_at");
    expect_with("/starts_at", "\"2022-02-30T10:00\"", "bad_time /starts_at");
    expect_with("/ends_at", "\"2022-05-13T10:00\"", "ends_before_start /ends_at");
    expect_with("/registration/closes_at", "\"2022-04-01T08:59\"",
                "closes_before_opening /registration/closes_at");
    expect_with("/check_in", "{\"opens_at\": \"2022-05-13T15:00\"}",
                "opens_after_end /check_in/opens_at");
    expect_with("/check_in", "{\"closes_at\": \"2022-05-13T09:00\"}",
                "closes_before_start /check_in/closes_at");
}

/* Expects findings about the example with this start and end, and then both as they are kept. */
static void expect_times(const char *starts_at, const char *ends_at, const char *expected)
{
    json_t *file = example_with("/starts_at", starts_at),
           *end = json_loads(ends_at, JSON_DECODE_ANY, NULL);
    json_object_set_new(file, "ends_at", end);
    expect_findings(file, expected);
    json_decref(file);
}

static void times_are_compared_as_points_in_time(void **state)
{
    (void)state;
    /* The clocks of Berlin go back at 03:00 on 25 October and forward at 02:00 on 29 March. */
    expect_times("\"2026-10-25T02:30\"", "\"2026-10-25T03:10\"", "repeated_time /starts_at");
    expect_times("\"2026-03-29T02:30\"", "\"2026-03-29T04:00\"", "skipped_time /starts_at");
    expect_times("\"2026-10-25T02:30+01:00\"", "\"2026-10-25T02:50+02:00\"",
                 "ends_before_start /ends_at");
    expect_times("\"2026-10-25T01:30+01:00\"", "\"2026-10-25T03:10\"", "other_offset /starts_at");
    expect_times("\"2026-10-25T02:30-05:00\"", "\"2026-10-25T03:10\"", "repeated_time /starts_at");
    expect_with("/registration/opens_at", "\"2022-03-27T02:30\"",
                "skipped_time /registration/opens_at");
    expect_with("/registration/changes_until", "\"2021-10-31T02:30\"",
                "repeated_time /registration/changes_until");
    expect_with("/check_in", "{\"opens_at\": \"2022-03-27T02:30\"}",
                "skipped_time /check_in/opens_at");
    json_t *file = example_with("/starts_at", "\"2026-10-25T02:50:00+02:00\"");
    json_object_set_new(file, "ends_at", json_string("2026-10-25T02:10+01:00"));
    json_object_set_new(json_object_get(file, "registration"), "closes_at",
                        json_string("2026-10-25T00:00+02:00"));
    struct event *event = read_good(file);
    assert_string_equal(event->starts_at, "2026-10-25T02:50+02:00");
    assert_string_equal(event->ends_at, "2026-10-25T02:10+01:00");
    assert_string_equal(event->closes_at, "2026-10-25T00:00"); /* the offset says nothing new */
    events_release(event);
    json_decref(file);
    expect_with("/timezone", "\"EST5EDT\"", "unknown_zone /timezone");
    expect_with("/timezone", "\"../../etc/passwd\"", "unknown_zone /timezone");
}

static void numbers_stay_within_their_bounds(void **state)
{
    (void)state;
    expect_with("/registration/capacity", "-1", "out_of_bounds /registration/capacity");
    expect_with("/registration/capacity", "10000001", "out_of_bounds /registration/capacity");
    expect_with("/registration/most_attendees", "0", "out_of_bounds /registration/most_attendees");
    expect_with("/ticket_types/1/capacity", "-3", "out_of_bounds /ticket_types/1/capacity");
    expect_with("/consents/0/version", "0", "out_of_bounds /consents/0/version");
    expect_with("/retention_days", "4000", "out_of_bounds /retention_days");
}

static void choices_stand_where_they_belong(void **state)
{
    (void)state;
    expect_with("/questions/0/choices", "[]", "no_choices_here /questions/0/choices");
    expect_with("/questions/1/choices", "[]", "choices_needed /questions/1/choices");
    expect_with("/questions/1/choices", NULL, "choices_needed /questions/1/choices");
    expect_with("/questions/0/kind", "\"colour\"", "bad_kind /questions/0/kind");
}

static void a_question_is_shown_for_an_answer_somebody_can_give_before_it(void **state)
{
    (void)state;
    expect_with("/questions/3/shown_if", "{\"lunch\": \"true\"}",
                "impossible_answer /questions/3/shown_if/lunch");
    expect_with("/questions/3/shown_if", "{\"company\": \"x\"}",
                "impossible_answer /questions/3/shown_if/company");
    expect_with("/questions/3/shown_if", "{\"field\": \"law\"}",
                "impossible_answer /questions/3/shown_if/field");
    expect_with("/questions/3/shown_if", "{\"diet\": \"x\"}",
                "no_earlier_question /questions/3/shown_if/diet");
    expect_with("/questions/3/shown_if", "{}", "bad_shown_if /questions/3/shown_if");
    json_t *file = example_with("/questions/3/shown_if", "{\"field\": \"ict\"}");
    struct event *event = read_good(file);
    assert_int_equal(event->questions[3].shown_if, 1);
    assert_string_equal(event->questions[3].shown_if_answer, "ict");
    events_release(event);
    json_decref(file);
}

static void doors_let_in_ticket_types_that_there_are(void **state)
{
    (void)state;
    expect_with("/doors/1/ticket_types/0", "\"nobody\"",
                "unknown_ticket_type /doors/1/ticket_types/0");
    expect_with("/doors/1/ticket_types/0", "\"speaker\"", "duplicate /doors/1/ticket_types/1");
    expect_with("/doors/1/ticket_types", "[]", "door_for_nobody /doors/1/ticket_types");
}

static void no_list_is_longer_than_its_limit(void **state)
{
    (void)state;
    json_t *file = example(), *doors = json_array();
    for (int i = 0; i <= EVENT_DOORS_MOST; i++)
        json_array_append_new(doors, json_pack("{s:s, s:s}", "slug", "d", "title", "D"));
    json_object_set_new(file, "doors", doors);
    expect_findings(file, "too_many /doors");
    json_decref(file);
}

static void everything_that_is_wrong_is_told_at_once(void **state)
{
    (void)state;
    json_t *file = example_with("/colour", "1");
    json_object_set_new(file, "ends_at", json_string("never"));
    json_object_del(json_array_get(json_object_get(file, "doors"), 0), "title");
    expect_findings(file, "unknown_key /colour, bad_time /ends_at, missing /doors/0/title");
    json_decref(file);
}

static void every_code_has_a_sentence_in_every_language(void **state)
{
    (void)state;
    static const char *const codes[] = {"missing",           "bad_slug",        "unknown_zone",
                                        "places_taken",      "consent_changed", "ticket_type_used",
                                        "question_answered", "other_organiser", "consent_lowered"};
    char error[LOCALE_ERROR_BYTES], key[100];
    struct locale_set *set = NULL;
    if (!locale_set_load(asset_all, asset_count, error, &set))
        fail_msg("%s", error);
    for (int i = 0; locale_languages[i]; i++) {
        for (size_t j = 0; j < sizeof codes / sizeof *codes; j++) {
            snprintf(key, sizeof key, "finding.event.%s", codes[j]);
            assert_true(locale_has(locale_find(set, locale_languages[i]), key));
        }
    }
    locale_set_destroy(set);
}

static void expect_lines(const json_t *before, const json_t *after, const char *expected)
{
    struct buffer lines;
    buffer_init(&lines);
    json_t *differences = event_diff(before, after);
    event_diff_write(differences, "e: ", "\n", &lines);
    assert_string_equal(buffer_text(&lines), expected);
    json_decref(differences);
    buffer_finish(&lines);
}

static void a_difference_is_told_in_one_line(void **state)
{
    (void)state;
    json_t *before = example();
    json_t *after = example_with("/registration/capacity", "80");
    json_object_set_new(json_array_get(json_object_get(after, "questions"), 1), "required",
                        json_true());
    json_array_remove(json_object_get(after, "doors"), 1);
    expect_lines(before, before, "");
    expect_lines(before, after,
                 "e: registration capacity 78 → 80\n"
                 "e: question field required false → true\n"
                 "e: door speakers removed\n");
    json_decref(before);
    json_decref(after);
}

/* Expects the sentences of the desk, a line each. */
static void expect_sentences(const json_t *before, const json_t *after, const char *language,
                             const char *expected)
{
    char error[LOCALE_ERROR_BYTES];
    struct locale_set *set;
    struct buffer lines;
    size_t i;
    json_t *change;
    assert_true(locale_set_load(asset_all, asset_count, error, &set));
    buffer_init(&lines);
    json_t *differences = event_diff(before, after);
    json_t *changes = event_diff_say(differences, before, after, locale_find(set, language));
    json_array_foreach (changes, i, change)
        buffer_printf(&lines, "%s\n", json_string_value(json_object_get(change, "text")));
    assert_string_equal(buffer_text(&lines), expected);
    json_decref(changes);
    json_decref(differences);
    buffer_finish(&lines);
    locale_set_destroy(set);
}

static void a_difference_is_told_to_organisers_in_their_words(void **state)
{
    (void)state;
    json_t *before = example();
    json_t *after = example_with("/registration/capacity", "1080");
    json_t *question = json_array_get(json_object_get(after, "questions"), 1);
    json_object_set_new(question, "required", json_true());
    json_object_set_new(question, "glow", json_string("unknown to this program"));
    json_object_set_new(json_object_get(after, "description"), "de", json_string("Kurz."));
    json_object_set_new(after, "starts_at", json_string("2022-05-13T09:30"));
    json_object_set_new(after, "cancelled", json_true());
    json_object_set_new(after, "colour", json_object());
    json_array_remove(json_object_get(after, "doors"), 1);
    expect_sentences(before, after, "en",
                     "Description (German) changed\n"
                     "Start: 13 May 2022, 10:00 → 13 May 2022, 09:30\n"
                     "Places: 78 → 1,080\n"
                     "Question “Your field”: Required: no → yes\n"
                     "Question “Your field”: Further settings changed\n"
                     "Door “Speakers' entrance” removed\n"
                     "Cancelled: no → yes\n"
                     "Further settings changed\n");
    json_decref(before);
    json_decref(after);
}

static void a_list_without_slugs_is_compared_as_a_whole(void **state)
{
    (void)state;
    json_t *before = json_loads("{\"doors\": [{\"x\": 1}], \"choices\": [7]}", 0, NULL);
    json_t *after = json_loads("{\"doors\": [{\"x\": 2}], \"choices\": {}}", 0, NULL);
    expect_lines(before, after,
                 "e: doors [{\"x\": 1}] → [{\"x\": 2}]\n"
                 "e: choices [7] → {}\n");
    json_decref(before);
    json_decref(after);
}

static void what_a_newer_program_wrote_is_known_as_such_and_kept(void **state)
{
    (void)state;
    json_t *stored = example_with("/hashtag", "{\"text\": \"#bio\"}");
    json_object_set_new(json_array_get(json_object_get(stored, "doors"), 1), "floor",
                        json_integer(2));
    struct findings findings;
    findings_init(&findings, NULL);
    assert_null(event_file_read(stored, &findings));
    findings_finish(&findings);
    findings_init(&findings, NULL);
    struct event *event = event_file_read_stored(stored, &findings);
    findings_finish(&findings);
    assert_non_null(event);
    json_t *known = event_file_write(event), *unknown = event_unknown(stored, known);
    char *text = json_dumps(unknown, JSON_SORT_KEYS);
    assert_string_equal(text, "{\"doors\": [{\"floor\": 2, \"slug\": \"speakers\"}], "
                              "\"hashtag\": {\"text\": \"#bio\"}}");
    json_t *file = json_deep_copy(stored);
    event_unknown_drop(file, unknown);
    assert_true(json_equal(file, known));
    event_unknown_keep(file, unknown);
    assert_true(json_equal(file, stored));
    free(text);
    json_decref(file);
    json_decref(unknown);
    json_decref(known);
    json_decref(stored);
    events_release(event);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_is_read_and_written_back_as_it_was),
        cmocka_unit_test(the_shortest_file_has_the_documented_defaults),
        cmocka_unit_test(unknown_keys_are_refused_with_their_path),
        cmocka_unit_test(wrong_types_are_refused_with_their_path),
        cmocka_unit_test(what_has_no_default_must_be_there),
        cmocka_unit_test(texts_are_in_the_languages_of_the_event),
        cmocka_unit_test(slugs_are_well_formed_and_come_once),
        cmocka_unit_test(times_are_local_and_in_order),
        cmocka_unit_test(times_are_compared_as_points_in_time),
        cmocka_unit_test(numbers_stay_within_their_bounds),
        cmocka_unit_test(choices_stand_where_they_belong),
        cmocka_unit_test(a_question_is_shown_for_an_answer_somebody_can_give_before_it),
        cmocka_unit_test(doors_let_in_ticket_types_that_there_are),
        cmocka_unit_test(no_list_is_longer_than_its_limit),
        cmocka_unit_test(everything_that_is_wrong_is_told_at_once),
        cmocka_unit_test(a_difference_is_told_to_organisers_in_their_words),
        cmocka_unit_test(a_list_without_slugs_is_compared_as_a_whole),
        cmocka_unit_test(what_a_newer_program_wrote_is_known_as_such_and_kept),
        cmocka_unit_test(every_code_has_a_sentence_in_every_language),
        cmocka_unit_test(a_difference_is_told_in_one_line),
    };
    if (argc > 1)
        setenv("EINLASS_SOURCE", argv[1], 1); /* the folder of the example */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
