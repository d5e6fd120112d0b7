/*
 * The kinds of values that people send: text, number, date, e-mail … Each kind is one row of the
 * table `kinds`, which says how its values are read, checked, shown, exported and written for
 * people. Organisers' questions and our own forms use the same rows.
 *
 * To add a kind, add its id below, its row and reader in kind.c, the wording finding.CODE of its
 * code, a line in tests/unit/form.c, and its name in docs/event-file.md and docs/openapi.yaml.
 */
#ifndef EINLASS_FORM_KIND_H
#define EINLASS_FORM_KIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/email.h"
#include "base/id.h"
#include "base/memory.h"

struct locale;

/* The comments name the C type of a value. It is const char * where none is named. */
enum kind_id {
    /* Organisers may use these in questions. */
    KIND_TEXT,
    KIND_LONG_TEXT,
    KIND_CHOICE,  /* the slug of one of the choices */
    KIND_SEVERAL, /* struct kind_list of slugs, each once */
    KIND_YES_NO,  /* bool */
    KIND_NUMBER,  /* struct kind_number */
    KIND_DATE,    /* "2026-05-13" */
    KIND_EMAIL,   /* struct email */
    KIND_PHONE,
    KIND_COUNTRY, /* ISO 3166-1 alpha-2 */
    KIND_URL,     /* http or https */

    /* Only our own forms use these. */
    KIND_NAME,       /* a text with a visible character and no link, because mail shows it */
    KIND_RAW,        /* the text as it was sent: tickets, keys */
    KIND_SLUG,       /* text_is_slug() */
    KIND_LOCAL_TIME, /* "2022-05-13T10:00", perhaps with an offset; seconds only if not 0 */
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
    KIND_YEAR_LEAST = 1900,
    KIND_YEAR_MOST = 2199,
};

struct kind_list {
    const char **items;
    size_t count;
};

struct kind_number {
    bool is_whole;
    int64_t whole; /* if is_whole */
    double real;   /* if not is_whole */
};

/* An array of structs. The first member of each is the `const char *` slug of a choice. */
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

/* The slug as the choice has it; NULL: there is no such choice. */
const char *kind_choice(const struct kind_choices *choices, const char *slug);

/* A value that is read. */
struct kind_input {
    struct arena *arena;
    const json_t *given; /* neither missing nor null */
    bool is_typed;       /* from a page's form or a query: every value is text */
    int64_t least, most; /* of a text's characters or of an integer */
    const struct kind_choices *choices;
    char thousands; /* what separates them where it was typed; '\0': not known */
};

/* Why a value was not read, with the code of the finding. */
enum kind_fault {
    KIND_READ,          /* it was read: no finding */
    KIND_NOTHING,       /* it is empty: the field's `needed`, or "missing" */
    KIND_WRONG,         /* the field's `wrong`, or the kind's code */
    KIND_NO_TEXT,       /* text_expected */
    KIND_NO_LIST,       /* list_expected */
    KIND_INVISIBLE,     /* control_characters */
    KIND_TOO_LONG,      /* too_long */
    KIND_LINK,          /* link_in_name */
    KIND_OUT_OF_BOUNDS, /* out_of_bounds */
    KIND_AMBIGUOUS,     /* number_ambiguous */
    KIND_SHORT_YEAR,    /* short_year */
    KIND_STRANGE_YEAR,  /* strange_year */
};

/* The control of a field in a page: see field_view.h. */
enum kind_control {
    KIND_AS_INPUT,
    KIND_AS_LINES,
    KIND_AS_ONE_OF, /* radio buttons, or a drop-down list */
    KIND_AS_SOME_OF,
    KIND_AS_COUNTRIES,
    KIND_AS_YES_NO,
    KIND_AS_CHECKBOX,
};

struct kind {
    const char *name; /* the "kind" of a question in an event file */
    bool is_asked;    /* organisers may use it in questions */
    const char *code; /* the wording finding.CODE says what is expected */
    size_t bytes;     /* of the C type */
    int64_t most;     /* limit, if the field has none */

    /* Reads a value. Sets *ret_value only if it returns KIND_READ. Texts live in the arena. */
    enum kind_fault (*read)(const struct kind_input *input, void *ret_value);

    /* The value as JSON that `read` takes. A new reference; NULL: no value. */
    json_t *(*write)(const void *value);

    /* Appends a text of this kind for people. NULL: appends the text itself. */
    void (*say)(const char *text, const struct locale *locale, struct buffer *out);

    enum kind_control control;
    const char *input, *inputmode, *autocomplete; /* HTML section 4.10; NULL: none */
    bool has_choices; /* its texts are slugs; people and exports get their labels */
};

/* By enum kind_id, KIND_COUNT rows. */
extern const struct kind kinds[];

/* Finds a kind for questions by its name, which may be NULL. */
MUST_CHECK bool kind_asked(const char *name, enum kind_id *ret_kind);

/* The names of the kinds for questions: "text, long_text, choice …". */
const char *kind_names(struct arena *arena);

/* The label of an element of `choices`. */
typedef const char *kind_label(const void *context, const void *choice);

struct kind_saying {
    const struct kind *kind;
    const struct kind_choices *choices;
    kind_label *label; /* called with the context */
    const void *context;
    const struct locale *locale;
};

/* Appends a stored answer for people: labels of choices, names of countries, formatted days, "yes"
 * and "no", and commas between several. The slug of an unknown choice is appended as it is. */
void kind_say(const struct kind_saying *saying, const json_t *answer, struct buffer *out);

#endif
