/*
 * Which schema a database has and a program needs: the number of the newest migration, and a
 * checksum over all function files. migrate.h fills it in for the program.
 */
#ifndef EINLASS_DB_SCHEMA_H
#define EINLASS_DB_SCHEMA_H

#include <inttypes.h>
#include <stdbool.h>

struct schema {
    int version;       /* 0: none found; or, as what is needed: any schema will do */
    int64_t functions; /* all their checksums, combined by exclusive or */
};

/* Selects the columns of a struct schema, in its order. Fails with SQLSTATE 42P01 (undefined table)
 * in a database that was never migrated. */
#define SCHEMA_SQL                                                                                 \
    "select (select coalesce(max(version), 0) from schema_migration), "                            \
    "(select coalesce(bit_xor(checksum), 0) from schema_function)"

static inline bool schema_is(const struct schema *found, const struct schema *needed)
{
    return found->version == needed->version && found->functions == needed->functions;
}

#endif
