#include "features/message/posting.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/text.h"

#define NEWS_END_US (24 * 3600 * CLOCK_SECOND_US)

/* Bits of posting_traits.statuses. */
enum {
    WHILE_UNVERIFIED = 1 << REGISTRATION_STATUS_UNVERIFIED,
    WHILE_PENDING = 1 << REGISTRATION_STATUS_PENDING,
    WHILE_WAITLISTED = 1 << REGISTRATION_STATUS_WAITLISTED,
    WHILE_CONFIRMED = 1 << REGISTRATION_STATUS_CONFIRMED,
    WHILE_CANCELLED = 1 << REGISTRATION_STATUS_CANCELLED,
    WHILE_WITH_PLACE = WHILE_UNVERIFIED | WHILE_PENDING | WHILE_CONFIRMED,
    WHILE_REGISTERED = WHILE_WITH_PLACE | WHILE_WAITLISTED,
    ALWAYS = WHILE_REGISTERED | WHILE_CANCELLED,
};

static const struct posting_traits all_traits[] = {
    [MESSAGE_KIND_CONFIRMED] = {.statuses = WHILE_CONFIRMED, .calendar = POSTING_CALENDAR_PUBLISH},
    [MESSAGE_KIND_WAITLISTED] = {.statuses = WHILE_WAITLISTED, .is_about_duplicates = true},
    [MESSAGE_KIND_PROMOTED] = {.statuses = WHILE_WITH_PLACE, .calendar = POSTING_CALENDAR_PUBLISH},
    [MESSAGE_KIND_PENDING] = {.statuses = WHILE_PENDING},
    [MESSAGE_KIND_APPROVED] = {.statuses = WHILE_CONFIRMED, .calendar = POSTING_CALENDAR_PUBLISH},
    [MESSAGE_KIND_DECLINED] = {.statuses = WHILE_CANCELLED, .survives_cancellation = true},
    [MESSAGE_KIND_UNVERIFIED] = {.statuses = WHILE_UNVERIFIED, .is_about_duplicates = true},
    [MESSAGE_KIND_EXPIRED] = {.statuses = WHILE_CANCELLED,
                              .survives_cancellation = true,
                              .takes_back = true},
    [MESSAGE_KIND_CHANGED] = {.statuses = WHILE_REGISTERED, .calendar = POSTING_CALENDAR_PUBLISH},
    [MESSAGE_KIND_CANCELLED] = {.statuses = WHILE_CANCELLED,
                                .calendar = POSTING_CALENDAR_CANCEL,
                                .survives_cancellation = true,
                                .takes_back = true},
    [MESSAGE_KIND_PLACE_CANCELLED] = {.statuses = WHILE_REGISTERED, .takes_back = true},
    [MESSAGE_KIND_HANDED_ON] = {.statuses = WHILE_CONFIRMED, .calendar = POSTING_CALENDAR_PUBLISH},
    [MESSAGE_KIND_HANDED_OVER] = {.statuses = ALWAYS,
                                  .calendar = POSTING_CALENDAR_CANCEL,
                                  .has_no_links = true,
                                  .survives_cancellation = true,
                                  .takes_back = true},
    [MESSAGE_KIND_REMINDER] = {.statuses = WHILE_CONFIRMED,
                               .calendar = POSTING_CALENDAR_PUBLISH,
                               .is_to_many = true},
    [MESSAGE_KIND_EVENT_CHANGED] = {.statuses = WHILE_REGISTERED,
                                    .calendar = POSTING_CALENDAR_PUBLISH,
                                    .is_to_many = true},
    [MESSAGE_KIND_EVENT_CANCELLED] = {.statuses = WHILE_REGISTERED,
                                      .calendar = POSTING_CALENDAR_CANCEL,
                                      .survives_cancellation = true},
    [MESSAGE_KIND_EVENT_REVIVED] = {.statuses = WHILE_REGISTERED,
                                    .calendar = POSTING_CALENDAR_PUBLISH,
                                    .is_to_many = true},
    [MESSAGE_KIND_RESENT] = {.statuses = WHILE_REGISTERED,
                             .calendar = POSTING_CALENDAR_PUBLISH,
                             .is_about_duplicates = true},
    [MESSAGE_KIND_ALREADY_REGISTERED] = {.statuses = WHILE_REGISTERED,
                                         .calendar = POSTING_CALENDAR_PUBLISH},
    [MESSAGE_KIND_MAILING] = {.statuses = ALWAYS,
                              .survives_cancellation = true,
                              .is_about_duplicates = true,
                              .is_timeless = true},
    [MESSAGE_KIND_MAILING_TEST] = {.statuses = ALWAYS,
                                   .survives_cancellation = true,
                                   .is_about_duplicates = true,
                                   .is_timeless = true},
};

/* Each of the two statements has its own functions for columns with words. */
struct readers {
    enum message_kind (*kind)(const struct rows *rows, int row);
    enum message_state (*state)(const struct rows *rows, int row);
    enum registration_status (*registration_status)(const struct rows *rows, int row);
    enum registration_status (*earlier_status)(const struct rows *rows, int row);
    enum registration_status (*attendee_status)(const struct rows *rows, int row);
};

static const char *text(struct arena *arena, const struct rows *rows, int row, const char *column)
{
    return arena_copy(arena, rows_text(rows, row, column));
}

static struct posting_line read_line(const struct readers *readers, struct arena *arena,
                                     const struct rows *rows, int row)
{
    return (struct posting_line){
        .name = text(arena, rows, row, "name"),
        .ticket_type = text(arena, rows, row, "ticket_type"),
        .status = readers->attendee_status(rows, row),
        .is_reader = rows_bool(rows, row, "is_reader"),
        .attendee_id = rows_id(rows, row, "holder_id"),
        .ticket_id = rows_id(rows, row, "ticket_id"),
        .ticket_expires_at_us = rows_time(rows, row, "expires_at"),
    };
}

/* Chooses the text of a mailing in the reader's language, or else the first one, which is in
 * another language. The letter is in the language of the text. */
static void read_texts(struct posting *posting, struct arena *arena, const json_t *about)
{
    const json_t *texts = json_object_get(about, "texts"), *text = json_array_get(texts, 0), *one;
    const char *language = json_string_value(json_object_get(about, "language")); /* of a test */
    size_t i;
    json_array_foreach ((json_t *)texts, i, one) {
        if (strcmp(json_string_value(json_object_get(one, "language")),
                   language ? language : posting->language) == 0)
            text = one;
    }
    if (!text)
        return;
    posting->language = arena_copy(arena, json_string_value(json_object_get(text, "language")));
    posting->subject = arena_copy(arena, json_string_value(json_object_get(text, "subject")));
    posting->text = arena_copy(arena, json_string_value(json_object_get(text, "text")));
}

static void read_about(struct posting *posting, struct arena *arena, const char *about)
{
    json_t *json = json_loads(about, 0, NULL);
    read_texts(posting, arena, json);
    const char *name = json_string_value(json_object_get(json, "name"));
    posting->former_name = name ? arena_copy(arena, name) : NULL;
    posting->is_own_place = json_is_true(json_object_get(json, "own"));
    const char *own_words = json_string_value(json_object_get(json, "words"));
    posting->own_words = own_words ? arena_copy(arena, own_words) : NULL;
    posting->organiser_did = json_is_true(json_object_get(json, "organiser_did"));
    posting->is_by_organiser = json_is_true(json_object_get(json, "by_organiser"));
    json_decref(json);
}

static struct posting_earlier read_earlier(const struct readers *readers, const struct rows *rows,
                                           int row)
{
    if (rows_is_null(rows, row, "earlier_id"))
        return (struct posting_earlier){0};
    return (struct posting_earlier){
        .registration_id = rows_id(rows, row, "earlier_id"),
        .status = readers->earlier_status(rows, row),
        .is_verified = rows_bool(rows, row, "earlier_is_verified"),
        .waiting_position = rows_number(rows, row, "earlier_waiting_position"),
        .link_version = rows_number(rows, row, "earlier_link_version"),
    };
}

static int count_lines(const struct rows *rows, int first)
{
    struct id message_id = rows_id(rows, first, "message_id");
    int row = first;
    while (row < rows_count(rows)) {
        struct id id = rows_id(rows, row, "message_id");
        if (!id_equal(&id, &message_id))
            break;
        row++;
    }
    return row - first;
}

/* Whether a name cannot be a message to its reader: a sentence, a link or a telephone number. */
static bool is_plain(const char *name)
{
    enum { LETTERS_MOST = 60, DIGITS_MOST = 3, ABBREVIATION_MOST = 2 };
    size_t digits = 0, word = 0;
    if (text_length(name) > LETTERS_MOST || strpbrk(name, "/\\@:;=&%#!?*+<>[]{}|$"))
        return false;
    for (const char *at = name; *at; at++) {
        digits += *at >= '0' && *at <= '9';
        if (*at == '.' && word > ABBREVIATION_MOST && at[1] != '\0' && at[1] != ' ')
            return false; /* example.org */
        word = *at == ' ' || *at == '.' ? 0 : word + 1;
    }
    return digits <= DIGITS_MOST;
}

static const char *neutral(const char *name, struct arena *arena)
{
    size_t length = 1;
    if (!name || is_plain(name))
        return name;
    while ((name[length] & 0xc0) == 0x80) /* the rest of a character in UTF-8 */
        length++;
    return arena_printf(arena, "%.*s…", (int)length, name);
}

/* A letter that its reader may not have asked for carries no words of the person who typed the
 * address: of an unusual name it has the first letter. */
static void make_neutral(struct posting *posting, struct arena *arena)
{
    if (posting->is_vouched && !posting_is_to_stranger(posting))
        return;
    for (size_t i = 0; i < posting->line_count; i++)
        posting->lines[i].name = neutral(posting->lines[i].name, arena);
    posting->former_name = neutral(posting->former_name, arena);
    posting->registrant = neutral(posting->registrant, arena);
}

static struct posting *read(const struct readers *readers, struct arena *arena,
                            const struct rows *rows, int *row)
{
    struct posting *posting = arena_alloc(arena, sizeof *posting);
    int first = *row, count = count_lines(rows, first);
    *posting = (struct posting){
        .event_id = rows_id(rows, first, "event_id"),
        .registration_id = rows_id(rows, first, "registration_id"),
        .message_id = rows_id(rows, first, "message_id"),
        .attendee_id = rows_id(rows, first, "attendee_id"),
        .kind = readers->kind(rows, first),
        .event = text(arena, rows, first, "event"),
        .state = readers->state(rows, first),
        .recipient = text(arena, rows, first, "recipient"),
        .language = text(arena, rows, first, "language"),
        .registration_status = readers->registration_status(rows, first),
        .is_vouched = rows_bool(rows, first, "is_vouched"),
        .source = rows_is_null(rows, first, "source") ? NULL : text(arena, rows, first, "source"),
        .is_verified = rows_bool(rows, first, "is_verified"),
        .was_told = rows_bool(rows, first, "was_told"),
        .was_told_of_cancellation = rows_bool(rows, first, "was_told_of_cancellation"),
        .earlier = read_earlier(readers, rows, first),
        .words = text(arena, rows, first, "words"),
        .tries = (int)rows_number(rows, first, "tries"),
        .code = (int)rows_number(rows, first, "code"),
        .created_at_us = rows_time(rows, first, "created_at"),
        .due_at_us = rows_time(rows, first, "due_at"),
        .sent_at_us = rows_time(rows, first, "sent_at"),
        .registrant =
            rows_is_null(rows, first, "registrant") ? NULL : text(arena, rows, first, "registrant"),
        .handed_on_to = text(arena, rows, first, "handed_on_to"),
        .link_version = rows_number(rows, first, "link_version"),
        .held_until = text(arena, rows, first, "held_until"),
        .waiting_position = rows_number(rows, first, "waiting_position"),
        .lines = arena_alloc(arena, (size_t)count * sizeof *posting->lines),
        .line_count = (size_t)count,
    };
    posting->traits = &all_traits[posting->kind];
    read_about(posting, arena, rows_text(rows, first, "about"));
    for (int i = 0; i < count; i++)
        posting->lines[i] = read_line(readers, arena, rows, first + i);
    make_neutral(posting, arena);
    *row = first + count;
    return posting;
}

struct posting *posting_read_claimed(struct arena *arena, const struct rows *rows, int *row)
{
    static const struct readers readers = {
        .kind = message_claim_kind,
        .state = message_claim_state,
        .registration_status = message_claim_registration_status,
        .earlier_status = message_claim_earlier_status,
        .attendee_status = message_claim_attendee_status,
    };
    return read(&readers, arena, rows, row);
}

struct posting *posting_read_shown(struct arena *arena, const struct rows *rows, int *row)
{
    static const struct readers readers = {
        .kind = message_show_kind,
        .state = message_show_state,
        .registration_status = message_show_registration_status,
        .earlier_status = message_show_earlier_status,
        .attendee_status = message_show_attendee_status,
    };
    return read(&readers, arena, rows, row);
}

struct posting *posting_read_preview(struct arena *arena, const struct rows *rows, int *row)
{
    static const struct readers readers = {
        .kind = message_preview_kind,
        .state = message_preview_state,
        .registration_status = message_preview_registration_status,
        .earlier_status = message_preview_earlier_status,
        .attendee_status = message_preview_attendee_status,
    };
    return read(&readers, arena, rows, row);
}

bool posting_is_known(const struct posting *posting)
{
    bool is_known = posting->kind != MESSAGE_KIND_NONE && posting->state != MESSAGE_STATE_NONE &&
                    posting->registration_status != REGISTRATION_STATUS_NONE;
    for (size_t i = 0; i < posting->line_count; i++)
        is_known = is_known && posting->lines[i].status != REGISTRATION_STATUS_NONE;
    return is_known;
}

bool posting_is_duplicate(const struct posting *posting, const struct event *event)
{
    return event->once_per_email && !posting->is_verified &&
           !id_is_zero(&posting->earlier.registration_id);
}

bool posting_holds(const struct posting *posting, const struct event *event, int64_t now_us)
{
    const struct posting_traits *traits = posting->traits;
    bool is_late = now_us > event->ends_at_us + NEWS_END_US && !traits->is_timeless;
    if (*posting->recipient == '\0' || is_late)
        return false;
    if (event->cancelled ? !traits->survives_cancellation
                         : posting->kind == MESSAGE_KIND_EVENT_CANCELLED)
        return false;
    if (posting_is_duplicate(posting, event) && !traits->is_about_duplicates)
        return false;
    for (size_t i = 0; i < posting->line_count; i++) {
        if (traits->statuses & 1u << posting->lines[i].status)
            return true;
    }
    return false;
}

bool posting_is_news(const struct posting *posting)
{
    if (posting->kind == MESSAGE_KIND_EVENT_REVIVED)
        return posting->was_told_of_cancellation;
    if (posting->kind == MESSAGE_KIND_EVENT_CANCELLED && posting_is_to_stranger(posting))
        return posting->was_told;
    return posting->was_told || !posting->traits->takes_back;
}

enum posting_calendar posting_calendar(const struct posting *posting)
{
    bool is_own = posting->kind == MESSAGE_KIND_PLACE_CANCELLED && posting->is_own_place;
    return is_own ? POSTING_CALENDAR_CANCEL : posting->traits->calendar;
}

const struct posting_line *posting_reader(const struct posting *posting)
{
    for (size_t i = 0; i < posting->line_count; i++) {
        if (posting->lines[i].is_reader)
            return &posting->lines[i];
    }
    return NULL;
}

bool posting_is_to_stranger(const struct posting *posting)
{
    return posting->kind == MESSAGE_KIND_HANDED_ON ||
           (!id_is_zero(&posting->attendee_id) && posting->kind != MESSAGE_KIND_HANDED_OVER);
}
