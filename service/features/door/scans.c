#include "features/door/scans.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/text.h"
#include "event/event.h"
#include "features/feature.h"
#include "form/findings.h"
#include "http/request.h"
#include "security/secret.h"
#include "security/ticket.h"

/* What reading one scan needs everywhere. */
struct reading {
    struct request *request;
    struct arena *arena;
    struct findings *findings;
    json_t *given;
    const char *pointer; /* of the scan in the body */
    size_t index;
    int64_t now_us;
};

static const char *pointer_to(const struct reading *reading, const char *name)
{
    return arena_printf(reading->arena, "%s/%s", reading->pointer, name);
}

static void find(const struct reading *reading, const char *name, const char *code)
{
    findings_add(reading->findings, pointer_to(reading, name), code, NULL);
}

static void refuse_unknown_fields(const struct reading *reading)
{
    static const char *const known[] = {"ticket", "ticket_id",  "attendee", "door",   "direction",
                                        "nonce",  "scanned_at", "force",    "reason", "decided"};
    const char *name;
    json_t *value;
    json_object_foreach (reading->given, name, value) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known |= strcmp(known[i], name) == 0;
        if (!is_known)
            find(reading, name, "unknown_field");
    }
}

/* NULL: it is not there (null is absence too), or is no text, which has been found then. */
static const char *given_text(const struct reading *reading, const char *name)
{
    const json_t *value = json_object_get(reading->given, name);
    if (value && !json_is_null(value) && !json_is_string(value))
        find(reading, name, "text_expected");
    return json_string_value(value);
}

static bool is_given(const struct reading *reading, const char *name)
{
    const json_t *value = json_object_get(reading->given, name);
    return value && !json_is_null(value);
}

static void read_ticket(const struct reading *reading, const char *text, struct scan *scan)
{
    const struct keyring *keyring = request_worker(reading->request)->keyring;
    struct ticket_claims claims;
    switch (ticket_read(keyring, text, &claims)) {
    case TICKET_UNKNOWN:
        scan->refused = VERDICT_UNKNOWN;
        break;
    case TICKET_FORGED:
        scan->refused = VERDICT_FORGED;
        break;
    case TICKET_GENUINE:
        scan->ticket_id = claims.id;
        if (strcmp(claims.event, request_event(reading->request)->slug) != 0)
            scan->refused = VERDICT_WRONG_EVENT;
        break;
    }
}

static bool is_from_device(const struct reading *reading)
{
    return request_role(reading->request) & WHO_DEVICES;
}

/* A device vouches for the signature, which it has verified: no ticket has to lie in its queue. */
static void read_ticket_id(const struct reading *reading, const char *text, struct scan *scan)
{
    if (!is_from_device(reading))
        find(reading, "ticket_id", "ticket_id_for_devices");
    else if (!id_parse(text, &scan->ticket_id))
        find(reading, "ticket_id", "uuid_expected");
}

static void read_whose(const struct reading *reading, struct scan *scan)
{
    const char *ticket = given_text(reading, "ticket");
    const char *ticket_id_text = given_text(reading, "ticket_id");
    const char *attendee = given_text(reading, "attendee");
    int given = is_given(reading, "ticket") + is_given(reading, "ticket_id") +
                is_given(reading, "attendee");
    if (given > 1)
        find(reading, is_given(reading, "attendee") ? "attendee" : "ticket_id",
             "ticket_or_attendee");
    else if (given == 0)
        find(reading, "ticket", "ticket_needed");
    else if ((scan->has_ticket = ticket != NULL))
        read_ticket(reading, ticket, scan);
    else if (ticket_id_text)
        read_ticket_id(reading, ticket_id_text, scan);
    else if (attendee && request_role(reading->request) == WHO_SCANNER)
        find(reading, "attendee", "attendee_not_allowed");
    else if (attendee && !id_parse(attendee, &scan->attendee_id))
        find(reading, "attendee", "uuid_expected");
}

/* The one that is named. Where that was closed while the device was apart, its scans are those of
 * the door where it stands now: it has happened, and none may be lost. */
static const struct door *find_door(const struct reading *reading, const char *slug)
{
    const struct event *event = request_event(reading->request);
    const struct door *door = event_door(event, slug);
    if (!door && is_from_device(reading) && is_given(reading, "decided"))
        door = event_door(event, request_caller(reading->request)->door);
    return door;
}

/* A scan that waited in a device's queue names the door that the device stood at. */
static void read_door(const struct reading *reading, struct scan *scan)
{
    const struct caller *caller = request_caller(reading->request);
    bool is_device = is_from_device(reading);
    const char *slug = given_text(reading, "door");
    if (!is_given(reading, "door") && is_device)
        slug = caller->door;
    else if (!is_given(reading, "door"))
        find(reading, "door", "door_needed");
    if (!slug)
        return;
    const struct door *door = find_door(reading, slug);
    if (!door)
        find(reading, "door", "unknown_door");
    else if (is_device && strcmp(slug, caller->door) != 0 && !is_given(reading, "decided"))
        findings_add(reading->findings, pointer_to(reading, "door"), "other_door",
                     json_pack("{s:s}", "door", caller->door));
    else
        scan->door = door->slug;
}

static void read_direction(const struct reading *reading, struct scan *scan)
{
    const char *direction = given_text(reading, "direction");
    scan->direction = direction ? direction_parse(direction) : DIRECTION_IN;
    if (scan->direction == DIRECTION_NONE)
        find(reading, "direction", "direction_expected");
}

/* The same key from the same caller names the same scans of its list. */
static void nonce_from_key(const struct reading *reading, const char *key, struct id *ret_nonce)
{
    char caller[ID_TEXT_BYTES];
    id_format(&request_caller(reading->request)->id, caller);
    const char *named = arena_printf(reading->arena, "%s %zu %s", caller, reading->index, key);
    secret_id_for_key(&request_event(reading->request)->id, named, ret_nonce);
}

static void read_nonce(const struct reading *reading, struct scan *scan)
{
    const char *nonce = given_text(reading, "nonce");
    const char *key = request_idempotency_key(reading->request);
    if (nonce && !id_parse(nonce, &scan->nonce))
        find(reading, "nonce", "uuid_expected");
    else if (!nonce && key)
        nonce_from_key(reading, key, &scan->nonce);
    else if (!nonce)
        id_make_in(request_event(reading->request)->number, &scan->nonce);
}

/* A device whose clock is ahead must not make the guest's later scans look old. */
static void read_time(const struct reading *reading, struct scan *scan)
{
    const char *scanned_at = given_text(reading, "scanned_at");
    scan->scanned_at_us = reading->now_us;
    if (scanned_at && !clock_parse(scanned_at, &scan->scanned_at_us))
        find(reading, "scanned_at", "time_expected");
    if (scan->scanned_at_us > reading->now_us)
        scan->scanned_at_us = reading->now_us;
}

static void read_reason(const struct reading *reading, struct scan *scan)
{
    const char *given = given_text(reading, "reason");
    char *reason = given ? text_clean(reading->arena, given) : NULL;
    bool is_there = reason && *reason != '\0';
    if (is_there && text_has_control(reason, false))
        find(reading, "reason", "control_characters");
    else if (is_there && text_length(reason) > SCAN_REASON_MOST)
        findings_add(reading->findings, pointer_to(reading, "reason"), "too_long",
                     json_pack("{s:i}", "most", SCAN_REASON_MOST));
    else if (is_there)
        scan->reason = reason;
    else if (scan->force)
        find(reading, "reason", "reason_needed");
}

/* Who was let in by force while the device still might is a conflict, not an error: it has
 * happened. */
static void read_force(const struct reading *reading, struct scan *scan)
{
    bool may_force = request_role(reading->request) != WHO_SCANNER;
    const json_t *force = json_object_get(reading->given, "force");
    if (is_given(reading, "force") && !json_is_boolean(force))
        find(reading, "force", "boolean_expected");
    else if (json_is_true(force) && !may_force && !is_given(reading, "decided"))
        find(reading, "force", "force_not_allowed");
    scan->force = json_is_true(force) && may_force;
    read_reason(reading, scan);
}

/* Kept as it was said, whatever is decided here. */
static void read_decided(const struct reading *reading, struct scan *scan)
{
    const char *decided = given_text(reading, "decided");
    scan->decided = verdict_parse(decided);
    if (decided && scan->decided == VERDICT_NONE)
        find(reading, "decided", "verdict_expected");
}

static void read_scan(const struct reading *reading, struct scan *scan)
{
    if (!json_is_object(reading->given)) {
        findings_add(reading->findings, reading->pointer, "object_expected", NULL);
        return;
    }
    refuse_unknown_fields(reading);
    read_whose(reading, scan);
    read_door(reading, scan);
    read_direction(reading, scan);
    read_nonce(reading, scan);
    read_time(reading, scan);
    read_force(reading, scan);
    read_decided(reading, scan);
}

static size_t list_size(const struct reading *reading, json_t *body, json_t *list)
{
    const char *name;
    json_t *value;
    json_object_foreach (body, name, value) {
        if (strcmp(name, "scans") != 0)
            find(reading, name, "unknown_field");
    }
    size_t count = json_array_size(list);
    bool fits = count >= 1 && count <= SCANS_MOST;
    if (!fits)
        findings_add(reading->findings, "/scans", "scans_expected",
                     json_pack("{s:i}", "most", SCANS_MOST));
    return fits ? count : 0;
}

struct scan *scans_read(struct request *request, struct findings *findings, size_t *ret_count,
                        bool *ret_is_list)
{
    json_t *body = request_body(request), *list = json_object_get(body, "scans");
    struct reading reading = {
        .request = request,
        .arena = request_arena(request),
        .findings = findings,
        .given = body,
        .pointer = "",
        .now_us = clock_now_us(),
    };
    *ret_is_list = list != NULL;
    *ret_count = list ? list_size(&reading, body, list) : 1;
    struct scan *scans = arena_alloc(reading.arena, (*ret_count + 1) * sizeof *scans);
    if (!list)
        read_scan(&reading, scans);
    for (size_t i = 0; list && i < *ret_count; i++) {
        reading.given = json_array_get(list, i);
        reading.pointer = arena_printf(reading.arena, "/scans/%zu", i);
        reading.index = i;
        read_scan(&reading, &scans[i]);
    }
    return scans;
}
