#include "features/door/scans.h"

#include <jansson.h>

#include "base/clock.h"
#include "event/event.h"
#include "features/feature.h"
#include "form/form.h"
#include "http/request.h"
#include "security/secret.h"
#include "security/ticket.h"

static struct request *request_of(const struct form_place *scan)
{
    return (struct request *)scan->reading->context;
}

static bool is_from_device(const void *request)
{
    return request_role(request) & WHO_DEVICES;
}

static bool is_from_form(const void *request)
{
    return request_body_is_form(request);
}

static bool may_name_attendees(const void *request)
{
    return request_role(request) != WHO_SCANNER;
}

static bool has(const struct form_place *scan, const char *name)
{
    const json_t *value = json_object_get(scan->value, name);
    return value && !json_is_null(value);
}

/* --- The ticket ------------------------------------------------------------------------------ */

static void read_ticket(const struct request *request, const char *text, struct scan *scan)
{
    struct ticket_claims claims;
    switch (ticket_read(request_worker(request)->keyring, text, &claims)) {
    case TICKET_UNKNOWN:
        scan->refused = VERDICT_UNKNOWN;
        break;
    case TICKET_FORGED:
        scan->refused = VERDICT_FORGED;
        break;
    case TICKET_GENUINE:
        scan->ticket_id = claims.id;
        if (strcmp(claims.event, request_event(request)->slug) != 0)
            scan->refused = VERDICT_WRONG_EVENT;
        break;
    }
}

static void check_whose(const struct form_place *place, struct scan *scan)
{
    int given = has(place, "ticket") + has(place, "ticket_id") + has(place, "attendee");
    if (given > 1)
        form_refuse_at(place, has(place, "attendee") ? "attendee" : "ticket_id",
                       "ticket_or_attendee", NULL);
    else if (given == 0)
        form_refuse_at(place, "ticket", "ticket_needed", NULL);
    else if (scan->ticket)
        read_ticket(request_of(place), scan->ticket, scan);
}

/* --- The door -------------------------------------------------------------------------------- */

/* If the door was closed while the device was offline, its scans count for the device's present
 * door. They have happened, so none may be lost. */
static const struct door *find_door(const struct form_place *place, const char *slug)
{
    struct request *request = request_of(place);
    const struct door *door = event_door(request_event(request), slug);
    if (!door && is_from_device(request) && has(place, "decided"))
        door = event_door(request_event(request), request_caller(request)->door);
    return door;
}

/* A scan from a device's offline queue may name an earlier door of the device. */
static void check_door(const struct form_place *place, struct scan *scan)
{
    struct request *request = request_of(place);
    bool is_device = is_from_device(request), is_named = has(place, "door");
    const char *own = request_caller(request)->door;
    const char *slug = !is_named && is_device ? own : scan->door;
    const struct door *door = slug ? find_door(place, slug) : NULL;
    scan->door = NULL;
    if (!slug && !is_named)
        form_refuse_at(place, "door", "door_needed", NULL);
    else if (slug && !door)
        form_refuse_at(place, "door", "unknown_door", NULL);
    else if (door && is_device && strcmp(slug, own) != 0 && !has(place, "decided"))
        form_refuse_at(place, "door", "other_door", json_pack("{s:s}", "door", own));
    else if (door)
        scan->door = door->slug;
}

/* --- The rest -------------------------------------------------------------------------------- */

static void read_direction(const struct form_place *place, const struct form_field *field,
                           void *values)
{
    struct scan *scan = values;
    (void)field;
    scan->direction =
        form_is_given(place) ? direction_parse(json_string_value(place->value)) : DIRECTION_IN;
    if (scan->direction == DIRECTION_NONE)
        form_refuse_here(place, "direction_expected", NULL);
}

static void read_decided(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    struct scan *scan = values;
    (void)field;
    scan->decided = verdict_parse(json_string_value(place->value));
    if (form_is_given(place) && scan->decided == VERDICT_NONE)
        form_refuse_here(place, "verdict_expected", NULL);
}

/* Without a nonce, the Idempotency-Key, the caller and the place in the list make the nonce. */
static void choose_nonce(const struct form_place *place, struct scan *scan)
{
    struct request *request = request_of(place);
    const char *key = request_idempotency_key(request);
    char caller[ID_TEXT_BYTES];
    if (has(place, "nonce"))
        return;
    if (!key) {
        id_make_in(request_event(request)->number, &scan->nonce);
        return;
    }
    id_format(&request_caller(request)->id, caller);
    const char *named =
        arena_printf(request_arena(request), "%s %zu %s", caller, place->index, key);
    secret_id_for_key(&request_event(request)->id, named, &scan->nonce);
}

/* A scanner may have forced a scan offline before it lost the role. That scan has happened, so it
 * is no error here and may become a conflict. */
static void check_force(const struct form_place *place, struct scan *scan)
{
    bool may_force = request_role(request_of(place)) != WHO_SCANNER;
    struct form_place reason = form_member(place, "reason");
    if (scan->force && !may_force && !has(place, "decided"))
        form_refuse_at(place, "force", "force_not_allowed", NULL);
    scan->force &= may_force;
    if (scan->force && !form_is_given(&reason))
        form_refuse_here(&reason, "reason_needed", NULL);
}

static void check_scan(const struct form_place *place, void *values)
{
    struct scan *scan = values;
    int64_t now_us = clock_now_us();
    check_whose(place, scan);
    check_door(place, scan);
    choose_nonce(place, scan);
    check_force(place, scan);
    /* A device whose clock is ahead must not make the guest's later scans look late. */
    if (!has(place, "scanned_at") || scan->scanned_at_us > now_us)
        scan->scanned_at_us = now_us;
    scan->is_now =
        !has(place, "decided") && scan->scanned_at_us >= now_us - SCAN_NOW_S * CLOCK_SECOND_US;
}

static const struct form_field scan_fields[] = {
    {"ticket", KIND_RAW, FORM_AT(struct scan, ticket), .keeps_blank = true},
    /* The device has verified the signature, so it need not keep tickets in its offline queue. */
    {"ticket_id", KIND_ID, FORM_AT(struct scan, ticket_id), .shown = is_from_device,
     .hidden = "ticket_id_for_devices"},
    {"attendee", KIND_ID, FORM_AT(struct scan, attendee_id), .shown = may_name_attendees,
     .hidden = "attendee_not_allowed"},
    {"door", KIND_RAW, FORM_AT(struct scan, door), .keeps_blank = true},
    {"direction", .read = read_direction},
    {"nonce", KIND_ID, FORM_AT(struct scan, nonce), .keeps_blank = true},
    {"scanned_at", KIND_TIME, FORM_AT(struct scan, scanned_at_us), .keeps_blank = true},
    {"force", KIND_BOOLEAN, FORM_AT(struct scan, force)},
    {"reason", KIND_TEXT, FORM_AT(struct scan, reason), .most = SCAN_REASON_MOST},
    {"decided", .read = read_decided},
    {"idempotency_key", .shown = is_from_form},
};
static const struct form scan_form = FORM(struct scan, scan_fields, .check = check_scan);

static const struct form_field list_fields[] = {
    {"scans", .of = &scan_form, FORM_AT(struct scan_list, scans), .shape = FORM_LIST,
     FORM_COUNT_AT(struct scan_list, count), .items_most = SCANS_MOST, .need = FORM_NEEDED,
     .needed = "scans_expected", .wrong = "scans_expected", .too_many = "scans_expected"},
};
static const struct form list_form = FORM(struct scan_list, list_fields);

json_t *scans_read(struct request *request, struct scan_list *ret_list)
{
    *ret_list = (struct scan_list){.is_list = json_object_get(request_body(request), "scans")};
    if (ret_list->is_list)
        return form_read_body(request, &list_form, request, ret_list);
    ret_list->count = 1;
    ret_list->scans = arena_alloc(request_arena(request), sizeof *ret_list->scans);
    return form_read_body(request, &scan_form, request, ret_list->scans);
}
