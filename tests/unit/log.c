/* Logs: every line is one JSON object, for any content and with several threads. */
#include "base/log.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <jansson.h>

#include <cmocka.h>

#include "base/clock.h"

enum { LINE_BYTES = 4096, THREADS = 4, LINES = 500 };

/* Standard error goes to a file between these two functions. */
static FILE *catch_lines(int *ret_saved)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    *ret_saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    return file;
}

static void release(FILE *file, int saved)
{
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
}

static json_t *next_line(FILE *file)
{
    char line[LINE_BYTES];
    if (!fgets(line, sizeof line, file))
        return NULL;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object))
        fail_msg("not JSON: %s", line);
    return object;
}

static const char *text_of(const json_t *line, const char *name)
{
    return json_string_value(json_object_get(line, name));
}

static void a_line_says_when_how_grave_and_what(void **state)
{
    (void)state;
    int saved;
    int64_t at_us;
    FILE *file = catch_lines(&saved);
    log_event(LOG_WARNING, "listening", log_text("address", "127.0.0.1:8080"),
              log_number("workers", -2), log_text("nothing", NULL));
    log_event(LOG_ERROR, "alone");
    release(file, saved);
    json_t *line = next_line(file);
    assert_true(clock_parse(text_of(line, "at"), &at_us));
    assert_string_equal(text_of(line, "level"), "warning");
    assert_string_equal(text_of(line, "message"), "listening");
    assert_string_equal(text_of(line, "address"), "127.0.0.1:8080");
    assert_int_equal(json_integer_value(json_object_get(line, "workers")), -2);
    assert_string_equal(text_of(line, "nothing"), "");
    json_decref(line);
    line = next_line(file);
    assert_int_equal(json_object_size(line), 3);
    json_decref(line);
    assert_null(next_line(file));
    fclose(file);
}

static void nothing_in_a_value_breaks_its_line(void **state)
{
    (void)state;
    static const char text[] = "\"quoted\" \\ \n\r\t\x01\x1f\x7f Grüße 😀 </script>";
    int saved;
    FILE *file = catch_lines(&saved);
    log_event(LOG_INFO, text, log_text(text, text));
    release(file, saved);
    json_t *line = next_line(file);
    assert_string_equal(text_of(line, "message"), text);
    assert_string_equal(text_of(line, text), text);
    json_decref(line);
    assert_null(next_line(file));
    fclose(file);
}

static void bytes_that_are_not_utf8_are_still_json(void **state)
{
    (void)state;
    int saved;
    FILE *file = catch_lines(&saved);
    log_event(LOG_INFO, "path", log_text("path", "/\xff\xfe\xc3"));
    release(file, saved);
    json_t *line = next_line(file);
    assert_string_equal(text_of(line, "path"), "/\xc3\xbf\xc3\xbe\xc3\x83");
    json_decref(line);
    fclose(file);
}

static void lines_below_the_level_are_dropped(void **state)
{
    (void)state;
    int saved;
    FILE *file = catch_lines(&saved);
    log_event(LOG_DEBUG, "dropped at the level of the start");
    log_set_level(LOG_ERROR);
    log_event(LOG_WARNING, "dropped");
    log_event(LOG_ERROR, "kept");
    log_set_level(LOG_DEBUG);
    log_event(LOG_DEBUG, "kept too");
    log_set_level(LOG_INFO);
    release(file, saved);
    json_t *first = next_line(file), *second = next_line(file);
    assert_string_equal(text_of(first, "message"), "kept");
    assert_string_equal(text_of(second, "message"), "kept too");
    assert_null(next_line(file));
    json_decref(first);
    json_decref(second);
    fclose(file);
}

static void levels_have_names(void **state)
{
    (void)state;
    enum log_level level = LOG_INFO;
    assert_true(log_parse_level("debug", &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_true(log_parse_level("warn", &level));
    assert_int_equal(level, LOG_WARNING);
    assert_true(log_parse_level("error", &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_parse_level("", &level));
    assert_false(log_parse_level("Error", &level));
    assert_false(log_parse_level("errors", &level));
    assert_int_equal(level, LOG_ERROR);
}

static void *write_lines(void *argument)
{
    char filler[200];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    for (int i = 0; i < LINES; i++)
        log_event(LOG_INFO, "line", log_text("filler", filler), log_number("i", i),
                  log_text("by", argument));
    return NULL;
}

static void lines_of_several_threads_never_mix(void **state)
{
    (void)state;
    static char name[] = "me";
    pthread_t threads[THREADS];
    int saved, count = 0;
    FILE *file = catch_lines(&saved);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, name), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    release(file, saved);
    for (json_t *line; (line = next_line(file)) != NULL; count++) {
        assert_string_equal(text_of(line, "by"), "me");
        json_decref(line);
    }
    assert_int_equal(count, THREADS * LINES);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_when_how_grave_and_what),
        cmocka_unit_test(nothing_in_a_value_breaks_its_line),
        cmocka_unit_test(bytes_that_are_not_utf8_are_still_json),
        cmocka_unit_test(lines_below_the_level_are_dropped),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(lines_of_several_threads_never_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
