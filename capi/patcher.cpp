#include "capi/patcher.hpp"

#include <algorithm>
#include <limits>

namespace sb::capi {

Patcher::Patcher(const switchback_patch_setup& setup) : setup_(setup) {
    // That they all have room was looked at.
    for (std::size_t i = 0; i < setup.decoder_count; ++i) {
        [[maybe_unused]] const bool added = decoders_.add(*setup.decoders[i]);
    }
    setup_.decoders = nullptr;
}

std::uint32_t Patcher::OldImage::bytes() const {
    return patcher_.setup_.old_bytes;
}

Result<void> Patcher::OldImage::read(std::uint32_t offset, MutableBytes out) {
    const switchback_patch_setup& setup = patcher_.setup_;
    if (offset > setup.old_bytes || out.size() > setup.old_bytes - offset) return fail(Error::out_of_range);
    if (out.empty()) return {};
    return from_callback(setup.read_old(setup.context, offset, out.data(), out.size()));
}

std::uint32_t Patcher::MadeImage::bytes() const {
    return patcher_.written_ + patcher_.staged_;
}

Result<void> Patcher::MadeImage::read(std::uint32_t offset, MutableBytes out) {
    if (offset > bytes() || out.size() > bytes() - offset) return fail(Error::out_of_range);
    const std::uint32_t written = patcher_.written_;
    const std::size_t before = offset < written ? std::min<std::size_t>(out.size(), written - offset) : 0;
    const MutableBytes rest = out.subspan(before);
    if (!rest.empty()) {
        const Bytes stage = Bytes(patcher_.buffer_).last(piece_bytes);
        copy(rest, stage.subspan(offset + before - written, rest.size()));
    }
    if (before == 0) return {};
    const switchback_patch_setup& setup = patcher_.setup_;
    return from_callback(setup.read_new(setup.context, offset, out.data(), before));
}

Result<void> Patcher::feed(Bytes data) {
    if (error_ != Error::none) return fail(error_);
    const Result<void> taken = take(data);
    if (!taken) error_ = taken.error();
    return taken;
}

Result<void> Patcher::take(Bytes data) {
    if (data.size() > setup_.patch_bytes - fed_) return fail(Error::trailing_data);
    fed_ += static_cast<std::uint32_t>(data.size());
    if (decoder_ == nullptr) {
        SB_TRY(take_head(data));
        if (decoder_ == nullptr) return {};
    }
    return decode(data);
}

/// Byte by byte until the head tells all that is wanted of it.
Result<void> Patcher::take_head(Bytes& data) {
    while (decoder_ == nullptr && !data.empty()) {
        // No head is as long: what is missing is missing behind the end of the patch.
        if (gathered_ == head_limit) return fail(Error::truncated);
        buffer_[gathered_++] = data.front();
        data = data.subspan(1);
        if (const Result<void> begun = begin_decoder(); !begun) {
            if (begun.error() != Error::truncated || gathered_ == setup_.patch_bytes) return begun;
        }
    }
    return {};
}

/// Errors: truncated, and nothing changed, while the head is not whole.
Result<void> Patcher::begin_decoder() {
    const Bytes head = Bytes(buffer_).first(gathered_);
    SB_TRY_ASSIGN(const PatchHead found, read_patch_head(head, setup_.patch_bytes));
    SB_TRY(judge(found));
    tells_new_bytes_ = found.new_bytes.has_value();
    parameter_bytes_ = found.parameter_bytes;
    const MutableBytes work = bytes_of(setup_.memory, setup_.memory_bytes);
    DecoderSetup setup{.format = found.format,
                       .image_bytes = found.new_bytes.value_or(std::numeric_limits<std::uint32_t>::max()),
                       .decoder_ram_bytes = found.memory_bytes.value_or(static_cast<std::uint32_t>(work.size())),
                       .old_image = &old_,
                       .work = work,
                       .payload_bytes = setup_.patch_bytes - parameter_bytes_,
                       .parameters = head.first(parameter_bytes_),
                       .made_image = setup_.read_new == nullptr ? nullptr : &made_};
    SB_TRY_ASSIGN(decoder_, make_decoder(decoders_.all(), setup, storage_));
    if (parameter_bytes_ != 0) return {};
    if (gathered_ > head_limit - piece_bytes) return fail(Error::malformed);
    return decode(head);
}

/// What can be refused before anything is written.
Result<void> Patcher::judge(const PatchHead& head) const {
    if (!decoders_.has(head.format)) return fail(Error::no_decoder);
    if (head.memory_bytes && *head.memory_bytes > setup_.memory_bytes) return fail(Error::no_decoder);
    if (head.format == PayloadFormat::sbd && setup_.read_new == nullptr) return fail(Error::no_decoder);
    if (head.old_bytes && *head.old_bytes > setup_.old_bytes) return fail(Error::wrong_source);
    if (head.new_bytes && *head.new_bytes > setup_.new_room) return fail(Error::too_large);
    return {};
}

Result<void> Patcher::decode(Bytes in) {
    for (;;) {
        // First what needs no room: it can bring the decoder to the end of a segment.
        SB_TRY_ASSIGN(const Progress silent, decoder_->decode(in, {}));
        in = in.subspan(silent.consumed);
        SB_TRY_ASSIGN(const Progress made, decoder_->decode(in, stage().subspan(staged_)));
        in = in.subspan(made.consumed);
        SB_TRY(advance(made.produced));
        done_ = made.done;
        if (made.produced == 0 && made.consumed == 0 && silent.consumed == 0) break;
    }
    return in.empty() ? Result<void>{} : fail(Error::trailing_data);
}

Result<void> Patcher::advance(std::size_t count) {
    staged_ += static_cast<std::uint32_t>(count);
    if (staged_ > setup_.new_room - written_) return fail(Error::too_large);
    return staged_ == piece_bytes ? write() : Result<void>{};
}

Result<void> Patcher::write() {
    SB_TRY(from_callback(setup_.write_new(setup_.context, written_, stage().data(), staged_)));
    written_ += staged_;
    staged_ = 0;
    return {};
}

/// A patch that does not tell the size of its image is whole where it ends at the end of a segment or window.
bool Patcher::is_whole() const {
    if (fed_ != setup_.patch_bytes || decoder_ == nullptr) return false;
    if (tells_new_bytes_) return done_;
    Checkpoint end;
    return decoder_->checkpoint(end) && end.payload_offset == setup_.patch_bytes;
}

Result<void> Patcher::finish() {
    if (!is_whole()) return fail(Error::truncated);
    return staged_ == 0 ? Result<void>{} : write();
}

Result<std::uint32_t> Patcher::end() {
    if (error_ == Error::none) {
        if (const Result<void> finished = finish(); !finished) error_ = finished.error();
    }
    if (error_ != Error::none) return fail(error_);
    return written_;
}

}  // namespace sb::capi
