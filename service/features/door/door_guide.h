/* The page of guidance for the people at the door, and the tickets they practise with. */
#ifndef EINLASS_FEATURES_DOOR_DOOR_GUIDE_H
#define EINLASS_FEATURES_DOOR_DOOR_GUIDE_H

#include <jansson.h>

#include "http/request.h"
#include "view/locale.h"

/* GET /door/guide */
void door_guide(struct request *request);

/* [{"title": what it leads to, "qr": its code as SVG}]: tickets that are none. The app knows their
 * texts (app/views/practice.js); the service refuses them as it refuses every other text. */
json_t *door_guide_practice(const struct locale *locale);

#endif
