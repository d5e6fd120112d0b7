/*
 * Mails that an organiser writes to many people of an event, and the pages for them.
 *
 * A mailing is for whom a filter of the list of people matches. It is a draft until it is sent.
 * Then it is a job (mailing_job.h): it writes down its recipients, each address once, and puts
 * their messages into the outbox in portions (features/message), which writes and sends the
 * letters.
 */
#ifndef EINLASS_FEATURES_MAILING_MAILING_H
#define EINLASS_FEATURES_MAILING_MAILING_H

#include "features/feature.h"

extern const struct feature feature_mailing;

#endif
