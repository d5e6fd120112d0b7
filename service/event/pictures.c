#include "event/pictures.h"

#include <string.h>

#include "db/db.h"
#include "http/page.h"
#include "http/reply.h"
#include "http/work.h"
#include "security/digest.h"
#include "statements.h"
#include "worker.h"

/* --- Storing --------------------------------------------------------------------------------- */

/* Lives on the heap, because a thread uses it. */
struct converting {
    struct request_file file;
    struct picture_wish wish;
    enum picture_fault fault;
    struct picture picture; /* if the fault is PICTURE_READ */
    picture_stored *then;
    void *context;
};

/* Lives in its request's arena. */
struct storing {
    struct request *request;
    struct stored_picture picture;
    picture_stored *then;
    void *context;
};

static void convert(void *context)
{
    struct converting *converting = context;
    converting->fault = picture_convert_apart(converting->file.bytes, converting->file.length,
                                              &converting->wish, &converting->picture);
}

static void on_stored(void *context, const struct db_result *result)
{
    const struct storing *storing = context;
    if (result->outcome != DB_DONE)
        reply_failed(storing->request, result);
    else
        storing->then(storing->request, PICTURE_READ, &storing->picture, storing->context);
}

static void store(struct request *request, const struct converting *converting)
{
    const struct picture *picture = &converting->picture;
    struct arena *arena = request_arena(request);
    struct storing *storing = arena_alloc(arena, sizeof *storing);
    char hash[DIGEST_NAME_BYTES];
    digest_name(picture->bytes.bytes, picture->bytes.length, hash);
    *storing = (struct storing){
        .request = request,
        .picture = {arena_printf(arena, "%s.%s", hash, picture->is_jpeg ? "jpg" : "png"),
                    picture->width, picture->height},
        .then = converting->then,
        .context = converting->context,
    };
    db_ask(request_worker(request)->db,
           event_picture_add_params(&(struct event_picture_add){
               .name = storing->picture.name,
               .bytes = {(const unsigned char *)picture->bytes.bytes, picture->bytes.length},
           }),
           on_stored, storing);
}

static void on_converted(struct request *request, void *context)
{
    struct converting *converting = context;
    if (request && converting->fault == PICTURE_BUSY)
        reply_busy(request, "busy");
    else if (request && converting->fault != PICTURE_READ)
        converting->then(request, converting->fault, NULL, converting->context);
    else if (request)
        store(request, converting);
    picture_finish(&converting->picture);
    free((char *)converting->file.bytes);
    free(converting);
}

void picture_store(struct request *request, const struct request_file *file,
                   const struct picture_wish *wish, picture_stored *then, void *context)
{
    struct converting *converting = memory_alloc(sizeof *converting);
    char *bytes = memory_alloc(file->length + 1);
    memcpy(bytes, file->bytes, file->length);
    *converting = (struct converting){.file = {.bytes = bytes, .length = file->length},
                                      .wish = *wish,
                                      .then = then,
                                      .context = context};
    request_work(request, convert, on_converted, converting);
}

/* --- Answering ------------------------------------------------------------------------------- */

struct kept {
    char *name;
    struct page *page;
};

/* The newest use is first. */
struct pictures {
    struct kept kept[PICTURES_KEPT_MOST];
    int count;
};

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct pictures));
}

static void release(struct kept *kept)
{
    free(kept->name);
    page_release(kept->page);
}

static void destroy(void *state)
{
    struct pictures *pictures = state;
    for (int i = 0; i < pictures->count; i++)
        release(&pictures->kept[i]);
    free(pictures);
}

static const struct worker_slot slot = {.name = "pictures", .create = create, .destroy = destroy};

static void put_first(struct pictures *pictures, int at, struct kept kept)
{
    memmove(&pictures->kept[1], &pictures->kept[0], (size_t)at * sizeof kept);
    pictures->kept[0] = kept;
}

static struct page *find(struct pictures *pictures, const char *name)
{
    for (int i = 0; i < pictures->count; i++) {
        const struct kept kept = pictures->kept[i];
        if (strcmp(kept.name, name) != 0)
            continue;
        put_first(pictures, i, kept);
        return kept.page;
    }
    return NULL;
}

/* Takes the page. */
static void keep(struct pictures *pictures, const char *name, struct page *page)
{
    if (pictures->count == PICTURES_KEPT_MOST)
        release(&pictures->kept[--pictures->count]);
    put_first(pictures, pictures->count++, (struct kept){memory_copy(name), page});
}

/* Mail programs on the web and pages that embed a form load it, too. */
static void answer(struct request *request, struct page *page)
{
    reply_header(request, "Cache-Control", "public, max-age=31536000, immutable");
    reply_header(request, "Content-Security-Policy", "default-src 'none'");
    reply_header(request, "Cross-Origin-Resource-Policy", "cross-origin");
    reply_ready_page(request, page);
}

static void on_loaded(void *context, const struct db_result *result)
{
    struct request *request = context;
    struct pictures *pictures = worker_state(request_worker(request), &slot);
    const char *name = request_path(request, "picture");
    size_t length;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    struct page *page = find(pictures, name); /* another request may have loaded it meanwhile */
    if (!page) {
        char *bytes = rows_bytes(result->rows, 0, "bytes", &length);
        page = page_create(strstr(name, ".jpg") ? "image/jpeg" : "image/png", bytes, length);
        free(bytes);
        keep(pictures, name, page);
    }
    answer(request, page);
}

void picture_answer(struct request *request)
{
    struct worker *worker = request_worker(request);
    const char *name = request_path(request, "picture");
    struct page *page = find(worker_state(worker, &slot), name);
    if (page)
        answer(request, page);
    else
        db_ask(worker->db, event_picture_load_params(&(struct event_picture_load){.name = name}),
               on_loaded, request);
}
