/* einlass door pair, door list, door unpair, door change */
#include <unistd.h>

#include "base/clock.h"
#include "db/session.h"
#include "features/door/devices.h"
#include "features/door/door.h"
#include "security/keyring.h"
#include "security/secret.h"
#include "statements.h"
#include "view/qr.h"

static int refuse_event(const char *event)
{
    return command_fail("there is no event \"%s\"", event);
}

/* --- door pair ------------------------------------------------------------------------------- */

struct pair {
    const struct config *config;
    const char *event, *door, *name;
    enum device_role role; /* none: staff */
    struct keyring *keyring;
    char code[SECRET_PAIRING_TEXT_BYTES];
};

/* The code follows the #, so that browsers send it to no server and no log. */
static void show_qr(const struct pair *pair, const char *door_title)
{
    struct buffer url, picture;
    buffer_init(&url);
    buffer_init(&picture);
    buffer_printf(&url, "%s/door#%s", pair->config->public_url, pair->code);
    if (qr_terminal(buffer_text(&url), &picture))
        fwrite(picture.bytes, 1, picture.length, stdout);
    printf("Type the code, or scan this with the phone that is to stand at %s.\n"
           "It is good for %d minutes, once: %s\n",
           *door_title ? door_title : pair->door, PAIRING_MINUTES, buffer_text(&url));
    buffer_finish(&picture);
    buffer_finish(&url);
}

static int say_paired(const struct pair *pair, const struct rows *rows)
{
    switch (door_pair_outcome(rows, 0)) {
    case PAIR_OUTCOME_NO_EVENT:
        return refuse_event(pair->event);
    case PAIR_OUTCOME_NO_DOOR:
        return command_fail("%s has no door \"%s\"", pair->event, pair->door);
    case PAIR_OUTCOME_TOO_MANY:
        return command_fail("%s has %d devices already; einlass door unpair takes some away",
                            pair->event, DEVICES_OF_EVENT_MOST);
    case PAIR_OUTCOME_MADE:
        puts(pair->code);
        if (isatty(STDOUT_FILENO))
            show_qr(pair, rows_text(rows, 0, "door_title"));
        return COMMAND_DONE;
    case PAIR_OUTCOME_USED:
    case PAIR_OUTCOME_NONE:
        break;
    }
    return command_fail(COMMAND_UNKNOWN_OUTCOME);
}

static int make_code(struct db_session *session, struct pair *pair)
{
    struct id device_id;
    unsigned char hash[SECRET_HASH_BYTES];
    id_make(&device_id);
    secret_pairing_code(pair->keyring, &device_id, pair->code);
    secret_pairing_hash(pair->keyring, pair->code, hash);
    const struct rows *rows = db_session_run(
        session, door_pair_params(&(struct door_pair){.event = pair->event,
                                                      .door = pair->door,
                                                      .device_id = &device_id,
                                                      .pairing_hash = {hash, sizeof hash},
                                                      .name = pair->name ? pair->name : "",
                                                      .minutes = PAIRING_MINUTES,
                                                      .devices_most = DEVICES_OF_EVENT_MOST,
                                                      .role = pair->role,
                                                      .actor = "command"}));
    return rows ? say_paired(pair, rows) : command_fail("%s", db_session_error(session));
}

static int pair_with_keys(struct pair *pair)
{
    char error[KEYRING_ERROR_BYTES];
    if (!keyring_load(pair->config->keys, &pair->keyring, error))
        return command_fail("%s", error);
    struct db_session *session = command_session(pair->config);
    int status = session ? make_code(session, pair) : COMMAND_FAILED;
    db_session_close(session);
    keyring_destroy(pair->keyring);
    return status;
}

/* Reads no text as no role. Returns false for an unknown role. */
static bool read_role(const char *text, enum device_role *ret_role)
{
    *ret_role = device_role_parse(text);
    return !text || *ret_role != DEVICE_ROLE_NONE;
}

static int run_pair(const struct config *config, int argc, char **argv)
{
    struct pair pair = {.config = config, .name = command_option(&argc, argv, "--name")};
    if (!read_role(command_option(&argc, argv, "--role"), &pair.role) || argc != 2)
        return COMMAND_USAGE;
    if (pair.name && !devices_is_name(pair.name))
        return command_fail("a name has at most %d characters and none of them is invisible",
                            DEVICE_NAME_MOST);
    pair.event = argv[0];
    pair.door = argv[1];
    return pair_with_keys(&pair);
}

const struct command command_door_pair = {
    .words = "door pair",
    .arguments = "EVENT DOOR [--name NAME] [--role staff|scanner]",
    .help = "print a code that makes a phone this door, good for 15 minutes, once; a scanner scans "
            "and does no more",
    .run = run_pair,
};

/* --- door list ------------------------------------------------------------------------------- */

/* Sets ret_id if it returns COMMAND_DONE. */
static int find_event(struct db_session *session, const char *event, struct id *ret_id)
{
    const struct rows *rows = db_session_run(
        session, door_event_by_slug_params(&(struct door_event_by_slug){.slug = event}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    if (rows_count(rows) == 0)
        return refuse_event(event);
    *ret_id = rows_id(rows, 0, "event_id");
    return COMMAND_DONE;
}

static void say_device(const struct rows *rows, int row)
{
    char id_text[ID_TEXT_BYTES], when[CLOCK_TEXT_BYTES];
    struct id id = rows_id(rows, row, "device_id");
    bool is_paired = !rows_is_null(rows, row, "paired_at");
    id_format(&id, id_text);
    clock_format(rows_time(rows, row, is_paired ? "paired_at" : "pairing_until"), when);
    printf("%s  %-24s  %-7s  %s %s  %s%s\n", id_text, rows_text(rows, row, "door"),
           rows_text(rows, row, "role"), is_paired ? "paired" : "code until", when,
           rows_text(rows, row, "name"), rows_bool(rows, row, "keeps_names") ? "  (names)" : "");
}

static int list(struct db_session *session, const char *event)
{
    struct id event_id;
    if (find_event(session, event, &event_id) != COMMAND_DONE)
        return COMMAND_FAILED;
    const struct rows *rows = db_session_run(
        session, door_device_list_params(&(struct door_device_list){.event_id = &event_id}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    for (int row = 0; row < rows_count(rows); row++)
        say_device(rows, row);
    return COMMAND_DONE;
}

static int run_list(const struct config *config, int argc, char **argv)
{
    if (argc != 1)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = list(session, argv[0]);
    db_session_close(session);
    return status;
}

const struct command command_door_list = {
    .words = "door list",
    .arguments = "EVENT",
    .help = "show the devices that are paired with the event's doors, and the codes still good",
    .run = run_list,
};

/* --- door unpair ----------------------------------------------------------------------------- */

static int unpair(struct db_session *session, const char *event, const char *device)
{
    struct id event_id, device_id;
    if (!id_parse(device, &device_id))
        return command_fail("\"%s\" is no id of a device; einlass door list shows them", device);
    if (find_event(session, event, &event_id) != COMMAND_DONE)
        return COMMAND_FAILED;
    const struct rows *rows = db_session_run(
        session, door_device_revoke_params(&(struct door_device_revoke){
                     .event_id = &event_id, .device_id = &device_id, .actor = "command"}));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    if (rows_count(rows) == 0)
        return command_fail("%s has no device %s", event, device);
    printf("unpaired %s\n", device);
    return COMMAND_DONE;
}

static int run_unpair(const struct config *config, int argc, char **argv)
{
    if (argc != 2)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = unpair(session, argv[0], argv[1]);
    db_session_close(session);
    return status;
}

const struct command command_door_unpair = {
    .words = "door unpair",
    .arguments = "EVENT DEVICE",
    .help = "take a device its token away, at once: a phone that was lost",
    .run = run_unpair,
};

/* --- door change ----------------------------------------------------------------------------- */

static int say_changed(const char *event, const char *device, const char *door,
                       const struct rows *rows)
{
    switch (door_device_change_outcome(rows, 0)) {
    case DEVICE_CHANGE_OUTCOME_NOT_FOUND:
        return command_fail("%s has no device %s", event, device);
    case DEVICE_CHANGE_OUTCOME_UNKNOWN_DOOR:
        return command_fail("%s has no door \"%s\"", event, door);
    case DEVICE_CHANGE_OUTCOME_SCANS_ONLY:
        return command_fail("a scanner keeps no names; --role staff lets the device search");
    case DEVICE_CHANGE_OUTCOME_CHANGED:
        printf("%s  %s  %s  %s%s\n", device, rows_text(rows, 0, "door"), rows_text(rows, 0, "role"),
               rows_text(rows, 0, "name"), rows_bool(rows, 0, "keeps_names") ? "  (names)" : "");
        return COMMAND_DONE;
    case DEVICE_CHANGE_OUTCOME_NONE:
        break;
    }
    return command_fail(COMMAND_UNKNOWN_OUTCOME);
}

struct device_change {
    const char *event, *device, *name, *door;
    enum device_role role;
    const bool *keeps_names; /* NULL: unchanged */
};

/* Reads no text as unchanged. Returns false for another word than on and off. */
static bool read_names(const char *text, const bool **ret_keeps_names)
{
    static const bool on = true, off = false;
    *ret_keeps_names = !text ? NULL : strcmp(text, "on") == 0 ? &on : &off;
    return !text || **ret_keeps_names || strcmp(text, "off") == 0;
}

static int change(struct db_session *session, const struct device_change *change)
{
    struct id event_id, device_id;
    if (!id_parse(change->device, &device_id))
        return command_fail("\"%s\" is no id of a device; einlass door list shows them",
                            change->device);
    if (find_event(session, change->event, &event_id) != COMMAND_DONE)
        return COMMAND_FAILED;
    const struct rows *rows = db_session_run(
        session,
        door_device_change_params(&(struct door_device_change){.event_id = &event_id,
                                                               .device_id = &device_id,
                                                               .name = change->name,
                                                               .door = change->door,
                                                               .role = change->role,
                                                               .keeps_names = change->keeps_names,
                                                               .actor = "command"}));
    return rows ? say_changed(change->event, change->device, change->door, rows)
                : command_fail("%s", db_session_error(session));
}

static int run_change(const struct config *config, int argc, char **argv)
{
    struct device_change asked = {.name = command_option(&argc, argv, "--name"),
                                  .door = command_option(&argc, argv, "--door")};
    if (!read_role(command_option(&argc, argv, "--role"), &asked.role) ||
        !read_names(command_option(&argc, argv, "--names"), &asked.keeps_names) || argc != 2)
        return COMMAND_USAGE;
    if (asked.name && !devices_is_name(asked.name))
        return command_fail("a name has at most %d characters and none of them is invisible",
                            DEVICE_NAME_MOST);
    asked.event = argv[0];
    asked.device = argv[1];
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = change(session, &asked);
    db_session_close(session);
    return status;
}

const struct command command_door_change = {
    .words = "door change",
    .arguments = "EVENT DEVICE [--name NAME] [--door DOOR] [--role staff|scanner] [--names on|off]",
    .help = "call a device something else, move it to another door, let it do more or less; with "
            "--names "
            "on it stores the guests' names readable, to find them without network",
    .run = run_change,
};
