#include "view/qr.h"

#include <qrencode.h>
#include <zlib.h>

#include "base/memory.h"
#include "view/escape.h"

static QRcode *encode(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > QR_MOST_BYTES)
        return NULL;
    return QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
}

/* Coordinates outside the code are light. */
static bool is_dark(const QRcode *code, int x, int y)
{
    x -= QR_QUIET;
    y -= QR_QUIET;
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1);
}

/* Writes each dark run of a row as a stroke, which is much shorter than a rectangle. */
static void add_row(const QRcode *code, int y, struct buffer *out)
{
    int end = code->width + QR_QUIET, pen = -1;
    for (int x = QR_QUIET; x < end; x++) {
        if (!is_dark(code, x, y))
            continue;
        int from = x;
        while (is_dark(code, x, y))
            x++;
        if (pen < 0)
            buffer_printf(out, "M%d %d.5h%d", from, y, x - from);
        else
            buffer_printf(out, "m%d 0h%d", from - pen, x - from);
        pen = x;
    }
}

bool qr_svg(const char *text, const char *title, struct buffer *out)
{
    QRcode *code = encode(text);
    if (!code)
        return false;
    int side = code->width + 2 * QR_QUIET;
    buffer_add_text(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"");
    escape_html(out, title, strlen(title));
    buffer_printf(out, "\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">", side, side);
    buffer_printf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", side, side);
    buffer_add_text(out, "<path stroke=\"#000\" d=\"");
    for (int y = QR_QUIET; y < code->width + QR_QUIET; y++)
        add_row(code, y, out);
    buffer_add_text(out, "\"/></svg>");
    QRcode_free(code);
    return true;
}

static void put_number(unsigned char at[4], size_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(number >> (24 - 8 * i));
}

/* RFC 2083 section 3.2: length, type, data, and the CRC of type and data. */
static void add_chunk(struct buffer *out, const char type[4], const void *data, size_t length)
{
    unsigned char number[4];
    put_number(number, length);
    buffer_add(out, number, 4);
    uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)type, 4);
    if (length > 0)
        crc = crc32(crc, data, (uInt)length);
    buffer_add(out, type, 4);
    buffer_add(out, data, length);
    put_number(number, crc);
    buffer_add(out, number, 4);
}

/* Makes the rows of a PNG with one bit per pixel, 1 for white, each after its filter byte 0. All
 * pixel rows of one row of modules are equal. */
static unsigned char *draw(const QRcode *code, unsigned pixels, size_t *ret_length)
{
    size_t side = (size_t)(code->width + 2 * QR_QUIET) * pixels, row_bytes = 1 + (side + 7) / 8;
    unsigned char *rows = memory_alloc(row_bytes * side), *row = rows;
    for (size_t y = 0; y < side; y++, row += row_bytes) {
        if (y % pixels != 0) {
            memcpy(row, row - row_bytes, row_bytes);
            continue;
        }
        for (size_t x = 0; x < side; x++)
            if (!is_dark(code, (int)(x / pixels), (int)(y / pixels)))
                row[1 + x / 8] |= (unsigned char)(0x80 >> x % 8);
    }
    *ret_length = row_bytes * side;
    return rows;
}

static void add_png(const QRcode *code, unsigned pixels, struct buffer *out)
{
    size_t length, side = (size_t)(code->width + 2 * QR_QUIET) * pixels;
    unsigned char *rows = draw(code, pixels, &length);
    uLongf packed_length = compressBound(length);
    unsigned char *packed = memory_alloc(packed_length);
    unsigned char header[13] = {[8] = 1}; /* one bit per sample; zeros: grey, no interlace */
    put_number(header, side);
    put_number(header + 4, side);
    /* The buffer has compressBound bytes, so this fails only without memory. */
    if (compress2(packed, &packed_length, rows, length, Z_DEFAULT_COMPRESSION) != Z_OK)
        abort();
    buffer_add(out, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(out, "IHDR", header, sizeof header);
    add_chunk(out, "IDAT", packed, packed_length);
    add_chunk(out, "IEND", NULL, 0);
    free(packed);
    free(rows);
}

bool qr_png(const char *text, unsigned pixels_per_module, struct buffer *out)
{
    if (pixels_per_module < 1 || pixels_per_module > QR_MOST_PIXELS)
        return false;
    QRcode *code = encode(text);
    if (!code)
        return false;
    add_png(code, pixels_per_module, out);
    QRcode_free(code);
    return true;
}

bool qr_terminal(const char *text, struct buffer *out)
{
    static const char *const halves[2][2] = {{" ", "▄"}, {"▀", "█"}};
    QRcode *code = encode(text);
    if (!code)
        return false;
    int side = code->width + 2 * QR_QUIET;
    for (int y = 0; y < side; y += 2) {
        buffer_add_text(out, "\x1b[30;107m");
        for (int x = 0; x < side; x++)
            buffer_add_text(out, halves[is_dark(code, x, y)][is_dark(code, x, y + 1)]);
        buffer_add_text(out, "\x1b[0m\n");
    }
    QRcode_free(code);
    return true;
}

bool qr_modules(const char *text, struct buffer *out, int *ret_side)
{
    QRcode *code = encode(text);
    if (!code)
        return false;
    for (int i = 0; i < code->width * code->width; i++)
        buffer_add_char(out, (char)(code->data[i] & 1));
    *ret_side = code->width;
    QRcode_free(code);
    return true;
}

int qr_version(const char *text)
{
    QRcode *code = encode(text);
    int version = code ? code->version : 0;
    QRcode_free(code);
    return version;
}
