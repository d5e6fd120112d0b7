/*
 * SQL statements, one a file under features/, embedded at build time by embed_sql.js. The comment
 * at the head of the file declares what the statement takes and gives:
 *
 *     -- Says what the statement does.
 *     -- $1 event_id: uuid
 *     -- $2 at: timestamp with time zone or null
 *     -- $3 name: text[]
 *     -- $4 status: registration_status[]
 *     -- row guest: $3 to $4
 *     -- outcome: guest_outcome = added (also when it was) | stale |
 *     --   not_found
 *     -- rows: ordinal integer, outcome text
 *
 * Parameters are declared in order, all of those the SQL uses and no other. Arrays are filled a row
 * at a time, one element each; every array belongs to one row. "or null" says that a value, or an
 * element of an array, may be null.
 *
 * A column of text that holds words of a closed set declares the set's name and all words that the
 * statement may give; what stands in brackets is for readers. Files may share a set: it has the
 * words of them all. Columns called outcome, status, verdict, state, role, kind or direction must
 * declare theirs. An enum type of the database is a set, too: a parameter or a column may have it
 * as its type, and a column of text may declare some of its words.
 *
 * A list of columns goes on in the next line where a line ends with a comma, a list of words where
 * it ends with a bar; columns may be continued by another "rows:". A statement that gives no rows
 * says nothing, or "rows: none". A semicolon at the end is dropped.
 *
 * The generated header "statements.h" has for features/door/guests.sql, as declared above:
 *
 *     struct door_guests { const struct id *event_id; const int64_t *at_us; };
 *     struct params *door_guests_params(const struct door_guests *given);
 *     struct door_guests_guest { const char *name; enum registration_status status; };
 *     void door_guests_add_guest(struct params *params, const struct door_guests_guest *given);
 *     enum guest_outcome door_guests_outcome(const struct rows *rows, int row);
 *
 * A row of one value is given the value. Text and jsonb are `const char *`, a number or a time that
 * may be null is a pointer, a time is in microseconds since 1970, and bytea is struct params_bytes.
 * The null of a text, an id, bytes and a word that may be null is NULL, NULL, NULL and NONE.
 *
 * Each set is `enum SET` with SET_NONE first, SET_name(word) and SET_parse(name): NONE where there
 * is no such word. The reader of a column gives NONE for null and for a word that the head does not
 * declare, and logs the error "unknown_word" with the statement, the column and the word. Callers
 * switch over all words without a default; NONE is never success.
 *
 * `all_statements` lists every statement. At start each is prepared, and described by the server:
 * where its parameters or columns differ from the declaration, the service does not start and says
 * which file is wrong.
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
