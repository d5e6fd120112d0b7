/* Devices: phones that were made a door with a pairing code, each with a token of its own. */
#ifndef EINLASS_FEATURES_DOOR_DEVICES_H
#define EINLASS_FEATURES_DOOR_DEVICES_H

#include <jansson.h>
#include <stdbool.h>

struct request;
struct rows;

enum {
    DEVICE_NAME_MOST = 100,
    DEVICE_CODE_MOST = 64,            /* characters of a pairing code that are read */
    DEVICE_WRONG_CODES_MOST = 100,    /* limit: wrong pairing codes at once, of a worker */
    DEVICE_WRONG_CODES_A_SECOND = 10, /* limit: wrong pairing codes, of a worker */
};

#define DEVICE_TOKEN_PREFIX "einlass_door_"

/*
 * POST /api/v1/devices: {"code", "name"} becomes {"token", "device", "event", "door"}. A code that
 * is wrong or was used: 404, one that came too late: 410, after too many wrong ones: 429.
 */
void devices_pair(struct request *request);

/* Whether a device may be called this: up to DEVICE_NAME_MOST characters that show. */
bool devices_is_name(const char *text);

/* {"id", "name", "door", "role", "version"} of the first row; the version grows with each change. A
 * new reference. */
json_t *devices_json(const struct rows *rows);

/* GET /api/v1/events/{event}/devices: those that are paired or may still be. */
void devices_list(struct request *request);

/* DELETE /api/v1/events/{event}/devices/{device}: its token is worth nothing at once. */
void devices_revoke(struct request *request);

/* DELETE /api/v1/events/{event}/device: the same, by the device itself. */
void devices_revoke_own(struct request *request);

/* GET /api/v1/events/{event}/device: {"device", "now"}; 401 once it was revoked. */
void devices_show_own(struct request *request);

/*
 * PATCH of a device by those who run the event, or by itself: {"name", "door", "role"}, what is
 * left out stays. By itself it has no role to give, and moves only where its role is staff.
 * Answered as devices_show_own.
 */
void devices_change(struct request *request);
void devices_change_own(struct request *request);

#endif
