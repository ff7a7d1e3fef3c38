#include "core/manifest/sign1.hpp"

#include "core/manifest/labels.hpp"

namespace sb {

namespace {

constexpr std::uint8_t simple_null = 22;

// The start of every Sig_structure: array of four, "Signature1", the protected header as a byte string.
constexpr std::array<std::uint8_t, 16> signature_context = {0x84, 0x6A, 'S', 'i', 'g',  'n',  'a',  't',
                                                            'u',  'r',  'e', '1', 0x43, 0xA1, 0x01, 0x26};

}  // namespace

Result<Sign1> parse_sign1(Bytes in, bool detached) {
    CborReader r(in);
    Sign1 out;
    if (r.tag() != cose::tag_sign1) r.fail(Error::unsupported);
    r.expect_array(4);
    if (!equal(r.bytes(), cose::es256_header)) r.fail(Error::unsupported);
    if (r.map() != 1) r.fail(Error::unsupported);
    CborKeyOrder().expect(r, cose::header_kid);
    out.kid = r.bytes();
    if (out.kid.size() != cose::kid_bytes) r.fail(Error::unsupported);
    if ((r.peek() == CborType::simple) != detached) r.fail(Error::unsupported);
    if (!detached) {
        out.payload = r.bytes();
    } else if (r.simple() != simple_null) {
        r.fail(Error::malformed);
    }
    r.bytes_into(out.signature);
    SB_TRY(r.finish());
    return out;
}

void hash_byte_string(Sha256& hash, Bytes content) {
    const std::size_t n = content.size();
    std::array<std::uint8_t, 3> head = {0x59, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
    std::size_t skip = 0;
    if (n < 24) {
        head[2] = static_cast<std::uint8_t>(0x40 | n);
        skip = 2;
    } else if (n < 256) {
        head[1] = 0x58;
        skip = 1;
    }
    hash.update(Bytes(head).subspan(skip));
    hash.update(content);
}

Result<void> verify_sign1(const Sign1& sign1, Bytes external_aad, Bytes payload, Crypto& crypto, KeyRing ring) {
    for (const TrustedKey& key : ring) {
        if (!equal(Bytes(key.hash).first(cose::kid_bytes), sign1.kid)) continue;
        Sha256 hash(crypto);
        hash.update(signature_context);
        hash_byte_string(hash, external_aad);
        hash_byte_string(hash, payload);
        if (!crypto.p256_verify(key.key, hash.digest(), sign1.signature)) return fail(Error::bad_signature);
        return {};
    }
    return fail(Error::unknown_key);
}

}  // namespace sb
