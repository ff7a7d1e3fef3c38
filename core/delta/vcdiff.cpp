#include "core/delta/vcdiff.hpp"

#include <algorithm>
#include <new>

namespace sb {

VcdiffDecoder::VcdiffDecoder(std::uint32_t image_bytes, Reader& old_image, MutableBytes work)
    : old_(&old_image),
      memory_(work.subspan(std::min<std::size_t>(work.size(), vcdiff_small_cache_bytes))),
      interpreter_(work.first(work.size() - memory_.size())),
      image_bytes_(image_bytes),
      image_left_(image_bytes) {}

Result<Progress> VcdiffDecoder::decode(Bytes in, MutableBytes out) {
    Bytes left = in;
    if (phase_ == Phase::ended && !in.empty()) return fail(Error::trailing_data);
    while (phase_ < Phase::output && !left.empty()) SB_TRY(take(left));
    Progress progress;
    // not beyond the window's end: there is a checkpoint
    if (phase_ == Phase::output) progress.produced = give(out);
    progress.consumed = in.size() - left.size();
    progress.done = phase_ == Phase::ended;
    payload_offset_ += static_cast<std::uint32_t>(progress.consumed);
    return progress;
}

/// Takes some of `in`, which is not empty.
inline Result<void> VcdiffDecoder::take(Bytes& in) {
    if (phase_ == Phase::sections) return take_section(in);
    const bool in_window = phase_ == Phase::window_header;
    SB_TRY_ASSIGN(const bool whole, in_window ? window_header_.take(in[0]) : header_.take(in[0]));
    in = in.subspan(1);
    if (!whole) return {};
    if (in_window) return begin_window();
    expect_window();
    return {};
}

inline Result<void> VcdiffDecoder::begin_window() {
    const VcdiffWindow& window = window_header_.window();
    if ((window.packed | (window.indicator & vcdiff_from_target)) != 0) return fail(Error::unsupported);
    if (window.target_bytes > image_left_ || window.source_at + window.source_bytes > old_->bytes())
        return fail(Error::bad_patch);
    sections_left_ = window.sections_bytes();
    const std::uint32_t gathered = window_header_.interleaved() ? 0 : sections_left_;
    if (window.target_bytes > memory_.size() || gathered > memory_.size() - window.target_bytes)
        return fail(Error::too_large);
    target_ = memory_.first(window.target_bytes);
    gathered_ = memory_.data() + window.target_bytes;
    interpreter_.begin(window, *old_, target_.data());
    phase_ = Phase::sections;
    return sections_left_ == 0 ? end_window() : Result<void>{};
}

inline Result<void> VcdiffDecoder::take_section(Bytes& in) {
    Bytes part = in.first(std::min<std::size_t>(in.size(), sections_left_));
    std::size_t used = part.size();
    if (window_header_.interleaved()) {
        SB_TRY(interpreter_.take(part));
        used -= part.size();
    } else {
        std::memcpy(gathered_, part.data(), used);
        gathered_ += used;
    }
    in = in.subspan(used);
    sections_left_ -= static_cast<std::uint32_t>(used);
    return sections_left_ == 0 ? end_window() : Result<void>{};
}

Result<void> VcdiffDecoder::end_window() {
    VcdiffSections sections;
    if (!window_header_.interleaved()) {
        const std::uint8_t* at = target_.data() + target_.size();
        for (std::size_t i = 0; i < vcdiff_sections; ++i) {
            sections[i] = {at, window_header_.window().section_bytes[i]};
            at += sections[i].size();
        }
    }
    SB_TRY(run_vcdiff_sections(interpreter_, sections));
    if (!window_header_.accepts(target_)) return fail(Error::bad_patch);
    phase_ = Phase::output;
    return {};
}

inline std::size_t VcdiffDecoder::give(MutableBytes out) {
    const std::size_t count = std::min(target_.size(), out.size());
    copy(out, target_.first(count));
    image_left_ -= static_cast<std::uint32_t>(count);
    target_ = target_.subspan(count);
    if (target_.empty()) expect_window();
    return count;
}

void VcdiffDecoder::expect_window() {
    window_header_.begin(header_.version());
    phase_ = image_left_ == 0 ? Phase::ended : Phase::window_header;
}

bool VcdiffDecoder::checkpoint(Checkpoint& to) const {
    to = Checkpoint{};
    if (phase_ == Phase::header) return payload_offset_ == 0;
    const bool at_window = phase_ == Phase::window_header && window_header_.at_start();
    if (!at_window && phase_ != Phase::ended) return false;
    to.payload_offset = payload_offset_;
    to.state[0] = header_.version();
    return true;
}

Result<void> VcdiffDecoder::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    if (output_bytes > image_bytes_ || (from.payload_offset == 0 && output_bytes != 0)) return fail(Error::malformed);
    const std::uint8_t version = from.state[0];
    if (version != vcdiff_version_rfc && version != vcdiff_version_open) return fail(Error::malformed);
    payload_offset_ = from.payload_offset;
    image_left_ = image_bytes_ - output_bytes;
    header_ = {};
    header_.set_version(version);
    expect_window();
    if (payload_offset_ == 0) phase_ = Phase::header;
    return {};
}

Decoder* make_vcdiff_decoder(DecoderStorage& at, const DecoderSetup& setup) {
    static_assert(sizeof(VcdiffDecoder) <= DecoderStorage::size);
    return new (at.bytes.data())
        VcdiffDecoder(setup.image_bytes, *setup.old_image, setup.work.first(setup.decoder_ram_bytes));
}

}  // namespace sb
