#include "mail/dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "mail/line.h"

enum { TRY_MS = 1500, TRIES = 2, TICK_MS = 100, TEXT_MOST = 2048, EDNS_BYTES = 1232 };
enum { CLASS_IN = 1 };

static const int types[] = {[DNS_TXT] = 16, [DNS_MX] = 15, [DNS_A] = 1, [DNS_AAAA] = 28};

struct question {
    struct dns_book *book;
    enum dns_type type;
    const char *name;
    struct dns_answer answer;
};

struct dns_book {
    struct arena arena;
    struct question questions[DNS_QUESTIONS_MOST];
    size_t count, asked;
};

/* A socket of c-ares. */
struct watch {
    LIST_ENTRY(watch) others;
    struct dns *dns;
    ares_socket_t fd;
    struct event *event;
};

struct dns {
    struct dns_options options;
    struct dns_book book;
    ares_channel channel; /* NULL: the servers are wrong, or memory is short */
    size_t open;          /* questions without an answer */
    bool is_over;         /* limit_ms are */
    struct event *step, *tick, *limit;
    LIST_HEAD(, watch) watches;
};

static void start_library(void)
{
    ares_library_init(ARES_LIB_INIT_ALL);
}

/* --- The book -------------------------------------------------------------------------------- */

const struct dns_answer *dns_find(struct dns_book *book, enum dns_type type, const char *name)
{
    static const struct dns_answer too_many = {.state = DNS_UNKNOWN};
    for (size_t i = 0; i < book->count; i++) {
        struct question *question = &book->questions[i];
        if (question->type == type && strcasecmp(question->name, name) == 0)
            return &question->answer;
    }
    if (book->count == DNS_QUESTIONS_MOST)
        return &too_many;
    struct question *question = &book->questions[book->count++];
    *question =
        (struct question){.book = book, .type = type, .name = arena_copy(&book->arena, name)};
    return &question->answer;
}

struct arena *dns_arena(struct dns_book *book)
{
    return &book->arena;
}

static void add_value(struct question *question, const char *bytes, size_t length)
{
    struct dns_answer *answer = &question->answer;
    struct buffer line;
    if (answer->count == DNS_VALUES_MOST)
        return;
    buffer_init(&line);
    line_add(&line, bytes, length, TEXT_MOST);
    answer->values[answer->count++] = arena_copy(&question->book->arena, buffer_text(&line));
    buffer_finish(&line);
    answer->state = DNS_FOUND;
}

/* --- Answers --------------------------------------------------------------------------------- */

static int read_texts(struct question *question, const unsigned char *bytes, int length)
{
    struct ares_txt_ext *texts = NULL;
    struct buffer text;
    int status = ares_parse_txt_reply_ext(bytes, length, &texts);
    buffer_init(&text);
    for (const struct ares_txt_ext *at = texts; at; at = at->next) {
        buffer_add(&text, at->txt, at->length);
        if (at->next && !at->next->record_start)
            continue;
        add_value(question, buffer_text(&text), text.length);
        buffer_clear(&text);
    }
    buffer_finish(&text);
    ares_free_data(texts);
    return status;
}

static int read_exchanges(struct question *question, const unsigned char *bytes, int length)
{
    struct ares_mx_reply *exchanges = NULL;
    int status = ares_parse_mx_reply(bytes, length, &exchanges);
    for (const struct ares_mx_reply *at = exchanges; at; at = at->next)
        add_value(question, at->host, strlen(at->host));
    ares_free_data(exchanges);
    return status;
}

static int read_addresses(struct question *question, const unsigned char *bytes, int length)
{
    struct ares_addrttl four[DNS_VALUES_MOST];
    struct ares_addr6ttl six[DNS_VALUES_MOST];
    char text[INET6_ADDRSTRLEN];
    int count = DNS_VALUES_MOST;
    bool is_six = question->type == DNS_AAAA;
    int status = is_six ? ares_parse_aaaa_reply(bytes, length, NULL, six, &count)
                        : ares_parse_a_reply(bytes, length, NULL, four, &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; i++) {
        const void *address = is_six ? (const void *)&six[i].ip6addr : &four[i].ipaddr;
        if (inet_ntop(is_six ? AF_INET6 : AF_INET, address, text, sizeof text))
            add_value(question, text, strlen(text));
    }
    return status;
}

static int read_answer(struct question *question, const unsigned char *bytes, int length)
{
    switch (question->type) {
    case DNS_TXT:
        return read_texts(question, bytes, length);
    case DNS_MX:
        return read_exchanges(question, bytes, length);
    case DNS_A:
    case DNS_AAAA:
        break;
    }
    return read_addresses(question, bytes, length);
}

static struct dns *dns_of(struct question *question)
{
    return (struct dns *)((char *)question->book - offsetof(struct dns, book));
}

static void on_answer(void *context, int status, int timeouts, unsigned char *bytes, int length)
{
    struct question *question = context;
    struct dns *dns = dns_of(question);
    (void)timeouts;
    if (status == ARES_EDESTRUCTION)
        return;
    if (status == ARES_SUCCESS)
        status = read_answer(question, bytes, length);
    if (question->answer.state != DNS_FOUND)
        question->answer.state = status == ARES_SUCCESS || status == ARES_ENODATA ||
                                         status == ARES_ENOTFOUND || status == ARES_EBADNAME
                                     ? DNS_NONE
                                     : DNS_UNKNOWN;
    if (--dns->open == 0)
        event_active(dns->step, 0, 0); /* c-ares is at work with its channel here */
}

/* --- Sockets and time ------------------------------------------------------------------------ */

static void on_socket(evutil_socket_t fd, short what, void *context)
{
    struct watch *watch = context;
    ares_process_fd(watch->dns->channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
                    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
}

static void forget(struct watch *watch)
{
    LIST_REMOVE(watch, others);
    event_free(watch->event);
    free(watch);
}

static void on_socket_state(void *context, ares_socket_t fd, int readable, int writable)
{
    struct dns *dns = context;
    struct watch *watch, *next;
    for (watch = LIST_FIRST(&dns->watches); watch; watch = next) {
        next = LIST_NEXT(watch, others);
        if (watch->fd == fd)
            forget(watch);
    }
    if (!readable && !writable)
        return;
    watch = memory_alloc(sizeof *watch);
    *watch = (struct watch){.dns = dns, .fd = fd};
    watch->event =
        event_new(dns->options.loop, fd,
                  (short)(EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0)),
                  on_socket, watch);
    event_add(watch->event, NULL);
    LIST_INSERT_HEAD(&dns->watches, watch, others);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct dns *dns = context;
    (void)fd, (void)what;
    if (dns->channel)
        ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void on_limit(evutil_socket_t fd, short what, void *context)
{
    struct dns *dns = context;
    (void)fd, (void)what;
    dns->is_over = true;
    if (dns->channel)
        ares_cancel(dns->channel);
}

/* --- Asking ---------------------------------------------------------------------------------- */

static void ask(struct dns *dns)
{
    struct dns_book *book = &dns->book;
    size_t first = book->asked;
    dns->open = book->count - first;
    book->asked = book->count;
    for (size_t i = first; i < book->count; i++) {
        struct question *question = &book->questions[i];
        if (dns->is_over || !dns->channel || strlen(question->name) > DNS_NAME_MOST)
            on_answer(question, ARES_ETIMEOUT, 0, NULL, 0);
        else
            ares_query(dns->channel, question->name, CLASS_IN, types[question->type], on_answer,
                       question);
    }
}

static void on_step(evutil_socket_t fd, short what, void *context)
{
    struct dns *dns = context;
    (void)fd, (void)what;
    dns->options.judge(dns->options.context, &dns->book);
    if (dns->book.asked < dns->book.count)
        ask(dns);
    else
        dns->options.on_done(dns->options.context);
}

static ares_channel open_channel(struct dns *dns)
{
    ares_channel channel = NULL;
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS,
        .timeout = TRY_MS,
        .tries = TRIES,
        .ednspsz = EDNS_BYTES,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = dns,
    };
    const char *servers = dns->options.servers;
    if (ares_init_options(&channel, &options,
                          ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                              ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
        return NULL;
    if (*servers == '\0' || ares_set_servers_ports_csv(channel, servers) == ARES_SUCCESS)
        return channel;
    ares_destroy(channel);
    return NULL;
}

struct dns *dns_start(const struct dns_options *options)
{
    static pthread_once_t is_started = PTHREAD_ONCE_INIT;
    struct dns *dns = memory_alloc(sizeof *dns);
    const struct timeval every = {.tv_usec = TICK_MS * 1000};
    const struct timeval limit = {options->limit_ms / 1000, options->limit_ms % 1000 * 1000};
    pthread_once(&is_started, start_library);
    dns->options = *options;
    arena_init(&dns->book.arena);
    LIST_INIT(&dns->watches);
    dns->channel = open_channel(dns);
    dns->step = event_new(options->loop, -1, 0, on_step, dns);
    dns->tick = event_new(options->loop, -1, EV_PERSIST, on_tick, dns);
    dns->limit = event_new(options->loop, -1, 0, on_limit, dns);
    event_add(dns->tick, &every);
    event_add(dns->limit, &limit);
    event_active(dns->step, 0, 0);
    return dns;
}

void dns_destroy(struct dns *dns)
{
    if (!dns)
        return;
    if (dns->channel)
        ares_destroy(dns->channel); /* closes its sockets, and so ends the watches */
    event_free(dns->step);
    event_free(dns->tick);
    event_free(dns->limit);
    arena_finish(&dns->book.arena);
    free(dns);
}

bool dns_check_servers(const char *servers)
{
    ares_channel channel = NULL;
    bool good = ares_init(&channel) == ARES_SUCCESS &&
                ares_set_servers_ports_csv(channel, servers) == ARES_SUCCESS;
    if (channel)
        ares_destroy(channel);
    return good;
}
