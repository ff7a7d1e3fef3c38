// ports/bearssl: ECDSA P-256 all by BearSSL, in both of its builds for small processors. No board needs them: they are
// what BearsslCrypto is measured against (docs/porting.md), and three that agree are better than one.
#pragma once

#include "ports/bearssl/bearssl_crypto.hpp"

namespace sb {

/// br_ec_p256_m15: made for this curve. Fewer instructions, most flash.
class BearsslM15Crypto final : public BearsslSha256 {
public:
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override;
};

/// br_ec_prime_i15: for three curves, on the same integers as ports/bearssl/curve.hpp.
class BearsslI15Crypto final : public BearsslSha256 {
public:
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override;
};

}  // namespace sb
