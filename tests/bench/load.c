/*
 * Sends HTTP requests over kept-alive connections as fast as they are answered, and says how many
 * succeeded. One thread, a few microseconds a request, so that it takes little of the machine it
 * shares with what it measures.
 *
 *   load [OPTION VALUE]... HOST:PORT
 *
 *   --connections N    at once (64), each with one request under way
 *   --seconds S        for so long (5)
 *   --requests N       or until so many were sent
 *   --method NAME      GET
 *   --path TEXT        /
 *   --header TEXT      one more header, without its line end; may be given several times
 *   --body TEXT        with its Content-Length
 *   --lines FILE       a text for {line} each; once they are used up no more requests are sent
 *   --tokens FILE      a text for {token} each, dealt out to the connections in turn
 *   --first N          the number of the first request (0)
 *   --spread N         {slot} is the request's number modulo N (1)
 *   --status N         a success has this status (200)
 *   --contains TEXT    and this in its body; given several times: one of them
 *   --save NAME FILE   appends the JSON string called NAME of every success to FILE
 *
 * {n}, {slot}, {line} and {token} are replaced in path, headers and body. Prints one JSON object.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MOST = 4096,
    HEADERS_MOST = 8,
    CONTAINS_MOST = 4,
    REQUEST_BYTES_MOST = 64 * 1024,
    ANSWER_BYTES_MOST = 1024 * 1024,
    STATUS_MOST = 600,
    EVENTS_AT_ONCE = 256,
    LATENCY_STEPS = 32, /* of each power of two: percentiles are right to 3 % */
    LATENCY_BUCKETS = 32 * LATENCY_STEPS,
};

struct texts {
    char **list;
    size_t count, used;
};

struct options {
    const char *address, *method, *path, *body;
    const char *headers[HEADERS_MOST], *contains[CONTAINS_MOST];
    int header_count, contains_count, connections;
    unsigned status;
    double seconds;
    uint64_t requests_most, first, spread;
    struct texts lines, tokens;
    const char *save_name;
    FILE *save_file;
};

struct connection {
    int fd;
    const char *token;
    bool is_waiting; /* for an answer */
    int64_t sent_at_ns;
    char *request;
    size_t request_length, request_sent;
    char *answer;
    size_t answer_length;
};

struct load {
    struct options options;
    int epoll;
    struct sockaddr_in address;
    struct connection *connections;
    uint64_t number, sent, succeeded, lost;
    uint64_t by_status[STATUS_MOST], latencies[LATENCY_BUCKETS];
    int64_t end_at_ns;
    size_t answer_bytes; /* of the newest success */
    char refused[512];   /* the newest answer that was no success */
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

/* --- Latencies ------------------------------------------------------------------------------- */

/* Buckets of equal width within each power of two. */
static int latency_bucket(uint64_t ns)
{
    int power = 0;
    while (ns >> power >= 2 * LATENCY_STEPS)
        power++;
    int bucket = power * LATENCY_STEPS + (int)(ns >> power);
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static double latency_ms(int bucket)
{
    int power = bucket < 2 * LATENCY_STEPS ? 0 : bucket / LATENCY_STEPS - 1;
    return (double)((uint64_t)(bucket - power * LATENCY_STEPS) << power) / 1e6;
}

static double percentile_ms(const struct load *load, uint64_t answers, double part)
{
    uint64_t seen = 0;
    for (int i = 0; i < LATENCY_BUCKETS; i++) {
        seen += load->latencies[i];
        if ((double)seen >= part * (double)answers)
            return latency_ms(i);
    }
    return 0;
}

/* --- Requests -------------------------------------------------------------------------------- */

struct writer {
    char *at, *end;
};

static void put(struct writer *writer, const char *bytes, size_t length)
{
    if (length >= (size_t)(writer->end - writer->at)) {
        errno = EMSGSIZE;
        die("a request");
    }
    memcpy(writer->at, bytes, length);
    writer->at += length;
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_number(struct writer *writer, uint64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    put(writer, digits, (size_t)length);
}

/* What replaces the placeholders of one request. */
struct values {
    uint64_t number, slot;
    const char *line, *token;
};

static bool put_value(struct writer *writer, const char *name, const struct values *values)
{
    if (strncmp(name, "{n}", 3) == 0)
        put_number(writer, values->number);
    else if (strncmp(name, "{slot}", 6) == 0)
        put_number(writer, values->slot);
    else if (strncmp(name, "{line}", 6) == 0)
        put_text(writer, values->line);
    else if (strncmp(name, "{token}", 7) == 0)
        put_text(writer, values->token);
    else
        return false;
    return true;
}

static void put_pattern(struct writer *writer, const char *pattern, const struct values *values)
{
    while (*pattern) {
        size_t plain = strcspn(pattern, "{");
        put(writer, pattern, plain);
        pattern += plain;
        if (*pattern == '{' && put_value(writer, pattern, values))
            pattern += strcspn(pattern, "}") + 1;
        else if (*pattern == '{')
            put(writer, pattern++, 1);
    }
}

static void put_body(struct writer *writer, const char *pattern, const struct values *values)
{
    static char body[REQUEST_BYTES_MOST];
    struct writer in_body = {body, body + sizeof body};
    put_pattern(&in_body, pattern, values);
    size_t length = (size_t)(in_body.at - body);
    put_text(writer, "Content-Type: application/json\r\nContent-Length: ");
    put_number(writer, length);
    put_text(writer, "\r\n\r\n");
    put(writer, body, length);
}

static void write_request(struct load *load, struct connection *connection, const char *line)
{
    const struct options *options = &load->options;
    const struct values values = {.number = load->number,
                                  .slot = load->number % options->spread,
                                  .line = line,
                                  .token = connection->token};
    struct writer writer = {connection->request, connection->request + REQUEST_BYTES_MOST};
    put_text(&writer, options->method);
    put_text(&writer, " ");
    put_pattern(&writer, options->path, &values);
    put_text(&writer, " HTTP/1.1\r\nHost: ");
    put_text(&writer, options->address);
    put_text(&writer, "\r\n");
    for (int i = 0; i < options->header_count; i++) {
        put_pattern(&writer, options->headers[i], &values);
        put_text(&writer, "\r\n");
    }
    if (options->body)
        put_body(&writer, options->body, &values);
    else
        put_text(&writer, "\r\n");
    connection->request_length = (size_t)(writer.at - connection->request);
    connection->request_sent = 0;
}

static bool has_more(const struct load *load)
{
    const struct options *options = &load->options;
    return load->sent < options->requests_most && now_ns() < load->end_at_ns &&
           (!options->lines.list || options->lines.used < options->lines.count);
}

/* --- Answers --------------------------------------------------------------------------------- */

static bool is_success(const struct options *options, unsigned status, const char *body)
{
    if (status != options->status)
        return false;
    for (int i = 0; i < options->contains_count; i++) {
        if (strstr(body, options->contains[i]))
            return true;
    }
    return options->contains_count == 0;
}

/* Tickets and ids hold nothing that JSON would escape. */
static void save(const struct options *options, const char *body)
{
    char pattern[64];
    int length = snprintf(pattern, sizeof pattern, "\"%s\":\"", options->save_name);
    const char *found = strstr(body, pattern);
    if (found) {
        found += length;
        fprintf(options->save_file, "%.*s\n", (int)strcspn(found, "\""), found);
    }
}

static void count_answer(struct load *load, const struct connection *connection, const char *body)
{
    unsigned status = 0;
    if (sscanf(connection->answer, "HTTP/1.%*c %u", &status) != 1 || status >= STATUS_MOST)
        status = 0;
    load->by_status[status]++;
    load->latencies[latency_bucket((uint64_t)(now_ns() - connection->sent_at_ns))]++;
    if (is_success(&load->options, status, body)) {
        load->succeeded++;
        load->answer_bytes = connection->answer_length;
        if (load->options.save_file)
            save(&load->options, body);
    } else {
        snprintf(load->refused, sizeof load->refused, "%s", body);
    }
}

/* How long the whole answer is; 0: its head is not there yet. Every server that is measured says
 * the length of its body. */
static size_t whole_length(const struct connection *connection, const char **ret_body)
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

static void watch(struct load *load, struct connection *connection)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        die("epoll");
}

static void open_connection(struct load *load, struct connection *connection)
{
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->fd, (struct sockaddr *)&load->address, sizeof load->address) != 0)
        die(load->options.address);
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    watch(load, connection);
}

static void write_more(struct connection *connection)
{
    while (connection->request_sent < connection->request_length) {
        ssize_t bytes = write(connection->fd, connection->request + connection->request_sent,
                              connection->request_length - connection->request_sent);
        if (bytes < 0 && errno != EAGAIN && errno != EINTR)
            return; /* reading finds out */
        connection->request_sent += bytes > 0 ? (size_t)bytes : 0;
    }
}

static void send_next(struct load *load, struct connection *connection)
{
    struct texts *lines = &load->options.lines;
    if (!has_more(load))
        return;
    write_request(load, connection, lines->list ? lines->list[lines->used++] : "");
    load->number++;
    load->sent++;
    connection->answer_length = 0;
    connection->is_waiting = true;
    connection->sent_at_ns = now_ns();
    write_more(connection);
}

static void open_anew(struct load *load, struct connection *connection)
{
    if (connection->is_waiting)
        load->lost++;
    connection->is_waiting = false;
    close(connection->fd);
    open_connection(load, connection);
    send_next(load, connection);
}

static void on_input(struct load *load, struct connection *connection)
{
    const char *body = NULL;
    size_t room = ANSWER_BYTES_MOST - connection->answer_length;
    ssize_t bytes = read(connection->fd, connection->answer + connection->answer_length, room);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (bytes <= 0) {
        open_anew(load, connection);
        return;
    }
    connection->answer_length += (size_t)bytes;
    connection->answer[connection->answer_length] = '\0';
    size_t whole = whole_length(connection, &body);
    if (whole == 0 || connection->answer_length < whole)
        return;
    connection->is_waiting = false;
    count_answer(load, connection, body);
    send_next(load, connection);
}

static bool is_any_waiting(const struct load *load)
{
    for (int i = 0; i < load->options.connections; i++) {
        if (load->connections[i].is_waiting)
            return true;
    }
    return false;
}

static void run(struct load *load)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    for (int i = 0; i < load->options.connections; i++)
        send_next(load, &load->connections[i]);
    while (is_any_waiting(load)) {
        int count = epoll_wait(load->epoll, events, EVENTS_AT_ONCE, 1000);
        for (int i = 0; i < count; i++)
            on_input(load, events[i].data.ptr);
    }
}

static void open_all(struct load *load)
{
    const struct texts *tokens = &load->options.tokens;
    size_t count = (size_t)load->options.connections;
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->connections = calloc(count, sizeof *load->connections);
    for (size_t i = 0; i < count; i++) {
        struct connection *connection = &load->connections[i];
        connection->request = malloc(REQUEST_BYTES_MOST);
        connection->answer = malloc(ANSWER_BYTES_MOST + 1);
        connection->token = tokens->count > 0 ? tokens->list[i % tokens->count] : "";
        open_connection(load, connection);
    }
}

/* --- The command ----------------------------------------------------------------------------- */

static struct texts read_lines(const char *path)
{
    struct texts texts = {0};
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    FILE *file = fopen(path, "re");
    if (!file)
        die(path);
    while ((length = getline(&line, &room, file)) >= 0) {
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (texts.count % 1024 == 0)
            texts.list = realloc(texts.list, (texts.count + 1024) * sizeof *texts.list);
        texts.list[texts.count++] = strdup(line);
    }
    free(line);
    fclose(file);
    return texts;
}

static void add(const char **list, int *count, int most, const char *value)
{
    if (*count == most) {
        errno = E2BIG;
        die(value);
    }
    list[(*count)++] = value;
}

static void read_option(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--connections") == 0)
        options->connections = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "--seconds") == 0)
        options->seconds = strtod(value, NULL);
    else if (strcmp(name, "--requests") == 0)
        options->requests_most = strtoull(value, NULL, 10);
    else if (strcmp(name, "--method") == 0)
        options->method = value;
    else if (strcmp(name, "--path") == 0)
        options->path = value;
    else if (strcmp(name, "--header") == 0)
        add(options->headers, &options->header_count, HEADERS_MOST, value);
    else if (strcmp(name, "--body") == 0)
        options->body = value;
    else if (strcmp(name, "--lines") == 0)
        options->lines = read_lines(value);
    else if (strcmp(name, "--tokens") == 0)
        options->tokens = read_lines(value);
    else if (strcmp(name, "--first") == 0)
        options->first = strtoull(value, NULL, 10);
    else if (strcmp(name, "--spread") == 0)
        options->spread = strtoull(value, NULL, 10);
    else if (strcmp(name, "--status") == 0)
        options->status = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(name, "--contains") == 0)
        add(options->contains, &options->contains_count, CONTAINS_MOST, value);
    else {
        errno = EINVAL;
        die(name);
    }
}

static void read_options(struct options *options, int argc, char **argv)
{
    *options = (struct options){.method = "GET",
                                .path = "/",
                                .connections = 64,
                                .status = 200,
                                .seconds = 5,
                                .requests_most = UINT64_MAX,
                                .spread = 1};
    int at = 1;
    for (; at + 1 < argc; at += 2) {
        if (strcmp(argv[at], "--save") == 0 && at + 2 < argc) {
            options->save_name = argv[++at];
            options->save_file = fopen(argv[at + 1], "ae");
        } else {
            read_option(options, argv[at], argv[at + 1]);
        }
    }
    options->address = at < argc ? argv[at] : "";
    if (options->connections < 1 || options->connections > CONNECTIONS_MOST) {
        errno = ERANGE;
        die("--connections");
    }
}

static void find_address(struct load *load)
{
    char host[64];
    const char *colon = strrchr(load->options.address, ':');
    load->address.sin_family = AF_INET;
    errno = EINVAL;
    if (!colon)
        die(load->options.address);
    snprintf(host, sizeof host, "%.*s", (int)(colon - load->options.address),
             load->options.address);
    load->address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, host, &load->address.sin_addr) != 1)
        die(load->options.address);
}

static double own_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* A JSON string. */
static void print_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < ' ')
            putchar(' ');
        else
            putchar(*text);
    }
    putchar('"');
}

static void report(const struct load *load, double seconds, double cpu_seconds)
{
    uint64_t answers = 0;
    const char *between = "";
    for (int i = 0; i < STATUS_MOST; i++)
        answers += load->by_status[i];
    printf("{\"succeeded\": %" PRIu64 ", \"answered\": %" PRIu64 ", \"lost\": %" PRIu64
           ", \"seconds\": %.3f, \"per_second\": %.1f, \"answer_bytes\": %zu, ",
           load->succeeded, answers, load->lost, seconds, (double)load->succeeded / seconds,
           load->answer_bytes);
    printf("\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"most_ms\": %.3f, \"own_us\": %.2f, ",
           percentile_ms(load, answers, 0.5), percentile_ms(load, answers, 0.99),
           percentile_ms(load, answers, 1), cpu_seconds * 1e6 / (double)(answers ? answers : 1));
    printf("\"statuses\": {");
    for (int i = 0; i < STATUS_MOST; i++) {
        if (load->by_status[i] > 0) {
            printf("%s\"%d\": %" PRIu64, between, i, load->by_status[i]);
            between = ", ";
        }
    }
    printf("}, \"refused\": ");
    print_text(load->refused);
    printf("}\n");
}

int main(int argc, char **argv)
{
    static struct load load;
    read_options(&load.options, argc, argv);
    find_address(&load);
    load.number = load.options.first;
    open_all(&load);
    double cpu = own_seconds();
    int64_t started_at_ns = now_ns();
    load.end_at_ns = started_at_ns + (int64_t)(load.options.seconds * 1e9);
    run(&load);
    report(&load, (double)(now_ns() - started_at_ns) / 1e9, own_seconds() - cpu);
    if (load.options.save_file && fclose(load.options.save_file) != 0)
        die("--save");
    return 0;
}
