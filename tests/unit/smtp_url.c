/* The setting smtp: its meaning, and no password leaves the machine without TLS. */
#include "mail/smtp_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;

static struct smtp_url read_as(const char *text)
{
    struct smtp_url url;
    struct buffer error;
    buffer_init(&error);
    if (!smtp_url_parse(&arena, text, &url, &error))
        fail_msg("%s: %s", text, buffer_text(&error));
    buffer_finish(&error);
    return url;
}

static void refused(const char *text, const char *because)
{
    struct smtp_url url;
    struct buffer error;
    buffer_init(&error);
    if (smtp_url_parse(&arena, text, &url, &error))
        fail_msg("%s is read", text);
    if (!strstr(buffer_text(&error), because))
        fail_msg("%s: %s", text, buffer_text(&error));
    assert_null(strstr(buffer_text(&error), "secret"));
    buffer_finish(&error);
}

static void each_form_has_its_port_and_its_tls(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
        enum smtp_tls tls;
    } forms[] = {
        {"smtp://mail.example.org", "mail.example.org", 25, SMTP_TLS_OFFERED},
        {"SMTP://mail.example.org:2525/", "mail.example.org", 2525, SMTP_TLS_OFFERED},
        {"smtps://mail.example.org", "mail.example.org", 465, SMTP_TLS_IMPLICIT},
        {"smtp+starttls://mail.example.org", "mail.example.org", 587, SMTP_TLS_STARTTLS},
        {"smtp://[2001:db8::1]:26", "[2001:db8::1]", 26, SMTP_TLS_OFFERED},
        {"smtp://localhost", "localhost", 25, SMTP_TLS_NONE},
        {"smtp://127.0.0.1:1025", "127.0.0.1", 1025, SMTP_TLS_NONE},
        {"smtp://[::1]", "[::1]", 25, SMTP_TLS_NONE},
        {"smtp+starttls://localhost", "localhost", 587, SMTP_TLS_STARTTLS},
        {"smtp://127.0.0.1.example.org", "127.0.0.1.example.org", 25, SMTP_TLS_OFFERED},
        {"smtp://notlocalhost", "notlocalhost", 25, SMTP_TLS_OFFERED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct smtp_url url = read_as(forms[i].text);
        assert_string_equal(url.host, forms[i].host);
        assert_int_equal(url.port, forms[i].port);
        assert_int_equal(url.tls, forms[i].tls);
        assert_null(url.user);
        assert_null(url.ca);
    }
}

static void what_is_percent_encoded_is_decoded(void **state)
{
    (void)state;
    struct smtp_url url = read_as("smtps://ada%40example.org:s%3Ae%2Fc%C3%BCret@mail.example.org"
                                  "?ca=/etc/my%20ca.pem&name=tickets.example.org");
    assert_string_equal(url.user, "ada@example.org");
    assert_string_equal(url.password, "s:e/cüret");
    assert_string_equal(url.ca, "/etc/my ca.pem");
    assert_string_equal(url.name, "tickets.example.org");
    url = read_as("smtp://a:b@localhost");
    assert_string_equal(url.user, "a");
}

static void what_is_wrong_is_said_without_the_password(void **state)
{
    (void)state;
    refused("mail.example.org", "no URL");
    refused("mail.example.org:25", "no URL");
    refused("http://mail.example.org", "begins with");
    refused("smtp://", "");
    refused("smtp:///x", "no URL");
    refused("smtp://mail.example.org:0", "port");
    refused("smtp://mail.example.org:99999", "");
    refused("smtp://mail.example.org/inbox", "options");
    refused("smtp://mail.example.org#x", "options");
    refused("smtp://mail.example.org?ca=relative.pem", "ca=");
    refused("smtp://mail.example.org?verify=no", "ca=");
    refused("smtp://mail.example.org?name=a%0D%0Ab", "ca=");
    refused("smtp://ada:secret@mail.example.org", "unprotected");
    refused("smtps://ada@mail.example.org", "a user needs");
    refused("smtps://:secret@mail.example.org", "a user needs");
    refused("smtps://ada:secret%0D%0A@mail.example.org", "percent-encoded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_has_its_port_and_its_tls),
        cmocka_unit_test(what_is_percent_encoded_is_decoded),
        cmocka_unit_test(what_is_wrong_is_said_without_the_password),
    };
    arena_init(&arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&arena);
    return failed;
}
