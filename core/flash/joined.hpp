// core/flash: several places put together as one part. An image set (the program, firmware of a radio, pictures) is one
// image that lies in several places, often of different parts: its slot is a region of a joined part, so every scheme
// moves, verifies and undoes the set as a whole, and no cut can leave one component new and another old.
#pragma once

#include <array>

#include "core/flash/flash.hpp"

namespace sb {

/// Components of an image set.
inline constexpr std::size_t max_set_components = 4;

/// Whole erase units of one part, in the order in which an image lies in them.
struct FlashPiece {
    Flash* part = nullptr;
    std::uint32_t offset = 0;  ///< in the part
    std::uint32_t bytes = 0;
};

class JoinedFlash final : public Flash {
public:
    /// `geometry` is what all pieces keep: their erase maps one behind the other, the largest granule, ECC if one of
    /// them has it; its erased value is that of all. Requires: at most max_set_components pieces, whose parts outlive
    /// it; `geometry.bytes` is their sum.
    JoinedFlash(const Geometry& geometry, std::span<const FlashPiece> pieces);

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;

private:
    /// What of a range lies in one piece: where in its part.
    struct Run {
        Flash* part;
        std::uint32_t at;
        std::uint32_t bytes;
    };
    [[nodiscard]] Run run_at(std::uint32_t offset, std::size_t length) const;
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t length) const {
        return offset <= geometry_.bytes && length <= geometry_.bytes - offset;
    }

    Geometry geometry_;
    std::array<FlashPiece, max_set_components> pieces_{};
};

}  // namespace sb
