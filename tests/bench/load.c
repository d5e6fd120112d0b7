/*
 * Sends HTTP requests over kept-alive connections as fast as they are answered, and counts
 * successes. One thread with a few microseconds per request, because it shares the machine with the
 * service.
 *
 *   load [OPTION VALUE]... HOST:PORT
 *
 *   --connections N    at once (64), each with one request at a time
 *   --seconds S        duration (5)
 *   --requests N       or stop after so many
 *   --method NAME      GET
 *   --path TEXT        /
 *   --header TEXT      one more header, without its line end; may be given several times
 *   --body TEXT        with its Content-Length
 *   --lines FILE       each line is a {line}; after the last one no more requests are sent
 *   --tokens FILE      each line is a {token}; the connections take them in turn
 *   --first N          the number of the first request (0)
 *   --spread N         {slot} is the request's number modulo N (1)
 *   --status N         a success has this status (200)
 *   --contains TEXT    and this in its body; given several times: one of them
 *   --save NAME FILE   appends the JSON string called NAME of every success to FILE
 *
 * {n}, {slot}, {line} and {token} are replaced in path, headers and body. Prints one JSON object.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>

#include "traffic.h"

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- Options --------------------------------------------------------------------------------- */

static void read_lines(const char *path, char ***ret_lines, size_t *ret_count)
{
    char *line = NULL, **lines = NULL;
    size_t room = 0, count = 0;
    ssize_t length;
    FILE *file = fopen(path, "re");
    if (!file)
        die(path);
    while ((length = getline(&line, &room, file)) >= 0) {
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (count % 1024 == 0)
            lines = realloc(lines, (count + 1024) * sizeof *lines);
        lines[count++] = strdup(line);
    }
    free(line);
    fclose(file);
    *ret_lines = lines;
    *ret_count = count;
}

static void add(const char **list, int *count, int most, const char *value)
{
    errno = E2BIG;
    if (*count == most)
        die(value);
    list[(*count)++] = value;
}

static bool read_request(struct pattern *pattern, const char *name, const char *value)
{
    if (strcmp(name, "method") == 0)
        pattern->method = value;
    else if (strcmp(name, "path") == 0)
        pattern->path = value;
    else if (strcmp(name, "header") == 0)
        add(pattern->headers, &pattern->header_count, PATTERN_HEADERS_MOST, value);
    else if (strcmp(name, "body") == 0)
        pattern->body = value;
    else
        return false;
    return true;
}

static bool read_amount(struct traffic_options *options, const char *name, const char *value)
{
    if (strcmp(name, "connections") == 0)
        options->connections = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "seconds") == 0)
        options->seconds = strtod(value, NULL);
    else if (strcmp(name, "requests") == 0)
        options->requests_most = strtoull(value, NULL, 10);
    else if (strcmp(name, "first") == 0)
        options->first = strtoull(value, NULL, 10);
    else if (strcmp(name, "spread") == 0)
        options->spread = strtoull(value, NULL, 10);
    else
        return false;
    return true;
}

static bool read_rest(struct traffic_options *options, const char *name, const char *value)
{
    if (strcmp(name, "lines") == 0)
        read_lines(value, &options->lines, &options->line_count);
    else if (strcmp(name, "tokens") == 0)
        read_lines(value, &options->tokens, &options->token_count);
    else if (strcmp(name, "status") == 0)
        options->status = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(name, "contains") == 0)
        add(options->contains, &options->contains_count, TRAFFIC_CONTAINS_MOST, value);
    else
        return false;
    return true;
}

static void read_options(struct traffic_options *options, int argc, char **argv)
{
    int at = 1;
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
        const char *name = argv[at] + 2, *value = argv[at + 1];
        errno = EINVAL;
        if (strcmp(name, "save") == 0 && at + 2 < argc) {
            options->save_name = value;
            options->save_file = fopen(argv[++at + 1], "ae");
            if (!options->save_file)
                die(argv[at + 1]);
        } else if (!read_request(&options->pattern, name, value) &&
                   !read_amount(options, name, value) && !read_rest(options, name, value)) {
            die(argv[at]);
        }
    }
    options->pattern.address = at < argc ? argv[at] : "";
    errno = ERANGE;
    if (options->connections < 1 || options->connections > TRAFFIC_CONNECTIONS_MOST ||
        options->spread < 1)
        die("--connections or --spread");
}

/* --- Report ---------------------------------------------------------------------------------- */

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
        else
            putchar((unsigned char)*text < ' ' ? ' ' : *text);
    }
    putchar('"');
}

static void print_statuses(const struct traffic_result *result)
{
    const char *between = "";
    printf("\"statuses\": {");
    for (int status = 0; status < TRAFFIC_STATUS_MOST; status++) {
        if (result->by_status[status] > 0) {
            printf("%s\"%d\": %" PRIu64, between, status, result->by_status[status]);
            between = ", ";
        }
    }
    printf("}");
}

static void report(const struct traffic_result *result, double cpu_seconds)
{
    const struct latency *latency = &result->latency;
    printf("{\"succeeded\": %" PRIu64 ", \"answered\": %" PRIu64 ", \"lost\": %" PRIu64
           ", \"seconds\": %.3f, \"per_second\": %.1f, \"answer_bytes\": %zu, ",
           result->succeeded, latency->count, result->lost, result->seconds,
           (double)result->succeeded / result->seconds, result->answer_bytes);
    printf("\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"most_ms\": %.3f, \"own_us\": %.2f, ",
           latency_ms(latency, 0.5), latency_ms(latency, 0.99), latency_ms(latency, 1),
           latency->count ? cpu_seconds * 1e6 / (double)latency->count : 0);
    print_statuses(result);
    printf(", \"refused\": ");
    print_text(result->refused);
    printf("}\n");
}

int main(int argc, char **argv)
{
    static struct traffic_result result;
    struct traffic_options options = {.pattern = {.method = "GET", .path = "/"},
                                      .connections = 64,
                                      .status = 200,
                                      .seconds = 5,
                                      .requests_most = UINT64_MAX,
                                      .spread = 1};
    read_options(&options, argc, argv);
    double before = own_seconds();
    traffic_run(&options, &result);
    report(&result, own_seconds() - before);
    if (options.save_file && fclose(options.save_file) != 0)
        die("--save");
    return 0;
}
