/* Pairing codes, which make a phone a door. A code is a function of the service secret and the id
 * of its device, so that it can be shown again while it is good. The database holds only its hash.
 */
#ifndef EINLASS_FEATURES_DOOR_PAIRING_CODES_H
#define EINLASS_FEATURES_DOOR_PAIRING_CODES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/values.h"
#include "security/secret.h"
#include "statements.h"

struct request;

/* An order for a code; texts are borrowed. */
struct pairing_order {
    const char *door, *name;
    enum device_role role; /* none: staff */
    struct id replaced;    /* an unused code, which it replaces; zero: none */
};

/* A made code. */
struct pairing_code {
    struct id device_id;
    char code[SECRET_PAIRING_TEXT_BYTES];
    int64_t until_us;
};

/* Reads the body {"door", "name", "role"}. Returns the findings (findings_take), a new reference;
 * NULL: there are none. */
json_t *pairing_codes_read(struct request *request, struct pairing_order *ret_order);

/* Makes a code. Calls `made` once, or refuses the request. The outcome is made, no_door, too_many
 * or used; the code counts only for made. */
void pairing_codes_make(struct request *request, const struct pairing_order *order,
                        void (*made)(struct request *request, enum pair_outcome outcome,
                                     const struct pairing_code *code));

/* Gives the code of a row of door/device_list. False: nobody can use it any more, because the
 * service has another secret now. */
bool pairing_codes_show(const struct request *request, const struct rows *rows, int row,
                        char ret_code[SECRET_PAIRING_TEXT_BYTES]);

/* Returns what the QR code of a pairing code holds, in the arena. Browsers send the part behind the
 * # to no server and no log. */
const char *pairing_codes_url(struct request *request, const char *code);

/* POST /api/v1/events/{event}/devices: 201 with {"device", "code", "url", "pairing_until"}. POST
 * /desk/events/{event}/doors leads to the page of the code. */
void pairing_codes_add(struct request *request);

#endif
