/* The second factor of an account (security/totp.h), and its recovery codes. */
#ifndef EINLASS_FEATURES_ACCOUNT_SECOND_FACTOR_H
#define EINLASS_FEATURES_ACCOUNT_SECOND_FACTOR_H

#include <stdbool.h>

#include "base/id.h"

struct request;
struct rows;

enum {
    SECOND_FACTOR_RECOVERY_CODES = 10,
    SECOND_FACTOR_CODE_MOST = 40, /* characters that people type */
};

/* How a code was judged. */
enum second_factor_verdict {
    SECOND_FACTOR_RIGHT,
    SECOND_FACTOR_WRONG,
    SECOND_FACTOR_TOO_MANY,
    SECOND_FACTOR_FAILED
};

typedef void second_factor_done(struct request *request, enum second_factor_verdict verdict,
                                void *context);

/*
 * Uses a code of the app, or a recovery code if `with_recovery`, and completes the session. Blanks
 * and hyphens do not count. Calls on_done once, later; FAILED: it has answered the request.
 */
void second_factor_use(struct request *request, const struct id *session_id, const char *code,
                       bool with_recovery, second_factor_done *on_done, void *context);

/* Pages that set it up, show new recovery codes, and turn it off. */
void second_factor_show(struct request *request);
void second_factor_confirm(struct request *request);
void second_factor_renew(struct request *request);
void second_factor_turn_off(struct request *request);

#endif
