// What OpenSSL alone costs a server: the rows of scripts/bench in memory, without sockets or HTTP.
//
//   floor CERTIFICATE KEY COUNT
//
// Prints the CPU time of the server's half in µs for each of COUNT full handshakes, resumed ones,
// and resumed ones with early data, always with a request of 100 bytes, a response of 1,200 bytes,
// one ticket and the close; then the heap in KiB of a server's session that rests behind such an
// exchange. The settings are those of scripts/bench.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { requestLength = 100, responseLength = 1200 };

static SSL_CTX *serverContext, *clientContext;
static SSL_SESSION *ticket;
static double spent, began;
static char buffer[16384];

static void require(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "floor: %s failed\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void enter(void) { began = now(); }
static void leave(void) { spent += now() - began; }

static int keepTicket(SSL *tls, SSL_SESSION *session) {
    (void)tls;
    SSL_SESSION_free(ticket);
    ticket = session;
    return 1;
}

static void makeContexts(const char *certificate, const char *key) {
    serverContext = SSL_CTX_new(TLS_server_method());
    clientContext = SSL_CTX_new(TLS_client_method());
    require(serverContext != NULL && clientContext != NULL, "a context");
    SSL_CTX *both[] = {serverContext, clientContext};
    for (int index = 0; index < 2; index++) {
        SSL_CTX_set_min_proto_version(both[index], TLS1_3_VERSION);
        require(SSL_CTX_set_ciphersuites(both[index], "TLS_AES_128_GCM_SHA256"), "the suite");
        require(SSL_CTX_set1_groups_list(both[index], "X25519"), "the group");
    }
    int isLoaded = SSL_CTX_use_certificate_file(serverContext, certificate, SSL_FILETYPE_PEM) &&
                   SSL_CTX_use_PrivateKey_file(serverContext, key, SSL_FILETYPE_PEM);
    require(isLoaded, "the certificate");
    SSL_CTX_set_num_tickets(serverContext, 1);
    SSL_CTX_set_session_cache_mode(serverContext, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(serverContext, SSL_OP_NO_ANTI_REPLAY);
    SSL_CTX_set_max_early_data(serverContext, 16384);
    long cacheMode = SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL;
    SSL_CTX_set_session_cache_mode(clientContext, cacheMode);
    SSL_CTX_sess_set_new_cb(clientContext, keepTicket);
}

static SSL *serverOn(BIO *wire) {
    enter();
    SSL *server = SSL_new(serverContext);
    require(server != NULL, "a server's session");
    SSL_set_bio(server, wire, wire);
    SSL_set_accept_state(server);
    leave();
    return server;
}

// Takes early data and answers it before the handshake has ended.
static void serveEarly(SSL *server) {
    size_t count = 0;
    enter();
    int result = SSL_read_early_data(server, buffer, sizeof buffer, &count);
    require(result == SSL_READ_EARLY_DATA_SUCCESS && count == requestLength, "early data");
    require(SSL_write_early_data(server, buffer, responseLength, &count), "an early response");
    leave();
}

static void finishEarly(SSL *server) {
    size_t count = 0;
    enter();
    int result = SSL_read_early_data(server, buffer, sizeof buffer, &count);
    require(result == SSL_READ_EARLY_DATA_FINISH, "the end of early data");
    leave();
}

static void serve(SSL *server) {
    enter();
    require(SSL_read(server, buffer, sizeof buffer) == requestLength, "a request");
    require(SSL_write(server, buffer, responseLength) == responseLength, "a response");
    leave();
}

static void shakeHands(SSL *server, SSL *client) {
    for (int isDone = 0; !isDone;) {
        int isClient = SSL_do_handshake(client) == 1;
        enter();
        isDone = SSL_do_handshake(server) == 1 && isClient;
        leave();
    }
    require(SSL_is_init_finished(server) && SSL_is_init_finished(client), "a handshake");
}

static void closeServer(SSL *server) {
    enter();
    SSL_shutdown(server);
    SSL_free(server);
    leave();
}

static void connectOnce(int resumes, int isEarly) {
    BIO *here = NULL, *there = NULL;
    size_t count = 0;
    require(BIO_new_bio_pair(&here, 65536, &there, 65536), "a wire");
    SSL *client = SSL_new(clientContext);
    SSL_set_bio(client, there, there);
    SSL_set_connect_state(client);
    SSL_set_tlsext_host_name(client, "localhost");
    if (resumes) require(ticket != NULL && SSL_set_session(client, ticket), "the ticket");
    SSL *server = serverOn(here);
    if (isEarly) {
        require(SSL_write_early_data(client, buffer, requestLength, &count), "early data");
        serveEarly(server);
        require(SSL_do_handshake(client) == 1, "the client's handshake");
        finishEarly(server);
    }
    shakeHands(server, client);
    if (!isEarly) {
        require(SSL_write(client, buffer, requestLength) == requestLength, "the request");
        serve(server);
    }
    require(SSL_read(client, buffer, sizeof buffer) == responseLength, "the response");
    // The ticket of a handshake with early data comes behind the response.
    SSL_read(client, buffer, sizeof buffer);
    require(SSL_session_reused(client) == resumes, "the resumption");
    SSL_shutdown(client);
    closeServer(server);
    SSL_free(client);
    ERR_clear_error();
}

static void measure(const char *name, int resumes, int isEarly, long count) {
    connectOnce(0, 0);
    for (long done = 0; done < count / 20; done++) connectOnce(resumes, isEarly);
    spent = 0;
    for (long done = 0; done < count; done++) connectOnce(resumes, isEarly);
    printf("%-8s %.0f µs\n", name, spent / count);
}

// A session that has answered and rests, without its client and its wire.
static SSL *restingServer(void) {
    BIO *here = NULL, *there = NULL;
    require(BIO_new_bio_pair(&here, 65536, &there, 65536), "a wire");
    SSL *client = SSL_new(clientContext), *server = serverOn(here);
    SSL_set_mode(server, SSL_MODE_RELEASE_BUFFERS);
    SSL_set_bio(client, there, there);
    SSL_set_connect_state(client);
    SSL_set_tlsext_host_name(client, "localhost");
    shakeHands(server, client);
    require(SSL_write(client, buffer, requestLength) == requestLength, "the request");
    serve(server);
    require(SSL_read(client, buffer, sizeof buffer) == responseLength, "the response");
    SSL_free(client);
    SSL_set_bio(server, NULL, NULL);
    return server;
}

static void weigh(void) {
    enum { sessions = 1000 };
    static SSL *resting[sessions];
    SSL_free(restingServer());
    size_t before = mallinfo2().uordblks;
    for (int index = 0; index < sessions; index++) resting[index] = restingServer();
    printf("memory   %.1f KiB\n", (mallinfo2().uordblks - before) / 1024.0 / sessions);
    for (int index = 0; index < sessions; index++) SSL_free(resting[index]);
}

int main(int argumentCount, char **arguments) {
    long count = argumentCount == 4 ? atol(arguments[3]) : 0;
    require(count > 0, "reading the arguments CERTIFICATE KEY COUNT");
    makeContexts(arguments[1], arguments[2]);
    measure("full", 0, 0, count);
    measure("resumed", 1, 0, count);
    measure("early", 1, 1, count);
    weigh();
    return 0;
}
