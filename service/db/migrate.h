/*
 * Migrations: plain SQL files of migrations/, embedded at build time, named NNNN_what.sql, applied
 * in order, each in a transaction of its own, under an advisory lock so that two at once do no
 * harm. schema_migration(version, name, checksum, applied_at) keeps what was applied. Refused:
 * a migration whose text differs from what was applied, one that was applied and is missing here,
 * one that should have been applied before a later one.
 */
#ifndef EINLASS_DB_MIGRATE_H
#define EINLASS_DB_MIGRATE_H

#include <stdbool.h>

#include "base/buffer.h"

struct migration {
    int version;
    const char *name, *sql;
};

/* Generated: the embedded migrations in order, ending with a NULL name. */
extern const struct migration all_migrations[];

/* The newest embedded version. */
int migrate_newest(void);

/* on_step tells of each migration applied, for the terminal. The checksum is the hexadecimal
 * SHA-256 PostgreSQL computes of the text. False: ret_error says why; what was applied stays. */
MUST_CHECK bool migrate_run(const char *conninfo, const struct migration *migrations,
                            void (*on_step)(void *context, const struct migration *migration),
                            void *context, struct buffer *ret_error);

#endif
