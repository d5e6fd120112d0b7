/* The parts of a db for the other files of this folder. */
#ifndef EINLASS_DB_INSIDE_H
#define EINLASS_DB_INSIDE_H

#include "db/db.h"

struct lane;

struct event_base *db_loop(const struct db *db);
struct lane *db_lane_of(const struct db *db, enum db_lane which);

#endif
