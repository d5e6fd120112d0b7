#include "features/import/import_job.h"

#include "base/clock.h"
#include "db/db.h"
#include "event/events.h"
#include "features/import/adding.h"

struct import_job {
    struct import_work work; /* its event is held while the job runs */
    bool is_adding;
    struct piece piece;
    struct adding adding;
    int lines_most; /* of a portion: 1 after the database refused one */
    int stale_count;
};

/* --- The end of a run ------------------------------------------------------------------------ */

static void let_go(struct import_job *import)
{
    piece_close(&import->piece);
    adding_end(&import->adding);
    if (import->work.event)
        events_release(import->work.event);
    import->work.event = NULL;
}

static void end(struct job *job, enum job_state state, const char *words)
{
    let_go(job_data(job));
    job_end(job, &(struct job_end){.state = state, .words = words});
}

/* True: the service stops, and the job is put back. */
static bool is_put_back(struct job *job)
{
    if (!job_is_stopping(job))
        return false;
    let_go(job_data(job));
    job_put_back(job);
    return true;
}

static void ask(struct job *job, enum db_lane lane, struct params *params, db_done *on_done)
{
    db_run(job_worker(job)->db,
           &(struct db_query){
               .lane = lane, .run = params, .again = true, .on_done = on_done, .context = job});
}

static bool has_failed(struct job *job, const struct db_result *result)
{
    if (result->outcome == DB_DONE)
        return false;
    end(job, JOB_QUEUED, "the database was away");
    return true;
}

/* --- Reading --------------------------------------------------------------------------------- */

static void read_on(struct job *job);

static void on_judged(void *context, const struct db_result *result)
{
    struct job *job = context;
    if (!has_failed(job, result))
        end(job, JOB_DONE, "");
}

static void on_stored(void *context, const struct db_result *result)
{
    struct job *job = context;
    if (!has_failed(job, result))
        read_on(job);
}

static void on_piece(void *context, const struct db_result *result)
{
    struct job *job = context;
    struct import_job *import = job_data(job);
    if (has_failed(job, result))
        return;
    if (!piece_open(&import->piece, &import->work, result->rows))
        end(job, JOB_OBSOLETE, "the list is gone");
    else
        read_on(job);
}

static void read_on(struct job *job)
{
    struct import_job *import = job_data(job);
    struct params *lines;
    if (is_put_back(job))
        return;
    if (!import->piece.is_open) {
        ask(job, DB_SLOW, piece_params(&import->piece, &import->work), on_piece);
        return;
    }
    switch (piece_read(&import->piece, &import->work, &lines)) {
    case PIECE_READ:
        ask(job, DB_SLOW, lines, on_stored);
        return;
    case PIECE_NEXT:
        ask(job, DB_SLOW, piece_params(&import->piece, &import->work), on_piece);
        return;
    case PIECE_END:
        ask(job, DB_SLOW,
            import_judge_params(&(struct import_judge){.event_id = &import->work.event_id,
                                                       .import_id = &import->work.import_id}),
            on_judged);
        return;
    case PIECE_TOO_LONG:
        end(job, JOB_FAILED, "too_many_lines");
        return;
    }
}

/* --- Adding ---------------------------------------------------------------------------------- */

static void add_on(struct job *job);

static void on_noted(void *context, const struct db_result *result)
{
    struct job *job = context;
    struct import_job *import = job_data(job);
    if (has_failed(job, result))
        return;
    changes_note(job_worker(job), &import->work.event_id);
    adding_end(&import->adding);
    add_on(job);
}

static void on_newest_event(void *context, const struct event *event, int db_outcome)
{
    struct job *job = context;
    struct import_job *import = job_data(job);
    import->work.event = event;
    if (db_outcome != DB_DONE)
        end(job, JOB_QUEUED, "the database was away");
    else if (!event)
        end(job, JOB_OBSOLETE, "the event is gone");
    else if (import->is_adding)
        add_on(job);
    else
        read_on(job);
}

static void find_event(struct job *job)
{
    const struct import_job *import = job_data(job);
    events_find_number(job_worker(job), id_event_number(&import->work.import_id), on_newest_event,
                       job);
}

static void begin_anew(struct job *job)
{
    struct import_job *import = job_data(job);
    let_go(import);
    if (++import->stale_count > IMPORT_STALE_MOST) {
        end(job, JOB_QUEUED, "the event changed too often");
        return;
    }
    events_forget(job_worker(job), &import->work.event_id);
    find_event(job);
}

static void on_signed_up(void *context, const struct db_result *result)
{
    struct job *job = context;
    struct import_job *import = job_data(job);
    bool is_refused = result->outcome == DB_REFUSED;
    if (!is_refused && has_failed(job, result))
        return;
    if (is_refused && import->adding.count > 1) { /* finds the line that it refuses */
        import->lines_most = 1;
        adding_end(&import->adding);
        add_on(job);
    } else if (!is_refused && adding_is_stale(result->rows)) {
        begin_anew(job);
    } else {
        ask(job, DB_HOT, adding_outcomes(&import->adding, &import->work, result->rows), on_noted);
    }
}

static void on_portion(void *context, const struct db_result *result)
{
    struct job *job = context;
    struct import_job *import = job_data(job);
    if (has_failed(job, result))
        return;
    if (rows_count(result->rows) == 0) {
        end(job, JOB_DONE, "");
        return;
    }
    struct params *run = adding_begin(&import->adding, &import->work, result->rows);
    if (!run) {
        ask(job, DB_HOT, adding_outcomes(&import->adding, &import->work, NULL), on_noted);
        return;
    }
    struct params *lock = registration_lock_tally_params();
    registration_lock_tally_add_event(lock, &import->work.event_id);
    db_run(job_worker(job)->db, &(struct db_query){.lane = DB_LOCKING,
                                                   .key = &import->work.event_id,
                                                   .lock = lock,
                                                   .run = run,
                                                   .again = true,
                                                   .on_done = on_signed_up,
                                                   .context = job});
}

static void add_on(struct job *job)
{
    struct import_job *import = job_data(job);
    const struct event *event = import->work.event;
    if (is_put_back(job))
        return;
    if (event->cancelled || clock_now_us() >= event->tickets_expire_at_us)
        end(job, JOB_FAILED, "closed");
    else
        ask(job, DB_SLOW, adding_portion_params(&import->work, import->lines_most), on_portion);
}

/* --- The kind of job ------------------------------------------------------------------------- */

static struct params *claim(const struct job_claim *what)
{
    return import_claim_params(
        &(struct import_claim){.most = what->most,
                               .lease_s = what->lease_s,
                               .believed_until_us = what->believed_until_us});
}

static void *read(struct arena *arena, const struct rows *rows, int *row)
{
    struct import_job *import = arena_alloc(arena, sizeof *import);
    import->work.event_id = rows_id(rows, *row, "event_id");
    import->work.import_id = rows_id(rows, *row, "import_id");
    import->is_adding = import_claim_state(rows, *row) == IMPORT_STATE_ADDING;
    import->piece.begin = rows_number(rows, *row, "read_to");
    import->piece.line = rows_number(rows, *row, "next_line");
    import->lines_most = ADDING_LINES;
    (*row)++;
    return import;
}

static struct params *note(const struct job *job, const struct job_note *what)
{
    static const char *const ends[JOB_STATES] = {[JOB_QUEUED] = "queued",
                                                 [JOB_LEASED] = "leased",
                                                 [JOB_DONE] = "done",
                                                 [JOB_FAILED] = "failed",
                                                 [JOB_OBSOLETE] = "done"};
    const struct import_job *import = job_data(job);
    return import_note_params(&(struct import_note){.event_id = &import->work.event_id,
                                                    .import_id = &import->work.import_id,
                                                    .tries = job_tries(job),
                                                    .end = ends[what->state],
                                                    .reason = what->words,
                                                    .due_s = (int)what->due_s});
}

static void run(struct job *job)
{
    struct import_job *import = job_data(job);
    import->work.locales = job_worker(job)->locales;
    find_event(job);
}

const struct job_kind import_jobs = {
    .name = "import",
    .slots = IMPORT_UNDER_WAY_MOST,
    .poll_ms = IMPORT_POLL_MS,
    .lease_s = IMPORT_LEASE_S,
    .give_up_s = IMPORT_GIVE_UP_HOURS * 3600,
    .drain_s = IMPORT_STOP_GRACE_S,
    .backoff_s = {1, 5, 30, 60},
    .claim = claim,
    .read = read,
    .note = note,
    .run = run,
};

/* --- Old lists ------------------------------------------------------------------------------- */

static void on_swept(void *context, const struct db_result *result)
{
    (void)context, (void)result;
}

void import_job_sweep(struct worker *worker)
{
    db_run(worker->db, &(struct db_query){.lane = DB_SLOW,
                                          .run = import_sweep_params(
                                              &(struct import_sweep){.most = IMPORT_SWEEP_MOST}),
                                          .again = true,
                                          .on_done = on_swept});
}
