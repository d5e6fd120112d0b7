/* The forms that correct a registration and its address. Both send the body of the API's PATCH. */
#ifndef EINLASS_FEATURES_REGISTRATION_CHANGE_PAGE_H
#define EINLASS_FEATURES_REGISTRATION_CHANGE_PAGE_H

#include <jansson.h>

struct locale;
struct request;

/* GET and POST /registrations/{registration}/change */
void change_page_show(struct request *request);
void change_page_send(struct request *request);

/* GET and POST /registrations/{registration}/address */
void change_page_show_address(struct request *request);
void change_page_send_address(struct request *request);

/* Stored answers as an unchanged form in this language sends them. A new reference. */
json_t *change_page_typed_answers(const json_t *answers, const struct locale *locale);

#endif
