#include "features/message/composition.h"

#include "base/clock.h"
#include "base/pool.h"
#include "event/event_calendar.h"
#include "event/host.h"
#include "features/message/letter_text.h"
#include "event/message_id.h"
#include "event/ticket_document.h"
#include "view/locale.h"
#include "view/qr.h"

enum { QR_PIXELS_PER_MODULE = 6 };

struct composition {
    struct worker *worker;
    const struct event *event;
    const struct posting *posting;
    struct arena *arena;
    struct letter_text text;
    struct ticket_document *document; /* NULL: the letter has no tickets */
    struct buffer pdf;
    bool is_printed;
    composition_ready *on_ready;
    void *context;
};

/* --- Parts that need the event, on the loop -------------------------------------------------- */

static struct ticket_document *make_document(const struct composition *composition)
{
    const struct letter_text *text = &composition->text;
    if (text->ticket_count == 0)
        return NULL;
    struct ticket_document *document =
        ticket_document_create(composition->event, text->locale, text->ticket_count);
    for (size_t i = 0; i < text->ticket_count; i++) {
        const struct posting_line *line = text->tickets[i].line;
        ticket_document_add(document, composition->event,
                            &(struct ticket_holder){.name = line->name,
                                                    .attendee_id = line->attendee_id,
                                                    .ticket_type = line->ticket_type,
                                                    .link = text->tickets[i].link});
    }
    return document;
}

static struct letter_part picture(const struct composition *composition,
                                  const struct letter_ticket *ticket)
{
    struct buffer png;
    struct letter_part part = {.type = "image/png", .cid = ticket->cid};
    buffer_init(&png);
    if (qr_png(ticket->link.token, QR_PIXELS_PER_MODULE, &png)) {
        part.bytes = arena_copy_bytes(composition->arena, png.bytes, png.length);
        part.length = png.length;
    }
    buffer_finish(&png);
    return part;
}

/* Recipients without a place get no calendar entry. */
static bool has_calendar(const struct composition *composition)
{
    enum posting_calendar calendar = posting_calendar(composition->posting);
    return calendar == POSTING_CALENDAR_CANCEL ||
           (calendar == POSTING_CALENDAR_PUBLISH && composition->text.ticket_count > 0);
}

static struct letter_part calendar(const struct composition *composition)
{
    struct arena *arena = composition->arena;
    const struct locale *locale = composition->text.locale;
    struct buffer file;
    struct calendar_event event =
        event_calendar(composition->worker, composition->event, locale, arena);
    if (posting_calendar(composition->posting) == POSTING_CALENDAR_CANCEL)
        event.method = CALENDAR_CANCEL;
    buffer_init(&file);
    calendar_write(&event, &file);
    struct letter_part part = {
        .type = "text/calendar",
        .method = calendar_method_name(event.method),
        .name = event_calendar_name(composition->event, locale, arena),
        .bytes = arena_copy_bytes(arena, file.bytes, file.length),
        .length = file.length,
    };
    buffer_finish(&file);
    return part;
}

/* --- On a thread of the pool ----------------------------------------------------------------- */

static void print(void *context)
{
    struct composition *composition = context;
    composition->is_printed =
        !composition->document || ticket_document_write(composition->document, &composition->pdf);
}

/* --- On the loop again ----------------------------------------------------------------------- */

static struct mailbox sender(const struct composition *composition)
{
    struct mailbox from = {0};
    if (!mailbox_parse(composition->arena, composition->worker->config->mail_from, &from))
        from.address = composition->worker->config->mail_from;
    if (!from.name || *from.name == '\0')
        from.name = composition->event->organiser_name;
    return from;
}

/* Every attempt has the same Message-ID, so that mail programs can drop duplicates. */
static const char *message_id(const struct composition *composition, const struct mailbox *from)
{
    const struct posting *posting = composition->posting;
    return message_id_write(composition->worker->keyring,
                            &(struct message_ids){.owner_id = posting->registration_id,
                                                  .message_id = posting->message_id},
                            mailbox_wire(composition->arena, from->address), composition->arena);
}

static void add_parts(const struct composition *composition, struct letter *letter)
{
    const struct letter_text *text = &composition->text;
    struct letter_part *pictures =
        arena_alloc(composition->arena, text->ticket_count * sizeof *pictures);
    struct letter_part *attachments = arena_alloc(composition->arena, 2 * sizeof *attachments);
    for (size_t i = 0; i < text->ticket_count; i++)
        pictures[i] = picture(composition, &text->tickets[i]);
    if (composition->document)
        attachments[letter->attachment_count++] = (struct letter_part){
            .type = "application/pdf",
            .name = ticket_document_name(composition->document),
            .bytes = composition->pdf.bytes,
            .length = composition->pdf.length,
        };
    if (has_calendar(composition))
        attachments[letter->attachment_count++] = calendar(composition);
    letter->pictures = pictures;
    letter->picture_count = text->ticket_count;
    letter->attachments = attachments;
}

static struct letter *make_letter(const struct composition *composition)
{
    const struct letter_text *text = &composition->text;
    const struct posting *posting = composition->posting;
    struct letter *letter = arena_alloc(composition->arena, sizeof *letter);
    struct mailbox from = sender(composition);
    *letter = (struct letter){
        .from = from,
        .to = {.name = text->greeted, .address = posting->recipient},
        .reply_to = {.address = host_reply_to(composition->event)},
        .subject = text->subject,
        .message_id = message_id(composition, &from),
        .date_us = clock_now_us(),
        .language = locale_code(text->locale),
        .unsubscribe_url = posting->traits->is_to_many ? text->manage_url : NULL,
        .text = text->text,
        .html = text->html,
    };
    add_parts(composition, letter);
    return letter;
}

/* on_ready may free the arena with this composition in it. */
static void end(struct composition *composition, const struct letter *letter)
{
    struct ticket_document *document = composition->document;
    struct buffer pdf = composition->pdf;
    composition->on_ready(composition->context, letter);
    ticket_document_destroy(document);
    buffer_finish(&pdf);
}

static void on_printed(void *context)
{
    struct composition *composition = context;
    end(composition, composition->is_printed ? make_letter(composition) : NULL);
}

static void on_dropped(void *context)
{
    end(context, NULL);
}

bool composition_start(struct worker *worker, const struct event *event,
                       const struct posting *posting, struct arena *arena,
                       composition_ready *on_ready, void *context)
{
    struct composition *composition = arena_alloc(arena, sizeof *composition);
    *composition = (struct composition){.worker = worker,
                                        .event = event,
                                        .posting = posting,
                                        .arena = arena,
                                        .on_ready = on_ready,
                                        .context = context};
    if (!letter_text_make(worker, event, posting, LETTER_FOR_MAIL, arena, &composition->text))
        return false;
    buffer_init(&composition->pdf);
    composition->document = make_document(composition);
    if (pool_submit(worker->pool, &(struct pool_job){.run = print,
                                                     .on_done = on_printed,
                                                     .on_dropped = on_dropped,
                                                     .context = composition}))
        return true;
    ticket_document_destroy(composition->document);
    return false;
}
