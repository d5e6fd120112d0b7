/* Page forms with a file become the same JSON as those without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "http/multipart.h"

#define TYPE "multipart/form-data; boundary=----b"

static void expect(const char *type, const char *body, size_t length, const char *json_expected,
                   const char *file_expected)
{
    struct arena arena;
    struct multipart_file file;
    json_t *json = NULL;
    arena_init(&arena);
    bool is_read = multipart_parse(&arena, type, body, length, &json, &file);
    assert_int_equal(is_read, json_expected != NULL);
    if (is_read) {
        char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text, json_expected);
        free(text);
        const char *seen = file.field ? arena_printf(&arena, "%s/%s/%.*s", file.field, file.name,
                                                     (int)file.length, file.bytes)
                                      : "";
        assert_string_equal(seen, file_expected);
        json_decref(json);
    }
    arena_finish(&arena);
}

#define EXPECT(body, json, file) expect(TYPE, body, sizeof(body) - 1, json, file)
#define PART(head, value) "------b\r\nContent-Disposition: form-data; " head "\r\n\r\n" value "\r\n"
#define END "------b--\r\n"

static void fields_and_a_file_are_read(void **state)
{
    (void)state;
    EXPECT(PART("name=\"a.b\"", "x") PART("name=\"a.c\"", "y") PART("name=\"l[]\"", "1\r\n2") END,
           "{\"a\":{\"b\":\"x\",\"c\":\"y\"},\"l\":[\"1\\n2\"]}", "");
    EXPECT("------b\r\nContent-Disposition: form-data; name=\"file\"; "
           "filename=\"C:\\x\\G\xc3\xa4ste.csv\"\r\n"
           "Content-Type: text/csv\r\n\r\na,b\r\n--not\r\n" END,
           "{}", "file/G\xc3\xa4ste.csv/a,b\r\n--not");
    EXPECT(PART("name=\"text\"", "") PART("name=\"file\"; filename=\"\"", "") END,
           "{\"text\":\"\"}", "");
    EXPECT(END, "{}", "");
}

static void what_is_malformed_is_refused(void **state)
{
    (void)state;
    EXPECT(PART("name=\"a\"", "x"), NULL, NULL);
    EXPECT(PART("filename=\"a\"", "x") END, NULL, NULL);
    EXPECT(PART("name=\"a\"", "\xff") END, NULL, NULL);
    EXPECT(PART("name=\"a\"", "x\0y") END, NULL, NULL);
    EXPECT(PART("name=\"a\"", "x") PART("name=\"a.b\"", "y") END, NULL, NULL);
    EXPECT("nothing", NULL, NULL);
    EXPECT("", NULL, NULL);
    expect("multipart/form-data", END, sizeof END - 1, NULL, NULL);
    expect("multipart/form-data; boundary=\"--", END, sizeof END - 1, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_a_file_are_read),
        cmocka_unit_test(what_is_malformed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
