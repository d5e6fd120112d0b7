/*
 * Writes and sends letters for tests/wire/mail*.test.js. A JSON object on standard input:
 *
 *     {letters: [{from: {name, address}, to, subject, …, pictures: [{file, cid, …}]}],
 *      smtp, parallel, connect_ms, answer_ms, end_ms, stop_after_ms, destroy_after_ms}
 *
 * Without smtp the messages are written to standard output. With it they are sent, and standard
 * output is {outcomes: [{fate, code, words, concerns_all, in_doubt}], order: [0, …], longest_ms}:
 * the longest time in which the loop did not turn.
 */
#include <jansson.h>
#include <signal.h>

#include "base/clock.h"
#include "mail/carrier.h"

enum { TICK_MS = 5 };

struct run {
    struct event_base *loop;
    struct carrier *carrier;
    json_t *letters, *outcomes, *order;
    size_t left;
    bool is_sending; /* no outcome may come back while it is */
    int64_t ticked_us, longest_us;
};

struct sent {
    struct run *run;
    size_t index;
};

static struct arena arena;

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static struct mailbox mailbox_of(const json_t *mailbox)
{
    return (struct mailbox){.name = text_of(mailbox, "name"),
                            .address = text_of(mailbox, "address")};
}

static void read_bytes(const char *path, struct letter_part *part)
{
    struct buffer bytes;
    char chunk[4096];
    size_t length;
    FILE *file = fopen(path, "re");
    buffer_init(&bytes);
    while (file && (length = fread(chunk, 1, sizeof chunk, file)) > 0)
        buffer_add(&bytes, chunk, length);
    if (file)
        fclose(file);
    part->bytes = arena_copy_bytes(&arena, bytes.bytes, bytes.length);
    part->length = bytes.length;
    buffer_finish(&bytes);
}

static const struct letter_part *parts_of(const json_t *list, size_t *ret_count)
{
    size_t count = json_array_size(list);
    struct letter_part *parts = arena_alloc(&arena, (count + 1) * sizeof *parts);
    for (size_t i = 0; i < count; i++) {
        const json_t *part = json_array_get(list, i);
        parts[i] = (struct letter_part){.type = text_of(part, "type"),
                                        .method = text_of(part, "method"),
                                        .name = text_of(part, "name"),
                                        .cid = text_of(part, "cid")};
        read_bytes(text_of(part, "file"), &parts[i]);
    }
    *ret_count = count;
    return parts;
}

static struct letter letter_of(const json_t *json)
{
    struct letter letter = {
        .from = mailbox_of(json_object_get(json, "from")),
        .to = mailbox_of(json_object_get(json, "to")),
        .reply_to = mailbox_of(json_object_get(json, "reply_to")),
        .subject = text_of(json, "subject"),
        .message_id = text_of(json, "message_id"),
        .in_reply_to = text_of(json, "in_reply_to"),
        .date_us = json_integer_value(json_object_get(json, "date_us")),
        .language = text_of(json, "language"),
        .unsubscribe_url = text_of(json, "unsubscribe_url"),
        .text = text_of(json, "text"),
        .html = text_of(json, "html"),
    };
    letter.pictures = parts_of(json_object_get(json, "pictures"), &letter.picture_count);
    letter.attachments = parts_of(json_object_get(json, "attachments"), &letter.attachment_count);
    return letter;
}

/* --- Sending --------------------------------------------------------------------------------- */

static void on_done(void *context, const struct carrier_outcome *outcome)
{
    static const char *const fates[] = {"accepted", "later", "never"};
    struct sent *sent = context;
    struct run *run = sent->run;
    if (run->is_sending || !json_is_null(json_array_get(run->outcomes, sent->index)))
        abort(); /* too early, or twice */
    json_array_set_new(run->outcomes, sent->index,
                       json_pack("{s:s,s:i,s:s,s:b,s:b}", "fate", fates[outcome->fate], "code",
                                 outcome->code, "words", outcome->words, "concerns_all",
                                 outcome->concerns_all, "in_doubt", outcome->in_doubt));
    json_array_append_new(run->order, json_integer((json_int_t)sent->index));
    if (--run->left == 0)
        event_base_loopbreak(run->loop);
}

static void send_all(struct run *run)
{
    size_t i;
    json_t *json;
    run->is_sending = true;
    json_array_foreach (run->letters, i, json) {
        struct sent *sent = arena_alloc(&arena, sizeof *sent);
        struct letter letter = letter_of(json);
        *sent = (struct sent){run, i};
        json_array_append_new(run->outcomes, json_null());
        run->left++;
        if (!carrier_send(run->carrier, &letter, on_done, sent)) {
            json_array_set_new(run->outcomes, i, json_string("refused"));
            run->left--;
        }
    }
    run->is_sending = false;
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct run *run = context;
    int64_t now_us = clock_monotonic_us();
    (void)fd, (void)what;
    if (run->ticked_us && now_us - run->ticked_us > run->longest_us)
        run->longest_us = now_us - run->ticked_us;
    run->ticked_us = now_us;
}

static void on_stop(evutil_socket_t fd, short what, void *context)
{
    struct run *run = context;
    (void)fd, (void)what;
    carrier_stop(run->carrier);
}

static void on_destroy(evutil_socket_t fd, short what, void *context)
{
    struct run *run = context;
    (void)fd, (void)what;
    event_base_loopbreak(run->loop);
}

static void after(struct run *run, const json_t *input, const char *key, event_callback_fn call)
{
    json_t *value = json_object_get(input, key);
    long ms = (long)json_integer_value(value);
    if (value)
        event_base_once(run->loop, -1, EV_TIMEOUT, call, run,
                        &(struct timeval){ms / 1000, ms % 1000 * 1000});
}

static long number_of(const json_t *input, const char *key)
{
    return (long)json_integer_value(json_object_get(input, key));
}

static int carry(const json_t *input)
{
    struct run run = {.loop = event_base_new(),
                      .letters = json_object_get(input, "letters"),
                      .outcomes = json_array(),
                      .order = json_array()};
    struct buffer error;
    buffer_init(&error);
    run.carrier =
        carrier_create(&(struct carrier_options){.loop = run.loop,
                                                 .smtp = text_of(input, "smtp"),
                                                 .parallel = (int)number_of(input, "parallel"),
                                                 .connect_ms = number_of(input, "connect_ms"),
                                                 .answer_ms = number_of(input, "answer_ms"),
                                                 .end_ms = number_of(input, "end_ms")},
                       &error);
    if (!run.carrier) {
        fprintf(stderr, "%s\n", buffer_text(&error));
        buffer_finish(&error);
        return 1;
    }
    struct event *tick = event_new(run.loop, -1, EV_PERSIST, on_tick, &run);
    event_add(tick, &(struct timeval){.tv_usec = TICK_MS * 1000});
    after(&run, input, "stop_after_ms", on_stop);
    after(&run, input, "destroy_after_ms", on_destroy);
    send_all(&run);
    if (run.left > 0)
        event_base_dispatch(run.loop);
    event_free(tick);
    carrier_destroy(run.carrier);
    event_base_free(run.loop);
    json_t *output = json_pack("{s:o,s:o,s:I}", "outcomes", run.outcomes, "order", run.order,
                               "longest_ms", (json_int_t)(run.longest_us / 1000));
    json_dumpf(output, stdout, 0);
    json_decref(output);
    return 0;
}

static int write_all(const json_t *letters)
{
    size_t i;
    json_t *json;
    struct buffer out;
    const char *flaw = NULL;
    buffer_init(&out);
    json_array_foreach (letters, i, json) {
        struct letter letter = letter_of(json);
        if (!letter_write(&letter, &out, &flaw))
            fprintf(stderr, "%s\n", flaw);
    }
    if (out.length > 0)
        fwrite(out.bytes, 1, out.length, stdout);
    buffer_finish(&out);
    return flaw ? 1 : 0;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    json_t *input = json_loadf(stdin, 0, NULL);
    arena_init(&arena);
    int status =
        text_of(input, "smtp") ? carry(input) : write_all(json_object_get(input, "letters"));
    arena_finish(&arena);
    json_decref(input);
    return status;
}
