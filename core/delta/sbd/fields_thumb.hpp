// core/delta/sbd: address fields of Thumb and Thumb-2 (Armv7-M Architecture Reference Manual, chapter A7).
#pragma once

#include "core/delta/sbd/fields_common.hpp"

namespace sb::sbd {

struct Thumb {
    static constexpr Architecture id = Architecture::thumb;
    static constexpr std::uint32_t alignment = 2;
    static constexpr bool tracks_instructions = true;

    enum Form : std::uint8_t { word = word_form, long_branch };
    static constexpr std::uint8_t forms = long_branch + 1;

    /// A5.1: a half word whose upper five bits are 0b11101 or more begins an instruction of 32 bits.
    template <class Source>
    static std::uint32_t instruction_bytes(Source& source, std::uint32_t at) {
        return source.byte(at + 1) >> 3 >= 0x1d ? 4 : 2;
    }

    template <class Source>
    static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at, std::uint32_t position) {
        if (!spaces.holds(side, position, 4)) return {};
        const std::uint32_t raw = source.word(at);
        if (is_long_branch(raw))
            return address_field(spaces, side, program_counter(spaces, side, position) + distance(raw), 4,
                                 FieldKind::code, long_branch);
        return find_word(spaces, side, position, raw, code_mark);
    }

    static std::uint64_t encode(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key,
                                std::uint32_t position) {
        const auto low = static_cast<std::uint32_t>(raw);
        if (field.form == word) return encode_word(spaces, field, low, key, code_mark);
        return with_distance(
            low, spaces.address_of(Side::new_image, key) - program_counter(spaces, Side::new_image, position));
    }

    template <class Source>
    static std::uint32_t instruction_class(Source& source, std::uint32_t at, std::uint32_t, std::uint32_t,
                                           std::uint32_t position) {
        return half_word_class(source, at, position);
    }

private:
    static constexpr std::uint32_t code_mark = 1;  ///< bit 0 of an address that is jumped to

    /// A5.1.2: it reads as the address of the instruction plus 4.
    static std::uint32_t program_counter(const Spaces& spaces, Side side, std::uint32_t position) {
        return spaces.space(side).address_of(position) + 4;
    }

    /// A7.7.12, A7.7.18: B (T4) and BL (T1), which bit 30 tells apart; the first half word is the lower one here.
    static constexpr bool is_long_branch(std::uint32_t raw) { return (raw & 0x9000f800) == 0x9000f000; }

    static constexpr std::uint32_t long_branch_bits = 0x2fff07ff;  ///< S:imm10, J1, J2, imm11

    /// imm32 = S:I1:I2:imm10:imm11:0 with I = not (J xor S): where J is set, I repeats the sign.
    static constexpr std::uint32_t distance(std::uint32_t raw) {
        return (sign_extended(raw, 11) << 12 | (raw >> 15 & 0xffe)) ^ (~raw >> 6 & 1U << 23) ^ (~raw >> 5 & 1U << 22);
    }

    static constexpr std::uint32_t with_distance(std::uint32_t raw, std::uint32_t distance) {
        const std::uint32_t repeated = ~(distance ^ sign_extended(distance >> 24, 1));
        return replaced(raw, long_branch_bits,
                        (distance >> 14 & 0x400) | (distance >> 12 & 0x3ff) | (distance & 0xffe) << 15 |
                            (repeated & 1U << 23) << 6 | (repeated & 1U << 22) << 5);
    }
};

}  // namespace sb::sbd
