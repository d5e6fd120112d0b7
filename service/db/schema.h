/*
 * The version of a schema, found or required: the number of the newest migration and a checksum
 * over all function files. migrate.h gives the required one.
 */
#ifndef EINLASS_DB_SCHEMA_H
#define EINLASS_DB_SCHEMA_H

#include <inttypes.h>
#include <stdbool.h>

struct schema {
    int version;       /* 0: none found; as a requirement: any schema */
    int64_t functions; /* all checksums, combined by exclusive or */
};

/* Selects the members of struct schema in order. Fails with SQLSTATE 42P01 (undefined table) if the
 * database was never migrated. */
#define SCHEMA_SQL                                                                                 \
    "select (select coalesce(max(version), 0) from schema_migration), "                            \
    "(select coalesce(bit_xor(checksum), 0) from schema_function)"

static inline bool schema_is(const struct schema *found, const struct schema *needed)
{
    return found->version == needed->version && found->functions == needed->functions;
}

#endif
