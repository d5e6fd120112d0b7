/*
 * `einlass migrate`: brings a database to the schema of this program, in one transaction, under an
 * advisory lock so that two at once do no harm.
 *
 * Migrations are numbered files of migrations/, each applied once, in order. One that was applied
 * is never changed: refused are a migration whose text differs from what was applied, one that was
 * applied and is missing here, and one that should have been applied before a later one.
 *
 * Functions, triggers and views are in migrations/functions/, one subject a file. A file is applied
 * again when its text has changed: everything that it had defined is dropped, then the file is run.
 * A file that is gone has everything dropped. So a changed signature needs no statement of its own,
 * and these rules hold:
 *   - A file says `create function`, `create view` or `create trigger` at the start of a line,
 *     never `or replace`. A name is defined once in the folder, and there are no overloads.
 *   - A trigger is in the file of its function. It is dropped with the function.
 *   - No index, constraint, column or view of another file depends on a function or view.
 *   - meson.build lists the files in the order they are applied. A function of language sql is
 *     checked when it is created, so it comes after the functions it calls.
 *   - A value added to an enum cannot be used by the transaction that adds it (PostgreSQL refuses).
 *
 * schema_migration and schema_function keep what was applied, with a checksum of the text that
 * tells a change apart; it protects from nobody.
 */
#ifndef EINLASS_DB_MIGRATE_H
#define EINLASS_DB_MIGRATE_H

#include "base/buffer.h"
#include "db/schema.h"

struct migration {
    const char *name, *sql; /* "0001_organisers" or "functions/admit" */
};

/* Generated: what is embedded, in order. Each ends with a NULL name. */
extern const struct migration all_migrations[], all_functions[];

/* The schema that these make. */
struct schema migrate_schema(const struct migration *migrations, const struct migration *functions);

/* on_step gets the name of each file that was applied, after the commit. False: ret_error says why
 * in one sentence, and the database is as it was. */
MUST_CHECK bool migrate_run(const char *conninfo, const struct migration *migrations,
                            const struct migration *functions,
                            void (*on_step)(void *context, const char *name), void *context,
                            struct buffer *ret_error);

#endif
