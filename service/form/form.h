/*
 * Forms: what people send, read by a const table of fields. The same table reads the JSON body of
 * the API, a page's form, and a query; shows the form again with its errors (field_view.h); and
 * writes the struct back as JSON.
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
 * Reading goes on after a finding, so that all of them are told at once, each with its place as an
 * RFC 6901 pointer. Order of findings: unknown fields, then the fields of the table, then `check`.
 * What is missing or was refused leaves its member as it was: a default is what the caller (or
 * `initial`) has put there before.
 *
 * Missing is what is not there or null. Empty texts, texts of white space and empty lists count as
 * missing too, unless the reading is strict.
 */
#ifndef EINLASS_FORM_FORM_H
#define EINLASS_FORM_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "form/findings.h"
#include "form/kind.h"

struct form_place;
struct request;

enum form_need {
    FORM_OPTIONAL,
    FORM_NEEDED,    /* must be there: else the finding `needed` */
    FORM_NOT_BLANK, /* may be left out; where it is there, it may not be null or empty */
};

enum form_shape {
    FORM_ONE,
    FORM_LIST,   /* the member points to the items, which live in the arena; see count_at */
    FORM_INLINE, /* the member is an array of the items, with room for `items_most` */
};

enum form_written {
    FORM_ALWAYS,  /* if there is anything: texts that are NULL are left out */
    FORM_CHANGED, /* only if it differs from the form's `initial` (NULL: from zeros) */
    FORM_OR_NULL, /* null where there is nothing */
};

struct form_field {
    const char *name; /* of the object's member, and so the last part of the pointer */
    /* What it is. Ignored where `of` or `read` is set. */
    enum kind_id kind;
    size_t at, bytes; /* where the value is in the caller's struct: FORM_AT */

    enum form_need need;
    const char *needed;   /* finding.CODE when it is missing; NULL: "missing" */
    const char *wrong;    /* finding.CODE for every value that does not fit; NULL: the kind's */
    bool keeps_blank;     /* "" is a value, not nothing */
    const char *too_many; /* finding.CODE of a list that is too long; NULL: "too_many" */
    int64_t least, most;  /* characters, or an integer's bounds; most 0: the kind's. An integer
                             below `least` says nothing: it is not written. */
    struct kind_choices choices; /* KIND_CHOICES(array) */

    /* Whether the caller has this field at all, NULL: always. A field that is not shown is refused
     * with `hidden` (NULL: as one that is not known). */
    bool (*shown)(const void *context);
    const char *hidden;

    /* Objects. An object's members are in the struct at `at` (0: the struct itself). */
    const struct form *of;

    /* Lists, of objects or of values: FORM_COUNT_AT says which size_t takes their count. */
    enum form_shape shape;
    size_t count_at;
    int64_t items_least, items_most; /* too few is `needed` (NULL: "empty"); 0: any */
    int64_t (*items_most_now)(const void *context); /* in the place of items_most; NULL */

    /* For what no kind says: reads the place, which may be missing, into the struct; writes it.
     * Both NULL and no kind's member (bytes 0): a known field that the caller looks at itself. */
    void (*read)(const struct form_place *place, const struct form_field *field, void *values);
    json_t *(*write)(const struct form_field *field, const void *values, const void *context);
    enum form_written written;

    /* For showing. Words are WORDS.label, WORDS.hint and WORDS.SLUG of a choice; label and hint
     * (text) and choice_label stand in for them. */
    const char *words, *label, *hint;
    kind_label *choice_label; /* called with the reading's or showing's context */
    const char *autocomplete; /* NULL: the kind's */
};

#define FORM_AT(type, member) .at = offsetof(type, member), .bytes = sizeof(((type *)0)->member)
#define FORM_COUNT_AT(type, member) .count_at = offsetof(type, member)

struct form {
    const struct form_field *fields;
    size_t count;
    size_t bytes;        /* of the struct: the items of a list are made of it */
    const void *initial; /* such a struct with the defaults; NULL: zeros */

    /* Rules over several fields, after they were read; form_refuse_at() adds findings. NULL: none
     */
    void (*check)(const struct form_place *object, void *values);
};

/* What follows the table are other members of struct form: .initial = &defaults, .check = check. */
#define FORM(type, table, ...)                                                                     \
    {                                                                                              \
        .fields = (table), .count = sizeof(table) / sizeof *(table), .bytes = sizeof(type),        \
        __VA_ARGS__                                                                                \
    }

/* --- Reading --------------------------------------------------------------------------------- */

/* What reading one document needs everywhere. */
struct form_reading {
    struct arena *arena; /* what texts and lists live in */
    struct findings *findings;
    bool is_typed;       /* a page's form or a query: every value is text */
    bool is_strict;      /* an empty text is refused as "empty" instead of counting as missing */
    bool keeps_unknown;  /* unknown members are no findings */
    const char *prefix;  /* of all codes, "event."; NULL: none */
    const char *unknown; /* code of an unknown member; NULL: "unknown_field" */
    const void *context; /* the caller's, for shown(), check() and labels */
    const struct locale *locale; /* for labels in sentences; NULL: the findings' */
};

/* A value and the way to it. Lives on the stack, as long as the places below it. */
struct form_place {
    const struct form_reading *reading;
    const struct form_place *above; /* NULL: the whole document */
    const char *key;                /* in the object above; NULL: element `index` of the list */
    size_t index;
    const json_t *value; /* NULL: not there */
};

/* Reads an object into the struct. False: something was found wanting, now or before. */
bool form_read(const struct form_reading *reading, const struct form *form, const json_t *object,
               void *values);

struct form_place form_whole(const struct form_reading *reading, const json_t *document);
struct form_place form_member(const struct form_place *object, const char *key);
/* A page's form sends a list of one alone: there the value is its own element. */
struct form_place form_element(const struct form_place *list, size_t index);

/* Whether something is there: null is nothing, and so is a blank text unless reading is strict. */
bool form_is_given(const struct form_place *place);

/* Reads the fields of the object at a place; refuses a value that is no object. */
bool form_read_object(const struct form_place *place, const struct form *form, void *values);

/* Reads one value by a field, into `value` itself (`at` is not looked at). False: it is missing or
 * was refused, which has become a finding where the field needs it. */
bool form_read_value(const struct form_place *place, const struct form_field *field, void *value);

/* Reads a list by a field that is one, for a field's own read(). */
void form_read_list(const struct form_place *place, const struct form_field *field, void *values);

/* How many elements the list at a place has; 0 for one that is missing or was refused. */
size_t form_list(const struct form_place *place, const struct form_field *field);

/* Adds a finding here, or at a member of the object here. Takes data, which may be NULL. */
void form_refuse_here(const struct form_place *place, const char *code, json_t *data);
void form_refuse_at(const struct form_place *object, const char *key, const char *code,
                    json_t *data);

/* A place's pointer (RFC 6901), "/attendees/0/name"; in the arena. */
const char *form_pointer(const struct form_place *place);

/* --- Writing --------------------------------------------------------------------------------- */

/* The struct as the object that reads into it. The context is for the fields' write(). A new
 * reference. */
json_t *form_write(const struct form *form, const void *values, const void *context);

/* --- Requests -------------------------------------------------------------------------------- */

/* Reads the request's body, JSON or a page's form, with findings in its language. NULL: all is
 * well; else a new reference to the errors (findings_take). */
json_t *form_read_body(struct request *request, const struct form *form, const void *context,
                       void *values);

/* Answers 422 `invalid` with the errors, which it takes. */
void form_refuse(struct request *request, json_t *errors);

/* Reads the parameters of the request's query that the form knows; others are left alone. Gives the
 * name of the first that is wrong; NULL: none is. */
MUST_CHECK const char *form_read_query(struct request *request, const struct form *form,
                                       const void *context, void *values);

/* The same for parameters that are an object of texts, from a command line. What is read and the
 * name live in the arena. */
MUST_CHECK const char *form_read_parameters(struct arena *arena, const struct form *form,
                                            const json_t *parameters, const void *context,
                                            void *values);

/* Answers 400 `wrong_parameter`, naming it: the wording FEATURE.parameter.NAME says what it may be.
 */
void form_refuse_parameter(struct request *request, const char *feature, const char *name);

#endif
