#include "features/import/adding.h"

#include "http/reply.h"
#include "view/locale.h"

struct params *adding_portion_params(const struct import_work *work, int lines_most)
{
    return import_portion_params(&(struct import_portion){
        .event_id = &work->event_id, .import_id = &work->import_id, .most = lines_most});
}

/* A person whom an organiser adds by hand, as sign_up.sql takes it. */
static const char *by_hand(struct arena *arena, const struct rows *rows, bool has_address)
{
    const char *reason = view_text_of(rows, 0, "over_capacity");
    bool is_silent = !has_address || !rows_bool(rows, 0, "tells");
    json_t *json = json_pack("{s:b, s:s?, s:b, s:b, s:b}", "over_capacity", reason != NULL,
                             "reason", reason, "desk", true, "anyway", false, "silent", is_silent);
    const char *text = draft_json_text(arena, json);
    json_decref(json);
    return text;
}

static const char *key_without_address(struct arena *arena, const struct id *registration_id)
{
    char id[ID_TEXT_BYTES];
    id_format(registration_id, id);
    return arena_printf(arena, "none %s", id);
}

static void add_registration(struct adding *adding, const struct import_work *work,
                             const struct rows *rows, struct adding_line *adding_line,
                             struct params *run)
{
    const struct line *line = &adding_line->line;
    const struct draft *draft = &line->draft;
    struct arena *arena = &adding->arena;
    const char *address = draft->email.address;
    registration_sign_up_add_registration(
        run, &(struct registration_sign_up_registration){
                 .registration_id = &line->registration_id,
                 .event_id = &work->event_id,
                 .version = work->event->version,
                 .email = address ? address : "",
                 .email_key = address ? draft->email.key
                                      : key_without_address(arena, &line->registration_id),
                 .language = draft->language,
                 .consents = draft->consents,
                 .fingerprint = {line->fingerprint, sizeof line->fingerprint},
                 .status = draft->status,
                 .expires_at_us = work->event->tickets_expire_at_us,
                 .at_door = by_hand(arena, rows, address != NULL),
                 .vouched = true,
                 .actor = rows_text(rows, 0, "actor")});
    id_make_in(work->event->number, &adding_line->attendee_id);
    id_make_in(work->event->number, &adding_line->ticket_id);
    registration_sign_up_add_attendee(
        run, &(struct registration_sign_up_attendee){.ordinal = adding_line->ordinal,
                                                     .attendee_id = &adding_line->attendee_id,
                                                     .ticket_id = &adding_line->ticket_id,
                                                     .ticket_type = draft->first.ticket_type->slug,
                                                     .name = draft->first.name,
                                                     .attendee_email = draft->first.email.address,
                                                     .answers = draft->first.answers,
                                                     .search = draft->first.search,
                                                     .position = 1});
}

static void read_row(struct adding *adding, const struct import_work *work,
                     const struct line_rules *rules, const struct rows *rows, int row)
{
    struct adding_line *adding_line = &adding->lines[row];
    json_t *cells = json_loads(rows_text(rows, row, "cells"), 0, NULL);
    size_t count = json_array_size(cells);
    const char **texts = arena_alloc(&adding->arena, (count + 1) * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = arena_copy(&adding->arena, json_string_value(json_array_get(cells, i)));
    json_decref(cells);
    adding_line->number = rows_number(rows, row, "line");
    line_read(&adding->arena, work->event, rules, locale_find(work->locales, rules->locale), texts,
              count, &adding_line->line);
}

struct params *adding_begin(struct adding *adding, const struct import_work *work,
                            const struct rows *rows)
{
    struct line_rules rules;
    int good = 0;
    arena_init(&adding->arena);
    adding->count = (size_t)rows_count(rows);
    adding->lines = arena_alloc(&adding->arena, (adding->count + 1) * sizeof *adding->lines);
    json_t *json = json_loads(rows_text(rows, 0, "rules"), 0, NULL);
    bool is_readable = line_rules_read(&adding->arena, work->event, json, &rules);
    json_decref(json);
    struct params *run = registration_sign_up_params();
    for (size_t row = 0; row < adding->count; row++) {
        struct adding_line *line = &adding->lines[row];
        line->number = rows_number(rows, (int)row, "line");
        if (is_readable)
            read_row(adding, work, &rules, rows, (int)row);
        if (!is_readable || line->line.verdict != LINE_GOOD)
            continue;
        line->ordinal = ++good;
        add_registration(adding, work, rows, line, run);
    }
    if (good > 0)
        return run;
    params_destroy(run);
    return NULL;
}

void adding_end(struct adding *adding)
{
    for (size_t i = 0; i < adding->count; i++)
        json_decref(adding->lines[i].line.reasons);
    arena_finish(&adding->arena);
    *adding = (struct adding){0};
}

bool adding_is_stale(const struct rows *rows)
{
    for (int row = 0; row < rows_count(rows); row++) {
        if (registration_sign_up_outcome(rows, row) == SIGN_UP_OUTCOME_STALE)
            return true;
    }
    return false;
}

/* --- Outcomes -------------------------------------------------------------------------------- */

/* NONE: the line stays good, for the next portion. */
static enum import_outcome outcome_of(enum sign_up_outcome outcome)
{
    switch (outcome) {
    case SIGN_UP_OUTCOME_CONFIRMED:
    case SIGN_UP_OUTCOME_PENDING:
    case SIGN_UP_OUTCOME_UNVERIFIED:
    case SIGN_UP_OUTCOME_WAITLISTED:
        return IMPORT_OUTCOME_ADDED;
    case SIGN_UP_OUTCOME_AGAIN:
    case SIGN_UP_OUTCOME_KEY_REUSED: /* its data was erased */
        return IMPORT_OUTCOME_AGAIN;
    case SIGN_UP_OUTCOME_ALREADY_REGISTERED:
        return IMPORT_OUTCOME_REGISTERED;
    case SIGN_UP_OUTCOME_SOLD_OUT:
        return IMPORT_OUTCOME_NO_PLACES;
    case SIGN_UP_OUTCOME_LATER:
    case SIGN_UP_OUTCOME_STALE:
        return IMPORT_OUTCOME_NONE;
    case SIGN_UP_OUTCOME_NO_EVENT:
    case SIGN_UP_OUTCOME_NOT_INVITED:
    case SIGN_UP_OUTCOME_INVITATION_USED:
    case SIGN_UP_OUTCOME_NONE:
        break;
    }
    return IMPORT_OUTCOME_FAILED;
}

struct params *adding_outcomes(const struct adding *adding, const struct import_work *work,
                               const struct rows *rows)
{
    struct params *params = import_outcomes_params(
        &(struct import_outcomes){.event_id = &work->event_id, .import_id = &work->import_id});
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < adding->count; i++) {
        const struct adding_line *line = &adding->lines[i];
        enum import_outcome outcome =
            line->line.verdict == LINE_WRONG ? IMPORT_OUTCOME_WRONG : IMPORT_OUTCOME_LEFT_OUT;
        struct id registered = {0};
        if (line->ordinal > 0)
            outcome = rows ? outcome_of(registration_sign_up_outcome(rows, line->ordinal - 1))
                           : IMPORT_OUTCOME_FAILED;
        if (outcome == IMPORT_OUTCOME_NONE)
            continue;
        if (outcome == IMPORT_OUTCOME_ADDED)
            registered = line->attendee_id;
        else if (outcome == IMPORT_OUTCOME_REGISTERED)
            registered = rows_id(rows, line->ordinal - 1, "earlier_attendee");
        import_outcomes_add_line(
            params,
            &(struct import_outcomes_line){
                .line = (int)line->number,
                .outcome = import_outcome_name(outcome),
                .reasons = line->line.reasons ? draft_json_text(&arena, line->line.reasons) : NULL,
                .attendee_id = id_is_zero(&registered) ? NULL : &registered});
    }
    arena_finish(&arena);
    return params;
}
