// core/manifest: the one kind of COSE signature of the strict profile: COSE_Sign1 (RFC 9052 §4.2), tagged, ES256, the
// key named by kid in the unprotected header.
#pragma once

#include "core/base/cbor.hpp"
#include "core/crypto/crypto.hpp"

namespace sb {

struct Sign1 {
    Bytes kid;      ///< 8 bytes
    Bytes payload;  ///< empty when detached
    Signature signature{};
};

/// Reads a COSE_Sign1. Errors: those of CborReader; unsupported for other algorithms, headers or tags, and when the
/// payload is here although `detached`, or the other way round.
[[nodiscard]] Result<Sign1> parse_sign1(Bytes in, bool detached);

/// Whether a key of `ring` made this signature over `payload` with `external_aad` (Sig_structure, RFC 9052 §4.4).
/// Errors: unknown_key, bad_signature.
[[nodiscard]] Result<void> verify_sign1(const Sign1& sign1, Bytes external_aad, Bytes payload, Crypto& crypto,
                                        KeyRing ring);

/// Feeds `content` as a CBOR byte string, head included. Requires: content.size() < 65536.
void hash_byte_string(Sha256& hash, Bytes content);

}  // namespace sb
