/*
 * What a list holds, and what became of it.
 *
 *   GET  …/import/{import}/people     how many lines have which outcome, and the lines that were
 * not added; with ?outcome= those that have it. ?after= is a line POST …/import/{import}/start adds
 * the people of the good lines: {"tells", "over_capacity", "reason"}. Doing so again changes
 * nothing
 */
#ifndef EINLASS_FEATURES_IMPORT_RESULT_H
#define EINLASS_FEATURES_IMPORT_RESULT_H

#include <jansson.h>

#include "base/memory.h"
#include "db/values.h"

struct locale;
struct request;

enum {
    RESULT_PAGE = 50,         /* lines on a page */
    RESULT_REASON_MOST = 500, /* limit: characters of a reason for a list beyond the capacity */
};

void result_show(struct request *request);
void result_start(struct request *request);

/* Appends why the line in a row of people.sql was not added: "E-mail: this is no address." */
void result_add_reasons(const struct locale *locale, const json_t *headings,
                        const struct rows *rows, int row, struct buffer *out);

#endif
