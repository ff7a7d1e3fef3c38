#include "tools/diff/vcdiff_quick.hpp"

#include <algorithm>

namespace sb::diff {
namespace {

/// So many bytes are copied at once where both ends have room for them, also for fewer: most are.
constexpr std::uint32_t few_bytes = 16;

/// Takes a number of base 128 off the front.
inline Result<std::uint32_t> take_number(Bytes& from) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (value >> 25 != 0) return fail(Error::too_large);
        value = value << 7 | (from[i] & 0x7fU);
        if (from[i] >= 0x80) continue;
        from = from.subspan(i + 1);
        return value;
    }
    return fail(Error::malformed);
}

}  // namespace

VcdiffQuick::VcdiffQuick() {
    for (unsigned code = 0; code < table_.size(); ++code)
        table_[code] = vcdiff_instructions(static_cast<std::uint8_t>(code));
}

void VcdiffQuick::begin(const VcdiffWindow& window, Reader& source, std::uint8_t* target, const VcdiffSections& left,
                        bool interleaved) {
    near_ = {};
    same_ = {};
    next_near_ = 0;
    window_ = &window;
    source_ = &source;
    target_ = target;
    made_ = 0;
    codes_ = left[1];
    apart_data_ = left[0];
    apart_addresses_ = left[2];
    data_ = interleaved ? &codes_ : &apart_data_;
    addresses_ = interleaved ? &codes_ : &apart_addresses_;
}

Result<void> VcdiffQuick::make(std::uint32_t bytes) {
    const std::uint64_t enough = std::uint64_t{made_} + bytes;
    while (made_ < enough && !codes_.empty()) {
        const VcdiffPair pair = table_[codes_.front()];
        codes_ = codes_.subspan(1);
        SB_TRY(carry_out(pair.first));
        if (!pair.second.is(VcdiffType::none)) SB_TRY(carry_out(pair.second));
    }
    if (!codes_.empty()) return {};
    if (made_ != window_->target_bytes || !apart_data_.empty() || !apart_addresses_.empty())
        return fail(Error::malformed);
    return {};
}

inline Result<void> VcdiffQuick::carry_out(VcdiffInstruction instruction) {
    std::uint32_t bytes = instruction.bytes;
    if (bytes == 0) {
        SB_TRY_ASSIGN(bytes, take_number(codes_));
    }
    if (bytes > window_->target_bytes - made_) return fail(Error::bad_patch);
    if (instruction.is_copy()) return copy(instruction.mode(), bytes);
    return instruction.is(VcdiffType::add) ? add(bytes) : run(bytes);
}

inline Result<void> VcdiffQuick::add(std::uint32_t bytes) {
    if (bytes > data_->size()) return fail(Error::malformed);
    put(data_->data(), bytes, data_->size() >= few_bytes);
    *data_ = data_->subspan(bytes);
    return {};
}

inline Result<void> VcdiffQuick::run(std::uint32_t bytes) {
    if (data_->empty()) return fail(Error::malformed);
    if (bytes != 0) std::memset(target_ + made_, data_->front(), bytes);  // a target of no bytes may be nowhere
    *data_ = data_->subspan(1);
    made_ += bytes;
    return {};
}

inline Result<void> VcdiffQuick::copy(unsigned mode, std::uint32_t bytes) {
    SB_TRY_ASSIGN(const std::uint32_t from, address(mode));
    const std::uint32_t source_bytes = window_->source_bytes;
    if (from >= source_bytes) {
        copy_made(from - source_bytes, bytes);
        return {};
    }
    const std::uint32_t outside = std::min(bytes, source_bytes - from);
    SB_TRY(source_->read(window_->source_at + from, {target_ + made_, outside}));
    made_ += outside;
    if (bytes != outside) copy_made(0, bytes - outside);
    return {};
}

/// Takes the address that a copy is from, and remembers it.
inline Result<std::uint32_t> VcdiffQuick::address(unsigned mode) {
    const std::uint32_t here = window_->source_bytes + made_;
    if (addresses_->empty()) return fail(Error::malformed);
    std::uint32_t value = addresses_->front();
    if (mode >= vcdiff_mode_same) {
        *addresses_ = addresses_->subspan(1);
        value = same_[(mode - vcdiff_mode_same) * 256 + value];
    } else {
        SB_TRY_ASSIGN(value, take_number(*addresses_));
        if (mode == vcdiff_mode_here) {
            value = here - value;
        } else if (mode >= vcdiff_mode_near) {
            const std::uint32_t distance = value;
            value += near_[mode - vcdiff_mode_near];
            if (value < distance) return fail(Error::bad_patch);
        }
    }
    if (value >= here) return fail(Error::bad_patch);
    near_[next_near_++ % vcdiff_near] = value;
    same_[value % vcdiff_same_cells] = value;
    return value;
}

/// Copies what is made; it may be what this copy makes.
inline void VcdiffQuick::copy_made(std::uint32_t from, std::uint32_t bytes) {
    if (bytes <= made_ - from) {
        put(target_ + from, bytes, made_ - from >= few_bytes);
        return;
    }
    std::uint8_t* to = target_ + made_;
    for (const std::uint8_t* at = target_ + from; bytes != 0; --bytes, ++made_) *to++ = *at++;
}

/// `few_are_safe`: from `from` on few_bytes can be read, and none of them is what is being made.
inline void VcdiffQuick::put(const std::uint8_t* from, std::uint32_t bytes, bool few_are_safe) {
    if (bytes <= few_bytes && few_are_safe && window_->target_bytes - made_ >= few_bytes)
        std::memcpy(target_ + made_, from, few_bytes);
    else if (bytes != 0)
        std::memcpy(target_ + made_, from, bytes);
    made_ += bytes;
}

}  // namespace sb::diff
