#include "features/registration/consents.h"

#include <limits.h>

#include "event/event.h"
#include "features/registration/errand.h"
#include "features/registration/manage_page.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"

/* --- The page -------------------------------------------------------------------------------- */

/* The page that is shown; in the arena of its request. */
struct showing {
    struct errand *errand;
    int status;
    json_t *refusal; /* a reference; NULL: none */
};

static void set_cell(json_t *view, const char *name, const struct rows *rows, int row)
{
    if (!rows_is_null(rows, row, name))
        json_object_set_new(view, name, json_string(rows_text(rows, row, name)));
}

/* Returns the view of a consent in the list; adds it if it is not there. */
static json_t *view_of(json_t *list, const char *slug)
{
    json_t *view;
    size_t i;
    json_array_foreach (list, i, view) {
        if (strcmp(json_string_value(json_object_get(view, "slug")), slug) == 0)
            return view;
    }
    view = json_pack("{s:s, s:b, s:[]}", "slug", slug, "given", false, "history");
    json_array_append_new(list, view);
    return view;
}

static void add_entry(json_t *list, const struct rows *rows, int row)
{
    json_t *view = view_of(list, rows_text(rows, row, "slug")), *entry = json_object();
    json_object_set_new(entry, "version", json_integer(rows_number(rows, row, "version")));
    set_cell(entry, "given_at", rows, row);
    set_cell(entry, "withdrawn_at", rows, row);
    set_cell(entry, "wording", rows, row);
    json_array_append_new(json_object_get(view, "history"), entry);
    if (rows_is_null(rows, row, "withdrawn_at")) {
        json_object_set_new(view, "given", json_true());
        json_object_set(view, "label", json_object_get(entry, "wording"));
    }
}

/* Each consent has the wording that is agreed to, or else the one that the event has now. An entry
 * with another wording shows its own. */
static json_t *consents_view(const struct event *event, const char *language,
                             const struct rows *rows)
{
    json_t *list = json_array(), *view, *entry;
    size_t i, e;
    for (i = 0; i < event->consent_count; i++)
        view_of(list, event->consents[i].slug);
    for (int row = 0; row < rows_count(rows); row++)
        add_entry(list, rows, row);
    json_array_foreach (list, i, view) {
        const struct consent *consent =
            event_consent(event, json_string_value(json_object_get(view, "slug")));
        json_t *history = json_object_get(view, "history");
        json_object_set_new(view, "required", json_boolean(consent && consent->required));
        json_object_set_new(view, "none", json_boolean(json_array_size(history) == 0));
        if (consent && !json_is_true(json_object_get(view, "given"))) {
            json_object_set_new(view, "label",
                                json_string(event_text(event, &consent->label, language)));
            json_object_set_new(view, "offer", json_pack("{s:i}", "version", consent->version));
        }
        json_array_foreach (history, e, entry) {
            if (!json_object_get(view, "label"))
                json_object_set(view, "label", json_object_get(entry, "wording"));
            if (json_equal(json_object_get(entry, "wording"), json_object_get(view, "label")))
                json_object_del(entry, "wording");
        }
    }
    return list;
}

static void on_listed(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct errand *errand = showing->errand;
    struct request *request = errand->request;
    if (result->outcome != DB_DONE) {
        json_decref(showing->refusal);
        reply_failed(request, result);
        return;
    }
    json_t *view = manage_page_view(errand);
    json_t *consents =
        consents_view(request_event(request), locale_code(request_locale(request)), result->rows);
    json_object_set_new(view, "action", json_string(manage_page_link(errand, "/consents")));
    json_object_set_new(view, "is_over", json_boolean(manage_page_is_over(errand)));
    json_object_set_new(
        view, "is_cancelled",
        json_boolean(errand->registration->status == REGISTRATION_STATUS_CANCELLED));
    json_object_set_new(view, "has_consents", json_boolean(json_array_size(consents) > 0));
    json_object_set_new(view, "consents", consents);
    if (showing->refusal)
        json_object_set_new(view, "refusal", showing->refusal);
    reply_page(request, showing->status, "features/registration/consents.html", view);
}

static void show(struct errand *errand, int status, json_t *refusal)
{
    struct request *request = errand->request;
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    *showing = (struct showing){errand, status, refusal};
    db_ask(
        request_worker(request)->db,
        registration_consents_params(&(struct registration_consents){
            .event_id = &request_event(request)->id, .registration_id = &errand->registration_id}),
        on_listed, showing);
}

static void on_looked(struct errand *errand, const struct registration *registration)
{
    if (registration->erased_at_us)
        reply_see_other(errand->request, manage_page_link(errand, ""));
    else
        show(errand, 200, NULL);
}

void consents_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look(errand, on_looked);
}

/* --- Giving and withdrawing ------------------------------------------------------------------ */

struct consent_change {
    const char *consent;
    int64_t version;
    bool given;
};

static const struct form_field fields[] = {
    {"consent", KIND_TEXT, FORM_AT(struct consent_change, consent), .need = FORM_NEEDED},
    {"version", KIND_INTEGER, FORM_AT(struct consent_change, version), .least = 1, .most = INT_MAX},
    {"given", KIND_BOOLEAN, FORM_AT(struct consent_change, given), .need = FORM_NEEDED},
    {"idempotency_key"},
};

static void check(const struct form_place *object, void *values)
{
    const struct consent_change *change = values;
    if (change->given && change->version == 0)
        form_refuse_at(object, "version", "missing", NULL);
}

static const struct form form = FORM(struct consent_change, fields, .check = check);

/* The page comes again, with the text of now. */
static void on_refused(struct errand *errand, int status, const char *code, json_t *errors)
{
    json_decref(errors);
    if (strcmp(code, "erased") == 0)
        reply_see_other(errand->request, manage_page_link(errand, ""));
    else
        show(errand, status, manage_page_refusal(errand, code));
}

static void change_now(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    struct consent_change change = {0};
    if (registration->erased_at_us) {
        errand_refuse(errand, 410, "erased");
        return;
    }
    json_t *errors = form_read_body(request, &form, NULL, &change);
    if (errors) {
        errand_reply_invalid(errand, errors);
        return;
    }
    errand->done = change.given ? "consent_given" : "consent_withdrawn";
    errand_change(errand,
                  registration_consent_params(
                      &(struct registration_consent){.event_id = &request_event(request)->id,
                                                     .registration_id = &errand->registration_id,
                                                     .consent = change.consent,
                                                     .version = change.version,
                                                     .given = change.given,
                                                     .actor = request_caller(request)->label}),
                  registration_consent_outcome);
}

/* A cancelled registration still holds data, so errand_look_to_change does not fit. */
void consents_change(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    if (request_is_page(request))
        errand->on_refused = on_refused;
    errand_look(errand, change_now);
}
