/*
 * The texts of a mailing.
 *
 *   GET  /events/{event}/mailings/{mailing}/edit   the form, a subject and a text for each language
 *   POST /events/{event}/mailings/{mailing}/edit   {"texts": {"en": {"subject", "text"}, …},
 * "version"}: keeps them, unless somebody else saved after this version. A language may be left
 * empty
 */
#ifndef EINLASS_FEATURES_MAILING_MAILING_EDIT_H
#define EINLASS_FEATURES_MAILING_MAILING_EDIT_H

struct request;

enum {
    MAILING_SUBJECT_MOST = 200,       /* limit: characters of the subject of a group mail */
    MAILING_TEXT_MOST = 10000,        /* limit: characters of a group mail in one language */
    MAILING_BODY_BYTES = 1024 * 1024, /* limit: body of a request with the texts of a group mail */
};

void mailing_edit_show(struct request *request);
void mailing_edit_save(struct request *request);

#endif
