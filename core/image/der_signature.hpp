// core/image: the ECDSA signature of an image, in the only DER encoding that it has.
#pragma once

#include "core/crypto/crypto.hpp"

namespace sb {

/// Longest DER encoding of a P-256 signature: two integers of 33 bytes.
inline constexpr std::size_t max_der_signature_bytes = 72;

/// Whether `der` is an ECDSA-Sig-Value (RFC 3279 §2.2.3) in strict DER (X.690 §8.3, §10.1): minimal positive integers
/// of at most 256 bits, minimal lengths, nothing behind. `to` then holds its r ‖ s.
[[nodiscard]] bool parse_der_signature(Bytes der, Signature& to);

}  // namespace sb
