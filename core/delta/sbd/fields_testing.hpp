// core/delta/sbd: what the tests of address fields share: an image that remembers where it was read.
#pragma once

#include <algorithm>
#include <vector>

#include "core/delta/sbd/fields_a64.hpp"
#include "core/delta/sbd/fields_avr.hpp"
#include "core/delta/sbd/fields_riscv.hpp"
#include "core/delta/sbd/fields_tc32.hpp"
#include "core/delta/sbd/fields_thumb.hpp"
#include "core/delta/sbd/fields_xtensa.hpp"

namespace sb::sbd::fields_test {

/// An image to read from, which remembers how far around it was read.
class Image {
public:
    explicit Image(std::size_t bytes) : bytes_(bytes) {}
    std::uint8_t byte(std::uint32_t at) {
        lowest_ = std::min<std::int64_t>(lowest_, static_cast<std::int32_t>(at));
        highest_ = std::max<std::int64_t>(highest_, static_cast<std::int32_t>(at));
        return at < bytes_.size() ? bytes_[at] : 0;
    }
    std::uint32_t word(std::uint32_t at) {
        std::uint32_t value = 0;
        for (std::uint32_t k = 0; k < 4; ++k) value |= std::uint32_t{byte(at + k)} << (8 * k);
        return value;
    }
    void put(std::uint32_t at, std::uint64_t value, std::uint32_t bytes) {
        for (std::uint32_t k = 0; k < bytes && at + k < bytes_.size(); ++k)
            bytes_[at + k] = static_cast<std::uint8_t>(value >> (8 * k));
    }
    void forget_reads() { lowest_ = 1 << 30, highest_ = -1; }
    [[nodiscard]] std::int64_t lowest_read() const { return lowest_; }
    [[nodiscard]] std::int64_t highest_read() const { return highest_; }

private:
    std::vector<std::uint8_t> bytes_;
    std::int64_t lowest_ = 0;
    std::int64_t highest_ = 0;
};

using Segments = std::vector<LoadSegment>;

/// Both images loaded alike.
inline Spaces loaded(const Segments& segments, std::uint32_t image_bytes) {
    Spaces spaces;
    spaces.of = {AddressSpace(segments), AddressSpace(segments)};
    spaces.image_bytes = {image_bytes, image_bytes};
    spaces.ram_address = 0x20000000;
    spaces.ram_bytes = 0x10000;
    return spaces;
}

inline std::uint64_t raw_at(Image& image, std::uint32_t at) {
    return image.word(at) | static_cast<std::uint64_t>(image.word(at + 4)) << 32;
}
inline std::uint64_t low_bytes(std::uint64_t value, std::uint32_t bytes) {
    return bytes >= 8 ? value : value & ((std::uint64_t{1} << 8 * bytes) - 1);
}

/// With all kinds of fields, also those that are left out because they do not pay.
using AllThumb = ThumbFields<0xffffffff>;
using AllA64 = A64Fields<0xffffffff>;
using AllXtensa = XtensaFields<0xffffffff>;
using AllRiscV = RiscVFields<0xffffffff>;
using AllAvr = AvrFields<0xffffffff>;

}  // namespace sb::sbd::fields_test
