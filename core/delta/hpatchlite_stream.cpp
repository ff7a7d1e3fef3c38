#include "core/delta/hpatchlite_stream.hpp"

#include <algorithm>
#include <type_traits>

namespace sb {

Error HpatchliteHeader::take(std::uint8_t byte) {
    head_[held_++] = byte;
    return held_ == wanted_ ? measure() : Error::none;
}

/// How long the header is, as far as its first bytes tell, and what it says once all are there.
Error HpatchliteHeader::measure() {
    constexpr unsigned plain_version = 1, in_place_version = 2;  // their streams are alike
    const unsigned version = head_[3] >> 6;
    if (head_[0] != 'h' || head_[1] != 'I') return Error::malformed;
    if (version != plain_version && version != in_place_version) return Error::unsupported;
    std::size_t at = 4;
    std::size_t extra_width = 0;  // of the memory that patching in place asks for, which nothing here needs
    if (version == in_place_version) {
        wanted_ = 5;
        if (held_ < wanted_) return Error::none;
        at = 5;
        extra_width = head_[4];
    }
    const std::size_t new_width = head_[3] & 7;
    const std::size_t plain_width = head_[3] >> 3 & 7;
    if (new_width > 4 || plain_width > 4 || extra_width > 4) return Error::too_large;
    const std::size_t dictionary_width = compression() == HpatchliteCompression::tinyuz ? 4 : 0;
    wanted_ = static_cast<std::uint8_t>(at + new_width + plain_width + extra_width + dictionary_width);
    whole_ = held_ == wanted_;
    new_bytes_ = field(at, new_width);
    plain_bytes_ = field(at + new_width, plain_width);
    dictionary_bytes_ = field(wanted_ - dictionary_width, dictionary_width);
    return Error::none;
}

std::uint32_t HpatchliteHeader::field(std::size_t at, std::size_t width) const {
    std::uint32_t value = 0;
    while (width-- != 0) value = value << 8 | head_[at + width];
    return value;
}

std::size_t HpatchliteStream::wanted(std::size_t room) const {
    if (state_.reads != Reads::bytes) return done() ? 0 : 1;
    if (state_.gap_left != 0) return std::min<std::size_t>(room, state_.gap_left);
    return unchanged() ? 0 : std::min<std::size_t>(room, state_.cover_left);
}

Result<HpatchliteStream::Step> HpatchliteStream::decode(Bytes in, MutableBytes out) {
    Step step;
    Error error = Error::none;
    while (!done()) {
        if (state_.reads != Reads::bytes) {
            if (step.consumed == in.size()) break;
            error = take_byte(in[step.consumed++]);
        } else {
            const bool has_input = state_.gap_left != 0 || !unchanged();
            std::size_t count = std::min<std::size_t>(state_.gap_left != 0 ? state_.gap_left : state_.cover_left,
                                                      out.size() - step.produced);
            if (has_input) count = std::min(count, in.size() - step.consumed);
            if (count == 0) break;
            error = make(out.subspan(step.produced, count), has_input ? in.data() + step.consumed : nullptr);
            step.produced += count;
            if (has_input) step.consumed += count;
        }
        if (error == Error::none && state_.reads == Reads::bytes && (state_.gap_left | state_.cover_left) == 0)
            error = end_cover();
        if (error != Error::none) return fail(error);
    }
    return step;
}

/// Makes bytes of the gap or of the cover; `added` is as long as `out`, or null where the old bytes did not change.
Error HpatchliteStream::make(MutableBytes out, const std::uint8_t* added) {
    const auto count = static_cast<std::uint32_t>(out.size());
    image_left_ -= count;
    if (state_.gap_left != 0) {
        state_.gap_left -= count;
        std::memcpy(out.data(), added, count);
        return Error::none;
    }
    if (const auto read = old_->read(state_.old_at, out); !read) return read.error();
    state_.cover_left -= count;
    state_.old_at += count;
    if (added != nullptr)
        for (std::uint32_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(out[i] + added[i]);
    return Error::none;
}

/// A byte of a number: 7 bits, the high ones first, and a bit that says whether more follow. The first one of a place
/// has two flags besides and only 5 bits.
Error HpatchliteStream::take_byte(std::uint32_t byte) {
    std::uint32_t more = byte & 0x80;
    if (state_.reads == Reads::place) {
        state_.flags = static_cast<std::uint8_t>(byte);
        state_.number = byte & 0x1f;
        more = byte & 0x20;
        state_.reads = Reads::far_place;
    } else {
        if (state_.number >> 25 != 0) return Error::too_large;
        state_.number = state_.number << 7 | (byte & 0x7f);
    }
    if (more != 0) return Error::none;
    const std::uint32_t number = state_.number;
    state_.number = 0;
    return end_number(number);
}

Error HpatchliteStream::end_number(std::uint32_t number) {
    if (state_.reads == Reads::count) {
        state_.covers_left = number + 1;
        return end_cover();
    }
    if (state_.reads == Reads::length) {
        if (number == 0 && state_.covers_left != 1) return Error::bad_patch;
        state_.cover_left = number;
        state_.reads = Reads::place;
    } else if (state_.reads == Reads::far_place) {
        state_.old_at += (state_.flags & 0x40) != 0 ? 0U - number : number;
        state_.reads = Reads::gap;
    } else {
        state_.gap_left = number;
        const std::uint32_t old_bytes = old_->bytes();
        if (state_.gap_left > image_left_ || state_.cover_left > image_left_ - state_.gap_left) return Error::bad_patch;
        if (state_.cover_left != 0 && (state_.old_at > old_bytes || state_.cover_left > old_bytes - state_.old_at))
            return Error::bad_patch;
        state_.reads = Reads::bytes;
    }
    return Error::none;
}

Error HpatchliteStream::end_cover() {
    state_.reads = Reads::length;
    if (--state_.covers_left != 0) return Error::none;
    state_.reads = Reads::nothing;
    return image_left_ == 0 ? Error::none : Error::bad_patch;
}

void HpatchliteStream::save(Checkpoint& to) const {
    static_assert(sizeof(State) <= sizeof(to.state) && std::is_trivially_copyable_v<State>);
    std::memcpy(to.state.data(), &state_, sizeof(State));
}

Result<void> HpatchliteStream::restore(const Checkpoint& from, std::uint32_t image_left) {
    image_left_ = image_left;
    std::memcpy(&state_, from.state.data(), sizeof(State));
    const bool fits = state_.gap_left <= image_left && state_.cover_left <= image_left - state_.gap_left;
    return fits && state_.reads <= Reads::nothing ? Result<void>{} : fail(Error::malformed);
}

}  // namespace sb
