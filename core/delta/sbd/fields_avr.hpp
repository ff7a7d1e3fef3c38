// core/delta/sbd: address fields of AVR (AVR Instruction Set Manual): calls and jumps, absolute and relative, and loads
// and stores that name their place in RAM. Key and address are both in bytes, those of instructions in half words.
#pragma once

#include "core/delta/sbd/fields_common.hpp"

namespace sb::sbd {

struct Avr {
    static constexpr Architecture id = Architecture::avr;
    static constexpr std::uint32_t alignment = 2;
    static constexpr bool tracks_instructions = false;

    enum Form : std::uint8_t { absolute = word_form + 1, relative, data };
    static constexpr std::uint8_t forms = data + 1;

    /// JMP, CALL, LDS and STS have a second half word.
    template <class Source>
    static std::uint32_t instruction_bytes(Source& source, std::uint32_t at) {
        const std::uint32_t raw = source.word(at);
        return (raw & 0xfe0c) == 0x940c || is_data(raw) ? 4 : 2;
    }

    template <class Source>
    static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at, std::uint32_t position) {
        const std::uint32_t raw = source.word(at);
        if ((raw & 0xe000) == 0xc000) {  // RJMP, RCALL
            if (!spaces.holds(side, position, 2)) return {};
            const std::uint32_t next = spaces.space(side).address_of(position) + 2;
            return address_field(spaces, side, next + sign_extended(raw << 1, 13), 2, FieldKind::code, relative);
        }
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

}  // namespace sb::sbd
