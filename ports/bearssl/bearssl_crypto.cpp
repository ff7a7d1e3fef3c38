#include "ports/bearssl/bearssl_crypto.hpp"

#include <bearssl_hash.h>

#include "ports/bearssl/curve.hpp"

namespace sb {

namespace {

static_assert(sizeof(br_sha256_context) <= sizeof(Sha256State::storage));
static_assert(alignof(br_sha256_context) <= alignof(Sha256State));

br_sha256_context* context_of(Sha256State& state) {
    return static_cast<br_sha256_context*>(static_cast<void*>(state.storage.data()));
}

}  // namespace

void BearsslSha256::sha256_start(Sha256State& state) {
    br_sha256_init(context_of(state));
}

void BearsslSha256::sha256_update(Sha256State& state, Bytes data) {
    br_sha256_update(context_of(state), data.data(), data.size());
}

Digest BearsslSha256::sha256_digest(const Sha256State& state) {
    Digest digest;
    br_sha256_out(static_cast<const br_sha256_context*>(static_cast<const void*>(state.storage.data())), digest.data());
    return digest;
}

bool BearsslCrypto::p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) {
    return p256::verify(key, digest, signature);
}

}  // namespace sb
