// core/install: an image is made in slot A by a package that stands in flash, a step at a time and each step known to
// the journal: where the image stands that it starts from (schemes inplace, single), or from the one in slot B (scheme
// copy).
#pragma once

#include <optional>

#include "core/install/session.hpp"
#include "core/install/staged_package.hpp"

namespace sb {

class Rewriting {
public:
    /// `work`: install_work_bytes(), aligned to 8. `next`: with the plan, rewrite or undo. `keeper`, if any: is told of
    /// each step too; it can be done without. All outlive this.
    Rewriting(const InstallDevice& device, MutableBytes work, Journal& journal, MutableBytes scratch, State& next,
              ProgressKeeper* keeper);

    /// Carries out what is left of the plan, or gives it up. Errors: what can be done again. Whatever else fails is in
    /// the journal.
    [[nodiscard]] Result<void> run();

private:
    Result<void> open();
    Result<void> open_in_place();
    Result<void> open_reverse();
    Result<void> begin();
    Result<void> try_decoder();
    Result<void> carry_out_all();
    Result<void> make();
    Result<void> end();
    Result<void> give_up(Error why, bool began);
    Result<void> tell_keeper(Result<void> (ProgressKeeper::*how)(const State&));
    [[nodiscard]] bool from_b() const { return map_.kind() == Scheme::copy; }
    [[nodiscard]] Result<VerifiedImage> image_in(SlotId slot) const {
        return check_slot(map_, slot, Phase::ready, device_.crypto, device_.keys, scratch_);
    }
    [[nodiscard]] MutableBytes io() const {
        return work_.first(std::min(work_.size(), io_bytes(device_.max_block_bytes)));
    }

    const InstallDevice& device_;
    const FlashMap& map_;
    Region slot_;
    Region source_;  // begins with the image that it starts from
    Region area_;    // where the package stands
    Journal& journal_;
    MutableBytes scratch_;
    State& next_;
    ProgressKeeper* keeper_;
    bool back_;
    MutableBytes work_;
    std::optional<StagedPackage> staged_;  // told from the image that it starts from to the one that it makes
    Making::Part part_;
    std::uint32_t shift_ = 0;
    std::uint32_t source_bytes_ = 0;
    std::uint16_t moves_ = 0;
};

}  // namespace sb
