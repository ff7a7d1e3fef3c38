#include "core/delta/vcdiff_interpreter.hpp"

#include <algorithm>

namespace sb {
namespace {

/// Hosts have room for code that is only quicker.
constexpr bool quick = __STDC_HOSTED__ == 1;

}  // namespace

void VcdiffInterpreter::begin(const VcdiffWindow& window, Reader& source, std::uint8_t* target) {
    cache_.clear();
    window_ = &window;
    source_ = &source;
    target_ = target;
    made_ = 0;
    number_ = {};
    step_ = Step::code;
}

VcdiffSection VcdiffInterpreter::wants() const {
    if (step_ <= Step::size) return VcdiffSection::instructions;
    return step_ == Step::address ? VcdiffSection::addresses : VcdiffSection::data;
}

Result<void> VcdiffInterpreter::take(Bytes& from) {
    if (step_ == Step::data) return take_data(from);
    const std::uint8_t byte = from[0];
    from = from.subspan(1);
    if (step_ == Step::code) {
        to_come_ = vcdiff_instructions(byte);
        return go_on();
    }
    std::uint32_t value = byte;  // one of the "same" modes is not a number
    if (step_ == Step::size || now_.mode() < vcdiff_mode_same) {
        SB_TRY_ASSIGN(const bool whole, number_.take(byte));
        if (!whole) return {};
        value = number_.whole_value();
    }
    if (step_ == Step::address) return copy_from(value);
    size_ = value;
    return go_on();
}

/// Goes on where the size is known, or else to the next instruction, up to where a byte is needed: at most twice
/// round, since only the first instruction of a code may be an addition of nothing.
Result<void> VcdiffInterpreter::go_on() {
    for (;;) {
        if (step_ == Step::code) {
            now_ = to_come_.first;
            to_come_ = {to_come_.second, {}};
            size_ = now_.bytes;
            if (now_.is(VcdiffType::none)) return {};
            step_ = Step::size;
            if (size_ == 0) return {};
        }
        if (size_ > window_->target_bytes - made_) return fail(Error::bad_patch);
        step_ = now_.is_copy() ? Step::address : Step::data;
        if (size_ != 0 || !now_.is(VcdiffType::add)) return {};
        step_ = Step::code;
    }
}

inline Result<void> VcdiffInterpreter::take_data(Bytes& from) {
    std::size_t used = 1;
    std::size_t bytes = size_;
    if (now_.is(VcdiffType::run)) {
        if (bytes != 0) std::memset(target_ + made_, from[0], bytes);  // a target of no bytes may be nowhere
    } else {
        used = bytes = std::min(from.size(), bytes);
        std::memcpy(target_ + made_, from.data(), used);
    }
    from = from.subspan(used);
    tell(0, static_cast<std::uint32_t>(bytes));
    if (size_ != 0) return {};
    step_ = Step::code;
    return go_on();
}

inline Result<void> VcdiffInterpreter::copy_from(std::uint32_t value) {
    const std::uint32_t source_bytes = window_->source_bytes;
    SB_TRY(cache_.take(now_.mode(), value, source_bytes + made_));
    std::uint32_t address = cache_.latest();
    if (address < source_bytes) {
        const std::uint32_t outside = std::min(size_, source_bytes - address);
        SB_TRY(source_->read(window_->source_at + address, {target_ + made_, outside}));
        tell(address, outside);
        address += outside;
    }
    // what is copied may be what this copy makes: byte by byte
    const std::uint32_t count = size_;
    std::uint8_t* const target = target_;
    std::uint32_t from = address - source_bytes;
    if (quick && count <= made_ - from) {
        if (count != 0) std::memcpy(target + made_, target + from, count);
    } else {
        for (std::uint32_t to = made_; to < made_ + count; ++to, ++from) target[to] = target[from];
    }
    tell(address, count);
    step_ = Step::code;
    return go_on();
}

/// `bytes` more of the instruction are made.
void VcdiffInterpreter::tell(std::uint32_t address, std::uint32_t bytes) {
    if (listener_ != nullptr) listener_->made(now_, made_, address, bytes);
    made_ += bytes;
    size_ -= bytes;
}

Result<void> run_vcdiff_sections(VcdiffInterpreter& interpreter, VcdiffSections& sections) {
    while (!interpreter.between() || !sections[1].empty()) {
        Bytes& section = sections[static_cast<unsigned>(interpreter.wants())];
        if (section.empty()) return fail(Error::malformed);
        SB_TRY(interpreter.take(section));
    }
    if (!interpreter.full() || !sections[0].empty() || !sections[2].empty()) return fail(Error::malformed);
    return {};
}

}  // namespace sb
