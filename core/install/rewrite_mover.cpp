#include "core/install/rewrite_mover.hpp"

#include <algorithm>

#include "core/boot/steps.hpp"
#include "core/install/marks.hpp"
#include "core/install/staged_package.hpp"
#include "core/plan/carry_out.hpp"
#include "core/plan/plan.hpp"

namespace sb {

namespace {

Region marks_area(const FlashMap& map) {
    return map.patch.from(map.patch_room());
}

/// One rewriting, there or back.
class Rewriting {
public:
    Rewriting(const InstallDevice& device, MutableBytes work, Journal& journal, MutableBytes scratch, State& next)
        : device_(device),
          map_(device.map),
          slot_(device.map.slots[0].region),
          journal_(journal),
          scratch_(scratch),
          next_(next),
          back_(next.boot.plan == Plan::undo),
          marks_(marks_area(device.map)),
          work_(work) {}

    /// Errors: what can be done again. Whatever else fails is in the journal.
    Result<void> run() {
        Result<void> done = open();
        if (done && next_.boot.step_count == 0) done = begin();
        if (!done) return give_up(done.error(), next_.boot.step_count != 0);
        done = carry_out_all();
        return done ? done : give_up(done.error(), true);
    }

private:
    /// What the patch makes, from what.
    Result<void> open() {
        SB_TRY_ASSIGN(staged_, open_staged(map_.patch, device_.crypto, device_.keys, io()));
        const Package& package = staged_->package;
        if (!package.payload.in_place) return fail(Error::unsupported);
        const InPlace& in_place = *package.payload.in_place;
        if (back_ && !in_place.has_way_back) return fail(Error::unsupported);
        part_ = part_of(package, back_);
        shift_ = back_ ? in_place.way_back_shift : in_place.shift;
        source_bytes_ = back_ ? package.manifest.image_bytes : in_place.source_bytes;
        if (!shift_fits(slot_, shift_, source_bytes_)) return fail(Error::too_large);
        // What is staged there now may be another package than the one that this is about.
        if (next_.install.package != package.id) return fail(Error::wrong_source);
        moves_ = shift_steps(slot_, shift_, source_bytes_);
        return {};
    }

    /// Nothing is lost yet: everything that can be known before is looked at.
    Result<void> begin() {
        SB_TRY(try_decoder());
        const PayloadDescriptor& payload = staged_->package.payload;
        SB_TRY_ASSIGN(const VerifiedImage source, image_in_a());
        if (source.digest != (back_ ? staged_->package.manifest.image_digest : *payload.source_digest) ||
            source.info.total_bytes != source_bytes_)
            return fail(Error::wrong_source);
        const std::uint32_t block = part_.from / payload.block_bytes;
        SB_TRY_ASSIGN(const BlockDigest digest, check_staged(map_.patch, *staged_, device_.crypto, scratch_, block));
        next_.install = {.package = staged_->package.id, .next_block = block, .next_digest = digest};
        next_.boot.step_count = static_cast<std::uint16_t>(moves_ + 1);
        return {};
    }

    /// Whether this bootloader decodes it at all.
    Result<void> try_decoder() {
        RegionReader old(slot_.from(shift_), source_bytes_);
        Making making(journal_, device_.crypto, slot_, work_, device_.max_block_bytes);
        return making.prepare(staged_->package, device_.decoders, old, part_);
    }

    Result<void> carry_out_all() {
        // Proven in this session before the first erase.
        SB_TRY(journal_.commit(next_));
        SB_TRY(unless_gone(marks_.begin(next_)));
        while (next_.boot.step < moves_) {
            SB_TRY(carry_out(shift_step(slot_, shift_, source_bytes_, next_.boot.step), scratch_));
            ++next_.boot.step;
            SB_TRY(journal_.append(next_));
            SB_TRY(unless_gone(marks_.add(next_)));
        }
        SB_TRY(make());
        return end();
    }

    Result<void> make() {
        RegionReader old(slot_.from(shift_), source_bytes_);
        Making making(journal_, device_.crypto, slot_, work_, device_.max_block_bytes);
        making.tell_progress_to(marks_);
        SB_TRY(making.prepare(staged_->package, device_.decoders, old, part_));
        if (!making.go_on(journal_.state().install)) return fail(Error::bad_state);
        while (!making.complete()) {
            const std::uint64_t at = staged_->envelope_bytes + making.wanted();
            const std::uint64_t left = staged_->envelope_bytes + staged_->package.chains_bytes - at;
            const MutableBytes piece =
                scratch_.first(static_cast<std::size_t>(std::min<std::uint64_t>(scratch_.size(), left)));
            SB_TRY(map_.patch.read(static_cast<std::uint32_t>(at), piece));
            Bytes data = piece;
            SB_TRY(making.take(data));
        }
        return {};
    }

    /// The image that was made must be the signed one, or the one that was there before.
    Result<void> end() {
        SB_TRY_ASSIGN(const VerifiedImage made, image_in_a());
        const Package& package = staged_->package;
        if (made.digest != (back_ ? *package.payload.source_digest : package.manifest.image_digest))
            return fail(Error::image_mismatch);
        next_ = journal_.state();
        if (!back_) next_.install.set_candidate_sequence(package.manifest.sequence);
        next_.boot = after_plan(next_.boot);
        // Nothing is under way any more: without a journal, what is written to A from now on is not to be taken for
        // this.
        SB_TRY(unless_gone(marks_.add(next_)));
        return journal_.commit(next_);
    }

    /// Before it `began` nothing is lost but the update, or the way back.
    Result<void> give_up(Error why, bool began) {
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

    [[nodiscard]] Result<VerifiedImage> image_in_a() const {
        return check_slot(map_, SlotId::a, Phase::ready, device_.crypto, device_.keys, scratch_);
    }
    [[nodiscard]] MutableBytes io() const {
        return work_.first(std::min(work_.size(), io_bytes(device_.max_block_bytes)));
    }

    const InstallDevice& device_;
    const FlashMap& map_;
    Region slot_;
    Journal& journal_;
    MutableBytes scratch_;
    State& next_;
    bool back_;
    Marks marks_;
    MutableBytes work_;
    std::optional<StagedPackage> staged_;
    Making::Part part_;
    std::uint32_t shift_ = 0;
    std::uint32_t source_bytes_ = 0;
    std::uint16_t moves_ = 0;
};

}  // namespace

Result<void> RewriteMover::move(Journal& journal, const BootDevice& device, State& next,
                                std::uint32_t image_bytes) const {
    if (next.boot.plan != Plan::rewrite && next.boot.plan != Plan::undo)
        return carry_out_all(journal, device.map, device.scratch, next, image_bytes);
    return Rewriting(device_, work_, journal, device.scratch, next).run();
}

/// Where A verifies, nothing was under way that matters.
std::optional<State> RewriteMover::recover(const BootDevice& device) const {
    RegionReader a(device.map.slots[0].region);
    if (steady_view(device, SlotId::a, a).verdict == SlotView::Verdict::valid) return std::nullopt;
    std::optional<State> mark = Marks(marks_area(device.map)).newest();
    if (!mark || mark->boot.layout_crc != device.map.layout_crc) return std::nullopt;
    if (mark->boot.plan != Plan::rewrite && mark->boot.plan != Plan::undo) return std::nullopt;
    mark->boot.cause = Error::journal_lost;
    return mark;
}

}  // namespace sb
