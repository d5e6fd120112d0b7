#include "http/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

#define UNIX_PREFIX "unix:"
#define WHAT_AN_ADDRESS_IS "an address is HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH"

enum { BACKLOG = 4096, PORT_MOST = 65535, FIRST_PASSED = 3 /* SD_LISTEN_FDS_START */ };

union socket_address {
    struct sockaddr any;
    struct sockaddr_un local;
    struct sockaddr_storage storage;
};

struct listening {
    int first;      /* the first bound socket; -1: a worker has it */
    bool is_shared; /* by all workers */
    bool is_passed; /* by systemd */
    atomic_int holders;
    char *text;
    char *file; /* of a unix socket */
    int lock;   /* descriptor of the lock file of a unix socket */
    union socket_address bound;
    socklen_t bound_length;
};

static void fail(struct buffer *ret_error, const char *address, const char *reason)
{
    buffer_printf(ret_error, "cannot listen on %s: %s", address, reason);
}

static int open_socket(int family)
{
    int on = 1, fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || family == AF_UNIX)
        return fd;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    /* Accepted sockets inherit it. The end of an answer must not wait for an acknowledgement. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int bind_socket(const union socket_address *address, socklen_t length)
{
    int fd = open_socket(address->any.sa_family);
    if (fd < 0)
        return -1;
    if (bind(fd, &address->any, length) != 0 || listen(fd, BACKLOG) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Splits "host:port", "[host]:port" or ":port". Checks the port, because getaddrinfo would read
 * 99999 as 34463. */
static bool split_address(const char *address, char host[NI_MAXHOST], char port[NI_MAXSERV])
{
    const char *colon = strrchr(address, ':');
    if (!colon || strlen(colon + 1) < 1 || strlen(colon + 1) >= NI_MAXSERV)
        return false;
    size_t length = (size_t)(colon - address);
    const char *from = address;
    if (length >= 2 && from[0] == '[' && from[length - 1] == ']') {
        from++;
        length -= 2;
    } else if (memchr(from, ':', length)) {
        return false;
    }
    long number;
    if (length >= NI_MAXHOST || !text_parse_number(colon + 1, 0, PORT_MOST, &number))
        return false;
    memcpy(host, from, length);
    host[length] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return true;
}

/* Returns whether a running server has the port. With SO_REUSEPORT a second service of the same
 * user could bind it, too, and would get half of the requests. */
static bool is_taken(const union socket_address *address, socklen_t length)
{
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool taken = bind(fd, &address->any, length) != 0 && errno == EADDRINUSE;
    close(fd);
    return taken;
}

static void describe(struct listening *listening)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];
    struct buffer text;
    buffer_init(&text);
    listening->bound_length = sizeof listening->bound;
    getsockname(listening->first, &listening->bound.any, &listening->bound_length);
    if (listening->bound.any.sa_family == AF_UNIX) {
        buffer_printf(&text, UNIX_PREFIX "%s", listening->bound.local.sun_path);
        listening->text = buffer_take(&text);
        return;
    }
    getnameinfo(&listening->bound.any, listening->bound_length, host, sizeof host, port,
                sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    bool is_ipv6 = listening->bound.any.sa_family == AF_INET6;
    buffer_printf(&text, is_ipv6 ? "[%s]:%s" : "%s:%s", host, port);
    listening->text = buffer_take(&text);
}

static bool bind_network(struct listening *listening, const char *address, struct buffer *ret_error)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    if (!split_address(address, host, port)) {
        fail(ret_error, address, WHAT_AN_ADDRESS_IS);
        return false;
    }
    int status = getaddrinfo(*host ? host : NULL, port, &hints, &found);
    if (status != 0) {
        fail(ret_error, address, gai_strerror(status));
        return false;
    }
    errno = EADDRINUSE;
    for (struct addrinfo *at = found; at && listening->first < 0; at = at->ai_next) {
        union socket_address bound = {0};
        memcpy(&bound, at->ai_addr, at->ai_addrlen);
        if (!is_taken(&bound, at->ai_addrlen))
            listening->first = bind_socket(&bound, at->ai_addrlen);
    }
    int error = errno;
    freeaddrinfo(found);
    if (listening->first < 0) {
        fail(ret_error, address, strerror(error));
        return false;
    }
    describe(listening);
    return true;
}

/* A lock beside the socket file tells whether the file is in use. A test by connecting would race
 * with another start. */
static bool lock_file(struct listening *listening, const char *path, struct buffer *ret_error)
{
    struct buffer name;
    buffer_init(&name);
    buffer_printf(&name, "%s.lock", path);
    listening->lock = open(buffer_text(&name), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    buffer_finish(&name);
    if (listening->lock >= 0 && flock(listening->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    fail(ret_error, path, errno == EWOULDBLOCK ? "another service listens there" : strerror(errno));
    return false;
}

static bool is_socket_path(const char *path, struct buffer *ret_error)
{
    struct sockaddr_un local;
    if (*path && strlen(path) < sizeof local.sun_path)
        return true;
    fail(ret_error, path, "the path of a socket has 1 to 107 bytes");
    return false;
}

bool listening_check(const char *address, struct buffer *ret_error)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (strncmp(address, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
        return is_socket_path(address + strlen(UNIX_PREFIX), ret_error);
    if (split_address(address, host, port))
        return true;
    fail(ret_error, address, WHAT_AN_ADDRESS_IS);
    return false;
}

static bool bind_file(struct listening *listening, const char *path, struct buffer *ret_error)
{
    union socket_address address = {.local.sun_family = AF_UNIX};
    struct stat there;
    if (!is_socket_path(path, ret_error) || !lock_file(listening, path, ret_error))
        return false;
    if (lstat(path, &there) == 0 && !S_ISSOCK(there.st_mode)) {
        fail(ret_error, path, "there is a file that is no socket");
        return false;
    }
    unlink(path);
    memcpy(address.local.sun_path, path, strlen(path) + 1);
    listening->first = bind_socket(&address, sizeof address.local);
    if (listening->first < 0) {
        fail(ret_error, path, strerror(errno));
        return false;
    }
    listening->file = memory_copy(path);
    listening->is_shared = true;
    describe(listening);
    return true;
}

/* Returns how many sockets systemd passes to this process (sd_listen_fds(3)). */
static long passed_sockets(void)
{
    const char *process = getenv("LISTEN_PID"), *text = getenv("LISTEN_FDS");
    long number, count;
    if (!process || !text || !text_parse_number(process, 1, INT_MAX, &number) ||
        number != getpid() || !text_parse_number(text, 0, INT_MAX, &count))
        return 0;
    return count;
}

static bool take_passed(struct listening *listening, long count, struct buffer *ret_error)
{
    int accepts = 0, on = 1;
    socklen_t length = sizeof accepts;
    if (count != 1 || getsockopt(FIRST_PASSED, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) != 0 ||
        !accepts) {
        buffer_printf(ret_error, "systemd must pass one listening socket: one ListenStream=, and "
                                 "no Accept=yes");
        return false;
    }
    listening->first = FIRST_PASSED;
    listening->is_shared = listening->is_passed = true;
    fcntl(FIRST_PASSED, F_SETFD, FD_CLOEXEC);
    fcntl(FIRST_PASSED, F_SETFL, fcntl(FIRST_PASSED, F_GETFL) | O_NONBLOCK);
    setsockopt(FIRST_PASSED, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    describe(listening);
    return true;
}

static bool open_address(struct listening *listening, const char *address, struct buffer *ret_error)
{
    long passed = passed_sockets();
    if (passed > 0)
        return take_passed(listening, passed, ret_error);
    if (strncmp(address, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
        return bind_file(listening, address + strlen(UNIX_PREFIX), ret_error);
    return bind_network(listening, address, ret_error);
}

bool listening_create(const char *address, struct listening **ret_listening,
                      struct buffer *ret_error)
{
    struct listening *listening = memory_alloc(sizeof *listening);
    listening->first = listening->lock = -1;
    if (!open_address(listening, address, ret_error)) {
        listening_destroy(listening);
        return false;
    }
    *ret_listening = listening;
    return true;
}

const char *listening_address(const struct listening *listening)
{
    return listening->text;
}

int listening_socket(struct listening *listening, struct buffer *ret_error)
{
    int fd = listening->first;
    if (listening->is_shared)
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    else if (fd >= 0)
        listening->first = -1;
    else
        fd = bind_socket(&listening->bound, listening->bound_length);
    if (fd < 0)
        fail(ret_error, listening->text, strerror(errno));
    else
        listening_hold(listening, 1);
    return fd;
}

void listening_hold(struct listening *listening, int change)
{
    atomic_fetch_add(&listening->holders, change);
}

bool listening_is_held(struct listening *listening)
{
    return atomic_load(&listening->holders) > 0;
}

bool listening_outlives(const struct listening *listening)
{
    return listening->is_passed;
}

void listening_destroy(struct listening *listening)
{
    if (!listening)
        return;
    if (listening->first >= 0)
        close(listening->first);
    if (listening->file)
        unlink(listening->file);
    if (listening->lock >= 0)
        close(listening->lock);
    free(listening->text);
    free(listening->file);
    free(listening);
}
