/* Reads the codes back with zbarimg (Debian: zbar-tools). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <unistd.h>

#include "view/qr.h"

#define TICKET                                                                                     \
    "2KCEIQABECQVEYLDNBSSAZLOMRQXIYJANFZSA33GEBQSA5DJMNVWK5BAMFXGIIDTNBXXK3DEEBRGKIDBMJXXK5BAGIYD" \
    "EMJAMRQXI2LPNYQGC3TEEBZXGIDPNZSSA33GEBWWC3TZEBXXEIDBEBTW63DEEB2GQZJAONUGC3LQNRSSA5DFPB2CAZTP"

enum { SCALE = 4, MOST_SIDE = 200 };

/* A picture in black and white, drawn from the output for people. */
struct picture {
    int side;
    bool dark[MOST_SIDE][MOST_SIDE];
};

/* Reads a picture file of the bytes with zbarimg. */
static void scan(const void *bytes, size_t length, const char *ending, char ret_text[1024])
{
    char path[64], command[160];
    snprintf(path, sizeof path, "/tmp/einlass-qr-XXXXXX%s", ending);
    int file = mkstemps(path, (int)strlen(ending));
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), (ssize_t)length);
    close(file);
    snprintf(command, sizeof command,
             "zbarimg --quiet --raw -Sdisable -Sqrcode.enable %s 2>/dev/null", path);
    FILE *zbarimg = popen(command, "r");
    size_t got = fread(ret_text, 1, 1023, zbarimg);
    int status = pclose(zbarimg);
    unlink(path);
    if (status != 0)
        fail_msg("zbarimg (package zbar-tools) reads no code, status %d", status);
    ret_text[got - 1] = '\0'; /* its line feed */
}

static void expect_picture(const struct picture *picture, const char *text)
{
    char read[1024];
    struct buffer pgm;
    int side = picture->side * SCALE;
    buffer_init(&pgm);
    buffer_printf(&pgm, "P5 %d %d 255\n", side, side);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            buffer_add_char(&pgm, picture->dark[y / SCALE][x / SCALE] ? '\0' : (char)255);
    scan(pgm.bytes, pgm.length, ".pgm", read);
    assert_string_equal(read, text);
    buffer_finish(&pgm);
}

static void a_scanner_reads_the_png(void **state)
{
    (void)state;
    static const char *const texts[] = {TICKET, "HELLO", "https://example.org/tickets/a?b=c&d"};
    for (size_t i = 0; i < 3; i++) {
        char read[1024];
        struct buffer png;
        buffer_init(&png);
        assert_true(qr_png(texts[i], 4, &png));
        scan(png.bytes, png.length, ".png", read);
        assert_string_equal(read, texts[i]);
        buffer_finish(&png);
    }
}

/* Draws the only path as a browser would: M x y.5, m dx 0, h length. */
static void draw_svg(const char *svg, struct picture *picture)
{
    int x = 0, y = 0, length, used;
    *picture = (struct picture){0};
    assert_int_equal(sscanf(strstr(svg, "viewBox"), "viewBox=\"0 0 %d", &picture->side), 1);
    const char *at = strstr(svg, " d=\"") + 4;
    while (*at != '"') {
        int dx;
        if (sscanf(at, "M%d %d.5h%d%n", &x, &y, &length, &used) != 3) {
            assert_int_equal(sscanf(at, "m%d 0h%d%n", &dx, &length, &used), 2);
            x += dx;
        }
        for (at += used; length > 0; length--)
            picture->dark[y][x++] = true;
    }
}

static void a_scanner_reads_the_svg(void **state)
{
    (void)state;
    struct picture picture;
    struct buffer svg;
    buffer_init(&svg);
    assert_true(qr_svg(TICKET, "Ticket", &svg));
    draw_svg(svg.bytes, &picture);
    expect_picture(&picture, TICKET);
    buffer_finish(&svg);
}

static void draw_terminal(const char *text, struct picture *picture)
{
    *picture = (struct picture){0};
    int x = 0, y = 0;
    while (*text) {
        if (*text == '\x1b') {
            text += strcspn(text, "m") + 1;
        } else if (*text == '\n') {
            picture->side = x;
            y += 2;
            x = 0;
            text++;
        } else {
            bool full = strncmp(text, "█", 3) == 0;
            picture->dark[y][x] = full || strncmp(text, "▀", 3) == 0;
            picture->dark[y + 1][x++] = full || strncmp(text, "▄", 3) == 0;
            text += *text == ' ' ? 1 : 3;
        }
    }
}

static void a_scanner_reads_the_terminal(void **state)
{
    (void)state;
    struct picture picture;
    struct buffer text;
    buffer_init(&text);
    assert_true(qr_terminal("EINLASS-PAIR-7K3M9Q", &text));
    draw_terminal(text.bytes, &picture);
    expect_picture(&picture, "EINLASS-PAIR-7K3M9Q");
    buffer_finish(&text);
}

static void a_ticket_is_small_enough_for_a_phone_screen(void **state)
{
    (void)state;
    char ticket[214];
    for (size_t i = 0; i < 213; i++)
        ticket[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[i * 7 % 32];
    ticket[213] = '\0';
    assert_in_range(qr_version(ticket), 1, 8);
    memset(ticket, 'x', 213); /* lower case makes it bytes */
    assert_true(qr_version(ticket) > 8);
}

static void the_svg_is_one_harmless_element(void **state)
{
    (void)state;
    struct buffer svg;
    buffer_init(&svg);
    assert_true(qr_svg("HELLO", "\"><script>'", &svg));
    assert_non_null(strstr(svg.bytes, "role=\"img\" aria-label=\"&quot;&gt;&lt;script&gt;&#39;\""));
    assert_null(strstr(svg.bytes, "<script"));
    assert_null(strstr(svg.bytes, "style"));
    assert_non_null(strstr(svg.bytes, "viewBox=\"0 0 29 29\""));
    buffer_finish(&svg);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    char text[QR_MOST_BYTES + 2];
    struct buffer out;
    buffer_init(&out);
    memset(text, 'A', sizeof text);
    text[QR_MOST_BYTES + 1] = '\0';
    assert_false(qr_svg(text, "", &out));
    assert_false(qr_png(text, 1, &out));
    assert_false(qr_terminal(text, &out));
    assert_false(qr_png("A", 0, &out));
    assert_false(qr_png("A", QR_MOST_PIXELS + 1, &out));
    assert_false(qr_svg("", "", &out));
    assert_int_equal(out.length, 0);
    assert_int_equal(qr_version(text), 0);
    text[QR_MOST_BYTES] = '\0';
    assert_true(qr_png(text, 1, &out));
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scanner_reads_the_png),
        cmocka_unit_test(a_scanner_reads_the_svg),
        cmocka_unit_test(a_scanner_reads_the_terminal),
        cmocka_unit_test(a_ticket_is_small_enough_for_a_phone_screen),
        cmocka_unit_test(the_svg_is_one_harmless_element),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
