#include "ports/bearssl/whole_ecdsa.hpp"

#include <bearssl_ec.h>

namespace sb {

namespace {

bool verify_by(const br_ec_impl& curves, const PublicKey& key, const Digest& digest, const Signature& signature) {
    std::array<std::uint8_t, 65> point{4};  // uncompressed: SEC 1, 2.3.3
    copy(MutableBytes(point).subspan(1), key);
    const br_ec_public_key from{.curve = BR_EC_secp256r1, .q = point.data(), .qlen = point.size()};
    return br_ecdsa_i15_vrfy_raw(&curves, digest.data(), digest.size(), &from, signature.data(), signature.size()) == 1;
}

}  // namespace

bool BearsslM15Crypto::p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) {
    return verify_by(br_ec_p256_m15, key, digest, signature);
}

bool BearsslI15Crypto::p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) {
    return verify_by(br_ec_prime_i15, key, digest, signature);
}

}  // namespace sb
