#include "mail/conversation_inside.h"

#include <errno.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "mail/line.h"

enum { LINE_MOST = 1000, CODE_LENGTH = 3, GOODBYE_MS = 2000 };

static const struct {
    const char *word;
    enum conversation_stage stage;
} commands[] = {
    {"EHLO ", CONVERSATION_HELLO},       {"HELO ", CONVERSATION_HELLO},
    {"STARTTLS", CONVERSATION_STARTTLS}, {"AUTH ", CONVERSATION_LOGIN},
    {"MAIL ", CONVERSATION_SENDER},      {"RCPT ", CONVERSATION_RECIPIENT},
    {"DATA", CONVERSATION_DATA},
};

static enum conversation_stage stage_of(const char *line)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strncasecmp(line, commands[i].word, strlen(commands[i].word)) == 0)
            return commands[i].stage;
    return CONVERSATION_OTHER;
}

static void tell(const struct conversation *conversation, bool is_ours, const char *line)
{
    if (conversation->options.on_line)
        conversation->options.on_line(conversation->options.context, is_ours, line);
}

static void enter(struct conversation *conversation, enum conversation_stage stage)
{
    conversation->stage = stage;
    conversation->code = 0;
    conversation->answered = false;
    buffer_clear(&conversation->words);
    conversation->last_us = clock_monotonic_us();
}

/* --- Commands -------------------------------------------------------------------------------- */

/* Hides the credentials. */
static void tell_login(struct conversation *conversation, const char *line)
{
    char shown[LINE_MOST];
    size_t mechanism = strncasecmp(line, "AUTH ", 5) == 0 ? 5 + strcspn(line + 5, " ") : 0;
    snprintf(shown, sizeof shown, "%.*s%s", (int)mechanism, line,
             mechanism && !line[mechanism] ? ""
             : mechanism                   ? " ****"
                                           : "****");
    tell(conversation, true, shown);
}

static void hear_ours(struct conversation *conversation, const char *bytes, size_t length)
{
    struct buffer line;
    buffer_init(&line);
    line_add(&line, bytes, length, LINE_MOST);
    const char *text = buffer_text(&line);
    bool goodbye = strcasecmp(text, "QUIT") == 0;
    if (goodbye && !conversation->over)
        tell(conversation, true, text);
    if (goodbye || conversation->over) {
        conversation->over = true;
        conversation->last_us = clock_monotonic_us();
        buffer_finish(&line);
        return;
    }
    bool goes_on = conversation->stage == CONVERSATION_LOGIN && conversation->code == 334;
    enum conversation_stage stage = goes_on ? CONVERSATION_LOGIN : stage_of(text);
    if (stage == CONVERSATION_LOGIN)
        tell_login(conversation, text);
    else
        tell(conversation, true, text);
    enter(conversation, stage);
    if (stage == CONVERSATION_SENDER && conversation->needs_utf8 && !strstr(text, " SMTPUTF8"))
        conversation->lacks_utf8 = true; /* the answer ends the conversation before RCPT */
    buffer_finish(&line);
}

static int on_debug(CURL *curl, curl_infotype type, char *bytes, size_t length, void *context)
{
    struct conversation *conversation = context;
    (void)curl;
    if (type == CURLINFO_HEADER_OUT)
        hear_ours(conversation, bytes, length);
    return 0;
}

static size_t on_read(char *to, size_t size, size_t count, void *context)
{
    struct conversation *conversation = context;
    size_t left = conversation->length - conversation->sent, most = size * count;
    size_t length = left < most ? left : most;
    memcpy(to, conversation->message + conversation->sent, length);
    conversation->sent += length;
    conversation->last_us = clock_monotonic_us();
    if (conversation->sent == conversation->length && conversation->stage != CONVERSATION_TEXT)
        enter(conversation, CONVERSATION_TEXT);
    return length;
}

/* --- Answers --------------------------------------------------------------------------------- */

/* The length of "5.1.1 " (RFC 3463). Every line of an answer has it; only the first keeps it. */
static size_t enhanced_code(const char *text)
{
    size_t length = strspn(text, "0123456789.");
    return length >= 5 && text[length] == ' ' && text[1] == '.' ? length + 1 : 0;
}

static void hear_line(struct conversation *conversation, const char *line)
{
    struct buffer *words = &conversation->words;
    char code[CODE_LENGTH + 1];
    bool has_code = strspn(line, "0123456789") == CODE_LENGTH;
    if (conversation->answered)
        buffer_clear(words);
    if (words->length == 0) {
        snprintf(code, sizeof code, "%.3s", has_code ? line : "");
        buffer_printf(words, "%s%s", code, has_code && line[CODE_LENGTH] ? " " : "");
        line += has_code ? CODE_LENGTH + (line[CODE_LENGTH] != '\0') : 0;
    } else {
        line += has_code ? CODE_LENGTH + (line[CODE_LENGTH] != '\0') : 0;
        line += enhanced_code(line);
        buffer_add_char(words, ' ');
    }
    size_t left =
        words->length < CONVERSATION_WORDS_MOST ? CONVERSATION_WORDS_MOST - words->length : 0;
    line_add(words, line, strlen(line), left);
}

static void hear_answer(struct conversation *conversation, const char *line)
{
    hear_line(conversation, line);
    conversation->answered = strspn(line, "0123456789") == CODE_LENGTH && line[CODE_LENGTH] != '-';
    if (conversation->answered)
        conversation->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static void hear_theirs(struct conversation *conversation, const char *bytes, size_t length)
{
    struct buffer clean;
    buffer_init(&clean);
    line_add(&clean, bytes, length, LINE_MOST);
    const char *line = buffer_text(&clean);
    tell(conversation, false, line);
    conversation->last_us = clock_monotonic_us();
    if (!conversation->over)
        hear_answer(conversation, line);
    buffer_finish(&clean);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct conversation *conversation = context;
    hear_theirs(conversation, bytes, size * count);
    return conversation->lacks_utf8 ? 0 : size * count;
}

/* Drops answers that libcurl also passes on as a body. */
static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

/* --- Timeouts -------------------------------------------------------------------------------- */

/* libcurl calls this about once a second. Any result but 0 aborts. */
static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    struct conversation *conversation = context;
    const struct conversation_options *options = &conversation->options;
    bool handed_over = conversation->stage == CONVERSATION_TEXT;
    long silence_ms = (long)((clock_monotonic_us() - conversation->last_us) / 1000);
    int patience = options->patience ? atomic_load(options->patience) : CONVERSATION_PATIENT;
    (void)down_total, (void)down, (void)up_total, (void)up;
    if (patience == CONVERSATION_GONE || (patience == CONVERSATION_LEAVING && !handed_over))
        return 1;
    long most_ms = handed_over ? options->end_ms : options->answer_ms;
    if (patience == CONVERSATION_LEAVING && most_ms > CONVERSATION_LEAVE_MS)
        most_ms = CONVERSATION_LEAVE_MS;
    if (conversation->over && most_ms > GOODBYE_MS)
        most_ms = GOODBYE_MS;
    conversation->timed_out |= silence_ms > most_ms && !conversation->over;
    return silence_ms > most_ms;
}

/* --- The calls ------------------------------------------------------------------------------- */

static void set_server(CURL *curl, const struct smtp_url *url)
{
    static const long use_ssl[] = {
        [SMTP_TLS_NONE] = CURLUSESSL_NONE,
        [SMTP_TLS_OFFERED] = CURLUSESSL_TRY,
        [SMTP_TLS_STARTTLS] = CURLUSESSL_ALL,
        [SMTP_TLS_IMPLICIT] = CURLUSESSL_ALL,
    };
    struct buffer text;
    buffer_init(&text);
    buffer_printf(&text, "%s://%s:%d/%s", url->tls == SMTP_TLS_IMPLICIT ? "smtps" : "smtp",
                  url->host, url->port, url->name ? url->name : "");
    curl_easy_setopt(curl, CURLOPT_URL, buffer_text(&text));
    curl_easy_setopt(curl, CURLOPT_USE_SSL, use_ssl[url->tls]);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (url->ca) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, url->ca);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (url->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, url->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, url->password);
    }
    buffer_finish(&text);
}

static void set_callbacks(struct conversation *conversation)
{
    CURL *curl = conversation->curl;
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, conversation);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, conversation);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, conversation);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, conversation);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, conversation->error);
}

static void open_handle(struct conversation *conversation)
{
    const struct conversation_options *options = &conversation->options;
    CURL *curl = curl_easy_init();
    if (!curl) {
        fputs("einlass: out of memory\n", stderr);
        abort();
    }
    conversation->curl = curl;
    set_server(curl, options->url);
    set_callbacks(conversation);
    sockets_watch(&conversation->sockets, curl);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, options->connect_ms);
    /* on_progress times out first. libcurl's default, two minutes, is too short after a letter. */
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, options->end_ms / 1000 + 60);
    /* Do not wait for a running name lookup at the end. */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
}

static void close_handle(struct conversation *conversation)
{
    sockets_shut(&conversation->sockets);
    curl_easy_cleanup(conversation->curl);
}

struct conversation *conversation_create(const struct conversation_options *options)
{
    struct conversation *conversation = memory_alloc(sizeof *conversation);
    conversation->options = *options;
    struct conversation_options *own = &conversation->options;
    own->connect_ms = own->connect_ms ? own->connect_ms : CONVERSATION_CONNECT_MS;
    own->answer_ms = own->answer_ms ? own->answer_ms : CONVERSATION_ANSWER_MS;
    own->end_ms = own->end_ms ? own->end_ms : CONVERSATION_END_MS;
    buffer_init(&conversation->words);
    open_handle(conversation);
    return conversation;
}

void conversation_destroy(struct conversation *conversation)
{
    if (!conversation)
        return;
    conversation->options.patience = NULL; /* QUIT has its own short timeout */
    conversation->options.answer_ms = GOODBYE_MS;
    if (sockets_are_quiet(&conversation->sockets))
        (void)conversation_say(conversation, "QUIT", true);
    close_handle(conversation);
    buffer_finish(&conversation->words);
    free(conversation);
}

static void begin(struct conversation *conversation)
{
    conversation->over = conversation->lacks_utf8 = conversation->timed_out = false;
    conversation->message = NULL;
    conversation->length = conversation->sent = 0;
    conversation->error[0] = '\0';
    enter(conversation, CONVERSATION_GREETING);
}

/*
 * libcurl would keep a connection on which the answer to a letter is missing, and take that answer
 * for the next command's. So a connection without an answer is closed.
 */
static CURLcode perform(struct conversation *conversation)
{
    CURLcode result = curl_easy_perform(conversation->curl);
    long system = 0;
    curl_easy_getinfo(conversation->curl, CURLINFO_OS_ERRNO, &system);
    if (result == CURLE_COULDNT_CONNECT && system > 0) {
        errno = (int)system;
        snprintf(conversation->error, sizeof conversation->error, "%m"); /* says more */
    }
    if (result != CURLE_OK && !(conversation->answered && conversation->code >= 400)) {
        close_handle(conversation);
        open_handle(conversation);
    }
    return result;
}

CURLcode conversation_send(struct conversation *conversation, const char *from, const char *to,
                           const char *message, size_t length)
{
    CURL *curl = conversation->curl;
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    begin(conversation);
    conversation->needs_utf8 = !line_is_ascii(from) || !line_is_ascii(to);
    conversation->message = message;
    conversation->length = length;
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)length);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    CURLcode result = perform(conversation);
    curl_easy_setopt(conversation->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    return result;
}

CURLcode conversation_say(struct conversation *conversation, const char *command, bool is_last)
{
    CURL *curl = conversation->curl;
    begin(conversation);
    conversation->needs_utf8 = false;
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, command);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, (long)is_last);
    return perform(conversation);
}

enum conversation_stage conversation_stage(const struct conversation *conversation)
{
    return conversation->stage;
}

int conversation_code(const struct conversation *conversation)
{
    return conversation->code;
}

const char *conversation_words(const struct conversation *conversation)
{
    return buffer_text(&conversation->words);
}

bool conversation_lacks_utf8(const struct conversation *conversation)
{
    return conversation->lacks_utf8;
}
