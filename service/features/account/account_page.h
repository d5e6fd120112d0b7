/* The page of one's own account: password, second factor, sessions. */
#ifndef EINLASS_FEATURES_ACCOUNT_ACCOUNT_PAGE_H
#define EINLASS_FEATURES_ACCOUNT_ACCOUNT_PAGE_H

#include <jansson.h>

#include "db/values.h"

struct request;

void account_show(struct request *request);
void account_change_password(struct request *request);
void account_end_session(struct request *request);
void account_end_others(struct request *request);
void account_require_second_factor(struct request *request);

/* Answers the page with an error at a field, such as "confirm". */
void account_page_refuse(struct request *request, int status, const char *field, const char *code);

/* Loads the account of the session. Answers if that is not possible. The rows are those of
 * account_show.sql and live during the call. */
typedef void account_ready(struct request *request, const struct rows *account, void *context);
void account_load(struct request *request, account_ready *on_ready, void *context);

/* Proves that the person at the desk is the owner of the account: the form's field `confirm` is the
 * password or a code of the app. Otherwise it answers. on_proved runs once. */
void account_prove(struct request *request, void (*on_proved)(struct request *request));

#endif
