/* Heap memory. If it runs out, the process ends with a line on standard error. */
#ifndef EINLASS_BASE_MEMORY_H
#define EINLASS_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed. Freed with free(). */
void *memory_alloc(size_t bytes);

/* Like realloc. The new part is not zeroed. */
void *memory_grow(void *memory, size_t bytes);

char *memory_copy(const char *text);

#endif
