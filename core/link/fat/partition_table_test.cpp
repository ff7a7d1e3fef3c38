#include "core/link/fat/partition_table.hpp"

#include <gtest/gtest.h>

#include "core/link/fat/testing.hpp"

namespace sb {
namespace {

constexpr std::uint8_t own = 0xDA;

CardBlock block_zero(const FatRecipe& recipe) {
    return FatImage(recipe).blocks().at(0);
}

TEST(PartitionTable, SaysWhereAPartitionIs) {
    const auto found = partitions_of(block_zero({.partition_at = 2048}));
    EXPECT_EQ(found[0].type, 0x06);
    EXPECT_EQ(found[0].first, 2048U);
    EXPECT_EQ(found[1].type, 0);
}

TEST(PartitionTable, AVolumeThatTakesTheWholeCardIsNone) {
    const CardBlock block = block_zero({});
    EXPECT_TRUE(is_fat_boot_sector(block));
    for (const Partition& partition : partitions_of(block)) EXPECT_EQ(partition.type, 0);
}

TEST(PartitionTable, BlocksOfAnotherPartitionAreNotFree) {
    const CardBlock block = block_zero({.partition_at = 2048});
    EXPECT_TRUE(are_free(block, 128, 1920, own));
    EXPECT_FALSE(are_free(block, 128, 1921, own));
    EXPECT_FALSE(are_free(block, 3000, 1, own));
    EXPECT_TRUE(are_free(block, 3000, 1, 0x06));
}

TEST(PartitionTable, BlocksThatAVolumeReservesAreFree) {
    const CardBlock block = block_zero({.reserved = 640});
    EXPECT_TRUE(are_free(block, 128, 512, own));
    EXPECT_FALSE(are_free(block, 128, 513, own));
    EXPECT_FALSE(are_free(block_zero({}), 128, 512, own));
}

TEST(PartitionTable, WhereNothingIsSaidAllIsFree) {
    EXPECT_TRUE(are_free(CardBlock{}, 128, 512, own));
}

TEST(PartitionTable, APartitionThatClaimsMoreThanThereCanBeIsBelieved) {
    CardBlock block = block_zero({.partition_at = 1});
    for (std::size_t i = 0; i < 4; ++i) block[446 + 12 + i] = 0xFF;
    EXPECT_FALSE(are_free(block, 128, 512, own));
}

TEST(PartitionTable, VolumesOfAnotherKindLeaveNothingFree) {
    for (const char* name : {"EXFAT   ", "NTFS    "}) {
        CardBlock block{};
        std::memcpy(block.data() + 3, name, 8);
        block[510] = 0x55;
        block[511] = 0xAA;
        EXPECT_FALSE(are_free(block, 128, 512, own)) << name;
    }
}

}  // namespace
}  // namespace sb
