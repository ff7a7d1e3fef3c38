#include "core/install/session.hpp"

#include <algorithm>

namespace sb {

namespace {

/// Records are also written inside of large erase units, this far apart, where the part lets a download go on there.
constexpr std::uint32_t record_distance_bytes = 4096;

/// At most `size` bytes of `work` from `at`; fewer where it is shorter.
MutableBytes part(MutableBytes work, std::size_t at, std::size_t size) {
    at = std::min(at, work.size());
    return work.subspan(at, std::min(size, work.size() - at));
}

static_assert(sizeof(InstallSession) + install_work_bytes(1024, 0) <= 4096, "what a session takes of a device's RAM");

}  // namespace

InstallSession::InstallSession(const InstallDevice& device, Journal& journal, MutableBytes work)
    : device_(device),
      journal_(journal),
      target_(device.map.download_slot(state_of(journal, device.map).boot.active)),
      io_(part(work, 0, io_bytes(device.max_block_bytes))),
      stage_(part(work, io_.size(), SlotWriter::stage_bytes)),
      decoder_work_(part(work, io_.size() + SlotWriter::stage_bytes, work.size())),
      writer_(image_region(device.map, target_, Phase::writing), stage_),
      old_image_(device.map.slot(other(target_)).region, 0),
      made_image_(writer_) {}

Result<std::uint64_t> InstallSession::write(std::uint64_t offset, Bytes data) {
    if (step_ == Step::ended) return fail(ended_with_);
    if (offset > next_ || next_ - offset >= data.size()) return next_;
    data = data.subspan(static_cast<std::size_t>(next_ - offset));
    while (!data.empty() && step_ != Step::complete) {
        if (step_ == Step::payload) {
            SB_TRY(take_block(data));
            continue;
        }
        const std::uint64_t before = next_;
        const std::size_t offered = data.size();
        SB_TRY(take_envelope(data));
        // A download that goes on, or that is for the second slot, wants bytes from further on.
        const std::uint64_t passed_over = next_ - before - (offered - data.size());
        data = data.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(passed_over, data.size())));
    }
    return next_;
}

std::uint64_t InstallSession::package_bytes() const {
    return package_ ? envelope_bytes_ + package_->chains_bytes : 0;
}

Result<void> InstallSession::take_envelope(Bytes& data) {
    if (stage_.size() < SlotWriter::stage_bytes) return refuse(Error::too_large);
    const std::size_t piece = std::min<std::size_t>(data.size(), max_envelope_bytes - filled_);
    copy(io_.subspan(filled_), data.first(piece));
    const std::size_t had = filled_;
    filled_ += static_cast<std::uint32_t>(piece);

    const Result<std::optional<std::size_t>> length = sb::envelope_bytes(io_.first(filled_));
    if (!length) return refuse(length.error());
    if (!*length || **length > filled_) {
        if (piece == 0) return refuse(Error::too_large);
        data = data.subspan(piece);
        next_ += piece;
        return {};
    }
    data = data.subspan(**length - had);
    envelope_bytes_ = static_cast<std::uint32_t>(**length);
    next_ = envelope_bytes_;
    filled_ = 0;
    if (const Result<void> accepted = accept_package(); !accepted) return refuse(accepted.error());
    return {};
}

/// Judges the envelope in io_ and either starts, goes on or finds that all is done already.
Result<void> InstallSession::accept_package() {
    const State known = state_of(journal_, device_.map);
    const Phase phase = known.boot.phase;
    const std::size_t build = device_.map.one_address() ? 0 : index_of(target_);  // for where it will run
    SB_TRY_ASSIGN(package_, open_package(io_.first(envelope_bytes_), device_.crypto, device_.keys, build));
    const bool same = known.install.package == package_->id;
    // On trial, too: a reset after staging, before the sender knew, must not turn its repetition into an error.
    if (same && (phase == Phase::candidate || phase == Phase::staged || phase == Phase::trial) &&
        result_stands(phase)) {
        step_ = Step::complete;
        next_ = package_bytes();
        resumed_from_ = next_;
        return {};
    }
    SB_TRY(check_running(known.boot));
    SB_TRY(judge(known.boot));
    SB_TRY(make_decoder());
    step_ = Step::payload;
    return same && phase == Phase::writing ? resume() : start(known);
}

/// What runs must be what the journal calls active, and not itself on trial: the other slot is its way back. In update
/// mode there is no way back to keep.
Result<void> InstallSession::check_running(const BootState& boot) const {
    if (!device_.running) return {};
    if (boot.phase == Phase::trial || boot.phase == Phase::reverting) return fail(Error::not_confirmed);
    if (boot.active != *device_.running || target_ == *device_.running) return fail(Error::bad_state);
    return {};
}

/// Whether the active image is still the device's own: it runs, or it would if it had not been asked to wait.
bool InstallSession::may_look_at_active(const BootState& boot) const {
    return device_.running || (boot.request == Request::update_mode && !old_is_gone(device_.map.scheme, boot));
}

Result<void> InstallSession::judge(const BootState& boot) {
    DeviceFacts facts{.vendor = device_.vendor,
                      .device_class = device_.device_class,
                      .confirmed_sequence = boot.confirmed_sequence,
                      .security_floor = std::max(boot.security_floor, device_.hardware_floor),
                      .allow_downgrade = device_.allow_downgrade,
                      .slot_bytes = device_.map.image_room(target_),
                      .max_block_bytes = device_.max_block_bytes,
                      .decoders = device_.offers};
    if (!may_look_at_active(boot)) return check_policy(*package_, facts);
    // The bootloader verified what runs, in this power-up; only a delta leans on its bytes, and has them hashed again.
    // In update mode nothing that stands in a slot is believed before.
    const Region active = device_.map.slot(boot.active).region;
    RegionReader reader(active);
    Result<ImageInfo> info = parse_image(reader);
    if (!device_.running || package_->payload.source_digest) {
        const Result<VerifiedImage> verified =
            check_slot(device_.map, boot.active, boot.phase, device_.crypto, device_.keys, scratch());
        if (verified && boot.active != target_) facts.running_digest = verified->digest;
        if (!verified) info = fail(verified.error());
    }
    if (info) {
        if (boot.confirmed_sequence == 0) facts.confirmed_sequence = info->version.sequence();
        if (boot.confirmed(boot.active)) {
            facts.security_floor = std::max(facts.security_floor, info->security_counter.value_or(0));
        }
        old_image_ = RegionReader(active, info->total_bytes);
    }
    return check_policy(*package_, facts);
}

Result<void> InstallSession::make_decoder() {
    const PayloadDescriptor& payload = package_->payload;
    const DecoderSetup setup{.format = payload.format,
                             .image_bytes = package_->manifest.image_bytes,
                             .decoder_ram_bytes = payload.decoder_ram_bytes,
                             .old_image = &old_image_,
                             .work = decoder_work_,
                             .payload_bytes = payload.payload_bytes,
                             .parameters = payload.parameters,
                             .made_image = &made_image_};
    SB_TRY_ASSIGN(decoder_, sb::make_decoder(device_.decoders, setup, decoder_storage_));
    return {};
}

/// Whether the image of this package stands verified where `phase` has it: on trial it may have been moved to A.
bool InstallSession::result_stands(Phase phase) {
    const SlotId slot = phase == Phase::trial && device_.map.moves() ? SlotId::a : target_;
    const Result<VerifiedImage> image = check_slot(device_.map, slot, phase, device_.crypto, device_.keys, scratch());
    return image && image->digest == package_->manifest.image_digest;
}

Result<void> InstallSession::start(State next) {
    next.boot.phase = Phase::writing;
    next.boot.cause = Error::none;
    next.boot.plan = Plan::none;  // one that flash errors stopped has nothing left to move
    next.boot.step = next.boot.step_count = 0;
    next.boot.tries_left = 0;
    ++next.boot.transaction;
    next.boot.layout_crc = device_.map.layout_crc;
    next.boot.candidate = shorten(package_->manifest.image_digest);
    next.boot.set_confirmed(target_, false);
    if (device_.map.scheme == Scheme::single) {
        // The image that stands there is given up, and each boot waits for the rest of this one; not for a download
        // that could not begin.
        if (!old_is_gone(Scheme::single, next.boot) && device_.supply != nullptr && device_.supply->low())
            return fail(Error::low_battery);
        next.boot.active = SlotId::b;
        next.boot.request = Request::update_mode;
    }
    next.install = InstallState{.package = package_->id, .next_digest = package_->payload.first_block};
    // The slot's old content is given up here: proven before the first erase.
    SB_TRY(journal_.commit(next));
    expect(0, package_->payload.first_block);
    return writer_.start(package_->manifest.image_bytes, 0);
}

Result<void> InstallSession::resume() {
    const InstallState& from = journal_.state().install;
    Checkpoint checkpoint;
    checkpoint.payload_offset = load_le<std::uint32_t>(from.checkpoint);
    copy(checkpoint.state, Bytes(from.checkpoint).subspan(4));
    const std::uint32_t block_bytes = package_->payload.block_bytes;
    const bool sane = checkpoint.payload_offset / block_bytes == from.next_block &&
                      writer_.start(package_->manifest.image_bytes, from.output_bytes) &&
                      (from.output_bytes == 0 || decoder_->restore(checkpoint, from.output_bytes));
    if (!sane) return start(journal_.state());
    // The record this leans on may be one that a cut left unproven, and units are about to be erased.
    State proven = journal_.state();
    proven.boot.cause = Error::none;
    SB_TRY(journal_.commit(proven));
    expect(from.next_block, from.next_digest);
    skip_ = checkpoint.payload_offset % block_bytes;
    resumed_from_ = from.output_bytes == 0 ? 0 : next_;
    return {};
}

/// The payload comes next, from its block number `block` on.
void InstallSession::expect(std::uint32_t block, const BlockDigest& digest) {
    block_digest_ = digest;
    chain_ = ChainReader(package_->payload, block, digest);
    next_ = envelope_bytes_ + package_->chain_from +
            std::uint64_t{block} * (package_->payload.block_bytes + sizeof(BlockDigest));
}

Result<void> InstallSession::take_block(Bytes& data) {
    const std::uint32_t wire = chain_.wire_bytes();
    const std::size_t piece = std::min<std::size_t>(data.size(), wire - filled_);
    copy(io_.subspan(filled_), data.first(piece));
    data = data.subspan(piece);
    filled_ += static_cast<std::uint32_t>(piece);
    next_ += piece;
    if (filled_ < wire) return {};

    filled_ = 0;
    block_digest_ = chain_.expected();
    const Result<Bytes> block = chain_.accept(device_.crypto, io_.first(wire));
    if (!block) {
        next_ -= wire;
        return fail(block.error());
    }
    const Bytes fresh = block->subspan(std::min<std::size_t>(skip_, block->size()));
    skip_ = 0;
    if (const Result<void> decoded = decode(fresh); !decoded) return end_update(decoded.error());
    return {};
}

Result<void> InstallSession::decode(Bytes in) {
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
    if (!in.empty()) return fail(Error::trailing_data);
    if (!chain_.complete()) return {};
    return finish();
}

/// Judges the image by its header as soon as that is there, before the slot's first unit is erased: an image for
/// another address must not cost the device its backup.
Result<void> InstallSession::check_header(std::size_t staged) {
    if (header_checked_ || writer_.bytes_written() != 0 || staged < image_header_bytes) return {};
    header_checked_ = true;
    SB_TRY_ASSIGN(ImageInfo info, parse_image_header(stage_));
    info.total_bytes = package_->manifest.image_bytes;
    return check_fit(device_.map, target_, info);
}

Result<void> InstallSession::record_progress() {
    const std::uint32_t done = writer_.bytes_written();
    State next = journal_.state();
    if (done <= next.install.output_bytes || writer_.complete() || !writer_.resumable()) return {};
    if (!writer_.at_unit_end() && done - next.install.output_bytes < record_distance_bytes) return {};
    Checkpoint checkpoint;
    if (!decoder_->checkpoint(checkpoint)) return {};

    // The expected digest is at hand for the block that is being decoded and for the next one.
    const std::uint32_t block = checkpoint.payload_offset / package_->payload.block_bytes;
    if (block + 1 < chain_.next_block()) return {};
    next.install.next_block = block;
    next.install.next_digest = block < chain_.next_block() ? block_digest_ : chain_.expected();
    next.install.output_bytes = done;
    store_le<std::uint32_t>(next.install.checkpoint, 0, checkpoint.payload_offset);
    copy(MutableBytes(next.install.checkpoint).subspan(4), checkpoint.state);
    return journal_.append(next);
}

/// All blocks are in: the decoder must be done, and what stands in the slot must be the signed image.
Result<void> InstallSession::finish() {
    SB_TRY_ASSIGN(const Progress last, decoder_->decode({}, {}));
    if (!last.done || !writer_.complete()) return fail(Error::truncated);
    decoder_ = nullptr;  // done: its memory is free for the check
    SB_TRY(check_result());
    State next = journal_.state();
    next.boot.phase = Phase::candidate;
    next.install.output_bytes = package_->manifest.image_bytes;
    next.install.set_candidate_sequence(package_->manifest.sequence);
    SB_TRY(journal_.commit(next));
    step_ = Step::complete;
    next_ = package_bytes();
    return {};
}

Result<void> InstallSession::check_result() {
    SB_TRY_ASSIGN(const VerifiedImage image,
                  check_slot(device_.map, target_, Phase::candidate, device_.crypto, device_.keys, scratch()));
    const Manifest& manifest = package_->manifest;
    if (image.info.total_bytes != manifest.image_bytes || image.digest != manifest.image_digest) {
        return fail(Error::image_mismatch);
    }
    if (image.info.security_counter.value_or(0) != manifest.security_counter) return fail(Error::counter_mismatch);
    return {};
}

Result<void> InstallSession::stage() {
    if (step_ != Step::complete) return fail(Error::bad_state);
    State next = journal_.state();
    const bool asked_before = next.boot.phase == Phase::staged || next.boot.phase == Phase::trial;
    if (asked_before && journal_.sealed()) return {};
    if (next.boot.phase == Phase::trial) return journal_.commit(next);
    next.boot.phase = Phase::staged;
    next.boot.tries_left = device_.tries;
    if (next.boot.request == Request::update_mode) next.boot.request = Request::none;
    return journal_.commit(next);
}

/// Nothing was written: the session is over, the device is as before.
Result<void> InstallSession::refuse(Error why) {
    step_ = Step::ended;
    ended_with_ = why;
    return fail(why);
}

/// The update failed after it began. Its cause is recorded; a supply that is gone cannot record anything.
Result<void> InstallSession::end_update(Error cause) {
    if (cause != Error::power_lost) {
        State next = journal_.state();
        if (cause != Error::low_battery) next.boot.phase = Phase::failed;
        next.boot.cause = cause;
        // When the journal fails too, the state stays WRITING: the next boot runs the active image all the same.
        [[maybe_unused]] const Result<void> recorded = journal_.commit(next);
    }
    return refuse(cause);
}

}  // namespace sb
