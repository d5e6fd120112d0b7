#include "mail/letter.h"

#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/line.h"
#include "mail/transfer.h"

enum { ID_MOST = 250, TYPE_MOST = 100, LANGUAGE_MOST = 35, LINK_MOST = 900, DATE_BYTES = 40 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* The levels of the message. Boundaries contain "=_", which quoted-printable and base64 never
 * produce, so no line of a part looks like a boundary. */
enum level { MIXED, ALTERNATIVE, RELATED };

static const char *const level_names[] = {"mixed", "alternative", "related"};

/* --- Checks ---------------------------------------------------------------------------------- */

static bool consists_of(const char *text, const char *letters, size_t most)
{
    size_t length = strlen(text);
    return length > 0 && length <= most && strspn(text, letters) == length;
}

/* msg-id of RFC 5322 section 3.6.4, in its modern form; a Content-ID has the same. */
static bool is_id(const char *id)
{
    const char *at = strchr(id, '@');
    return consists_of(id, LETTERS DIGITS "!#$%&'*+-/=?^_`{|}~.@", ID_MOST) && at && at != id &&
           at[1] != '\0' && !strchr(at + 1, '@');
}

static bool is_type(const char *type)
{
    const char *slash = strchr(type, '/');
    return consists_of(type, LETTERS DIGITS "!#$&-^_.+/", TYPE_MOST) && slash && slash != type &&
           slash[1] != '\0' && !strchr(slash + 1, '/');
}

static bool is_link(const char *url)
{
    return strlen(url) <= LINK_MOST && line_is_ascii(url) && !strpbrk(url, " <>\"") &&
           (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0 ||
            strncmp(url, "mailto:", 7) == 0);
}

static const char *part_flaw(const struct letter_part *part, bool is_picture)
{
    if (!part->type || !is_type(part->type))
        return "the type of a part is none";
    if (part->method && !consists_of(part->method, LETTERS "-", TYPE_MOST))
        return "the method of a calendar is none";
    if (is_picture && !(part->cid && is_id(part->cid)))
        return "a picture has no content id";
    return NULL;
}

static const char *parts_flaw(const struct letter *letter)
{
    const char *flaw = NULL;
    for (size_t i = 0; i < letter->picture_count && !flaw; i++)
        flaw = part_flaw(&letter->pictures[i], true);
    for (size_t i = 0; i < letter->attachment_count && !flaw; i++)
        flaw = part_flaw(&letter->attachments[i], false);
    return flaw;
}

static const char *flaw_of(const struct letter *letter)
{
    if (!letter->message_id || !is_id(letter->message_id) ||
        (letter->in_reply_to && !is_id(letter->in_reply_to)))
        return "the message id is none";
    if (letter->language && !consists_of(letter->language, LETTERS DIGITS "-", LANGUAGE_MOST))
        return "the language is none";
    if (letter->unsubscribe_url && !is_link(letter->unsubscribe_url))
        return "the link to unsubscribe is none";
    if (!letter->subject || !letter->text)
        return "a letter needs a subject and a text";
    if (!text_is_utf8(letter->text, strlen(letter->text)) ||
        (letter->html && !text_is_utf8(letter->html, strlen(letter->html))))
        return "the text is not UTF-8";
    return parts_flaw(letter);
}

/* --- The head -------------------------------------------------------------------------------- */

/* RFC 5322 section 3.3, whatever the locale. */
static void write_date(struct buffer *out, int64_t date_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(date_us / CLOCK_SECOND_US);
    struct tm at;
    gmtime_r(&seconds, &at);
    buffer_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[at.tm_wday],
                  at.tm_mday, months[at.tm_mon], at.tm_year + 1900, at.tm_hour, at.tm_min,
                  at.tm_sec);
}

static bool write_mailbox(struct arena *arena, const char *name, const struct mailbox *mailbox,
                          struct buffer *out)
{
    const char *wire = mailbox->address ? mailbox_wire(arena, mailbox->address) : NULL;
    if (wire)
        header_mailbox(out, name, &(struct mailbox){.name = mailbox->name, .address = wire});
    return wire != NULL;
}

/* Writes sender and recipients. False: an address is invalid. */
static bool write_people(const struct letter *letter, struct buffer *out)
{
    struct arena arena;
    arena_init(&arena);
    bool good =
        write_mailbox(&arena, "From", &letter->from, out) &&
        write_mailbox(&arena, "To", &letter->to, out) &&
        (!letter->reply_to.address || write_mailbox(&arena, "Reply-To", &letter->reply_to, out));
    arena_finish(&arena);
    return good;
}

static void write_head(const struct letter *letter, struct buffer *out)
{
    header_text(out, "Subject", letter->subject);
    write_date(out, letter->date_us);
    buffer_printf(out, "Message-ID: <%s>\r\n", letter->message_id);
    if (letter->in_reply_to)
        buffer_printf(out, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", letter->in_reply_to,
                      letter->in_reply_to);
    header_plain(out, "Auto-Submitted", "auto-generated");
    if (letter->unsubscribe_url)
        buffer_printf(out, "List-Unsubscribe: <%s>\r\n", letter->unsubscribe_url);
    if (letter->language)
        header_plain(out, "Content-Language", letter->language);
    header_plain(out, "MIME-Version", "1.0");
}

/* --- The parts ------------------------------------------------------------------------------- */

static void open_level(struct buffer *out, enum level level)
{
    struct header header = header_begin(out, "Content-Type");
    struct buffer type;
    buffer_init(&type);
    buffer_printf(&type, "multipart/%s", level_names[level]);
    header_token(&header, buffer_text(&type));
    if (level == RELATED)
        header_parameter(&header, "type", "text/html"); /* RFC 2387 section 3.1 */
    buffer_clear(&type);
    buffer_printf(&type, "=_%s", level_names[level]);
    header_parameter(&header, "boundary", buffer_text(&type));
    header_end(&header);
    buffer_finish(&type);
}

static void next_part(struct buffer *out, enum level level)
{
    buffer_printf(out, "\r\n--=_%s\r\n", level_names[level]);
}

static void close_level(struct buffer *out, enum level level)
{
    buffer_printf(out, "\r\n--=_%s--\r\n", level_names[level]);
}

static void write_text(struct buffer *out, const char *type, const char *text)
{
    buffer_printf(out,
                  "Content-Type: %s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  type);
    transfer_quoted_printable(out, text);
}

static void write_file(struct buffer *out, const struct letter_part *part)
{
    struct header header = header_begin(out, "Content-Type");
    header_token(&header, part->type);
    if (strncmp(part->type, "text/", 5) == 0)
        header_parameter(&header, "charset", "utf-8");
    if (part->method)
        header_parameter(&header, "method", part->method);
    header_end(&header);
    header = header_begin(out, "Content-Disposition");
    header_token(&header, part->cid ? "inline" : "attachment");
    if (part->name)
        header_parameter(&header, "filename", part->name);
    header_end(&header);
    if (part->cid)
        buffer_printf(out, "Content-ID: <%s>\r\n", part->cid);
    buffer_add_text(out, "Content-Transfer-Encoding: base64\r\n\r\n");
    transfer_base64(out, part->bytes, part->length);
}

static void write_files(struct buffer *out, enum level level, const struct letter_part *parts,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        next_part(out, level);
        write_file(out, &parts[i]);
    }
}

static void write_html(const struct letter *letter, struct buffer *out)
{
    if (letter->picture_count == 0) {
        write_text(out, "text/html", letter->html);
        return;
    }
    open_level(out, RELATED);
    next_part(out, RELATED);
    write_text(out, "text/html", letter->html);
    write_files(out, RELATED, letter->pictures, letter->picture_count);
    close_level(out, RELATED);
}

static void write_content(const struct letter *letter, struct buffer *out)
{
    if (!letter->html) {
        write_text(out, "text/plain", letter->text);
        return;
    }
    open_level(out, ALTERNATIVE);
    next_part(out, ALTERNATIVE);
    write_text(out, "text/plain", letter->text);
    next_part(out, ALTERNATIVE);
    write_html(letter, out);
    close_level(out, ALTERNATIVE);
}

static void write_body(const struct letter *letter, struct buffer *out)
{
    if (letter->attachment_count == 0) {
        write_content(letter, out);
        if (out->bytes[out->length - 1] != '\n')
            buffer_add_text(out, "\r\n");
        return;
    }
    open_level(out, MIXED);
    next_part(out, MIXED);
    write_content(letter, out);
    write_files(out, MIXED, letter->attachments, letter->attachment_count);
    close_level(out, MIXED);
}

bool letter_write(const struct letter *letter, struct buffer *out, const char **ret_flaw)
{
    struct buffer message;
    const char *flaw = flaw_of(letter);
    buffer_init(&message);
    if (!flaw && !write_people(letter, &message))
        flaw = "an address is none";
    if (flaw) {
        *ret_flaw = flaw;
    } else {
        write_head(letter, &message);
        write_body(letter, &message);
        buffer_add(out, message.bytes, message.length);
    }
    buffer_finish(&message);
    return !flaw;
}
