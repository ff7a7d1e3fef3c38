#include "tools/diff/vcdiff_writer.hpp"

#include <gtest/gtest.h>

#include "core/delta/vcdiff_interpreter.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;
using Kind = VcdiffStep::Kind;

const Buffer old_image{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'};
const Buffer new_image{'X', 'a', 'b', 'c', 'd', 'Y', 'b', 'c', 'd', 'e', 'f',
                       'g', 'h', 'Z', 'Z', 'Z', 'Z', 'Y', 'b', 'c', 'd'};
const VcdiffFrame frame{0, new_image.size(), 0, old_image.size()};
const VcdiffSteps steps{{Kind::add, 0, 1, 0},      {Kind::copy_old, 1, 4, 0}, {Kind::add, 5, 1, 0},
                        {Kind::copy_old, 6, 7, 1}, {Kind::run, 13, 4, 0},     {Kind::copy_new, 17, 4, 5}};

/// Carries sections out.
Buffer carried_out(const VcdiffBytes& sections) {
    std::array<std::uint8_t, vcdiff_large_cache_bytes> cells{};
    VcdiffInterpreter interpreter(cells);
    MemoryReader source{old_image};
    VcdiffWindow window{};
    window.source_bytes = static_cast<std::uint32_t>(old_image.size());
    window.target_bytes = static_cast<std::uint32_t>(new_image.size());
    Buffer target(new_image.size());
    interpreter.begin(window, source, target.data());
    VcdiffSections left{sections[0], sections[1], sections[2]};
    EXPECT_TRUE(run_vcdiff_sections(interpreter, left).has_value());
    return target;
}

TEST(VcdiffWriter, SpellsWhatTheInterpreterCarriesOut) {
    for (const bool by_distance : {false, true})
        for (const bool pairs : {false, true})
            EXPECT_EQ(carried_out(spell(new_image, frame, steps, {by_distance, pairs}, false)), new_image);
}

TEST(VcdiffWriter, UsesCodesForTwoInstructions) {
    const VcdiffBytes alone = spell(new_image, frame, steps, {false, false}, false);
    const VcdiffBytes paired = spell(new_image, frame, steps, {false, true}, false);
    EXPECT_EQ(alone[1].size(), paired[1].size() + 1);
    EXPECT_EQ(paired[1][0], 235);  // add 1, copy 4; the "same" cache is full of the address 0
    EXPECT_EQ(alone[0], paired[0]);
    EXPECT_EQ(alone[2], paired[2]);
}

TEST(VcdiffWriter, SpellsOneShiftWithTheSameBytesByDistance) {
    const VcdiffSteps one_shift{{Kind::copy_old, 0, 3, 0}, {Kind::add, 3, 2, 0}, {Kind::copy_old, 5, 3, 5}};
    const VcdiffBytes sections = spell(Buffer(8), {0, 8, 0, 10}, one_shift, {true, false}, false);
    EXPECT_EQ(sections[2], (Buffer{10, 10}));
}

TEST(VcdiffWriter, TakesTheShortestAddress) {
    const Buffer image(200);
    const VcdiffFrame large{0, 200, 0, 100000};
    const VcdiffSteps copies{{Kind::copy_old, 0, 20, 70000},   // no short way
                             {Kind::copy_old, 20, 20, 70000},  // the same again
                             {Kind::copy_old, 40, 20, 70100},  // near it
                             {Kind::copy_old, 60, 20, 99990},  // a short way back from here
                             {Kind::copy_old, 80, 20, 5}};     // at the start
    EXPECT_EQ(spell(image, large, copies, {}, false)[2].size(), 3U + 1 + 1 + 1 + 1);
}

TEST(VcdiffWriter, PutsAllInOneSectionWhenInterleaved) {
    const VcdiffBytes apart = spell(new_image, frame, steps, {}, false);
    const VcdiffBytes together = spell(new_image, frame, steps, {}, true);
    EXPECT_TRUE(together[0].empty());
    EXPECT_TRUE(together[2].empty());
    EXPECT_EQ(together[1].size(), apart[0].size() + apart[1].size() + apart[2].size());
    EXPECT_EQ(together[1][1], 'X');  // behind the code that adds it
}

TEST(VcdiffWriter, WritesNumbersInBase128) {
    Buffer to;
    put_base128(to, 123456789);
    put_base128(to, 127);
    put_base128(to, 0);
    EXPECT_EQ(to, (Buffer{0xba, 0xef, 0x9a, 0x15, 0x7f, 0x00}));
    EXPECT_EQ(base128_bytes(127), 1U);
    EXPECT_EQ(base128_bytes(128), 2U);
    EXPECT_EQ(base128_bytes(~0U), 5U);
}

}  // namespace
}  // namespace sb::diff
