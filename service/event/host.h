/* Who holds an event: what the organiser's profile adds to the pages and mails for guests. */
#ifndef EINLASS_EVENT_HOST_H
#define EINLASS_EVENT_HOST_H

#include <jansson.h>

#include "event/event.h"

/* --accent of web/styles/look.css on light ground. */
#define HOST_USUAL_ACCENT "#2547c0"

/* Reads the profile as guest_profile() gives it, JSON, into the event. NULL: there is none. */
void host_read(struct event *event, const char *profile);

/*
 * What pages show of an organiser, a new reference:
 *
 *     name, slug         always
 *     logo               {url, width, height}
 *     email, phone {text, link}, website {url, text}; has_contact
 *     imprint, privacy   addresses; has_pages
 *     style              the inline style with the colours
 *     accent             always: the colour on light ground, "#2547c0"
 */
json_t *host_view(const struct event *event, const char *language);

/* Adds to the data of a mail `host` with the event's own contact and its `contact_name`, `accent`
 * of it, and `reply_to`. Addresses begin with the public URL. Shown in a browser, a mail may load
 * pictures only from the page's own site. */
void host_add_to_mail(const struct event *event, const char *public_url, bool is_in_browser,
                      const char *language, json_t *data);

/* The same for an organiser without an event. Borrows the profile, as guest_profile() gives it. */
struct host {
    const char *slug, *name;
    const json_t *profile;
    const char *style; /* of host_style_make(); NULL: none */
};
json_t *host_view_of(const struct host *host, const char *language);

/* Adds `host` and `accent` of it to the data of a mail. Addresses begin with the public URL. */
void host_add_organiser_to_mail(const struct host *host, const char *public_url,
                                const char *language, json_t *data);

/* Returns the style for an accent, in the arena, and its source for page_allow_style(). */
const char *host_style_make(const char *accent, struct arena *arena, const char **ret_source);

const char *host_style_source(const struct event *event);

/* Whether the profile has a privacy notice. */
bool host_has_privacy(const struct event *event);

/* The address for replies to mails: the event's, or else the organiser's; NULL: neither has one. */
const char *host_reply_to(const struct event *event);

#endif
