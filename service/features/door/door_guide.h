/* The guide for the people at the door, and their practice tickets. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_GUIDE_H
#define EINLASS_FEATURES_DOOR_DOOR_GUIDE_H

#include <jansson.h>

#include "http/request.h"
#include "view/locale.h"

/* GET /door/guide */
void door_guide(struct request *request);

/* Returns [{"title": expected result, "qr": code as SVG}], a new reference. The app knows the texts
 * of practice tickets (app/views/practice.js). The service refuses them as unknown. */
json_t *door_guide_practice(const struct locale *locale);

#endif
