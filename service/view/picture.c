#include "view/picture.h"

#include <jpeglib.h>
#include <png.h>
#include <setjmp.h>
#include <stdint.h>

#include "view/picture_read.h"

enum { PIXEL_BYTES = 4, JPEG_QUALITY = 82 };

/* --- Upright and scaled ---------------------------------------------------------------------- */

/* Places the pixel (x, y) of the file upright: x' = xx x + xy y + (width or height), and so y'. */
struct turn {
    int xx, yx, xy, yy;
    bool moves_x, moves_y;
};

static const struct turn turns[] = {
    [ORIENTATION_UPRIGHT] = {1, 0, 0, 1, false, false},
    [2] = {-1, 0, 0, 1, true, false},
    [3] = {-1, 0, 0, -1, true, true},
    [4] = {1, 0, 0, -1, false, true},
    [ORIENTATION_TRANSPOSED] = {0, 1, 1, 0, false, false},
    [6] = {0, 1, -1, 0, true, false},
    [7] = {0, -1, -1, 0, true, true},
    [ORIENTATION_LAST] = {0, -1, 1, 0, false, true},
};

/* Takes the pixels. NULL: there is not enough memory. */
static cairo_surface_t *make_upright(struct picture_pixels pixels, const struct picture_wish *wish)
{
    const struct turn *turn = &turns[pixels.orientation];
    int width = cairo_image_surface_get_width(pixels.surface), final_width;
    int height = cairo_image_surface_get_height(pixels.surface), final_height;
    if (pixels.orientation >= ORIENTATION_TRANSPOSED) {
        int lying = width;
        width = height;
        height = lying;
    }
    picture_fit(width, height, wish, false, &final_width, &final_height);
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, final_width, final_height);
    cairo_t *pen = cairo_create(surface);
    cairo_matrix_t matrix;
    cairo_matrix_init(&matrix, turn->xx, turn->yx, turn->xy, turn->yy, turn->moves_x ? width : 0,
                      turn->moves_y ? height : 0);
    cairo_scale(pen, (double)final_width / width, (double)final_height / height);
    cairo_transform(pen, &matrix);
    cairo_set_source_surface(pen, pixels.surface, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(pen), CAIRO_EXTEND_PAD); /* no pale border */
    cairo_set_operator(pen, CAIRO_OPERATOR_SOURCE);
    cairo_paint(pen);
    bool is_drawn = cairo_status(pen) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(pen);
    cairo_surface_destroy(pixels.surface);
    cairo_surface_flush(surface);
    if (is_drawn)
        return surface;
    cairo_surface_destroy(surface);
    return NULL;
}

/* --- Written anew ---------------------------------------------------------------------------- */

/* Red, green, blue and alpha. */
struct samples {
    unsigned char *bytes;
    bool is_opaque;
};

static unsigned char divide(uint32_t colour, uint32_t alpha)
{
    return (unsigned char)(alpha == 0 ? 0 : ((colour & 255) * 255 + alpha / 2) / alpha);
}

static struct samples take_samples(cairo_surface_t *surface)
{
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    const unsigned char *row = cairo_image_surface_get_data(surface);
    struct samples samples = {memory_alloc((size_t)width * (size_t)height * PIXEL_BYTES), true};
    unsigned char *to = samples.bytes;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint32_t pixel, alpha;
            memcpy(&pixel, row + x * PIXEL_BYTES, sizeof pixel);
            alpha = pixel >> 24;
            *to++ = divide(pixel >> 16, alpha);
            *to++ = divide(pixel >> 8, alpha);
            *to++ = divide(pixel, alpha);
            *to++ = (unsigned char)alpha;
            samples.is_opaque &= alpha == 255;
        }
        row += cairo_image_surface_get_stride(surface);
    }
    return samples;
}

static bool write_png(const struct samples *samples, struct picture *picture)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)picture->width,
                       .height = (png_uint_32)picture->height,
                       .format = PNG_FORMAT_RGBA};
    png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(image);
    char *to = buffer_reserve(&picture->bytes, length);
    if (!png_image_write_to_memory(&image, to, &length, 0, samples->bytes, 0, NULL))
        return false;
    picture->bytes.length += length;
    to[length] = '\0';
    return true;
}

struct jpeg_writing {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf back;
    unsigned char *bytes; /* of libjpeg, from malloc */
    unsigned long length;
};

static void on_jpeg_error(j_common_ptr jpeg)
{
    longjmp(((struct jpeg_writing *)jpeg->client_data)->back, 1);
}

static bool write_jpeg_rows(struct jpeg_writing *writing, const struct samples *samples,
                            const struct picture *picture)
{
    struct jpeg_compress_struct *jpeg = &writing->jpeg;
    if (setjmp(writing->back) != 0)
        return false;
    jpeg_create_compress(jpeg);
    jpeg_mem_dest(jpeg, &writing->bytes, &writing->length);
    jpeg->image_width = (JDIMENSION)picture->width;
    jpeg->image_height = (JDIMENSION)picture->height;
    jpeg->input_components = PIXEL_BYTES;
    jpeg->in_color_space = JCS_EXT_RGBX;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, JPEG_QUALITY, TRUE);
    jpeg_simple_progression(jpeg);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        size_t at = (size_t)jpeg->next_scanline * (size_t)picture->width * PIXEL_BYTES;
        JSAMPROW row = samples->bytes + at;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return true;
}

static bool write_jpeg(const struct samples *samples, struct picture *picture)
{
    struct jpeg_writing *writing = memory_alloc(sizeof *writing);
    writing->jpeg.err = jpeg_std_error(&writing->errors);
    writing->jpeg.client_data = writing;
    writing->errors.error_exit = on_jpeg_error;
    bool is_written = write_jpeg_rows(writing, samples, picture);
    jpeg_destroy_compress(&writing->jpeg);
    if (is_written)
        buffer_add(&picture->bytes, writing->bytes, writing->length);
    free(writing->bytes);
    free(writing);
    return is_written;
}

enum picture_fault picture_write(cairo_surface_t *surface, bool is_photo, struct picture *ret)
{
    struct picture picture = {.width = cairo_image_surface_get_width(surface),
                              .height = cairo_image_surface_get_height(surface)};
    struct samples samples = take_samples(surface);
    cairo_surface_destroy(surface);
    buffer_init(&picture.bytes);
    picture.is_jpeg = is_photo && samples.is_opaque;
    bool is_written =
        picture.is_jpeg ? write_jpeg(&samples, &picture) : write_png(&samples, &picture);
    free(samples.bytes);
    if (is_written)
        *ret = picture;
    else
        picture_finish(&picture);
    return is_written ? PICTURE_READ : PICTURE_TOO_SLOW;
}

enum picture_fault picture_convert(const void *bytes, size_t length,
                                   const struct picture_wish *wish, struct picture *ret_picture)
{
    struct picture_pixels pixels;
    enum picture_fault fault = picture_read(bytes, length, wish, &pixels);
    if (fault != PICTURE_READ)
        return fault;
    cairo_surface_t *surface = make_upright(pixels, wish);
    return surface ? picture_write(surface, wish->is_photo, ret_picture) : PICTURE_TOO_SLOW;
}

void picture_finish(struct picture *picture)
{
    buffer_finish(&picture->bytes);
}

const char *picture_fault_code(enum picture_fault fault)
{
    static const char *const codes[] = {
        [PICTURE_UNKNOWN] = "picture_unknown",
        [PICTURE_BROKEN] = "picture_broken",
        [PICTURE_TOO_LARGE] = "picture_too_large",
        [PICTURE_TOO_SLOW] = "picture_too_slow",
        [PICTURE_BUSY] = NULL,
    };
    return codes[fault];
}
