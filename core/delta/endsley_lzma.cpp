#include "core/delta/endsley_lzma.hpp"

#include <new>

namespace sb {

Result<Progress> EndsleyLzmaDecoder::decode(Bytes in, MutableBytes out) {
    Progress progress;
    if (!header_.whole()) {
        SB_TRY_ASSIGN(progress.consumed, header_.take(in, image_bytes_));
    }
    while (header_.whole()) {
        SB_TRY_ASSIGN(const bool more,
                      advance(in.subspan(progress.consumed), out.subspan(progress.produced), progress));
        if (!more) break;
    }
    payload_offset_ += static_cast<std::uint32_t>(progress.consumed);
    return progress;
}

/// One step into `progress`. False: nothing more can be done in this call, or a segment ended.
Result<bool> EndsleyLzmaDecoder::advance(Bytes in, MutableBytes out, Progress& progress) {
    if (segments_.at_boundary()) {
        progress.done = stream_.done();
        if (progress.done && !in.empty() && progress.consumed == 0) return fail(Error::trailing_data);
        if (progress.done || out.empty()) return false;  // a segment begins only when there is room for its output
    }
    SB_TRY_ASSIGN(const LzmaSegments::Step step, segments_.decode(in, stream_.wanted(out.size())));
    SB_TRY_ASSIGN(const EndsleyStream::Step made, stream_.decode(step.made, out));
    progress.consumed += step.consumed;
    progress.produced += made.produced;
    if (stream_.done() && segments_.segment_left() != 0) return fail(Error::bad_patch);
    if (segments_.at_boundary()) {
        progress.done = stream_.done();
        if (stream_.triple_held() != 0) return fail(Error::bad_patch);  // a triple stands in one segment
        return false;
    }
    return step.consumed != 0 || !step.made.empty();
}

bool EndsleyLzmaDecoder::checkpoint(Checkpoint& to) const {
    to = Checkpoint{};
    if (stream_.image_left() == image_bytes_) return true;
    if (!segments_.at_boundary()) return false;
    to.payload_offset = payload_offset_;
    stream_.save(to.state);
    to.state[EndsleyStream::state_bytes] = segments_.dictionary_log2();
    return true;
}

Result<void> EndsleyLzmaDecoder::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    if (output_bytes > image_bytes_) return fail(Error::malformed);
    const bool begun = from.payload_offset > endsley_header_bytes;
    if (!begun && (from.payload_offset != 0 || output_bytes != 0)) return fail(Error::malformed);
    header_.set(begun);
    payload_offset_ = from.payload_offset;
    SB_TRY(stream_.restore(from.state, image_bytes_ - output_bytes));
    if (begun) return segments_.restart(from.state[EndsleyStream::state_bytes]);
    segments_.reset();
    return {};
}

Decoder* make_endsley_lzma_decoder(DecoderStorage& at, const DecoderSetup& setup) {
    static_assert(sizeof(EndsleyLzmaDecoder) <= DecoderStorage::size);
    return new (at.bytes.data())
        EndsleyLzmaDecoder(setup.image_bytes, *setup.old_image, setup.work.first(setup.decoder_ram_bytes));
}

}  // namespace sb
