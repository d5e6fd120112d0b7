/* Codes of an authenticator app: the right ones, once each, and secrets that only we can read. */
#include "security/totp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "security/security.h"

/* RFC 6238, appendix B, SHA-1. Of its 8 digits the last 6 are the code. */
static const unsigned char secret[] = "12345678901234567890";
static const struct {
    int64_t at_s;
    const char *code;
} vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
               {1234567890, "005924"}, {2000000000, "279037"}, {INT64_C(20000000000), "353130"}};

static void codes_are_those_of_rfc_6238(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        int64_t step = 0;
        assert_true(totp_matches(secret, vectors[i].code, vectors[i].at_s, 0, &step));
        assert_int_equal(step, vectors[i].at_s / TOTP_STEP_S);
    }
}

static void a_code_is_right_one_step_early_or_late_and_no_more(void **state)
{
    (void)state;
    int64_t step, at_s = 1234567890 / TOTP_STEP_S * TOTP_STEP_S;
    assert_true(totp_matches(secret, "005924", at_s - TOTP_STEP_S, 0, &step));
    assert_true(totp_matches(secret, "005924", at_s + 2 * TOTP_STEP_S - 1, 0, &step));
    assert_false(totp_matches(secret, "005924", at_s - TOTP_STEP_S - 1, 0, &step));
    assert_false(totp_matches(secret, "005924", at_s + 2 * TOTP_STEP_S, 0, &step));
}

static void a_code_counts_once(void **state)
{
    (void)state;
    int64_t step = 0, again = 0;
    assert_true(totp_matches(secret, "287082", 59, 0, &step));
    assert_false(totp_matches(secret, "287082", 59, step, &again));
    assert_true(totp_matches(secret, "287082", 59, step - 1, &again));
}

static void a_wrong_code_is_refused(void **state)
{
    (void)state;
    static const char *const codes[] = {"287083", "", "28708", "2870820", "94287082", "28708a"};
    int64_t step;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_false(totp_matches(secret, codes[i], 59, 0, &step));
}

static void an_app_gets_the_secret_by_picture_or_text(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text);
    totp_add_uri(secret, "ada@example.org", &text);
    assert_string_equal(buffer_text(&text), "otpauth://totp/Einlass:ada%40example.org?secret="
                                            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Einlass");
    buffer_finish(&text);
    buffer_init(&text);
    totp_add_text(secret, &text);
    assert_string_equal(buffer_text(&text), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    buffer_finish(&text);
}

static void a_sealed_secret_opens_for_its_account_in_its_service_only(void **state)
{
    (void)state;
    static const unsigned char seeds[2][KEYRING_SEED_BYTES] = {{1}, {2}};
    struct keyring *ours = keyring_from_seed(seeds[0]), *other = keyring_from_seed(seeds[1]);
    unsigned char opened[TOTP_SECRET_BYTES];
    char sealed[TOTP_SEALED_TEXT_BYTES];
    struct id account, another;
    id_make(&account);
    id_make(&another);
    totp_seal(ours, &account, secret, sealed);
    assert_true(totp_open(ours, &account, sealed, opened));
    assert_memory_equal(opened, secret, TOTP_SECRET_BYTES);
    assert_false(totp_open(ours, &another, sealed, opened));
    assert_false(totp_open(other, &account, sealed, opened));
    assert_false(totp_open(ours, &account, sealed + 1, opened));
    assert_false(totp_open(ours, &account, "", opened));
    sealed[40] = sealed[40] == 'A' ? 'B' : 'A';
    assert_false(totp_open(ours, &account, sealed, opened));
    keyring_destroy(ours);
    keyring_destroy(other);
}

static int start(void **state)
{
    (void)state;
    return security_init() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_rfc_6238),
        cmocka_unit_test(a_code_is_right_one_step_early_or_late_and_no_more),
        cmocka_unit_test(a_code_counts_once),
        cmocka_unit_test(a_wrong_code_is_refused),
        cmocka_unit_test(an_app_gets_the_secret_by_picture_or_text),
        cmocka_unit_test(a_sealed_secret_opens_for_its_account_in_its_service_only),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
