/* The forms by which attendees correct what they said, and the address they gave. Both send what
 * the API's PATCH takes. */
#ifndef EINLASS_FEATURES_REGISTRATION_CHANGE_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_CHANGE_PAGE_H

struct request;

/* GET and POST /registrations/{registration}/change */
void change_page_show(struct request *request);
void change_page_send(struct request *request);

/* GET and POST /registrations/{registration}/address */
void change_page_show_address(struct request *request);
void change_page_send_address(struct request *request);

#endif
