#include "http/compress.h"

#include <stdint.h>
#include <strings.h>
#include <zlib.h>

#include "base/memory.h"

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 };

struct compressor {
    z_stream stream;
};

struct compressor *compress_create(int level)
{
    struct compressor *compressor = memory_alloc(sizeof *compressor);
    if (deflateInit2(&compressor->stream, level, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    return compressor;
}

void compress_destroy(struct compressor *compressor)
{
    if (!compressor)
        return;
    deflateEnd(&compressor->stream);
    free(compressor);
}

bool compress_buffer(struct compressor *compressor, struct evbuffer *buffer)
{
    size_t length = evbuffer_get_length(buffer);
    z_stream *stream = &compressor->stream;
    if (length == 0 || length > UINT32_MAX)
        return false;
    unsigned char *packed = memory_grow(NULL, length);
    deflateReset(stream);
    stream->next_in = evbuffer_pullup(buffer, -1);
    stream->avail_in = (uInt)length;
    stream->next_out = packed;
    stream->avail_out = (uInt)length;
    bool shorter = deflate(stream, Z_FINISH) == Z_STREAM_END;
    if (shorter) {
        evbuffer_drain(buffer, length);
        evbuffer_add(buffer, packed, length - stream->avail_out);
    }
    free(packed);
    return shorter;
}

/* Finds q=0 in the parameters of a coding. */
static bool is_refused(const char *parameters, size_t length)
{
    const char *at = memchr(parameters, '=', length);
    if (!at || (at > parameters && at[-1] != 'q' && at[-1] != 'Q'))
        return false;
    for (at++; at < parameters + length; at++) {
        if (*at >= '1' && *at <= '9')
            return false;
    }
    return true;
}

bool compress_is_accepted(const char *at)
{
    bool any = false;
    while (at && *at) {
        at += strspn(at, ", \t");
        size_t length = strcspn(at, ","), name = strcspn(at, ",; \t");
        bool refused = is_refused(at + name, length - name);
        if (name == 4 && strncasecmp(at, "gzip", 4) == 0)
            return !refused;
        if (name == 1 && *at == '*')
            any = !refused;
        at += length;
    }
    return any;
}

bool compress_is_worth(const char *content_type, size_t bytes)
{
    static const char *const kinds[] = {"text/",
                                        "application/json",
                                        "application/problem+json",
                                        "application/javascript",
                                        "image/svg+xml",
                                        "application/manifest+json"};
    if (bytes < COMPRESS_LEAST_BYTES)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strncmp(content_type, kinds[i], strlen(kinds[i])) == 0)
            return true;
    }
    return false;
}
