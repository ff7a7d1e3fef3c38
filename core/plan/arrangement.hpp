// core/plan: where the units of two images stand while they are exchanged, for when nobody knows any more how many
// steps were done. Each image verifies itself, so one only has to look at every possible arrangement.
#pragma once

#include "core/base/reader.hpp"
#include "core/plan/plan.hpp"

namespace sb {

/// One of the two images of an exchange as one piece. `moved` of its units have arrived where the exchange brings
/// them: of the image that came in, in A; of the one that ran, in B. The others are still where they came from.
class Arrangement final : public Reader {
public:
    enum class Image : std::uint8_t { came_in, ran };

    /// Requires: map.scheme is swap; moved <= units_in(map).
    Arrangement(const FlashMap& map, Image image, std::uint16_t moved) : map_(map), image_(image), moved_(moved) {}

    [[nodiscard]] std::uint32_t bytes() const override { return map_.image_room(SlotId::a); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;

    /// Units of the largest image.
    [[nodiscard]] static std::uint16_t units_in(const FlashMap& map) {
        return static_cast<std::uint16_t>(map.image_room(SlotId::a) / map.swap_unit);
    }

private:
    const FlashMap& map_;
    Image image_;
    std::uint16_t moved_;
};

}  // namespace sb
