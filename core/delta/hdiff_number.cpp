#include "core/delta/hdiff_number.hpp"

namespace sb {

Result<bool> HdiffNumber::take(std::uint8_t byte, unsigned tag_bits) {
    unsigned bits = 7;
    if (held_ == 0) {
        bits -= tag_bits;
        tag_ = static_cast<std::uint8_t>(byte >> (bits + 1));
        value_ = 0;
    }
    const unsigned more = 1U << bits;
    if (value_ >> 25 != 0) return fail(Error::too_large);
    value_ = value_ << 7 | (byte & (more - 1));
    if ((byte & more) == 0) {
        held_ = 0;
        return true;
    }
    if (++held_ == max_bytes) return fail(Error::malformed);
    return false;
}

Result<HdiffNumber> read_hdiff_number(Bytes from, std::uint32_t& at, unsigned tag_bits) {
    HdiffNumber number;
    while (at < from.size()) {
        SB_TRY_ASSIGN(const bool whole, number.take(from[at++], tag_bits));
        if (whole) return number;
    }
    return fail(Error::truncated);
}

}  // namespace sb
