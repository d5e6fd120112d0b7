#include "features/attendee/export.h"

#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "features/attendee/row.h"
#include "features/attendee/sheet.h"

struct export
{
    struct export_options options;
    struct arena arena;
    const char *file_name;
    const char **former_questions, **former_consents;
    size_t former_question_count, former_consent_count;
    struct sheet *sheet; /* for CSV, from export_begin on */
    struct buffer after; /* the place behind which the next portion starts */
    struct csv csv;
};

static const struct {
    const char *name, *content_type;
} formats[] = {
    [EXPORT_CSV] = {"csv", "text/csv; charset=utf-8; header=present"},
    [EXPORT_JSONL] = {"jsonl", "application/jsonl; charset=utf-8"},
};

bool export_format_named(const char *name, enum export_format *ret_format)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            *ret_format = (enum export_format)i;
            return true;
        }
    }
    return false;
}

static const char *make_file_name(struct export *an_export)
{
    time_t now = time(NULL);
    struct tm today;
    gmtime_r(&now, &today);
    return arena_printf(&an_export->arena, "%s-%04d-%02d-%02d.%s", an_export->options.event->slug,
                        today.tm_year + 1900, today.tm_mon + 1, today.tm_mday,
                        formats[an_export->options.format].name);
}

struct export *export_create(const struct export_options *options)
{
    struct export *an_export = memory_alloc(sizeof *an_export);
    an_export->options = *options;
    arena_init(&an_export->arena);
    buffer_init(&an_export->after);
    an_export->options.language = arena_copy(
        &an_export->arena, options->language ? options->language : options->event->languages[0]);
    an_export->file_name = make_file_name(an_export);
    return an_export;
}

void export_destroy(struct export *an_export)
{
    if (!an_export)
        return;
    if (an_export->sheet)
        sheet_finish(an_export->sheet);
    arena_finish(&an_export->arena);
    buffer_finish(&an_export->after);
    free(an_export);
}

const char *export_format_name(const struct export *an_export)
{
    return formats[an_export->options.format].name;
}

const char *export_content_type(const struct export *an_export)
{
    return formats[an_export->options.format].content_type;
}

const char *export_file_name(const struct export *an_export)
{
    return an_export->file_name;
}

bool export_speaks(const struct export_options *options, const char *language)
{
    return event_has_language(options->event, language) || locale_find(options->locales, language);
}

bool export_wants_former_questions(const struct export *an_export)
{
    return an_export->options.format == EXPORT_CSV && an_export->options.event->version > 1;
}

struct params *export_former_questions_params(const struct export *an_export)
{
    const struct event *event = an_export->options.event;
    struct params *params = attendee_former_questions_params(
        &(struct attendee_former_questions){.event_id = &event->id});
    for (size_t i = 0; i < event->question_count; i++)
        attendee_former_questions_add_question(params, event->questions[i].slug);
    for (size_t i = 0; i < event->consent_count; i++)
        attendee_former_questions_add_consent(params, event->consents[i].slug);
    return params;
}

void export_add_former_questions(struct export *an_export, const struct rows *rows)
{
    size_t count = (size_t)rows_count(rows);
    an_export->former_questions =
        arena_alloc(&an_export->arena, count * sizeof *an_export->former_questions + 1);
    an_export->former_consents =
        arena_alloc(&an_export->arena, count * sizeof *an_export->former_consents + 1);
    for (int i = 0; i < rows_count(rows); i++) {
        const char *slug = arena_copy(&an_export->arena, rows_text(rows, i, "slug"));
        if (rows_bool(rows, i, "is_consent"))
            an_export->former_consents[an_export->former_consent_count++] = slug;
        else
            an_export->former_questions[an_export->former_question_count++] = slug;
    }
}

struct params *export_next(struct export *an_export, const struct filter *filter,
                           const struct rows *before)
{
    const struct event *event = an_export->options.event;
    if (before && rows_count(before) < EXPORT_PORTION_ROWS)
        return NULL;
    buffer_clear(&an_export->after);
    if (before)
        filter_add_place(before, rows_count(before) - 1, &an_export->after);
    return attendee_list_params(&(struct attendee_list){
        .event_id = &event->id,
        .filter = filter->text,
        .sort = filter->sort,
        .after = before ? buffer_text(&an_export->after) : NULL,
        .most = EXPORT_PORTION_ROWS,
        .timezone = an_export->options.format == EXPORT_CSV ? event->timezone : "UTC",
        .today = event_day_at(event, clock_now_us())});
}

static const struct locale *locale_of(const struct export_options *options)
{
    const struct locale *locale = locale_find(options->locales, options->language);
    return locale ? locale : locale_find(options->locales, locale_languages[0]);
}

void export_begin(struct export *an_export, struct buffer *out)
{
    if (an_export->options.format != EXPORT_CSV)
        return;
    an_export->sheet = sheet_create(
        &an_export->arena,
        &(struct sheet_options){.event = an_export->options.event,
                                .locale = locale_of(&an_export->options),
                                .language = an_export->options.language,
                                .former_questions = an_export->former_questions,
                                .former_question_count = an_export->former_question_count,
                                .former_consents = an_export->former_consents,
                                .former_consent_count = an_export->former_consent_count});
    csv_begin(&an_export->csv, out);
    sheet_heading(an_export->sheet, &an_export->csv);
}

int64_t export_rows(struct export *an_export, const struct rows *rows, struct buffer *out)
{
    const struct row_json_options options = {.event_cancelled =
                                                 an_export->options.event->cancelled};
    struct row row;
    an_export->csv.out = out;
    for (int i = 0; i < rows_count(rows); i++) {
        row_read(rows, i, &row);
        if (an_export->sheet) {
            sheet_row(an_export->sheet, &row, &an_export->csv);
        } else {
            row_json(&row, &options, out);
            buffer_add_char(out, '\n');
        }
    }
    return rows_count(rows);
}
