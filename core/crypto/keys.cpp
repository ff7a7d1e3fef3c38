#include "core/crypto/crypto.hpp"

namespace sb {

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
