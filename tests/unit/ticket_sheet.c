/* Reads the tickets with other programs: poppler-utils, qpdf, zbar-tools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "view/ticket_sheet.h"

#define TICKET                                                                                     \
    "2KCEIQABECQVEYLDNBSSAZLOMRQXIYJANFZSA33GEBQSA5DJMNVWK5BAMFXGIIDTNBXXK3DEEBRGKIDBMJXXK5BAGIYD" \
    "EMJAMRQXI2LPNYQGC3TEEBZXGIDPNZSSA33GEBWWC3TZEBXXEIDBEBTW63DEEB2GQZJAONUGC3LQNRSSA5DFPB2CAZTP" \
    "MNVWK5BAMFXGIIDTNBXXK3DEEBRGK"

enum { PAGE_WIDTH = 595, MOST_BYTES = 100 * 1000, WORDS_MOST = 400, FOLD = 421, THREADS = 4 };

static const struct ticket_sheet_words words = {
    .when = "When",
    .where = "Where",
    .organiser = "Organiser",
    .ticket = "Ticket",
    .attendee = "Name",
    .show_this = "Show this code at the door, on your phone or on paper.",
    .fold = "Fold here",
    .short_number = "Ticket number",
    .short_number_hint = "If a camera cannot read the code, staff can find you by it.",
    .online = "Open this ticket online",
    .code = "QR code of the ticket",
};

static const struct ticket_sheet plain = {
    .title = "bionection meets Artificial Intelligence",
    .organiser = "biosaxony e.V.",
    .when = "Friday, 13 May 2022\n10:00 – 18:00 (Europe/Berlin)",
    .venue = "BIO CITY LEIPZIG",
    .address = "Deutscher Platz 5, 04103 Leipzig",
    .map_url = "https://maps.example.org/?q=it's%20here",
    .name = "Ada Lovelace",
    .ticket_type = "Guest",
    .token = TICKET,
    .short_number = "4S5Q-923J",
    .url = "https://tickets.example.org/tickets/" TICKET,
    .words = &words,
};

static const struct ticket_sheet lengthy = {
    .title = "Jahrestagung der Gesellschaft für Biochemie und Molekularbiologie mit "
             "Mitgliederversammlung und Donaudampfschifffahrtsgesellschaftskapitänsempfang",
    .organiser = "Gesellschaft zur Förderung der Biochemie und Molekularbiologie in "
                 "Mitteldeutschland e. V. und ihre Freundinnen und Freunde in aller Welt",
    .when = "Donnerstag, 24. September 2026, 09:00 Uhr –\n"
            "Sonntag, 27. September 2026, 17:30 Uhr (America/Argentina/ComodRivadavia)",
    .venue = "Kongresszentrum am Zoologischen Garten, Großer Saal im Erdgeschoss",
    .address = "Pfaffendorfer Straße 31 (Eingang über den Innenhof, bitte folgen Sie den "
               "Schildern), 04105 Leipzig, Deutschland",
    .name = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff, Prof. Dr. Dr. h.c. mult. "
            "Maria-Magdalena von Hohenlohe-Waldenburg-Schillingsfürst",
    .ticket_type = "Mitglieder mit Abendveranstaltung",
    .number = "Ticket 1 von 3",
    .token = TICKET,
    .short_number = "4S5Q-923J",
    .url = "https://tickets.example.org/",
    .words = &words,
};

static void make_all(const struct ticket_sheet *sheets, size_t count, struct buffer *ret_pdf)
{
    const struct document_about about = {
        .title = sheets->title, .author = sheets->organiser, .language = "en"};
    buffer_init(ret_pdf);
    assert_true(ticket_sheets_pdf(sheets, count, &about, ret_pdf));
}

static void make(const struct ticket_sheet *sheet, struct buffer *ret_pdf)
{
    make_all(sheet, 1, ret_pdf);
}

/* Runs a shell command, which must succeed, and gives its output. %s in it is the file. */
static void ask(const struct buffer *pdf, const char *command_format, struct buffer *ret_answer)
{
    char path[] = "/tmp/einlass-ticket-XXXXXX", chunk[4096];
    struct buffer command;
    size_t got;
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, pdf->bytes, pdf->length), (ssize_t)pdf->length);
    close(file);
    const char *hole = strstr(command_format, "%s");
    buffer_init(&command);
    buffer_add(&command, command_format, (size_t)(hole - command_format));
    buffer_printf(&command, "%s%s", path, hole + 2);
    FILE *tool = popen(buffer_text(&command), "r");
    buffer_init(ret_answer);
    while ((got = fread(chunk, 1, sizeof chunk, tool)) > 0)
        buffer_add(ret_answer, chunk, got);
    int status = pclose(tool);
    unlink(path);
    if (status != 0)
        fail_msg("%s: status %d, %s", buffer_text(&command), status, buffer_text(ret_answer));
    buffer_finish(&command);
}

/* Reads in the order of drawing, so that wrapped text of a column stays together. */
static void expect_text(const struct buffer *pdf, const char *text)
{
    struct buffer answer;
    ask(pdf, "pdftotext -raw %s - | tr '\\n' ' '", &answer);
    if (!strstr(buffer_text(&answer), text))
        fail_msg("\"%s\" is not in: %s", text, buffer_text(&answer));
    buffer_finish(&answer);
}

static void expect_sound(const struct buffer *pdf)
{
    struct buffer answer;
    ask(pdf, "qpdf --check %s 2>&1", &answer);
    buffer_finish(&answer);
    ask(pdf, "pdfinfo -struct %s 2>&1", &answer);
    assert_null(strstr(buffer_text(&answer), "Syntax"));
    buffer_finish(&answer);
    assert_in_range(pdf->length, 1000, MOST_BYTES);
}

/* `render` makes a PNG on its standard output. */
static void expect_code(const struct buffer *pdf, const char *render, const char *text)
{
    struct buffer command, answer;
    buffer_init(&command);
    buffer_printf(&command,
                  "pdftoppm -png %s %%s | "
                  "zbarimg --quiet --raw -Sdisable -Sqrcode.enable - 2>/dev/null",
                  render);
    ask(pdf, buffer_text(&command), &answer);
    assert_int_equal(answer.length, strlen(text) + 1);
    assert_memory_equal(answer.bytes, text, strlen(text));
    buffer_finish(&answer);
    buffer_finish(&command);
}

/* --- Content --------------------------------------------------------------------------------- */

static void all_that_was_said_is_text(void **state)
{
    (void)state;
    static const char *const texts[] = {"Ada Lovelace",
                                        "bionection meets Artificial Intelligence",
                                        "BIO CITY LEIPZIG",
                                        "10:00 – 18:00",
                                        "Deutscher Platz 5, 04103 Leipzig",
                                        "biosaxony e.V.",
                                        "4S5Q-923J",
                                        "staff can find you by it"};
    struct buffer pdf;
    make(&plain, &pdf);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_text(&pdf, texts[i]);
    buffer_finish(&pdf);
}

static void a_scanner_reads_the_code_from_paper_and_from_a_phone(void **state)
{
    (void)state;
    struct buffer pdf;
    make(&plain, &pdf);
    expect_code(&pdf, "-r 110", TICKET);
    /* The upper half on a screen 390 points wide, of two pixels each. */
    expect_code(&pdf, "-scale-to-x 780 -scale-to-y -1 -x 0 -y 0 -W 780 -H 551", TICKET);
    buffer_finish(&pdf);
}

static void it_is_tagged_and_says_its_title_language_and_pictures(void **state)
{
    (void)state;
    struct buffer pdf, answer;
    make(&plain, &pdf);
    expect_sound(&pdf);
    ask(&pdf, "pdfinfo -struct %s", &answer);
    for (const char *const *tag =
             (const char *const[]){"Document", "H1", "H2", "Figure", "Link", NULL};
         *tag; tag++)
        assert_non_null(strstr(buffer_text(&answer), *tag));
    buffer_finish(&answer);
    ask(&pdf, "pdfinfo %s", &answer);
    assert_non_null(strstr(answer.bytes, "Tagged:          yes"));
    assert_non_null(
        strstr(answer.bytes, "Title:           bionection meets Artificial Intelligence"));
    assert_non_null(strstr(answer.bytes, "Page size:       595.28 x 841.89 pts (A4)"));
    buffer_finish(&answer);
    ask(&pdf, "qpdf --json %s", &answer);
    for (const char *const *entry =
             (const char *const[]){"\"/Lang\": \"u:en\"", "\"/DisplayDocTitle\": true",
                                   "\"/Marked\": true", "\"/Alt\": \"u:QR code of the ticket\"",
                                   NULL};
         *entry; entry++)
        if (!strstr(buffer_text(&answer), *entry))
            fail_msg("no %s", *entry);
    buffer_finish(&answer);
    buffer_finish(&pdf);
}

static void links_lead_to_the_ticket_and_the_map(void **state)
{
    (void)state;
    struct buffer pdf, answer;
    make(&plain, &pdf);
    ask(&pdf, "pdftohtml -xml -stdout -i %s", &answer);
    assert_non_null(strstr(buffer_text(&answer), "https://tickets.example.org/tickets/2KCE"));
    assert_non_null(strstr(buffer_text(&answer), "https://maps.example.org/?q=it"));
    buffer_finish(&answer);
    buffer_finish(&pdf);
}

static void each_attendee_has_a_page(void **state)
{
    (void)state;
    struct ticket_sheet sheets[3] = {plain, plain, plain};
    struct buffer pdf, answer;
    sheets[0].number = "Ticket 1 of 3";
    sheets[1].name = "Grace Hopper";
    sheets[1].token = "2KCEGRACE";
    sheets[2].name = "Katherine Johnson";
    sheets[2].token = "2KCEKATHERINE";
    make_all(sheets, 3, &pdf);
    expect_sound(&pdf);
    expect_code(&pdf, "-r 80 -f 2 -l 2", "2KCEGRACE");
    expect_code(&pdf, "-r 80 -f 3 -l 3", "2KCEKATHERINE");
    ask(&pdf, "pdftotext -f 3 %s -", &answer);
    assert_non_null(strstr(buffer_text(&answer), "Katherine Johnson"));
    assert_null(strstr(buffer_text(&answer), "Grace"));
    buffer_finish(&answer);
    buffer_finish(&pdf);
}

static void names_of_any_script_are_text_and_small(void **state)
{
    (void)state;
    static const char *const names[] = {
        "山田太郎", "李小龍", "김연아",         "Юрий Гагарин",
        "Ελένη",    "सुनीता",  "Nguyễn Văn Anh", "Zoë 🎟 Müller"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ticket_sheet sheet = plain;
        struct buffer pdf;
        sheet.name = sheet.title = sheet.venue = names[i];
        make(&sheet, &pdf);
        expect_sound(&pdf);
        expect_text(&pdf, names[i]);
        buffer_finish(&pdf);
    }
}

static void expect_answer(const char *command, const char *expected)
{
    char answer[1000] = "";
    FILE *pipe = popen(command, "r");
    size_t length = fread(answer, 1, sizeof answer - 1, pipe);
    answer[length] = '\0';
    assert_int_equal(pclose(pipe), 0);
    assert_string_equal(answer, expected);
}

/* Makes the ticket in a process of its own, as fonts are chosen once in each. */
static void make_with(const char *fontconfig, const char *directory,
                      const struct ticket_sheet *sheet, struct buffer *ret_pdf)
{
    char path[300], bytes[4096];
    snprintf(path, sizeof path, "%s/ticket.pdf", directory);
    pid_t child = fork();
    if (child == 0) {
        struct buffer pdf;
        setenv("FONTCONFIG_FILE", fontconfig, 1);
        make(sheet, &pdf);
        FILE *file = fopen(path, "w");
        bool is_written = fwrite(pdf.bytes, 1, pdf.length, file) == pdf.length;
        _exit(fclose(file) == 0 && is_written ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    FILE *file = fopen(path, "r");
    buffer_init(ret_pdf);
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buffer_add(ret_pdf, bytes, got);
    fclose(file);
}

static void each_script_has_its_font_whatever_else_is_installed(void **state)
{
    (void)state;
    char directory[] = "/tmp/einlass-fonts-XXXXXX", command[1000], path[100];
    struct ticket_sheet sheet = plain;
    sheet.name = "Zoë 🎉🥳 ليلى נועה सुनीता สมชาย አበበ";
    sheet.venue = "李小龍 김연아 𠮷";
    assert_non_null(mkdtemp(directory));
    snprintf(command, sizeof command,
             "mkdir %1$s/fonts; fc-list -f '%%{file}\n' | grep -E "
             "'/(Noto(Sans(Arabic|Hebrew|Devanagari|Thai|Ethiopic)?|Serif)-(Regular|Bold)|"
             "DejaVuSansMono|wqy-microhei|Symbola_hint|HanaMinA|unifont_upper)[.]' | "
             "sort -u | xargs ln -st %1$s/fonts",
             directory);
    assert_int_equal(system(command), 0); /* NOLINT */
    expect_answer("fc-match -f '%{family}\n' emoji",
                  "Noto Color Emoji\n"); /* the danger is there */
    for (int i = 0; i < 2; i++) {
        struct buffer pdf, answer;
        snprintf(path, sizeof path, "%s/fonts.conf", directory);
        FILE *file = fopen(path, "w");
        if (i == 0) /* the system's fonts, with one that has emoji in colour */
            fputs("<fontconfig><include>/etc/fonts/fonts.conf</include></fontconfig>", file);
        else /* no more than are needed */
            fprintf(file,
                    "<fontconfig><dir>%1$s/fonts</dir><cachedir>%1$s/cache</cachedir></fontconfig>",
                    directory);
        fclose(file);
        make_with(path, directory, &sheet, &pdf);
        expect_sound(&pdf);
        expect_text(&pdf, "Zoë 🎉🥳");
        expect_text(&pdf, sheet.venue);
        ask(&pdf, "pdffonts %s | tail -n +3 | sed 's/^[A-Z]*+//; s/ .*//' | sort -u | tr '\\n' ' '",
            &answer);
        assert_string_equal(
            buffer_text(&answer),
            "DejaVuSansMono HanaMinA NotoSans-Bold NotoSans-Regular NotoSansArabic-Bold "
            "NotoSansDevanagari-Bold "
            "NotoSansEthiopic-Bold NotoSansHebrew-Bold NotoSansThai-Bold NotoSerif-Bold Symbola "
            "UnifontUpper WenQuanYiMicroHei ");
        buffer_finish(&answer);
        buffer_finish(&pdf);
    }
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0); /* NOLINT */
}

static void names_from_right_to_left_stay_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"محمد بن موسى", "נועה כהן"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ticket_sheet sheet = plain;
        struct buffer pdf, answer;
        sheet.name = names[i];
        make(&sheet, &pdf);
        expect_sound(&pdf);
        ask(&pdf, "pdftotext %s -", &answer);
        assert_non_null(strstr(buffer_text(&answer), names[i]));
        buffer_finish(&answer);
        buffer_finish(&pdf);
    }
}

/* --- Layout ---------------------------------------------------------------------------------- */

struct word {
    double left, top, right, bottom;
};

static size_t find_words(const struct buffer *pdf, struct word *ret_words)
{
    struct buffer answer;
    size_t count = 0;
    ask(pdf, "pdftotext -bbox %s -", &answer);
    for (const char *at = buffer_text(&answer); (at = strstr(at, "<word ")) && count < WORDS_MOST;
         at++) {
        struct word *word = &ret_words[count++];
        assert_int_equal(sscanf(at, "<word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\"",
                                &word->left, &word->top, &word->right, &word->bottom),
                         4);
        /* The font's boxes are higher than the distance of its lines. */
        double margin = 0.25 * (word->bottom - word->top);
        word->top += margin;
        word->bottom -= margin;
    }
    buffer_finish(&answer);
    return count;
}

static bool collide(const struct word *a, const struct word *b)
{
    return a->left < b->right - 0.5 && b->left < a->right - 0.5 && a->top < b->bottom &&
           b->top < a->bottom;
}

static void expect_tidy(const struct ticket_sheet *sheet)
{
    static struct word found[WORDS_MOST];
    const struct word code = {.left = 48 - 19, .top = 150 - 19, .right = 290 + 19, .bottom = 392};
    struct buffer pdf;
    make(sheet, &pdf);
    expect_sound(&pdf);
    expect_code(&pdf, "-r 110", TICKET);
    size_t count = find_words(&pdf, found);
    assert_true(count > 5);
    for (size_t i = 0; i < count; i++) {
        assert_true(found[i].left > 40 && found[i].right < PAGE_WIDTH - 40);
        assert_true(found[i].top > 40 && found[i].bottom < 800);
        assert_false(found[i].top < FOLD && found[i].bottom > FOLD);
        assert_false(collide(&found[i], &code));
        for (size_t j = 0; j < i; j++)
            if (collide(&found[i], &found[j]))
                fail_msg("words %zu and %zu of %s", j, i, sheet->name);
    }
    buffer_finish(&pdf);
}

static void nothing_collides_however_long_it_is(void **state)
{
    (void)state;
    char endless[4000];
    expect_tidy(&plain);
    expect_tidy(&lengthy);
    memset(endless, 'W', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    struct ticket_sheet worst = lengthy;
    worst.name = worst.title = worst.when = worst.venue = worst.address = endless;
    worst.organiser = worst.ticket_type = worst.number = endless;
    expect_tidy(&worst);
    for (size_t i = 1; i < sizeof endless - 1; i += 2)
        endless[i] = '\n';
    expect_tidy(&worst);
}

static void little_is_enough(void **state)
{
    (void)state;
    expect_tidy(&(struct ticket_sheet){
        .title = "Fest", .name = "A", .token = TICKET, .words = &words, .accent = "#0a7d4f"});
    expect_tidy(&(struct ticket_sheet){
        .title = "", .name = "", .token = TICKET, .words = &words, .when = "", .accent = "url(x)"});
}

static void odd_bytes_are_harmless(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "\xff\xfe\x80 Ada",
        "Ada\x01\x1b[31m\x7f\t\r Ada",
        "\xed\xa0\x80\xf4\x90\x80\x80 Ada",
        "\xe2\x80\xae"
        "Ada\xe2\x80\xa9"
        "Ada\xe2\x80\xa8"
        "Ada",
        "Ada a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
        "Ada \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 \xef\xbf\xbf",
        "\xef\xbb\xbf"
        "Ada \xf3\xa0\x81\xa7 \xee\x80\x80",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct ticket_sheet sheet = plain;
        struct buffer pdf;
        sheet.name = sheet.title = sheet.organiser = sheet.when = sheet.ticket_type = odd[i];
        make(&sheet, &pdf);
        expect_sound(&pdf);
        expect_text(&pdf, "Ada");
        buffer_finish(&pdf);
    }
}

static void what_cannot_be_a_ticket_is_refused(void **state)
{
    (void)state;
    static char long_token[2000];
    const struct document_about about = {.title = "x", .language = "en"};
    struct ticket_sheet sheets[2] = {plain, plain};
    struct buffer pdf;
    buffer_init(&pdf);
    memset(long_token, 'A', sizeof long_token - 1);
    sheets[1].token = long_token;
    assert_false(ticket_sheets_pdf(sheets, 2, &about, &pdf));
    assert_false(ticket_sheets_pdf(sheets, 0, &about, &pdf));
    assert_false(ticket_sheets_pdf(sheets, TICKET_SHEETS_MOST + 1, &about, &pdf));
    assert_int_equal(pdf.length, 0);
    buffer_finish(&pdf);
}

static void *make_some(void *context)
{
    size_t *length = context;
    for (int i = 0; i < 5; i++) {
        struct buffer pdf;
        make(i % 2 ? &lengthy : &plain, &pdf);
        *length += pdf.length;
        buffer_finish(&pdf);
    }
    return NULL;
}

static void threads_make_the_same_at_the_same_time(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    size_t lengths[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_some, &lengths[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 1; i < THREADS; i++)
        assert_int_equal(lengths[i], lengths[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_script_has_its_font_whatever_else_is_installed), /* the first */
        cmocka_unit_test(all_that_was_said_is_text),
        cmocka_unit_test(a_scanner_reads_the_code_from_paper_and_from_a_phone),
        cmocka_unit_test(it_is_tagged_and_says_its_title_language_and_pictures),
        cmocka_unit_test(links_lead_to_the_ticket_and_the_map),
        cmocka_unit_test(each_attendee_has_a_page),
        cmocka_unit_test(names_of_any_script_are_text_and_small),
        cmocka_unit_test(names_from_right_to_left_stay_whole),
        cmocka_unit_test(nothing_collides_however_long_it_is),
        cmocka_unit_test(little_is_enough),
        cmocka_unit_test(odd_bytes_are_harmless),
        cmocka_unit_test(what_cannot_be_a_ticket_is_refused),
        cmocka_unit_test(threads_make_the_same_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
