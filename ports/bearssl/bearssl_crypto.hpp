// ports/bearssl: core's cryptography by BearSSL, for parts without an operating system: its SHA-256, and ECDSA P-256
// on its integers (curve.hpp), which takes less flash and memory than either of its own (whole_ecdsa.hpp,
// docs/porting.md).
#pragma once

#include "core/crypto/crypto.hpp"

namespace sb {

/// BearSSL's SHA-256; how signatures are verified is left to who inherits.
class BearsslSha256 : public Crypto {
public:
    void sha256_start(Sha256State& state) final;
    void sha256_update(Sha256State& state, Bytes data) final;
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) final;

protected:
    ~BearsslSha256() = default;
};

class BearsslCrypto final : public BearsslSha256 {
public:
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override;
};

}  // namespace sb
