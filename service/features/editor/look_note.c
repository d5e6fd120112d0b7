#include "features/editor/look.h"

#include <string.h>

#include "features/editor/value.h"
#include "http/request.h"

static json_int_t count(const json_t *counts, const char *name)
{
    return json_integer_value(json_object_get(counts, name));
}

static const char *say(const struct edit *edit, const char *key, json_int_t n, json_int_t more)
{
    return edit_word(edit->request, key, json_pack("{s:I, s:I}", "n", n, "more", more));
}

/* Of the whole event. */
static const char *note_of_section(const struct edit *edit, const char *name)
{
    static const char *const after_registering[] = {
        "registration.approval", "registration.verify_email", "registration.once_per_email"};
    json_int_t registered = count(edit->counts, "registered");
    json_int_t taken = count(edit->counts, "taken"), waiting = count(edit->counts, "waiting");
    bool is_told = json_is_true(json_object_get(edit->counts, "is_told"));
    if (is_told && strcmp(name, "ends_at") == 0)
        return say(edit, "editor.note.told_times", registered, 0);
    if (is_told && strcmp(name, "venue.address") == 0)
        return say(edit, "editor.note.told_venue", registered, 0);
    if (strcmp(name, "registration.capacity") == 0 && taken > 0)
        return say(edit, waiting > 0 ? "editor.note.capacity_waiting" : "editor.note.capacity",
                   taken, waiting);
    if (strcmp(name, "registration.waiting_list") == 0 && waiting > 0)
        return say(edit, "editor.note.waiting_list", waiting, 0);
    for (size_t i = 0; i < sizeof after_registering / sizeof *after_registering; i++) {
        if (registered > 0 && strcmp(name, after_registering[i]) == 0)
            return say(edit, "editor.note.only_new", registered, 0);
    }
    return NULL;
}

static const char *note_of_question(const struct edit *edit, const char *name)
{
    json_int_t people = count(edit->used, "people"), answered = count(edit->used, "answered");
    json_int_t ever = count(edit->used, "ever");
    if (strcmp(name, "required") == 0 && people > answered)
        return say(edit, "editor.note.not_asked", people - answered, 0);
    if (strcmp(name, "kind") == 0 && ever > 0)
        return say(edit, "editor.note.kind", ever, 0);
    if (strcmp(name, "label") == 0 && answered > 0)
        return say(edit, "editor.note.label", answered, 0);
    if (strcmp(name, "shown_if") == 0 && answered > 0)
        return say(edit, "editor.note.shown_if", answered, 0);
    return NULL;
}

static const char *note_of_element(const struct edit *edit, const char *name)
{
    json_int_t given = count(edit->used, "given"), ever = count(edit->used, "ever");
    json_int_t taken = edit->slug ? count(json_object_get(edit->counts, "types"), edit->slug) : 0;
    if (strcmp(edit->list->member, "questions") == 0)
        return note_of_question(edit, name);
    if (given > 0 && strcmp(edit->list->member, "consents") == 0 && strcmp(name, "label") == 0 &&
        json_is_true(json_object_get(edit_object(edit), "shows_name")))
        return say(edit, "editor.note.consent_names", given, 0);
    if (strcmp(edit->list->member, "consents") == 0 && given > 0)
        return strcmp(name, "label") == 0      ? say(edit, "editor.note.consent", given, 0)
               : strcmp(name, "required") == 0 ? say(edit, "editor.note.consent_required", given, 0)
                                               : NULL;
    if (strcmp(edit->list->member, "ticket_types") == 0 && strcmp(name, "capacity") == 0 &&
        taken > 0)
        return say(edit, "editor.note.capacity", taken, 0);
    if (strcmp(edit->list->member, "ticket_types") == 0 && strcmp(name, "days") == 0 && ever > 0)
        return say(edit, "editor.note.days", ever, 0);
    return NULL;
}

const char *look_note(const struct edit *edit, const struct edit_field *field)
{
    return edit->list ? note_of_element(edit, field->name) : note_of_section(edit, field->name);
}
