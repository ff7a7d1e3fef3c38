// core/delta/sbd: what the fields of all architectures share: numbers with a sign, words that are addresses, branches
// to an address, and how kinds of instructions are folded into class_count numbers.
#pragma once

#include "core/delta/sbd/field.hpp"

namespace sb::sbd {

/// The lowest `bits` bits of `value` as a number with a sign. Two's complement; 1 <= bits <= 32.
[[nodiscard]] constexpr std::uint32_t sign_extended(std::uint32_t value, unsigned bits) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits));
}

/// `value` with the bits of `mask` taken from `bits`.
[[nodiscard]] constexpr std::uint32_t replaced(std::uint32_t value, std::uint32_t mask, std::uint32_t bits) {
    return (value & ~mask) | (bits & mask);
}

/// Spreads `kind` over class_count numbers: golden section, as in Knuth's multiplicative hashing.
[[nodiscard]] constexpr std::uint32_t folded_class(std::uint32_t kind) {
    return kind * 0x9e3779b1U >> 26;
}
static_assert(class_count == 64);

/// Instructions of half words: the upper bits of the one that holds byte `at`, and which byte of two is made.
template <class Source>
[[nodiscard]] std::uint32_t half_word_class(Source& source, std::uint32_t at, std::uint32_t position) {
    return static_cast<std::uint32_t>(source.byte(at | 1) >> 3 | (position & 1) << 5);
}

/// Makes `field` name `address`, no matter whether that is inside the image; none where no key gives it again.
inline void set_address(const Spaces& spaces, Side side, std::uint32_t address, Field& field) {
    if (!spaces.key_of(side, address, field.key))
        field = {};
    else if ((field.key & outside_bit) != 0)
        field.kind = FieldKind::outside;
}

/// A field that names `address`.
[[nodiscard]] inline Field address_field(const Spaces& spaces, Side side, std::uint32_t address, std::uint8_t bytes,
                                         FieldKind kind, std::uint8_t form) {
    Field field{bytes, kind, form, false, 0};
    set_address(spaces, side, address, field);
    return field;
}

/// Addresses below this are small numbers more often than addresses.
inline constexpr std::uint32_t lowest_pointer = 64;

/// The word at a multiple of 4, if it is an address of the image or of RAM. `mark`: the bits that say what is there
/// (Thumb: bit 0, code), and are no part of the address.
[[nodiscard]] inline Field find_word(const Spaces& spaces, Side side, std::uint32_t position, std::uint32_t raw,
                                     std::uint32_t mark = 0) {
    Field field;
    if ((position & 3) != 0 || raw < lowest_pointer) return field;
    field.bytes = 4;
    field.kind = FieldKind::pointer;
    set_address(spaces, side, raw & ~mark, field);
    if (field.kind == FieldKind::outside) {
        field.key |= raw & mark;
        if (!spaces.is_ram(raw)) field.bytes = 0;
    }
    return field;
}

[[nodiscard]] inline std::uint32_t encode_word(const Spaces& spaces, const Field& field, std::uint32_t raw,
                                               std::uint32_t key, std::uint32_t mark = 0) {
    // Added, not or-ed: a string at an odd address may move by an odd distance.
    return spaces.address_of(Side::new_image, key) + (field.kind == FieldKind::pointer ? raw & mark : 0);
}

}  // namespace sb::sbd
