// SHA256_CTX is the only state of OpenSSL that can be copied as plain bytes and lives on the stack; the calls on it
// are deprecated in OpenSSL 3 in favour of heap objects, and use the same SHA-NI code.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ports/host/openssl_crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include <memory>

namespace sb {

namespace {

static_assert(sizeof(SHA256_CTX) <= sizeof(Sha256State::storage));
static_assert(alignof(SHA256_CTX) <= alignof(Sha256State));

struct Release {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
    void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
    void operator()(std::uint8_t* p) const { OPENSSL_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

SHA256_CTX load(const Sha256State& state) {
    SHA256_CTX context;
    std::memcpy(&context, state.storage.data(), sizeof context);
    return context;
}

// The point as an EVP_PKEY; null when it is not on the curve.
Owned<EVP_PKEY> make_key(const PublicKey& key) {
    std::array<std::uint8_t, 65> point{4};
    copy(MutableBytes(point).subspan(1), key);
    char group[] = "prime256v1";
    std::array<OSSL_PARAM, 3> params = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.data()) != 1)
        return nullptr;
    return Owned<EVP_PKEY>(made);
}

}  // namespace

void OpensslCrypto::sha256_start(Sha256State& state) {
    SHA256_CTX context;
    SHA256_Init(&context);
    std::memcpy(state.storage.data(), &context, sizeof context);
}

void OpensslCrypto::sha256_update(Sha256State& state, Bytes data) {
    SHA256_CTX context = load(state);
    SHA256_Update(&context, data.data(), data.size());
    std::memcpy(state.storage.data(), &context, sizeof context);
}

Digest OpensslCrypto::sha256_digest(const Sha256State& state) {
    SHA256_CTX context = load(state);
    Digest digest;
    SHA256_Final(digest.data(), &context);
    return digest;
}

bool OpensslCrypto::p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) {
    const Owned<EVP_PKEY> pkey = make_key(key);
    if (!pkey) return false;
    const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(signature.data(), 32, nullptr);
    BIGNUM* s = BN_bin2bn(signature.data() + 32, 32, nullptr);
    if (!pair || r == nullptr || s == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return false;
    }
    std::uint8_t* encoded = nullptr;
    const int length = i2d_ECDSA_SIG(pair.get(), &encoded);
    const Owned<std::uint8_t> der(encoded);
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
    return length > 0 && context && EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_verify(context.get(), der.get(), static_cast<std::size_t>(length), digest.data(), digest.size()) ==
               1;
}

}  // namespace sb
