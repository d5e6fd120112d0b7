/*
 * An event's definition in memory: what the event file says, checked, with its times as points in
 * time. Never changed once it is made; counted references. Belongs to one worker.
 */
#ifndef EINLASS_EVENT_EVENT_H
#define EINLASS_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"
#include "form/form.h"

enum {
    EVENT_SLUG_MOST = 64,
    EVENT_LANGUAGES_MOST = 8,     /* limit: languages of an event */
    EVENT_TICKET_TYPES_MOST = 50, /* limit: ticket types of an event */
    EVENT_QUESTIONS_MOST = 100,   /* limit: questions of an event */
    EVENT_CHOICES_MOST = 300,     /* limit: choices of a question */
    EVENT_CONSENTS_MOST = 20,     /* limit: consents of an event */
    EVENT_DOORS_MOST = 100,       /* limit: doors of an event */
    EVENT_EMBED_ON_MOST = 20,
};

struct locale;
struct worker;

/* One text in the event's languages; by_language[i] is in event->languages[i], NULL where it was
 * not given. A plain string in the file stands for all of them. */
struct event_text {
    const char *by_language[EVENT_LANGUAGES_MOST];
};

struct choice {
    const char *slug; /* first, for struct kind_choices */
    struct event_text label;
};

struct question {
    const char *slug;
    struct event_text label, hint;
    enum kind_id kind;
    bool required, on_badge;
    bool at_door; /* the answer is shown to those who let people in */
    const struct choice *choices;
    size_t choice_count;
    /* Shown only while an earlier question (its index; -1: always) has this answer: a slug of its
     * choices (any one of several), or "true", "false". */
    int shown_if;
    const char *shown_if_answer;
};

struct ticket_type {
    const char *slug;
    struct event_text title;
    int64_t capacity; /* -1: only the event's */
    const char *code; /* access code, NULL: open to all */
    bool approval;
};

struct consent {
    const char *slug;
    int version;
    bool required;
    struct event_text label;
};

struct door {
    const char *slug;
    struct event_text title;
    const char *const *ticket_types; /* NULL: all */
    size_t ticket_type_count;
};

struct event {
    struct id id, organiser_id; /* zero while the event is only a file */
    uint32_t number;
    int version;

    const char *organiser_slug, *organiser_name;
    const char *slug;
    const char *languages[EVENT_LANGUAGES_MOST];
    size_t language_count;
    struct event_text title, summary, description;
    const char *venue_name, *venue_address; /* NULL: not said */
    bool published, cancelled;
    int retention_days;    /* -1: not said */
    int reminder_hours;    /* before it starts whoever is confirmed is reminded; 0: nobody */
    struct email reply_to; /* where answers to its mails go; address NULL: not said */
    const char *embed_on[EVENT_EMBED_ON_MOST]; /* origins whose pages may show its sign-up */
    size_t embed_on_count;
    const char *frame_origins; /* the same with spaces between, NULL: none */

    /* As the organiser wrote them, local to the zone; NULL: not said. */
    const char *timezone, *starts_at, *ends_at, *opens_at, *closes_at, *check_in_opens_at,
        *check_in_closes_at, *changes_until;

    /* The same as points in time, filled in by the database, with defaults where nothing was said:
     * registration is open until the event ends; check-in from midnight (at least three hours)
     * before it starts until midnight (at least three hours) after it ends, local time; attendees
     * may correct what they said until it starts. */
    int64_t starts_at_us, ends_at_us, opens_at_us, closes_at_us, check_in_opens_at_us,
        check_in_closes_at_us, changes_until_us, tickets_expire_at_us;

    int64_t capacity; /* -1: without limit */
    bool waiting_list, once_per_email, approval, verify_email;
    int most_attendees;
    int verify_hours; /* how long a place is held for an address that nobody has verified */

    const struct ticket_type *ticket_types;
    const struct question *questions;
    const struct consent *consents;
    const struct door *doors;
    size_t ticket_type_count, question_count, consent_count, door_count;

    struct arena arena; /* all of the above lives here */
    int references;
};

/* The text in a language, or in the event's first language that has it; "" when none. */
const char *event_text(const struct event *event, const struct event_text *text,
                       const char *language);

/* In which language an event speaks to somebody. */
struct event_reader {
    const struct event *event;
    const char *language;
};

/* A question as a field that is read, shown and said as any other. Its choice_label is to be called
 * with a struct event_reader. */
struct form_field event_question_field(const struct question *question,
                                       const struct event_reader *reader);

/* When it takes place, "Friday, 13 May 2022, 10:00–14:00", in the arena. */
const char *event_when(const struct event *event, const struct locale *locale, struct arena *arena);

const struct ticket_type *event_ticket_type(const struct event *event, const char *slug);
const struct question *event_question(const struct event *event, const char *slug);
const struct consent *event_consent(const struct event *event, const char *slug);
const struct door *event_door(const struct event *event, const char *slug);
bool event_has_language(const struct event *event, const char *language);

/* Whether the door lets tickets of the type in. */
bool door_admits(const struct door *door, const char *ticket_type);

/*
 * Access codes open ticket types that nobody else sees. People choose them, so they could be
 * guessed: each worker tries only so many wrong codes a second, wherever they come from.
 */
enum {
    ACCESS_CODE_WRONG_MOST = 100,    /* limit: wrong access codes at once, of a worker */
    ACCESS_CODE_WRONG_A_SECOND = 10, /* limit: wrong access codes, of a worker */
};

enum access_code {
    ACCESS_CODE_NONE,     /* none was given, or nothing but white space */
    ACCESS_CODE_OPENS,    /* at least one ticket type */
    ACCESS_CODE_WRONG,    /* opens nothing; counted */
    ACCESS_CODE_TOO_MANY, /* not looked at: answer 429 too_many_access_codes */
};

/* Tries a code, cleaned; NULL: none. */
enum access_code access_code_try(struct worker *worker, const struct event *event,
                                 const char *code);

/* Whether a code (NULL: none) opens this ticket type; takes the same time wherever texts differ. */
bool access_code_opens(const struct ticket_type *type, const char *code);

#endif
