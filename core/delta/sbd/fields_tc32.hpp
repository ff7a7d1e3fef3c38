// core/delta/sbd: address fields of TC32, the 16-bit instructions of Telink's radio chips: a relative of Thumb with
// codes of its own. No manual is public; what stands here is what disassemblies of its SDK show.
#pragma once

#include "core/delta/sbd/fields_common.hpp"

namespace sb::sbd {

struct Tc32 {
    static constexpr Architecture id = Architecture::tc32;
    static constexpr std::uint32_t alignment = 2;
    static constexpr bool tracks_instructions = false;
    static constexpr bool wide = false;

    enum Form : std::uint8_t { word = word_form, call };
    static constexpr std::uint8_t forms = call + 1;

    /// A call is two half words: 0b10010 with the upper 11 bits of the distance, 0b10011 with the lower ones.
    template <class Source>
    static std::uint32_t instruction_bytes(Source& source, std::uint32_t at) {
        return is_call(source.word(at)) ? 4 : 2;
    }

    template <class Source>
    static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at, std::uint32_t position) {
        if (!spaces.holds(side, position, 4)) return {};
        const std::uint32_t raw = source.word(at);
        if (!is_call(raw)) return find_word(spaces, side, position, raw, code_mark);
        const std::uint32_t distance = sign_extended(raw, 11) << 12 | (raw >> 15 & 0xffe);
        return address_field(spaces, side, program_counter(spaces, side, position) + distance, 4, FieldKind::code,
                             call);
    }

    static std::uint64_t encode(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key,
                                std::uint32_t position) {
        const auto low = static_cast<std::uint32_t>(raw);
        if (field.form == word) return encode_word(spaces, field, low, key, code_mark);
        const std::uint32_t distance =
            spaces.address_of(Side::new_image, key) - program_counter(spaces, Side::new_image, position);
        return replaced(low, 0x07ff07ff, (distance >> 12 & 0x7ff) | (distance & 0xffe) << 15);
    }

    template <class Source>
    static std::uint32_t instruction_class(Source& source, std::uint32_t at, std::uint32_t, std::uint32_t,
                                           std::uint32_t position) {
        return half_word_class(source, at, position);
    }

private:
    static constexpr std::uint32_t code_mark = 1;

    static constexpr bool is_call(std::uint32_t raw) { return (raw & 0xf800f800) == 0x98009000; }
    static std::uint32_t program_counter(const Spaces& spaces, Side side, std::uint32_t position) {
        return spaces.space(side).address_of(position) + 4;
    }
};

}  // namespace sb::sbd
