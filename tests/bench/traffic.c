#include "traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_BYTES_MOST = 1024 * 1024, EVENTS_AT_ONCE = 256 };

struct bench_connection {
    int fd;
    const char *token;
    bool is_waiting; /* for an answer */
    int64_t sent_at_ns;
    char *request;
    size_t request_length, request_sent;
    char *answer;
    size_t answer_length;
};

struct traffic {
    const struct traffic_options *options;
    struct traffic_result *result;
    int epoll;
    struct sockaddr_in address;
    struct bench_connection *connections;
    uint64_t sent;
    int64_t end_at_ns;
};

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

/* --- Answers --------------------------------------------------------------------------------- */

static bool is_success(const struct traffic_options *options, unsigned status, const char *body)
{
    if (status != options->status)
        return false;
    for (int i = 0; i < options->contains_count; i++) {
        if (strstr(body, options->contains[i]))
            return true;
    }
    return options->contains_count == 0;
}

/* Tickets and ids need no JSON escapes. */
static void save(const struct traffic_options *options, const char *body)
{
    char pattern[64];
    int length = snprintf(pattern, sizeof pattern, "\"%s\":\"", options->save_name);
    const char *found = strstr(body, pattern);
    if (found) {
        found += length;
        fprintf(options->save_file, "%.*s\n", (int)strcspn(found, "\""), found);
    }
}

static void count_answer(struct traffic *traffic, const struct bench_connection *connection,
                         const char *body)
{
    struct traffic_result *result = traffic->result;
    unsigned status = 0;
    if (sscanf(connection->answer, "HTTP/1.%*c %u", &status) != 1 || status >= TRAFFIC_STATUS_MOST)
        status = 0;
    result->by_status[status]++;
    latency_add(&result->latency, now_ns() - connection->sent_at_ns);
    if (is_success(traffic->options, status, body)) {
        result->succeeded++;
        result->answer_bytes = connection->answer_length;
        if (traffic->options->save_file)
            save(traffic->options, body);
    } else {
        snprintf(result->refused, sizeof result->refused, "%s", body);
    }
}

/* The length of the whole answer; 0: its head is not complete. All measured servers send a
 * Content-Length. */
static size_t whole_length(const struct bench_connection *connection, const char **ret_body)
{
    const char *end = strstr(connection->answer, "\r\n\r\n");
    if (!end)
        return 0;
    const char *length = strcasestr(connection->answer, "\r\nContent-Length:");
    *ret_body = end + 4;
    size_t head = (size_t)(end + 4 - connection->answer);
    return head + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

/* --- Connections ----------------------------------------------------------------------------- */

static void open_connection(struct traffic *traffic, struct bench_connection *connection)
{
    int on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->fd, (struct sockaddr *)&traffic->address, sizeof traffic->address) != 0)
        die(traffic->options->pattern.address);
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(traffic->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        die("epoll");
}

static void write_all(struct bench_connection *connection)
{
    while (connection->request_sent < connection->request_length) {
        ssize_t bytes = write(connection->fd, connection->request + connection->request_sent,
                              connection->request_length - connection->request_sent);
        if (bytes < 0 && errno != EAGAIN && errno != EINTR)
            return; /* the next read reports the error */
        connection->request_sent += bytes > 0 ? (size_t)bytes : 0;
    }
}

static bool has_more(const struct traffic *traffic)
{
    const struct traffic_options *options = traffic->options;
    return traffic->sent < options->requests_most && now_ns() < traffic->end_at_ns &&
           (!options->lines || traffic->sent < options->line_count);
}

static void send_next(struct traffic *traffic, struct bench_connection *connection)
{
    const struct traffic_options *options = traffic->options;
    if (!has_more(traffic))
        return;
    uint64_t number = options->first + traffic->sent;
    const struct pattern_values values = {
        .number = number,
        .slot = number % options->spread,
        .line = options->lines ? options->lines[traffic->sent] : "",
        .token = connection->token,
    };
    traffic->sent++;
    connection->request_length = pattern_write(&options->pattern, &values, connection->request);
    connection->request_sent = 0;
    connection->answer_length = 0;
    connection->is_waiting = true;
    connection->sent_at_ns = now_ns();
    write_all(connection);
}

static void open_anew(struct traffic *traffic, struct bench_connection *connection)
{
    traffic->result->lost += connection->is_waiting;
    connection->is_waiting = false;
    close(connection->fd);
    open_connection(traffic, connection);
    send_next(traffic, connection);
}

static void on_input(struct traffic *traffic, struct bench_connection *connection)
{
    const char *body = NULL;
    size_t room = ANSWER_BYTES_MOST - connection->answer_length;
    ssize_t bytes = read(connection->fd, connection->answer + connection->answer_length, room);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (bytes <= 0) {
        open_anew(traffic, connection);
        return;
    }
    connection->answer_length += (size_t)bytes;
    connection->answer[connection->answer_length] = '\0';
    size_t whole = whole_length(connection, &body);
    if (whole == 0 || connection->answer_length < whole)
        return;
    connection->is_waiting = false;
    count_answer(traffic, connection, body);
    send_next(traffic, connection);
}

static bool is_any_waiting(const struct traffic *traffic)
{
    for (int i = 0; i < traffic->options->connections; i++) {
        if (traffic->connections[i].is_waiting)
            return true;
    }
    return false;
}

/* --- The run --------------------------------------------------------------------------------- */

static void find_address(struct traffic *traffic)
{
    char host[64];
    const char *address = traffic->options->pattern.address, *colon = strrchr(address, ':');
    errno = EINVAL;
    if (!colon)
        die(address);
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    traffic->address.sin_family = AF_INET;
    traffic->address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, host, &traffic->address.sin_addr) != 1)
        die(address);
}

static void open_all(struct traffic *traffic)
{
    const struct traffic_options *options = traffic->options;
    size_t count = (size_t)options->connections;
    traffic->epoll = epoll_create1(EPOLL_CLOEXEC);
    traffic->connections = calloc(count, sizeof *traffic->connections);
    for (size_t i = 0; i < count; i++) {
        struct bench_connection *connection = &traffic->connections[i];
        connection->request = malloc(REQUEST_BYTES_MOST);
        connection->answer = malloc(ANSWER_BYTES_MOST + 1);
        connection->token =
            options->token_count > 0 ? options->tokens[i % options->token_count] : "";
        open_connection(traffic, connection);
    }
}

static void close_all(struct traffic *traffic)
{
    for (int i = 0; i < traffic->options->connections; i++) {
        close(traffic->connections[i].fd);
        free(traffic->connections[i].request);
        free(traffic->connections[i].answer);
    }
    free(traffic->connections);
    close(traffic->epoll);
}

void traffic_run(const struct traffic_options *options, struct traffic_result *ret_result)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    struct traffic traffic = {.options = options, .result = ret_result};
    memset(ret_result, 0, sizeof *ret_result);
    find_address(&traffic);
    open_all(&traffic);
    int64_t started_at_ns = now_ns();
    traffic.end_at_ns = started_at_ns + (int64_t)(options->seconds * 1e9);
    for (int i = 0; i < options->connections; i++)
        send_next(&traffic, &traffic.connections[i]);
    while (is_any_waiting(&traffic)) {
        int count = epoll_wait(traffic.epoll, events, EVENTS_AT_ONCE, 1000);
        for (int i = 0; i < count; i++)
            on_input(&traffic, events[i].data.ptr);
    }
    ret_result->seconds = (double)(now_ns() - started_at_ns) / 1e9;
    close_all(&traffic);
}
