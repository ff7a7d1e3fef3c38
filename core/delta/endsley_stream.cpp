#include "core/delta/endsley_stream.hpp"

#include <algorithm>

namespace sb {

Result<SignedMagnitude> load_signed_magnitude(Bytes from) {
    const auto high = load_le<std::uint32_t>(from, 4);
    if ((high & 0x7fffffffU) != 0) return fail(Error::too_large);
    return SignedMagnitude{load_le<std::uint32_t>(from), high != 0};
}

Result<std::uint32_t> parse_endsley_header(Bytes header) {
    if (!equal(header.first(endsley_magic.size()), endsley_magic)) return fail(Error::malformed);
    SB_TRY_ASSIGN(const SignedMagnitude size, load_signed_magnitude(header.subspan(endsley_magic.size(), 8)));
    if (size.negative) return fail(Error::malformed);
    return size.magnitude;
}

Result<std::size_t> EndsleyHeader::take(Bytes in, std::uint32_t image_bytes) {
    std::size_t used = 0;
    for (; used < in.size() && !whole(); ++used, ++seen_) {
        std::uint8_t expected = 0;  // the upper half of the size
        if (seen_ < 16)
            expected = endsley_magic[seen_];
        else if (seen_ < 20)
            expected = static_cast<std::uint8_t>(image_bytes >> (seen_ - 16) * 8);
        if (in[used] != expected) return fail(Error::malformed);
    }
    return used;
}

std::size_t EndsleyStream::wanted(std::size_t room) const {
    if (done()) return 0;
    if (diff_left_ != 0) return std::min<std::size_t>(room, diff_left_);
    if (extra_left_ != 0) return std::min<std::size_t>(room, extra_left_);
    return endsley_triple_bytes - held_;
}

Result<EndsleyStream::Step> EndsleyStream::decode(Bytes in, MutableBytes out) {
    Step step;
    for (;;) {
        const std::size_t count = std::min(in.size(), wanted(out.size()));
        if (count == 0) return step;
        std::size_t used = count;
        if (diff_left_ != 0 || extra_left_ != 0) {
            if (diff_left_ != 0) {
                SB_TRY_ASSIGN(used, add_to_old(in.first(count), out));
            } else {
                copy(out, in.first(count));
                extra_left_ -= static_cast<std::uint32_t>(count);
            }
            image_left_ -= static_cast<std::uint32_t>(used);
            out = out.subspan(used);
            step.produced += used;
        } else {
            copy(MutableBytes(triple_).subspan(held_), in.first(count));
            held_ += static_cast<std::uint32_t>(count);
            if (held_ == endsley_triple_bytes) SB_TRY(begin_triple());
        }
        in = in.subspan(used);
        step.consumed += used;
    }
}

Result<void> EndsleyStream::begin_triple() {
    SB_TRY_ASSIGN(const SignedMagnitude diff, load_signed_magnitude(Bytes(triple_).first(8)));
    SB_TRY_ASSIGN(const SignedMagnitude extra, load_signed_magnitude(Bytes(triple_).subspan(8, 8)));
    SB_TRY_ASSIGN(const SignedMagnitude seek, load_signed_magnitude(Bytes(triple_).subspan(16, 8)));
    if (diff.negative || extra.negative) return fail(Error::bad_patch);
    if (diff.magnitude > image_left_ || extra.magnitude > image_left_ - diff.magnitude) return fail(Error::bad_patch);
    held_ = 0;
    diff_left_ = diff.magnitude;
    extra_left_ = extra.magnitude;
    seek_ = seek.negative ? 0U - seek.magnitude : seek.magnitude;
    if (diff_left_ == 0) old_position_ += seek_;
    return {};
}

/// Adds diff bytes to the old image's, as many as stand on one side of the old image's edge.
Result<std::size_t> EndsleyStream::add_to_old(Bytes diff, MutableBytes out) {
    const std::uint32_t old_bytes = old_->bytes();
    const bool inside = old_position_ < old_bytes;
    const std::uint32_t run = inside ? old_bytes - old_position_ : 0U - old_position_;
    // only an empty old image at position 0 gives a run of 0: its outside is everywhere
    const auto count = static_cast<std::uint32_t>(run == 0 ? diff.size() : std::min<std::size_t>(diff.size(), run));
    if (inside) {
        SB_TRY(old_->read(old_position_, out.first(count)));
        for (std::uint32_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(out[i] + diff[i]);
    } else {
        copy(out, diff.first(count));
    }
    old_position_ += count;
    diff_left_ -= count;
    if (diff_left_ == 0) old_position_ += seek_;
    return std::size_t{count};
}

void EndsleyStream::save(MutableBytes to) const {
    store_le(to, 0, old_position_);
    store_le(to, 4, diff_left_);
    store_le(to, 8, extra_left_);
    store_le(to, 12, diff_left_ != 0 ? seek_ : 0U);
}

Result<void> EndsleyStream::restore(Bytes from, std::uint32_t image_left) {
    image_left_ = image_left;
    held_ = 0;
    old_position_ = load_le<std::uint32_t>(from, 0);
    diff_left_ = load_le<std::uint32_t>(from, 4);
    extra_left_ = load_le<std::uint32_t>(from, 8);
    seek_ = load_le<std::uint32_t>(from, 12);
    if (diff_left_ > image_left || extra_left_ > image_left - diff_left_) return fail(Error::malformed);
    return {};
}

}  // namespace sb
