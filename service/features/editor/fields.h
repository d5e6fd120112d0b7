/*
 * What the pages of the editor ask: a table of fields for each section of an event, and one for the
 * elements of each list (a ticket type, a question, a consent, a door, a programme item). Together
 * they reach every member of the event file (tests/wire/desk-editor.test.js).
 *
 * The wordings of a field are editor.WORDS.NAME.label and .hint, and .none for a time that is left
 * out. WORDS is the name of the section, or of the list's member.
 */
#ifndef EINLASS_FEATURES_EDITOR_FIELDS_H
#define EINLASS_FEATURES_EDITOR_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

enum edit_control {
    EDIT_LINE,      /* a text of one line */
    EDIT_TEXTS,     /* a text in each language of the event, one line */
    EDIT_PARAGRAPH, /* the same with several lines */
    EDIT_MARKDOWN,  /* the same with a preview */
    EDIT_TIME,      /* a day and a time in the event's zone */
    EDIT_NUMBER,
    EDIT_CHECK,
    EDIT_ZONE,
    EDIT_LANGUAGES,
    EDIT_ORIGINS,   /* addresses of sites, one a line */
    EDIT_DAYS,      /* days of the event; none: all */
    EDIT_TYPES,     /* ticket types of the event; none: all */
    EDIT_KIND,      /* of a question */
    EDIT_CHOICES,   /* of a question */
    EDIT_CONDITION, /* an earlier question and its answer */
    EDIT_ASKED_BY,
    EDIT_COMPANY, /* a question that guests answer with a short text */
};

struct edit_field {
    const char *name; /* the pointer in the section or element with dots: "registration.capacity" */
    enum edit_control control;
    const char *part; /* begins a part of the page with the heading editor.part.NAME */
    bool is_folded;   /* the part is folded unless it says something */
    bool is_needed;
    bool is_usual;    /* EDIT_CHECK: what it means if it is left out */
    int usual, least; /* EDIT_NUMBER: the same; -1: no number */
    int most;         /* of a number, or characters of a text */
};

/* Whether the field may stay empty. A number that is left out gets its usual value. */
bool edit_field_is_optional(const struct edit_field *field);

/* A list whose elements have pages of their own. */
struct edit_list {
    const char *name;    /* in paths */
    const char *member;  /* of the event file */
    const char *section; /* whose page shows it */
    const char *label;   /* the member that names an element */
    size_t most;
    const struct edit_field *fields;
    size_t field_count;
    bool is_by_time; /* the elements have an order by themselves */
};

struct edit_section {
    const char *name; /* in paths */
    const struct edit_field *fields;
    size_t field_count;
    const struct edit_list *list; /* NULL: none */
};

/* In the order of the overview, EDIT_SECTIONS rows. */
enum { EDIT_SECTIONS = 10, EDIT_LISTS = 5 };
extern const struct edit_section edit_sections[EDIT_SECTIONS];
extern const struct edit_list edit_lists[EDIT_LISTS];

/* Find by the name in a path, or by the first member of a pointer ("/questions/3/label"). NULL:
 * none. */
const struct edit_section *edit_section_find(const char *name);
const struct edit_list *edit_list_find(const char *name);
const struct edit_section *edit_section_at(const char *pointer);
const struct edit_list *edit_list_at(const char *pointer);

#endif
