/* Uses the statements of statement.c, which compiles it: desk/find.sql and desk/lose.sql. Its rows
 * have one column with one word. */
#include "statements.h"

#include <assert.h>

#include "db/inside.h"
#include "db/pg.h"

/* Returns one row with one column. A word of NULL is null. Valid until the next call. */
static const struct rows *give(const char *column, const char *word)
{
    static struct rows rows;
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PQsetResultAttrs(result, 1, &(PGresAttDesc){.name = (char *)column});
    PQsetvalue(result, 0, 0, (char *)word, word ? (int)strlen(word) : -1);
    PQclear((PGresult *)rows.result);
    rows.result = result;
    return &rows;
}

int main(void)
{
    struct id id = {{1}};
    int64_t until = 0;
    struct params *params =
        desk_find_params(&(struct desk_find){.id = &id,
                                             .hash = {(const unsigned char *)"x", 1},
                                             .most = 5,
                                             .force = true,
                                             .until_us = &until,
                                             .way = DIRECTION_OUT});
    const char *const *values = params_values(params);
    assert(!values[1] && !values[2] && !values[5] && !values[7] && !values[11]);
    assert(strcmp(values[4], "5") == 0 && strcmp(values[6], "t") == 0);
    assert(strcmp(values[9], "1970-01-01T00:00:00Z") == 0);
    assert(strcmp(values[10], "out") == 0);
    for (int i = 12; i < 17; i++)
        assert(strcmp(values[i], "{}") == 0);
    desk_find_add_guest(params, &(struct desk_find_guest){.ways = DIRECTION_IN});
    desk_find_add_tag(params, "a");
    values = params_values(params);
    assert(strcmp(values[12], "{NULL}") == 0 && strcmp(values[14], "{NULL}") == 0);
    assert(strcmp(values[15], "{\"in\"}") == 0);
    assert(strcmp(values[16], "{\"a\"}") == 0);
    params_destroy(params);
    assert(desk_find_outcome(give("outcome", "stale"), 0) == FIND_OUTCOME_STALE);
    assert(desk_lose_outcome(give("outcome", "lost"), 0) == FIND_OUTCOME_LOST);
    assert(desk_find_direction(give("direction", "out"), 0) == DIRECTION_OUT);
    assert(desk_find_outcome(give("outcome", "lost"), 0) == FIND_OUTCOME_NONE);
    assert(desk_find_outcome(give("outcome", "surprise"), 0) == 0);
    assert(desk_find_outcome(give("outcome", "none"), 0) == 0);
    assert(desk_find_outcome(give("outcome", NULL), 0) == 0);
    assert(desk_find_came_from(give("came_from", "out"), 0) == 0);
    assert(strcmp(direction_name(DIRECTION_OUT), "out") == 0);
    assert(direction_parse("in") == DIRECTION_IN && direction_parse(NULL) == 0);
    assert(direction_parse("none") == 0 && direction_parse("left") == 0);
}
