#include "core/delta/sbd/address_map.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <vector>

namespace sb::sbd::address_map_test {
namespace {

/// LearnedKeys with their memory.
struct Learned {
    explicit Learned(std::uint32_t capacity)
        : keys(capacity), moved_by(capacity), table(keys.data(), moved_by.data(), capacity) {}
    Learned(const Learned&) = delete;
    Learned& operator=(const Learned&) = delete;

    std::vector<std::uint32_t> keys, moved_by;
    LearnedKeys table;
};

TEST(LearnedKeys, KeepsTheNewest) {
    for (const std::uint32_t capacity : {1U, 2U, 48U, 250U, LearnedKeys::max_entries}) {
        Learned learned(capacity);
        std::map<std::uint32_t, std::uint32_t> expected;
        std::deque<std::uint32_t> by_age;
        std::mt19937 random(capacity);
        for (int i = 0; i < 3000; ++i) {
            const auto key = static_cast<std::uint32_t>(random() % (3 * capacity)) * 7;
            const auto moved_by = static_cast<std::uint32_t>(random());
            if (!expected.contains(key)) {
                by_age.push_back(key);
                if (by_age.size() > capacity) {
                    expected.erase(by_age.front());
                    by_age.pop_front();
                }
            }
            expected[key] = moved_by;
            learned.table.learn(key, moved_by);
            ASSERT_EQ(learned.table.size(), expected.size());
            if (i % 16 != 0) continue;
            for (const auto& [k, m] : expected) {
                const Near near = learned.table.nearest(k);
                ASSERT_EQ(near.distance, 0U) << k << " after " << i;
                ASSERT_EQ(near.moved_by, m) << "after " << i;
            }
        }
        learned.table.clear();
        EXPECT_EQ(learned.table.size(), 0U);
    }
}

TEST(LearnedKeys, HasNoRoomWhereNoneIsGiven) {
    Learned learned(0);
    learned.table.learn(5, 6);
    EXPECT_EQ(learned.table.size(), 0U);
    EXPECT_EQ(learned.table.nearest(5).distance, Near{}.distance);
}

TEST(LearnedKeys, FindsTheNearestOnEitherSide) {
    Learned learned(8);
    for (const std::uint32_t key : {900U, 100U, 500U}) learned.table.learn(key, key + 1);
    for (const auto& [key, nearest] : {std::pair{0U, 100U}, {290U, 100U}, {310U, 500U}, {800U, 900U}, {5000U, 900U}}) {
        EXPECT_EQ(learned.table.nearest(key).moved_by, nearest + 1) << key;
        EXPECT_EQ(learned.table.nearest(key).distance, key < nearest ? nearest - key : key - nearest) << key;
    }
}

/// Blocks in the order of the new image, which come from apart of each other in the old one.
std::vector<MapBlock> random_blocks(std::uint32_t seed, std::uint32_t count) {
    std::mt19937 random(seed);
    std::vector<std::uint32_t> places(count);
    for (std::uint32_t i = 0; i < count; ++i) places[i] = i * 100;
    std::shuffle(places.begin(), places.end(), random);
    std::vector<MapBlock> blocks;
    for (std::uint32_t i = 0; i < count; ++i)
        blocks.push_back({i * 120 + static_cast<std::uint32_t>(random() % 20),
                          places[i] + static_cast<std::uint32_t>(random() % 30),
                          1 + static_cast<std::uint32_t>(random() % 70)});
    return blocks;
}

TEST(BlockMap, FindsTheNearestBlock) {
    for (const std::uint32_t count : {1U, 2U, 24U, BlockMap::max_blocks}) {
        const std::vector<MapBlock> blocks = random_blocks(count, count);
        const BlockMap map(blocks);
        for (std::uint32_t at = 0; at < count * 100 + 200; ++at) {
            std::uint32_t least = 0xffffffff;
            for (const MapBlock& b : blocks)
                least = std::min(least, at < b.old_at             ? b.old_at - at
                                        : at - b.old_at < b.bytes ? 0
                                                                  : at - b.old_at - b.bytes + 1);
            const Near near = map.nearest(at);
            ASSERT_EQ(near.distance, least) << at << " of " << count;
            bool is_one = false;
            for (const MapBlock& b : blocks) is_one = is_one || b.moved_by() == near.moved_by;
            ASSERT_TRUE(is_one);
        }
    }
}

TEST(BlockMap, SaysWhereAByteOfTheNewImageComesFrom) {
    const std::vector<MapBlock> blocks = random_blocks(7, 40);
    const BlockMap map(blocks);
    for (std::uint32_t at = 0; at < 6000; ++at) {
        std::uint32_t expected = 0;
        for (const MapBlock& b : blocks)
            if (b.new_at <= at) expected = b.old_at + (at - b.new_at);
        ASSERT_EQ(map.source_of(at), expected) << at;
    }
}

TEST(AddressMap, TakesTheFirstThatAnswers) {
    Learned learned(10);
    const std::vector<MapBlock> blocks{{0, 1000, 100}, {500, 20000, 100}};
    AddressMap map(learned.table, BlockMap(blocks));
    map.learned().learn(5000, 7);
    map.learned().learn(1050, 8);
    const struct {
        const char* what;
        std::uint32_t key, mapped;
        Confidence confidence;
    } cases[] = {{"the key itself, although a block is around it", 1050, 1058, Confidence::exact},
                 {"a block, although a key is near", 1051, 51, Confidence::in_block},
                 {"the nearest key, nearer than any block", 5010, 5017, Confidence::near},
                 {"a block that is nearer than the key", 1200, 200, Confidence::far},
                 {"the nearest block, as keys are too far", 12000, 500 + 12000 - 20000U, Confidence::far}};
    for (const auto& c : cases) {
        const Mapped to = map.map(c.key);
        EXPECT_EQ(to.key, c.mapped) << c.what;
        EXPECT_EQ(to.confidence, c.confidence) << c.what;
    }
}

TEST(AddressMap, KnowsNothingOfWhatNobodySaid) {
    Learned learned(10);
    AddressMap map(learned.table, {});
    EXPECT_EQ(map.map(5).confidence, Confidence::unmapped);
    EXPECT_EQ(map.map(5).key, 5U);
    const std::vector<MapBlock> blocks{{0, 1000, 100}};
    AddressMap with_blocks(learned.table, BlockMap(blocks));
    EXPECT_EQ(with_blocks.map(1010 | outside_bit).confidence, Confidence::unmapped) << "blocks are of the image";
    with_blocks.learned().learn(1000 | outside_bit, 4);
    EXPECT_EQ(with_blocks.map(1010 | outside_bit).key, 1014U | outside_bit);
}

}  // namespace
}  // namespace sb::sbd::address_map_test
