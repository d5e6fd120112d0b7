#include "view/share_image.h"

#include "base/text.h"
#include "view/document.h"
#include "view/document_surface.h"
#include "view/picture_read.h"

enum {
    MARGIN = 72,
    STRIP = 16,          /* of the accent colour, at the left edge */
    PICTURE_WIDTH = 430, /* at the right edge */
    LOGO_WIDTH = 360,
    LOGO_HEIGHT = 72,
    TEXT_TOP = 188,
    DAY_LENGTH = 50, /* "Mittwoch, 27. September 2026, 10:00–14:00 Uhr" and some more */
};

#define PAPER 0xFBFAF7
#define INK 0x1A1C22
#define INK_SOFT 0x585D69

/* NULL: there is none, or it cannot be read. */
static cairo_surface_t *read_picture(const char *bytes, size_t length, int width, int height)
{
    const struct picture_wish wish = {.width = width, .height = height};
    struct picture_pixels pixels;
    if (!bytes || picture_read(bytes, length, &wish, &pixels) != PICTURE_READ)
        return NULL;
    return pixels.surface;
}

/* Scales the picture by the factor and paints it around the middle of the box. */
static void paint(cairo_t *pen, cairo_surface_t *picture, const struct document_box *box,
                  double scale, bool at_start)
{
    double width = cairo_image_surface_get_width(picture) * scale;
    double height = cairo_image_surface_get_height(picture) * scale;
    cairo_save(pen);
    cairo_rectangle(pen, box->x, box->y, box->width, box->height);
    cairo_clip(pen);
    cairo_translate(pen, at_start ? box->x : box->x + (box->width - width) / 2,
                    box->y + (box->height - height) / 2);
    cairo_scale(pen, scale, scale);
    cairo_set_source_surface(pen, picture, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(pen), CAIRO_FILTER_GOOD);
    cairo_paint(pen);
    cairo_restore(pen);
}

static double scale_of(cairo_surface_t *picture, const struct document_box *box, bool covers)
{
    double x = box->width / cairo_image_surface_get_width(picture);
    double y = box->height / cairo_image_surface_get_height(picture);
    return (x > y) == covers ? x : y;
}

/* Takes the picture. */
static void paint_picture(cairo_t *pen, cairo_surface_t *picture)
{
    const struct document_box box = {SHARE_IMAGE_WIDTH - PICTURE_WIDTH, 0, PICTURE_WIDTH,
                                     SHARE_IMAGE_HEIGHT};
    paint(pen, picture, &box, scale_of(picture, &box, true), false);
    cairo_surface_destroy(picture);
}

static void paint_logo(cairo_t *pen, cairo_surface_t *logo)
{
    const struct document_box box = {MARGIN, MARGIN, LOGO_WIDTH, LOGO_HEIGHT};
    paint(pen, logo, &box, scale_of(logo, &box, false), true);
    cairo_surface_destroy(logo);
}

static void write_texts(struct document *document, const struct share_image *image, double width,
                        bool has_logo)
{
    const struct document_style organiser = {DOCUMENT_SANS, 30, true, INK_SOFT, 0};
    const struct document_style title = {DOCUMENT_SERIF, 68, true, INK, 0.9};
    const struct document_style when = {DOCUMENT_SANS, 34, false, INK, 0};
    const struct document_style where = {DOCUMENT_SANS, 30, false, INK_SOFT, 0};
    int lines = text_length(image->when) > DAY_LENGTH ? 2 : 1; /* from one day to another */
    const struct document_item head = {
        .text = image->organiser, .style = &organiser, .most_lines = 1, .least = 0.6};
    const struct document_item items[] = {
        {.text = image->title, .style = &title, .most_lines = 4, .least = 0.6},
        {.text = image->when, .style = &when, .before = 30, .most_lines = lines, .least = 0.6},
        {.text = image->where, .style = &where, .before = 10, .most_lines = 2, .least = 0.6},
    };
    if (!has_logo)
        document_column(document, &(struct document_box){MARGIN, MARGIN, width, LOGO_HEIGHT}, &head,
                        1);
    document_column(
        document,
        &(struct document_box){MARGIN, TEXT_TOP, width, SHARE_IMAGE_HEIGHT - TEXT_TOP - MARGIN / 2},
        items, sizeof items / sizeof *items);
}

bool share_image_write(const struct share_image *image, bool *ret_is_jpeg, struct buffer *out)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, SHARE_IMAGE_WIDTH, SHARE_IMAGE_HEIGHT);
    cairo_surface_t *photo =
        read_picture(image->picture, image->picture_bytes, SHARE_IMAGE_WIDTH, SHARE_IMAGE_WIDTH);
    cairo_surface_t *logo =
        read_picture(image->logo, image->logo_bytes, LOGO_WIDTH * 2, LOGO_HEIGHT * 2);
    bool has_photo = photo != NULL, has_logo = logo != NULL;
    struct document *document = document_create_on(surface, image->language);
    cairo_t *pen = cairo_create(surface);
    struct picture picture;
    document_bar(document, &(struct document_box){0, 0, SHARE_IMAGE_WIDTH, SHARE_IMAGE_HEIGHT},
                 PAPER);
    document_bar(document, &(struct document_box){0, 0, STRIP, SHARE_IMAGE_HEIGHT}, image->accent);
    if (photo)
        paint_picture(pen, photo);
    if (logo)
        paint_logo(pen, logo);
    write_texts(document, image,
                SHARE_IMAGE_WIDTH - (has_photo ? PICTURE_WIDTH + MARGIN : MARGIN) - MARGIN,
                has_logo);
    bool is_drawn = cairo_status(pen) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(pen);
    document_destroy(document);
    cairo_surface_flush(surface);
    if (!is_drawn) {
        cairo_surface_destroy(surface);
        return false;
    }
    if (picture_write(surface, has_photo, &picture) != PICTURE_READ)
        return false;
    *ret_is_jpeg = picture.is_jpeg;
    buffer_add(out, picture.bytes.bytes, picture.bytes.length);
    picture_finish(&picture);
    return true;
}
