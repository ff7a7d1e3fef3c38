// core/delta/sbd: address fields of RISC-V, RV32 and RV64 with C (The RISC-V Instruction Set Manual, volume I, tables
// of chapter "RV32/64G Instruction Set Listings"). An address is mostly made by two instructions: LUI or AUIPC gives
// its upper 20 bits, an ADDI, load, store or JALR the lower 12; compilers also put others between the two.
#pragma once

#include "core/delta/sbd/fields_near.hpp"

namespace sb::sbd {

/// Fields that can be left out, for a smaller decoder.
struct RiscVKinds {
    enum : std::uint32_t {
        c_j = 1 << 0,       ///< C.J
        c_jal = 1 << 1,     ///< C.JAL; of RV32 only: in RV64 these bits are C.ADDIW
        c_branch = 1 << 2,  ///< C.BEQZ, C.BNEZ
        branch = 1 << 3     ///< BEQ to BGEU
    };
    static constexpr std::array<BitRun, 8> c_jump_runs{
        {{3, 3}, {11, 1}, {2, 1}, {7, 1}, {6, 1}, {9, 2}, {8, 1}, {12, 1}}};
    static constexpr std::array<AnyNearForm, 4> near{{
        {.fixed = 0xe003, .value = 0xa001, .bytes = 2, .scale = 1, .runs = c_jump_runs},
        {.fixed = 0xe003, .value = 0x2001, .bytes = 2, .scale = 1, .runs = c_jump_runs},
        {.fixed = 0xc003,
         .value = 0xc001,
         .bytes = 2,
         .scale = 1,
         .runs = {{{3, 2}, {10, 2}, {2, 1}, {5, 2}, {12, 1}}}},
        {.fixed = 0x7f, .value = 0x63, .bytes = 4, .scale = 1, .runs = {{{8, 4}, {25, 6}, {7, 1}, {31, 1}}}},
    }};
};

template <std::uint32_t kinds>
struct RiscVFields {
    static constexpr Architecture id = Architecture::riscv;
    static constexpr std::uint32_t alignment = 2;
    static constexpr bool tracks_instructions = true;
    static constexpr bool wide = true;

    /// jump: JAL. pair: both halves of an address, 8 bytes. upper, lower: a half whose other one is not beside it.
    /// near_pointer: relative to gp.
    enum Form : std::uint8_t { word = word_form, jump, pair, upper, lower, near_pointer, first_near };

    static constexpr auto near_forms = chosen<kinds, RiscVKinds::near>();
    static constexpr std::uint8_t forms = first_near + near_forms.size();

    template <class Source>
    static std::uint32_t instruction_bytes(Source& source, std::uint32_t at) {
        return (source.byte(at) & 3) == 3 ? 4 : 2;
    }

    template <class Source>
    [[gnu::always_inline]] static Field find(Source& source, const Spaces& spaces, Side side, std::uint32_t at,
                                             std::uint32_t position) {
        Field field;
        const std::uint32_t raw = source.word(at);
        if (spaces.holds(side, position, 4)) {
            std::uint32_t address = jump_distance(raw), user = raw;
            Form form = jump;
            if ((raw & 0x5f) == (lui & auipc)) {
                address = raw & 0xfffff000;
                form = read_upper(source, spaces, side, at, position, user);
                if (form == word) return field;
            } else if ((raw & 0xf7f) != jal) {  // with x0 or ra
                form = read_lower(source, spaces, side, at, position, raw, address);
            }
            if (form != word) {
                if (form != jump) address += low_part(user);
                if (form == jump || (raw & 0x7f) == auipc) address += spaces.space(side).address_of(position);
                name(spaces, side, raw, address, form, field);
                if (field.bytes != 0 || form < lower) return field;
            }
            field = find_word(spaces, side, position, raw);
        }
        if constexpr (!near_forms.empty())
            if (field.bytes == 0)
                field = find_near(near_forms, first_near, spaces, side, position, raw,
                                  spaces.space(side).address_of(position));
        return field;
    }

    static std::uint64_t encode(const Spaces& spaces, const Field& field, std::uint64_t raw, std::uint32_t key,
                                std::uint32_t position) {
        const auto low = static_cast<std::uint32_t>(raw);
        std::uint32_t value = spaces.address_of(Side::new_image, key);
        if (field.form == word) return value;
        const std::uint32_t place = spaces.space(Side::new_image).address_of(position);
        if constexpr (!near_forms.empty())
            if (field.form >= first_near)
                return encode_near(near_forms[field.form - first_near], spaces, low, key, place);
        if (field.form == jump || (low & 0x7f) == auipc) value -= place;
        if (field.form == jump) return with_jump_distance(low, value);
        if (field.form == near_pointer) {
            value -= spaces.global_pointer[1];
            if (value + 2048 >= 4096) return low;
        }
        const bool is_alone = field.form >= lower;
        const std::uint32_t user = with_low_part(is_alone ? low : static_cast<std::uint32_t>(raw >> 32), value);
        // behind an upper half that is alone nothing counts
        return is_alone ? user : std::uint64_t{user} << 32 | with_high_part(low, value);
    }

    /// Instructions of 4 bytes by opcode and base register, of 2 bytes by quadrant and funct3.
    template <class Source>
    static std::uint32_t instruction_class(Source& source, std::uint32_t at, std::uint32_t start, std::uint32_t next,
                                           std::uint32_t) {
        const bool is_long = next - start == 4 && at - start < 4;
        const std::uint32_t from = is_long ? start : at & ~1U;
        const std::uint32_t raw = source.word(from);
        const std::uint32_t kind =
            is_long ? 1U << 12 | (raw & 0x7f) << 5 | base_register(raw) : (raw >> 13 & 7) << 2 | (raw & 3);
        return folded_class(kind << 2 | (at - from));
    }

private:
    static constexpr std::uint32_t lui = 0x37, auipc = 0x17, jal = 0x6f, jalr = 0x67, addi = 0x13, addiw = 0x1b;
    static constexpr std::uint32_t load = 0x03, load_fp = 0x07, store = 0x23, store_fp = 0x27, branch = 0x63;
    static constexpr std::uint32_t gp = 3;
    static constexpr std::uint32_t instructions_ahead = 8, bytes_back = 32;

    static constexpr std::uint32_t base_register(std::uint32_t raw) { return raw >> 15 & 31; }
    static constexpr std::uint32_t result_register(std::uint32_t raw) { return raw >> 7 & 31; }

    static constexpr bool is_store(std::uint32_t raw) { return (raw & 0x7b) == store; }  // and store_fp
    /// ADDI, loads and stores: base register and 12 bits. Takes fewer bytes inlined.
    [[gnu::always_inline]] static constexpr bool uses_address(std::uint32_t raw) {
        return is_store(raw) || (raw & 0x7b) == load || (raw & 0x707f) == addi;
    }
    /// What an LUI or AUIPC right before may be meant for.
    static constexpr bool completes(std::uint32_t raw) {
        return uses_address(raw) || (raw & 0x7f) == jalr || (raw & 0x707f) == addiw;
    }
    static constexpr bool writes_result(std::uint32_t raw) { return !is_store(raw) && (raw & 0x7f) != branch; }

    static constexpr std::uint32_t low_part(std::uint32_t raw) {
        return sign_extended(is_store(raw) ? (raw >> 20 & 0xfe0) | (raw >> 7 & 31) : raw >> 20, 12);
    }
    static constexpr std::uint32_t with_low_part(std::uint32_t raw, std::uint32_t value) {
        return is_store(raw) ? replaced(raw, 0xfe000f80, value << 20 | (value & 31) << 7)
                             : replaced(raw, 0xfff00000, value << 20);
    }
    /// The lower 12 bits have a sign: the upper ones are one more where it is negative.
    static constexpr std::uint32_t with_high_part(std::uint32_t raw, std::uint32_t value) {
        return replaced(raw, 0xfffff000, value + 0x800);
    }

    /// JAL: imm[20|10:1|11|19:12] in bits 31 to 12.
    static constexpr std::uint32_t jump_distance(std::uint32_t raw) {
        return sign_extended(raw >> 31, 1) << 20 | (raw & 0xff000) | (raw >> 9 & 0x800) | (raw >> 20 & 0x7fe);
    }
    static constexpr std::uint32_t with_jump_distance(std::uint32_t raw, std::uint32_t distance) {
        return replaced(
            raw, 0xfffff000,
            (distance << 11 & 0x80000000) | (distance & 0xff000) | (distance & 0x800) << 9 | (distance & 0x7fe) << 20);
    }

    /// Sets the field of an instruction that names `address`, if that is worth one.
    [[gnu::noinline]] static void name(const Spaces& spaces, Side side, std::uint32_t raw, std::uint32_t address,
                                       Form form, Field& field) {
        field.bytes = form == pair ? 8 : 4;
        field.kind = form == jump ? FieldKind::code : FieldKind::pointer;
        field.form = form;
        set_address(spaces, side, address, field);
        if (form == near_pointer) field.kind = FieldKind::outside;
        if ((field.key & outside_bit) == 0 || form == near_pointer) return;
        if (form != jump && spaces.is_ram(address)) return;
        // Only code that knows its segments knows what is not in them.
        const bool calls_rom = (raw & 0x7f) == auipc && spaces.space(side).segments().size() > 1;
        if (!calls_rom || address < lowest_rom) field.bytes = 0;
    }

    /// LUI or AUIPC (`user`) with what stands behind it; an LUI also with what stands some instructions later. Sets
    /// `user` to that; `word` where nothing uses what it makes.
    template <class Source>
    [[gnu::always_inline]] static Form read_upper(Source& source, const Spaces& spaces, Side side, std::uint32_t at,
                                                  std::uint32_t position, std::uint32_t& user) {
        const std::uint32_t raw = user, result = result_register(raw);
        if (result == 0) return word;
        user = source.word(at + 4);
        if (completes(user) && base_register(user) == result) return spaces.holds(side, position, 8) ? pair : word;
        return (raw & 0x7f) == lui && find_user(source, at + 4, result, user) ? upper : word;
    }

    /// Sets `user` to the first instruction from `at` on that uses register `base`; false if that is overwritten
    /// before.
    template <class Source>
    static bool find_user(Source& source, std::uint32_t at, std::uint32_t base, std::uint32_t& user) {
        for (std::uint32_t count = 0; count < instructions_ahead; ++count) {
            user = source.word(at);
            at += (user & 3) == 3 ? 4 : 2;
            if ((user & 3) != 3) continue;
            if (uses_address(user) && base_register(user) == base) return true;
            if (writes_result(user) && result_register(user) == base) return false;
        }
        return false;
    }

    /// What uses an LUI that stands before, or gp. Sets the address that both give; `word` where there is none.
    template <class Source>
    [[gnu::always_inline]] static Form read_lower(Source& source, const Spaces& spaces, Side side, std::uint32_t at,
                                                  std::uint32_t position, std::uint32_t raw, std::uint32_t& address) {
        const std::uint32_t base = base_register(raw);
        if (base == 0 || !uses_address(raw)) return word;
        if (base == gp && spaces.global_pointer[0] != 0) {
            address = spaces.global_pointer[static_cast<std::uint8_t>(side)];
            return near_pointer;
        }
        for (std::uint32_t back = 4; back <= bytes_back && back <= position; back += 2) {
            const std::uint32_t high = source.word(at - back);
            if ((high & 0xfff) != (lui | base << 7)) continue;
            address = high & 0xfffff000;
            return lower;
        }
        return word;
    }

    /// Words below are small numbers, not addresses of ROM.
    static constexpr std::uint32_t lowest_rom = 0x10000000;
};

using RiscV = RiscVFields<0>;

}  // namespace sb::sbd
