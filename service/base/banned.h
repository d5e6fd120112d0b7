/* The compiler includes this file before every source file. Unsafe calls do not compile. */
#ifndef EINLASS_BASE_BANNED_H
#define EINLASS_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison sprintf vsprintf strcpy strcat strtok atoi atol gets

/* The caller must look at what the function returns. */
#define MUST_CHECK __attribute__((warn_unused_result))

#endif
