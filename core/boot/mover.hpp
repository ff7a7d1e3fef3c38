// core/boot: who brings images to slot A during a boot. A device links the one that its scheme needs, and none where
// images run where they stand and there is no factory image.
#pragma once

#include <optional>

#include "core/journal/journal.hpp"

namespace sb {

struct BootDevice;

class Mover {
public:
    /// Carries out what is left of `next.boot.plan`, for images of up to `image_bytes` where it has not begun, and
    /// leaves in `next` what the journal holds then. Also where the plan had to be given up for a way back. Errors:
    /// those of the flash and of the journal. The journal knows how far it came; the next boot goes on.
    [[nodiscard]] virtual Result<void> move(Journal& journal, const BootDevice& device, State& next,
                                            std::uint32_t image_bytes) const = 0;

    /// What was under way, where every record is lost and decide() could not see it. Reads only.
    [[nodiscard]] virtual std::optional<State> recover(const BootDevice& device) const = 0;

    /// Whether it knows Plan::undo: an image that overwrote the one before it is undone, if a patch for that stands
    /// there.
    [[nodiscard]] virtual bool undoes() const = 0;

protected:
    ~Mover() = default;
};

/// Copies: from slot B, and the factory image.
class CopyMover final : public Mover {
public:
    [[nodiscard]] Result<void> move(Journal& journal, const BootDevice& device, State& next,
                                    std::uint32_t image_bytes) const override;
    [[nodiscard]] std::optional<State> recover(const BootDevice& device) const override;
    [[nodiscard]] bool undoes() const override { return false; }
};

/// Exchanges A and B, and copies. A unit of B that cannot be written stops an exchange before anything is lost: what
/// went to B comes back, and the update has failed. Without a journal it hashes the image once for each of its units.
class SwapMover final : public Mover {
public:
    [[nodiscard]] Result<void> move(Journal& journal, const BootDevice& device, State& next,
                                    std::uint32_t image_bytes) const override;
    [[nodiscard]] std::optional<State> recover(const BootDevice& device) const override;
    [[nodiscard]] bool undoes() const override { return false; }
};

}  // namespace sb
