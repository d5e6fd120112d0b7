/* The making of pages kept ready; see reply.h for their use. */
#ifndef EINLASS_HTTP_PAGE_H
#define EINLASS_HTTP_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "http/reply.h"

/* With one reference. The bytes are copied. */
struct page *page_create(const char *content_type, const void *bytes, size_t length);

/* 64 bits of FNV-1a: tells versions of a file apart, and no more. */
uint64_t page_hash(const void *bytes, size_t length);

#endif
