// The certificates of scripts/bench: ten thousand in seconds; a process for each takes minutes.
//
//   certificates FOLDER
//
// For each host on standard input, one a line: a key of its own (P-256) and a certificate that the
// key itself signed, as HOST.pem, HOST.key, and both together as HOST.pair.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { pathLimit = 4096, hostLimit = 256, validSeconds = 2 * 86400 };

static void require(int holds, const char *what) {
    if (holds) return;
    unsigned long error = ERR_get_error();
    const char *reason = error == 0 ? "no reason given" : ERR_reason_error_string(error);
    fprintf(stderr, "certificates: cannot %s: %s\n", what, reason);
    exit(1);
}

static void extend(X509 *certificate, int identifier, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, identifier, value);
    require(extension != NULL && X509_add_ext(certificate, extension, -1), "add an extension");
    X509_EXTENSION_free(extension);
}

static X509 *certify(EVP_PKEY *key, const char *host, long serial) {
    X509 *certificate = X509_new();
    require(certificate != NULL, "make a certificate");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), validSeconds);
    // The subject is the same everywhere: a name in it has 64 bytes at most, and nobody reads it.
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"bench", -1,
                               -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    char names[hostLimit + 8];
    snprintf(names, sizeof names, "DNS:%s", host);
    extend(certificate, NID_subject_alt_name, names);
    extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
    require(X509_sign(certificate, key, EVP_sha256()) > 0, "sign");
    return certificate;
}

static void save(const char *folder, const char *host, const char *kind, X509 *certificate,
                 EVP_PKEY *key) {
    char path[pathLimit];
    snprintf(path, sizeof path, "%s/%s.%s", folder, host, kind);
    BIO *file = BIO_new_file(path, "w");
    require(file != NULL, path);
    if (certificate != NULL) require(PEM_write_bio_X509(file, certificate), path);
    if (key != NULL) {
        int isWritten = PEM_write_bio_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
        require(isWritten, path);
    }
    require(BIO_flush(file) == 1, path);
    BIO_free(file);
}

int main(int argumentCount, char **arguments) {
    require(argumentCount == 2, "go on: usage: certificates FOLDER <HOSTS");
    char host[hostLimit];
    for (long serial = 1; fgets(host, sizeof host, stdin) != NULL; serial++) {
        host[strcspn(host, "\n")] = 0;
        EVP_PKEY *key = EVP_EC_gen("P-256");
        require(key != NULL, "make a key");
        X509 *certificate = certify(key, host, serial);
        save(arguments[1], host, "pem", certificate, NULL);
        save(arguments[1], host, "key", NULL, key);
        save(arguments[1], host, "pair", certificate, key);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    return 0;
}
