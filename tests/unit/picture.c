/* Hostile pictures are made here by hand; good ones by what is tested, which then reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <png.h>
#include <string.h>
#include <zlib.h>

#include "view/picture.h"

#define SVG(attributes, content)                                                                   \
    "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' "          \
    "xmlns:xi='http://www.w3.org/2001/XInclude' " attributes ">" content "</svg>"
#define RED_LEFT                                                                                   \
    "<rect width='100' height='50' fill='blue'/><rect width='50' height='50' fill='red'/>"

static const struct picture_wish wish = {.width = 200, .height = 100};
static const struct picture_wish photo = {.width = 200, .height = 100, .is_photo = true};

static enum picture_fault convert(const char *text, const struct picture_wish *as,
                                  struct picture *ret)
{
    return picture_convert(text, strlen(text), as, ret);
}

/* Returns a pixel as 0xAARRGGBB, read by libpng. */
static unsigned pixel_at(const struct picture *picture, int x, int y)
{
    struct picture plain;
    unsigned char pixels[200 * 100 * 4];
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_int_equal(picture_convert(picture->bytes.bytes, picture->bytes.length, &wish, &plain),
                     PICTURE_READ);
    assert_true(png_image_begin_read_from_memory(&image, plain.bytes.bytes, plain.bytes.length));
    assert_int_equal(image.width, picture->width);
    image.format = PNG_FORMAT_RGBA;
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    picture_finish(&plain);
    const unsigned char *at = pixels + (y * (int)image.width + x) * 4;
    return (unsigned)at[3] << 24 | (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
}

static bool is_near(unsigned pixel, unsigned expected)
{
    for (int shift = 0; shift < 32; shift += 8) {
        int difference = (int)(pixel >> shift & 255) - (int)(expected >> shift & 255);
        if (abs(difference) > 12)
            return false;
    }
    return true;
}

static void drawings_fill_the_wish(void **state)
{
    struct picture picture;
    (void)state;
    assert_int_equal(convert("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a logo -->" SVG(
                                 "viewBox='0 0 100 50'", RED_LEFT),
                             &wish, &picture),
                     PICTURE_READ);
    assert_int_equal(picture.width, 200);
    assert_int_equal(picture.height, 100);
    assert_false(picture.is_jpeg);
    assert_int_equal(pixel_at(&picture, 50, 50), 0xffff0000);
    assert_int_equal(pixel_at(&picture, 150, 50), 0xff0000ff);
    picture_finish(&picture);
    assert_int_equal(
        convert(SVG("width='10' height='300'", "<rect width='5' height='5'/>"), &wish, &picture),
        PICTURE_READ);
    assert_int_equal(picture.width, 3);
    assert_int_equal(picture.height, 100);
    assert_int_equal(pixel_at(&picture, 2, 99), 0); /* transparent */
    picture_finish(&picture);
}

static void photos_are_jpeg_unless_transparent(void **state)
{
    struct picture picture;
    (void)state;
    assert_int_equal(convert(SVG("viewBox='0 0 100 50'", RED_LEFT), &photo, &picture),
                     PICTURE_READ);
    assert_true(picture.is_jpeg);
    assert_memory_equal(picture.bytes.bytes, "\xff\xd8\xff", 3);
    picture_finish(&picture);
    assert_int_equal(convert(SVG("viewBox='0 0 100 50'", "<circle r='10'/>"), &photo, &picture),
                     PICTURE_READ);
    assert_false(picture.is_jpeg);
    picture_finish(&picture);
}

/* Marks a JPEG as one of a camera that was turned, and puts a place into it. */
static void add_exif(struct picture *picture, char orientation)
{
    static const char exif[] = "\xff\xe1\0\x34"
                               "Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0?\0\0"
                               "\x82\x98\0\x02\0\0\0\x08\0\0\0\0\0\0\0\0secret!";
    struct buffer marked;
    buffer_init(&marked);
    buffer_add(&marked, picture->bytes.bytes, 2);
    buffer_add(&marked, exif, sizeof exif);
    *(char *)memchr(marked.bytes, '?', marked.length) = orientation;
    buffer_add(&marked, picture->bytes.bytes + 2, picture->bytes.length - 2);
    buffer_finish(&picture->bytes);
    picture->bytes = marked;
}

static void photos_stand_upright_without_their_place(void **state)
{
    static const struct {
        char orientation;
        bool is_turned;
        unsigned first, last; /* at the corners */
    } cases[] = {
        {1, false, 0xffff0000, 0xff0000ff}, {2, false, 0xff0000ff, 0xffff0000},
        {3, false, 0xff0000ff, 0xffff0000}, {4, false, 0xffff0000, 0xff0000ff},
        {5, true, 0xffff0000, 0xff0000ff},  {6, true, 0xffff0000, 0xff0000ff},
        {7, true, 0xff0000ff, 0xffff0000},  {8, true, 0xff0000ff, 0xffff0000},
        {9, false, 0xffff0000, 0xff0000ff},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct picture picture, again;
        assert_int_equal(convert(SVG("viewBox='0 0 100 50'", RED_LEFT), &photo, &picture),
                         PICTURE_READ);
        add_exif(&picture, cases[i].orientation);
        assert_non_null(memmem(picture.bytes.bytes, picture.bytes.length, "secret", 6));
        assert_int_equal(picture_convert(picture.bytes.bytes, picture.bytes.length, &photo, &again),
                         PICTURE_READ);
        assert_int_equal(again.width, cases[i].is_turned ? 50 : 200);
        assert_int_equal(again.height, 100);
        assert_true(is_near(pixel_at(&again, 2, 2), cases[i].first));
        assert_true(is_near(pixel_at(&again, again.width - 3, 97), cases[i].last));
        assert_null(memmem(again.bytes.bytes, again.bytes.length, "secret", 6));
        picture_finish(&picture);
        picture_finish(&again);
    }
}

/* A chunk of a PNG with its length and checksum. */
static void add_chunk(struct buffer *png, const char *kind, const void *content, size_t length)
{
    unsigned char number[4];
    png_save_uint_32(number, (png_uint_32)length);
    buffer_add(png, number, 4);
    size_t at = png->length;
    buffer_add(png, kind, 4);
    buffer_add(png, content, length);
    uLong sum = crc32(0, (const Bytef *)png->bytes + at, (uInt)(length + 4));
    png_save_uint_32(number, (png_uint_32)sum);
    buffer_add(png, number, 4);
}

/* A file of some hundred bytes that says it has so many pixels. */
static void make_bomb(struct buffer *png, unsigned side)
{
    unsigned char head[13] = {[8] = 1, [9] = 0};
    unsigned char packed[64] = {0x78, 0x9c, 0x03};
    png_save_uint_32(head, side);
    png_save_uint_32(head + 4, side);
    buffer_init(png);
    buffer_add(png, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(png, "IHDR", head, sizeof head);
    add_chunk(png, "IDAT", packed, sizeof packed);
    add_chunk(png, "IEND", "", 0);
}

static void bombs_are_refused_before_they_are_unpacked(void **state)
{
    struct picture picture;
    struct buffer bomb;
    (void)state;
    make_bomb(&bomb, 30000);
    assert_int_equal(picture_convert(bomb.bytes, bomb.length, &wish, &picture), PICTURE_TOO_LARGE);
    buffer_finish(&bomb);
    make_bomb(&bomb, 100); /* what it has is not enough */
    assert_int_equal(picture_convert(bomb.bytes, bomb.length, &wish, &picture), PICTURE_BROKEN);
    buffer_finish(&bomb);
}

static void what_is_cut_off_is_refused(void **state)
{
    const struct picture_wish *const wishes[] = {&wish, &photo};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct picture picture, again;
        assert_int_equal(convert(SVG("viewBox='0 0 100 50'", RED_LEFT), wishes[i], &picture),
                         PICTURE_READ);
        for (size_t length = 0; length < picture.bytes.length - 12; length += 7)
            assert_int_not_equal(picture_convert(picture.bytes.bytes, length, &wish, &again),
                                 PICTURE_READ);
        picture_finish(&picture);
    }
}

static void a_webp_is_read(void **state)
{
    static const unsigned char webp[] =
        "RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x01\0"
        "\x01\0\x03\0\x34\x25\xa4\0\x03\x70\0\xfe\xfb\x94\0\0";
    struct picture picture;
    (void)state;
    assert_int_equal(picture_convert(webp, sizeof webp - 1, &wish, &picture), PICTURE_READ);
    assert_int_equal(picture.width, 1);
    picture_finish(&picture);
    assert_int_equal(picture_convert(webp, sizeof webp - 9, &wish, &picture), PICTURE_BROKEN);
}

static void other_files_are_unknown(void **state)
{
    static const char *const files[] = {
        "",
        "GIF89a\1\0\1\0",
        "<html><body onload='alert(1)'></body></html>",
        "%PDF-1.7\n<svg",
        "\x1f\x8b\x08",
        "BM\0\0",
        "RIFF\1\0\0\0WAVE",
    };
    struct picture picture;
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(convert(files[i], &wish, &picture), PICTURE_UNKNOWN);
}

static void drawings_load_nothing_and_keep_no_script(void **state)
{
    static const char *const drawings[] = {
        SVG("viewBox='0 0 2 1'", "<script>alert(1)</script><rect width='1' height='1'/>"),
        SVG("viewBox='0 0 2 1'", "<image width='2' height='1' xlink:href='file:///etc/passwd'/>"),
        SVG("viewBox='0 0 2 1'", "<image width='2' height='1' href='http://127.0.0.1/x.png'/>"),
        SVG("viewBox='0 0 2 1'", "<text><xi:include href='/etc/passwd' parse='text'/></text>"),
        "<!DOCTYPE svg [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" SVG("viewBox='0 0 2 1'",
                                                                       "<text y='1'>&e;</text>"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof drawings / sizeof *drawings; i++) {
        struct picture picture;
        enum picture_fault fault = convert(drawings[i], &wish, &picture);
        if (fault != PICTURE_READ) {
            assert_int_equal(fault, PICTURE_BROKEN);
            continue;
        }
        assert_null(memmem(picture.bytes.bytes, picture.bytes.length, "alert", 5));
        assert_int_equal(pixel_at(&picture, 150, 50), 0); /* nothing was drawn there */
        picture_finish(&picture);
    }
}

static void a_page_behind_a_picture_does_not_survive(void **state)
{
    struct picture picture, again;
    (void)state;
    assert_int_equal(convert(SVG("viewBox='0 0 2 1'", ""), &wish, &picture), PICTURE_READ);
    buffer_add_text(&picture.bytes, "<html><script>alert(1)</script></html>");
    assert_int_equal(picture_convert(picture.bytes.bytes, picture.bytes.length, &wish, &again),
                     PICTURE_READ);
    assert_null(memmem(again.bytes.bytes, again.bytes.length, "alert", 5));
    picture_finish(&picture);
    picture_finish(&again);
}

static void the_process_apart_gives_the_same(void **state)
{
    static const char drawing[] = SVG("viewBox='0 0 100 50'", RED_LEFT);
    struct picture here, apart;
    struct buffer bomb;
    (void)state;
    assert_int_equal(convert(drawing, &photo, &here), PICTURE_READ);
    assert_int_equal(picture_convert_apart(drawing, strlen(drawing), &photo, &apart), PICTURE_READ);
    assert_int_equal(here.is_jpeg, apart.is_jpeg);
    assert_int_equal(here.bytes.length, apart.bytes.length);
    assert_memory_equal(here.bytes.bytes, apart.bytes.bytes, here.bytes.length);
    picture_finish(&here);
    picture_finish(&apart);
    make_bomb(&bomb, 30000);
    assert_int_equal(picture_convert_apart(bomb.bytes, bomb.length, &wish, &apart),
                     PICTURE_TOO_LARGE);
    buffer_finish(&bomb);
    assert_int_equal(picture_convert_apart("no", 2, &wish, &apart), PICTURE_UNKNOWN);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawings_fill_the_wish),
        cmocka_unit_test(photos_are_jpeg_unless_transparent),
        cmocka_unit_test(photos_stand_upright_without_their_place),
        cmocka_unit_test(bombs_are_refused_before_they_are_unpacked),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(a_webp_is_read),
        cmocka_unit_test(other_files_are_unknown),
        cmocka_unit_test(drawings_load_nothing_and_keep_no_script),
        cmocka_unit_test(a_page_behind_a_picture_does_not_survive),
        cmocka_unit_test(the_process_apart_gives_the_same),
    };
    int status;
    if (picture_process(argc, argv, &status))
        return status;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
