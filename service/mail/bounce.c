#include "mail/bounce.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail/line.h"

enum {
    ID_MOST = 250,
    FIELD_MOST = 1000,
    STATUS_MOST = 16,
    SUBJECT_MOST = 7, /* of a status: RFC 3463 section 3.1 */
};

struct reading {
    struct arena *arena;
    struct bounce *bounce;
    const char *first_text; /* what people read; NULL: no part has any */
    bool has_status;        /* there is a part for programs */
};

static void start_library(void)
{
    g_mime_init();
}

/* --- Text ------------------------------------------------------------------------------------ */

/* The bytes as one line of UTF-8. */
static const char *line_of(struct arena *arena, const char *bytes, size_t length, size_t most)
{
    struct buffer line;
    buffer_init(&line);
    line_add(&line, bytes, length, most);
    const char *copy = arena_copy(arena, buffer_text(&line));
    buffer_finish(&line);
    return copy;
}

/* Adds what stands in angle brackets and has an "@" to the ids. */
static void find_ids(struct reading *reading, const char *text)
{
    struct bounce *bounce = reading->bounce;
    const char *at = text;
    while (at && (at = strchr(at, '<')) && bounce->id_count < BOUNCE_IDS_MOST) {
        size_t length = strcspn(++at, "<> \t\r\n");
        if (at[length] == '>' && length <= ID_MOST && memchr(at, '@', length))
            bounce->ids[bounce->id_count++] = line_of(reading->arena, at, length, ID_MOST);
    }
}

/* Finds a status such as "5.1.1" (RFC 3463). A date such as 5.12.2026 is none. */
static const char *find_status(const char *text, size_t length, size_t *ret_length)
{
    for (size_t i = 0; i + 4 < length; i++) {
        size_t end = i + 4;
        if (!strchr("245", text[i]) || text[i] == '\0' || text[i + 1] != '.' ||
            (i > 0 && (isalnum((unsigned char)text[i - 1]) || strchr(".,", text[i - 1]))) ||
            text[i + 2] < '0' || text[i + 2] > '0' + SUBJECT_MOST || text[i + 3] != '.')
            continue;
        while (end < length && isdigit((unsigned char)text[end]) && end < i + STATUS_MOST)
            end++;
        if (end == i + 4 || end > i + 7 || (end < length && text[end] == '.'))
            continue;
        *ret_length = end - i;
        return text + i;
    }
    return NULL;
}

/* Finds a reply such as "550 " or "550-" (RFC 5321 section 4.2). */
static const char *find_reply(const char *text, size_t length)
{
    for (size_t i = 0; i + 3 < length; i++) {
        if ((text[i] == '5' || text[i] == '4') && text[i + 1] >= '0' && text[i + 1] <= '5' &&
            isdigit((unsigned char)text[i + 2]) && (text[i + 3] == ' ' || text[i + 3] == '-') &&
            (i == 0 || strchr(" \t:(;", text[i - 1])))
            return text + i;
    }
    return NULL;
}

/* --- Recipients ------------------------------------------------------------------------------ */

static void add_recipient(struct reading *reading, const struct bounce_recipient *recipient)
{
    struct bounce *bounce = reading->bounce;
    if (*recipient->address && bounce->recipient_count < BOUNCE_RECIPIENTS_MOST)
        bounce->recipients[bounce->recipient_count++] = *recipient;
}

/* What a server said, after the status unless the words have one. */
static void set_words(struct reading *reading, const char *status, const char *said,
                      struct bounce_recipient *recipient)
{
    size_t status_length;
    const char *reply = find_reply(said, strlen(said));
    bool has_status = find_status(said, strlen(said), &status_length);
    recipient->code = reply ? (int)strtol(reply, NULL, 10) : *status == '4' ? 400 : 500;
    const char *words =
        has_status || *status == '\0' ? said : arena_printf(reading->arena, "%s %s", status, said);
    recipient->words = line_of(reading->arena, words, strlen(words), BOUNCE_WORDS_MOST);
}

/* --- The part for programs (RFC 3464 section 2) ---------------------------------------------- */

/* Fields until the next empty line. */
struct group {
    const char *text;
    size_t length;
};

static bool next_group(const char **at, struct group *ret)
{
    const char *text = *at + strspn(*at, "\r\n"), *end = text;
    while (*end && *end != '\r' && *end != '\n') {
        end = strchrnul(end, '\n');
        end += *end == '\n';
    }
    *ret = (struct group){text, (size_t)(end - text)};
    *at = end;
    return end > text;
}

/* The value of a field with its further lines, in one line. "": there is no such field. */
static const char *field(struct reading *reading, const struct group *group, const char *name)
{
    const char *at = group->text, *end = group->text + group->length;
    size_t length = strlen(name);
    while (at < end) {
        const char *next = at;
        do {
            next = memchr(next, '\n', (size_t)(end - next));
            next = next ? next + 1 : end;
        } while (next < end && (*next == ' ' || *next == '\t'));
        if ((size_t)(next - at) > length && at[length] == ':' && strncasecmp(at, name, length) == 0)
            return line_of(reading->arena, at + length + 1, (size_t)(next - at) - length - 1,
                           FIELD_MOST);
        at = next;
    }
    return "";
}

/* What stands behind the type, as in "rfc822; ada@example.org". */
static const char *untyped(const char *value)
{
    const char *text = strchr(value, ';');
    text = text ? text + 1 : value;
    text += strspn(text, " <");
    return text;
}

static const char *address_of(struct reading *reading, const char *value)
{
    const char *text = untyped(value);
    return arena_copy_bytes(reading->arena, text, strcspn(text, "> "));
}

/* False: the fields do not tell. */
static bool read_fate(const char *action, const char *status, enum bounce_fate *ret)
{
    static const struct {
        const char *action;
        char class;
        enum bounce_fate fate;
    } known[] = {
        {"failed", '5', BOUNCE_FAILED},     {"delayed", '4', BOUNCE_DELAYED},
        {"delivered", '2', BOUNCE_ARRIVED}, {"relayed", '2', BOUNCE_ARRIVED},
        {"expanded", '2', BOUNCE_ARRIVED},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (*action ? strncasecmp(action, known[i].action, strlen(known[i].action)) == 0
                    : *status == known[i].class) {
            *ret = known[i].fate;
            return true;
        }
    }
    return false;
}

static void read_group(struct reading *reading, const struct group *group)
{
    struct bounce_recipient recipient = {0};
    const char *final = address_of(reading, field(reading, group, "Final-Recipient"));
    const char *original = address_of(reading, field(reading, group, "Original-Recipient"));
    const char *status = field(reading, group, "Status");
    const char *said = untyped(field(reading, group, "Diagnostic-Code"));
    if (!read_fate(field(reading, group, "Action"), status, &recipient.fate))
        return;
    status = arena_copy_bytes(reading->arena, status, strspn(status, "0123456789."));
    set_words(reading, status, said, &recipient);
    recipient.address = final;
    add_recipient(reading, &recipient);
    recipient.address = original;
    if (strcasecmp(final, original) != 0)
        add_recipient(reading, &recipient);
}

static void read_status(struct reading *reading, const char *text)
{
    struct group group;
    reading->has_status = true;
    while (next_group(&text, &group)) {
        find_ids(reading, field(reading, &group, "Original-Message-ID"));
        find_ids(reading, field(reading, &group, "X-Original-Message-ID"));
        read_group(reading, &group);
    }
}

/* --- Parts ----------------------------------------------------------------------------------- */

/* The decoded content. NULs, which no text has, become "?". */
static const char *content_of(struct reading *reading, GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    if (!content)
        return "";
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_data_wrapper_write_to_stream(content, stream);
    char *text =
        arena_copy_bytes(reading->arena, bytes->data ? bytes->data : (guint8 *)"", bytes->len);
    for (guint i = 0; i < bytes->len; i++)
        text[i] = text[i] ? text[i] : '?';
    g_object_unref(stream);
    return text;
}

static void on_part(GMimeObject *parent, GMimeObject *object, gpointer context)
{
    struct reading *reading = context;
    GMimeContentType *type = g_mime_object_get_content_type(object);
    (void)parent;
    if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *returned = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        const char *id = returned ? g_mime_message_get_message_id(returned) : NULL;
        if (id)
            find_ids(reading, arena_printf(reading->arena, "<%s>", id));
    } else if (GMIME_IS_PART(object) &&
               (g_mime_content_type_is_type(type, "message", "delivery-status") ||
                g_mime_content_type_is_type(type, "message", "global-delivery-status"))) {
        read_status(reading, content_of(reading, GMIME_PART(object)));
    } else if (GMIME_IS_PART(object) && g_mime_content_type_is_type(type, "text", "*")) {
        const char *text = content_of(reading, GMIME_PART(object));
        find_ids(reading, text);
        if (!reading->first_text)
            reading->first_text = text;
    }
}

/* --- In a server's own words ----------------------------------------------------------------- */

static const char *header(GMimeMessage *message, const char *name)
{
    const char *value = g_mime_object_get_header(GMIME_OBJECT(message), name);
    return value ? value : "";
}

static bool is_by_server(GMimeMessage *message)
{
    const char *from = header(message, "From");
    return strcasestr(from, "mailer-daemon@") || strcasestr(from, "postmaster@") ||
           *header(message, "X-Failed-Recipients");
}

/* Every address in the mail may be the one that it is about: the caller knows whom its letter went
 * to. */
static void add_named(struct reading *reading, GMimeMessage *message,
                      struct bounce_recipient *recipient)
{
    const char *failed = header(message, "X-Failed-Recipients");
    while (*failed) {
        failed += strspn(failed, ", \t\r\n");
        size_t length = strcspn(failed, ", \t\r\n");
        recipient->address = line_of(reading->arena, failed, length, FIELD_MOST);
        add_recipient(reading, recipient);
        failed += length;
    }
    for (size_t i = 0; i < reading->bounce->id_count; i++) {
        recipient->address = reading->bounce->ids[i];
        add_recipient(reading, recipient);
    }
}

static bool read_words(struct reading *reading, GMimeMessage *message)
{
    struct bounce_recipient recipient = {.fate = BOUNCE_FAILED};
    const char *text = reading->first_text;
    if (!text || !is_by_server(message))
        return false;
    while (*text) {
        size_t length = strcspn(text, "\r\n"), status_length;
        const char *status = find_status(text, length, &status_length);
        const char *reply = find_reply(text, length);
        if ((status && *status == '5') || (reply && *reply == '5')) {
            set_words(reading, "", line_of(reading->arena, text, length, BOUNCE_WORDS_MOST),
                      &recipient);
            add_named(reading, message, &recipient);
            return true;
        }
        text += length;
        text += strspn(text, "\r\n");
    }
    return false;
}

/* --- The mail -------------------------------------------------------------------------------- */

static enum bounce_kind read_message(struct reading *reading, GMimeMessage *message)
{
    if (g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(message))) == 0)
        return BOUNCE_NO_MAIL;
    g_mime_message_foreach(message, on_part, reading);
    find_ids(reading, header(message, "References"));
    find_ids(reading, header(message, "In-Reply-To"));
    return reading->has_status || read_words(reading, message) ? BOUNCE_REPORT : BOUNCE_NONE;
}

void bounce_read(struct arena *arena, const void *bytes, size_t length, struct bounce *ret_bounce)
{
    static pthread_once_t is_started = PTHREAD_ONCE_INIT;
    struct reading reading = {.arena = arena, .bounce = ret_bounce};
    *ret_bounce = (struct bounce){.kind = BOUNCE_NO_MAIL};
    pthread_once(&is_started, start_library);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
        bytes, length < BOUNCE_READ_BYTES ? length : BOUNCE_READ_BYTES);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message) {
        ret_bounce->kind = read_message(&reading, message);
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
}
