// Address fields of all architectures: what holds for any bytes.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/delta/sbd/testing.hpp"

// A namespace of its own: tests are compiled several files at a time.
namespace sb::sbd::fields_test {
namespace {

// What holds for any bytes.

struct Pattern {
    std::uint32_t fixed;  ///< bits that are not random
    std::uint32_t value;
};
/// Of the kinds that are always there, then of those that can be left out.
std::vector<Pattern> patterns(Architecture architecture) {
    switch (architecture) {
        case Architecture::thumb:
            return {{0x9000f800, 0x9000f000}, {0xf000, 0xd000},    {0xf800, 0xe000}, {0xf800fc3f, 0x8000f000},
                    {0xf500, 0xb100},         {0xf800, 0x4800},    {0xffff, 0xf8df}, {0xe00ffbf, 0xa00ed9f},
                    {0xf800, 0xa000},         {0x8000fbff, 0xf20f}};
        case Architecture::a64:
            return {{0x7e000000, 0x14000000}, {0x9ffffffe, 0x90000002}, {0xffc003c0, 0x91000040},
                    {0x3f0003c0, 0x39000040}, {0xff0f8010, 0x54000000}, {0x7e0f8000, 0x34000000},
                    {0x7e070000, 0x36000000}, {0x3b0f8000, 0x18000000}, {0x9f0f8000, 0x10000000}};
        case Architecture::xtensa:
            return {{0xf, 5},         {0x80000f, 0x800001}, {0xf8003f, 0x06}, {0x3f, 0x16}, {0x3f, 0x26},
                    {0xc0ff, 0x8076}, {0xf, 0x07},          {0x8f, 0x8c},     {0xbf, 0xb6}};
        case Architecture::riscv:
            return {{0x800fff7f, 0x6f},   {0xffff8f7f, 0x40000237}, {0xffff8f7f, 0x20000237}, {0xfff08f7f, 0x00000217},
                    {0x70707f, 0x200013}, {0x7007f, 0x20003},       {0x7007f, 0x20023},       {0xf807f, 0x18003},
                    {0xe003, 0xa001},     {0xe003, 0x2001},         {0xc003, 0xc001},         {0x7f, 0x63}};
        case Architecture::avr:
            return {{0xe000, 0xc000}, {0xfffc, 0x940c}, {0xfc0f, 0x9000}, {0xf800, 0xf000}};
        default:
            return {{0xf800f800, 0x98009000}};
    }
}

struct Layout {
    const char* name;
    Segments segments;
    std::uint32_t ram_address, ram_bytes;
};
const std::vector<Layout>& layouts() {
    static const std::vector<Layout> all{
        {"no segments", {}, 0x20000000, 0x10000},
        {"at 0", {{0, 0, 0x2000}}, 0, 0x10000},
        {"flash", {{0, 0x40000000, 0x2000}}, 0x20000000, 0x1000},
        {"two", {{0x18, 0x40080000, 0x600}, {0x620, 0x400d0020, 0x1000}}, 0x3ffb0000, 0x1000},
        {"overlapping", {{0x100, 0x40000100, 0x300}, {0, 0x40100000, 0x1000}}, 0x20000000, 0x1000},
        {"at the end", {{0, 0xfffff000, 0x2000}}, 0xfffe0000, 0x1000},
        {"the middle in RAM", {{0, 0x7ffff800, 0x2000}}, 0x7fff0000, 0x20000},
    };
    return all;
}

template <class Arch>
class AnyBytes : public ::testing::Test {
protected:
    static constexpr std::uint32_t image_bytes = 0x1000;
    std::mt19937 random{7};

    std::uint32_t any() { return static_cast<std::uint32_t>(random()); }
    /// MOVW and MOVT, which make any other number for no bits that are random.
    static void put_mov_pair(Image& image, std::uint32_t at, std::uint32_t value) {
        for (const std::uint32_t opcode : {0x0000f240U, 0x0000f2c0U}) {
            image.put(at,
                      opcode | (value & 0xff) << 16 | (value & 0x700) << 20 | (value & 0x800) >> 1 | (value >> 12 & 15),
                      4);
            value >>= 16;
            at += 4;
        }
    }
    /// Instructions, addresses and anything.
    void fill(Image& image, const Layout& layout) {
        const auto kinds = patterns(Arch::id);
        for (std::uint32_t at = 0; at < image_bytes + 64;) {
            const std::uint32_t what = any() % 8;
            std::uint32_t word = any();
            if (Arch::id == Architecture::thumb && any() % 8 == 0 && !layout.segments.empty()) {
                put_mov_pair(image, at, layout.segments[0].address + any() % layout.segments[0].bytes);
                at += 8;
                continue;
            }
            if (what < 5) {
                const Pattern& pattern = kinds[any() % kinds.size()];
                word = replaced(word, pattern.fixed, pattern.value);
            } else if (what == 5 && !layout.segments.empty()) {
                const LoadSegment& segment = layout.segments[any() % layout.segments.size()];
                word = segment.address + any() % segment.bytes;
            } else if (what == 6) {
                word = layout.ram_address + any() % layout.ram_bytes;
            }
            image.put(at, word, 4);
            at += 2 + 2 * (any() & 1);
        }
    }
};
using Architectures =
    ::testing::Types<Thumb, A64, Xtensa, RiscV, Avr, Tc32, AllThumb, AllA64, AllXtensa, AllRiscV, AllAvr>;

class ArchitectureNames {
public:
    template <class Arch>
    // NOLINTNEXTLINE(readability-identifier-naming): googletest's name
    static std::string GetName(int index) {
        constexpr const char* names[] = {"none", "Thumb", "A64", "Xtensa", "RiscV", "Avr", "Tc32"};
        return std::string(index > 5 ? "All" : "") + names[static_cast<std::size_t>(Arch::id)];
    }
};
TYPED_TEST_SUITE(AnyBytes, Architectures, ArchitectureNames);

TYPED_TEST(AnyBytes, EncodeAgainAsTheyWere) {
    std::map<int, int> found;
    for (const Layout& layout : layouts()) {
        SCOPED_TRACE(layout.name);
        Spaces spaces = loaded(layout.segments, this->image_bytes);
        spaces.ram_address = layout.ram_address;
        spaces.ram_bytes = layout.ram_bytes;
        spaces.global_pointer = {layout.ram_address + 0x800, layout.ram_address + 0x800};
        for (int round = 0; round < 20; ++round) {
            Image image(this->image_bytes + 64);
            this->fill(image, layout);
            for (std::uint32_t at = 0; at < this->image_bytes; at += TypeParam::alignment) {
                const Side side = (at & 8) != 0 ? Side::old_image : Side::new_image;
                const Field field = TypeParam::find(image, spaces, side, at, at);
                if (field.bytes == 0) continue;
                ++found[field.form];
                const std::uint64_t raw = raw_at(image, at);
                const std::uint64_t made = TypeParam::encode(spaces, field, raw, field.key, at);
                ASSERT_EQ(low_bytes(made, field.bytes), low_bytes(raw, field.bytes))
                    << "form " << int{field.form} << " at " << at << std::hex << " raw " << raw << " made " << made;
                ASSERT_NE(field.kind, FieldKind::none);
            }
        }
    }
    for (int form = TypeParam::id == Architecture::avr ? 1 : 0; form < TypeParam::forms; ++form)
        EXPECT_GT(found[form], 50) << "form " << form;
}

TYPED_TEST(AnyBytes, AreReadNearTheFieldOnly) {
    const Layout& layout = layouts()[2];
    Spaces spaces = loaded(layout.segments, this->image_bytes);
    Image image(this->image_bytes + 64);
    this->fill(image, layout);
    for (std::uint32_t at = 64; at < this->image_bytes; at += TypeParam::alignment) {
        image.forget_reads();
        static_cast<void>(TypeParam::find(image, spaces, Side::old_image, at, at));
        static_cast<void>(TypeParam::instruction_bytes(image, at));
        static_cast<void>(TypeParam::instruction_class(image, at, at - 1, at + 2, at));
        static_cast<void>(TypeParam::instruction_class(image, at, unknown_start, 0, at));
        ASSERT_GE(image.lowest_read(), at - 32) << at;
        ASSERT_LT(image.highest_read(), at + 40) << at;
    }
}

TYPED_TEST(AnyBytes, NeverReachOverTheEnd) {
    int found = 0;
    for (const Layout& layout : layouts())
        for (std::uint32_t bytes = 0; bytes < 48; ++bytes) {
            const Spaces spaces = loaded(layout.segments, bytes);
            for (int round = 0; round < 10; ++round) {
                Image image(this->image_bytes + 64);
                this->fill(image, layout);
                // Before it in the source stands another image, which is not looked into.
                for (std::uint32_t position = 0; position < bytes + 8; position += TypeParam::alignment) {
                    image.forget_reads();
                    const Field field = TypeParam::find(image, spaces, Side::new_image, 128 + position, position);
                    ASSERT_LE(field.bytes == 0 ? 0 : position + field.bytes, bytes);
                    ASSERT_TRUE(position >= bytes || image.lowest_read() >= 128);
                    found += field.bytes != 0 ? 1 : 0;
                }
            }
        }
    EXPECT_GT(found, 100);
}

TYPED_TEST(AnyBytes, AreOfAClassOfTheModel) {
    Image image(this->image_bytes + 64);
    this->fill(image, layouts()[2]);
    std::map<std::uint32_t, int> seen;
    for (std::uint32_t at = 8; at < this->image_bytes; ++at)
        for (const std::uint32_t start : {at, at - 1, at - 2, at - 3, unknown_start}) {
            const std::uint32_t next = start == unknown_start ? 0 : start + 4;
            ++seen[TypeParam::instruction_class(image, at, start, next, at)];
        }
    EXPECT_GE(seen.size(), 4u);
    EXPECT_LT(seen.rbegin()->first, class_count);
}

TYPED_TEST(AnyBytes, BeginInstructionsOfOneToFourBytes) {
    Image image(this->image_bytes + 64);
    this->fill(image, layouts()[2]);
    for (std::uint32_t at = 0; at < this->image_bytes; ++at) {
        const std::uint32_t bytes = TypeParam::instruction_bytes(image, at);
        ASSERT_TRUE(bytes >= 1 && bytes <= 4) << bytes;
    }
}

TEST(AddressSpace, LeavesOutWhatTheKeyWouldNotGiveBack) {
    const Segments overlapping{{0x100, 0x40000100, 0x300}, {0, 0x40100000, 0x1000}};
    const Spaces spaces = loaded(overlapping, 0x1000);
    std::uint32_t key = 0;
    EXPECT_TRUE(spaces.key_of(Side::old_image, 0x40100080, key));
    EXPECT_EQ(key, 0x80u);
    EXPECT_FALSE(spaces.key_of(Side::old_image, 0x40100180, key)) << "offset 0x180 belongs to the first segment";
    EXPECT_FALSE(spaces.key_of(Side::old_image, 0xe0000000, key)) << "RAM is where the top bit is 0";
    EXPECT_TRUE(spaces.key_of(Side::old_image, 0x60000000, key));
    EXPECT_EQ(key, 0xe0000000u);
    EXPECT_FALSE(spaces.may_move(key));
    EXPECT_TRUE(spaces.may_move(0xa0000000));
}

}  // namespace
}  // namespace sb::sbd::fields_test
