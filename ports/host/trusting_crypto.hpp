// ports/host: hashes truly and takes every signature, so that what stands behind a signature can be explained or tested
// without one. For explaining and for tests only: nothing that it lets pass is authenticated.
#pragma once

#include "ports/host/openssl_crypto.hpp"

namespace sb {

class TrustingCrypto final : public Crypto {
public:
    void sha256_start(Sha256State& state) override { real_.sha256_start(state); }
    void sha256_update(Sha256State& state, Bytes data) override { real_.sha256_update(state, data); }
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) override { return real_.sha256_digest(state); }
    [[nodiscard]] bool p256_verify(const PublicKey&, const Digest&, const Signature&) override { return true; }

private:
    OpensslCrypto real_;
};

}  // namespace sb
