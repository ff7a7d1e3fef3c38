// ports/bearssl: core's cryptography by BearSSL, for parts without an operating system: its SHA-256, and ECDSA P-256
// on its integers (curve.hpp), which takes far less flash than its own p256_m15 and somewhat more time
// (docs/porting.md).
#pragma once

#include "core/crypto/crypto.hpp"

namespace sb {

class BearsslCrypto final : public Crypto {
public:
    void sha256_start(Sha256State& state) override;
    void sha256_update(Sha256State& state, Bytes data) override;
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) override;
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override;
};

}  // namespace sb
