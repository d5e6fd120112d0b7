#include "mail/carrier.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "mail/conversation.h"

struct delivery {
    struct arena arena;
    const char *from, *to; /* in their SMTP form (mailbox_wire) */
    struct buffer message;
    carrier_on_done *on_done;
    void *context;

    struct carrier_outcome outcome;
    struct buffer words;
    struct delivery *next;
};

struct deliveries {
    struct delivery *first, **end;
    size_t count;
};

struct carrier {
    struct smtp_url url;
    struct arena arena; /* owns the url's texts */
    struct carrier_options options;
    struct event *on_back;
    int back_fd;    /* wakes the loop for finished deliveries */
    size_t pending; /* used on the loop's thread only */

    pthread_mutex_t lock; /* guards all members below */
    pthread_cond_t wanted;
    struct deliveries waiting, back;
    int idle, running;
    atomic_int patience;
    pthread_t threads[CARRIER_PARALLEL_MOST];
};

static void put(struct deliveries *deliveries, struct delivery *delivery)
{
    if (!deliveries->first)
        deliveries->end = &deliveries->first;
    delivery->next = NULL;
    *deliveries->end = delivery;
    deliveries->end = &delivery->next;
    deliveries->count++;
}

static struct delivery *take(struct deliveries *deliveries)
{
    struct delivery *delivery = deliveries->first;
    if (delivery) {
        deliveries->first = delivery->next;
        deliveries->count--;
    }
    return delivery;
}

static struct delivery *delivery_create(carrier_on_done *on_done, void *context)
{
    struct delivery *delivery = memory_alloc(sizeof *delivery);
    arena_init(&delivery->arena);
    buffer_init(&delivery->message);
    buffer_init(&delivery->words);
    delivery->on_done = on_done;
    delivery->context = context;
    return delivery;
}

static void delivery_destroy(struct delivery *delivery)
{
    arena_finish(&delivery->arena);
    buffer_finish(&delivery->message);
    buffer_finish(&delivery->words);
    free(delivery);
}

static void finish_all(struct deliveries *deliveries)
{
    struct delivery *delivery;
    while ((delivery = take(deliveries)) != NULL)
        delivery_destroy(delivery);
}

/* --- Outcomes -------------------------------------------------------------------------------- */

/*
 * Whether a 5xx concerns this letter: its recipient, text or size. Then it fails for good. A
 * refused log-in or sender concerns all letters; they are sent when the operator has corrected it.
 */
static bool is_about_letter(enum conversation_stage stage, int code)
{
    bool wants_login = code == 530 || code == 534 || code == 535 || code == 538; /* RFC 4954 */
    if (code == 421 || wants_login)
        return false;
    return stage == CONVERSATION_RECIPIENT || stage == CONVERSATION_DATA ||
           stage == CONVERSATION_TEXT || (stage == CONVERSATION_SENDER && code == 552);
}

static void judge(const struct conversation *conversation, CURLcode result,
                  struct delivery *delivery)
{
    struct carrier_outcome *outcome = &delivery->outcome;
    enum conversation_stage stage = conversation_stage(conversation);
    int code = conversation_code(conversation);
    struct buffer mend;
    bool about_letter = code >= 400 && is_about_letter(stage, code);
    bool took = stage == CONVERSATION_TEXT && code >= 200 && code < 300;
    /* Any other answer belongs to an earlier command. */
    *outcome =
        (struct carrier_outcome){.fate = CARRIER_LATER, .code = took || code >= 400 ? code : 0};
    if (took) /* later errors do not matter */
        outcome->fate = CARRIER_ACCEPTED;
    else if (conversation_lacks_utf8(conversation) || (about_letter && code >= 500))
        outcome->fate = CARRIER_NEVER;
    outcome->in_doubt = stage == CONVERSATION_TEXT && code == 0;
    outcome->concerns_all =
        outcome->fate == CARRIER_LATER && !about_letter && stage != CONVERSATION_TEXT;
    if (took || (code >= 400 && about_letter)) {
        buffer_add_text(&delivery->words, conversation_words(conversation));
        return;
    }
    buffer_init(&mend);
    conversation_explain(conversation, result, &delivery->words, &mend);
    buffer_finish(&mend);
}

static void judge_unsent(struct delivery *delivery, enum carrier_fate fate, const char *words)
{
    delivery->outcome =
        (struct carrier_outcome){.fate = fate, .concerns_all = fate == CARRIER_LATER};
    buffer_add_text(&delivery->words, words);
}

/* --- The threads ----------------------------------------------------------------------------- */

/* Called with the lock held. */
static void give_back(struct carrier *carrier, struct delivery *delivery)
{
    uint64_t one = 1;
    put(&carrier->back, delivery);
    while (write(carrier->back_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

/* Gives back all waiting deliveries unsent. Called with the lock held. */
static void give_all_back(struct carrier *carrier, const char *why)
{
    struct delivery *delivery;
    while ((delivery = take(&carrier->waiting)) != NULL) {
        judge_unsent(delivery, CARRIER_LATER, why);
        give_back(carrier, delivery);
    }
}

/* Waits for the next delivery; called with the lock held. NULL: idle for too long, or stopping. */
static struct delivery *await(struct carrier *carrier, bool is_connected)
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

static bool hung_up(CURLcode result)
{
    return result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR || result == CURLE_GOT_NOTHING;
}

/* Creates the conversation if there is none. A server may close a connection that was kept between
 * letters, and we may notice only while we send the next one: that letter goes once more, at once,
 * on a new connection. */
static void deliver(struct carrier *carrier, struct conversation **conversation,
                    struct delivery *delivery)
{
    bool is_kept = *conversation != NULL;
    if (!is_kept)
        *conversation = converse(carrier);
    CURLcode result = conversation_send(*conversation, delivery->from, delivery->to,
                                        delivery->message.bytes, delivery->message.length);
    judge(*conversation, result, delivery);
    if (is_kept && hung_up(result) && delivery->outcome.concerns_all &&
        delivery->outcome.code == 0) {
        conversation_destroy(*conversation);
        *conversation = NULL;
        buffer_clear(&delivery->words);
        deliver(carrier, conversation, delivery);
    }
}

static void *run_thread(void *context)
{
    struct carrier *carrier = context;
    struct conversation *conversation = NULL;
    pthread_mutex_lock(&carrier->lock);
    while (atomic_load(&carrier->patience) == CONVERSATION_PATIENT) {
        struct delivery *delivery = await(carrier, conversation != NULL);
        pthread_mutex_unlock(&carrier->lock);
        if (!delivery) {
            conversation_destroy(conversation);
            conversation = NULL;
        } else {
            deliver(carrier, &conversation, delivery);
        }
        pthread_mutex_lock(&carrier->lock);
        if (delivery)
            give_back(carrier, delivery);
    }
    pthread_mutex_unlock(&carrier->lock);
    conversation_destroy(conversation);
    return NULL;
}

/* Starts another thread if all are busy. The threads block all signals. */
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
    struct delivery *delivery;
    (void)what;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&carrier->lock);
    struct deliveries back = carrier->back;
    carrier->back = (struct deliveries){0};
    pthread_mutex_unlock(&carrier->lock);
    while ((delivery = take(&back)) != NULL) {
        carrier->pending--;
        delivery->outcome.words = buffer_text(&delivery->words);
        delivery->on_done(delivery->context, &delivery->outcome);
        delivery_destroy(delivery);
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

/* Wakes all threads. They end unless they still have patience. */
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
    struct delivery *delivery = delivery_create(on_done, context);
    bool good = letter_write(letter, &delivery->message, &flaw);
    if (good) {
        delivery->from = mailbox_wire(&delivery->arena, letter->from.address);
        delivery->to = mailbox_wire(&delivery->arena, letter->to.address);
    } else {
        judge_unsent(delivery, CARRIER_NEVER, flaw);
    }
    carrier->pending++;
    pthread_mutex_lock(&carrier->lock);
    if (good) {
        put(&carrier->waiting, delivery);
        grow(carrier);
        pthread_cond_signal(&carrier->wanted);
        if (carrier->running == 0)
            give_all_back(carrier, "no thread could be started to send it");
    } else {
        give_back(carrier, delivery);
    }
    pthread_mutex_unlock(&carrier->lock);
    return true;
}

size_t carrier_pending(const struct carrier *carrier)
{
    return carrier->pending;
}
