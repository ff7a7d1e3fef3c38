// The preamble of a patch: what the encoder writes is what a decoder reads, and whatever else stands there is refused
// or is another plan that fits the memory.
#include "core/delta/sbd/plan.hpp"

#include <gtest/gtest.h>

#include "core/delta/sbd/testing.hpp"
#include "tools/diff/sbd/preamble_writer.hpp"

namespace sb::sbd_testing::plan_test {
namespace {

using sbd::AddressSpace;
using sbd::LoadSegment;
using sbd::MapBlock;
using sbd::Plan;
using sbd::Prepared;

/// Memory of exactly a budget's size, where a step beyond is seen by the sanitizers.
struct Memory {
    explicit Memory(Budget budget) : words(sbd::arena_bytes(budget) / 4, 0xdeadbeef) {}
    [[nodiscard]] MutableBytes bytes() { return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 4}; }
    std::vector<std::uint32_t> words;
};

const std::vector<MapBlock>& blocks() {
    static const std::vector<MapBlock> made{{0, 0, 5000}, {5100, 5000, 300}, {5400, 10000, 9000}, {20000, 6000, 60}};
    return made;
}

struct Sample {
    const char* what;
    Plan plan;
    std::vector<MapBlock> blocks{};
};

Plan plain(Budget budget, Architecture architecture, std::uint32_t base = 0x08000000) {
    static std::map<std::pair<Architecture, std::uint32_t>, std::array<LoadSegment, 2>> kept;
    Plan plan;
    plan.budget = budget;
    plan.erase_bytes = 1;
    plan.flags = static_cast<std::uint8_t>(architecture);
    plan.ground.architecture = architecture;
    sbd::Spaces& spaces = plan.ground.spaces;
    spaces.image_bytes = {30000, 31000};
    plan.old_digest = {1, 2, 3, 4};
    plan.new_digest = {5, 6, 7, 8};
    if (architecture == Architecture::none) return plan;
    const sbd::UsualSpaces usual = sbd::usual_spaces(architecture);
    spaces.ram_address = usual.ram_address;
    spaces.ram_bytes = usual.ram_bytes;
    auto& segments = kept[{architecture, base}];
    segments = {{{0, base, 30000 + usual.behind_image}, {0, base, 31000 + usual.behind_image}}};
    spaces.of[0] = AddressSpace(std::span(segments).first(1));
    spaces.of[1] = AddressSpace(std::span(segments).last(1));
    return plan;
}

std::vector<Sample> samples() {
    std::vector<Sample> made;
    made.push_back({"no architecture", plain(Budget::k4, Architecture::none)});
    made.push_back({"no architecture, a map", plain(Budget::k16, Architecture::none), blocks()});
    for (const Calls& calls : all_calls) made.push_back({calls.name, plain(Budget::k8, calls.architecture), blocks()});
    made.push_back({"loaded nowhere round", plain(Budget::k32, Architecture::thumb, 0x00026001), blocks()});
    Sample segments{"segments, blocks, in place", plain(Budget::k4, Architecture::thumb), blocks()};
    segments.plan.segment_bytes = 16384;
    segments.plan.flags |= sbd::in_blocks | sbd::in_place;
    segments.plan.pace.block_bytes = 32;
    segments.plan.shift_bytes = 32768;
    segments.plan.erase_bytes = 4096;
    made.push_back(segments);
    static const std::array<LoadSegment, 5> own{{{24, 0x40080000, 8000},
                                                 {9000, 0x3f400020, 20000},
                                                 {24, 0x40080000, 8200},
                                                 {9200, 0x3f400020, 20100},
                                                 {30000, 0x50000000, 900}}};
    Sample spaces{"its own spaces", plain(Budget::k16, Architecture::riscv), blocks()};
    spaces.plan.flags |= sbd::own_spaces;
    spaces.plan.ground.spaces.ram_address = 0x3fc88000;
    spaces.plan.ground.spaces.ram_bytes = 0x60000;
    spaces.plan.ground.spaces.of[0] = AddressSpace(std::span(own).first(2));
    spaces.plan.ground.spaces.of[1] = AddressSpace(std::span(own).last(3));
    spaces.plan.ground.spaces.global_pointer = {0x3fc8a800, 0x3fc8a900};
    made.push_back(spaces);
    Sample stored{"stored", plain(Budget::k4, Architecture::none)};
    stored.plan.flags |= sbd::stored;
    made.push_back(stored);
    return made;
}

void expect_same_space(const AddressSpace& a, const AddressSpace& b) {
    ASSERT_EQ(a.segments().size(), b.segments().size());
    for (std::size_t i = 0; i < a.segments().size(); ++i) {
        EXPECT_EQ(a.segments()[i].offset, b.segments()[i].offset);
        EXPECT_EQ(a.segments()[i].address, b.segments()[i].address);
        EXPECT_EQ(a.segments()[i].bytes, b.segments()[i].bytes);
    }
}

TEST(Preamble, IsReadAsItWasWritten) {
    for (const Sample& sample : samples()) {
        SCOPED_TRACE(sample.what);
        const Buffer preamble = diff::write_preamble(sample.plan, sample.blocks);
        EXPECT_LE(preamble.size(), sbd::max_preamble_bytes);
        EXPECT_EQ(sbd::preamble_bytes(Bytes(preamble).first(sbd::fixed_bytes)).value(), preamble.size());
        Memory memory(sample.plan.budget);
        Prepared read;
        ASSERT_EQ(sbd::prepare(preamble, memory.bytes(), read), Error::none);
        sbd::read_digests(preamble, read.plan);
        const Plan& a = sample.plan;
        const Plan& b = read.plan;
        EXPECT_EQ(a.budget, b.budget);
        EXPECT_EQ(a.flags, b.flags);
        EXPECT_EQ(a.segment_bytes, b.segment_bytes);
        EXPECT_EQ(a.shift_bytes, b.shift_bytes);
        EXPECT_EQ(a.erase_bytes, b.erase_bytes);
        EXPECT_EQ(a.pace.block_bytes, b.pace.block_bytes);
        EXPECT_EQ(a.old_digest, b.old_digest);
        EXPECT_EQ(a.new_digest, b.new_digest);
        EXPECT_EQ(a.ground.spaces.image_bytes, b.ground.spaces.image_bytes);
        if ((a.flags & sbd::stored) != 0) continue;
        EXPECT_EQ(a.ground.architecture, b.ground.architecture);
        EXPECT_EQ(a.ground.spaces.ram_address, b.ground.spaces.ram_address);
        EXPECT_EQ(a.ground.spaces.ram_bytes, b.ground.spaces.ram_bytes);
        EXPECT_EQ(a.ground.spaces.global_pointer, b.ground.spaces.global_pointer);
        for (const std::size_t side : {0U, 1U}) expect_same_space(a.ground.spaces.of[side], b.ground.spaces.of[side]);
        for (const MapBlock& block : sample.blocks) {
            const sbd::BlockMap& map = read.tables.map.blocks();
            EXPECT_EQ(map.source_of(block.new_at), block.old_at);
            EXPECT_EQ(map.nearest(block.old_at + block.bytes - 1).distance, 0U);
        }
        EXPECT_GT(read.tables.hit_cells.size(), 16U);
        EXPECT_GT(read.tables.byte_cells.size(), 16U);
    }
}

/// What was read is used at its edges: a table that does not lie in the memory is seen.
void touch(Prepared& read) {
    if ((read.plan.flags & sbd::stored) != 0) return;
    ASSERT_FALSE(read.tables.hit_cells.empty());
    for (auto cells : {read.tables.hit_cells, read.tables.byte_cells}) {
        if (cells.empty()) continue;
        cells.front() = sbd::History::likely();
        cells.back() = sbd::History::likely();
    }
    for (std::uint32_t i = 0; i < 300; ++i) read.tables.map.learned().learn(i * 3, i);
    if (!read.tables.map.blocks().empty()) {
        static_cast<void>(read.tables.map.blocks().nearest(12345));
        static_cast<void>(read.tables.map.blocks().source_of(12345));
    }
    const sbd::Spaces& spaces = read.plan.ground.spaces;
    std::uint32_t key = 0;
    static_cast<void>(spaces.key_of(sbd::Side::old_image, 0x08001000, key));
    static_cast<void>(spaces.address_of(sbd::Side::new_image, key));
    static_cast<void>(read.plan.end_of_segment(0));
    static_cast<void>(read.plan.old_from(read.plan.ground.new_bytes()));
}

TEST(Preamble, IsRefusedWhereverItIsCut) {
    for (const Sample& sample : samples()) {
        SCOPED_TRACE(sample.what);
        const Buffer preamble = diff::write_preamble(sample.plan, sample.blocks);
        for (std::size_t kept = 0; kept < preamble.size(); ++kept) {
            const Buffer cut(preamble.begin(), preamble.begin() + static_cast<std::ptrdiff_t>(kept));
            Memory memory(sample.plan.budget);
            Prepared read;
            ASSERT_NE(sbd::prepare(cut, memory.bytes(), read), Error::none) << kept;
            if (kept < sbd::fixed_bytes) {
                EXPECT_EQ(sbd::preamble_bytes(cut).error(), Error::truncated);
            }
        }
    }
}

TEST(Preamble, IsRefusedOrAnotherPlanWhateverByteIsChanged) {
    for (const Sample& sample : samples()) {
        SCOPED_TRACE(sample.what);
        Buffer preamble = diff::write_preamble(sample.plan, sample.blocks);
        for (auto& byte : preamble) {
            const std::uint8_t kept = byte;
            for (std::uint32_t value = 0; value < 256; value += kept % 3 + 1) {
                byte = static_cast<std::uint8_t>(value);
                Memory memory(Budget::k32);
                Prepared read;
                if (sbd::prepare(preamble, memory.bytes(), read) == Error::none) touch(read);
                if (HasFatalFailure()) return;
            }
            byte = kept;
        }
    }
}

TEST(Preamble, NeedsAsMuchMemoryAsItsBudget) {
    const Buffer preamble = diff::write_preamble(plain(Budget::k16, Architecture::none), {});
    Memory memory(Budget::k8);
    Prepared read;
    EXPECT_EQ(sbd::prepare(preamble, memory.bytes(), read), Error::too_large);
}

TEST(Preamble, IsOfThisFormatAndVersion) {
    Buffer preamble = diff::write_preamble(plain(Budget::k4, Architecture::none), {});
    preamble[2] = static_cast<std::uint8_t>(preamble[2] ^ 0x10);
    EXPECT_EQ(sbd::preamble_bytes(preamble).error(), Error::unsupported);
    preamble[0] ^= 1;
    EXPECT_EQ(sbd::preamble_bytes(preamble).error(), Error::malformed);
}

TEST(Plan, SaysWhatOfTheOldImageIsGoneInPlace) {
    Plan plan = plain(Budget::k4, Architecture::none);
    EXPECT_EQ(plan.old_from(20000), 0U);
    plan.flags |= sbd::in_place;
    plan.shift_bytes = 8192;
    plan.erase_bytes = 4096;
    EXPECT_EQ(plan.old_from(8192), 0U);
    EXPECT_EQ(plan.old_from(8193), 4096U) << "the unit that the byte is in is erased";
    EXPECT_EQ(plan.old_from(12288), 4096U);
}

}  // namespace
}  // namespace sb::sbd_testing::plan_test
