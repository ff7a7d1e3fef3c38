// tools/diff/sbd: what a stretch of the old image becomes at its place in the new one, its address fields rewritten.
// The fast form predicts from it; its encoder also has each image rewritten for no place at all, so that what moved
// looks alike wherever it stands.
#pragma once

#include "core/delta/sbd/walker.hpp"
#include "tools/diff/sbd/address_steps.hpp"
#include "tools/diff/sbd/fast_form.hpp"
#include "tools/diff/sbd/type_map.hpp"

namespace sb::diff {

/// Some bytes of an image, from an offset on. Reads as 0 elsewhere.
struct ImagePart {
    Bytes bytes;
    std::uint32_t from = 0;

    [[nodiscard]] std::uint8_t byte(std::uint32_t at) const {
        return at - from < bytes.size() ? bytes[at - from] : std::uint8_t{0};
    }
    [[nodiscard]] std::uint32_t word(std::uint32_t at) const {
        const std::size_t into = at - from;
        if (into + 4 <= bytes.size()) {
            const std::uint8_t* const first = bytes.data() + into;
            return first[0] | std::uint32_t{first[1]} << 8 | std::uint32_t{first[2]} << 16 |
                   std::uint32_t{first[3]} << 24;
        }
        return byte(at) | static_cast<std::uint32_t>(byte(at + 1)) << 8 |
               static_cast<std::uint32_t>(byte(at + 2)) << 16 | static_cast<std::uint32_t>(byte(at + 3)) << 24;
    }
};

/// How far around a field its finders look.
inline constexpr std::uint32_t field_margin = 64;

class Rewriter {
public:
    /// Requires: all outlive it. `types`: of the tables of types, or null.
    Rewriter(const sbd::Ground& ground, const AddressSteps& steps, const TypeMap* types = nullptr)
        : ground_(ground), steps_(steps), types_(types) {}

    /// Rewrites the fields that lie wholly in `made`, which holds the old bytes from `old_at` on and is for `new_at`.
    /// Requires: `old` has them and, as far as there are any, field_margin bytes on either side.
    void rewrite(Reading reading, const ImagePart& old, std::uint32_t old_at, std::uint32_t new_at,
                 MutableBytes made) const;

    /// Rewrites all fields of an image as if each stood at its beginning, those of the old image for where what they
    /// name has gone.
    [[nodiscard]] std::vector<std::uint8_t> without_places(sbd::Side side, Bytes image,
                                                           std::span<const Reading> pages) const;

private:
    struct Run {
        sbd::Side side;
        std::uint32_t at;
        std::uint32_t new_at;
        bool has_place;
        MutableBytes made;
    };
    template <class Fields>
    void rewrite_with(const ImagePart& image, const Run& run) const;
    void rewrite_types(const ImagePart& image, const Run& run) const;
    void rewrite_run(Reading reading, const ImagePart& image, const Run& run) const;

    const sbd::Ground& ground_;
    const AddressSteps& steps_;
    const TypeMap* types_;
};

}  // namespace sb::diff
