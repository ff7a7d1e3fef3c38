// core/delta/sbd: address fields of Xtensa (Instruction Set Architecture Reference Manual, chapter 6 and section 7.3),
// little endian, with code density: calls, loads of literals, and words.
#pragma once

#include "core/delta/sbd/fields_near.hpp"

namespace sb::sbd {

/// Fields that can be left out, for a smaller decoder.
struct XtensaKinds {
    enum : std::uint32_t {
        j = 1 << 0,              ///< J
        branch_zero = 1 << 1,    ///< BEQZ, BNEZ, BLTZ, BGEZ
        branch_number = 1 << 2,  ///< BEQI, BNEI, BLTI, BGEI, BLTUI, BGEUI
        loop = 1 << 3,           ///< LOOP, LOOPNEZ, LOOPGTZ; forwards
        branch = 1 << 4,         ///< op0 == 7: all that compare two registers, or bits
        branch_n = 1 << 5        ///< BEQZ.N, BNEZ.N; forwards
    };
    static constexpr std::array<AnyNearForm, 7> near{{
        {.fixed = 0x3f, .value = 0x06, .bytes = 3, .runs = {{{6, 18}}}},
        {.fixed = 0x3f, .value = 0x16, .bytes = 3, .runs = {{{12, 12}}}},
        {.fixed = 0x3f, .value = 0x26, .bytes = 3, .runs = {{{16, 8}}}},
        {.fixed = 0xc0ff, .value = 0x8076, .bytes = 3, .is_signed = false, .runs = {{{16, 8}}}},
        {.fixed = 0x0f, .value = 0x07, .bytes = 3, .runs = {{{16, 8}}}},
        {.fixed = 0x8f, .value = 0x8c, .bytes = 2, .is_signed = false, .runs = {{{12, 4}, {4, 2}}}},
        {.fixed = 0xbf, .value = 0xb6, .bytes = 3, .runs = {{{16, 8}}}},  // BLTUI, BGEUI
    }};
    /// branch_number is two rows.
    static constexpr std::uint32_t rows(std::uint32_t kinds) { return (kinds & 0x3f) | (kinds & branch_number) << 4; }
};

template <std::uint32_t kinds>
struct XtensaFields {
    static constexpr Architecture id = Architecture::xtensa;
    static constexpr std::uint32_t alignment = 1;
    static constexpr bool tracks_instructions = true;
    static constexpr bool wide = false;

    static constexpr auto near_forms = chosen<XtensaKinds::rows(kinds), XtensaKinds::near>();

    enum Form : std::uint8_t { word = word_form, call, literal, first_near };
    static constexpr std::uint8_t forms = first_near + near_forms.size();

    /// Table 7-202: op0, the lowest four bits, is 8 to 13 in the short instructions.
    template <class Source>
    static std::uint32_t instruction_bytes(Source& source, std::uint32_t at) {
        return (source.byte(at) & 15U) - 8 < 6 ? 2 : 3;
    }

    template <class Source>
    static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at, std::uint32_t position) {
        const std::uint32_t raw = source.word(at);
        if (spaces.holds(side, position, 4))
            if (const Field field = find_word(spaces, side, position, raw); field.bytes != 0) return field;
        if (!spaces.holds(side, position, 2)) return {};
        const std::uint32_t place = spaces.space(side).address_of(position);
        if (!is_code(spaces.space(side), place)) return {};
        Field field;
        if constexpr (!near_forms.empty()) {
            field = find_near(near_forms, first_near, spaces, side, position, raw, place + 4);
            if (field.bytes != 0) return field;
        }
        if (!spaces.holds(side, position, 3)) return {};
        if ((raw & 15) == 5)  // CALL0 to CALL12
            field = address_field(spaces, side, (place & ~3U) + 4 + sign_extended(raw >> 4 & 0xffffc, 20), 3,
                                  FieldKind::code, call);
        if ((raw & 15) == 1)  // L32R: literals stand before the code that loads them
            field = address_field(spaces, side, literal_base(place) + (0xfffc0000 | (raw >> 6 & 0x3fffc)), 3,
                                  FieldKind::outside, literal);
        return (field.key & outside_bit) == 0 ? field : Field{};
    }

    static std::uint64_t encode(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key,
                                std::uint32_t position) {
        const auto low = static_cast<std::uint32_t>(raw) & (field.bytes == 4 ? 0xffffffff : 0xffffff);
        const std::uint32_t address = spaces.address_of(Side::new_image, key);
        const std::uint32_t place = spaces.space(Side::new_image).address_of(position);
        if (field.form == call) return replaced(low, 0xffffc0, (address - (place & ~3U) - 4) << 4);
        if (field.form == literal) return replaced(low, 0xffff00, (address - literal_base(place)) << 6);
        if constexpr (!near_forms.empty())
            if (field.form >= first_near)
                return encode_near(near_forms[field.form - first_near], spaces, low, key, place + 4);
        return address;
    }

    template <class Source>
    static std::uint32_t instruction_class(Source&, std::uint32_t, std::uint32_t, std::uint32_t,
                                           std::uint32_t position) {
        return position & 3;
    }

private:
    static constexpr std::uint32_t literal_base(std::uint32_t place) { return (place + 3) & ~3U; }

    /// ESP chips: code is run from 0x40000000 and above, data is read through other addresses. An image without a
    /// table of segments says nothing about that.
    static bool is_code(const AddressSpace& space, std::uint32_t place) {
        return space.segments().size() < 2 || place >> 28 == 4;
    }
};

using Xtensa = XtensaFields<0>;

}  // namespace sb::sbd
