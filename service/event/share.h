/* The picture that other sites show with a link to an event (view/share_image.h). */
#ifndef EINLASS_EVENT_SHARE_H
#define EINLASS_EVENT_SHARE_H

#include "base/memory.h"
#include "view/share_image.h"

struct event;
struct locale;

/* Returns what the picture says, without the pictures in it. Texts live in the arena or with the
 * event. */
struct share_image share_image_of(const struct event *event, const struct locale *locale,
                                  struct arena *arena);

/* The name of the organiser's logo, as in PICTURES_PATH, in the arena; NULL: there is none. */
const char *share_logo_name(const struct event *event, struct arena *arena);

/* Returns its name, "de-0f3a9c….png", in the arena. Another look has another name. Its path is
 * /events/{event}/share/NAME. */
const char *share_name(const struct event *event, const struct locale *locale, struct arena *arena);

#endif
