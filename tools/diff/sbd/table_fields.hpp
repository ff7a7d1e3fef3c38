// tools/diff/sbd: address fields of tables: words that name a place by its distance from themselves, as kernels have
// them in tables of exceptions and symbols, and words that name it by its offset in the image. They look like any
// number, so they are looked for only where a page is known to hold such a table. Shaped as the architectures of
// core/delta/sbd/field.hpp are.
#pragma once

#include "core/delta/sbd/fields_common.hpp"

namespace sb::diff {

struct DistanceWords {
    static constexpr std::uint32_t alignment = 4;
    static constexpr bool tracks_instructions = false;

    template <class Source>
    static sbd::Field find(Source& source, const sbd::Spaces& spaces, sbd::Side side, std::uint32_t at,
                           std::uint32_t position) {
        const std::uint32_t place = position + source.word(at);
        if (!spaces.holds(side, place, 1)) return {};
        return {.bytes = 4, .kind = sbd::FieldKind::code, .form = sbd::word_form, .key = place};
    }
    static std::uint64_t encode(const sbd::Spaces&, const sbd::Field&, std::uint64_t, std::uint32_t key,
                                std::uint32_t position) {
        return key - position;
    }
};

struct OffsetWords {
    static constexpr std::uint32_t alignment = 4;
    static constexpr bool tracks_instructions = false;

    template <class Source>
    static sbd::Field find(Source& source, const sbd::Spaces& spaces, sbd::Side side, std::uint32_t at, std::uint32_t) {
        const std::uint32_t place = source.word(at);
        if (place < sbd::lowest_pointer || !spaces.holds(side, place, 1)) return {};
        return {.bytes = 4, .kind = sbd::FieldKind::pointer, .form = sbd::word_form, .key = place};
    }
    static std::uint64_t encode(const sbd::Spaces&, const sbd::Field&, std::uint64_t, std::uint32_t key,
                                std::uint32_t) {
        return key;
    }
};

}  // namespace sb::diff
