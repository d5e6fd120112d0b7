/* Temporary files without a name, for what is too large for memory. They go with their descriptor,
 * also if the process is killed. */
#ifndef EINLASS_BASE_SPOOL_H
#define EINLASS_BASE_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

/* $TMPDIR or /var/tmp. Not /tmp, which may be in memory. */
const char *spool_directory(void);

/* Returns a descriptor for reading and writing, or -1 with errno. */
int spool_open(void);

/* Whether the directory has room for so many bytes. */
bool spool_has_room(int64_t bytes);

#endif
