/*
 * Reads a line of a list as an organiser's form would be read: by the event's questions, kinds and
 * choices. Choices and ticket types may be written as their label in any language of the event.
 */
#ifndef EINLASS_FEATURES_IMPORT_LINE_H
#define EINLASS_FEATURES_IMPORT_LINE_H

#include <jansson.h>
#include <stdbool.h>

#include "event/draft.h"
#include "form/list_reader.h"
#include "security/secret.h"

struct keyring;

/* How the lines of a list are read. It is stored with the list, as JSON. */
struct line_rules {
    enum list_encoding encoding;
    char separator;
    bool has_heading;
    const char **means;    /* of each column (columns.h) */
    const char **headings; /* of each column, for people; "": none */
    size_t column_count;
    const char *ticket_type; /* the slug for lines that name none; NULL: none was chosen */
    const char *language;    /* of the letters, for lines that name none */
    const char *locale;      /* of the reasons */
};

/* {"encoding", "separator", "heading", "columns": [...], "headings": [...], "ticket_type",
 * "language", "locale"}. A new reference. */
json_t *line_rules_write(const struct line_rules *rules);

/* False: it is none for the event. Texts live in the arena. */
MUST_CHECK bool line_rules_read(struct arena *arena, const struct event *event, const json_t *json,
                                struct line_rules *ret_rules);

enum line_verdict {
    LINE_GOOD,
    LINE_WRONG,
    LINE_LEFT_OUT, /* the list says that the person does not come */
};

struct line {
    enum line_verdict verdict;
    struct draft draft; /* with LINE_GOOD */
    json_t *reasons;    /* else: [{"column": index or null, "text"}], a new reference; NULL: none */
    /* With LINE_GOOD: the id of its registration, a pure function of event and content. So the same
     * line is never registered twice. */
    struct id registration_id;
    unsigned char fingerprint[SECRET_DIGEST_BYTES];
};

/* `locale` is of the reasons. The line must not be moved; texts live in the arena. The caller frees
 * the reasons. */
void line_read(struct arena *arena, const struct event *event, const struct line_rules *rules,
               const struct locale *locale, const char *const *cells, size_t cell_count,
               struct line *ret_line);

/* The reason of a line that passes a limit of the reader. A new reference. */
json_t *line_too_large(const struct locale *locale);

#endif
