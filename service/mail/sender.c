#include "mail/sender.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "mail/mailbox.h"
#include "mail/smtp_url.h"
#include "mail/spf.h"

enum { ADDRESSES_MOST = 2 * DNS_VALUES_MOST };

struct waiter {
    STAILQ_ENTRY(waiter) next;
    sender_on_verdict *on_verdict;
    void *context;
};

/* What a worker knows of the sender's domain. */
struct sender {
    struct worker *worker;
    struct dns *dns; /* holds the texts of the verdict; NULL: never asked */
    bool is_asking;
    struct sender_verdict verdict;
    struct dns *next_dns; /* is_asking; takes the place of dns when it is done */
    struct sender_verdict next;
    STAILQ_HEAD(, waiter) waiters;
};

static void *create(struct worker *worker)
{
    struct sender *sender = memory_alloc(sizeof *sender);
    sender->worker = worker;
    STAILQ_INIT(&sender->waiters);
    return sender;
}

static void destroy(void *state)
{
    struct sender *sender = state;
    struct waiter *waiter;
    while ((waiter = STAILQ_FIRST(&sender->waiters))) {
        STAILQ_REMOVE_HEAD(&sender->waiters, next);
        free(waiter);
    }
    dns_destroy(sender->dns);
    dns_destroy(sender->next_dns);
    free(sender);
}

static const struct worker_slot slot = {.name = "sender", .create = create, .destroy = destroy};

const char *sender_record_name(enum sender_record record)
{
    static const char *const names[] = {[SENDER_SPF] = "spf",
                                        [SENDER_DKIM] = "dkim",
                                        [SENDER_DMARC] = "dmarc",
                                        [SENDER_MX] = "mx",
                                        [SENDER_RECORDS] = ""};
    return names[record];
}

const char *sender_state_name(enum sender_state state)
{
    static const char *const names[] = {[SENDER_GOOD] = "good",
                                        [SENDER_ODD] = "odd",
                                        [SENDER_MISSING] = "missing",
                                        [SENDER_OPEN] = "open"};
    return names[state];
}

enum sender_record sender_first_problem(const struct sender_verdict *verdict)
{
    enum sender_record record = SENDER_SPF;
    while (record < SENDER_RECORDS && (verdict->findings[record].state == SENDER_GOOD ||
                                       verdict->findings[record].state == SENDER_OPEN))
        record++;
    return record;
}

/* --- The judge ------------------------------------------------------------------------------- */

struct judging {
    struct dns_book *book;
    struct arena *arena;
    const struct config *config;
    struct sender_verdict *verdict;
    /* Of the mail server; none if it is on this machine, which may have others outside. */
    const char *addresses[ADDRESSES_MOST];
    size_t address_count;
    bool is_open; /* its addresses are not known */
};

static void find(struct judging *judging, enum sender_record record, enum sender_state state,
                 const char *reason)
{
    struct sender_finding *finding = &judging->verdict->findings[record];
    finding->state = state;
    finding->reason = reason;
    judging->verdict->is_unanswered |= strcmp(reason, "unanswered") == 0;
}

static bool is_answered(const struct dns_answer *answer)
{
    return answer->state == DNS_FOUND || answer->state == DNS_NONE;
}

static void show(struct judging *judging, enum sender_record record, const char *text)
{
    struct sender_finding *finding = &judging->verdict->findings[record];
    if (finding->found_count < DNS_VALUES_MOST)
        finding->found[finding->found_count++] = text;
}

/* Shows the records that begin with a tag, and returns how many there are. */
static size_t show_tagged(struct judging *judging, enum sender_record record,
                          const struct dns_answer *answer, const char *tag)
{
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++) {
        if (strncasecmp(answer->values[i], tag, strlen(tag)) != 0)
            continue;
        show(judging, record, answer->values[i]);
        count++;
    }
    return count;
}

/* The value of a tag as in "v=DMARC1; p=none". NULL: it is not there. */
static const char *tag_of(struct judging *judging, const char *record, const char *tag)
{
    for (const char *at = record; *at;) {
        at += strspn(at, "; ");
        size_t length = strcspn(at, ";"), name = strcspn(at, "= ;");
        if (name == strlen(tag) && strncasecmp(at, tag, name) == 0) {
            const char *value = at + name + strspn(at + name, "= ");
            return arena_copy_bytes(judging->arena, value, strcspn(value, "; "));
        }
        at += length;
    }
    return NULL;
}

/* --- The mail server ------------------------------------------------------------------------- */

static bool is_ip(const char *text)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool is_local(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

static const char *bare_host(struct arena *arena, const char *host)
{
    size_t length = strlen(host);
    return *host == '[' && length > 2 ? arena_copy_bytes(arena, host + 1, length - 2) : host;
}

static const char *host_of_url(struct arena *arena, const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return bare_host(arena, arena_copy_bytes(arena, host, length));
}

static void find_server(struct judging *judging)
{
    static const enum dns_type types[] = {DNS_A, DNS_AAAA};
    struct buffer error;
    struct smtp_url url;
    buffer_init(&error);
    const char *host = smtp_url_parse(judging->arena, judging->config->smtp, &url, &error)
                           ? bare_host(judging->arena, url.host)
                           : "localhost";
    buffer_finish(&error);
    judging->verdict->server = host;
    if (is_local(host)) {
        judging->verdict->server = host_of_url(judging->arena, judging->config->public_url);
        judging->is_open = true;
        return;
    }
    if (is_ip(host)) {
        judging->addresses[judging->address_count++] = host;
        return;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct dns_answer *answer = dns_find(judging->book, types[i], host);
        for (size_t j = 0; j < answer->count; j++)
            judging->addresses[judging->address_count++] = answer->values[j];
    }
    judging->is_open = judging->address_count == 0;
}

/* --- SPF ------------------------------------------------------------------------------------- */

/* The mechanism that names the mail server. */
static const char *mechanism(const struct judging *judging)
{
    const char *server = judging->verdict->server;
    return is_local(server) ? "a"
                            : arena_printf(judging->arena, "%s:%s",
                                           !is_ip(server)        ? "a"
                                           : strchr(server, ':') ? "ip6"
                                                                 : "ip4",
                                           server);
}

static void judge_spf(struct judging *judging)
{
    struct sender_finding *finding = &judging->verdict->findings[SENDER_SPF];
    const char *domain = judging->verdict->domain;
    struct spf spf;
    spf_read(judging->book, domain, judging->addresses, judging->address_count, &spf);
    finding->name = domain;
    show_tagged(judging, SENDER_SPF, dns_find(judging->book, DNS_TXT, domain), "v=spf1");
    if (spf.record_count > 1) {
        find(judging, SENDER_SPF, SENDER_ODD, "several");
    } else if (!spf.record && spf.is_unknown) {
        find(judging, SENDER_SPF, SENDER_OPEN, "unanswered");
    } else if (!spf.record) {
        finding->enter = arena_printf(judging->arena, "v=spf1 mx %s ~all", mechanism(judging));
        find(judging, SENDER_SPF, SENDER_MISSING, "missing");
    } else if (spf.is_broken) {
        find(judging, SENDER_SPF, SENDER_ODD, "broken");
    } else if (spf.lookups > SPF_LOOKUPS_MOST) {
        find(judging, SENDER_SPF, SENDER_ODD, "too_many");
    } else if (spf.allows_all) {
        find(judging, SENDER_SPF, SENDER_ODD, "all");
    } else if (spf.names_one) {
        find(judging, SENDER_SPF, SENDER_GOOD, "good");
    } else if (spf.is_unknown) {
        find(judging, SENDER_SPF, SENDER_OPEN, "unanswered");
    } else if (judging->is_open || spf.is_open) {
        find(judging, SENDER_SPF, SENDER_GOOD, "there");
    } else {
        finding->enter = arena_printf(judging->arena, "v=spf1 %s%s", mechanism(judging),
                                      spf.record + strlen("v=spf1"));
        find(judging, SENDER_SPF, SENDER_ODD, "not_listed");
    }
}

/* --- DKIM ------------------------------------------------------------------------------------ */

static void judge_dkim(struct judging *judging)
{
    struct sender_finding *finding = &judging->verdict->findings[SENDER_DKIM];
    const char *selector = judging->config->dkim_selector, *key = NULL;
    if (*selector == '\0') {
        find(judging, SENDER_DKIM, SENDER_OPEN, "no_selector");
        return;
    }
    finding->name =
        arena_printf(judging->arena, "%s._domainkey.%s", selector, judging->verdict->domain);
    const struct dns_answer *answer = dns_find(judging->book, DNS_TXT, finding->name);
    for (size_t i = 0; i < answer->count; i++) {
        const char *here = tag_of(judging, answer->values[i], "p");
        if (here) {
            show(judging, SENDER_DKIM, answer->values[i]);
            key = here;
        }
    }
    if (!is_answered(answer))
        find(judging, SENDER_DKIM, SENDER_OPEN, "unanswered");
    else if (!key)
        find(judging, SENDER_DKIM, SENDER_MISSING, "missing");
    else if (*key == '\0')
        find(judging, SENDER_DKIM, SENDER_ODD, "revoked");
    else
        find(judging, SENDER_DKIM, SENDER_GOOD, "good");
}

/* --- DMARC ----------------------------------------------------------------------------------- */

/* Nobody vouches for the mails, and the others refuse such mails. */
static bool is_alone(const struct judging *judging)
{
    const struct sender_finding *findings = judging->verdict->findings;
    return findings[SENDER_SPF].state != SENDER_GOOD && findings[SENDER_SPF].state != SENDER_OPEN &&
           findings[SENDER_DKIM].state != SENDER_GOOD;
}

static void judge_policy(struct judging *judging, const char *record)
{
    const char *policy = tag_of(judging, record, "p");
    bool is_strict =
        policy && (strcasecmp(policy, "quarantine") == 0 || strcasecmp(policy, "reject") == 0);
    if (!policy || (!is_strict && strcasecmp(policy, "none") != 0))
        find(judging, SENDER_DMARC, SENDER_ODD, "broken");
    else if (!is_strict)
        find(judging, SENDER_DMARC, SENDER_GOOD, "none");
    else if (is_alone(judging))
        find(judging, SENDER_DMARC, SENDER_ODD, "alone");
    else
        find(judging, SENDER_DMARC, SENDER_GOOD, "good");
}

/* A domain without a record has that of a domain above it. */
static void judge_dmarc(struct judging *judging)
{
    struct sender_finding *finding = &judging->verdict->findings[SENDER_DMARC];
    const char *domain = judging->verdict->domain;
    for (const char *at = domain; at && strchr(at, '.'); at = strchr(at, '.') + 1) {
        const char *name = arena_printf(judging->arena, "_dmarc.%s", at);
        const struct dns_answer *answer = dns_find(judging->book, DNS_TXT, name);
        finding->name = name;
        if (!is_answered(answer)) {
            find(judging, SENDER_DMARC, SENDER_OPEN, "unanswered");
            return;
        }
        size_t count = show_tagged(judging, SENDER_DMARC, answer, "v=DMARC1");
        if (count > 1)
            find(judging, SENDER_DMARC, SENDER_ODD, "several");
        if (count == 1)
            judge_policy(judging, finding->found[0]);
        if (count > 0)
            return;
    }
    finding->name = arena_printf(judging->arena, "_dmarc.%s", domain);
    finding->enter = "v=DMARC1; p=none";
    find(judging, SENDER_DMARC, SENDER_MISSING, "missing");
}

/* --- Where replies and returned mails go ----------------------------------------------------- */

static void judge_mx(struct judging *judging)
{
    struct sender_finding *finding = &judging->verdict->findings[SENDER_MX];
    const char *domain = judging->verdict->domain;
    const struct dns_answer *exchanges = dns_find(judging->book, DNS_MX, domain);
    finding->name = domain;
    for (size_t i = 0; i < exchanges->count; i++)
        show(judging, SENDER_MX, exchanges->values[i]);
    if (!is_answered(exchanges)) {
        find(judging, SENDER_MX, SENDER_OPEN, "unanswered");
    } else if (exchanges->count == 1 && *exchanges->values[0] == '\0') {
        finding->found_count = 0;
        find(judging, SENDER_MX, SENDER_ODD, "refuses");
    } else if (exchanges->count > 0) {
        find(judging, SENDER_MX, SENDER_GOOD, "good");
    } else {
        const struct dns_answer *host = dns_find(judging->book, DNS_A, domain);
        if (!is_answered(host))
            find(judging, SENDER_MX, SENDER_OPEN, "unanswered");
        else if (host->count > 0)
            find(judging, SENDER_MX, SENDER_GOOD, "host");
        else
            find(judging, SENDER_MX, SENDER_MISSING, "missing");
    }
}

static void judge(void *context, struct dns_book *book)
{
    struct sender *sender = context;
    struct mailbox from = {0};
    struct judging judging = {.book = book,
                              .arena = dns_arena(book),
                              .config = sender->worker->config,
                              .verdict = &sender->next};
    sender->next = (struct sender_verdict){.checked_at_us = clock_now_us()};
    const char *wire = mailbox_parse(judging.arena, judging.config->mail_from, &from)
                           ? mailbox_wire(judging.arena, from.address)
                           : NULL;
    const char *at = wire ? strrchr(wire, '@') : NULL;
    sender->next.address = wire ? from.address : judging.config->mail_from;
    sender->next.domain = at ? at + 1 : "";
    sender->next.is_local = !strchr(sender->next.domain, '.');
    find_server(&judging);
    for (enum sender_record record = SENDER_SPF; record < SENDER_RECORDS; record++)
        find(&judging, record, SENDER_OPEN, "local");
    if (sender->next.is_local)
        return;
    judge_spf(&judging);
    judge_dkim(&judging);
    judge_dmarc(&judging);
    judge_mx(&judging);
}

/* --- Asking ---------------------------------------------------------------------------------- */

static void on_done(void *context)
{
    struct sender *sender = context;
    struct waiter *waiter;
    dns_destroy(sender->dns);
    sender->dns = sender->next_dns;
    sender->next_dns = NULL;
    sender->verdict = sender->next;
    sender->is_asking = false;
    while ((waiter = STAILQ_FIRST(&sender->waiters))) {
        STAILQ_REMOVE_HEAD(&sender->waiters, next);
        waiter->on_verdict(waiter->context, &sender->verdict);
        free(waiter);
    }
}

static void start(struct sender *sender)
{
    const struct dns_options options = {.loop = sender->worker->loop,
                                        .servers = sender->worker->config->resolver,
                                        .limit_ms = SENDER_LIMIT_MS,
                                        .judge = judge,
                                        .on_done = on_done,
                                        .context = sender};
    if (sender->is_asking)
        return;
    sender->is_asking = true;
    sender->next_dns = dns_start(&options);
}

static int kept_s(const struct sender *sender, bool again)
{
    return again || sender->verdict.is_unanswered ? SENDER_KEPT_LEAST_S : SENDER_KEPT_S;
}

const struct sender_verdict *sender_kept(struct worker *worker, bool again)
{
    struct sender *sender = worker_state(worker, &slot);
    int64_t age_us = clock_now_us() - sender->verdict.checked_at_us;
    bool is_fresh = sender->dns && age_us <= kept_s(sender, again) * CLOCK_SECOND_US;
    return is_fresh ? &sender->verdict : NULL;
}

const struct sender_verdict *sender_now(struct worker *worker)
{
    struct sender *sender = worker_state(worker, &slot);
    if (*worker->config->smtp == '\0')
        return NULL;
    if (!sender_kept(worker, false))
        start(sender);
    return sender->dns ? &sender->verdict : NULL;
}

void sender_ask(struct worker *worker, sender_on_verdict *on_verdict, void *context)
{
    struct sender *sender = worker_state(worker, &slot);
    struct waiter *waiter = memory_alloc(sizeof *waiter);
    *waiter = (struct waiter){.on_verdict = on_verdict, .context = context};
    STAILQ_INSERT_TAIL(&sender->waiters, waiter, next);
    start(sender);
}
