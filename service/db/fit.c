#include "db/fit.h"

static void list_type(struct buffer *oids, Oid oid)
{
    buffer_printf(oids, "%s%u", oids->length > 1 ? "," : "", oid);
}

void fit_list_types(PGresult *const *described, int count, struct buffer *oids)
{
    buffer_add_char(oids, '{');
    for (int i = 0; i < count; i++) {
        for (int p = 0; p < PQnparams(described[i]); p++)
            list_type(oids, PQparamtype(described[i], p));
        for (int c = 0; c < PQnfields(described[i]); c++)
            list_type(oids, PQftype(described[i], c));
    }
    buffer_add_char(oids, '}');
}

static const char *type_name(const PGresult *types, Oid oid)
{
    for (int i = 0; i < PQntuples(types); i++) {
        if (strtoul(PQgetvalue(types, i, 0), NULL, 10) == oid)
            return PQgetvalue(types, i, 1);
    }
    return "a type that does not exist";
}

static bool check_counts(const struct statement *statement, const PGresult *described,
                         struct buffer *reason)
{
    if (PQnparams(described) != statement->parameter_count) {
        buffer_printf(reason, "%s.sql: declares %d parameters, the statement takes %d",
                      statement->name, statement->parameter_count, PQnparams(described));
        return false;
    }
    if (PQnfields(described) != statement->column_count) {
        buffer_printf(reason, "%s.sql: declares %d columns, the statement gives %d",
                      statement->name, statement->column_count, PQnfields(described));
        return false;
    }
    return true;
}

static bool check_parameter(const struct statement *statement, int at, const char *type,
                            struct buffer *reason)
{
    const struct statement_value *declared = &statement->parameters[at];
    if (strcmp(declared->type, type) == 0)
        return true;
    buffer_printf(reason, "%s.sql: declares $%d %s as %s, the database takes %s", statement->name,
                  at + 1, declared->name, declared->type, type);
    return false;
}

static bool check_column(const struct statement *statement, int at, const char *name,
                         const char *type, struct buffer *reason)
{
    const struct statement_value *declared = &statement->columns[at];
    if (strcmp(declared->name, name) == 0 && strcmp(declared->type, type) == 0)
        return true;
    buffer_printf(reason, "%s.sql: declares column %d as %s %s, the database gives %s %s",
                  statement->name, at + 1, declared->name, declared->type, name, type);
    return false;
}

bool fit_check(const struct statement *statement, const PGresult *described, const PGresult *types,
               struct buffer *reason)
{
    bool fits = check_counts(statement, described, reason);
    for (int i = 0; fits && i < statement->parameter_count; i++)
        fits = check_parameter(statement, i, type_name(types, PQparamtype(described, i)), reason);
    for (int i = 0; fits && i < statement->column_count; i++)
        fits = check_column(statement, i, PQfname(described, i),
                            type_name(types, PQftype(described, i)), reason);
    return fits;
}
