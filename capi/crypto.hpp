// capi: cryptography as callbacks, behind core's interface.
#pragma once

#include "capi/switchback.h"
#include "core/crypto/crypto.hpp"

namespace sb::capi {

class CallbackCrypto final : public Crypto {
public:
    [[nodiscard]] static bool accepts(const switchback_crypto& crypto) {
        return crypto.sha256_start != nullptr && crypto.sha256_update != nullptr && crypto.sha256_digest != nullptr &&
               crypto.p256_verify != nullptr;
    }
    /// Requires: accepts(crypto); it outlives this.
    explicit CallbackCrypto(const switchback_crypto& crypto) : crypto_(crypto) {}

    void sha256_start(Sha256State& state) override { crypto_.sha256_start(crypto_.context, in_c(state)); }
    void sha256_update(Sha256State& state, Bytes data) override {
        if (!data.empty()) crypto_.sha256_update(crypto_.context, in_c(state), data.data(), data.size());
    }
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) override {
        Digest digest{};
        crypto_.sha256_digest(crypto_.context, in_c(const_cast<Sha256State&>(state)), digest.data());
        return digest;
    }
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override {
        return crypto_.p256_verify(crypto_.context, key.data(), digest.data(), signature.data());
    }

private:
    static_assert(sizeof(Sha256State) == sizeof(switchback_sha256));
    static_assert(alignof(Sha256State) == alignof(switchback_sha256));
    static switchback_sha256* in_c(Sha256State& state) {
        return static_cast<switchback_sha256*>(static_cast<void*>(&state));
    }

    const switchback_crypto& crypto_;
};

}  // namespace sb::capi
