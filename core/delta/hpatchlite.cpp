#include "core/delta/hpatchlite.hpp"

#include <algorithm>
#include <new>

namespace sb {

Result<Progress> HpatchliteDecoder::decode(Bytes in, MutableBytes out) {
    if (done_ && !in.empty()) return fail(Error::trailing_data);
    Progress progress;
    while (!header_.whole() && progress.consumed < in.size()) {
        Error error = header_.take(in[progress.consumed++]);
        if (header_.whole()) error = begin();
        if (error != Error::none) return fail(error);
    }
    for (bool more = header_.whole(); more;) {
        Bytes plain = in.subspan(progress.consumed);
        const MutableBytes room = out.subspan(progress.produced);
        if (packed_) {
            SB_TRY_ASSIGN(const Tinyuz::Step step, tinyuz_.decode(plain, stream_.wanted(room.size())));
            progress.consumed += step.consumed;
            plain = step.made;
            plain_left_ -= static_cast<std::uint32_t>(plain.size());
        }
        SB_TRY_ASSIGN(const HpatchliteStream::Step made, stream_.decode(plain, room));
        progress.produced += made.produced;
        if (!packed_) progress.consumed += made.consumed;
        if (packed_ && !ends_well()) return fail(Error::bad_patch);
        more = made.consumed + made.produced != 0;
    }
    done_ = stream_.done() && (!packed_ || tinyuz_.ended());
    progress.done = done_;
    payload_offset_ += static_cast<std::uint32_t>(progress.consumed);
    return progress;
}

/// Whether what is unpacked can still be, or is, exactly what the stream needs and the header announced.
bool HpatchliteDecoder::ends_well() const {
    if (tinyuz_.ended()) return plain_left_ == 0 && stream_.wanted(1) == 0;
    return !stream_.done() || !tinyuz_.has_more();
}

Error HpatchliteDecoder::begin() {
    if (header_.new_bytes() != image_bytes_) return Error::malformed;
    packed_ = header_.compression() == HpatchliteCompression::tinyuz;
    if (!packed_) return header_.compression() == HpatchliteCompression::none ? Error::none : Error::unsupported;
    plain_left_ = header_.plain_bytes();
    const std::uint32_t used = std::min(plain_left_, header_.dictionary_bytes());  // no more is ever looked at
    if (used == 0) return Error::malformed;
    if (used > work_.size()) return Error::too_large;
    tinyuz_.start(work_.first(used));
    return Error::none;
}

bool HpatchliteDecoder::checkpoint(Checkpoint& to) const {
    to = Checkpoint{};
    if (stream_.image_left() == image_bytes_) return true;
    if (packed_) return false;
    to.payload_offset = payload_offset_;
    stream_.save(to);
    return true;
}

Result<void> HpatchliteDecoder::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    const bool begun = from.payload_offset != 0;
    if (output_bytes > (begun ? image_bytes_ : 0)) return fail(Error::malformed);
    header_.set(begun);
    packed_ = false;
    done_ = false;
    payload_offset_ = from.payload_offset;
    return stream_.restore(from, image_bytes_ - output_bytes);
}

Decoder* make_hpatchlite_decoder(DecoderStorage& at, const DecoderSetup& setup) {
    static_assert(sizeof(HpatchliteDecoder) <= DecoderStorage::size);
    return new (at.bytes.data())
        HpatchliteDecoder(setup.image_bytes, *setup.old_image, setup.work.first(setup.decoder_ram_bytes));
}

}  // namespace sb
