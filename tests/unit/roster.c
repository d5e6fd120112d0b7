#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <unistd.h>

#include <cmocka.h>

#include "view/roster.h"

static struct roster *fill(const atomic_bool *stop, size_t people)
{
    struct roster *roster =
        roster_create(&(struct roster_options){.title = "List", .column_count = 1, .stop = stop});
    struct table *table = roster_table(roster);
    for (size_t i = 0; i <= people; i++) { /* the heading, too */
        table_text(table, "Ada", 3);
        table_end_row(table);
    }
    return roster;
}

static void a_list_of_too_many_is_refused_in_bounded_memory(void **state)
{
    (void)state;
    struct roster *roster = fill(NULL, ROSTER_ROWS_MOST + 1);
    assert_int_equal(roster_count(roster), ROSTER_ROWS_MOST + 1);
    assert_int_equal(roster_finish(roster), -1);
}

static void a_list_may_be_given_up(void **state)
{
    (void)state;
    roster_destroy(fill(NULL, 2));
    roster_destroy(NULL);
}

/* Rows that fill the blocks of the arena to their ends, where the sanitizer sees a read beyond a
 * row. */
static void a_short_row_gets_empty_cells(void **state)
{
    static const char name[] = "Ada Lovelaces";
    char error[LOCALE_ERROR_BYTES];
    struct locale_set *locales;
    (void)state;
    assert_true(locale_set_load(NULL, 0, error, &locales));
    struct roster *roster =
        roster_create(&(struct roster_options){.locale = locale_find(locales, "en"),
                                               .title = "List",
                                               .subtitle = "",
                                               .column_count = ROSTER_COLUMNS_MOST});
    for (int i = 0; i < 600; i++) {
        table_text(roster_table(roster), name, sizeof name - 1);
        table_end_row(roster_table(roster));
    }
    int file = roster_finish(roster);
    assert_true(file >= 0);
    close(file);
    locale_set_destroy(locales);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_too_many_is_refused_in_bounded_memory),
        cmocka_unit_test(a_list_may_be_given_up),
        cmocka_unit_test(a_short_row_gets_empty_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
