// core/crypto: what the core needs of cryptography, as one interface. A port implements it with a library
// (ports/host: OpenSSL); the core holds no cryptography of its own.
#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

/// Room for a running SHA-256 of a library that needs at most 112 bytes for it (OpenSSL's SHA256_CTX: 112 bytes,
/// BearSSL's: 112). Copying it forks the computation.
struct Sha256State {
    alignas(8) std::array<std::uint8_t, 112> storage;
};

/// A P-256 public key: X ‖ Y, big-endian (SEC 1 §2.3.3 without the leading 04).
using PublicKey = std::array<std::uint8_t, 64>;
/// An ECDSA signature: r ‖ s, big-endian (RFC 9053 §2.1).
using Signature = std::array<std::uint8_t, 64>;

class Crypto {
public:
    virtual void sha256_start(Sha256State& state) = 0;
    virtual void sha256_update(Sha256State& state, Bytes data) = 0;
    /// The digest of what was fed so far; `state` can be fed further.
    [[nodiscard]] virtual Digest sha256_digest(const Sha256State& state) = 0;

    /// Whether `signature` is an ECDSA P-256 signature (FIPS 186-4) of the SHA-256 value `digest` by `key`.
    [[nodiscard]] virtual bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) = 0;

protected:
    ~Crypto() = default;
};

/// A running SHA-256 on a Crypto.
class Sha256 {
public:
    explicit Sha256(Crypto& crypto) : crypto_(&crypto) { crypto_->sha256_start(state_); }
    void restart() { crypto_->sha256_start(state_); }
    void update(Bytes data) { crypto_->sha256_update(state_, data); }
    [[nodiscard]] Digest digest() const { return crypto_->sha256_digest(state_); }

private:
    Crypto* crypto_;
    Sha256State state_;
};

[[nodiscard]] inline Digest sha256(Crypto& crypto, Bytes data) {
    Sha256 hash(crypto);
    hash.update(data);
    return hash.digest();
}

/// The SubjectPublicKeyInfo of any P-256 key up to its point's X: SEQUENCE { SEQUENCE { OID id-ecPublicKey, OID
/// secp256r1 }, BIT STRING 04 … } (RFC 5480 §2). X ‖ Y follow.
inline constexpr std::array<std::uint8_t, 27> spki_prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                                             0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                                             0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

/// What a key is trusted for.
enum class KeyRole : std::uint8_t { vendor = 0 };

/// A key that the device trusts.
struct TrustedKey {
    PublicKey key;
    Digest hash;  ///< SHA-256 of its SubjectPublicKeyInfo in DER: what MCUboot calls the key hash, and our COSE kid
    KeyRole role = KeyRole::vendor;
};

/// The keys of a device.
using KeyRing = std::span<const TrustedKey>;

/// The key of `ring` with this hash, or null.
[[nodiscard]] const TrustedKey* find_key(KeyRing ring, Bytes hash);

/// SHA-256 of the SubjectPublicKeyInfo (RFC 5480, DER, 91 bytes) of `key`.
[[nodiscard]] Digest key_hash(Crypto& crypto, const PublicKey& key);

}  // namespace sb
