// core/install: copies images from slot B to slot A, and undoes that by the reverse patch that came with the update and
// was kept (scheme copy). B holds the new image whole until the next download: it is the source, and a step that was
// cut is done again from there.
#pragma once

#include "core/boot/boot.hpp"
#include "core/install/session.hpp"

namespace sb {

class UndoMover final : public Mover {
public:
    /// `device`, `work`: as for RewriteMover.
    UndoMover(const InstallDevice& device, MutableBytes work) : device_(device), work_(work) {}

    /// Where no reverse patch of this update stands as it was signed, nothing of A is touched, and what is left is the
    /// factory image, or update mode.
    [[nodiscard]] Result<void> move(Journal& journal, const BootDevice& device, State& next,
                                    std::uint32_t image_bytes) const override;
    /// Nothing: B is as it was, and decide() copies it anew.
    [[nodiscard]] std::optional<State> recover(const BootDevice& /*device*/) const override { return std::nullopt; }
    [[nodiscard]] bool undoes() const override { return true; }

private:
    const InstallDevice& device_;
    MutableBytes work_;
};

}  // namespace sb
