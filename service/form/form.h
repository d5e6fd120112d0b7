/*
 * A form is a const table of fields. The same table reads the JSON body of the API, a page's form
 * and a query into a struct, shows the form with its errors (field_view.h), and writes the struct
 * as JSON.
 *
 *     struct person { const char *name; struct email email; bool is_speaker; };
 *
 *     static const struct form_field person_fields[] = {
 *         {"name", KIND_NAME, FORM_AT(struct person, name), .need = FORM_NEEDED,
 *          .needed = "name_needed"},
 *         {"email", KIND_EMAIL, FORM_AT(struct person, email)},
 *         {"is_speaker", KIND_BOOLEAN, FORM_AT(struct person, is_speaker)},
 *     };
 *     static const struct form person_form = FORM(struct person, person_fields);
 *
 *     struct person person = {0};
 *     json_t *errors = form_read_body(request, &person_form, NULL, &person);
 *     if (errors)
 *         form_refuse(request, errors);
 *
 * Reading continues after a finding, so that people get all findings at once, each with its RFC
 * 6901 pointer. Findings come in this order: unknown fields, the fields of the table, `check`. A
 * field that is missing or refused leaves its member unchanged, so the caller (or `initial`) sets
 * defaults before.
 *
 * A value is missing if it is absent or null. An empty text, a text of white space and an empty
 * list count as missing, too, unless the reading is strict.
 */
#ifndef EINLASS_FORM_FORM_H
#define EINLASS_FORM_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "form/kind.h"

struct form_place;
struct locale;
struct request;

enum form_need {
    FORM_OPTIONAL,
    FORM_NEEDED,    /* the finding `needed` if it is missing */
    FORM_NOT_BLANK, /* may be absent, but not null or empty */
};

enum form_shape {
    FORM_ONE,
    FORM_LIST,   /* the member points to the items in the arena; see count_at */
    FORM_INLINE, /* the member is an array of `items_most` items */
};

enum form_written {
    FORM_ALWAYS,  /* if there is a value: a text that is NULL is left out */
    FORM_CHANGED, /* if it differs from the form's `initial` (NULL: from zeros) */
    FORM_OR_NULL, /* null if there is no value */
};

struct form_field {
    const char *name;  /* of the JSON member, and the last part of the pointer */
    enum kind_id kind; /* ignored if `of` or `read` is set */
    size_t at, bytes;  /* of the value in the caller's struct: FORM_AT */

    enum form_need need;
    const char *needed;          /* code of the finding if it is missing; NULL: "missing" */
    const char *wrong;           /* code for any wrong value; NULL: the kind's */
    bool keeps_blank;            /* "" is a value, not missing */
    bool by_heart;               /* a date in three fields of a page's form (date_parts.h) */
    bool is_not_doubted;         /* an address that nobody is asked about (see kept_emails) */
    const char *too_many;        /* code for a list that is too long; NULL: "too_many" */
    int64_t least, most;         /* of characters, or of an integer; most 0: the kind's. An integer
                                    below `least` is no value: it is not written. */
    struct kind_choices choices; /* KIND_CHOICES(array) */

    /* Whether the form has this field now; NULL: always. If not, the code for a value is `hidden`;
     * NULL: the code for unknown fields. */
    bool (*shown)(const void *context);
    const char *hidden;

    /* For an object: its form. Its struct is at `at` (0: the same struct). */
    const struct form *of;

    /* For a list of objects or values. Its count is stored at the size_t of FORM_COUNT_AT. */
    enum form_shape shape;
    size_t count_at;
    int64_t items_least, items_most; /* 0: any; code for too few: `needed` (NULL: "empty") */
    int64_t (*items_most_now)(const void *context); /* replaces items_most; or NULL */

    /* For values of no kind: read() reads the place, which may be missing, into the struct. write()
     * gives a new reference. With both NULL and bytes 0, the caller reads the field itself. */
    void (*read)(const struct form_place *place, const struct form_field *field, void *values);
    json_t *(*write)(const struct form_field *field, const void *values, const void *context);
    enum form_written written;

    /* For showing. The wordings are WORDS.label, WORDS.hint and WORDS.SLUG for each choice.
     * `label`, `hint` (texts) and choice_label replace them. */
    const char *words, *label, *hint;
    kind_label *choice_label; /* called with the context of the reading or showing */
    const char *autocomplete; /* NULL: the kind's */
};

#define FORM_AT(type, member) .at = offsetof(type, member), .bytes = sizeof(((type *)0)->member)
#define FORM_COUNT_AT(type, member) .count_at = offsetof(type, member)

struct form {
    const struct form_field *fields;
    size_t count;
    size_t bytes;        /* of the struct */
    const void *initial; /* such a struct with the defaults; NULL: zeros */

    /* Checks rules over several fields after reading them; adds findings by form_refuse_at(). May
     * be NULL. */
    void (*check)(const struct form_place *object, void *values);
};

/* Other members may follow the table: .initial = &defaults, .check = check. */
#define FORM(type, table, ...)                                                                     \
    {                                                                                              \
        .fields = (table), .count = sizeof(table) / sizeof *(table), .bytes = sizeof(type),        \
        __VA_ARGS__                                                                                \
    }

/* --- Reading --------------------------------------------------------------------------------- */

/* How one document is read. */
struct form_reading {
    struct arena *arena; /* for texts and lists */
    struct findings *findings;
    bool is_typed;      /* a page's form or a query: every value is text */
    bool is_query;      /* a checkbox that is missing is no answer, not an unchecked one */
    bool is_strict;     /* refuses an empty text as "empty"; it does not count as missing */
    bool keeps_unknown; /* unknown members give no findings */
    /* For what a person types into a page: an address that looks mistyped is the finding
     * did_you_mean, unless it is among these (request_kept_emails). NULL: nobody is asked. */
    const json_t *kept_emails;
    const char *prefix;          /* before all codes: "event."; NULL: none */
    const char *unknown;         /* code of an unknown member; NULL: "unknown_field" */
    const void *context;         /* the caller's, for shown(), check() and labels */
    const struct locale *locale; /* of labels in sentences; NULL: the findings' locale */
};

/* A value and its position in the document. Lives on the stack, longer than the places below it. */
struct form_place {
    const struct form_reading *reading;
    const struct form_place *above; /* NULL: the whole document */
    const char *key;                /* in the object above; NULL: element `index` of the list */
    size_t index;
    const json_t *value; /* NULL: absent */
};

/* Reads an object into the struct. False: there are findings, from now or from before. */
bool form_read(const struct form_reading *reading, const struct form *form, const json_t *object,
               void *values);

struct form_place form_whole(const struct form_reading *reading, const json_t *document);
struct form_place form_member(const struct form_place *object, const char *key);
/* A page's form sends a list of one element without the list: then the place is its own element. */
struct form_place form_element(const struct form_place *list, size_t index);

/* Whether the value is not missing (see above). */
bool form_is_given(const struct form_place *place);

/* Reads the fields of the object at a place. False: it is no object, which became a finding. */
bool form_read_object(const struct form_place *place, const struct form *form, void *values);

/* Reads one value of a field into `value`; `at` is ignored. False: it is missing or refused. A
 * refused value becomes a finding, and so does a missing one that the field needs. */
bool form_read_value(const struct form_place *place, const struct form_field *field, void *value);

/* Reads a list, for a field's own read(). */
void form_read_list(const struct form_place *place, const struct form_field *field, void *values);

/* The number of elements of the list at a place; 0: it is missing or refused. */
size_t form_list(const struct form_place *place, const struct form_field *field);

/* Adds a finding at a place, or at a member of its object. Takes data, which may be NULL. */
void form_refuse_here(const struct form_place *place, const char *code, json_t *data);
void form_refuse_at(const struct form_place *object, const char *key, const char *code,
                    json_t *data);

/* The RFC 6901 pointer of a place, "/attendees/0/name"; in the arena. */
const char *form_pointer(const struct form_place *place);

/* --- Writing --------------------------------------------------------------------------------- */

/* The struct as JSON that form_read() takes. The context is for write(). A new reference. */
json_t *form_write(const struct form *form, const void *values, const void *context);

/* --- Requests -------------------------------------------------------------------------------- */

/* Reads the request's body, JSON or a page's form. Returns the findings in the request's language
 * (findings_take), a new reference; NULL: there are none. The list is empty if the form is only to
 * be shown again (request_is_only_shown). */
json_t *form_read_body(struct request *request, const struct form *form, const void *context,
                       void *values);

/* Adds did_you_mean if the address in a field of the page's form looks mistyped; for fields with
 * is_not_doubted. */
void form_doubt_email(struct request *request, const char *field, struct findings *findings);

/* Answers 422 `invalid` with the errors, which it takes. */
void form_refuse(struct request *request, json_t *errors);

/* Reads the query parameters that the form has, and ignores others. Returns the name of the first
 * wrong one; NULL: all are right. */
MUST_CHECK const char *form_read_query(struct request *request, const struct form *form,
                                       const void *context, void *values);

/* The same for an object of texts, from a command line. Values and the name live in the arena. */
MUST_CHECK const char *form_read_parameters(struct arena *arena, const struct form *form,
                                            const json_t *parameters, const void *context,
                                            void *values);

/* Answers 400 `wrong_parameter`. The wording FEATURE.parameter.NAME says which values are right. */
void form_refuse_parameter(struct request *request, const char *feature, const char *name);

/*
 * A finding is one thing that is wrong with a document: its pointer, its code, and a sentence that
 * helps people to correct it. The findings become the "errors" of a problem document (RFC 9457).
 */

enum {
    FINDINGS_MOST = 100, /* limit: errors in one answer */
};

struct findings {
    const struct locale *locale;
    json_t *list;
    const char *words; /* its wording WORDS.CODE is preferred to finding.CODE; NULL: none */
};

/* Sentences are in the locale's language. With NULL, findings have no sentences. */
void findings_init(struct findings *findings, const struct locale *locale);
void findings_finish(struct findings *findings);

/*
 * Adds a finding at an RFC 6901 pointer ("/attendees/0/name"; "" is the whole document). Its
 * sentence is the wording finding.CODE, filled with `data`, which is taken and may be NULL.
 * Findings beyond FINDINGS_MOST are dropped.
 */
void findings_add(struct findings *findings, const char *pointer, const char *code, json_t *data);

bool findings_any(const struct findings *findings);

/* The pointer of the first finding; NULL: there is none. */
const char *findings_first(const struct findings *findings);

/* [{"pointer", "code", "detail"}], a new reference. No finding may be added afterwards, and
 * findings_finish is not needed. */
json_t *findings_take(struct findings *findings);

#endif
