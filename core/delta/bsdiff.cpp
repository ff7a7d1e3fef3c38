#include "core/delta/bsdiff.hpp"

namespace sb {
namespace {

/// bsdiff itself never writes two in a row; a patch of nothing else would never end.
constexpr std::uint32_t max_idle_triples = 64;
/// Far outside of any old image, and far from overflow.
constexpr std::int64_t max_distance = std::int64_t{1} << 40;

}  // namespace

Result<BsdiffHeader> parse_bsdiff_header(Bytes header) {
    if (header.size() < bsdiff_header_bytes || !equal(header.first(bsdiff_magic.size()), bsdiff_magic))
        return fail(Error::malformed);
    std::uint32_t sizes[3];
    for (std::size_t i = 0; i < 3; ++i) {
        SB_TRY_ASSIGN(const SignedMagnitude size, load_signed_magnitude(header.subspan(8 + 8 * i, 8)));
        if (size.negative) return fail(Error::malformed);
        sizes[i] = size.magnitude;
    }
    return BsdiffHeader{sizes[0], sizes[1], sizes[2]};
}

Result<std::size_t> BsdiffDecoder::produce(MutableBytes out) {
    std::size_t made = 0;
    while (made < out.size() && left_ != 0) {
        const MutableBytes room = out.subspan(made);
        std::size_t count = 0;
        if (diff_left_ != 0) {
            SB_TRY_ASSIGN(count, add_to_old(room));
        } else if (extra_left_ != 0) {
            SB_TRY_ASSIGN(count, take_extra(room));
        } else {
            SB_TRY(next_triple());
        }
        left_ -= static_cast<std::uint32_t>(count);
        made += count;
    }
    if (made == 0 && !out.empty()) SB_TRY(end());
    return made;
}

Result<void> BsdiffDecoder::next_triple() {
    std::array<std::uint8_t, bsdiff_triple_bytes> bytes;
    SB_TRY(read_exactly(parts_.control, bytes));
    SB_TRY_ASSIGN(const SignedMagnitude diff, load_signed_magnitude(Bytes(bytes).first(8)));
    SB_TRY_ASSIGN(const SignedMagnitude extra, load_signed_magnitude(Bytes(bytes).subspan(8, 8)));
    SB_TRY_ASSIGN(const SignedMagnitude seek, load_signed_magnitude(Bytes(bytes).subspan(16, 8)));
    if (diff.negative || extra.negative) return fail(Error::bad_patch);
    if (diff.magnitude > left_ || extra.magnitude > left_ - diff.magnitude) return fail(Error::bad_patch);
    idle_triples_ = (diff.magnitude | extra.magnitude) == 0 ? idle_triples_ + 1 : 0;
    if (idle_triples_ > max_idle_triples) return fail(Error::bad_patch);
    old_at_ += seek_;
    if (old_at_ > max_distance || old_at_ < -max_distance) return fail(Error::bad_patch);
    diff_left_ = diff.magnitude;
    extra_left_ = extra.magnitude;
    seek_ = seek.negative ? -std::int64_t{seek.magnitude} : std::int64_t{seek.magnitude};
    return {};
}

Result<std::size_t> BsdiffDecoder::add_to_old(MutableBytes out) {
    const std::size_t count = std::min<std::size_t>({out.size(), diff_left_, work_.size()});
    SB_TRY(read_exactly(parts_.diff, out.first(count)));
    const std::int64_t old_bytes = old_.bytes();
    const std::int64_t from = std::clamp<std::int64_t>(old_at_, 0, old_bytes);
    const std::int64_t to = std::clamp<std::int64_t>(old_at_ + static_cast<std::int64_t>(count), 0, old_bytes);
    if (from < to) {
        const MutableBytes inside = work_.first(static_cast<std::size_t>(to - from));
        SB_TRY(old_.read(static_cast<std::uint32_t>(from), inside));
        std::uint8_t* const made = out.data() + (from - old_at_);
        for (std::size_t i = 0; i < inside.size(); ++i) made[i] = static_cast<std::uint8_t>(made[i] + inside[i]);
    }
    old_at_ += static_cast<std::int64_t>(count);
    diff_left_ -= static_cast<std::uint32_t>(count);
    return count;
}

Result<std::size_t> BsdiffDecoder::take_extra(MutableBytes out) {
    const std::size_t count = std::min<std::size_t>(out.size(), extra_left_);
    SB_TRY(read_exactly(parts_.extra, out.first(count)));
    extra_left_ -= static_cast<std::uint32_t>(count);
    return count;
}

/// Reads each part to its end, so that what unpacks it can check the whole.
Result<void> BsdiffDecoder::end() const {
    for (ByteStream* part : {&parts_.control, &parts_.diff, &parts_.extra}) {
        std::uint8_t beyond = 0;
        SB_TRY_ASSIGN(const std::size_t count, part->read({&beyond, 1}));
        if (count != 0) return fail(Error::trailing_data);
    }
    return {};
}

}  // namespace sb
