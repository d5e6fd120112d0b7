/* Sessions at the desk: how long they last, and how they begin and end. */
#ifndef EINLASS_FEATURES_ACCOUNT_SESSIONS_H
#define EINLASS_FEATURES_ACCOUNT_SESSIONS_H

#include "security/secret.h"

struct request;

enum {
    SESSION_IDLE_HOURS = 12,   /* limit: hours until an unused session at the desk ends */
    INVITATION_HOURS = 7 * 24, /* limit: hours until a mailed invitation expires */
    SIGN_IN_LINK_MINUTES = 15, /* limit: time until a link to sign in expires */
    SESSION_DEVICE_BYTES = 101,
};

#define ACCOUNT_PATH_SECOND_FACTOR "/desk/account/second-factor"
#define ACCOUNT_PATH_INVITATIONS "/desk/invitations"

/* A session that begins. Its secret is the cookie; the database holds the hash. */
struct new_session {
    struct id id;
    char secret[SECRET_TEXT_BYTES];
    unsigned char hash[SECRET_HASH_BYTES];
    char device[SESSION_DEVICE_BYTES];
};

void session_make(struct request *request, struct new_session *ret_session);

/* Writes the browser and the system of a User-Agent, such as "Firefox, Windows". NULL or unknown:
 * "". */
void session_device(const char *user_agent, char ret_device[SESSION_DEVICE_BYTES]);

/* Returns the page of the desk that ?to= names, in the arena, or /desk. */
const char *sign_in_target(struct request *request);

#endif
