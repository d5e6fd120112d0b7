#include "base/memory.h"

static void *checked(void *memory)
{
    if (!memory) {
        fputs("einlass: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *memory_alloc(size_t bytes)
{
    return checked(calloc(1, bytes ? bytes : 1));
}

void *memory_grow(void *memory, size_t bytes)
{
    return checked(realloc(memory, bytes ? bytes : 1));
}

char *memory_copy(const char *text)
{
    return text ? checked(strdup(text)) : NULL;
}
