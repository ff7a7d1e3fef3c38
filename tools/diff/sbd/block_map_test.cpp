#include "tools/diff/sbd/block_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <random>

namespace sb::diff {
namespace {

constexpr std::uint32_t map_old_bytes = 10000;

struct MapCase {
    const char* name;
    std::vector<SourceRun> runs;
    std::size_t blocks;
    std::vector<MapBlock> expected;
};

TEST(BlockMap, KeepsTheLargestBlocks) {
    const MapCase cases[] = {
        {"nothing", {}, 4, {}},
        {"short runs", {{0, 100, 47}, {47, 500, 48}}, 4, {{47, 500, 48}}},
        {"runs in the new image", {{0, 0, 200}, {200, map_old_bytes, 100}}, 4, {{0, 0, 200}}},
        {"one diagonal", {{0, 100, 50}, {50, 900, 10}, {60, 160, 50}}, 4, {{0, 100, 110}}},
        {"too many", {{0, 100, 60}, {60, 900, 50}, {110, 0, 70}}, 2, {{0, 100, 60}, {110, 0, 70}}},
        {"what stood between two goes", {{0, 100, 60}, {60, 900, 50}, {110, 210, 55}}, 2, {{0, 100, 165}}},
        {"of equal ones the first goes", {{0, 100, 60}, {60, 900, 60}}, 1, {{60, 900, 60}}},
        {"none at all", {{0, 100, 60}}, 0, {}},
    };
    for (const MapCase& c : cases) EXPECT_EQ(block_map(c.runs, map_old_bytes, {c.blocks, 48}), c.expected) << c.name;
}

TEST(BlockMap, IsInOrderAndSmallEnoughWhateverTheRuns) {
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        std::vector<SourceRun> runs;
        std::uint32_t at = 0;
        for (int i = 0; i < 60; ++i) {
            const auto bytes = static_cast<std::uint32_t>(1 + random() % 150);
            const auto shift = static_cast<std::uint32_t>(random() % 4 * 16);
            runs.push_back({at, at + shift, bytes});
            at += bytes;
        }
        const std::size_t most = random() % 12;
        const auto map = block_map(runs, map_old_bytes, {most, 48});
        EXPECT_LE(map.size(), most);
        for (std::size_t i = 0; i < map.size(); ++i) {
            EXPECT_GE(map[i].bytes, 48U);
            EXPECT_LE(map[i].old_at + map[i].bytes, map_old_bytes);
            if (i == 0) continue;
            EXPECT_GE(map[i].new_at, map[i - 1].new_at + map[i - 1].bytes);
            EXPECT_NE(map[i].diagonal(), map[i - 1].diagonal());
        }
    }
}

}  // namespace
}  // namespace sb::diff
