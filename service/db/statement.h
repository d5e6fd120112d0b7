/*
 * SQL statements, one a file under features/, embedded at build time by embed_sql.c. The comment
 * at the head of the file declares what the statement takes and gives:
 *
 *     -- Says what the statement does and which outcomes it has.
 *     -- $1 event_id: uuid
 *     -- $2 names: text[]
 *     -- rows: ordinal integer, outcome text
 *
 * Parameters are declared in order, all of those the SQL uses and no other. A list of columns goes
 * on in the next line where a line ends with a comma, and may be continued by another "rows:";
 * a statement that gives no rows says nothing, or "rows: none". A semicolon at the end is dropped.
 *
 * The generated header "statements.h" names each of them: features/registration/sign_up.sql is
 * `extern const struct statement sql_registration_sign_up`, and `all_statements` lists them all.
 * At connect every statement is prepared, and described by the server: where its parameters or
 * columns differ from the declaration, the service does not start and says which file is wrong.
 */
#ifndef EINLASS_DB_STATEMENT_H
#define EINLASS_DB_STATEMENT_H

enum { STATEMENT_PARAMETERS_MOST = 40, STATEMENT_COLUMNS_MOST = 40 };

struct statement_value {
    const char *name;
    const char *type; /* as format_type() writes it: "uuid", "text[]", "timestamp with time zone" */
};

struct statement {
    const char *name; /* "registration/sign_up" */
    const char *sql;
    const struct statement_value *parameters, *columns;
    int parameter_count, column_count;
};

#endif
