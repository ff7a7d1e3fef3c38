// Patches that are made in little memory.
#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

using delta_testing::Pair;
using delta_testing::two_builds;

DiffOptions bounded(const char* format, const char* compress) {
    DiffOptions options;
    options.format = format;
    options.compress = compress;
    options.memory_bytes = std::uint64_t{48} << 20;
    return options;
}

TEST(BoundedPatch, GivesTheNewImageInEachFormatThatHasIt) {
    const Pair builds = two_builds(650000, 5);
    const Pair pairs[] = {
        builds, {{}, {1, 2, 3}}, {{1, 2, 3}, {}}, {{}, {}}, {delta_testing::code_like(5000, 9, 0), builds.new_image}};
    for (const DiffOptions& options : {bounded("bsdiff", "bzip2"), bounded("endsley", "lzma"),
                                       bounded("endsley", "bzip2"), bounded("endsley", "none")}) {
        for (const Pair& pair : pairs) {
            MemoryReader old{pair.old_image}, now{pair.new_image};
            BufferSink sink;
            const PatchSummary summary = make_patch_bounded(old, now, sink, options);
            EXPECT_EQ(summary.bytes, sink.made.size());
            EXPECT_EQ(apply_patch(pair.old_image, sink.made), pair.new_image);
            const auto info = inspect_patch(sink.made);
            ASSERT_TRUE(info.has_value());
            EXPECT_EQ(info->format, summary.format);
            EXPECT_EQ(info->payload, summary.payload);
            EXPECT_EQ(info->decoder_ram_bytes, summary.decoder_ram_bytes);
        }
    }
}

TEST(BoundedPatch, IsNotMuchLargerThanOneWithAllMemory) {
    const Pair pair = two_builds(600000, 5);
    MemoryReader old{pair.old_image}, now{pair.new_image};
    BufferSink sink;
    const DiffOptions options = bounded("bsdiff", "bzip2");
    (void)make_patch_bounded(old, now, sink, options);
    EXPECT_LT(sink.made.size(), make_patch(pair.old_image, pair.new_image, options).bytes.size() * 5 / 4);
}

TEST(BoundedPatch, IsRefusedWithTooLittleMemoryOrWhereAFormatHasNoSuchWay) {
    MemoryReader old{{}}, now{{}};
    BufferSink sink;
    DiffOptions options = bounded("bsdiff", "bzip2");
    options.memory_bytes = std::uint64_t{39} << 20;
    EXPECT_THROW((void)make_patch_bounded(old, now, sink, options), OptionError);
    EXPECT_THROW((void)make_patch_bounded(old, now, sink, bounded("lzma", "lzma")), OptionError);
    EXPECT_THROW((void)make_patch_bounded(old, now, sink, bounded("bsdiff", "none")), OptionError);
}

}  // namespace
}  // namespace sb::diff
