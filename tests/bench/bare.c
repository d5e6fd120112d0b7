/*
 * A bare evhttp server for comparison. It answers every request with the same body of BYTES bytes,
 * on as many threads as the service has workers.
 *
 *   bare PORT THREADS BYTES
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

enum { THREADS_MOST = 64, BYTES_MOST = 1024 * 1024, BACKLOG = 4096 };

struct bare {
    uint16_t port;
    int threads;
    size_t bytes;
    char *body;
};

static void on_request(struct evhttp_request *request, void *context)
{
    const struct bare *bare = context;
    struct evbuffer *reply = evbuffer_new();
    evbuffer_add(reply, bare->body, bare->bytes);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                      "text/html; charset=utf-8");
    evhttp_send_reply(request, 200, "OK", reply);
    evbuffer_free(reply);
}

static int listen_on(uint16_t port)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    /* Without it, a reply of several writes waits for the client's delayed acknowledgement. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0) {
        perror("bare");
        exit(1);
    }
    return fd;
}

static void *serve(void *context)
{
    const struct bare *bare = context;
    struct event_base *loop = event_base_new();
    struct evhttp *http = evhttp_new(loop);
    evhttp_set_gencb(http, on_request, context);
    evhttp_accept_socket(http, listen_on(bare->port));
    event_base_dispatch(loop);
    return NULL;
}

int main(int argc, char **argv)
{
    struct bare bare = {0};
    if (argc == 4) {
        bare.port = (uint16_t)strtoul(argv[1], NULL, 10);
        bare.threads = (int)strtol(argv[2], NULL, 10);
        bare.bytes = strtoul(argv[3], NULL, 10);
    }
    if (bare.threads < 1 || bare.threads > THREADS_MOST || bare.bytes > BYTES_MOST) {
        fprintf(stderr, "bare PORT THREADS BYTES\n");
        return 2;
    }
    pthread_t threads[THREADS_MOST];
    bare.body = malloc(bare.bytes + 1);
    memset(bare.body, 'x', bare.bytes);
    for (int i = 0; i < bare.threads; i++)
        pthread_create(&threads[i], NULL, serve, &bare);
    for (int i = 0; i < bare.threads; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
