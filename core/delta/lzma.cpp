#include "core/delta/lzma.hpp"

#include <algorithm>
#include <new>

namespace sb {

Result<Progress> LzmaDecoder::decode(Bytes in, MutableBytes out) {
    Progress progress;
    while (!progress.done) {
        SB_TRY_ASSIGN(const bool more,
                      advance(in.subspan(progress.consumed), out.subspan(progress.produced), progress));
        if (!more) break;
    }
    payload_offset_ += static_cast<std::uint32_t>(progress.consumed);
    return progress;
}

/// One step into `progress`. False: nothing more can be done in this call, or a segment ended.
Result<bool> LzmaDecoder::advance(Bytes in, MutableBytes out, Progress& progress) {
    if (segments_.at_boundary()) {
        progress.done = image_left_ == 0;
        if (progress.done && !in.empty() && progress.consumed == 0) return fail(Error::trailing_data);
        if (progress.done || out.empty()) return false;  // a segment begins only when there is room for its output
    }
    SB_TRY_ASSIGN(const LzmaSegments::Step step, segments_.decode(in, std::min<std::size_t>(out.size(), image_left_)));
    copy(out, step.made);
    image_left_ -= static_cast<std::uint32_t>(step.made.size());
    progress.consumed += step.consumed;
    progress.produced += step.made.size();
    if (segments_.segment_left() > image_left_) return fail(Error::bad_patch);
    if (segments_.at_boundary()) {
        progress.done = image_left_ == 0;
        return false;
    }
    return step.consumed != 0 || !step.made.empty();
}

bool LzmaDecoder::checkpoint(Checkpoint& to) const {
    to = Checkpoint{};
    if (image_left_ == image_bytes_) return true;
    if (!segments_.at_boundary()) return false;
    to.payload_offset = payload_offset_;
    to.state[0] = segments_.dictionary_log2();
    return true;
}

Result<void> LzmaDecoder::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    if (output_bytes > image_bytes_) return fail(Error::malformed);
    payload_offset_ = from.payload_offset;
    image_left_ = image_bytes_ - output_bytes;
    if (from.payload_offset != 0) return segments_.restart(from.state[0]);
    if (output_bytes != 0) return fail(Error::malformed);
    segments_.reset();
    return {};
}

Decoder* make_lzma_decoder(DecoderStorage& at, const DecoderSetup& setup) {
    static_assert(sizeof(LzmaDecoder) <= DecoderStorage::size);
    return new (at.bytes.data()) LzmaDecoder(setup.image_bytes, setup.work.first(setup.decoder_ram_bytes));
}

}  // namespace sb
