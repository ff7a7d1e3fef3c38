#include "core/delta/endsley.hpp"

#include <new>

namespace sb {

Result<Progress> EndsleyDecoder::decode(Bytes in, MutableBytes out) {
    Progress progress;
    if (!header_.whole()) {
        SB_TRY_ASSIGN(progress.consumed, header_.take(in, image_bytes_));
    } else if (stream_.done() && !in.empty()) {
        return fail(Error::trailing_data);
    }
    if (header_.whole()) {
        SB_TRY_ASSIGN(const EndsleyStream::Step step, stream_.decode(in.subspan(progress.consumed), out));
        progress.consumed += step.consumed;
        progress.produced = step.produced;
        progress.done = stream_.done();
    }
    payload_offset_ += static_cast<std::uint32_t>(progress.consumed);
    return progress;
}

bool EndsleyDecoder::checkpoint(Checkpoint& to) const {
    to = Checkpoint{};
    if (!header_.whole()) return true;
    to.payload_offset = payload_offset_ - stream_.triple_held();
    stream_.save(to.state);
    return true;
}

Result<void> EndsleyDecoder::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    if (output_bytes > image_bytes_) return fail(Error::malformed);
    const bool whole = from.payload_offset >= endsley_header_bytes;
    if (!whole && (from.payload_offset != 0 || output_bytes != 0)) return fail(Error::malformed);
    header_.set(whole);
    payload_offset_ = from.payload_offset;
    return stream_.restore(from.state, image_bytes_ - output_bytes);
}

Decoder* make_endsley_decoder(DecoderStorage& at, const DecoderSetup& setup) {
    static_assert(sizeof(EndsleyDecoder) <= DecoderStorage::size);
    return new (at.bytes.data()) EndsleyDecoder(setup.image_bytes, *setup.old_image);
}

}  // namespace sb
