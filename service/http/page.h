/*
 * Pages: their language, frames of other sites, the context of templates, and ready pages. More of
 * it is in reply.h (page_render, reply_ready_page, page_release) and request.h (request_locale,
 * request_embed, request_link).
 *
 * Every template has `page`: language, languages, url, path, public_url, css and assets (addresses
 * of files, see assets.h), and styles (inline styles of a ready page, so that it shows after one
 * round trip). In a frame it also has embed (request_embed()), query ("?embed=1&lang=de", for links
 * in the frame), and (the same after "&") and frame_origins. is_wrong: the title begins with
 * "Error:", because the view has_problems or a refusal.
 *
 * A page for guests about an event also has `host`: who holds it (scope.host).
 */
#ifndef EINLASS_HTTP_PAGE_H
#define EINLASS_HTTP_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "http/reply.h"

/* Sets the cookie of the language if ?lang= is one of the service's languages. */
void page_remember_language(struct request *request);

/* Returns the language of the answer for Content-Language. */
const char *page_language(struct request *request);

/* Allows pages of these origins (RFC 6454, section 6.2, with spaces between; NULL: none) to show
 * the answer in a frame. Copies the text. Without this call no page may. */
void page_allow_frames(struct request *request, const char *origins);

/* Allows one more inline style, by its source of digest_source(), which lives as long as the
 * request. The style of the scope's `host` is allowed already. */
void page_allow_style(struct request *request, const char *source);

/* Appends the further sources of style-src. */
void page_add_styles(const struct request *request, struct buffer *head);

/* Appends the sources of frame-ancestors. Without sources it also appends X-Frame-Options for old
 * browsers (RFC 7034). */
void page_add_ancestors(const struct request *request, struct buffer *head);

struct page_kind {
    bool for_all;  /* the page is cached for everybody: it must not contain this request's query */
    bool is_wrong; /* it says that something is wrong, so its title begins with "Error:" */
};

/* Appends the page. Takes the view. Returns false if it could not render, and logs why. */
MUST_CHECK bool page_write(struct request *request, const char *template, json_t *view,
                           struct page_kind kind, struct buffer *out);

/* Makes a ready page with one reference. Copies the bytes. */
struct page *page_create(const char *content_type, const void *bytes, size_t length);

/* FNV-1a, 64 bits. It only tells versions of a file apart. */
uint64_t page_hash(const void *bytes, size_t length);

#endif
