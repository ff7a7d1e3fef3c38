// ports/host: the core's cryptography on OpenSSL 3, for the simulator, the tools and the tests.
#pragma once

#include "core/crypto/crypto.hpp"

namespace sb {

class OpensslCrypto final : public Crypto {
public:
    void sha256_start(Sha256State& state) override;
    void sha256_update(Sha256State& state, Bytes data) override;
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) override;
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override;
};

}  // namespace sb
