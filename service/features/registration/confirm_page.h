/* Pages that ask before an action that cannot be undone. */
#ifndef EINLASS_FEATURES_REGISTRATION_CONFIRM_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_CONFIRM_PAGE_H

struct request;

/* GET /registrations/{registration}/cancel, …/erase, …/attendees/{attendee}/cancel */
void confirm_page_cancel(struct request *request);
void confirm_page_cancel_attendee(struct request *request);
void confirm_page_erase(struct request *request);

#endif
