#include "mail/carrier.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "mail/conversation.h"

/* A letter on its way. */
struct errand {
    struct arena arena;
    const char *from, *to; /* as they travel */
    struct buffer message;
    carrier_on_done *on_done;
    void *context;

    struct carrier_outcome outcome;
    struct buffer words;
    struct errand *next;
};

struct errands {
    struct errand *first, **end;
    size_t count;
};

struct carrier {
    struct smtp_url url;
    struct arena arena; /* what the url lives in */
    struct carrier_options options;
    struct event *on_back;
    int back_fd;    /* told of errands that are back */
    size_t pending; /* of the loop's thread */

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t wanted;
    struct errands waiting, back;
    int idle, running;
    atomic_int patience;
    pthread_t threads[CARRIER_PARALLEL_MOST];
};

static void put(struct errands *errands, struct errand *errand)
{
    if (!errands->first)
        errands->end = &errands->first;
    errand->next = NULL;
    *errands->end = errand;
    errands->end = &errand->next;
    errands->count++;
}

static struct errand *take(struct errands *errands)
{
    struct errand *errand = errands->first;
    if (errand) {
        errands->first = errand->next;
        errands->count--;
    }
    return errand;
}

static struct errand *errand_create(carrier_on_done *on_done, void *context)
{
    struct errand *errand = memory_alloc(sizeof *errand);
    arena_init(&errand->arena);
    buffer_init(&errand->message);
    buffer_init(&errand->words);
    errand->on_done = on_done;
    errand->context = context;
    return errand;
}

static void errand_destroy(struct errand *errand)
{
    arena_finish(&errand->arena);
    buffer_finish(&errand->message);
    buffer_finish(&errand->words);
    free(errand);
}

static void finish_all(struct errands *errands)
{
    struct errand *errand;
    while ((errand = take(errands)) != NULL)
        errand_destroy(errand);
}

/* --- What became of a letter ----------------------------------------------------------------- */

/*
 * A refusal for ever is one of this letter: of its recipient, its text, its size. What a server has
 * against our log-in, our sender or all of the world is mended by the operator, and then the
 * letters go.
 */
static bool is_about_letter(enum conversation_stage stage, int code)
{
    bool wants_login = code == 530 || code == 534 || code == 535 || code == 538; /* RFC 4954 */
    if (code == 421 || wants_login)
        return false;
    return stage == CONVERSATION_RECIPIENT || stage == CONVERSATION_DATA ||
           stage == CONVERSATION_TEXT || (stage == CONVERSATION_SENDER && code == 552);
}

static void judge(const struct conversation *conversation, CURLcode result, struct errand *errand)
{
    struct carrier_outcome *outcome = &errand->outcome;
    enum conversation_stage stage = conversation_stage(conversation);
    int code = conversation_code(conversation);
    struct buffer mend;
    bool about_letter = code >= 400 && is_about_letter(stage, code);
    bool took = stage == CONVERSATION_TEXT && code >= 200 && code < 300;
    /* Any other answer was to an earlier question. */
    *outcome =
        (struct carrier_outcome){.fate = CARRIER_LATER, .code = took || code >= 400 ? code : 0};
    if (took) /* whatever happened behind it */
        outcome->fate = CARRIER_ACCEPTED;
    else if (conversation_lacks_utf8(conversation) || (about_letter && code >= 500))
        outcome->fate = CARRIER_NEVER;
    outcome->in_doubt = stage == CONVERSATION_TEXT && code == 0;
    outcome->concerns_all =
        outcome->fate == CARRIER_LATER && !about_letter && stage != CONVERSATION_TEXT;
    if (took || (code >= 400 && about_letter)) {
        buffer_add_text(&errand->words, conversation_words(conversation));
        return;
    }
    buffer_init(&mend);
    conversation_explain(conversation, result, &errand->words, &mend);
    buffer_finish(&mend);
}

static void judge_unsent(struct errand *errand, enum carrier_fate fate, const char *words)
{
    errand->outcome = (struct carrier_outcome){.fate = fate, .concerns_all = fate == CARRIER_LATER};
    buffer_add_text(&errand->words, words);
}

/* --- The threads ----------------------------------------------------------------------------- */

/* With the lock held. */
static void give_back(struct carrier *carrier, struct errand *errand)
{
    uint64_t one = 1;
    put(&carrier->back, errand);
    while (write(carrier->back_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

/* What waits, unsent; with the lock held. */
static void give_all_back(struct carrier *carrier, const char *why)
{
    struct errand *errand;
    while ((errand = take(&carrier->waiting)) != NULL) {
        judge_unsent(errand, CARRIER_LATER, why);
        give_back(carrier, errand);
    }
}

/* The next errand, with the lock held; NULL: there is none for now, or none any more. */
static struct errand *await(struct carrier *carrier, bool is_connected)
{
    struct timespec until;
    int timeout = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += CARRIER_IDLE_S;
    carrier->idle++;
    while (!carrier->waiting.first && atomic_load(&carrier->patience) == CONVERSATION_PATIENT &&
           timeout == 0)
        timeout = is_connected ? pthread_cond_timedwait(&carrier->wanted, &carrier->lock, &until)
                               : pthread_cond_wait(&carrier->wanted, &carrier->lock);
    carrier->idle--;
    return take(&carrier->waiting);
}

static void deliver(struct conversation *conversation, struct errand *errand)
{
    CURLcode result = conversation_send(conversation, errand->from, errand->to,
                                        errand->message.bytes, errand->message.length);
    judge(conversation, result, errand);
}

static struct conversation *converse(struct carrier *carrier)
{
    return conversation_create(&(struct conversation_options){
        .url = &carrier->url,
        .connect_ms = carrier->options.connect_ms,
        .answer_ms = carrier->options.answer_ms,
        .end_ms = carrier->options.end_ms,
        .patience = &carrier->patience,
    });
}

static void *run_thread(void *context)
{
    struct carrier *carrier = context;
    struct conversation *conversation = NULL;
    pthread_mutex_lock(&carrier->lock);
    while (atomic_load(&carrier->patience) == CONVERSATION_PATIENT) {
        struct errand *errand = await(carrier, conversation != NULL);
        pthread_mutex_unlock(&carrier->lock);
        if (!errand) {
            conversation_destroy(conversation);
            conversation = NULL;
        } else {
            conversation = conversation ? conversation : converse(carrier);
            deliver(conversation, errand);
        }
        pthread_mutex_lock(&carrier->lock);
        if (errand)
            give_back(carrier, errand);
    }
    pthread_mutex_unlock(&carrier->lock);
    conversation_destroy(conversation);
    return NULL;
}

/* Another thread where all have something to do. Signals are not theirs. */
static void grow(struct carrier *carrier)
{
    sigset_t all, before;
    if (carrier->waiting.count <= (size_t)carrier->idle ||
        carrier->running == carrier->options.parallel)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&carrier->threads[carrier->running], NULL, run_thread, carrier) == 0)
        carrier->running++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- The loop's side ------------------------------------------------------------------------- */

static void on_back(evutil_socket_t fd, short what, void *context)
{
    struct carrier *carrier = context;
    uint64_t count;
    struct errand *errand;
    (void)what;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&carrier->lock);
    struct errands back = carrier->back;
    carrier->back = (struct errands){0};
    pthread_mutex_unlock(&carrier->lock);
    while ((errand = take(&back)) != NULL) {
        carrier->pending--;
        errand->outcome.words = buffer_text(&errand->words);
        errand->on_done(errand->context, &errand->outcome);
        errand_destroy(errand);
    }
}

static void make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct carrier *carrier_create(const struct carrier_options *options, struct buffer *ret_error)
{
    struct carrier *carrier = memory_alloc(sizeof *carrier);
    arena_init(&carrier->arena);
    if (!smtp_url_parse(&carrier->arena, options->smtp, &carrier->url, ret_error)) {
        arena_finish(&carrier->arena);
        free(carrier);
        return NULL;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    carrier->options = *options;
    int parallel = options->parallel > 0 ? options->parallel : CARRIER_PARALLEL;
    carrier->options.parallel = parallel < CARRIER_PARALLEL_MOST ? parallel : CARRIER_PARALLEL_MOST;
    pthread_mutex_init(&carrier->lock, NULL);
    make_condition(&carrier->wanted);
    atomic_init(&carrier->patience, CONVERSATION_PATIENT);
    carrier->back_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    carrier->on_back =
        event_new(options->loop, carrier->back_fd, EV_READ | EV_PERSIST, on_back, carrier);
    event_add(carrier->on_back, NULL);
    return carrier;
}

/* Wakes all who wait for an errand; they end when it is not patience that they are told. */
static void tell_patience(struct carrier *carrier, enum conversation_patience patience)
{
    pthread_mutex_lock(&carrier->lock);
    atomic_store(&carrier->patience, patience);
    pthread_cond_broadcast(&carrier->wanted);
    pthread_mutex_unlock(&carrier->lock);
}

void carrier_stop(struct carrier *carrier)
{
    tell_patience(carrier, CONVERSATION_LEAVING);
    pthread_mutex_lock(&carrier->lock);
    give_all_back(carrier, "the service stopped before it was sent");
    pthread_mutex_unlock(&carrier->lock);
}

void carrier_destroy(struct carrier *carrier)
{
    if (!carrier)
        return;
    tell_patience(carrier, CONVERSATION_GONE);
    for (int i = 0; i < carrier->running; i++)
        pthread_join(carrier->threads[i], NULL);
    event_free(carrier->on_back);
    close(carrier->back_fd);
    finish_all(&carrier->waiting);
    finish_all(&carrier->back);
    pthread_cond_destroy(&carrier->wanted);
    pthread_mutex_destroy(&carrier->lock);
    arena_finish(&carrier->arena);
    curl_global_cleanup();
    free(carrier);
}

bool carrier_send(struct carrier *carrier, const struct letter *letter, carrier_on_done *on_done,
                  void *context)
{
    const char *flaw;
    pthread_mutex_lock(&carrier->lock);
    bool full = carrier->waiting.count >= CARRIER_WAITING_MOST ||
                atomic_load(&carrier->patience) != CONVERSATION_PATIENT;
    pthread_mutex_unlock(&carrier->lock);
    if (full)
        return false;
    struct errand *errand = errand_create(on_done, context);
    bool good = letter_write(letter, &errand->message, &flaw);
    if (good) {
        errand->from = mailbox_wire(&errand->arena, letter->from.address);
        errand->to = mailbox_wire(&errand->arena, letter->to.address);
    } else {
        judge_unsent(errand, CARRIER_NEVER, flaw);
    }
    carrier->pending++;
    pthread_mutex_lock(&carrier->lock);
    if (good) {
        put(&carrier->waiting, errand);
        grow(carrier);
        pthread_cond_signal(&carrier->wanted);
        if (carrier->running == 0)
            give_all_back(carrier, "no thread could be started to send it");
    } else {
        give_back(carrier, errand);
    }
    pthread_mutex_unlock(&carrier->lock);
    return true;
}

size_t carrier_pending(const struct carrier *carrier)
{
    return carrier->pending;
}
