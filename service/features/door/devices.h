/* Devices: phones that are paired with a door. Each has its own token. */
#ifndef EINLASS_FEATURES_DOOR_DEVICES_H
#define EINLASS_FEATURES_DOOR_DEVICES_H

#include <jansson.h>
#include <stdbool.h>

struct request;
struct rows;

enum {
    DEVICE_NAME_MOST = 100,
    DEVICE_CODE_MOST = 64, /* characters of a pairing code that are read */
    PAIRING_MINUTES = 15,
    DEVICES_OF_EVENT_MOST = 1000, /* limit: phones and open pairing codes of an event */
};

#define DEVICE_TOKEN_PREFIX "einlass_door_"

/* POST /api/v1/devices: answers {"code", "name"} with {"token", "device", "event", "door"}. Answers
 * 404 for a wrong or used code, 410 for an expired one, and 429 after too many such codes. */
void devices_pair(struct request *request);

/* Returns whether the text is UTF-8 of at most DEVICE_NAME_MOST characters without control
 * characters. */
bool devices_is_name(const char *text);

/* Returns {"id", "name", "door", "role", "keeps_names", "version"} of the first row, a new
 * reference. Each change raises the version. */
json_t *devices_json(const struct rows *rows);

/* GET /api/v1/events/{event}/devices: lists paired devices and unused pairing codes. */
void devices_list(struct request *request);

/* Returns a row of door/device_list, a new reference: {"id", "name", "door", "role", "keeps_names",
 * "created_at", "paired_at", "pairing_until", "seen_at", "waiting", "battery"}. */
json_t *devices_item(const struct rows *rows, int row);

/* POST /api/v1/events/{event}/device {"waiting", "battery"}: a phone tells each minute how many
 * scans it has not sent, and the percent of its battery (null: unknown). Answers 204. */
void devices_report(struct request *request);

/* DELETE /api/v1/events/{event}/devices/{device}: revokes the token at once. POST …/revoke at the
 * desk. */
void devices_revoke(struct request *request);

/* DELETE /api/v1/events/{event}/device: the device revokes its own token. */
void devices_revoke_own(struct request *request);

/* GET /api/v1/events/{event}/device: answers {"device", "now"}, or 401 for a revoked device. */
void devices_show_own(struct request *request);

/*
 * PATCH of a device, by an editor or by the device itself: {"name", "door", "role", "keeps_names"}.
 * A missing member is unchanged. A device cannot change its own role, nor whether it keeps names,
 * and a scanner cannot change its door. Answers 409 scans_only if a scanner should keep names.
 * Answers as devices_show_own does. POST at the desk.
 */
void devices_change(struct request *request);
void devices_change_own(struct request *request);

#endif
