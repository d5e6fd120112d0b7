#include "view/picture_read.h"

#include <jpeglib.h>
#include <jerror.h>
#include <librsvg/rsvg.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <webp/decode.h>

enum { PIXEL_BYTES = 4, PIXELS_PER_INCH = 96, SNIFFED_BYTES = 4096 };

void picture_fit(double width, double height, const struct picture_wish *wish, bool may_grow,
                 int *ret_width, int *ret_height)
{
    double scale = fmin(wish->width / width, wish->height / height);
    if (!may_grow)
        scale = fmin(scale, 1);
    *ret_width = (int)fmax(1, fmin(wish->width, round(width * scale)));
    *ret_height = (int)fmax(1, fmin(wish->height, round(height * scale)));
}

static bool is_too_large(uint64_t width, uint64_t height)
{
    return width > INT16_MAX || height > INT16_MAX || width * height > PICTURE_PIXELS_MOST;
}

static cairo_surface_t *create_surface(int width, int height)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        return surface;
    cairo_surface_destroy(surface);
    return NULL;
}

static unsigned times(unsigned colour, unsigned alpha)
{
    return (colour * alpha + 127) / 255;
}

/* The readers leave red, green, blue and alpha in the surface. Makes cairo's pixels of them. */
static void premultiply(cairo_surface_t *surface)
{
    unsigned char *row = cairo_image_surface_get_data(surface);
    int width = cairo_image_surface_get_width(surface);
    for (int y = cairo_image_surface_get_height(surface); y > 0; y--) {
        for (int x = 0; x < width; x++) {
            unsigned char *at = row + x * PIXEL_BYTES;
            unsigned alpha = at[3];
            uint32_t pixel = alpha << 24 | times(at[0], alpha) << 16 | times(at[1], alpha) << 8 |
                             times(at[2], alpha);
            memcpy(at, &pixel, sizeof pixel);
        }
        row += cairo_image_surface_get_stride(surface);
    }
    cairo_surface_mark_dirty(surface);
}

/* --- PNG ------------------------------------------------------------------------------------- */

static enum picture_fault read_png(const void *bytes, size_t length,
                                   const struct picture_wish *wish, struct picture_pixels *ret)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    (void)wish;
    if (!png_image_begin_read_from_memory(&image, bytes, length))
        return PICTURE_BROKEN;
    bool is_large = is_too_large(image.width, image.height);
    cairo_surface_t *surface =
        is_large ? NULL : create_surface((int)image.width, (int)image.height);
    if (!surface) {
        png_image_free(&image);
        return is_large ? PICTURE_TOO_LARGE : PICTURE_TOO_SLOW;
    }
    image.format = PNG_FORMAT_RGBA;
    if (!png_image_finish_read(&image, NULL, cairo_image_surface_get_data(surface),
                               cairo_image_surface_get_stride(surface), NULL)) {
        cairo_surface_destroy(surface);
        return PICTURE_BROKEN;
    }
    premultiply(surface);
    ret->surface = surface;
    return PICTURE_READ;
}

/* --- JPEG ------------------------------------------------------------------------------------ */

enum {
    EXIF_MARKER = JPEG_APP0 + 1,
    EXIF_MOST_BYTES = 0xffff,
    EXIF_ORIENTATION = 0x0112,
    EXIF_HEAD_BYTES = 6,
    TIFF_HEAD_BYTES = 8,
    TIFF_ENTRY_BYTES = 12,
    JPEG_SCALES = 8,       /* libjpeg decodes to so many eighths */
    JPEG_SCANS_MOST = 100, /* each goes over the whole picture */
};

static unsigned tiff_number(const unsigned char *at, int bytes, bool is_little)
{
    unsigned number = 0;
    for (int i = 0; i < bytes; i++)
        number = number << 8 | at[is_little ? bytes - 1 - i : i];
    return number;
}

/* Finds the orientation in the first directory of Exif's TIFF (CIPA DC-008, section 4.6). */
static int exif_orientation(const unsigned char *exif, size_t length)
{
    if (length < EXIF_HEAD_BYTES + TIFF_HEAD_BYTES ||
        memcmp(exif, "Exif\0\0", EXIF_HEAD_BYTES) != 0)
        return ORIENTATION_UPRIGHT;
    const unsigned char *tiff = exif + EXIF_HEAD_BYTES;
    length -= EXIF_HEAD_BYTES;
    bool is_little = tiff[0] == 'I';
    size_t at = tiff_number(tiff + 4, 4, is_little);
    if (at > length - 2)
        return ORIENTATION_UPRIGHT;
    unsigned entries = tiff_number(tiff + at, 2, is_little);
    for (at += 2; entries > 0 && at + TIFF_ENTRY_BYTES <= length; at += TIFF_ENTRY_BYTES) {
        entries--;
        if (tiff_number(tiff + at, 2, is_little) != EXIF_ORIENTATION)
            continue;
        unsigned value = tiff_number(tiff + at + 8, 2, is_little);
        return value >= ORIENTATION_UPRIGHT && value <= ORIENTATION_LAST ? (int)value
                                                                         : ORIENTATION_UPRIGHT;
    }
    return ORIENTATION_UPRIGHT;
}

struct jpeg_reading {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    cairo_surface_t *surface;
    enum picture_fault fault;
};

static void on_jpeg_error(j_common_ptr jpeg)
{
    longjmp(((struct jpeg_reading *)jpeg->client_data)->back, 1);
}

/* libjpeg fills up a file that is cut off, and warns. */
static void on_jpeg_message(j_common_ptr jpeg, int level)
{
    if (level < 0 &&
        (jpeg->err->msg_code == JWRN_JPEG_EOF || jpeg->err->msg_code == JWRN_HIT_MARKER))
        on_jpeg_error(jpeg);
}

static void on_jpeg_progress(j_common_ptr jpeg)
{
    if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > JPEG_SCANS_MOST)
        on_jpeg_error(jpeg);
}

/* Decodes no more eighths than the wish needs. */
static void choose_scale(struct jpeg_decompress_struct *jpeg, const struct picture_wish *wish,
                         int orientation)
{
    const struct picture_wish lying = {wish->height, wish->width, false};
    int width, height;
    picture_fit(jpeg->image_width, jpeg->image_height,
                orientation >= ORIENTATION_TRANSPOSED ? &lying : wish, false, &width, &height);
    jpeg->scale_denom = JPEG_SCALES;
    jpeg->scale_num = 1;
    while (jpeg->scale_num < JPEG_SCALES &&
           ((uint64_t)jpeg->image_width * jpeg->scale_num < (uint64_t)width * JPEG_SCALES ||
            (uint64_t)jpeg->image_height * jpeg->scale_num < (uint64_t)height * JPEG_SCALES))
        jpeg->scale_num++;
}

/* Pictures for print have inks, which Adobe's programs write inverted. */
static void mix_inks(unsigned char *row, int width, bool is_inverted)
{
    for (int x = 0; x < width; x++) {
        unsigned char *at = row + x * PIXEL_BYTES;
        unsigned paper = is_inverted ? at[3] : 255U - at[3];
        for (int i = 0; i < 3; i++)
            at[i] = (unsigned char)times(is_inverted ? at[i] : 255U - at[i], paper);
        at[3] = 255;
    }
}

static void read_jpeg_rows(struct jpeg_reading *reading)
{
    struct jpeg_decompress_struct *jpeg = &reading->jpeg;
    bool has_inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = has_inks ? JCS_CMYK : JCS_EXT_RGBA;
    jpeg_start_decompress(jpeg);
    reading->surface = create_surface((int)jpeg->output_width, (int)jpeg->output_height);
    if (!reading->surface) {
        reading->fault = PICTURE_TOO_SLOW;
        return;
    }
    unsigned char *pixels = cairo_image_surface_get_data(reading->surface);
    int stride = cairo_image_surface_get_stride(reading->surface);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = pixels + (size_t)jpeg->output_scanline * (size_t)stride;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (has_inks)
            mix_inks(row, (int)jpeg->output_width, jpeg->saw_Adobe_marker);
    }
    jpeg_finish_decompress(jpeg);
    reading->fault = PICTURE_READ;
}

static void read_jpeg_file(struct jpeg_reading *reading, const void *bytes, size_t length,
                           const struct picture_wish *wish, struct picture_pixels *ret)
{
    struct jpeg_decompress_struct *jpeg = &reading->jpeg;
    if (setjmp(reading->back) != 0)
        return;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &reading->progress;
    jpeg_mem_src(jpeg, bytes, length);
    jpeg_save_markers(jpeg, EXIF_MARKER, EXIF_MOST_BYTES);
    jpeg_read_header(jpeg, TRUE);
    if (is_too_large(jpeg->image_width, jpeg->image_height)) {
        reading->fault = PICTURE_TOO_LARGE;
        return;
    }
    const struct jpeg_marker_struct *exif = jpeg->marker_list;
    ret->orientation = exif ? exif_orientation(exif->data, exif->data_length) : ORIENTATION_UPRIGHT;
    choose_scale(jpeg, wish, ret->orientation);
    read_jpeg_rows(reading);
}

static enum picture_fault read_jpeg(const void *bytes, size_t length,
                                    const struct picture_wish *wish, struct picture_pixels *ret)
{
    struct jpeg_reading *reading = memory_alloc(sizeof *reading);
    reading->jpeg.err = jpeg_std_error(&reading->errors);
    reading->jpeg.client_data = reading;
    reading->errors.error_exit = on_jpeg_error;
    reading->errors.emit_message = on_jpeg_message;
    reading->progress.progress_monitor = on_jpeg_progress;
    reading->fault = PICTURE_BROKEN;
    read_jpeg_file(reading, bytes, length, wish, ret);
    jpeg_destroy_decompress(&reading->jpeg);
    enum picture_fault fault = reading->fault;
    if (fault == PICTURE_READ) {
        premultiply(reading->surface);
        ret->surface = reading->surface;
    } else if (reading->surface) {
        cairo_surface_destroy(reading->surface);
    }
    free(reading);
    return fault;
}

/* --- WebP ------------------------------------------------------------------------------------ */

static enum picture_fault read_webp(const void *bytes, size_t length,
                                    const struct picture_wish *wish, struct picture_pixels *ret)
{
    WebPBitstreamFeatures features;
    (void)wish;
    if (WebPGetFeatures(bytes, length, &features) != VP8_STATUS_OK)
        return PICTURE_BROKEN;
    if (features.has_animation)
        return PICTURE_UNKNOWN;
    if (is_too_large((uint64_t)features.width, (uint64_t)features.height))
        return PICTURE_TOO_LARGE;
    cairo_surface_t *surface = create_surface(features.width, features.height);
    if (!surface)
        return PICTURE_TOO_SLOW;
    int stride = cairo_image_surface_get_stride(surface);
    if (!WebPDecodeRGBAInto(bytes, length, cairo_image_surface_get_data(surface),
                            (size_t)stride * (size_t)features.height, stride)) {
        cairo_surface_destroy(surface);
        return PICTURE_BROKEN;
    }
    premultiply(surface);
    ret->surface = surface;
    return PICTURE_READ;
}

/* --- SVG ------------------------------------------------------------------------------------- */

/* A drawing without a size has the shape of its view box, or of what is drawn. */
static bool measure_svg(RsvgHandle *svg, double *ret_width, double *ret_height)
{
    gboolean has_width, has_height, has_box;
    RsvgLength width, height;
    RsvgRectangle box = {0};
    if (rsvg_handle_get_intrinsic_size_in_pixels(svg, ret_width, ret_height) && *ret_width > 0 &&
        *ret_height > 0)
        return true;
    rsvg_handle_get_intrinsic_dimensions(svg, &has_width, &width, &has_height, &height, &has_box,
                                         &box);
    if (!has_box && !rsvg_handle_get_geometry_for_element(svg, NULL, &box, NULL, NULL))
        return false;
    *ret_width = box.width;
    *ret_height = box.height;
    return isfinite(box.width) && isfinite(box.height) && box.width > 0 && box.height > 0;
}

static enum picture_fault draw_svg(RsvgHandle *svg, const struct picture_wish *wish,
                                   cairo_surface_t **ret_surface)
{
    double given_width, given_height;
    int width, height;
    if (!measure_svg(svg, &given_width, &given_height))
        return PICTURE_BROKEN;
    picture_fit(given_width, given_height, wish, true, &width, &height);
    cairo_surface_t *surface = create_surface(width, height);
    if (!surface)
        return PICTURE_TOO_SLOW;
    const RsvgRectangle viewport = {0, 0, width, height};
    cairo_t *pen = cairo_create(surface);
    bool is_drawn = rsvg_handle_render_document(svg, pen, &viewport, NULL);
    cairo_destroy(pen);
    if (is_drawn)
        *ret_surface = surface;
    else
        cairo_surface_destroy(surface);
    return is_drawn ? PICTURE_READ : PICTURE_BROKEN;
}

/* A drawing without a base address may load nothing from elsewhere. */
static enum picture_fault read_svg(const void *bytes, size_t length,
                                   const struct picture_wish *wish, struct picture_pixels *ret)
{
    RsvgHandle *svg = rsvg_handle_new_from_data(bytes, length, NULL);
    if (!svg)
        return PICTURE_BROKEN;
    rsvg_handle_set_dpi(svg, PIXELS_PER_INCH);
    enum picture_fault fault = draw_svg(svg, wish, &ret->surface);
    g_object_unref(svg);
    return fault;
}

/* --- Which it is ----------------------------------------------------------------------------- */

typedef enum picture_fault reader(const void *bytes, size_t length, const struct picture_wish *wish,
                                  struct picture_pixels *ret);

static bool begins(const unsigned char *bytes, size_t length, const char *with, size_t with_length)
{
    return length >= with_length && memcmp(bytes, with, with_length) == 0;
}

static bool is_svg(const unsigned char *bytes, size_t length)
{
    size_t at = begins(bytes, length, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < length && strchr(" \t\r\n", bytes[at]) && bytes[at] != '\0')
        at++;
    return at < length && bytes[at] == '<' &&
           memmem(bytes, length < SNIFFED_BYTES ? length : SNIFFED_BYTES, "<svg", 4);
}

static reader *find_reader(const unsigned char *bytes, size_t length)
{
    if (begins(bytes, length, "\x89PNG\r\n\x1a\n", 8))
        return read_png;
    if (begins(bytes, length, "\xff\xd8\xff", 3))
        return read_jpeg;
    if (begins(bytes, length, "RIFF", 4) && length >= 12 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return read_webp;
    return is_svg(bytes, length) ? read_svg : NULL;
}

enum picture_fault picture_read(const void *bytes, size_t length, const struct picture_wish *wish,
                                struct picture_pixels *ret_pixels)
{
    struct picture_pixels pixels = {.orientation = ORIENTATION_UPRIGHT};
    if (length > PICTURE_FILE_MOST_BYTES)
        return PICTURE_TOO_LARGE;
    reader *read = find_reader(bytes, length);
    enum picture_fault fault = read ? read(bytes, length, wish, &pixels) : PICTURE_UNKNOWN;
    if (fault == PICTURE_READ)
        *ret_pixels = pixels;
    return fault;
}
