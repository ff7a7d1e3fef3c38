#include "core/install/rewriting.hpp"

#include <algorithm>

#include "core/boot/decide.hpp"
#include "core/flash/region_reader.hpp"
#include "core/plan/carry_out.hpp"
#include "core/plan/plan.hpp"

namespace sb {

Rewriting::Rewriting(const InstallDevice& device, MutableBytes work, Journal& journal, MutableBytes scratch,
                     State& next, ProgressKeeper* keeper)
    : device_(device),
      map_(device.map),
      slot_(device.map.slots[0].region),
      source_(slot_),
      area_(device.map.patch),
      journal_(journal),
      scratch_(scratch),
      next_(next),
      keeper_(keeper),
      back_(next.boot.plan == Plan::undo),
      work_(work) {}

Result<void> Rewriting::run() {
    Result<void> done = open();
    if (done && next_.boot.step_count == 0) done = begin();
    if (!done) return give_up(done.error(), next_.boot.step_count != 0);
    done = carry_out_all();
    return done ? done : give_up(done.error(), true);
}

/// What the patch makes, from what.
Result<void> Rewriting::open() {
    return from_b() ? open_reverse() : open_in_place();
}

Result<void> Rewriting::open_in_place() {
    SB_TRY_ASSIGN(staged_, open_staged(area_, device_.crypto, device_.keys, io()));
    Package& package = staged_->package;
    // What was kept of a package with a whole image is the patch back, and nothing else.
    if (package.payload.reverse) package = reverse_of(package);
    if (!package.payload.in_place) return fail(Error::unsupported);
    const InPlace& in_place = *package.payload.in_place;
    const bool second = back_ && map_.kind() != Scheme::single;
    if (second && !in_place.has_way_back) return fail(Error::unsupported);
    part_ = part_of(package, second);
    shift_ = second ? in_place.way_back_shift : in_place.shift;
    source_bytes_ = second ? package.manifest.image_bytes : in_place.source_bytes;
    if (!shift_fits(slot_, shift_, source_bytes_)) return fail(Error::too_large);
    // What is staged there now may be another package than the one that this is about.
    if (next_.install.package != package.id) return fail(Error::wrong_source);
    if (second) std::swap(package.manifest.image_digest, *package.payload.source_digest);
    source_ = slot_.from(shift_);
    moves_ = shift_steps(slot_, shift_, source_bytes_);
    return {};
}

/// It stands behind the image that it starts from, or in a region of its own. Without records, of which this may be all
/// that is left, it is known by that image alone.
Result<void> Rewriting::open_reverse() {
    source_ = map_.slots[1].region;
    RegionReader image(source_);
    SB_TRY_ASSIGN(const ImageInfo info, parse_image(image));
    source_bytes_ = info.total_bytes;
    area_ = reverse_area(map_, source_bytes_);
    SB_TRY_ASSIGN(staged_, open_staged(area_, device_.crypto, device_.keys, io()));
    Package& package = staged_->package;
    if (!back_ || !package.payload.reverse) return fail(Error::unsupported);
    const bool told = next_.install.package != ShortDigest{};
    if (told && next_.install.package != package.id) return fail(Error::wrong_source);
    package = reverse_of(package);
    part_ = part_of(package);
    return {};
}

/// Nothing is lost yet: everything that can be known before is looked at.
Result<void> Rewriting::begin() {
    SB_TRY(try_decoder());
    const PayloadDescriptor& payload = staged_->package.payload;
    SB_TRY_ASSIGN(const VerifiedImage source, image_in(from_b() ? SlotId::b : SlotId::a));
    if (source.digest != *payload.source_digest || source.info.total_bytes != source_bytes_)
        return fail(Error::wrong_source);
    const std::uint32_t block = part_.from / payload.block_bytes;
    SB_TRY_ASSIGN(const BlockDigest digest, check_staged(area_, *staged_, device_.crypto, scratch_, block));
    next_.install = {.package = staged_->package.id, .next_block = block, .next_digest = digest};
    next_.boot.step_count = static_cast<std::uint16_t>(moves_ + 1);
    return {};
}

/// Whether this bootloader decodes it at all.
Result<void> Rewriting::try_decoder() {
    RegionReader old(source_, source_bytes_);
    Making making(journal_, device_.crypto, slot_, work_, device_.max_block_bytes);
    return making.prepare(staged_->package, device_.decoders, old, part_);
}

Result<void> Rewriting::tell_keeper(Result<void> (ProgressKeeper::*how)(const State&)) {
    return keeper_ == nullptr ? Result<void>{} : unless_gone((keeper_->*how)(next_));
}

Result<void> Rewriting::carry_out_all() {
    // Proven in this session before the first erase.
    SB_TRY(journal_.commit(next_));
    SB_TRY(tell_keeper(&ProgressKeeper::begin));
    while (next_.boot.step < moves_) {
        SB_TRY(carry_out(shift_step(slot_, shift_, source_bytes_, next_.boot.step), scratch_));
        ++next_.boot.step;
        SB_TRY(journal_.append(next_));
        SB_TRY(tell_keeper(&ProgressKeeper::add));
    }
    SB_TRY(make());
    return end();
}

Result<void> Rewriting::make() {
    RegionReader old(source_, source_bytes_);
    Making making(journal_, device_.crypto, slot_, work_, device_.max_block_bytes);
    if (keeper_ != nullptr) making.tell_progress_to(*keeper_);
    SB_TRY(making.prepare(staged_->package, device_.decoders, old, part_));
    if (!making.go_on(journal_.state().install)) return fail(Error::bad_state);
    while (!making.complete()) {
        const std::uint64_t at = staged_->envelope_bytes + making.wanted();
        const std::uint64_t left = staged_->envelope_bytes + staged_->package.chains_bytes - at;
        const MutableBytes piece =
            scratch_.first(static_cast<std::size_t>(std::min<std::uint64_t>(scratch_.size(), left)));
        SB_TRY(area_.read(static_cast<std::uint32_t>(at), piece));
        Bytes data = piece;
        SB_TRY(making.take(data));
    }
    return {};
}

/// The image that was made must be the signed one, or the one that was there before.
Result<void> Rewriting::end() {
    SB_TRY_ASSIGN(const VerifiedImage made, image_in(SlotId::a));
    const Package& package = staged_->package;
    if (made.digest != package.manifest.image_digest) return fail(Error::image_mismatch);
    next_ = journal_.state();
    if (!back_) next_.install.set_candidate_sequence(package.manifest.sequence);
    next_.boot = after_plan(next_.boot);
    // Of a copy no flag was left to say so: it was the device's image when the update began.
    if (from_b()) next_.boot.confirmed_a = true;
    // Nothing is under way any more: without a journal, what is written to A from now on is not to be taken for this.
    SB_TRY(tell_keeper(&ProgressKeeper::add));
    return journal_.commit(next_);
}

/// Before it `began` nothing is lost but the update, or the way back.
Result<void> Rewriting::give_up(Error why, bool began) {
    // What a part does once it may not do again: the next boot goes on.
    const bool of_the_part = why == Error::io || why == Error::readback || why == Error::unreadable;
    if (goes_on_by_itself(why) || (began && of_the_part)) return fail(why);
    if (began) next_ = journal_.state();
    BootState& boot = next_.boot;
    const bool old_stands = !began && !back_;
    boot.plan = Plan::none;
    boot.step = boot.step_count = 0;
    boot.phase = old_stands ? Phase::failed : Phase::reverting;
    if (!back_) boot.cause = why;
    boot.active = old_stands ? SlotId::a : SlotId::b;
    return journal_.commit(next_);
}

}  // namespace sb
