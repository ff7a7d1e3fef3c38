// core/delta/sbd: address fields of AVR (AVR Instruction Set Manual): calls and jumps, absolute and relative, and loads
// and stores that name their place in RAM. Key and address are both in bytes, those of instructions in half words.
#pragma once

#include "core/delta/sbd/fields_near.hpp"

namespace sb::sbd {

/// Fields that can be left out, for a smaller decoder.
struct AvrKinds {
    enum : std::uint32_t { br = 1 << 0 };  ///< BRBC, BRBS: all conditional branches
    static constexpr std::array<AnyNearForm, 1> near{
        {{.fixed = 0xf800, .value = 0xf000, .bytes = 2, .scale = 1, .runs = {{{3, 7}}}}}};
};

template <std::uint32_t kinds>
struct AvrFields {
    static constexpr Architecture id = Architecture::avr;
    static constexpr std::uint32_t alignment = 2;
    static constexpr bool tracks_instructions = false;
    static constexpr bool wide = false;

    static constexpr auto near_forms = chosen<kinds, AvrKinds::near>();

    enum Form : std::uint8_t { absolute = word_form + 1, relative, data, first_near };
    static constexpr std::uint8_t forms = first_near + near_forms.size();

    /// JMP, CALL, LDS and STS have a second half word.
    template <class Source>
    static std::uint32_t instruction_bytes(Source& source, std::uint32_t at) {
        const std::uint32_t raw = source.word(at);
        return (raw & 0xfe0c) == 0x940c || is_data(raw) ? 4 : 2;
    }

    template <class Source>
    static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at, std::uint32_t position) {
        const std::uint32_t raw = source.word(at);
        const std::uint32_t next = spaces.space(side).address_of(position) + 2;
        if ((raw & 0xe000) == 0xc000) {  // RJMP, RCALL
            if (!spaces.holds(side, position, 2)) return {};
            return address_field(spaces, side, next + sign_extended(raw << 1, 13), 2, FieldKind::code, relative);
        }
        if constexpr (!near_forms.empty())
            if (const Field field = find_near(near_forms, first_near, spaces, side, position, raw, next);
                field.bytes != 0)
                return field;
        if (!spaces.holds(side, position, 4)) return {};
        if (is_absolute(raw))
            return address_field(spaces, side, (raw >> 16 | (raw & 1) << 16) << 1, 4, FieldKind::pointer, absolute);
        if (is_data(raw)) return {.bytes = 4, .kind = FieldKind::outside, .form = data, .key = raw >> 16 | outside_bit};
        return {};
    }

    static std::uint64_t encode(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key,
                                std::uint32_t position) {
        const auto low = static_cast<std::uint32_t>(raw);
        if (field.form == data) return replaced(low, 0xffff0000, key << 16);
        const std::uint32_t address = spaces.address_of(Side::new_image, key);
        if (field.form == absolute) return replaced(low, 0xffff0001, address << 15 | (address >> 17 & 1));
        const std::uint32_t next = spaces.space(Side::new_image).address_of(position) + 2;
        if constexpr (!near_forms.empty())
            if (field.form >= first_near)
                return encode_near(near_forms[field.form - first_near], spaces, low & 0xffff, key, next);
        return replaced(low & 0xffff, 0x0fff, (address - next) >> 1);
    }

    template <class Source>
    static std::uint32_t instruction_class(Source& source, std::uint32_t at, std::uint32_t, std::uint32_t,
                                           std::uint32_t) {
        return half_word_class(source, at, at);
    }

private:
    /// JMP and CALL below 256 KB: of the 22 bits in half words all but the lowest bit of the first one are 0.
    static constexpr bool is_absolute(std::uint32_t raw) { return (raw & 0xfffc) == 0x940c; }
    /// LDS and STS of 32 bits.
    static constexpr bool is_data(std::uint32_t raw) { return (raw & 0xfc0f) == 0x9000; }
};

using Avr = AvrFields<0>;

}  // namespace sb::sbd
