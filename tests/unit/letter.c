/* Letters: people's text arrives unchanged and stays in its field. */
#include "mail/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct letter simple(void)
{
    return (struct letter){
        .from = {.name = "Tickets", .address = "tickets@example.org"},
        .to = {.name = "Ada Lovelace", .address = "ada@example.org"},
        .subject = "Your ticket",
        .message_id = "1@example.org",
        .date_us = INT64_C(1652428800123456),
        .text = "Hello",
    };
}

static char *written(const struct letter *letter)
{
    struct buffer out;
    const char *flaw = NULL;
    buffer_init(&out);
    if (!letter_write(letter, &out, &flaw))
        fail_msg("it is refused: %s", flaw);
    return buffer_take(&out);
}

static void refused(const struct letter *letter, const char *because)
{
    struct buffer out;
    const char *flaw = NULL;
    buffer_init(&out);
    buffer_add_text(&out, "before");
    assert_false(letter_write(letter, &out, &flaw));
    assert_non_null(strstr(flaw, because));
    assert_string_equal(buffer_text(&out), "before");
    buffer_finish(&out);
}

/* If it is inlined, gcc 12 with its sanitizer warns of messages that are NULL. */
__attribute__((noinline)) static void contains(const char *message, const char *part)
{
    if (!strstr(message, part))
        fail_msg("\n%s\nlacks\n%s", message, part);
}

static void a_plain_letter_is_plain(void **state)
{
    struct letter letter = simple();
    (void)state;
    char *message = written(&letter);
    assert_string_equal(message, "From: \"Tickets\" <tickets@example.org>\r\n"
                                 "To: \"Ada Lovelace\" <ada@example.org>\r\n"
                                 "Subject: Your ticket\r\n"
                                 "Date: Fri, 13 May 2022 08:00:00 +0000\r\n"
                                 "Message-ID: <1@example.org>\r\n"
                                 "Auto-Submitted: auto-generated\r\n"
                                 "MIME-Version: 1.0\r\n"
                                 "Content-Type: text/plain; charset=utf-8\r\n"
                                 "Content-Transfer-Encoding: quoted-printable\r\n"
                                 "\r\n"
                                 "Hello\r\n");
    free(message);
}

/* RFC 5322 section 2.1.1, RFC 2045 section 6.7, RFC 2047 section 2. */
static void no_line_is_too_long_and_all_is_ascii(void **state)
{
    char text[5000], name[801];
    (void)state;
    for (size_t i = 0; i + 4 < sizeof text; i += 4)
        memcpy(text + i, i % 3 ? "ü =" : " aé", 4);
    text[sizeof text - 4] = '\0';
    for (size_t i = 0; i < 800; i += 4)
        memcpy(name + i, "🎟", 4);
    name[800] = '\0';
    const struct letter_part parts[] = {
        {.type = "image/png", .cid = "1@x", .name = name, .bytes = text, .length = 4000}};
    struct letter letter = simple();
    letter.to.name = letter.subject = name;
    letter.text = letter.html = text;
    letter.pictures = letter.attachments = parts;
    letter.picture_count = letter.attachment_count = 1;
    char *message = written(&letter), *line = message;
    while (*line) {
        size_t length = strcspn(line, "\r\n");
        assert_true(length <= 78);
        assert_memory_equal(line + length, "\r\n", 2);
        for (size_t i = 0; i < length; i++)
            assert_in_range(line[i], ' ', '~');
        line += length + 2;
    }
    free(message);
}

static void encoded_words_never_split_a_character(void **state)
{
    struct letter letter = simple();
    (void)state;
    letter.subject = "Grüße aus Zürich: Ihre Anmeldung für „Künstliche Intelligenz“ ist bestätigt";
    char *message = written(&letter);
    contains(message, "Subject: =?utf-8?B?");
    for (char *word = message; (word = strstr(word, "=?utf-8?B?")) != NULL; word += 10) {
        const char *end = strstr(word, "?=");
        assert_true(end && end + 2 - word <= 75);
        assert_int_equal((end - word - 10) % 4, 0);
    }
    free(message);
}

static void what_is_typed_stays_in_its_field(void **state)
{
    struct letter letter = simple();
    (void)state;
    letter.to.name = "Ada\r\nBcc: bob@example.org";
    letter.subject = "Hello\nX-Evil: 1\r\n\r\nbody";
    letter.from.name = "\"Ada\\\" <evil@example.org>";
    char *message = written(&letter);
    contains(message, "To: \"Ada Bcc: bob@example.org\" <ada@example.org>\r\n");
    contains(message, "Subject: Hello X-Evil: 1 body\r\n");
    contains(message, "From: \"\\\"Ada\\\\\\\" <evil@example.org>\" <tickets@example.org>\r\n");
    free(message);
    letter.subject = "not yet =?utf-8?Q?encoded?=";
    message = written(&letter);
    contains(message, "Subject: =?utf-8?B?");
    free(message);
}

static void what_could_break_out_is_refused(void **state)
{
    const struct letter_part types[] = {{.type = "text/plain\r\nX: 1", .bytes = "", .cid = "a@b"},
                                        {.type = "text", .bytes = ""},
                                        {.type = "a/b", .method = "X\r\n", .bytes = ""}};
    (void)state;
    struct letter letter = simple();
    letter.to.address = "ada@example.org>\r\nBcc: <bob@example.org";
    refused(&letter, "address");
    letter.to.address = NULL;
    refused(&letter, "address");
    letter = simple();
    letter.message_id = "1@example.org>\r\nX: <1";
    refused(&letter, "message id");
    letter = simple();
    letter.in_reply_to = "nothing";
    refused(&letter, "message id");
    letter = simple();
    letter.unsubscribe_url = "https://example.org/>, <mailto:x@example.org";
    refused(&letter, "unsubscribe");
    letter = simple();
    letter.language = "de\r\n";
    refused(&letter, "language");
    letter = simple();
    letter.text = "\xff";
    refused(&letter, "UTF-8");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        letter = simple();
        letter.attachments = &types[i];
        letter.attachment_count = 1;
        refused(&letter, i < 2 ? "type" : "method");
    }
    letter = simple();
    letter.pictures = &(struct letter_part){.type = "image/png", .bytes = ""};
    letter.picture_count = 1;
    refused(&letter, "content id");
}

static void levels_are_written_only_where_they_hold_several(void **state)
{
    static const struct letter_part picture = {.type = "image/png", .cid = "q@x", .bytes = "", 0};
    struct letter letter = simple();
    (void)state;
    letter.html = "<p>Hello";
    char *message = written(&letter);
    contains(message, "Content-Type: multipart/alternative;");
    assert_null(strstr(message, "multipart/related"));
    assert_null(strstr(message, "multipart/mixed"));
    free(message);
    letter.pictures = &picture;
    letter.picture_count = 1;
    message = written(&letter);
    contains(message, "Content-Type: multipart/related; type=\"text/html\";");
    contains(message, "Content-ID: <q@x>");
    free(message);
}

static void people_are_read_as_they_are_written(void **state)
{
    static const struct {
        const char *text, *name, *address;
    } good[] = {
        {"ada@example.org", "", "ada@example.org"},
        {"<ada@example.org>", "", "ada@example.org"},
        {"Ada Lovelace <ada@EXAMPLE.org>", "Ada Lovelace", "ada@example.org"},
        {"\"Lovelace, \\\"Ada\\\"\" <ada@example.org>", "Lovelace, \"Ada\"", "ada@example.org"},
        {"Ada\nLovelace <ada@example.org>", "Ada Lovelace", "ada@example.org"},
        {"Grüße <ada@bücher.example>", "Grüße", "ada@bücher.example"},
        {"einlass@localhost", "", "einlass@localhost"},
    };
    static const char *const bad[] = {"",
                                      "ada",
                                      "Ada <ada>",
                                      "ada@example.org>",
                                      "Ada ada@example.org",
                                      "@localhost",
                                      "a b@localhost",
                                      "\"Ada <ada@example.org>",
                                      "a@x.org, b@x.org"};
    struct arena arena;
    struct mailbox mailbox;
    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!mailbox_parse(&arena, good[i].text, &mailbox))
            fail_msg("'%s' is refused", good[i].text);
        assert_string_equal(mailbox.name, good[i].name);
        assert_string_equal(mailbox.address, good[i].address);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mailbox_parse(&arena, bad[i], &mailbox))
            fail_msg("'%s' is read as %s", bad[i], mailbox.address);
    assert_string_equal(mailbox_wire(&arena, "Jörg@BÜCHER.example"), "Jörg@xn--bcher-kva.example");
    assert_string_equal(mailbox_wire(&arena, "root@localhost"), "root@localhost");
    assert_null(mailbox_wire(&arena, "root"));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_letter_is_plain),
        cmocka_unit_test(no_line_is_too_long_and_all_is_ascii),
        cmocka_unit_test(encoded_words_never_split_a_character),
        cmocka_unit_test(what_is_typed_stays_in_its_field),
        cmocka_unit_test(what_could_break_out_is_refused),
        cmocka_unit_test(levels_are_written_only_where_they_hold_several),
        cmocka_unit_test(people_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
