/*
 * What a process knows of its PostgreSQL, shared by all its connections and safe for threads.
 *
 * It keeps the service off an old primary. A promoted standby starts a new timeline of its cluster,
 * so a server with a lower timeline than the highest one seen is an old primary that came back. The
 * memory is a file, so it outlives the process, and processes with the same file share it.
 *
 * It also counts the connections, and knows which backends serve them: two sessions with the same
 * backend are behind a pooler in transaction mode.
 */
#ifndef EINLASS_DB_PRIMARY_H
#define EINLASS_DB_PRIMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "db/db.h"

struct pg_result;
struct primary;

enum { PRIMARY_FINGERPRINT_TEXT_BYTES = 2 * 16 + 1 };

struct primary_options {
    const char *directory;   /* of the file "timeline"; NULL: the memory ends with the process */
    bool reads_only;         /* for commands, which may run as another user: no file, no log */
    int connections_needed;  /* by the whole process */
    const char *fingerprint; /* of the service secret, in hexadecimal */
};

struct primary *primary_create(const struct primary_options *options);
void primary_destroy(struct primary *primary); /* takes NULL */

/* What a server says of itself. Zero: it does not tell. */
struct primary_facts {
    int backend; /* the process id of the session */
    char cluster[24];
    int64_t timeline;
    bool has_settings, fsync, full_page_writes, synchronous_commit; /* before we set them */
    bool leaves_standbys; /* does not wait for the synchronous standbys that are set */
};

/* Selects the facts as one row. A server may refuse it, for want of rights. */
extern const char primary_sql[];
void primary_read(const struct pg_result *result, struct primary_facts *ret_facts);

/* Appends the names of the settings that lose answers in a crash, "fsync, full_page_writes". */
void primary_not_durable(const struct primary_facts *facts, struct buffer *names);

/* The functions below take NULL for the primary: then everything is in order. */

/* Compares the server with the memory, and remembers it. DB_PRESENT: the service may use it. If
 * not, appends a sentence that says why. */
enum db_absence primary_judge(struct primary *primary, const struct primary_facts *facts,
                              struct buffer *sentence);

/* Whether a primary of a higher timeline has been seen since. Such a connection confirms nothing.
 */
bool primary_is_behind(const struct primary *primary, int64_t timeline);

extern const char primary_old_sentence[], primary_pooled_sentence[], primary_keys_sentence[];

/* A session begins and ends at a backend. False: another session is there; found again and again,
 * that is a pooler in transaction mode. */
bool primary_enter(struct primary *primary, int backend);
void primary_leave(struct primary *primary, int backend);

/* A session found a pooler in transaction mode before the server. All sessions of before are
 * dropped then, and none that has a pooler before it is made for 30 s: one alone may notice
 * nothing. */
void primary_note_pooler(struct primary *primary);
bool primary_forbids_poolers(const struct primary *primary);

/* Whether a pooler in transaction mode was found after that monotonic time. */
bool primary_is_pooled_since(const struct primary *primary, int64_t time_us);

/* NULL: any secret is right. */
const char *primary_fingerprint(const struct primary *primary);

/* Connections came up or went (open), and were refused because the server has no more (refused). */
void primary_count(struct primary *primary, int open, int refused);

struct primary_state {
    int connections_needed, connections_open;
    bool has_too_few;                           /* connections */
    bool fsync_is_off, full_page_writes_is_off; /* at the last server */
};
void primary_state(struct primary *primary, struct primary_state *ret_state);

#endif
