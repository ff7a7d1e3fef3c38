// BSDIFF40 with other people's programs and files, and what hostile patches of it do. What all formats have in common
// stands in patch_test.cpp.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/delta/bsdiff.hpp"
#include "core/delta/testing.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/diff/codec_bzip2.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::code_like;
using delta_testing::Pair;
using delta_testing::two_builds;
using test_support::read_file;

DiffOptions bsdiff() {
    DiffOptions options;
    options.format = "bsdiff";
    return options;
}

const Pair many_pairs[] = {two_builds(40000, 21),       two_builds(500, 3), {{}, code_like(3000, 1, 0)},
                           {code_like(3000, 1, 0), {}}, {{1}, {2}},         {{}, {}},
                           {Buffer(100), Buffer(30000)}};

/// Debian's programs in a folder of their own.
class Bsdiff : public ::testing::Test {
protected:
    void SetUp() override {
        if (std::system("command -v bsdiff >/dev/null 2>&1 && command -v bspatch >/dev/null 2>&1") != 0)
            GTEST_SKIP() << "bsdiff and bspatch are not installed";
        std::string name = (std::filesystem::temp_directory_path() / "switchback-bsdiff-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override {
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }
    void put(const char* name, const Buffer& bytes) const {
        std::ofstream(folder_ / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    [[nodiscard]] Buffer get(const char* name) const { return read_file(folder_ / name); }
    [[nodiscard]] bool run(const std::string& command) const {
        return std::system(("cd '" + folder_.string() + "' && " + command + " >/dev/null 2>&1").c_str()) == 0;
    }

private:
    std::filesystem::path folder_;
};

TEST_F(Bsdiff, OfDebianAppliesOurPatches) {
    for (const Pair& pair : many_pairs) {
        put("old", pair.old_image);
        put("patch", make_patch(pair.old_image, pair.new_image, bsdiff()).bytes);
        ASSERT_TRUE(run("rm -f new; bspatch old new patch"));
        EXPECT_EQ(get("new"), pair.new_image);
    }
}

TEST_F(Bsdiff, OfDebianMakesPatchesThatWeApplyAndExplain) {
    int made = 0;
    for (const Pair& pair : many_pairs) {
        put("old", pair.old_image);
        put("new", pair.new_image);
        if (!run("bsdiff old new patch")) continue;  // it does not take every empty file
        ++made;
        const Buffer patch = get("patch");
        EXPECT_EQ(apply_patch(pair.old_image, patch), pair.new_image);
        const auto info = inspect_patch(patch);
        ASSERT_TRUE(info.has_value());
        EXPECT_EQ(info->new_bytes, pair.new_image.size());
        EXPECT_EQ(info->covered_bytes() + info->extra_bytes, pair.new_image.size());
    }
    EXPECT_GE(made, 4);
}

TEST(BsdiffPatch, IsExplained) {
    const Pair& pair = many_pairs[0];
    const Patch patch = make_patch(pair.old_image, pair.new_image, bsdiff());
    EXPECT_FALSE(patch.payload.has_value());
    EXPECT_EQ(format_of_patch(patch.bytes), "bsdiff");
    const auto info = inspect_patch(patch.bytes);
    ASSERT_TRUE(info.has_value());
    std::uint64_t unchanged = 0, packed = 0;
    for (const PatchCover& cover : info->covers)
        for (std::uint64_t i = 0; i < cover.bytes; ++i)
            unchanged += pair.new_image[cover.new_at + i] == pair.old_image[cover.old_at + i];
    EXPECT_EQ(info->unchanged_bytes(), unchanged);
    EXPECT_GT(unchanged, info->new_bytes / 2);
    for (const PatchBlock& block : info->blocks) packed += block.packed_bytes;
    EXPECT_EQ(packed, patch.bytes.size());
    ASSERT_EQ(info->blocks.size(), 4U);
    EXPECT_GE(info->blocks[1].plain_bytes, info->covers.size() * 24);
    EXPECT_EQ(info->blocks[2].plain_bytes, info->covered_bytes());
    EXPECT_EQ(info->blocks[3].plain_bytes, info->extra_bytes);
}

Error error_of(const Buffer& old_image, const Buffer& patch) {
    try {
        (void)apply_patch(old_image, patch);
    } catch (const PatchError& e) {
        EXPECT_LE(e.offset_bytes, patch.size());
        return e.error;
    }
    return Error::none;
}

TEST(BsdiffPatch, IsRefusedWithEveryByteChangedOrGivesTheSameImage) {
    const Pair pair = two_builds(1500, 2);
    Buffer patch = make_patch(pair.old_image, pair.new_image, bsdiff()).bytes;
    for (std::size_t at = 0; at < patch.size(); ++at) {
        for (const unsigned change : {1U, 0x80U, 0xffU}) {
            const std::uint8_t kept = patch[at];
            patch[at] = static_cast<std::uint8_t>(kept ^ change);
            // bzip2's checksums tell all but the bits that pad its last bytes
            try {
                EXPECT_EQ(apply_patch(pair.old_image, patch), pair.new_image) << at;
            } catch (const PatchError& e) {
                EXPECT_LE(e.offset_bytes, patch.size());
            }
            patch[at] = kept;
        }
    }
}

TEST(BsdiffPatch, IsRefusedWhenItsSizesLie) {
    const Pair pair = two_builds(1500, 2);
    const Buffer patch = make_patch(pair.old_image, pair.new_image, bsdiff()).bytes;
    const struct {
        std::size_t at;
        std::uint64_t size;
        Error error;
    } lies[] = {{8, patch.size(), Error::truncated},
                {8, 0, Error::truncated},
                {16, patch.size() - 40, Error::truncated},
                {8, std::uint64_t{1} << 40, Error::too_large},
                {24, std::uint64_t{1} << 63 | 5, Error::malformed},
                {24, pair.new_image.size() + 1, Error::truncated},
                {24, pair.new_image.size() - 1, Error::bad_patch},
                {24, 0, Error::trailing_data}};
    for (const auto& lie : lies) {
        Buffer changed = patch;
        store_le(MutableBytes(changed), lie.at, lie.size);
        EXPECT_EQ(error_of(pair.old_image, changed), lie.error) << lie.at << ' ' << lie.size;
        EXPECT_THROW((void)inspect_patch(changed), PatchError) << lie.at << ' ' << lie.size;
    }
}

Buffer packed_zeros(std::size_t count) {
    BufferSink sink;
    Bzip2Packer packer(sink);
    const Buffer zeros(1U << 20);
    for (; count > zeros.size(); count -= zeros.size()) packer.write(zeros);
    packer.write(Bytes(zeros).first(count));
    packer.finish();
    return sink.made;
}

void append(Buffer& to, const Buffer& bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

TEST(BsdiffPatch, ThatUnpacksToTriplesWithoutEndIsRefusedSoon) {
    const Buffer control = packed_zeros(std::size_t{200} << 20), nothing = packed_zeros(0);
    Buffer patch(bsdiff_magic.begin(), bsdiff_magic.end());
    patch.resize(bsdiff_header_bytes);
    store_le(MutableBytes(patch), 8, std::uint64_t{control.size()});
    store_le(MutableBytes(patch), 16, std::uint64_t{nothing.size()});
    store_le(MutableBytes(patch), 24, std::uint64_t{100});
    append(patch, control);
    append(patch, nothing);
    append(patch, nothing);
    EXPECT_LT(patch.size(), 1000U);
    EXPECT_EQ(error_of({1, 2, 3}, patch), Error::bad_patch);
    EXPECT_THROW((void)inspect_patch(patch), PatchError);
}

TEST(EndsleyPatch, ThatUnpacksToTriplesWithoutEndIsRefusedSoon) {
    const char magic[] = "ENDSLEY/BSDIFF43";
    Buffer patch(magic, magic + 16);
    patch.resize(24);
    patch[16] = 100;
    append(patch, packed_zeros(std::size_t{200} << 20));
    EXPECT_LT(patch.size(), 1000U);
    EXPECT_EQ(error_of({1, 2, 3}, patch), Error::bad_patch);
    EXPECT_THROW((void)inspect_patch(patch), PatchError);
}

}  // namespace
}  // namespace sb::diff
