// tests/stack: SHA-256 (FIPS 180-4) whose working memory is static, so that what is measured is the core's stack and
// not a library's. Signatures are not checked: every one is taken.
#pragma once

#include <bit>

#include "core/crypto/crypto.hpp"

namespace sb::stack {

class StaticCrypto final : public Crypto {
public:
    void sha256_start(Sha256State& state) override;
    void sha256_update(Sha256State& state, Bytes data) override;
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) override;
    [[nodiscard]] bool p256_verify(const PublicKey& /*key*/, const Digest& /*digest*/,
                                   const Signature& /*signature*/) override {
        return true;
    }
};

}  // namespace sb::stack
