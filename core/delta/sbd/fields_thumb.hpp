// core/delta/sbd: address fields of Thumb and Thumb-2 (Armv7-M Architecture Reference Manual, chapter A7).
#pragma once

#include "core/delta/sbd/fields_near.hpp"

namespace sb::sbd {

/// Fields that can be left out, for a smaller decoder.
struct ThumbKinds {
    enum : std::uint32_t {
        b_cond = 1 << 0,         ///< A7.7.12 B, T1
        b = 1 << 1,              ///< B, T2
        b_cond_w = 1 << 2,       ///< B, T3
        cbz = 1 << 3,            ///< A7.7.21 CBNZ, CBZ
        ldr_literal = 1 << 4,    ///< A7.7.44 LDR (literal), T1
        ldr_literal_w = 1 << 5,  ///< LDR (literal), T2, forwards
        vldr_literal = 1 << 6,   ///< A7.7.237 VLDR, with PC, forwards
        adr = 1 << 7,            ///< A7.7.7 ADR, T1
        adr_w = 1 << 8,          ///< ADR, T3
        mov_pair = 1 << 16       ///< A7.7.76 MOVW, and A7.7.79 MOVT right behind it
    };
    static constexpr std::uint32_t near_rows = 9;
    static constexpr std::array<AnyNearForm, near_rows> near{{
        {.fixed = 0xf000, .value = 0xd000, .excluded = 0x0e00, .bytes = 2, .scale = 1, .runs = {{{0, 8}}}},
        {.fixed = 0xf800, .value = 0xe000, .bytes = 2, .scale = 1, .runs = {{{0, 11}}}},
        {.fixed = 0xd000f800,
         .value = 0x8000f000,
         .excluded = 0x0380,
         .bytes = 4,
         .scale = 1,
         .runs = {{{16, 11}, {0, 6}, {29, 1}, {27, 1}, {10, 1}}}},
        {.fixed = 0xf500, .value = 0xb100, .bytes = 2, .scale = 1, .is_signed = false, .runs = {{{3, 5}, {9, 1}}}},
        {.fixed = 0xf800,
         .value = 0x4800,
         .bytes = 2,
         .scale = 2,
         .is_signed = false,
         .origin_mask = 3,
         .runs = {{{0, 8}}}},
        {.fixed = 0xffff, .value = 0xf8df, .bytes = 4, .is_signed = false, .origin_mask = 3, .runs = {{{16, 12}}}},
        {.fixed = 0x0e00ffbf,
         .value = 0x0a00ed9f,
         .bytes = 4,
         .scale = 2,
         .is_signed = false,
         .origin_mask = 3,
         .runs = {{{16, 8}}}},
        {.fixed = 0xf800,
         .value = 0xa000,
         .bytes = 2,
         .scale = 2,
         .is_signed = false,
         .origin_mask = 3,
         .runs = {{{0, 8}}}},
        {.fixed = 0x8000fbff,
         .value = 0x0000f20f,
         .bytes = 4,
         .is_signed = false,
         .origin_mask = 3,
         .runs = {{{16, 8}, {28, 3}, {10, 1}}}},
    }};
};

template <std::uint32_t kinds>
struct ThumbFields {
    static constexpr Architecture id = Architecture::thumb;
    static constexpr std::uint32_t alignment = 2;
    static constexpr bool tracks_instructions = true;
    static constexpr bool wide = (kinds & ThumbKinds::mov_pair) != 0;

    static constexpr auto near_forms = chosen<kinds, ThumbKinds::near>();

    enum Form : std::uint8_t { word = word_form, long_branch, first_near, mov_pair = first_near + near_forms.size() };
    static constexpr std::uint8_t forms = mov_pair + ((kinds & ThumbKinds::mov_pair) != 0 ? 1 : 0);

    /// A5.1: a half word whose upper five bits are 0b11101 or more begins an instruction of 32 bits.
    template <class Source>
    static std::uint32_t instruction_bytes(Source& source, std::uint32_t at) {
        return source.byte(at + 1) >> 3 >= 0x1d ? 4 : 2;
    }

    template <class Source>
    static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at, std::uint32_t position) {
        const std::uint32_t raw = source.word(at);
        Field field;
        if (spaces.holds(side, position, 4)) {
            if (is_long_branch(raw)) {
                const std::uint32_t target = program_counter(spaces, side, position) + distance(raw);
                return address_field(spaces, side, target, 4, FieldKind::code, long_branch);
            }
            field = find_word(spaces, side, position, raw, code_mark);
        }
        if constexpr ((kinds & ThumbKinds::mov_pair) != 0)
            if (field.bytes == 0) field = find_mov_pair(spaces, side, position, raw, source.word(at + 4));
        if constexpr (!near_forms.empty())
            if (field.bytes == 0)
                field = find_near(near_forms, first_near, spaces, side, position, raw,
                                  program_counter(spaces, side, position));
        return field;
    }

    static std::uint64_t encode(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key,
                                std::uint32_t position) {
        const auto low = static_cast<std::uint32_t>(raw);
        const std::uint32_t origin = program_counter(spaces, Side::new_image, position);
        if (field.form == word) return encode_word(spaces, field, low, key, code_mark);
        if constexpr ((kinds & ThumbKinds::mov_pair) != 0)
            if (field.form == mov_pair) return with_mov_pair(spaces, field, raw, key);
        if constexpr (!near_forms.empty())
            if (field.form != long_branch)
                return encode_near(near_forms[field.form - first_near], spaces, low, key, origin);
        return with_distance(low, spaces.address_of(Side::new_image, key) - origin);
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

    /// imm16 of MOVW and of MOVT is imm4:i:imm3:imm8.
    static constexpr NearForm<4> mov_half{.is_signed = false, .runs = {{{16, 8}, {28, 3}, {10, 1}, {0, 4}}}};

    static Field find_mov_pair(const Spaces& spaces, Side side, std::uint32_t position, std::uint32_t movw,
                               std::uint32_t movt) {
        constexpr std::uint32_t kind = 0x8000fbf0, result = 0x0f000000;
        if ((movw & kind) != 0xf240 || (movt & kind) != 0xf2c0 || ((movw ^ movt) & result) != 0) return {};
        if (!spaces.holds(side, position, 8)) return {};
        const std::uint32_t value = near_distance(mov_half, movt) << 16 | near_distance(mov_half, movw);
        Field field = find_word(spaces, side, 0, value, code_mark);
        if (field.bytes != 0) field.bytes = 8;
        field.form = mov_pair;
        return field;
    }

    static std::uint64_t with_mov_pair(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key) {
        const auto movw = static_cast<std::uint32_t>(raw), movt = static_cast<std::uint32_t>(raw >> 32);
        const std::uint32_t value = encode_word(spaces, field, movw >> 16, key, code_mark);
        return std::uint64_t{with_near_distance(mov_half, movt, value >> 16)} << 32 |
               with_near_distance(mov_half, movw, value);
    }

    static constexpr std::uint32_t with_distance(std::uint32_t raw, std::uint32_t distance) {
        const std::uint32_t repeated = ~(distance ^ sign_extended(distance >> 24, 1));
        return replaced(raw, long_branch_bits,
                        (distance >> 14 & 0x400) | (distance >> 12 & 0x3ff) | (distance & 0xffe) << 15 |
                            (repeated & 1U << 23) << 6 | (repeated & 1U << 22) << 5);
    }
};

using Thumb = ThumbFields<0>;

}  // namespace sb::sbd
