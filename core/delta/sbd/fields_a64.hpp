// core/delta/sbd: address fields of A64 (Arm Architecture Reference Manual for A-profile, chapter C6): branches, and
// the two instructions that make an address: ADRP gives its page, an ADD, load or store the place in the page.
#pragma once

#include "core/delta/sbd/fields_near.hpp"

namespace sb::sbd {

/// Fields that can be left out, for a smaller decoder.
struct A64Kinds {
    enum : std::uint32_t {
        b_cond = 1 << 0,       ///< B.cond
        cbz = 1 << 1,          ///< CBZ, CBNZ
        tbz = 1 << 2,          ///< TBZ, TBNZ
        ldr_literal = 1 << 3,  ///< LDR (literal), LDRSW, PRFM, also of SIMD registers
        adr = 1 << 4           ///< ADR
    };
    static constexpr std::array<AnyNearForm, 5> near{{
        {.fixed = 0xff000010, .value = 0x54000000, .bytes = 4, .scale = 2, .runs = {{{5, 19}}}},
        {.fixed = 0x7e000000, .value = 0x34000000, .bytes = 4, .scale = 2, .runs = {{{5, 19}}}},
        {.fixed = 0x7e000000, .value = 0x36000000, .bytes = 4, .scale = 2, .runs = {{{5, 14}}}},
        {.fixed = 0x3b000000, .value = 0x18000000, .bytes = 4, .scale = 2, .runs = {{{5, 19}}}},
        {.fixed = 0x9f000000, .value = 0x10000000, .bytes = 4, .runs = {{{29, 2}, {5, 19}}}},
    }};
};

template <std::uint32_t kinds>
struct A64Fields {
    static constexpr Architecture id = Architecture::a64;
    static constexpr std::uint32_t alignment = 4;
    static constexpr bool tracks_instructions = false;
    static constexpr bool wide = true;

    static constexpr auto near_forms = chosen<kinds, A64Kinds::near>();

    enum Form : std::uint8_t { word = word_form, branch, page, in_page, first_near };
    static constexpr std::uint8_t forms = first_near + near_forms.size();

    template <class Source>
    static std::uint32_t instruction_bytes(Source&, std::uint32_t) {
        return 4;
    }

    template <class Source>
    static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at, std::uint32_t position) {
        if ((position & 3) != 0 || !spaces.holds(side, position, 4)) return {};
        const std::uint32_t raw = source.word(at);
        const std::uint32_t place = spaces.space(side).address_of(position);
        if ((raw & 0x7c000000) == 0x14000000)  // B, BL
            return address_field(spaces, side, place + sign_extended(raw << 2, 28), 4, FieldKind::code, branch);
        if (is_adrp(raw)) {
            for (std::uint32_t ahead = 4; ahead <= reach; ahead += 4)
                if (const std::uint32_t user = source.word(at + ahead); uses_page(user, raw & 31))
                    return half(spaces, side, place, raw, user, page);
            return {};
        }
        // Stands the ADRP of its base register shortly before it?
        if (uses_page(raw, raw >> 5 & 31))
            for (std::uint32_t back = 4; back <= reach && back <= position; back += 4)
                if (const std::uint32_t adrp = source.word(at - back); is_adrp(adrp) && (adrp & 31) == (raw >> 5 & 31))
                    return half(spaces, side, spaces.space(side).address_of(position - back), adrp, raw, in_page);
        const Field field = find_word(spaces, side, position, raw);
        if constexpr (!near_forms.empty())
            if (field.bytes == 0) return find_near(near_forms, first_near, spaces, side, position, raw, place);
        return field;
    }

    static std::uint64_t encode(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key,
                                std::uint32_t position) {
        const auto low = static_cast<std::uint32_t>(raw);
        const std::uint32_t address = spaces.address_of(Side::new_image, key);
        const std::uint32_t place = spaces.space(Side::new_image).address_of(position);
        if (field.form == branch) return replaced(low, 0x03ffffff, (address - place) >> 2);
        if (field.form == page) {
            const std::uint32_t pages = (address >> 12) - (place >> 12);
            return replaced(low, 0x60ffffe0, pages << 29 | (pages >> 2 & 0x7ffff) << 5);
        }
        if constexpr (!near_forms.empty())
            if (field.form >= first_near)
                return encode_near(near_forms[field.form - first_near], spaces, low, key, place);
        if (field.form == in_page) return replaced(low, 0x003ffc00, (address & 0xfff) >> scale(low) << 10);
        return address;
    }

    /// The upper byte of the instruction says what it is, but for one bit.
    template <class Source>
    static std::uint32_t instruction_class(Source& source, std::uint32_t at, std::uint32_t, std::uint32_t,
                                           std::uint32_t) {
        return folded_class((source.byte(at | 3) & 0x7fU) << 2 | (at & 3));
    }

private:
    static constexpr std::uint32_t reach = 16;  ///< bytes between the two halves of an address

    static constexpr bool is_adrp(std::uint32_t raw) { return (raw & 0x9f000000) == 0x90000000; }

    /// ADD (immediate, 64 bits, not shifted).
    static constexpr bool is_add(std::uint32_t raw) { return (raw & 0xffc00000) == 0x91000000; }
    static constexpr std::uint32_t offset_in_page(std::uint32_t user) { return (user >> 10 & 0xfff) << scale(user); }
    static constexpr bool uses_page(std::uint32_t user, std::uint32_t base) {
        if ((user >> 5 & 31) != base) return false;
        return is_add(user) || ((user & 0x3b000000) == 0x39000000 && offset_in_page(user) < 4096);
    }
    /// The immediate of a load counts operands of 1 << scale bytes; that of ADD counts bytes.
    static constexpr std::uint32_t scale(std::uint32_t user) {
        if (is_add(user)) return 0;
        return (user & 0x04800000) == 0x04800000 ? 4 : user >> 30;  // a SIMD register of 128 bits
    }

    static Field half(const Spaces& spaces, Side side, std::uint32_t place, std::uint32_t adrp, std::uint32_t user,
                      Form form) {
        const std::uint32_t page_number =
            (place >> 12) + sign_extended((adrp >> 5 & 0x7ffff) << 2 | (adrp >> 29 & 3), 21);
        if (page_number >> 20 != 0) return {};  // beyond 4 GB, where our addresses end
        Field field =
            address_field(spaces, side, page_number << 12 | offset_in_page(user), 4, FieldKind::outside, form);
        if ((field.key & outside_bit) != 0) return {};
        return field;
    }
};

using A64 = A64Fields<0>;

}  // namespace sb::sbd
