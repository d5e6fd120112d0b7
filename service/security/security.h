/* Start-up of the cryptography. */
#ifndef EINLASS_SECURITY_SECURITY_H
#define EINLASS_SECURITY_SECURITY_H

#include <stdbool.h>

/*
 * Sets up libsodium and liboath. Call it at the start of main, before any thread starts and before
 * any other function of this folder; a second call does nothing. False: the kernel has no random
 * numbers.
 */
MUST_CHECK bool security_init(void);

#endif
