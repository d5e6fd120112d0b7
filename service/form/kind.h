/*
 * The kinds of values that people send: a text, a number, a day, an address … Each kind is one row
 * of the table `kinds`: how a value is read and checked, shown in a page, said to people, exported.
 * The organiser's questions and the fields of our own forms use the same rows.
 *
 * To add a kind: its id below, its row and its reader in kind.c, the wording finding.CODE of its
 * code, a line in tests/unit/form.c, a word in docs/event-file.md and docs/openapi.yaml.
 */
#ifndef EINLASS_FORM_KIND_H
#define EINLASS_FORM_KIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/email.h"
#include "base/id.h"

struct locale;

/* The comment is the C type that a value is read into; without one it is const char *. */
enum kind_id {
    /* Organisers may ask for these. */
    KIND_TEXT,
    KIND_LONG_TEXT,
    KIND_CHOICE,  /* the slug of one of the choices */
    KIND_SEVERAL, /* struct kind_list of such slugs, each once */
    KIND_YES_NO,  /* bool */
    KIND_NUMBER,  /* struct kind_number */
    KIND_DATE,    /* "2026-05-13" */
    KIND_EMAIL,   /* struct email */
    KIND_PHONE,
    KIND_COUNTRY, /* ISO 3166-1 alpha-2 */
    KIND_URL,     /* http or https */

    /* Only our own forms use these. */
    KIND_NAME,       /* a text of which something is visible */
    KIND_RAW,        /* the text as it was sent: tickets, keys */
    KIND_SLUG,       /* text_is_slug() */
    KIND_LOCAL_TIME, /* "2022-05-13T10:00", with seconds only where they are not 0 */
    KIND_TIME,       /* int64_t: RFC 3339 as microseconds since 1970 */
    KIND_ID,         /* struct id: a UUID */
    KIND_BOOLEAN,    /* bool */
    KIND_INTEGER,    /* int64_t or int */
    KIND_COUNT,
};

enum {
    KIND_TEXT_MOST = 500,       /* limit: characters of an answer */
    KIND_LONG_TEXT_MOST = 5000, /* limit: characters of a long answer */
    KIND_NAME_MOST = 200,
    KIND_URL_MOST = 2000,
    KIND_PHONE_LEAST_DIGITS = 5,
    KIND_PHONE_MOST_DIGITS = 20,
};

struct kind_list {
    const char **items;
    size_t count;
};

struct kind_number {
    bool is_whole;
    int64_t whole; /* if it is */
    double real;   /* if it is not */
};

/* An array of anything whose first member is the `const char *` slug of a choice. */
struct kind_choices {
    const void *first;
    size_t count, stride; /* bytes from one to the next */
};

/* The choices of a static array. */
#define KIND_CHOICES(array)                                                                        \
    {                                                                                              \
        .first = (array), .count = sizeof(array) / sizeof *(array), .stride = sizeof *(array)      \
    }

const void *kind_choice_at(const struct kind_choices *choices, size_t index);

/* The choice's slug; NULL: there is no such choice. */
const char *kind_choice(const struct kind_choices *choices, const char *slug);

/* A value on its way in. */
struct kind_input {
    struct arena *arena;
    const json_t *given; /* neither missing nor null */
    bool is_typed;       /* in a page's form or a query, where every value is text */
    int64_t least, most; /* of a text's characters or of an integer */
    const struct kind_choices *choices;
};

/* Why a value was not read. The finding's code is … */
enum kind_fault {
    KIND_READ,          /* … none: it was */
    KIND_NOTHING,       /* … the field's for nothing: an empty text */
    KIND_WRONG,         /* … the kind's, or the field's own */
    KIND_NO_TEXT,       /* … text_expected */
    KIND_NO_LIST,       /* … list_expected */
    KIND_INVISIBLE,     /* … control_characters */
    KIND_TOO_LONG,      /* … too_long */
    KIND_OUT_OF_BOUNDS, /* … out_of_bounds */
};

/* How a field is drawn: the name in its view (field_view.h). */
enum kind_control {
    KIND_AS_INPUT,
    KIND_AS_LINES,
    KIND_AS_ONE_OF, /* radio buttons; a drop-down list when there are many */
    KIND_AS_SOME_OF,
    KIND_AS_COUNTRIES,
    KIND_AS_YES_NO,
    KIND_AS_CHECKBOX,
};

struct kind {
    const char *name; /* as event files write it; the question's "kind" */
    bool is_asked;    /* organisers may ask for it */
    const char *code; /* finding.CODE says what is expected */
    size_t bytes;     /* of the C type */
    int64_t most;     /* where the field names no limit */

    /* Reads a value; *ret_value is set only for KIND_READ. Texts live in the arena. */
    enum kind_fault (*read)(const struct kind_input *input, void *ret_value);

    /* The value as JSON, as it is kept and as `read` takes it. A new reference; NULL: nothing. */
    json_t *(*write)(const void *value);

    /* Appends a text of this kind as people read it. NULL: the text itself. */
    void (*say)(const char *text, const struct locale *locale, struct buffer *out);

    enum kind_control control;
    const char *input, *inputmode, *autocomplete; /* HTML section 4.10; NULL: none */
    bool has_choices; /* its texts are slugs of choices; exports and people see their labels */
};

/* By enum kind_id, KIND_COUNT rows. */
extern const struct kind kinds[];

/* A kind that organisers may ask for, by its name (NULL: none). */
MUST_CHECK bool kind_asked(const char *name, enum kind_id *ret_kind);

/* "text, long_text, choice …": what organisers may ask for. */
const char *kind_names(struct arena *arena);

/* The label of a choice, which is what `choices` has. */
typedef const char *kind_label(const void *context, const void *choice);

struct kind_saying {
    const struct kind *kind;
    const struct kind_choices *choices;
    kind_label *label; /* of a choice; called with the context */
    const void *context;
    const struct locale *locale;
};

/* Appends a kept answer as people read it: choices by their labels (a slug that is no choice any
 * more stays), several with commas, countries by their names, days written out, yes and no. */
void kind_say(const struct kind_saying *saying, const json_t *answer, struct buffer *out);

#endif
