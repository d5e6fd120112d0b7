/* E-mail addresses: a mailbox always has the same key, and impossible addresses are refused. */
#include "base/email.h"
#include "base/email_meant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int set_up(void **state)
{
    struct arena *arena = calloc(1, sizeof *arena);
    arena_init(arena);
    *state = arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_finish(*state);
    free(*state);
    return 0;
}

static void reads_as(struct arena *arena, const char *text, const char *address, const char *key)
{
    struct email email;
    if (!email_parse(arena, text, &email))
        fail_msg("'%s' is refused", text);
    assert_string_equal(email.address, address);
    assert_string_equal(email.key, key);
}

static void is_refused(struct arena *arena, const char *text)
{
    struct email email = {.address = "untouched", .key = "untouched"};
    if (email_parse(arena, text, &email))
        fail_msg("'%s' is read as %s", text, email.address);
    assert_string_equal(email.address, "untouched");
    assert_string_equal(email.key, "untouched");
}

static void addresses_keep_their_letters_and_get_one_key(void **state)
{
    reads_as(*state, "ada@example.org", "ada@example.org", "ada@example.org");
    reads_as(*state, " Ada.Lovelace@EXAMPLE.Org\n", "Ada.Lovelace@example.org",
             "ada.lovelace@example.org");
    reads_as(*state, "a!#$%&'*+-/=?^_`{|}~.b@x-1.example", "a!#$%&'*+-/=?^_`{|}~.b@x-1.example",
             "a!#$%&'*+-/=?^_`{|}~.b@x-1.example");
}

static void addresses_are_read_as_people_paste_them(void **state)
{
    static const char *const texts[] = {
        "mailto:ada@example.org",
        "MAILTO:ada@example.org?subject=Hello",
        "Ada Lovelace <ada@example.org>",
        "\"Lovelace, Ada\" <mailto:ada@example.org>;",
        "<ada@example.org>",
        "ada@example.org.",
        "ada@example.org, ",
        "ada @example.org",
        "ada@ example. org",
        "\u202aada@example.org\u202c",
        "\ufeffad\u200ba@example.org",
        "ada@exam\u00adple.org",
        "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        reads_as(*state, texts[i], "ada@example.org", "ada@example.org");
    reads_as(*state, "o’brien@example.org", "o'brien@example.org", "o'brien@example.org");
    is_refused(*state, "Ada <ada@example.org> <bob@example.org>");
    is_refused(*state, "ada lovelace@example.org");
}

/* RFC 5891 for the domain, RFC 6531 for the local part. */
static void international_addresses_have_the_same_key_in_either_form(void **state)
{
    reads_as(*state, "ada@BÜCHER.example", "ada@bücher.example", "ada@xn--bcher-kva.example");
    reads_as(*state, "ada@xn--bcher-kva.example", "ada@bücher.example",
             "ada@xn--bcher-kva.example");
    reads_as(*state, "ada@bu\u0308cher.example", "ada@bücher.example", "ada@xn--bcher-kva.example");
    reads_as(*state, "ada@faß.de", "ada@faß.de", "ada@xn--fa-hia.de");
    reads_as(*state, "用户@例え。jp", "用户@例え.jp", "用户@xn--r8jz45g.jp");
    reads_as(*state, "JOSE\u0301@x.example", "JOSÉ@x.example", "josé@x.example");
}

static void what_nobody_can_write_to_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "@",
                                        "ada",
                                        "ada@",
                                        "@example.org",
                                        "ada@example",
                                        "ada@.org",
                                        "ada@example..org",
                                        "ada@@example.org",
                                        "a@b@example.org",
                                        ".ada@example.org",
                                        "ada.@example.org",
                                        "a..da@example.org",
                                        "\"a da\"@example.org",
                                        "a da@example.org",
                                        "ada@exa mple.org",
                                        "ada@[192.0.2.1]",
                                        "ada@192.0.2.1",
                                        "ada@-example.org",
                                        "ada@example-.org",
                                        "ada@example.org-",
                                        "ada@example.org,bob@example.org",
                                        "ada(comment)@example.org",
                                        "ada@xn--zzzzzz.example",
                                        "ada@example.org\nBcc: bob@example.org",
                                        "ada@\xff.org",
                                        "\xc3@example.org",
                                        "ada\\@example.org",
                                        "ada;@example.org"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        is_refused(*state, texts[i]);
}

/* A mapping must never turn an address into another person's. */
static void characters_a_domain_cannot_have_are_refused_not_dropped(void **state)
{
    static const char *const texts[] = {"ada@_b.de",  "ada@b_c.de",     "ada@b!c.de", "ada@b/c.de",
                                        "ada@b%c.de", "ada@b\uff3f.de", "ada@b+c.de"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        is_refused(*state, texts[i]);
}

static void addresses_that_only_look_the_same_are_refused(void **state)
{
    is_refused(*state, "ad\u00a0a@example.org");
    is_refused(*state, "ad\u202ea@example.org");
    is_refused(*state, "ad\u3164a@example.org");
}

/* RFC 5321 section 4.5.3.1: 64 before the @, 254 in all. */
static void lengths_have_limits(void **state)
{
    char local[70], domain[300], address[400];
    memset(local, 'a', sizeof local);
    local[64] = '\0';
    snprintf(address, sizeof address, "%s@example.org", local);
    reads_as(*state, address, address, address);
    local[64] = 'a';
    local[65] = '\0';
    snprintf(address, sizeof address, "%s@example.org", local);
    is_refused(*state, address);

    memset(domain, 'd', sizeof domain);
    domain[63] = domain[127] = domain[191] = '.';
    domain[252] = '\0';
    snprintf(address, sizeof address, "a@%s", domain);
    assert_int_equal(strlen(address), 254);
    reads_as(*state, address, address, address);
    snprintf(address, sizeof address, "ab@%s", domain);
    is_refused(*state, address);
    domain[63] = 'd';
    domain[64] = '.';
    domain[100] = '\0';
    snprintf(address, sizeof address, "a@%s.org", domain);
    is_refused(*state, address);
}

/* An A-label of 58 characters becomes many more bytes. */
static void an_address_that_grows_past_the_limit_is_refused(void **state)
{
    char label[300] = "", address[400];
    for (int i = 0; i < 30; i++)
        snprintf(label + strlen(label), sizeof label - strlen(label), "𐤀");
    snprintf(address, sizeof address, "a@%s.example", label);
    struct email email;
    assert_true(email_parse(*state, address, &email));
    const char *ascii = strchr(email.key, '@') + 1;
    int label_bytes = (int)(strchr(ascii, '.') - ascii);
    snprintf(address, sizeof address, "a@%.*s.%.*s.%.*s.example", label_bytes, ascii, label_bytes,
             ascii, label_bytes, ascii);
    assert_true(strlen(address) <= EMAIL_MOST_BYTES);
    is_refused(*state, address);
}

/* A plain domain has a short way. Capitals send the same domain on the long way. */
static void a_plain_domain_reads_as_any_other(void **state)
{
    enum { DOMAINS = 3000, MOST = 9 };
    uint32_t random = 1;
    for (int i = 0; i < DOMAINS; i++) {
        static const char signs[] = "abxn09-.-.a";
        char domain[MOST + 1] = "";
        for (size_t length = 0; length < MOST; length++) {
            random = random * 1664525 + 1013904223;
            domain[length] = signs[(random >> 16) % (sizeof signs - 1)];
        }
        struct email plain, other;
        bool is_read = email_parse(*state, arena_printf(*state, "a@%s.org", domain), &plain);
        bool is_other = email_parse(*state, arena_printf(*state, "a@%s.ORG", domain), &other);
        if (is_read != is_other)
            fail_msg("a@%s.org", domain);
        if (is_read && (strcmp(plain.key, other.key) || strcmp(plain.address, other.address)))
            fail_msg("a@%s.org: %s, %s", domain, plain.key, other.key);
    }
}

static void one_slip_away_from_a_great_provider_is_doubted(void **state)
{
    static const char *const slips[][2] = {
        {"gmial.com", "gmail.com"},   {"gmail.con", "gmail.com"},     {"gmail.co", "gmail.com"},
        {"gmaill.com", "gmail.com"},  {"hotmial.com", "hotmail.com"}, {"t-online.d", "t-online.de"},
        {"gmx.d", "gmx.de"},          {"wbe.de", "web.de"},           {"gmxx.de", "gmx.de"},
        {"outlok.com", "outlook.com"}};
    static const char *const fine[] = {"gmail.com", "mail.com",    "ymail.com", "gmx.at",
                                       "gmx.com",   "web.de",      "wet.de",    "ge.com",
                                       "goal.com",  "example.org", "yahoo.fr",  "live.nl",
                                       "email.de",  "web.at",      "x.y"};
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        const char *meant = email_meant(*state, arena_printf(*state, "A.da@%s", slips[i][0]));
        assert_non_null(meant);
        assert_string_equal(meant, arena_printf(*state, "A.da@%s", slips[i][1]));
    }
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(email_meant(*state, arena_printf(*state, "ada@%s", fine[i])));
    assert_null(email_meant(*state, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_slip_away_from_a_great_provider_is_doubted),
        TEST(addresses_keep_their_letters_and_get_one_key),
        TEST(addresses_are_read_as_people_paste_them),
        TEST(international_addresses_have_the_same_key_in_either_form),
        TEST(what_nobody_can_write_to_is_refused),
        TEST(characters_a_domain_cannot_have_are_refused_not_dropped),
        TEST(addresses_that_only_look_the_same_are_refused),
        TEST(lengths_have_limits),
        TEST(an_address_that_grows_past_the_limit_is_refused),
        TEST(a_plain_domain_reads_as_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
