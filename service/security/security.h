/* What this room needs before anything else in it is called. */
#ifndef EINLASS_SECURITY_SECURITY_H
#define EINLASS_SECURITY_SECURITY_H

#include <stdbool.h>

/*
 * Sets up libsodium: called once at the start of main, before there are threads; a second call
 * does nothing. False: the kernel has no random numbers to give, and nothing here would be safe.
 */
MUST_CHECK bool security_init(void);

#endif
