#include "http/page.h"

#include <inttypes.h>
#include <zlib.h>

#include "base/memory.h"
#include "http/compress.h"
#include "http/render.h"
#include "http/send.h"

enum { ETAG_BYTES = 32 };

/* The page in one coding. */
struct coded {
    unsigned char *bytes;
    size_t length;
    char etag[ETAG_BYTES];
};

struct page {
    int references;
    char *content_type;
    char *language;             /* NULL: the same in all */
    struct coded plain, packed; /* nothing is packed that would not get shorter */
};

uint64_t page_hash(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void pack(struct page *page)
{
    struct compressor *compressor = compress_create(Z_BEST_COMPRESSION);
    struct evbuffer *buffer = evbuffer_new();
    evbuffer_add(buffer, page->plain.bytes, page->plain.length);
    if (compress_is_worth(page->content_type, page->plain.length) &&
        compress_buffer(compressor, buffer)) {
        page->packed.length = evbuffer_get_length(buffer);
        page->packed.bytes = memory_alloc(page->packed.length);
        evbuffer_remove(buffer, page->packed.bytes, page->packed.length);
    }
    evbuffer_free(buffer);
    compress_destroy(compressor);
}

struct page *page_create(const char *content_type, const void *bytes, size_t length)
{
    struct page *page = memory_alloc(sizeof *page);
    uint64_t hash = page_hash(bytes, length);
    page->references = 1;
    page->content_type = memory_copy(content_type);
    page->plain.bytes = memory_alloc(length);
    page->plain.length = length;
    memcpy(page->plain.bytes, bytes, length);
    snprintf(page->plain.etag, ETAG_BYTES, "\"%016" PRIx64 "\"", hash);
    snprintf(page->packed.etag, ETAG_BYTES, "\"%016" PRIx64 "-gzip\"", hash);
    pack(page);
    return page;
}

struct page *page_render(struct request *request, const char *template, json_t *view)
{
    struct buffer html;
    buffer_init(&html);
    if (!render_page(request, template, view, true, &html)) {
        buffer_finish(&html);
        return NULL;
    }
    struct page *page = page_create("text/html; charset=utf-8", html.bytes, html.length);
    page->language = memory_copy(render_language(request));
    buffer_finish(&html);
    return page;
}

void page_release(struct page *page)
{
    if (!page || --page->references > 0)
        return;
    free(page->content_type);
    free(page->language);
    free(page->plain.bytes);
    free(page->packed.bytes);
    free(page);
}

static void on_sent(const void *bytes, size_t length, void *page)
{
    (void)bytes;
    (void)length;
    page_release(page);
}

/* Whether an If-None-Match header has the tag; weak comparison, RFC 9110 section 13.1.2. */
static bool has_tag(const char *header, const char *etag)
{
    const char *at = header ? strstr(header, etag) : NULL;
    return at || (header && strcmp(header, "*") == 0);
}

void reply_ready_page(struct request *request, struct page *page)
{
    struct evbuffer *body = send_begin(request);
    if (!body)
        return;
    bool packs = page->packed.bytes != NULL;
    bool packed = packs && compress_is_accepted(request_peek_header(request, "Accept-Encoding"));
    const struct coded *coded = packed ? &page->packed : &page->plain;
    reply_header(request, "ETag", coded->etag);
    send_default_header(request, "Cache-Control", "no-cache");
    if (page->language) {
        reply_header(request, "Content-Language", page->language);
        reply_header(request, "Vary", "Accept-Language, Accept-Encoding, Cookie");
    } else if (packs) {
        reply_header(request, "Vary", "Accept-Encoding");
    }
    if (has_tag(request_peek_header(request, "If-None-Match"), coded->etag)) {
        send_finish(request, 304, NULL);
        return;
    }
    if (packed)
        reply_header(request, "Content-Encoding", "gzip");
    page->references++;
    evbuffer_add_reference(body, coded->bytes, coded->length, on_sent, page);
    send_finish(request, 200, page->content_type);
}
