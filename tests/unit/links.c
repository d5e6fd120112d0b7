/* Links with a key that expires. */
#include "event/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "config.h"
#include "event/event.h"
#include "security/keyring.h"
#include "security/security.h"
#include "worker.h"

static const unsigned char seed[KEYRING_SEED_BYTES] = {7};
static const int64_t day_us = 24 * 3600 * CLOCK_SECOND_US;

static void the_link_to_kept_messages_opens_one_event_for_a_day(void **state)
{
    (void)state;
    struct config config = {.public_url = "https://example.org"};
    struct keyring *keyring = keyring_from_seed(seed);
    struct worker worker = {.config = &config, .keyring = keyring};
    struct event event = {.slug = "one"}, other = {.slug = "other"};
    struct arena arena;
    arena_init(&arena);
    id_make(&event.id);
    id_make(&other.id);
    int64_t before_us = clock_now_us();
    const char *link = link_messages(&worker, &event, &arena);
    int64_t after_us = clock_now_us();
    const char *key = strstr(link, "?key=") + strlen("?key=");
    assert_true(link_messages_key_is_good(&worker, &event, key, after_us));
    assert_true(link_messages_key_is_good(&worker, &event, key, before_us + day_us - 1000));
    assert_false(link_messages_key_is_good(&worker, &event, key, after_us + day_us));
    assert_false(link_messages_key_is_good(&worker, &other, key, after_us));
    arena_finish(&arena);
    keyring_destroy(keyring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_link_to_kept_messages_opens_one_event_for_a_day),
    };
    return security_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
