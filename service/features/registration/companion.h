/*
 * The part of a companion in somebody else's registration, by the link that was mailed to the
 * companion's own address (link_companion). It shows the ticket. With one button the companion
 * takes the place over: it moves into a registration of their own with its own manage link. Until
 * then the place belongs to the person who registered them.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_COMPANION_H
#define EINLASS_FEATURES_REGISTRATION_COMPANION_H

struct request;

/* GET /registrations/{registration}/attendees/{attendee}?key= shows a button, because mail scanners
 * follow links. POST takes over and redirects to the new registration. */
void companion_show(struct request *request);
void companion_take_over(struct request *request);

/* POST of the same path in the API, {"key"}: answers {"registration", "manage_url"}. */
void companion_handle(struct request *request);

#endif
