// core/delta/sbd: fields whose target is near: conditional branches, loads of literals. What differs between them is
// where the bits of the distance stand, so each is a row of a table.
#pragma once

#include <array>
#include <bit>

#include "core/delta/sbd/fields_common.hpp"

namespace sb::sbd {

/// `bits` bits of an instruction, from bit `from` on.
struct BitRun {
    std::uint8_t from = 0;
    std::uint8_t bits = 0;
};

/// An instruction that names a place by its distance. `runs`: its bits from the lowest to the highest.
template <std::size_t most_runs>
struct NearForm {
    std::uint32_t fixed = 0;     ///< the bits that tell the instruction,
    std::uint32_t value = 0;     ///< and what they are,
    std::uint32_t excluded = 0;  ///< unless all of these are set
    std::uint8_t bytes = 0;
    std::uint8_t scale = 0;        ///< the distance counts 1 << scale bytes,
    bool is_signed = true;         ///< may go backwards,
    std::uint8_t origin_mask = 0;  ///< and begins at the origin without these bits of its address
    std::array<BitRun, most_runs> runs{};

    [[nodiscard]] constexpr bool fits(std::uint32_t raw) const {
        return (raw & fixed) == value && (excluded == 0 || (raw & excluded) != excluded);
    }
};

/// How the tables are written; a decoder holds the smallest one that its rows fit in.
using AnyNearForm = NearForm<8>;

[[nodiscard]] constexpr std::uint32_t low_mask(std::uint32_t bits) {
    return (1U << bits) - 1;
}

/// The rows of `all` whose bit in `kinds` is set.
template <std::uint32_t kinds, std::size_t count>
[[nodiscard]] consteval std::size_t longest_of(const std::array<AnyNearForm, count>& all) {
    std::size_t longest = 1;
    for (std::size_t k = 0; k < count; ++k)
        for (std::size_t run = 0; run < all[k].runs.size(); ++run)
            if ((kinds >> k & 1) != 0 && all[k].runs[run].bits != 0 && run >= longest) longest = run + 1;
    return longest;
}
template <std::uint32_t kinds, const auto& all>
[[nodiscard]] consteval auto chosen() {
    constexpr std::size_t most_runs = longest_of<kinds>(all);
    std::array<NearForm<most_runs>, static_cast<std::size_t>(std::popcount(kinds & low_mask(all.size())))> rows{};
    std::size_t at = 0;
    for (std::size_t k = 0; k < all.size(); ++k) {
        if ((kinds >> k & 1) == 0) continue;
        const AnyNearForm& from = all[k];
        rows[at] = {.fixed = from.fixed,
                    .value = from.value,
                    .excluded = from.excluded,
                    .bytes = from.bytes,
                    .scale = from.scale,
                    .is_signed = from.is_signed,
                    .origin_mask = from.origin_mask};
        for (std::size_t run = 0; run < most_runs; ++run) rows[at].runs[run] = from.runs[run];
        ++at;
    }
    return rows;
}

template <std::size_t most_runs>
[[nodiscard]] constexpr std::uint32_t near_distance(const NearForm<most_runs>& form, std::uint32_t raw) {
    std::uint32_t distance = 0, width = 0;
    for (const BitRun run : form.runs) {
        distance |= (raw >> run.from & low_mask(run.bits)) << width;
        width += run.bits;
    }
    return (form.is_signed ? sign_extended(distance, width) : distance) << form.scale;
}

/// A distance that is too large loses its upper bits: nothing that needs one was found.
template <std::size_t most_runs>
[[nodiscard]] constexpr std::uint32_t with_near_distance(const NearForm<most_runs>& form, std::uint32_t raw,
                                                         std::uint32_t distance) {
    distance >>= form.scale;
    for (const BitRun run : form.runs) {
        raw = replaced(raw, low_mask(run.bits) << run.from, distance << run.from);
        distance >>= run.bits;
    }
    return raw;
}

/// The field of one of the `forms`, which are numbered from `first` on. `origin`: the address that distances count
/// from.
template <std::size_t most_runs, std::size_t count>
[[nodiscard]] Field find_near(const std::array<NearForm<most_runs>, count>& forms, std::uint8_t first,
                              const Spaces& spaces, Side side, std::uint32_t position, std::uint32_t raw,
                              std::uint32_t origin) {
    for (const NearForm<most_runs>& form : forms) {
        if (form.fits(raw) && spaces.holds(side, position, form.bytes)) {
            const std::uint32_t target = (origin & ~std::uint32_t{form.origin_mask}) + near_distance(form, raw);
            Field field = address_field(spaces, side, target, form.bytes, FieldKind::code, first);
            field.near = true;
            return field.kind == FieldKind::code ? field : Field{};
        }
        ++first;
    }
    return {};
}

template <std::size_t most_runs>
[[nodiscard]] std::uint32_t encode_near(const NearForm<most_runs>& form, const Spaces& spaces, std::uint32_t raw,
                                        std::uint32_t key, std::uint32_t origin) {
    const std::uint32_t from = origin & ~std::uint32_t{form.origin_mask};
    return with_near_distance(form, raw, spaces.address_of(Side::new_image, key) - from);
}

}  // namespace sb::sbd
