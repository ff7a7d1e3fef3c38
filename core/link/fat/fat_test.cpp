#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/link/fat/fat_file.hpp"
#include "core/link/fat/testing.hpp"

namespace sb {
namespace {

constexpr std::string_view wanted = "UPDATE  SWB";
const std::string as_string(wanted);

std::vector<std::uint8_t> data_of(std::size_t bytes) {
    std::vector<std::uint8_t> data(bytes);
    for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::uint8_t>(i * 5 + i / 512);
    return data;
}

/// The whole file, or what came in its way.
Result<std::vector<std::uint8_t>> read_all(BlockSource& card) {
    FatVolume volume(card);
    SB_TRY(volume.open());
    SB_TRY_ASSIGN(const std::optional<FatEntry> entry, volume.find(wanted));
    if (!entry) return fail(Error::not_running);  // none of the room's own errors
    FatFile file(volume, *entry);
    std::vector<std::uint8_t> all;
    while (all.size() < file.bytes()) {
        SB_TRY_ASSIGN(const Bytes piece, file.read(static_cast<std::uint32_t>(all.size())));
        if (piece.empty()) return fail(Error::truncated);
        all.insert(all.end(), piece.begin(), piece.end());
    }
    return all;
}

Error error_of(FatImage& card) {
    const auto all = read_all(card);
    EXPECT_FALSE(card.outside);
    return all ? Error::none : all.error();
}

TEST(Fat, ReadsAFileOfEachKindOfVolume) {
    const auto data = data_of(5'000);
    for (const bool wide : {false, true}) {
        for (const std::uint32_t partition_at : {0U, 2048U}) {
            for (const std::uint8_t cluster_blocks : {std::uint8_t{1}, std::uint8_t{4}}) {
                FatImage card({.wide = wide, .partition_at = partition_at, .cluster_blocks = cluster_blocks});
                card.enter("A CARD     ", 0, 0, 0x08);
                card.enter("UPDATE  TXT", 9, 100);
                card.add(as_string, data, {7, 3, 900, 901, 5, 4'000, 4'001, 4'002, 4'999, 6});
                const auto all = read_all(card);
                ASSERT_TRUE(all.has_value()) << wide << partition_at;
                EXPECT_EQ(*all, data);
                EXPECT_FALSE(card.outside);
            }
        }
    }
}

TEST(Fat, ReadsFromAnywhereOn) {
    FatImage card({.cluster_blocks = 2});
    const auto data = data_of(4'000);
    card.add(as_string, data, {9, 8, 7, 6});
    FatVolume volume(card);
    ASSERT_TRUE(volume.open());
    const auto entry = *volume.find(wanted);
    FatFile file(volume, *entry);
    for (const std::uint32_t at : {3'999U, 0U, 1'023U, 1'024U, 2'500U, 511U}) {
        const auto piece = file.read(at);
        ASSERT_TRUE(piece.has_value());
        EXPECT_EQ((*piece)[0], data[at]) << at;
        EXPECT_EQ(piece->size(), std::min<std::size_t>(512 - at % 512, data.size() - at)) << at;
    }
    EXPECT_EQ(file.read(4'000).error(), Error::truncated);
}

TEST(Fat, GoingOnReadsEachBlockOnce) {
    FatImage card({.cluster_blocks = 8});
    card.add(as_string, data_of(8 * 512), {2});
    ASSERT_TRUE(read_all(card).has_value());
    EXPECT_EQ(card.reads, 2U + 8U);  // boot sector, directory, data
}

TEST(Fat, TellsAChangedFileFromTheOneBefore) {
    FatImage card({});
    card.add(as_string, data_of(700), {5, 6});
    FatVolume volume(card);
    ASSERT_TRUE(volume.open());
    EXPECT_EQ(**volume.find(wanted), (FatEntry{.first_cluster = 5, .bytes = 700, .written = 0x5A21'6000}));
}

TEST(Fat, AFileThatIsNotThereIsNone) {
    for (const bool wide : {false, true}) {
        FatImage card({.wide = wide});
        card.enter("UPDATE  TXT", 9, 100);
        card.enter(as_string, 9, 100, 0x10);  // a directory of that name
        card.enter(as_string, 9, 100, 0x0F);  // a part of a long name
        card.enter("\xE5PDATE  SWB", 9, 100);
        EXPECT_EQ(error_of(card), Error::not_running);
    }
}

TEST(Fat, NothingBehindTheEndOfADirectoryIsBelieved) {
    FatImage card({});
    card.enter(std::string(11, '\0'), 0, 0, 0);
    card.enter(as_string, 9, 100);
    EXPECT_EQ(error_of(card), Error::not_running);
}

// ---- what a volume may claim

TEST(Fat, AFullDirectoryOfTheNarrowKindEnds) {
    FatImage card({});
    for (int i = 0; i < 512; ++i) card.enter("OTHER   TXT", 9, 100);
    EXPECT_EQ(error_of(card), Error::not_running);
}

TEST(Fat, ADirectoryThatBitesItsTailEnds) {
    FatImage card({.wide = true});
    for (int i = 0; i < 16; ++i) card.enter("OTHER   TXT", 9, 100);
    card.link(2, 2);
    EXPECT_EQ(error_of(card), Error::not_running);
    EXPECT_LE(card.reads, 2U + 2 * 4'096U);
}

TEST(Fat, AFileThatBitesItsTailEndsWithItsLength) {
    FatImage card({});
    card.add(as_string, data_of(512 * 10), {5, 6, 7});
    card.link(7, 5);
    const auto all = read_all(card);
    ASSERT_TRUE(all.has_value());
    EXPECT_EQ(all->size(), 5'120U);
}

TEST(Fat, AFileThatIsLongerThanItsClustersIsMalformed) {
    FatImage card({});
    card.add(as_string, data_of(512 * 10), {5, 6, 7});
    EXPECT_EQ(error_of(card), Error::malformed);
}

TEST(Fat, AFileThatIsLongerThanItsVolumeIsMalformed) {
    FatImage card({});
    card.enter(as_string, 5, 0xFFFF'FFFF);
    card.link(5, 5);
    EXPECT_EQ(error_of(card), Error::malformed);
    EXPECT_LE(card.reads, 4U);
}

TEST(Fat, ClustersThatTheVolumeDoesNotHaveAreMalformed) {
    for (const bool wide : {false, true}) {
        for (const std::uint32_t cluster : {0U, 1U, 0xFFF7U, 0xFFFFU, 0x0FFF'FFF7U, 0xFFFF'FFFFU}) {
            FatImage card({.wide = wide, .clusters = wide ? 66'000U : 5'000U});
            if (wide && cluster <= card.clusters() && cluster > 1) continue;
            card.enter(as_string, cluster, 100);
            EXPECT_EQ(error_of(card), Error::malformed) << wide << " " << cluster;
            FatImage second({.wide = wide, .clusters = wide ? 66'000U : 5'000U});
            second.add(as_string, data_of(1'000), {5});
            second.link(5, cluster);
            EXPECT_EQ(error_of(second), Error::malformed) << wide << " " << cluster;
        }
    }
}

TEST(Fat, TheLastClusterIsReadAndTheOneBehindItIsNot) {
    FatImage card({});
    card.add(as_string, data_of(512), {card.clusters() + 1});
    EXPECT_EQ(error_of(card), Error::none);
    FatImage second({});
    second.enter(as_string, second.clusters() + 2, 512);
    EXPECT_EQ(error_of(second), Error::malformed);
}

struct Claim {
    const char* what;
    std::size_t at;
    std::size_t bytes;
    std::uint32_t value;
    Error error;
};

TEST(Fat, ClaimsOfABootSectorThatCannotBeAreRefused) {
    const std::array claims = {
        Claim{"no signature", 510, 2, 0, Error::malformed},
        Claim{"sectors of 1024", 11, 2, 1024, Error::unsupported},
        Claim{"sectors of 0", 11, 2, 0, Error::malformed},
        Claim{"clusters of 0", 13, 1, 0, Error::malformed},
        Claim{"clusters of 3", 13, 1, 3, Error::malformed},
        Claim{"clusters of 128: FAT12", 13, 1, 128, Error::unsupported},
        Claim{"nothing reserved", 14, 2, 0, Error::malformed},
        Claim{"more reserved than there is", 14, 2, 0xFFFF, Error::malformed},
        Claim{"no table", 16, 1, 0, Error::malformed},
        Claim{"many tables", 16, 1, 255, Error::malformed},
        Claim{"no blocks", 32, 4, 0, Error::malformed},
        Claim{"more blocks than the partition", 32, 4, 0xFFFF'FFFF, Error::malformed},
        Claim{"a directory as large as can be", 17, 2, 0xFFFF, Error::unsupported},  // leaves too few clusters
        Claim{"no directory", 17, 2, 0, Error::malformed},
        Claim{"tables too small for the clusters", 22, 2, 1, Error::malformed},
        Claim{"tables larger than the volume", 22, 2, 0xFFFF, Error::malformed},
    };
    for (const Claim& claim : claims) {
        FatImage card({.partition_at = 100});
        for (std::size_t i = 0; i < claim.bytes; ++i)
            card.block(0)[claim.at + i] = static_cast<std::uint8_t>(claim.value >> 8 * i);
        EXPECT_EQ(error_of(card), claim.error) << claim.what;
        EXPECT_LE(card.reads, 2U) << claim.what;
    }
}

TEST(Fat, AVolumeThatClaimsToReachBehindTheLastBlockIsMalformed) {
    FatImage card({.partition_at = 0xFFFF'F000});
    EXPECT_EQ(error_of(card), Error::malformed);
}

TEST(Fat, CardsWithoutAVolumeAreMalformed) {
    struct Empty final : BlockSource {
        Result<void> read_block(std::uint32_t /*number*/, CardBlock& out) override {
            out.fill(0xFF);
            return {};
        }
    } card;
    EXPECT_EQ(read_all(card).error(), Error::malformed);
}

TEST(Fat, WhatTheCardCannotReadIsTold) {
    for (const std::uint32_t failing : {0U, 64U, 64U + 4U, 64U + 44U}) {
        FatImage card({.partition_at = 64});
        card.add(as_string, data_of(2'000), {5, 6, 7, 8});
        card.failing = failing;
        EXPECT_EQ(error_of(card), Error::io) << failing;
    }
}

// ---- volumes of somebody else

class ImageFile final : public BlockSource {
public:
    explicit ImageFile(const std::filesystem::path& file) : in_(file, std::ios::binary) {}
    Result<void> read_block(std::uint32_t number, CardBlock& out) override {
        in_.clear();
        in_.seekg(std::streamoff{number} * 512);
        if (!in_.read(reinterpret_cast<char*>(out.data()), 512)) return fail(Error::out_of_range);
        return {};
    }

private:
    std::ifstream in_;
};

/// Whether the shell did it; it knows the two as $file and $card.
bool did_with_tools(const std::string& command, const std::string& file, const std::string& card) {
    std::string all = "export MTOOLS_SKIP_CHECK=1 PATH=$PATH:/sbin:/usr/sbin file='";
    all.append(file).append("' card='").append(card).append("'; { ").append(command).append("; } >/dev/null 2>&1");
    return std::system(all.c_str()) == 0;  // NOLINT(concurrency-mt-unsafe): one thread
}

TEST(Fat, ReadsWhatMkfsAndMtoolsWrite) {
    if (!did_with_tools("mkfs.fat --help && mcopy -V", {}, {}))
        GTEST_SKIP() << "mkfs.fat or mcopy is missing (scripts/packages.txt)";
    const auto folder = std::filesystem::temp_directory_path() / ("fat_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const auto data = data_of(40'000);
    const std::string file = (folder / "update.swb").string();
    const std::string image = (folder / "card.img").string();
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size()));
    for (const char* how : {"-F 16 -s 1 -C $card 4096", "-F 16 -s 4 -C $card 32768", "-F 32 -C $card 40960",
                            "-F 16 -s 1 -R 640 -C $card 8192"}) {
        ASSERT_TRUE(did_with_tools(std::string("rm -f $card; mkfs.fat ") + how, file, image));
        // So that what is read lies in pieces: a file before it is gone again, and others fill its place.
        ASSERT_TRUE(
            did_with_tools("mcopy -i $card $file ::before.txt && mcopy -i $card $file ::'A file with a long name' && "
                           "mdel -i $card ::before.txt && cat $file $file $file >$file.more && "
                           "mcopy -i $card $file.more ::more.txt && mcopy -i $card $file ::update.swb",
                           file, image));
        ImageFile card(image);
        const auto all = read_all(card);
        ASSERT_TRUE(all.has_value()) << how << " " << static_cast<int>(all.error());
        EXPECT_EQ(*all, data) << how;
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sb
