#include "core/delta/raw.hpp"

#include <algorithm>
#include <new>

namespace sb {

Result<Progress> RawDecoder::decode(Bytes in, MutableBytes out) {
    const std::uint32_t left = image_bytes_ - made_;
    if (left == 0 && !in.empty()) return fail(Error::trailing_data);
    const std::size_t count = std::min({in.size(), out.size(), std::size_t{left}});
    copy(out, in.first(count));
    made_ += static_cast<std::uint32_t>(count);
    return Progress{count, count, made_ == image_bytes_};
}

bool RawDecoder::checkpoint(Checkpoint& to) const {
    to = Checkpoint{};
    to.payload_offset = made_;
    return true;
}

Result<void> RawDecoder::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    if (from.payload_offset != output_bytes || output_bytes > image_bytes_) return fail(Error::malformed);
    made_ = output_bytes;
    return {};
}

Decoder* make_raw_decoder(DecoderStorage& at, const DecoderSetup& setup) {
    static_assert(sizeof(RawDecoder) <= DecoderStorage::size);
    return new (at.bytes.data()) RawDecoder(setup.image_bytes);
}

}  // namespace sb
