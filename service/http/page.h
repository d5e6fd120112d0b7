/*
 * Pages: the language they are in, how they stand in frames of other sites, what their templates
 * can show, and those that are kept ready (page_render(), reply_ready_page() and page_release() are
 * in reply.h; request_locale(), request_embed() and request_link() in request.h).
 *
 * Every template has `page`: language, languages, url, path, public_url, css and assets (addresses
 * of files, see assets.h), styles (the style sheet itself, where the page is kept ready and brings
 * it along, so that it is seen after one round trip); in a frame also embed (request_embed()),
 * query
 * ("?embed=1&lang=de", for links within) and and (the same behind "&"), frame_origins.
 */
#ifndef EINLASS_HTTP_PAGE_H
#define EINLASS_HTTP_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "http/reply.h"

/* Sets the cookie that keeps the choice where ?lang= names a language of ours. */
void page_remember_language(struct request *request);

/* The language of the answer, as for Content-Language. */
const char *page_language(struct request *request);

/* Pages of these origins (RFC 6454 section 6.2, with spaces between; NULL: none) may show the
 * answer, a page, in a frame; without it none may. Copied. */
void page_allow_frames(struct request *request, const char *origins);

/* Appends frame-ancestors' sources and, where they are none, the same for browsers that do not know
 * it (RFC 7034). */
void page_add_ancestors(const struct request *request, struct buffer *head);

/* Appends the page; takes the view. for_all: the page is kept and shown to everybody, so nothing of
 * this request's query is in it. False: it could not be rendered, which was logged. */
MUST_CHECK bool page_write(struct request *request, const char *template, json_t *view,
                           bool for_all, struct buffer *out);

/* Bytes to be kept ready, with one reference. They are copied. */
struct page *page_create(const char *content_type, const void *bytes, size_t length);

/* 64 bits of FNV-1a: tells versions of a file apart, and no more. */
uint64_t page_hash(const void *bytes, size_t length);

#endif
