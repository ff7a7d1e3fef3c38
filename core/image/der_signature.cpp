#include "core/image/der_signature.hpp"

namespace sb {

namespace {

constexpr std::uint8_t tag_integer = 0x02;
constexpr std::uint8_t tag_sequence = 0x30;

// Takes one INTEGER from the front of `der` into the 32 bytes of `out`, right-aligned.
bool take_integer(Bytes& der, MutableBytes out) {
    if (der.size() < 3 || der[0] != tag_integer) return false;
    std::size_t length = der[1];
    if (length == 0 || length > der.size() - 2) return false;
    Bytes value = der.subspan(2, length);
    der = der.subspan(2 + length);
    if (value[0] >= 0x80) return false;  // negative
    if (value[0] == 0) {                 // only to keep the next bit from being a sign
        if (length == 1 || value[1] < 0x80) return false;
        value = value.subspan(1);
        --length;
    }
    if (length > out.size()) return false;
    std::memset(out.data(), 0, out.size() - length);
    copy(out.subspan(out.size() - length), value);
    return true;
}

}  // namespace

bool parse_der_signature(Bytes der, Signature& to) {
    const MutableBytes out = to;
    if (der.size() < 2 || der.size() > max_der_signature_bytes || der[0] != tag_sequence || der[1] != der.size() - 2)
        return false;
    der = der.subspan(2);
    return take_integer(der, out.first(32)) && take_integer(der, out.subspan(32)) && der.empty();
}

}  // namespace sb
