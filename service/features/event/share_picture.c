#include "features/event/share_picture.h"

#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "event/share.h"
#include "http/page.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/work.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

/* --- Kept ------------------------------------------------------------------------------------ */

struct kept {
    char *name; /* NULL: empty */
    struct page *page;
};

/* The newest use is first. */
struct pictures {
    struct kept kept[SHARE_PICTURES_MOST];
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
    for (int i = 0; i < SHARE_PICTURES_MOST; i++)
        release(&pictures->kept[i]);
    free(pictures);
}

static const struct worker_slot slot = {
    .name = "share pictures", .create = create, .destroy = destroy};

static void put_first(struct pictures *pictures, int at, struct kept kept)
{
    memmove(&pictures->kept[1], &pictures->kept[0], (size_t)at * sizeof kept);
    pictures->kept[0] = kept;
}

static struct page *find(struct pictures *pictures, const char *name)
{
    for (int i = 0; i < SHARE_PICTURES_MOST && pictures->kept[i].name; i++) {
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
    release(&pictures->kept[SHARE_PICTURES_MOST - 1]);
    put_first(pictures, SHARE_PICTURES_MOST - 1, (struct kept){memory_copy(name), page});
}

static void answer(struct request *request, struct page *page)
{
    reply_header(request, "Cache-Control", "public, max-age=31536000, immutable");
    reply_header(request, "Cross-Origin-Resource-Policy", "cross-origin");
    reply_ready_page(request, page);
}

/* --- Making it ------------------------------------------------------------------------------- */

/* Lives on the heap, because a thread uses it. Owns what it points to. */
struct making {
    struct arena arena;
    char *name;
    struct share_image image;
    bool is_made, is_jpeg;
    struct buffer bytes;
};

static void finish(struct making *making)
{
    free((char *)making->image.picture);
    free((char *)making->image.logo);
    free(making->name);
    buffer_finish(&making->bytes);
    arena_finish(&making->arena);
    free(making);
}

static void run(void *context)
{
    struct making *making = context;
    making->is_made = share_image_write(&making->image, &making->is_jpeg, &making->bytes);
}

static void on_made(struct request *request, void *context)
{
    struct making *making = context;
    if (request && making->is_made) {
        struct pictures *pictures = worker_state(request_worker(request), &slot);
        struct page *page = find(pictures, making->name); /* another request may have made it */
        if (!page) {
            page = page_create(making->is_jpeg ? "image/jpeg" : "image/png", making->bytes.bytes,
                               making->bytes.length);
            keep(pictures, making->name, page);
        }
        answer(request, page);
    } else if (request) {
        reply_refuse(request, 500, "internal");
    }
    finish(making);
}

/* Lives in the request's arena. */
struct asking {
    struct request *request;
    const struct locale *locale;
    const char *name, *logo; /* of the image; of the logo, or NULL */
};

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_copy(arena, text) : NULL;
}

static struct making *make(const struct asking *asking)
{
    struct making *making = memory_alloc(sizeof *making);
    arena_init(&making->arena);
    buffer_init(&making->bytes);
    making->name = memory_copy(asking->name);
    struct share_image *image = &making->image;
    *image = share_image_of(request_event(asking->request), asking->locale, &making->arena);
    image->organiser = copy_text(&making->arena, image->organiser);
    image->title = copy_text(&making->arena, image->title);
    image->where = copy_text(&making->arena, image->where);
    return making;
}

static void on_loaded(void *context, const struct db_result *result)
{
    const struct asking *asking = context;
    if (result->outcome != DB_DONE) {
        reply_failed(asking->request, result);
        return;
    }
    struct making *making = make(asking);
    for (int row = 0; row < rows_count(result->rows); row++) {
        bool is_logo =
            asking->logo && strcmp(rows_text(result->rows, row, "name"), asking->logo) == 0;
        size_t length;
        char *bytes = rows_bytes(result->rows, row, "bytes", &length);
        if (is_logo && !making->image.logo) {
            making->image.logo = bytes;
            making->image.logo_bytes = length;
        } else if (!is_logo && !making->image.picture) {
            making->image.picture = bytes;
            making->image.picture_bytes = length;
        } else {
            free(bytes);
        }
    }
    request_work(asking->request, run, on_made, making);
}

/* The locale of "de-0f3a9c….png". */
static const struct locale *locale_of(struct request *request, const char *name)
{
    const char *end = strrchr(name, '-');
    const char *language =
        arena_copy_bytes(request_arena(request), name, end ? (size_t)(end - name) : 0);
    return locale_find(request_worker(request)->locales, language);
}

void share_picture_show(struct request *request)
{
    struct arena *arena = request_arena(request);
    struct worker *worker = request_worker(request);
    const struct event *event = request_event(request);
    const char *name = request_path(request, "image");
    const struct locale *locale = locale_of(request, name);
    if (!locale) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    const char *current = share_name(event, locale, arena);
    if (strcmp(name, current) != 0) { /* an older link gets the picture of now */
        reply_see_other(request, arena_printf(arena, "/events/%s/share/%s", event->slug, current));
        return;
    }
    struct page *page = find(worker_state(worker, &slot), name);
    if (page) {
        answer(request, page);
        return;
    }
    struct asking *asking = arena_alloc(arena, sizeof *asking);
    *asking = (struct asking){request, locale, current, share_logo_name(event, arena)};
    db_ask(worker->db,
           event_share_pictures_params(&(struct event_share_pictures){
               .picture = event->picture.name, .logo = asking->logo}),
           on_loaded, asking);
}
