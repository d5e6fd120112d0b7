/*
 * `einlass migrate` brings a database to the schema of this program in one transaction. An advisory
 * lock keeps two runs apart.
 *
 * Migrations are the numbered files of migrations/. Each is applied once, in order, and must never
 * change afterwards. migrate refuses if an applied migration has another text or is missing here,
 * or if an earlier one was not applied.
 *
 * Functions, triggers and views are in migrations/functions/, one subject per file. If the text of
 * a file has changed, everything it had defined is dropped and the file runs again. If a file is
 * gone, everything it had defined is dropped. So a changed signature needs no extra statement.
 * Rules:
 *   - A file has `create function`, `create view` or `create trigger` at the start of a line, never
 *     `or replace`. A name is defined once in the folder, and there are no overloads.
 *   - A trigger is in the file of its function and is dropped with the function.
 *   - No index, constraint, column or view of another file depends on a function or view.
 *   - meson.build lists the files in the order they are applied. A function of language sql is
 *     checked when it is created, so it comes after the functions it calls.
 *   - A value added to an enum cannot be used by the transaction that adds it (PostgreSQL refuses).
 *
 * schema_migration and schema_function record the applied files with a checksum of their text. It
 * detects changes; it is no protection against attackers.
 */
#ifndef EINLASS_DB_MIGRATE_H
#define EINLASS_DB_MIGRATE_H

#include "base/memory.h"
#include "db/schema.h"

struct migration {
    const char *name, *sql; /* "0001_organisers" or "functions/admit" */
};

/* Generated: the embedded files in order. A NULL name ends each array. */
extern const struct migration all_migrations[], all_functions[];

/* The schema that these files make. */
struct schema migrate_schema(const struct migration *migrations, const struct migration *functions);

/* After the commit, on_step gets the name of each applied file. Unless it is "" or the role of this
 * connection, the service role gets its rights (functions/grant_rights.sql). False: ret_error is
 * one sentence, and the database is unchanged. */
MUST_CHECK bool migrate_run(const char *conninfo, const char *service_role,
                            const struct migration *migrations, const struct migration *functions,
                            void (*on_step)(void *context, const char *name), void *context,
                            struct buffer *ret_error);

#endif
