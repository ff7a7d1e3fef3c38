// core/install: rewrites the image in slot A where it stands, by the patch that was staged, and undoes that by the way
// back that came with it (scheme inplace). Undoes also what overwrote the old image, by the reverse patch that was kept
// (scheme single with a patch region).
//
// The old image is moved up, to the end of the slot, from its end to its start. Then the new one is written from the
// front, segment by segment, while the old one is read behind it. A segment reads nothing that it overwrites, so it can
// be done again until the next one begins; the encoder sees to that, and who packs has tried it on a simulated device.
#pragma once

#include "core/boot/boot.hpp"
#include "core/install/marks.hpp"
#include "core/install/session.hpp"

namespace sb {

class RewriteMover final : public Mover {
public:
    /// `device`: as for the install sessions of this bootloader, without `running`. `work`: install_work_bytes(),
    /// aligned to 8. `marks`: of this device and session. All outlive this.
    RewriteMover(const InstallDevice& device, MutableBytes work, Marks& marks)
        : device_(device), work_(work), marks_(marks) {}

    /// A patch that does not fit what stands in A ends with its cause before anything is lost. One that fails later
    /// leaves neither image: what is left then is the factory image, or update mode.
    [[nodiscard]] Result<void> move(Journal& journal, const BootDevice& device, State& next,
                                    std::uint32_t image_bytes) const override;
    [[nodiscard]] std::optional<State> recover(const BootDevice& device) const override;
    [[nodiscard]] bool undoes() const override { return true; }

private:
    const InstallDevice& device_;
    MutableBytes work_;
    Marks& marks_;
};

}  // namespace sb
