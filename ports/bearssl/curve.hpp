// ports/bearssl: points of the curve P-256 (FIPS 186-4, D.1.2.3) and ECDSA's question of them. Both multiples of a
// verification are summed up in one walk over the signed digits of both scalars. It does not need the same time for
// every value, as BearSSL's own P-256 does: nothing here is secret.
#pragma once

#include "ports/bearssl/modular.hpp"

namespace sb::p256 {

/// Whether r ‖ s is a signature of `digest` by the key X ‖ Y (FIPS 186-4 §6.4; SEC 1 §4.1.4).
[[nodiscard]] bool verify(Bytes key, Bytes digest, Bytes signature);

}  // namespace sb::p256
