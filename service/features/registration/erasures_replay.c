/* einlass erasures replay, and what einlass check says of the list */
#include <string.h>

#include "db/session.h"
#include "features/registration/erasure_list.h"
#include "features/registration/erasures.h"
#include "statements.h"

enum { PORTION = 500 };

struct left {
    struct id event_id, registration_id;
    char *also;
};

/* Reads a list in portions and gathers the people whose data the database still has. */
struct search {
    struct db_session *session;
    struct params *portion; /* NULL: empty */
    int count, listed;
    struct left *left;
    size_t left_count;
};

static bool ask(struct search *search)
{
    if (!search->portion)
        return true;
    struct params *portion = search->portion;
    search->portion = NULL;
    search->count = 0;
    const struct rows *rows = db_session_run(search->session, portion);
    if (!rows)
        return false;
    size_t found = (size_t)rows_count(rows);
    search->left =
        memory_grow(search->left, (search->left_count + found + 1) * sizeof *search->left);
    for (int row = 0; row < rows_count(rows); row++)
        search->left[search->left_count++] =
            (struct left){rows_id(rows, row, "event_id"), rows_id(rows, row, "registration_id"),
                          memory_copy(rows_text(rows, row, "also"))};
    return true;
}

static bool on_erasure(void *context, const struct erasure *erasure)
{
    struct search *search = context;
    const struct registration_erasures_left_erasure given = {
        &erasure->event_id, &erasure->registration_id, erasure->also};
    if (!search->portion)
        search->portion = registration_erasures_left_params();
    registration_erasures_left_add_erasure(search->portion, &given);
    search->listed++;
    return ++search->count < PORTION || ask(search);
}

static void finish(struct search *search)
{
    params_destroy(search->portion);
    for (size_t i = 0; i < search->left_count; i++)
        free(search->left[i].also);
    free(search->left);
}

static int compare(const void *a, const void *b)
{
    const struct left *one = a, *other = b;
    return memcmp(&one->registration_id, &other->registration_id, sizeof one->registration_id);
}

/* A list, and the lists of several instances, may name a registration several times. */
static void leave_out_repeated(struct search *search)
{
    size_t kept = 0;
    if (search->left_count > 0)
        qsort(search->left, search->left_count, sizeof *search->left, compare);
    for (size_t i = 0; i < search->left_count; i++) {
        if (kept > 0 && compare(&search->left[kept - 1], &search->left[i]) == 0)
            free(search->left[i].also);
        else
            search->left[kept++] = search->left[i];
    }
    search->left_count = kept;
}

/* False: it has said why. */
static bool find(struct search *search, const char *path)
{
    struct buffer error;
    buffer_init(&error);
    bool good = erasure_list_read(path, on_erasure, search, &error) && ask(search);
    if (!good)
        command_fail("%s",
                     error.length > 0 ? buffer_text(&error) : db_session_error(search->session));
    buffer_finish(&error);
    leave_out_repeated(search);
    return good;
}

bool erasures_check(const struct config *config, struct db_session *session)
{
    struct search search = {.session = session};
    if (*config->erasures == '\0') {
        puts("note: erasures is not set, so after a restore nobody knows who was erased since the "
             "backup; see einlass.conf(5)");
        return true;
    }
    bool exists;
    int error = erasure_list_try(config->erasures, &exists);
    if (error != 0) {
        command_fail("cannot write the list of erasures %s: %s", config->erasures, strerror(error));
        return false;
    }
    bool good = !exists || find(&search, config->erasures);
    if (good && search.left_count > 0) {
        command_fail("the database has data of %zu registrations that %s calls erased: it was "
                     "restored; run \"einlass erasures replay %s\"",
                     search.left_count, config->erasures, config->erasures);
        good = false;
    }
    finish(&search);
    return good;
}

/* --- Erasing again --------------------------------------------------------------------------- */

/* NONE: it has said why. */
static enum erase_again_outcome erase(struct db_session *session, const struct left *left)
{
    enum erase_again_outcome outcome = ERASE_AGAIN_OUTCOME_NONE;
    struct params *lock = registration_lock_tally_params();
    registration_lock_tally_add_event(lock, &left->event_id);
    struct params *run = registration_erase_again_params(
        &(struct registration_erase_again){.event_id = &left->event_id,
                                           .registration_id = &left->registration_id,
                                           .also = left->also});
    if (!db_session_begin(session) || !db_session_run(session, lock)) {
        command_fail("%s", db_session_error(session));
        params_destroy(run);
        return outcome;
    }
    const struct rows *rows = db_session_run(session, run);
    if (rows)
        outcome = registration_erase_again_outcome(rows, 0);
    if (!rows || !db_session_commit(session)) {
        command_fail("%s", db_session_error(session));
        return ERASE_AGAIN_OUTCOME_NONE;
    }
    return outcome;
}

static bool replay(struct search *search, bool is_dry_run)
{
    size_t by_hand = 0;
    char id[ID_TEXT_BYTES];
    for (size_t i = 0; i < search->left_count && !is_dry_run; i++) {
        switch (erase(search->session, &search->left[i])) {
        case ERASE_AGAIN_OUTCOME_ERASED:
            break;
        case ERASE_AGAIN_OUTCOME_BY_HAND:
            id_format(&search->left[i].registration_id, id);
            command_fail("erase at the desk, as they have no registration of their own yet: "
                         "attendee %s (erased as registration %s)",
                         search->left[i].also, id);
            by_hand++;
            break;
        case ERASE_AGAIN_OUTCOME_NONE:
            return false;
        }
    }
    printf("%d lines; %zu registrations %s\n", search->listed, search->left_count - by_hand,
           is_dry_run ? "would be erased again" : "erased again");
    return by_hand == 0;
}

static int run(const struct config *config, int argc, char **argv)
{
    bool is_dry_run = command_flag(&argc, argv, "--dry-run");
    if (argc == 0)
        return COMMAND_USAGE;
    struct search search = {.session = command_session(config)};
    bool good = search.session != NULL;
    for (int i = 0; i < argc && good; i++)
        good = find(&search, argv[i]);
    good = good && replay(&search, is_dry_run);
    finish(&search);
    db_session_close(search.session);
    return good ? COMMAND_DONE : COMMAND_FAILED;
}

const struct command command_erasures_replay = {
    .words = "erasures replay",
    .arguments = "FILE... [--dry-run]",
    .help = "erase again, after a restore, the people whom these lists name",
    .run = run,
};
