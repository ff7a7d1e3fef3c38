#include "core/install/making.hpp"

#include <algorithm>

#include "core/boot/slot_check.hpp"
#include "core/delta/raw.hpp"

namespace sb {

namespace {

/// Records are also written inside of large erase units, this far apart, where the part lets a download go on there.
constexpr std::uint32_t record_distance_bytes = 4096;

/// At most `size` bytes of `work` from `at`; fewer where it is shorter.
MutableBytes part(MutableBytes work, std::size_t at, std::size_t size) {
    at = std::min(at, work.size());
    return work.subspan(at, std::min(size, work.size() - at));
}

}  // namespace

Making::Making(Journal& journal, Crypto& crypto, const Region& to, MutableBytes work, std::uint32_t max_block_bytes)
    : journal_(journal),
      crypto_(crypto),
      io_(part(work, 0, io_bytes(max_block_bytes))),
      stage_(part(work, io_.size(), SlotWriter::stage_bytes)),
      decoder_work_(part(work, io_.size() + SlotWriter::stage_bytes, work.size())),
      writer_(to, stage_),
      made_image_(writer_) {}

Making::Part part_of(const Package& package, bool way_back) {
    const PayloadDescriptor& payload = package.payload;
    const bool two = payload.in_place && payload.in_place->has_way_back;
    if (way_back)
        return {payload.in_place->way_back_from, payload.payload_bytes, payload.in_place->source_bytes,
                payload.in_place->way_back_parameters};
    return {0, two ? payload.in_place->way_back_from : payload.payload_bytes, package.manifest.image_bytes,
            payload.parameters};
}

Result<void> Making::prepare(const Package& package, std::span<const DecoderEntry> decoders, Reader& old,
                             const Part& made) {
    const PayloadDescriptor& payload = package.payload;
    chain_ = ChainReader(payload, 0, payload.first_block);
    out_bytes_ = made.image_bytes;
    from_ = made.from;
    to_ = made.to;
    const DecoderSetup setup{.format = payload.format,
                             .image_bytes = out_bytes_,
                             .decoder_ram_bytes = payload.decoder_ram_bytes,
                             .old_image = &old,
                             .work = decoder_work_,
                             .payload_bytes = to_ - from_,
                             .parameters = made.parameters,
                             .made_image = &made_image_};
    SB_TRY_ASSIGN(decoder_, sb::make_decoder(decoders, setup, decoder_storage_));
    return {};
}

void Making::write_to(const Region& to) {
    writer_ = SlotWriter(to, stage_);
    from_ = kept_ = counted_from_ = 0;
    complete_ = false;
}

void Making::prepare_to_keep(const PayloadDescriptor& payload, std::uint32_t envelope_bytes, const Region& area,
                             std::uint32_t first_block) {
    write_to(area);
    chain_ = ChainReader(payload, 0, payload.first_block);
    to_ = payload.payload_bytes;
    kept_ = envelope_bytes;
    counted_from_ = first_block;
    out_bytes_ = envelope_bytes + static_cast<std::uint32_t>(payload.chain_bytes());
    DecoderSetup setup{};
    setup.image_bytes = out_bytes_;
    decoder_ = make_raw_decoder(decoder_storage_, setup);
}

Making::Place Making::place_of(std::uint32_t at) const {
    const std::uint32_t link = kept_ != 0 ? sizeof(BlockDigest) : 0;
    const std::uint32_t stride = chain_.block_bytes() + link;
    return {(from_ + at - kept_) / stride, (from_ + at - kept_) % stride};
}

bool Making::go_on(const InstallState& from) {
    Checkpoint checkpoint;
    checkpoint.payload_offset = load_le<std::uint32_t>(from.checkpoint);
    copy(checkpoint.state, Bytes(from.checkpoint).subspan(4));
    const bool fresh = from.output_bytes == 0;
    const Place place = place_of(fresh ? kept_ : checkpoint.payload_offset);
    const bool sane = counted_from_ + place.block == from.next_block && writer_.start(out_bytes_, from.output_bytes) &&
                      (fresh || decoder_->restore(checkpoint, from.output_bytes));
    if (!sane) return false;
    block_digest_ = from.next_digest;
    chain_.go_to(place.block, block_digest_);
    skip_ = place.within;
    envelope_waits_ = fresh && kept_ != 0;
    return true;
}

std::uint64_t Making::wanted() const {
    return std::uint64_t{chain_.next_block()} * (chain_.block_bytes() + sizeof(BlockDigest)) + filled_;
}

Result<void> Making::take(Bytes& data) {
    if (envelope_waits_) SB_TRY(feed(io_.first(kept_)));
    envelope_waits_ = false;
    const std::uint32_t wire = chain_.wire_bytes();
    const std::size_t piece = std::min<std::size_t>(data.size(), wire - filled_);
    copy(io_.subspan(filled_), data.first(piece));
    data = data.subspan(piece);
    filled_ += static_cast<std::uint32_t>(piece);
    if (filled_ < wire) return {};

    filled_ = 0;
    block_digest_ = chain_.expected();
    SB_TRY_ASSIGN(const Bytes block, chain_.accept(crypto_, io_.first(wire)));
    const std::uint32_t begins = (chain_.next_block() - 1) * chain_.block_bytes();
    Bytes bytes = kept_ != 0 ? Bytes(io_).first(wire) : block.first(std::min<std::size_t>(block.size(), to_ - begins));
    bytes = bytes.subspan(std::min<std::size_t>(skip_, bytes.size()));
    skip_ = 0;
    SB_TRY(feed(bytes));
    return begins + block.size() >= to_ ? finish() : Result<void>{};
}

Result<void> Making::feed(Bytes in) {
    for (;;) {
        // First what needs no room: it can bring the decoder to a point where it could go on after a reset.
        SB_TRY_ASSIGN(const Progress silent, decoder_->decode(in, {}));
        in = in.subspan(silent.consumed);
        SB_TRY(record_progress());
        const MutableBytes room = writer_.room();
        SB_TRY_ASSIGN(const Progress made, decoder_->decode(in, room));
        in = in.subspan(made.consumed);
        SB_TRY(check_header(writer_.bytes_staged() + made.produced));
        SB_TRY(writer_.advance(made.produced));
        // Now, too: where a window or a step ends, the next call may already take from the next one.
        SB_TRY(record_progress());
        if (made.produced == 0 && made.consumed == 0 && silent.consumed == 0) break;
    }
    return in.empty() ? Result<void>{} : fail(Error::trailing_data);
}

/// Judges the image by its header as soon as that is there, before the slot's first unit is erased: an image for
/// another address must not cost the device its backup.
Result<void> Making::check_header(std::size_t staged) {
    if (fit_map_ == nullptr || kept_ != 0 || header_checked_ || writer_.bytes_written() != 0 ||
        staged < image_header_bytes)
        return {};
    header_checked_ = true;
    SB_TRY_ASSIGN(ImageInfo info, parse_image_header(stage_));
    info.total_bytes = out_bytes_;
    return check_fit(*fit_map_, fit_slot_, info);
}

Result<void> Making::record_progress() {
    const std::uint32_t done = writer_.bytes_written();
    State next = journal_.state();
    if (done <= next.install.output_bytes || writer_.complete() || !writer_.resumable()) return {};
    if (!writer_.at_unit_end() && done - next.install.output_bytes < record_distance_bytes) return {};
    Checkpoint checkpoint;
    if (!decoder_->checkpoint(checkpoint) || checkpoint.payload_offset < kept_) return {};

    // The expected digest is at hand for the block that is being decoded and for the next one.
    const std::uint32_t block = place_of(checkpoint.payload_offset).block;
    if (block + 1 < chain_.next_block()) return {};
    next.install.next_block = counted_from_ + block;
    next.install.next_digest = block < chain_.next_block() ? block_digest_ : chain_.expected();
    next.install.output_bytes = done;
    store_le<std::uint32_t>(next.install.checkpoint, 0, checkpoint.payload_offset);
    copy(MutableBytes(next.install.checkpoint).subspan(4), checkpoint.state);
    SB_TRY(journal_.append(next));
    if (keeper_ == nullptr) return {};
    return unless_gone(keeper_->add(next));
}

/// All blocks are in: the decoder must be done.
Result<void> Making::finish() {
    SB_TRY_ASSIGN(const Progress last, decoder_->decode({}, {}));
    if (!last.done || !writer_.complete()) return fail(Error::truncated);
    decoder_ = nullptr;  // its memory is free for a check
    complete_ = true;
    return {};
}

}  // namespace sb
