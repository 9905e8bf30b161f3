// The WebSocket server of scripts/bench: changes the protocol when asked, then echoes bytes.
//
//   echo PORT
//
// It knows no frames: what a proxy does not look into, the other end need not either.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most = 1024, chunk = 65536 };

static const char answer[] =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static char isOpen[most];

static void serve(int connection) {
    static char buffer[chunk];
    ssize_t count = recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) {
        close(connection);
        return;
    }
    if (isOpen[connection]) {
        if (send(connection, buffer, (size_t)count, MSG_NOSIGNAL) != count) close(connection);
    } else if (memmem(buffer, (size_t)count, "\r\n\r\n", 4) != NULL) {
        isOpen[connection] = 1;
        send(connection, answer, sizeof answer - 1, MSG_NOSIGNAL);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    if (listen(listener, 128) != 0) return 1;
    int poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    while (epoll_wait(poller, &event, 1, -1) == 1) {
        if (event.data.fd != listener) {
            serve(event.data.fd);
            continue;
        }
        int connection = accept(listener, NULL, NULL);
        if (connection < 0 || connection >= most) return 1;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        isOpen[connection] = 0;
        event.data.fd = connection;
        epoll_ctl(poller, EPOLL_CTL_ADD, connection, &event);
    }
    return 1;
}
