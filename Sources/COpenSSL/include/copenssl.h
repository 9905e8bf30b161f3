// OpenSSL as Swift sees it: headers, and inline functions for what OpenSSL offers only as macros.
#ifndef MARTLET_COPENSSL_H
#define MARTLET_COPENSSL_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/http.h>
#include <openssl/kdf.h>
#include <openssl/ocsp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

// Macros of OpenSSL as functions, under the macro's name with `martlet_` before it.

static inline int martlet_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}
static inline int martlet_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}
static inline void martlet_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_mode(context, mode);
}
static inline int martlet_set_ticket_mac(EVP_MAC_CTX *mac, const void *key, size_t count) {
    OSSL_PARAM parameters[3];
    parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, count);
    parameters[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0);
    parameters[2] = OSSL_PARAM_construct_end();
    return EVP_MAC_CTX_set_params(mac, parameters);
}
static inline void martlet_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}
static inline int martlet_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, list);
}
static inline int martlet_SSL_CTX_set1_sigalgs_list(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_sigalgs_list(context, list);
}
static inline int martlet_SSL_set_min_proto_version(SSL *session, int version) {
    return (int)SSL_set_min_proto_version(session, version);
}
static inline int martlet_SSL_set_max_proto_version(SSL *session, int version) {
    return (int)SSL_set_max_proto_version(session, version);
}
static inline int martlet_SSL_set1_groups_list(SSL *session, const char *list) {
    return (int)SSL_set1_groups_list(session, list);
}
static inline int martlet_SSL_set1_sigalgs_list(SSL *session, const char *list) {
    return (int)SSL_set1_sigalgs_list(session, list);
}
static inline int martlet_SSL_set_tlsext_host_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}
// Both, since which of them bounds a record depends on the version of OpenSSL.
static inline int martlet_SSL_set_record_size(SSL *session, long count) {
    return SSL_set_max_send_fragment(session, count) == 1
        && SSL_set_split_send_fragment(session, count) == 1;
}
static inline void martlet_SSL_certs_clear(SSL *session) {
    SSL_certs_clear(session);
}
static inline int martlet_SSL_get_negotiated_group(SSL *session) {
    return (int)SSL_get_negotiated_group(session);
}
static inline void martlet_BIO_set_retry_read(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
}
static inline void martlet_BIO_clear_retry_flags(BIO *bio) {
    BIO_clear_retry_flags(bio);
}
static inline long martlet_BIO_get_mem_data(BIO *bio, char **data) {
    return BIO_get_mem_data(bio, data);
}
static inline int martlet_ERR_GET_REASON(unsigned long error) {
    return ERR_GET_REASON(error);
}
static inline int martlet_ERR_GET_LIB(unsigned long error) {
    return ERR_GET_LIB(error);
}

// OCSP: macros of the staple's way to the client, and typed stacks.

static inline void martlet_SSL_CTX_set_tlsext_status_cb(SSL_CTX *context,
                                                        int (*callback)(SSL *, void *),
                                                        void *argument) {
    SSL_CTX_set_tlsext_status_cb(context, callback);
    SSL_CTX_set_tlsext_status_arg(context, argument);
}
// OpenSSL frees `response`, which OPENSSL_malloc made.
static inline int martlet_SSL_set_tlsext_status_ocsp_resp(SSL *session, unsigned char *response,
                                                          long count) {
    return (int)SSL_set_tlsext_status_ocsp_resp(session, response, count);
}
static inline void *martlet_OPENSSL_malloc(size_t count) {
    return OPENSSL_malloc(count);
}
static inline int martlet_sk_OPENSSL_STRING_num(const STACK_OF(OPENSSL_STRING) *strings) {
    return sk_OPENSSL_STRING_num(strings);
}
static inline const char *martlet_sk_OPENSSL_STRING_value(const STACK_OF(OPENSSL_STRING) *strings,
                                                          int index) {
    return sk_OPENSSL_STRING_value(strings, index);
}
static inline int martlet_sk_ASN1_INTEGER_num(const TLS_FEATURE *features) {
    return sk_ASN1_INTEGER_num(features);
}
static inline const ASN1_INTEGER *martlet_sk_ASN1_INTEGER_value(const TLS_FEATURE *features,
                                                                int index) {
    return sk_ASN1_INTEGER_value(features, index);
}
static inline X509 *martlet_sk_X509_value(const STACK_OF(X509) *stack, int index) {
    return sk_X509_value(stack, index);
}
// Seconds since 1970, as OpenSSL itself reads them for the ages of sessions.
static inline long long martlet_time(void) {
    return (long long)time(NULL);
}

// A provider's tables, whose entries OpenSSL types by macros.

static inline OSSL_DISPATCH martlet_dispatch_query(
    OSSL_FUNC_provider_query_operation_fn *function) {
    return (OSSL_DISPATCH){OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))function};
}
static inline OSSL_DISPATCH martlet_dispatch_kdf_newctx(OSSL_FUNC_kdf_newctx_fn *function) {
    return (OSSL_DISPATCH){OSSL_FUNC_KDF_NEWCTX, (void (*)(void))function};
}
static inline OSSL_DISPATCH martlet_dispatch_kdf_freectx(OSSL_FUNC_kdf_freectx_fn *function) {
    return (OSSL_DISPATCH){OSSL_FUNC_KDF_FREECTX, (void (*)(void))function};
}
static inline OSSL_DISPATCH martlet_dispatch_kdf_derive(OSSL_FUNC_kdf_derive_fn *function) {
    return (OSSL_DISPATCH){OSSL_FUNC_KDF_DERIVE, (void (*)(void))function};
}

// What a key derivation is given, by name; NULL for what it is not given.
typedef struct martlet_kdf_parameters {
    const OSSL_PARAM *mode, *digest, *key, *salt, *prefix, *label, *data;
} martlet_kdf_parameters;
static inline martlet_kdf_parameters martlet_find_kdf_parameters(const OSSL_PARAM *all) {
    return (martlet_kdf_parameters){
        .mode = OSSL_PARAM_locate_const(all, OSSL_KDF_PARAM_MODE),
        .digest = OSSL_PARAM_locate_const(all, OSSL_KDF_PARAM_DIGEST),
        .key = OSSL_PARAM_locate_const(all, OSSL_KDF_PARAM_KEY),
        .salt = OSSL_PARAM_locate_const(all, OSSL_KDF_PARAM_SALT),
        .prefix = OSSL_PARAM_locate_const(all, OSSL_KDF_PARAM_PREFIX),
        .label = OSSL_PARAM_locate_const(all, OSSL_KDF_PARAM_LABEL),
        .data = OSSL_PARAM_locate_const(all, OSSL_KDF_PARAM_DATA),
    };
}

// Constants that Swift does not see, since they are expressions.
static const uint64_t martlet_SSL_OPTIONS = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
    | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
static const uint64_t martlet_SSL_OP_NO_ANTI_REPLAY = SSL_OP_NO_ANTI_REPLAY;
static const unsigned long martlet_XN_FLAG_RFC2253 = XN_FLAG_RFC2253;

// Stacks of OpenSSL are typed by macros.

static inline STACK_OF(X509) *martlet_sk_X509_new(void) {
    return sk_X509_new_null();
}
static inline int martlet_sk_X509_push(STACK_OF(X509) *stack, X509 *certificate) {
    return sk_X509_push(stack, certificate);
}
// Frees the stack and gives up one reference to each certificate in it.
static inline void martlet_sk_X509_free(STACK_OF(X509) *stack) {
    sk_X509_pop_free(stack, X509_free);
}
static inline int martlet_sk_X509_num(const STACK_OF(X509) *stack) {
    return sk_X509_num(stack);
}
static inline int martlet_sk_GENERAL_NAME_num(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}
static inline void martlet_GENERAL_NAMES_free(GENERAL_NAMES *names) {
    GENERAL_NAMES_free(names);
}
// The text of a dNSName, or NULL if the name is of another kind; valid as long as `names`.
static inline const ASN1_IA5STRING *martlet_dns_name(const GENERAL_NAMES *names, int index) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    return name->type == GEN_DNS ? name->d.dNSName : NULL;
}

static inline void martlet_AUTHORITY_INFO_ACCESS_free(AUTHORITY_INFO_ACCESS *access) {
    AUTHORITY_INFO_ACCESS_free(access);
}
// 1 where one of the entries says where the issuer's certificate is.
static inline int martlet_has_ca_issuers(const AUTHORITY_INFO_ACCESS *access) {
    for (int index = 0; index < sk_ACCESS_DESCRIPTION_num(access); index++) {
        const ACCESS_DESCRIPTION *entry = sk_ACCESS_DESCRIPTION_value(access, index);
        if (OBJ_obj2nid(entry->method) == NID_ad_ca_issuers) return 1;
    }
    return 0;
}
static inline int martlet_sk_SSL_CIPHER_num(const STACK_OF(SSL_CIPHER) *stack) {
    return sk_SSL_CIPHER_num(stack);
}
static inline const SSL_CIPHER *martlet_sk_SSL_CIPHER_value(const STACK_OF(SSL_CIPHER) *stack,
                                                             int index) {
    return sk_SSL_CIPHER_value(stack, index);
}

static inline STACK_OF(X509_NAME) *martlet_sk_X509_NAME_new(void) {
    return sk_X509_NAME_new_null();
}
// Takes a copy of the name.
static inline int martlet_sk_X509_NAME_add(STACK_OF(X509_NAME) *stack, const X509_NAME *name) {
    X509_NAME *copy = X509_NAME_dup(name);
    if (copy != NULL && sk_X509_NAME_push(stack, copy) > 0) return 1;
    X509_NAME_free(copy);
    return 0;
}
static inline STACK_OF(X509_NAME) *martlet_SSL_dup_CA_list(const STACK_OF(X509_NAME) *stack) {
    return SSL_dup_CA_list(stack);
}
static inline void martlet_sk_X509_NAME_free(STACK_OF(X509_NAME) *stack) {
    sk_X509_NAME_pop_free(stack, X509_NAME_free);
}
static inline int martlet_SSL_set1_verify_cert_store(SSL *session, X509_STORE *store) {
    return (int)SSL_set1_verify_cert_store(session, store);
}
// The text of a name of this type, or NULL if it is of another; valid as long as `names`.
static inline const ASN1_IA5STRING *martlet_text_name(const GENERAL_NAMES *names, int index,
                                                      int type) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    return name->type == type ? name->d.ia5 : NULL;
}

// Variadic functions, which Swift cannot call.

static inline EVP_PKEY *martlet_make_ec_key(const char *curve) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}
static inline EVP_PKEY *martlet_make_rsa_key(size_t bits) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

#endif
