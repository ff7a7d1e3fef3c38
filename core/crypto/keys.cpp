#include "core/crypto/crypto.hpp"

namespace sb {

namespace {

// SubjectPublicKeyInfo of an uncompressed P-256 point up to X (RFC 5480 §2): SEQUENCE { SEQUENCE { OID
// id-ecPublicKey, OID secp256r1 }, BIT STRING 04 … }. It is the same for every key.
constexpr std::array<std::uint8_t, 27> spki_prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                                      0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                                      0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

}  // namespace

const TrustedKey* find_key(KeyRing ring, Bytes hash) {
    for (const TrustedKey& key : ring) {
        if (equal(key.hash, hash)) return &key;
    }
    return nullptr;
}

Digest key_hash(Crypto& crypto, const PublicKey& key) {
    Sha256 hash(crypto);
    hash.update(spki_prefix);
    hash.update(key);
    return hash.digest();
}

}  // namespace sb
