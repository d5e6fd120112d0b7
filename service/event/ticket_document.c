#include "event/ticket_document.h"

#include "base/memory.h"
#include "event/event.h"
#include "event/event_view.h"
#include "view/locale.h"
#include "view/ticket_sheet.h"

struct ticket_document {
    const struct locale *locale;
    struct arena arena; /* holds all texts */
    struct document_about about;
    struct ticket_sheet_words words;
    struct ticket_sheet common; /* the same for all tickets */
    struct ticket_sheet *sheets;
    size_t count, added;
    const char *name; /* of the file */
};

static const char *word(struct ticket_document *document, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(document->locale, key, data, &text);
    const char *copy = arena_copy(&document->arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

static void set_words(struct ticket_document *document)
{
    document->words = (struct ticket_sheet_words){
        .when = word(document, "ticket.when", NULL),
        .where = word(document, "ticket.where", NULL),
        .organiser = word(document, "ticket.organiser", NULL),
        .ticket = word(document, "ticket.ticket", NULL),
        .attendee = word(document, "ticket.name", NULL),
        .show_this = word(document, "ticket.show_this", NULL),
        .fold = word(document, "ticket.fold", NULL),
        .short_number = word(document, "ticket.short_number", NULL),
        .short_number_hint = word(document, "ticket.short_number_hint", NULL),
        .online = word(document, "ticket.online", NULL),
        .code = word(document, "ticket.code", NULL),
    };
}

static const char *map_url(struct ticket_document *document, const struct event *event)
{
    struct buffer url;
    if (!event->venue_name)
        return NULL;
    buffer_init(&url);
    event_map_url(event->venue_name, event->venue_address, &url);
    const char *copy = arena_copy(&document->arena, buffer_text(&url));
    buffer_finish(&url);
    return copy;
}

/* Puts the hours, or the end on another day, on the second line. */
static const char *when_in_lines(const struct event *event, const struct locale *locale,
                                 struct arena *arena)
{
    static const char until[] = " – ";
    const char *when = event_when(event, locale, arena), *at = strstr(when, until), *next;
    if (at)
        return arena_printf(arena, "%.*s –\n%s", (int)(at - when), when, at + sizeof until - 1);
    for (at = next = strstr(when, ", "); next; next = strstr(next + 1, ", "))
        at = next;
    return at ? arena_printf(arena, "%.*s\n%s", (int)(at - when), when, at + 2) : when;
}

static void name_document(struct ticket_document *document, const char *title)
{
    document->about.title = title;
    document->name = arena_printf(&document->arena, "%s.pdf", title);
}

static void set_common(struct ticket_document *document, const struct event *event)
{
    struct arena *arena = &document->arena;
    const char *language = locale_code(document->locale);
    document->common = (struct ticket_sheet){
        .title = arena_copy(arena, event_text(event, &event->title, language)),
        .organiser = arena_copy(arena, event->organiser_name),
        .when = when_in_lines(event, document->locale, arena),
        .zone = arena_copy(arena, event->timezone),
        .venue = arena_copy(arena, event->venue_name),
        .address = arena_copy(arena, event->venue_address),
        .map_url = map_url(document, event),
        .words = &document->words,
    };
    document->about = (struct document_about){
        .author = document->common.organiser,
        .language = arena_copy(arena, language),
    };
    name_document(document, document->common.title);
}

struct ticket_document *ticket_document_create(const struct event *event,
                                               const struct locale *locale, size_t count)
{
    struct ticket_document *document = memory_alloc(sizeof *document);
    document->locale = locale;
    arena_init(&document->arena);
    document->count = count;
    document->sheets = arena_alloc(&document->arena, count * sizeof *document->sheets);
    set_words(document);
    set_common(document, event);
    return document;
}

void ticket_document_destroy(struct ticket_document *document)
{
    if (!document)
        return;
    arena_finish(&document->arena);
    free(document);
}

static const char *number(struct ticket_document *document)
{
    if (document->count == 1)
        return NULL;
    json_t *data =
        json_pack("{s:i, s:i}", "number", (int)document->added + 1, "of", (int)document->count);
    const char *text = word(document, "ticket.number", data);
    json_decref(data);
    return text;
}

void ticket_document_add(struct ticket_document *document, const struct event *event,
                         const struct ticket_holder *holder)
{
    struct arena *arena = &document->arena;
    if (document->added == document->count)
        return;
    struct ticket_sheet *sheet = &document->sheets[document->added];
    *sheet = document->common;
    sheet->name = arena_copy(arena, holder->name);
    sheet->ticket_type = event_type_title(event, holder->ticket_type, document->locale, arena);
    sheet->number = number(document);
    char short_number[ID_NUMBER_BYTES];
    id_number(&holder->attendee_id, short_number);
    sheet->short_number = arena_copy(arena, short_number);
    sheet->token = arena_copy(arena, holder->link.token);
    sheet->url = arena_copy(arena, holder->link.url);
    document->added++;
    if (document->count == 1)
        name_document(document, arena_printf(arena, "%s – %s", sheet->title, sheet->name));
}

const char *ticket_document_name(const struct ticket_document *document)
{
    return document->name;
}

bool ticket_document_write(const struct ticket_document *document, struct buffer *out)
{
    return ticket_sheets_pdf(document->sheets, document->added, &document->about, out);
}
