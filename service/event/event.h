/* A checked definition of an event in memory. It is immutable, has a reference count, and belongs
 * to one worker. */
#ifndef EINLASS_EVENT_EVENT_H
#define EINLASS_EVENT_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"
#include "event/form_size.h"
#include "form/form.h"

enum {
    EVENT_SLUG_MOST = 64,
    EVENT_LANGUAGES_MOST = 8,     /* limit: languages of an event */
    EVENT_TICKET_TYPES_MOST = 50, /* limit: ticket types of an event */
    EVENT_QUESTIONS_MOST = 100,   /* limit: questions of an event */
    EVENT_CHOICES_MOST = 300,     /* limit: choices of a question */
    EVENT_CONSENTS_MOST = 20,     /* limit: consents of an event */
    EVENT_DOORS_MOST = 100,       /* limit: doors of an event */
    EVENT_PROGRAMME_MOST = 200,   /* limit: items of an event's programme */
    EVENT_DAYS_MOST = 400,        /* limit: days of an event that admits anew each day */
    EVENT_EMBED_ON_MOST = 20,
};

/* The mails that an organiser may add a paragraph to. */
enum event_mail {
    EVENT_MAIL_CONFIRMED,
    EVENT_MAIL_WAITLISTED,
    EVENT_MAIL_PROMOTED,
    EVENT_MAIL_PENDING,
    EVENT_MAIL_APPROVED,
    EVENT_MAIL_DECLINED,
    EVENT_MAIL_REMINDER,
    EVENT_MAIL_CANCELLED,
    EVENT_MAIL_COUNT,
};

struct locale;
struct request;
struct timezone;

/* A text in the languages of the event: by_language[i] is in event->languages[i], or NULL. A plain
 * string in the file counts for all languages. */
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
    bool by_heart;                /* a day in three fields; only of the kind date */
    bool at_door;                 /* the door shows the answer */
    bool needed_at_door;          /* a walk-in must answer it */
    bool by_organiser;            /* organisers answer it, not guests; the door shows the answer */
    const struct choice *choices; /* after the choices that are offered: former ones, for answers */
    size_t choice_count, former_choice_count;
    /* The index of an earlier question, or -1. This question is shown only while that one has the
     * answer shown_if_answer: one of its choices by slug, or "true" or "false". */
    int shown_if;
    const char *shown_if_answer;
};

struct ticket_type {
    const char *slug;
    struct event_text title;
    int64_t capacity; /* -1: no limit but the event's */
    const char *code; /* access code; NULL: none is needed */
    bool approval;
    const char *const *days; /* "2026-05-13": it admits on these only; NULL: on all */
    size_t day_count;
};

struct consent {
    const char *slug;
    int version;
    bool required;
    bool needed_at_door; /* a walk-in must agree */
    bool shows_name;     /* who agrees is shown on the event's page (who_comes) */
    struct event_text label;
};

/* What happens when. Local times are as in struct event. */
struct programme_item {
    const char *slug;
    const char *starts_at, *ends_at; /* ends_at NULL: not given */
    struct event_text title, text;
    const char *speakers, *room;      /* NULL: not given */
    int64_t starts_at_us, ends_at_us; /* from event_load; ends_at_us 0: not given */
};

/* The picture on the event's page (event/pictures.h). */
struct event_picture {
    const char *name; /* behind PICTURES_PATH; NULL: there is none, or it is read from a file */
    int width, height;
    struct event_text alt; /* what it shows */
};

/* Whom guests can ask. NULL: not given. */
struct event_contact {
    const char *name, *phone, *url;
    struct email email;
};

/* Who comes, on the event's page: people who agreed to the consent with shows_name. */
struct who_comes {
    bool shown;
    const char *company; /* the slug of the question whose answer stands beside a name, or NULL */
};

struct door {
    const char *slug;
    struct event_text title;
    const char *const *ticket_types; /* NULL: all */
    size_t ticket_type_count;
};

/* A day of the event, on which its tickets admit anew (functions/event_days.sql). */
struct event_day {
    const char *date; /* "2026-05-13" */
    int64_t starts_at_us;
};

struct event {
    struct id id, organiser_id; /* zero: read from a file, not from the database */
    uint32_t number;
    int version;
    int preview; /* the number of the link with which colleagues see the draft; 0: there is none */

    const char *organiser_slug, *organiser_name;

    /* Of the organiser's profile: see event/host.h. NULL: there is none, or it is read from a file.
     */
    const char *host, *host_style, *host_style_source, *host_reply_to;
    bool host_has_privacy;
    const char *slug;
    const char *languages[EVENT_LANGUAGES_MOST];
    size_t language_count;
    struct event_text title, summary, description;
    struct event_text mail_texts[EVENT_MAIL_COUNT]; /* Markdown with placeholders (mail_words.h) */
    const char *venue_name, *venue_address;         /* NULL: not given */
    bool published, cancelled;
    int retention_days;    /* -1: not given */
    int reminder_hours;    /* before the start; 0: no reminder */
    struct email reply_to; /* address NULL: not given */
    struct event_contact contact;
    struct who_comes who_comes;
    struct event_picture picture;
    const char *embed_on[EVENT_EMBED_ON_MOST]; /* origins of pages that may embed the sign-up */
    size_t embed_on_count;
    const char *frame_origins; /* embed_on with spaces between; NULL: none */

    struct timezone *zone; /* only while a new file is read: its times are checked */

    /* Local times as the organiser wrote them, with an offset where the clocks show a time twice.
     * NULL: not given. */
    const char *timezone, *starts_at, *ends_at, *opens_at, *closes_at, *check_in_opens_at,
        *check_in_closes_at, *changes_until;

    /* The same as points in time, with defaults, from event/load.sql. */
    int64_t starts_at_us, ends_at_us, opens_at_us, closes_at_us, check_in_opens_at_us,
        check_in_closes_at_us, changes_until_us, tickets_expire_at_us;
    bool daily;                   /* tickets admit anew each day */
    const struct event_day *days; /* from event/load.sql, ascending, at least one */
    size_t day_count;

    int64_t capacity; /* -1: without limit */
    bool waiting_list, once_per_email, approval, verify_email;
    bool email_needed_at_door; /* a walk-in must give an address */
    bool api_needs_token;      /* signs up by API only with an organiser's token */
    int most_attendees;
    struct form_size form_size;
    int verify_hours; /* how long places are held until the address is verified */

    const struct ticket_type *ticket_types;
    const struct question *questions;
    const struct consent *consents;
    const struct door *doors;
    const struct programme_item *programme; /* in the order of time */
    size_t ticket_type_count, question_count, consent_count, door_count, programme_count;

    /* Questions that are no longer asked, in their last words; all their choices are former ones.
     */
    const struct question *former_questions;
    size_t former_question_count;

    struct arena arena; /* holds everything above */
    int references;
};

/* Returns the text in the language, or in the event's first language with that text, or "". */
const char *event_text(const struct event *event, const struct event_text *text,
                       const char *language);

struct event_reader {
    const struct event *event;
    const char *language;
    bool is_organiser;  /* answers the questions that organisers answer, too */
    bool may_leave_out; /* need not answer what guests must answer */
    bool at_door;       /* must answer what is needed at the door, and nothing else */
};

/* Whether the question is one for guests or the reader is an organiser. */
bool event_asks(const struct question *question, bool is_organiser);

/* All choices that a question offers or ever offered, for the labels of answers. */
struct kind_choices event_choices_ever(const struct question *question);

/* The question, or the former one; NULL: there was none. */
const struct question *event_question_ever(const struct event *event, const char *slug);

/* Returns the question as a field of a form. Call its choice_label with a struct event_reader. */
struct form_field event_question_field(const struct question *question,
                                       const struct event_reader *reader);

/* Returns a text like "Friday, 13 May 2022, 10:00–14:00", in the arena. */
const char *event_when(const struct event *event, const struct locale *locale, struct arena *arena);

/* Whether anybody can ever have a ticket of this type: neither its capacity nor the event's is 0.
 */
bool event_ticket_type_exists(const struct event *event, const struct ticket_type *type);

const struct ticket_type *event_ticket_type(const struct event *event, const char *slug);
/* Returns the title of a ticket type for guests, with its days if it has some: "Day ticket (13 May
 * 2022)". Returns the slug if the event has no such type. Lives in the arena. */
const char *event_type_title(const struct event *event, const char *slug,
                             const struct locale *locale, struct arena *arena);

/* Returns the days on which the ticket type admits as a JSON array of dates, or null for all days.
 */
json_t *event_ticket_type_days(const struct ticket_type *type);

const struct question *event_question(const struct event *event, const char *slug);
const struct consent *event_consent(const struct event *event, const char *slug);
const struct door *event_door(const struct event *event, const char *slug);

/* The consent whose people are shown on the event's page, or NULL. */
const struct consent *event_consent_to_names(const struct event *event);

bool event_has_language(const struct event *event, const char *language);

/* Returns the date of the event's day at a time. Before the first day it is the first, after the
 * last day the last. */
const char *event_day_at(const struct event *event, int64_t at_us);

bool door_admits(const struct door *door, const char *ticket_type);

/* Access codes open hidden ticket types. People choose them, so they can be guessed. Therefore each
 * source has a rate limit for wrong codes of an event. */
enum access_code {
    ACCESS_CODE_NONE,     /* empty or not given */
    ACCESS_CODE_OPENS,    /* opens at least one ticket type */
    ACCESS_CODE_WRONG,    /* opens none; counts for the rate limit */
    ACCESS_CODE_TOO_MANY, /* of the source; answer 429 too_many_access_codes */
};

/* Tries a code without white space around it at the request's event. NULL: not given. After
 * ACCESS_CODE_TOO_MANY the answer will have Retry-After. */
enum access_code access_code_try(struct request *request, const char *code);

/* Returns whether the code (NULL: not given) opens the ticket type, however it is spelled
 * (text_code()). The time does not tell where
 * the texts differ. */
bool access_code_opens(const struct ticket_type *type, const char *code);

#endif
