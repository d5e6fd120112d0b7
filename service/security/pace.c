#include "security/pace.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker.h"

/*
 * What the numbers must allow: hundreds of people of one company or at one venue sign up, open
 * their tickets and ask for them from one address, and a stranger with one address must not reach
 * many people, hold many places or guess a code.
 */
enum {
    SIGN_UPS_MOST = 200,          /* limit: people from one source for one event at once */
    SIGN_UPS_AN_HOUR = 300,       /* limit: people from one source for one event */
    RESENDS_MOST = 60,            /* limit: tickets asked for from one source at once */
    RESENDS_AN_HOUR = 240,        /* limit: tickets asked for from one source */
    ADDRESSES_MOST = 20,          /* limit: addresses changed from one source at once */
    ADDRESSES_AN_HOUR = 60,       /* limit: addresses changed from one source */
    HAND_ONS_MOST = 30,           /* limit: tickets handed on from one source at once */
    HAND_ONS_AN_HOUR = 60,        /* limit: tickets handed on from one source */
    ACCESS_CODES_MOST = 50,       /* limit: wrong access codes from one source at once */
    ACCESS_CODES_AN_HOUR = 120,   /* limit: wrong access codes from one source */
    PAIRING_CODES_MOST = 50,      /* limit: wrong pairing codes from one source at once */
    PAIRING_CODES_AN_HOUR = 600,  /* limit: wrong pairing codes from one source */
    INVITEE_KEYS_MOST = 50,       /* limit: wrong links of invitations from one source at once */
    INVITEE_KEYS_AN_HOUR = 120,   /* limit: wrong links of invitations from one source */
    STRANGERS_AN_HOUR = 12,       /* limit: first letters to addresses of others from one source */
    ADDRESSES_OF_ONE_MOST = 10,   /* limit: changes of one registration's address at once */
    ADDRESSES_OF_ONE_AN_HOUR = 1, /* limit: changes of one registration's address */
    FORMS_AN_HOUR = 30,           /* limit: forms with one address for one event */
    LETTERS_AN_HOUR = 30,         /* limit: letters to one address, of a process */
    PRINTS_MOST = 20,             /* limit: prints of one ticket at once */
    PRINTS_AN_HOUR = 60,          /* limit: prints of one ticket */
    WALK_INS_MOST = 200,          /* limit: walk-ins of one caller at once */
    WALK_INS_AN_HOUR = 240,       /* limit: walk-ins of one caller */
    SEARCHES_MOST = 60,           /* limit: searches of one device at once */
    SEARCHES_AN_HOUR = 7200,      /* limit: searches of one device */
    REQUESTS_MOST = 5000,         /* limit: requests of one token at once */
    REQUESTS_A_SECOND = 1000,     /* limit: requests of one token */
    PASSWORDS_MOST = 10,          /* limit: wrong passwords for one address at once */
    PASSWORDS_AN_HOUR = 30,       /* limit: wrong passwords for one address */
    SOURCE_PASSWORDS_MOST = 60,   /* limit: wrong passwords from one source at once */
    SOURCE_PASSWORDS_AN_HOUR = 240, /* limit: wrong passwords from one source */
    CODES_MOST = 10,                /* limit: wrong second factors of one account at once */
    CODES_AN_HOUR = 20,             /* limit: wrong second factors of one account */
    SIGN_IN_LINKS_MOST = 4,         /* limit: links to sign in for one address at once */
    SIGN_IN_LINKS_AN_HOUR = 12,     /* limit: links to sign in for one address */
    SOURCE_LINKS_MOST = 20,         /* limit: links to sign in asked for from one source at once */
    SOURCE_LINKS_AN_HOUR = 60,      /* limit: links to sign in asked for from one source */
    INVITATIONS_MOST = 4,           /* limit: mails that invite one address at once */
    INVITATIONS_AN_HOUR = 8,        /* limit: mails that invite one address */
    INVITATIONS_OF_ONE_MOST = 100,  /* limit: mails that invite, of one account at once */
    INVITATIONS_OF_ONE_AN_HOUR = 100, /* limit: mails that invite, of one account */
    KEYS_MOST = 65536,                /* limit: keys whose permits are counted */
    BUCKETS = 8,                      /* per row: enough that hardly a key is replaced early */
    ROWS = KEYS_MOST / BUCKETS,
    LOG_EVERY_S = 60,
    HOUR_S = 3600,
};

static const struct {
    const char *name; /* in the log */
    int64_t most, an_hour;
} limits[PACE_LIMITS] = {
    [PACE_SIGN_UPS] = {"sign_ups", SIGN_UPS_MOST, SIGN_UPS_AN_HOUR},
    [PACE_HOLDS] = {"holds", PACE_ALL, 0},
    [PACE_RESENDS] = {"resends", RESENDS_MOST, RESENDS_AN_HOUR},
    [PACE_ADDRESSES] = {"addresses", ADDRESSES_MOST, ADDRESSES_AN_HOUR},
    [PACE_HAND_ONS] = {"hand_ons", HAND_ONS_MOST, HAND_ONS_AN_HOUR},
    [PACE_ACCESS_CODES] = {"access_codes", ACCESS_CODES_MOST, ACCESS_CODES_AN_HOUR},
    [PACE_PAIRING_CODES] = {"pairing_codes", PAIRING_CODES_MOST, PAIRING_CODES_AN_HOUR},
    [PACE_INVITATION_KEYS] = {"invitation_keys", INVITEE_KEYS_MOST, INVITEE_KEYS_AN_HOUR},
    [PACE_STRANGERS] = {"strangers", STRANGERS_AN_HOUR, STRANGERS_AN_HOUR},
    [PACE_ADDRESSES_OF_ONE] = {"addresses_of_one", ADDRESSES_OF_ONE_MOST, ADDRESSES_OF_ONE_AN_HOUR},
    [PACE_VERIFIED] = {"verified", 1, 1},
    [PACE_FORMS] = {"forms", FORMS_AN_HOUR, FORMS_AN_HOUR},
    [PACE_LETTERS] = {"letters", LETTERS_AN_HOUR, LETTERS_AN_HOUR},
    [PACE_PRINTS] = {"prints", PRINTS_MOST, PRINTS_AN_HOUR},
    [PACE_WALK_INS] = {"walk_ins", WALK_INS_MOST, WALK_INS_AN_HOUR},
    [PACE_SEARCHES] = {"searches", SEARCHES_MOST, SEARCHES_AN_HOUR},
    [PACE_REQUESTS] = {"requests", REQUESTS_MOST, REQUESTS_A_SECOND *HOUR_S},
    [PACE_PASSWORDS] = {"passwords", PASSWORDS_MOST, PASSWORDS_AN_HOUR},
    [PACE_PASSWORDS_OF_SOURCE] = {"passwords_of_source", SOURCE_PASSWORDS_MOST,
                                  SOURCE_PASSWORDS_AN_HOUR},
    [PACE_CODES] = {"codes", CODES_MOST, CODES_AN_HOUR},
    [PACE_SIGN_IN_LINKS] = {"sign_in_links", SIGN_IN_LINKS_MOST, SIGN_IN_LINKS_AN_HOUR},
    [PACE_SIGN_IN_LINKS_OF_SOURCE] = {"sign_in_links_of_source", SOURCE_LINKS_MOST,
                                      SOURCE_LINKS_AN_HOUR},
    [PACE_INVITATIONS] = {"invitations", INVITATIONS_MOST, INVITATIONS_AN_HOUR},
    [PACE_INVITATIONS_OF_ONE] = {"invitations_of_one", INVITATIONS_OF_ONE_MOST,
                                 INVITATIONS_OF_ONE_AN_HOUR},
};

struct bucket {
    unsigned char hash[crypto_shorthash_siphashx24_BYTES]; /* of the key */
    int64_t full_at_us;                                    /* when all permits are back */
};

struct pace {
    pthread_mutex_t lock;
    unsigned char hash_key[crypto_shorthash_siphashx24_KEYBYTES];
    int64_t logged_at_us[PACE_LIMITS]; /* 0: never */
    struct bucket rows[ROWS][BUCKETS];
};

struct pace *pace_create(void)
{
    struct pace *pace = memory_alloc(sizeof *pace);
    pthread_mutex_init(&pace->lock, NULL);
    randombytes_buf(pace->hash_key, sizeof pace->hash_key);
    return pace;
}

void pace_destroy(struct pace *pace)
{
    if (!pace)
        return;
    pthread_mutex_destroy(&pace->lock);
    free(pace);
}

static void *create_state(struct worker *worker)
{
    (void)worker;
    return pace_create();
}

static void destroy_state(void *pace)
{
    pace_destroy(pace);
}

static const struct worker_slot slot = {
    .name = "pace", .shared = true, .create = create_state, .destroy = destroy_state};

struct pace *pace_of(struct worker *worker)
{
    return worker_state(worker, &slot);
}

/* Hashes a long text first, so that every key has the same size. */
static void hash_of(const struct pace *pace, const struct pace_key *key, unsigned char *ret_hash)
{
    struct {
        uint64_t limit;
        struct id scope;
        unsigned char who[crypto_shorthash_siphashx24_BYTES];
    } whole = {.limit = key->limit};
    const char *who = key->who ? key->who : "";
    if (key->scope)
        whole.scope = *key->scope;
    crypto_shorthash_siphashx24(whole.who, (const unsigned char *)who, strlen(who), pace->hash_key);
    crypto_shorthash_siphashx24(ret_hash, (const unsigned char *)&whole, sizeof whole,
                                pace->hash_key);
}

/* The bucket of this key, else the one whose permits are back first. */
static struct bucket *find_bucket(struct pace *pace, const struct pace_key *key)
{
    struct bucket wanted = {.full_at_us = 0};
    hash_of(pace, key, wanted.hash);
    struct bucket *row = pace->rows[(wanted.hash[0] << 8 | wanted.hash[1]) % ROWS], *found = row;
    for (int i = 0; i < BUCKETS; i++) {
        if (memcmp(row[i].hash, wanted.hash, sizeof wanted.hash) == 0)
            return &row[i];
        if (row[i].full_at_us < found->full_at_us)
            found = &row[i];
    }
    *found = wanted;
    return found;
}

/* Microseconds until so many permits are back. */
static int64_t time_of(const struct pace_key *key, int64_t permits)
{
    int64_t hour_us = HOUR_S * CLOCK_SECOND_US;
    return key->hours ? permits * (hour_us * key->hours / limits[key->limit].most)
                      : permits * hour_us / limits[key->limit].an_hour;
}

static int wait_of(const struct bucket *bucket, const struct pace_key *key, int64_t permits,
                   int64_t now_us)
{
    int64_t rest_us = time_of(key, limits[key->limit].most - permits);
    int64_t wait_us = bucket->full_at_us - now_us - rest_us;
    return wait_us <= 0 ? 0 : (int)((wait_us + CLOCK_SECOND_US - 1) / CLOCK_SECOND_US);
}

static void note_refusal(struct pace *pace, enum pace_limit limit, int64_t now_us)
{
    int64_t *at_us = &pace->logged_at_us[limit];
    if (*at_us && now_us - *at_us < LOG_EVERY_S * CLOCK_SECOND_US)
        return;
    *at_us = now_us;
    log_event(LOG_WARNING, "rate_limit_reached", log_text("limit", limits[limit].name));
}

int pace_take(struct pace *pace, const struct pace_key *key, int64_t permits, int64_t now_us)
{
    if (permits > limits[key->limit].most)
        permits = limits[key->limit].most;
    pthread_mutex_lock(&pace->lock);
    struct bucket *bucket = find_bucket(pace, key);
    int wait_s = wait_of(bucket, key, permits, now_us);
    if (wait_s > 0)
        note_refusal(pace, key->limit, now_us);
    else
        bucket->full_at_us =
            (bucket->full_at_us > now_us ? bucket->full_at_us : now_us) + time_of(key, permits);
    pthread_mutex_unlock(&pace->lock);
    return wait_s;
}

int pace_wait(struct pace *pace, const struct pace_key *key, int64_t now_us)
{
    pthread_mutex_lock(&pace->lock);
    int wait_s = wait_of(find_bucket(pace, key), key, 1, now_us);
    pthread_mutex_unlock(&pace->lock);
    return wait_s;
}

void pace_give_back(struct pace *pace, const struct pace_key *key, int64_t permits, int64_t now_us)
{
    pthread_mutex_lock(&pace->lock);
    struct bucket *bucket = find_bucket(pace, key);
    if (bucket->full_at_us > now_us)
        bucket->full_at_us -= time_of(key, permits);
    pthread_mutex_unlock(&pace->lock);
}
