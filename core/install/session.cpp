#include "core/install/session.hpp"

#include <algorithm>

namespace sb {

namespace {

static_assert(sizeof(InstallSession) + install_work_bytes(1024, 0) <= 4096, "what a session takes of a device's RAM");

}  // namespace

InstallSession::InstallSession(const InstallDevice& device, Journal& journal, MutableBytes work)
    : device_(device),
      journal_(journal),
      target_(device.map.download_slot(state_of(journal, device.map).boot.active)),
      making_(journal, device.crypto, image_region(device.map, target_, Phase::writing), work, device.max_block_bytes),
      old_image_(device.map.slot(other(target_)).region, 0) {
    making_.check_header_for(device.map, target_);
}

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
    if (!making_.has_memory()) return refuse(Error::too_large);
    const MutableBytes io = making_.io();
    const std::size_t piece = std::min<std::size_t>(data.size(), max_envelope_bytes - filled_);
    copy(io.subspan(filled_), data.first(piece));
    const std::size_t had = filled_;
    filled_ += static_cast<std::uint32_t>(piece);

    const Result<std::optional<std::size_t>> length = sb::envelope_bytes(io.first(filled_));
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
    if (const Result<void> accepted = accept_package(); !accepted) return refuse(accepted.error());
    return {};
}

/// Judges the envelope in io_ and either starts, goes on or finds that all is done already.
Result<void> InstallSession::accept_package() {
    const State known = state_of(journal_, device_.map);
    const Phase phase = known.boot.phase;
    const std::size_t build = device_.map.one_address() ? 0 : index_of(target_);  // for where it will run
    SB_TRY_ASSIGN(package_, open_package(making_.io().first(envelope_bytes_), device_.crypto, device_.keys, build));
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
    SB_TRY(prepare());
    step_ = Step::payload;
    return same && phase == Phase::writing ? resume() : start(known);
}

/// What runs must be what the journal calls active, and not itself on trial: the other slot is its way back. In update
/// mode there is no way back to keep.
Result<void> InstallSession::check_running(const BootState& boot) const {
    if (!device_.running) return {};
    if (boot.phase == Phase::trial || boot.phase == Phase::reverting) return fail(Error::not_confirmed);
    const bool overwrites = target_ == *device_.running && !is_patch();
    if (boot.active != *device_.running || overwrites) return fail(Error::bad_state);
    return {};
}

/// Whether the active image is still the device's own: it runs, or it would if it had not been asked to wait.
bool InstallSession::may_look_at_active(const BootState& boot) const {
    return device_.running || (boot.request == Request::update_mode && !old_is_gone(device_.map.kind(), boot));
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
            check_slot(device_.map, boot.active, boot.phase, device_.crypto, device_.keys, making_.scratch());
        const bool overwrites = boot.active == target_ && !is_patch() && !package_->payload.reverse;
        if (verified && !overwrites) facts.running_digest = verified->digest;
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

/// Whether the image of this package stands verified where `phase` has it: on trial it may have been moved to A.
bool InstallSession::result_stands(Phase phase) {
    if (is_patch() && phase != Phase::trial) return check_staged().has_value();
    const SlotId slot = phase == Phase::trial && device_.map.moves() ? SlotId::a : target_;
    const Result<VerifiedImage> image =
        check_slot(device_.map, slot, phase, device_.crypto, device_.keys, making_.scratch());
    if (!image || image->digest != package_->manifest.image_digest) return false;
    // Where the old image is overwritten, all is done that can be.
    return phase == Phase::trial || !device_.map.moves() || !package_->payload.reverse || check_staged().has_value();
}

/// To make the image; or to keep the patch that will.
Result<void> InstallSession::prepare() {
    const PayloadDescriptor& payload = package_->payload;
    if (device_.patches != nullptr && (is_patch() || device_.map.kind() != Scheme::inplace)) {
        // Where nothing stands that could run there is nothing to go back to.
        const bool stands = old_image_.bytes() != 0;
        SB_TRY(device_.patches->judge(making_, staging_device(), *package_, old_image_.bytes(),
                                      device_.accept_no_way_back || !stands));
    } else if (payload.in_place || payload.reverse) {
        return fail(Error::unsupported);
    }
    if (!is_patch()) return making_.prepare(*package_, device_.decoders, old_image_, part_of(*package_));
    keep();
    return {};
}

StagingDevice InstallSession::staging_device() const {
    const std::uint32_t floor = std::max(journal_.state().boot.security_floor, device_.hardware_floor);
    return {device_.map,      device_.crypto,  device_.keys,
            device_.decoders, envelope_bytes_, device_.golden_below_floor ? 0 : floor};
}

void InstallSession::keep() {
    device_.patches->keep(making_, staging_device(), *package_);
    keeping_ = package_->payload.reverse.has_value();
}

Result<void> InstallSession::check_staged() {
    return device_.patches->check(staging_device(), *package_, making_.scratch());
}

/// What is kept of the package is kept; the image comes next.
Result<void> InstallSession::turn_to_image() {
    const Region to = image_region(device_.map, target_, Phase::writing);
    SB_TRY(device_.patches->turn(making_, staging_device(), *package_, old_image_, to));
    keeping_ = false;
    State next = journal_.state();
    next.install = InstallState{.package = package_->id, .next_digest = package_->payload.first_block};
    const bool over_old = has_one_slot(device_.map.kind());
    if (over_old) SB_TRY(give_up_old(next.boot));
    SB_TRY(over_old ? journal_.commit(next) : journal_.append(next));
    return go_on();
}

/// The image that stands in the only slot is given up, and each boot waits for the rest of the one that takes its
/// place; not for a download that could not begin.
Result<void> InstallSession::give_up_old(BootState& boot) const {
    if (!old_is_gone(device_.map.kind(), boot) && device_.supply != nullptr && device_.supply->low())
        return fail(Error::low_battery);
    // What a way back leads to, if there is one.
    boot.confirmed_b = package_->payload.reverse && (boot.confirmed_a || boot.confirmed_b);
    boot.confirmed_a = false;
    boot.active = SlotId::b;
    boot.request = Request::update_mode;
    return {};
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
    next.install = InstallState{.package = package_->id, .next_digest = package_->payload.first_block};
    const bool over_old = has_one_slot(device_.map.kind()) && !is_patch();
    // In the only slot nothing is touched until the reverse patch is kept; it is, where the old image is gone.
    const bool keep_first = package_->payload.reverse && (!over_old || old_image_.bytes() != 0);
    if (over_old && !keep_first) SB_TRY(give_up_old(next.boot));
    if (!over_old && !is_patch()) next.boot.set_confirmed(target_, false);
    if (keep_first) {
        keep();
        next.install.next_block = package_->payload.blocks();
        next.install.next_digest = package_->payload.reverse->first_block;
    }
    // The slot's old content is given up here: proven before the first erase.
    SB_TRY(journal_.commit(next));
    return go_on();
}

Result<void> InstallSession::resume() {
    State proven = journal_.state();
    if (package_->payload.reverse && proven.install.next_block >= package_->payload.blocks()) keep();
    // A record that makes no sense is one of another beginning.
    if (!making_.go_on(proven.install)) return start(proven);
    // The record this leans on may be one that a cut left unproven, and units are about to be erased.
    proven.boot.cause = Error::none;
    SB_TRY(journal_.commit(proven));
    next_ = chain_starts() + making_.wanted();
    // Of what is kept, the envelope was there before anything came.
    const std::uint32_t nothing = is_patch() || keeping_ ? envelope_bytes_ : 0;
    resumed_from_ = proven.install.output_bytes <= nothing ? 0 : next_;
    return {};
}

/// From where the journal says.
Result<void> InstallSession::go_on() {
    const bool sane = making_.go_on(journal_.state().install);
    next_ = chain_starts() + making_.wanted();
    return sane ? Result<void>{} : fail(Error::out_of_range);
}

Result<void> InstallSession::take_block(Bytes& data) {
    Result<void> taken = making_.take(data);
    next_ = chain_starts() + making_.wanted();
    if (!taken && taken.error() == Error::bad_digest) return taken;
    if (taken && making_.complete()) taken = keeping_ ? turn_to_image() : finish();
    return taken ? taken : end_update(taken.error());
}

/// What stands in the slot must be the signed image.
Result<void> InstallSession::finish() {
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
    if (is_patch()) return check_staged();
    SB_TRY_ASSIGN(const VerifiedImage image,
                  check_slot(device_.map, target_, Phase::candidate, device_.crypto, device_.keys, making_.scratch()));
    const Manifest& manifest = package_->manifest;
    if (image.info.total_bytes != manifest.image_bytes || image.digest != manifest.image_digest) {
        return fail(Error::image_mismatch);
    }
    if (image.info.security_counter.value_or(0) != manifest.security_counter) return fail(Error::counter_mismatch);
    return package_->payload.reverse ? check_staged() : Result<void>{};
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
