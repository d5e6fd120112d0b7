#include "mail/sockets.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct sockets *sockets = context;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    (void)purpose;
    if (fd >= 0 && sockets->count < SOCKETS_MOST)
        sockets->fds[sockets->count++] = fd;
    return fd;
}

static int on_close(void *context, curl_socket_t fd)
{
    struct sockets *sockets = context;
    for (int i = 0; i < sockets->count; i++) {
        if (sockets->fds[i] == fd) {
            sockets->fds[i] = sockets->fds[--sockets->count];
            break;
        }
    }
    return close(fd);
}

void sockets_watch(struct sockets *sockets, CURL *curl)
{
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, sockets);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, sockets);
}

bool sockets_are_quiet(const struct sockets *sockets)
{
    char byte;
    return sockets->count == 1 && recv(sockets->fds[0], &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

void sockets_shut(const struct sockets *sockets)
{
    for (int i = 0; i < sockets->count; i++)
        shutdown(sockets->fds[i], SHUT_RDWR);
}
