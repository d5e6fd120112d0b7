/*
 * The organiser's profile: name, logo, colour, contact, imprint and privacy notice, and the address
 * for replies. What guests see of it stands on every page and mail (event/host.h).
 */
#ifndef EINLASS_FEATURES_PROFILE_PROFILE_H
#define EINLASS_FEATURES_PROFILE_PROFILE_H

#include "features/feature.h"
#include "form/form.h"

enum {
    PROFILE_TEXT_MOST = 20000, /* limit: characters of an imprint or a privacy notice */
    PROFILE_BODY_BYTES = 1024 * 1024,
    PROFILE_LANGUAGES = 2, /* of the service: locale_languages */
    LOGO_WIDTH_MOST = 480, /* in pixels; pages show a logo at half its size */
    LOGO_HEIGHT_MOST = 96,
};

struct profile_texts {
    const char *by_language[PROFILE_LANGUAGES];
};

struct profile {
    const char *name;
    struct email contact_email, reply_to;
    const char *contact_phone, *website, *accent;
    struct profile_texts imprint, privacy; /* Markdown, or only an address */
    int64_t version;                       /* from which it was made; 0: it was never saved */
};

extern const struct feature feature_profile;
extern const struct form profile_form, profile_texts_form;

/* Desk and API. */
void profile_choose(struct request *request);
void profile_show(struct request *request);
void profile_show_look(struct request *request);
void profile_save(struct request *request);

/* A page for guests. */
void notice_show_imprint(struct request *request);
void notice_show_privacy(struct request *request);

#endif
