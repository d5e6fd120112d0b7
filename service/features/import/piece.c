#include "features/import/piece.h"

#include <string.h>

#include "base/text.h"
#include "view/locale.h"

struct params *piece_params(const struct piece *piece, const struct import_work *work)
{
    return import_piece_params(&(struct import_piece){.event_id = &work->event_id,
                                                      .import_id = &work->import_id,
                                                      .begin = (int)piece->begin,
                                                      .most = PIECE_BYTES});
}

bool piece_open(struct piece *piece, const struct import_work *work, const struct rows *rows)
{
    piece_close(piece);
    arena_init(&piece->arena);
    piece->is_open = true;
    json_t *rules = rows_count(rows) > 0 ? json_loads(rows_text(rows, 0, "rules"), 0, NULL) : NULL;
    bool is_read = rules && line_rules_read(&piece->arena, work->event, rules, &piece->rules);
    json_decref(rules);
    if (!is_read) {
        arena_finish(&piece->arena);
        piece->is_open = false;
        return false;
    }
    size_t length;
    piece->bytes = rows_bytes(rows, 0, "piece", &length);
    const struct list_source source = {
        .bytes = piece->bytes,
        .length = length,
        .encoding = piece->rules.encoding,
        .separator = piece->rules.separator,
        .is_whole = piece->begin + (int64_t)length >= rows_number(rows, 0, "size"),
        .is_start = piece->begin == 0,
    };
    piece->has_passed_heading |= piece->begin > 0;
    list_reader_init(&piece->reader, &source, piece->line, !piece->ignores_quotes);
    return true;
}

void piece_close(struct piece *piece)
{
    if (!piece->is_open)
        return;
    list_reader_finish(&piece->reader);
    free(piece->bytes);
    arena_finish(&piece->arena);
    piece->is_open = false;
}

/* --- Lines ----------------------------------------------------------------------------------- */

static const char *json_text(struct arena *arena, const json_t *json)
{
    return json ? draft_json_text(arena, json) : NULL;
}

static const char *cells_text(struct arena *arena, const struct list_reader *reader)
{
    json_t *cells = json_array();
    for (size_t i = 0; i < reader->cell_count; i++) {
        const char *text = text_clean_lines(arena, reader->cells[i]);
        json_array_append_new(cells, json_string(text ? text : ""));
    }
    const char *text = json_text(arena, cells);
    json_decref(cells);
    return text;
}

/* The line lives in the arena. */
static struct import_lines_line read_line(const struct piece *piece, const struct import_work *work,
                                          struct arena *arena)
{
    static const enum import_outcome outcomes[] = {[LINE_GOOD] = IMPORT_OUTCOME_GOOD,
                                                   [LINE_WRONG] = IMPORT_OUTCOME_WRONG,
                                                   [LINE_LEFT_OUT] = IMPORT_OUTCOME_LEFT_OUT};
    const struct list_reader *reader = &piece->reader;
    const struct locale *locale = locale_find(work->locales, piece->rules.locale);
    struct line *line = arena_alloc(arena, sizeof *line);
    line->verdict = LINE_WRONG;
    if (reader->is_large)
        line->reasons = line_too_large(locale);
    else
        line_read(arena, work->event, &piece->rules, locale, reader->cells, reader->cell_count,
                  line);
    bool is_good = line->verdict == LINE_GOOD;
    const struct draft *draft = &line->draft;
    const struct import_lines_line stored = {
        .line = (int)reader->record_line,
        .cells = cells_text(arena, reader),
        .verdict = import_outcome_name(outcomes[line->verdict]),
        .reasons = json_text(arena, line->reasons),
        .name = is_good ? draft->first.name : NULL,
        .email_key = is_good && draft->email.address ? draft->email.key : NULL,
        .ticket_type = is_good ? draft->first.ticket_type->slug : NULL,
        .registration_id = is_good ? &line->registration_id : NULL,
    };
    json_decref(line->reasons);
    return stored;
}

static bool passes_heading(struct piece *piece)
{
    bool is_heading = piece->rules.has_heading && !piece->has_passed_heading;
    piece->has_passed_heading = true;
    return is_heading;
}

static struct params *lines_params(const struct piece *piece, const struct import_work *work,
                                   const struct import_lines_line *lines, int count)
{
    const struct list_reader *reader = &piece->reader;
    struct params *params = import_lines_params(
        &(struct import_lines){.event_id = &work->event_id,
                               .import_id = &work->import_id,
                               .read_to = (int)(piece->begin + (int64_t)reader->at),
                               .next_line = (int)reader->line});
    for (int i = 0; i < count; i++)
        import_lines_add_line(params, &lines[i]);
    return params;
}

enum piece_step piece_read(struct piece *piece, const struct import_work *work,
                           struct params **ret_lines)
{
    struct list_reader *reader = &piece->reader;
    struct arena arena;
    int count = 0;
    arena_init(&arena);
    struct import_lines_line *lines = arena_alloc(&arena, PIECE_LINES * sizeof *lines);
    while (count < PIECE_LINES && list_reader_next(reader)) {
        if (!reader->is_blank && !passes_heading(piece))
            lines[count++] = read_line(piece, work, &arena);
    }
    if (count > 0)
        *ret_lines = lines_params(piece, work, lines, count);
    arena_finish(&arena);
    if (reader->line > IMPORT_LINES_MOST + 1) {
        if (count > 0)
            params_destroy(*ret_lines);
        return PIECE_TOO_LONG;
    }
    if (count > 0)
        return PIECE_READ;
    piece->begin += (int64_t)reader->at;
    piece->line = reader->line;
    piece->ignores_quotes = !reader->takes_quotes;
    return reader->source.is_whole ? PIECE_END : PIECE_NEXT;
}
