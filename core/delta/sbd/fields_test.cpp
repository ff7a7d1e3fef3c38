// Address fields of all architectures: encodings made by hand from the manuals.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/delta/sbd/testing.hpp"

// A namespace of its own: tests are compiled several files at a time.
namespace sb::sbd::fields_test {
namespace {

/// An instruction (or two) at `position` of an image, what it names, and how it reads for another key and place.
struct Encoding {
    const char* text;
    std::uint32_t position;
    std::uint64_t raw;
    std::uint8_t bytes;
    std::uint8_t form;
    FieldKind kind;
    std::uint32_t key;
    std::uint32_t new_position, new_key;
    std::uint64_t new_raw;
    std::uint64_t before = 0;  ///< the 8 bytes before it
    std::uint64_t behind = 0;  ///< the 8 bytes behind it
    bool near = false;         ///< and it is of any form
};

template <class Arch>
void expect_encodings(const Spaces& spaces, const std::vector<Encoding>& encodings) {
    for (const Encoding& e : encodings) {
        SCOPED_TRACE(e.text);
        Image image(spaces.image_bytes[0]);
        if (e.position >= 8) image.put(e.position - 8, e.before, 8);
        image.put(e.position, e.raw, e.bytes);
        image.put(e.position + e.bytes, e.behind, 8);
        const Field field = Arch::find(image, spaces, Side::old_image, e.position, e.position);
        EXPECT_EQ(field.bytes, e.bytes);
        EXPECT_EQ(field.near, e.near);
        if (!e.near) {
            EXPECT_EQ(field.form, e.form);
        }
        EXPECT_EQ(field.kind, e.kind);
        EXPECT_EQ(field.key, e.key) << std::hex << field.key;
        const std::uint64_t made = Arch::encode(spaces, field, raw_at(image, e.position), e.new_key, e.new_position);
        EXPECT_EQ(low_bytes(made, e.bytes), e.new_raw) << std::hex << made;
    }
}

constexpr auto code = FieldKind::code;
constexpr auto pointer = FieldKind::pointer;
constexpr auto outside = FieldKind::outside;

TEST(ThumbFields, AreThoseOfTheManual) {
    const Segments segments{{0, 0x08000000, 0x200000}};
    const Spaces spaces = loaded(segments, 0x200000);
    expect_encodings<Thumb>(
        spaces,
        {
            {"bl .+0x123456", 0x100, 0xfa29f123, 4, Thumb::long_branch, code, 0x123556, 0x200, 0x123656, 0xfa29f123},
            {"bl .-0x23452", 0x30000, 0xfdd3f7dc, 4, Thumb::long_branch, code, 0xcbaa, 0xcbaa, 0x30000, 0xfa29f023},
            {"b.w .+0xabcdee", 0x400, 0x9ef5f2bc, 4, Thumb::long_branch, outside, 0x88abd1ee, 0x400, 0x402, 0xbfffF7ff},
            {"function pointer", 0x40, 0x08001235, 4, Thumb::word, pointer, 0x1234, 0x48, 0x1300, 0x08001301},
            {"pointer to a string", 0x40, 0x08001235, 4, Thumb::word, pointer, 0x1234, 0x48, 0x1301, 0x08001302},
            {"variable", 0x40, 0x20000123, 4, Thumb::word, outside, 0xa0000123, 0x48, 0xa0000456, 0x20000456},
        });
}

TEST(ThumbFields, KnowLongInstructionsByTheFirstHalfWord) {
    Image image(8);
    image.put(0, 0xe92de7fe, 4);  // b ., then the first half word of push.w
    EXPECT_EQ(Thumb::instruction_bytes(image, 0), 2u);
    EXPECT_EQ(Thumb::instruction_bytes(image, 2), 4u);
}

TEST(A64Fields, AreThoseOfTheManual) {
    const Segments segments{{0, 0x80000, 0x140000}};
    const Spaces spaces = loaded(segments, 0x140000);
    constexpr std::uint64_t adrp = 0x90000103;                   // adrp x3, .+0x20000
    constexpr std::uint64_t nop = 0xd503201f, add = 0x9119e063;  // add x3, x3, #0x678
    expect_encodings<A64>(
        spaces,
        {
            {"b .+0x12344", 0x100, 0x140048d1, 4, A64::branch, code, 0x12444, 0x200, 0x100, 0x17ffffc0},
            {"bl .-0x4564", 0x8000, 0x97ffeea7, 4, A64::branch, code, 0x3a9c, 0, 0x8000, 0x94002000},
            {"pointer", 0x40, 0x81234, 4, A64::word, pointer, 0x1234, 0x40, 0x1301, 0x81301},
            {"page of add", 0x1010, adrp, 4, A64::page, outside, 0x21678, 0x1010, 0x24000, 0xf0000103, 0,
             add << 32 | nop},
            {"add", 0x1010, 0x9119e063, 4, A64::in_page, outside, 0x21678, 0x1010, 0x24ffc, 0x913ff063,
             nop << 32 | adrp},
            {"ldr x4", 0x1010, 0xf943fc64, 4, A64::in_page, outside, 0x217f8, 0x1010, 0x24008, 0xf9400464, adrp << 32},
            {"ldr q1", 0x1010, 0x3dc04861, 4, A64::in_page, outside, 0x21120, 0x1010, 0x24010, 0x3dc00461, adrp << 32},
            {"strb w1", 0x1010, 0x39048c61, 4, A64::in_page, outside, 0x21123, 0x1010, 0x24001, 0x39000461, adrp << 32},
        });
}

TEST(XtensaFields, AreThoseOfTheManual) {
    // Data at 0x3f400000, code at 0x400d0000, as an ESP32 loads them.
    const Segments segments{{0x20, 0x3f400020, 0x1000}, {0x1028, 0x400d0020, 0x8000}};
    Spaces spaces = loaded(segments, 0x9028);
    spaces.ram_address = 0x3ffb0000;
    expect_encodings<Xtensa>(
        spaces,
        {
            {"call8 .+0x48d8", 0x2028, 0x048d65, 3, Xtensa::call, code, 0x6900, 0x2028, 0x202c, 0x000025},
            {"l32r a2, .-0x10", 0x2029, 0xfffc21, 3, Xtensa::literal, outside, 0x201c, 0x202c, 0x201c, 0xfffc21},
            {"pointer to code", 0x40, 0x400d1020, 4, Xtensa::word, pointer, 0x2028, 0x44, 0x2029, 0x400d1021},
            {"variable", 0x40, 0x3ffb1234, 4, Xtensa::word, outside, 0xbffb1234, 0x44, 0xbffb1238, 0x3ffb1238},
        });
}

TEST(XtensaFields, AreNoCallsInData) {
    const Segments segments{{0x20, 0x3f400020, 0x1000}, {0x1028, 0x400d0020, 0x8000}};
    const Spaces spaces = loaded(segments, 0x9028);
    Image image(0x9028);
    image.put(0x101, 0x000025, 3);
    image.put(0x2001, 0x000025, 3);
    EXPECT_EQ(Xtensa::find(image, spaces, Side::old_image, 0x101, 0x101).bytes, 0);
    EXPECT_EQ(Xtensa::find(image, spaces, Side::old_image, 0x2001, 0x2001).bytes, 3);
}

TEST(RiscVFields, AreThoseOfTheManual) {
    const Segments segments{{0, 0x40380000, 0x100000}};
    Spaces spaces = loaded(segments, 0x100000);
    spaces.ram_address = 0x3fc80000;
    spaces.global_pointer = {0x3fc80800, 0x3fc80900};
    constexpr std::uint64_t lui = 0x403817b7, lw = 0xedc7a703, nops = 0x0001000100010001;  // lui a5; lw a4, -0x124(a5)
    expect_encodings<RiscV>(
        spaces,
        {
            {"jal ra, .+0x12344", 0x100, 0x344120ef, 4, RiscV::jump, code, 0x12444, 0x100, 0x12c44,
             0x345120ef | 1 << 20},
            {"lui, lw", 0x2000, lw << 32 | lui, 8, RiscV::pair, pointer, 0xedc, 0x2000, 0x4800, 0x8007a703'403857b7},
            {"auipc, jalr", 0x1000, 0x345080e7'00012097, 8, RiscV::pair, pointer, 0x13345, 0x2000, 0x4800,
             0x800080e7'00003097},
            {"hoisted lui", 0x2000, lui, 4, RiscV::upper, pointer, 0xedc, 0x2000, 0x4800, 0x403857b7, 0,
             lw << 32 | 0x00010001},
            {"lw alone", 0x2000, lw, 4, RiscV::lower, pointer, 0xedc, 0x2000, 0x4804, 0x8047a703, lui},
            {"sw alone", 0x2000, 0xece7ae23, 4, RiscV::lower, pointer, 0xedc, 0x2000, 0x4804, 0x80e7a223, lui},
            {"addi a0, gp, -0x10", 0x2000, 0xff018513, 4, RiscV::near_pointer, outside, 0xbfc807f0, 0x2000, 0xbfc808f0,
             0xff018513},
            {"word", 0x2000, 0x40381000, 4, RiscV::word, pointer, 0x1000, 0x2000, 0x1001, 0x40381001, nops, nops},
        });
}

TEST(RiscVFields, LeaveAnInstructionThatCannotReachFromTheGlobalPointer) {
    const Segments segments{{0, 0x40380000, 0x10000}};
    Spaces spaces = loaded(segments, 0x10000);
    spaces.global_pointer = {0x20000800, 0x20000800};
    Image image(0x100);
    image.put(0x20, 0xff018513, 4);
    const Field field = RiscV::find(image, spaces, Side::old_image, 0x20, 0x20);
    ASSERT_EQ(field.form, RiscV::near_pointer);
    EXPECT_EQ(RiscV::encode(spaces, field, 0xff018513, 0xa0001000, 0x20), 0xff018513u);
    EXPECT_EQ(RiscV::encode(spaces, field, 0xff018513, 0xa0000fff, 0x20), 0x7ff18513u);
}

TEST(RiscVFields, EndTheSearchWhereTheRegisterIsWritten) {
    const Segments segments{{0, 0x40380000, 0x10000}};
    const Spaces spaces = loaded(segments, 0x10000);
    Image image(0x100);
    image.put(0x20, 0x403817b7, 4);  // lui a5
    image.put(0x28, 0xedc7a703, 4);  // lw a4, -0x124(a5)
    for (const auto& [between, bytes] : std::map<std::uint32_t, int>{{0x00b50533, 4}, {0x00b507b3, 0}}) {
        image.put(0x24, between, 4);  // add a0 or a5, a0, a1
        EXPECT_EQ(RiscV::find(image, spaces, Side::old_image, 0x20, 0x20).bytes, bytes) << std::hex << between;
    }
}

TEST(AvrFields, AreThoseOfTheManual) {
    const Segments segments{{0, 0, 0x40000}};
    Spaces spaces = loaded(segments, 0x40000);
    spaces.ram_address = 0;
    expect_encodings<Avr>(
        spaces,
        {
            {"call 0x12346", 0x100, 0x91a3940e, 4, Avr::absolute, pointer, 0x12346, 0x100, 0x22346, 0x11a3940f},
            {"jmp 0x2468a", 0x100, 0x2345940d, 4, Avr::absolute, pointer, 0x2468a, 0x100, 0x468a, 0x2345940c},
            {"rjmp .+292", 0x100, 0xc092, 2, Avr::relative, code, 0x226, 0x200, 0x226, 0xc012},
            {"rcall .-136", 0x100, 0xdfbc, 2, Avr::relative, code, 0x7a, 0x102, 0x7a, 0xdfbb},
            {"lds r4, 0x1234", 0x100, 0x12349040, 4, Avr::data, outside, 0x80001234, 0x100, 0x80001334, 0x13349040},
            {"sts 0x1236, r5", 0x100, 0x12369250, 4, Avr::data, outside, 0x80001236, 0x100, 0x80001234, 0x12349250},
        });
}

TEST(Tc32Fields, AreCallsAndWords) {
    const Segments segments{{0, 0, 0x20000}};
    Spaces spaces = loaded(segments, 0x20000);
    spaces.ram_address = 0x840000;
    expect_encodings<Tc32>(
        spaces, {
                    {"tjl .+0x3456", 0x100, 0x9a299003, 4, Tc32::call, code, 0x3556, 0x200, 0x3656, 0x9a299003},
                    {"tjl .-0x2342", 0x8000, 0x9e5d97fd, 4, Tc32::call, code, 0x5cbe, 0x5cbe, 0x8000, 0x999f9002},
                    {"pointer", 0x40, 0x1235, 4, Tc32::word, pointer, 0x1234, 0x40, 0x1300, 0x1301},
                    {"variable", 0x40, 0x841234, 4, Tc32::word, outside, 0x80841234, 0x40, 0x80841238, 0x841238},
                });
}

// Kinds that can be left out.

/// Near fields: what `raw` at `position` names, and how it reads when that is 8 bytes farther.
struct NearEncoding {
    const char* text;
    std::uint32_t position;
    std::uint32_t raw;
    std::uint8_t bytes;
    std::uint32_t key;
    std::uint32_t farther;
};

template <class Arch>
void expect_near(std::uint32_t base, const std::vector<NearEncoding>& encodings) {
    const Segments segments{{0, base, 0x10000}};
    const Spaces spaces = loaded(segments, 0x10000);
    std::vector<Encoding> all;
    for (const NearEncoding& e : encodings)
        all.push_back({.text = e.text,
                       .position = e.position,
                       .raw = e.raw,
                       .bytes = e.bytes,
                       .form = 0,
                       .kind = code,
                       .key = e.key,
                       .new_position = e.position,
                       .new_key = e.key + 8,
                       .new_raw = e.farther,
                       .near = true});
    expect_encodings<Arch>(spaces, all);
}

TEST(ThumbFields, AreNearOnesToo) {
    expect_near<AllThumb>(0x08000000, {
                                          {"bne .-0x24", 0x102, 0xd1ec, 2, 0xde, 0xd1f0},
                                          {"b .+0x246", 0x102, 0xe121, 2, 0x348, 0xe125},
                                          {"beq.w .+0x2468", 0x102, 0x8232f002, 4, 0x256a, 0x8236f002},
                                          {"cbz r3, .+0x46", 0x102, 0xb30b, 2, 0x148, 0xb32b},
                                          {"cbnz r5, .+0x22", 0x102, 0xb97d, 2, 0x124, 0xb99d},
                                          {"ldr r2, [pc, 0x84]", 0x102, 0x4a21, 2, 0x188, 0x4a23},
                                          {"ldr.w r9, [pc, 0x123]", 0x102, 0x9123f8df, 4, 0x227, 0x912bf8df},
                                          {"vldr d9, [pc, 0x3f0]", 0x102, 0x9bfced9f, 4, 0x4f4, 0x9bfeed9f},
                                          {"adr r3, .+0x40", 0x102, 0xa310, 2, 0x144, 0xa312},
                                          {"adr.w r3, .+0x58", 0x102, 0x0354f20f, 4, 0x158, 0x035cf20f},
                                      });
}

TEST(ThumbFields, ThatAreNoBranchesAreLeftOut) {
    const Segments segments{{0, 0x08000000, 0x10000}};
    const Spaces spaces = loaded(segments, 0x10000);
    Image image(0x1000);
    image.put(0x100, 0xde00df01, 4);  // svc 1; udf 0
    image.put(0x200, 0x8f6ff3bf, 4);  // isb: a B (T3) with a condition that there is not
    for (const std::uint32_t at : {0x100U, 0x102U, 0x200U})
        EXPECT_EQ(AllThumb::find(image, spaces, Side::old_image, at, at).bytes, 0) << at;
}

TEST(ThumbFields, AreAddressesInMovwAndMovt) {
    const Segments segments{{0, 0x08000000, 0x10000}};
    const Spaces spaces = loaded(segments, 0x10000);
    expect_encodings<AllThumb>(
        spaces, {
                    {"movw r1, 0x5679; movt r1, 0x800", 0x102, 0x0100f6c0'6179f245, 8, AllThumb::mov_pair, pointer,
                     0x5678, 0x200, 0xfffe, 0x0100f6c0'71fff64f},
                    {"movw r1, 0x5678; movt r1, 0x2000", 0x102, 0x0100f2c2'6178f245, 8, AllThumb::mov_pair, outside,
                     0xa0005678, 0x200, 0xa0000001, 0x0100f2c2'0101f240},
                });
    Image image(0x1000);
    image.put(0x100, 0x0200f6c0'6179f245, 8);  // two registers
    EXPECT_EQ(AllThumb::find(image, spaces, Side::old_image, 0x100, 0x100).bytes, 0);
}

TEST(A64Fields, AreNearOnesToo) {
    expect_near<AllA64>(0x80000, {
                                     {"b.ne .+0x2340", 0x1000, 0x54011a01, 4, 0x3340, 0x54011a41},
                                     {"cbz x5, .+0x1234", 0x1000, 0xb40091a5, 4, 0x2234, 0xb40091e5},
                                     {"tbnz w6, 3, .-0x124", 0x1000, 0x371ff6e6, 4, 0xedc, 0x371ff726},
                                     {"ldr x7, .+0x1238", 0x1000, 0x580091c7, 4, 0x2238, 0x58009207},
                                     {"adr x1, .+0x1235", 0x1000, 0x300091a1, 4, 0x2235, 0x300091e1},
                                 });
}

TEST(RiscVFields, AreNearOnesToo) {
    expect_near<AllRiscV>(0x40380000, {
                                          {"c.j .+0x124", 0x100, 0xa215, 2, 0x224, 0xa235},
                                          {"c.jal .-0xe", 0x10e, 0x3fcd, 2, 0x100, 0x3fed},
                                          {"c.beqz a0, .-0xa", 0x10a, 0xd97d, 2, 0x100, 0xdd7d},
                                          {"bne a1, a2, .+0x234", 0x100, 0x22c59a63, 4, 0x334, 0x22c59e63},
                                      });
}

TEST(XtensaFields, AreNearOnesToo) {
    expect_near<AllXtensa>(0x40200000, {
                                           {"j .+0x104", 0x101, 0x004006, 3, 0x205, 0x004206},
                                           {"beqz a3, .-4", 0x101, 0xff8316, 3, 0xfd, 0x000316},
                                           {"beqi a3, 1, .+0x14", 0x101, 0x101326, 3, 0x115, 0x181326},
                                           {"bgeui a3, 2, .+0x14", 0x101, 0x1023f6, 3, 0x115, 0x1823f6},
                                           {"loop a5, .+0x24", 0x101, 0x208576, 3, 0x125, 0x288576},
                                           {"bne a2, a3, .+0x14", 0x101, 0x109237, 3, 0x115, 0x189237},
                                           {"beqz.n a4, .+0x29", 0x101, 0x54ac, 2, 0x12a, 0xd4ac},
                                       });
}

TEST(AvrFields, AreNearOnesToo) {
    expect_near<AllAvr>(0,
                        {{"brne .-10", 0x100, 0xf7d9, 2, 0xf8, 0xf7f9}, {"brcs .+6", 0x100, 0xf018, 2, 0x108, 0xf038}});
}

}  // namespace
}  // namespace sb::sbd::fields_test
