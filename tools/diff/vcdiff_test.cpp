#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/delta/testing.hpp"
#include "core/delta/vcdiff.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/diff/codec_xz.hpp"
#include "tools/diff/patch.hpp"
#include "tools/diff/vcdiff_writer.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;
using delta_testing::Random;
using delta_testing::two_builds;
using test_support::read_file;

constexpr const char* forms[] = {"lzma", "none", "interleaved"};

Patch patch_of(const Pair& pair, const std::string& form, std::uint32_t window_bytes = 0) {
    DiffOptions options;
    options.format = "vcdiff";
    options.compress = form;
    options.window_bytes = window_bytes;
    return make_patch(pair.old_image, pair.new_image, options);
}

Buffer noise(std::size_t bytes) {
    Random random(5);
    Buffer image(bytes);
    for (auto& b : image) b = static_cast<std::uint8_t>(random());
    return image;
}

TEST(Vcdiff, GivesTheNewImageInEveryFormAndWindow) {
    const Pair builds = two_builds(40000, 21);
    const Pair pairs[] = {builds,
                          {builds.new_image, builds.old_image},
                          {builds.old_image, builds.old_image},
                          {noise(5000), builds.new_image},
                          {builds.old_image, noise(5000)},
                          {{}, noise(300)},
                          {noise(300), {}},
                          {{}, {}},
                          {{1}, {1}},
                          {{1}, {2}},
                          {Buffer(100), Buffer(30000)}};
    for (const Pair& pair : pairs) {
        for (const char* form : forms) {
            for (const std::uint32_t window : {0U, 1000U, 16384U}) {
                const Patch patch = patch_of(pair, form, window);
                EXPECT_EQ(apply_patch(pair.old_image, patch.bytes), pair.new_image) << form << window;
                const auto info = inspect_patch(patch.bytes);
                ASSERT_TRUE(info.has_value());
                EXPECT_EQ(info->format, patch.format);
                EXPECT_EQ(info->new_bytes, pair.new_image.size());
                EXPECT_EQ(info->covered_bytes() + info->extra_bytes + info->self_bytes + info->run_bytes,
                          pair.new_image.size());
                std::uint64_t bytes = 0;
                for (const PatchBlock& block : info->blocks) bytes += block.packed_bytes;
                EXPECT_EQ(bytes, patch.bytes.size());
            }
        }
    }
}

TEST(Vcdiff, IsForDevicesUnlessItIsPacked) {
    const Pair pair = two_builds(40000, 21);
    const Patch packed = patch_of(pair, "lzma");
    EXPECT_EQ(packed.payload, std::nullopt);
    EXPECT_EQ(packed.format, "vcdiff+lzma");
    EXPECT_EQ(patch_of(pair, "interleaved").decoder_ram_bytes, vcdiff_small_cache_bytes + 16384);
    const Patch whole = patch_of(pair, "none");
    EXPECT_EQ(whole.payload, PayloadFormat::vcdiff);
    EXPECT_GT(whole.decoder_ram_bytes, pair.new_image.size());
    EXPECT_LT(packed.bytes.size(), whole.bytes.size());
    EXPECT_LT(whole.bytes.size() * 2, pair.new_image.size());
}

TEST(Vcdiff, IsTheSameEachTime) {
    const Pair pair = two_builds(20000, 4);
    for (const char* form : forms) EXPECT_EQ(patch_of(pair, form).bytes, patch_of(pair, form).bytes);
}

TEST(Vcdiff, NamesNoFile) {
    const Buffer patch = patch_of(two_builds(2000, 4), "none").bytes;
    EXPECT_EQ(patch[4] & vcdiff_has_application, 0);
}

Error error_of(const Buffer& old_image, Bytes patch) {
    try {
        (void)apply_patch(old_image, patch);
    } catch (const PatchError& e) {
        EXPECT_LE(e.offset_bytes, patch.size());
        EXPECT_STRNE(e.what(), "");
        return e.error;
    }
    return Error::none;
}

TEST(Vcdiff, TellsAnotherOldImageByItsChecksum) {
    const Pair pair = two_builds(20000, 4);
    Buffer other = pair.old_image;
    for (auto& b : other) b ^= 0x10;
    for (const char* form : forms) EXPECT_EQ(error_of(other, patch_of(pair, form).bytes), Error::bad_digest);
    EXPECT_EQ(error_of({1, 2, 3}, patch_of(pair, "none").bytes), Error::bad_patch);
}

TEST(Vcdiff, EndsEveryTruncationInAnErrorOrAtAWindowsEnd) {
    const Pair pair = two_builds(3000, 2);
    for (const char* form : forms) {
        const Buffer patch = patch_of(pair, form).bytes;
        for (std::size_t kept = 0; kept < patch.size(); ++kept) {
            if (error_of(pair.old_image, Bytes(patch).first(kept)) != Error::none) continue;
            // the header alone is a patch to an empty image
            EXPECT_TRUE(kept == 5 || kept == 6) << form << kept;
        }
    }
}

TEST(Vcdiff, EndsEveryChangeOfAByteInAnErrorOrInTheNewImage) {
    const Pair pair = two_builds(1000, 2);
    for (const char* form : forms) {
        const Buffer patch = patch_of(pair, form).bytes;
        Buffer changed = patch;
        for (std::size_t at = 0; at < patch.size(); ++at) {
            for (const unsigned change : {1U, 4U, 0x80U, 0xffU}) {
                changed[at] = static_cast<std::uint8_t>(patch[at] ^ change);
                try {
                    // without its checksum a window may become another one: then a digest has to tell
                    const bool no_checksum = change == 4;
                    const Buffer made = apply_patch(pair.old_image, changed);
                    EXPECT_TRUE(no_checksum || made == pair.new_image) << form << at << ' ' << change;
                } catch (const PatchError& e) {
                    EXPECT_NE(e.error, Error::none);
                }
                try {
                    (void)inspect_patch(changed);
                } catch (const PatchError& e) {
                    EXPECT_NE(e.error, Error::none);
                }
            }
            changed[at] = patch[at];
        }
    }
}

/// A file of windows, each given by its indicator, source, target and sections.
struct HandWindow {
    std::uint8_t indicator;
    std::vector<std::uint8_t> source;  // size and place
    std::uint8_t target_bytes;
    VcdiffBytes sections;
};
Buffer by_hand(const std::vector<HandWindow>& windows) {
    Buffer patch{0xd6, 0xc3, 0xc4, 0, 0};
    for (const HandWindow& w : windows) {
        patch.push_back(w.indicator);
        patch.insert(patch.end(), w.source.begin(), w.source.end());
        put_base128(patch, 5 + w.sections[0].size() + w.sections[1].size() + w.sections[2].size());
        patch.push_back(w.target_bytes);
        patch.push_back(0);
        for (const auto& section : w.sections) put_base128(patch, section.size());
        for (const auto& section : w.sections) patch.insert(patch.end(), section.begin(), section.end());
    }
    return patch;
}

TEST(Vcdiff, CopiesFromWindowsMadeBefore) {
    const HandWindow first{0, {}, 6, {{{'a', 'b', 'c', 'd', 'e', 'f'}, {7}, {}}}};
    const HandWindow second{2, {4, 2}, 5, {{{'X'}, {20, 2}, {0}}}};  // the four bytes from 2 on, and an X
    const Buffer made = apply_patch({}, by_hand({first, second}));
    EXPECT_EQ(made, (Buffer{'a', 'b', 'c', 'd', 'e', 'f', 'c', 'd', 'e', 'f', 'X'}));
    EXPECT_EQ(inspect_patch(by_hand({first, second}))->self_bytes, 4U);
    const HandWindow beyond{2, {4, 3}, 5, second.sections};
    EXPECT_EQ(error_of({}, by_hand({first, beyond})), Error::bad_patch);
    EXPECT_EQ(inspect_patch(by_hand({first, second}))->payload, std::nullopt);
}

TEST(Vcdiff, IsNotMadeToFillMemoryByASmallPatch) {
    Buffer patch{0xd6, 0xc3, 0xc4, 0, 0, 0, 13, 0x88, 0x80, 0x80, 0x80, 0x01, 0, 0, 0, 0};
    patch[6] = 9;
    EXPECT_EQ(error_of({}, patch), Error::too_large);  // a window of 2 GiB
}

TEST(Vcdiff, SaysWhatToDoAboutOtherSecondaryCompressors) {
    for (const int id : {1, 16, 77}) {
        Buffer patch{0xd6, 0xc3, 0xc4, 0, 1, static_cast<std::uint8_t>(id), 0, 8, 3, 1, 2, 1, 0, 9, 9, 9};
        try {
            (void)apply_patch({}, patch);
            ADD_FAILURE() << id;
        } catch (const PatchError& e) {
            EXPECT_EQ(e.error, Error::unsupported);
            EXPECT_THAT(e.what(), ::testing::HasSubstr("-S lzma"));
            EXPECT_THAT(e.what(), ::testing::HasSubstr(id == 1 ? "DJW" : id == 16 ? "FGK" : "not known"));
        }
    }
}

TEST(CodecXz, PacksInPiecesThatUnpackAsTheyCome) {
    const Buffer text = delta_testing::code_like(50000, 2, 0);
    XzPacker packer({}, text.size());
    XzUnpacker unpacker;
    for (std::size_t at = 0; at < text.size(); at += 10000) {
        const Bytes piece = Bytes(text).subspan(at, 10000);
        const auto plain = unpacker.unpack(packer.pack(piece), piece.size());
        ASSERT_TRUE(plain.has_value());
        EXPECT_TRUE(equal(*plain, piece));
    }
}

TEST(CodecXz, RefusesPiecesOfAnotherSizeThanAnnounced) {
    const Buffer text = delta_testing::code_like(5000, 2, 0);
    const Buffer packed = XzPacker({}, text.size()).pack(text);
    EXPECT_TRUE(XzUnpacker().unpack(packed, text.size()).has_value());
    EXPECT_FALSE(XzUnpacker().unpack(packed, text.size() - 1).has_value());
    EXPECT_FALSE(XzUnpacker().unpack(packed, text.size() + 1).has_value());
    EXPECT_FALSE(XzUnpacker().unpack(Bytes(packed).first(packed.size() - 1), text.size()).has_value());
    EXPECT_FALSE(XzUnpacker().unpack(text, 100).has_value());
}

// Other people's programs and patches, where they are there.

class WithXdelta3 : public ::testing::Test {
protected:
    void SetUp() override {
        if (std::system("command -v xdelta3 >/dev/null 2>&1") != 0) GTEST_SKIP() << "xdelta3 is not installed";
        folder_ = std::filesystem::path(::testing::TempDir()) /
                  ("vcdiff-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override {
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }
    void write(const char* name, const Buffer& bytes) const {
        std::ofstream(folder_ / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    [[nodiscard]] Buffer read(const char* name) const { return read_file(folder_ / name); }
    [[nodiscard]] bool run(const std::string& arguments) const {
        const std::string in = "cd '" + folder_.string() + "' && xdelta3 " + arguments + " >/dev/null 2>&1";
        return std::system(in.c_str()) == 0;
    }

private:
    std::filesystem::path folder_;
};

TEST_F(WithXdelta3, PatchesAreReadBothWays) {
    const Pair builds = two_builds(60000, 7);
    const Pair pairs[] = {
        builds, {builds.old_image, noise(4000)}, {{1, 2, 3}, builds.new_image}, {builds.old_image, {7}}};
    for (const Pair& pair : pairs) {
        write("old", pair.old_image);
        write("new", pair.new_image);
        for (const char* form : {"none", "lzma"}) {
            for (const std::uint32_t window : {0U, 16384U}) {
                write("ours", patch_of(pair, form, window).bytes);
                ASSERT_TRUE(run("-d -f -s old ours made")) << form << window;
                EXPECT_EQ(read("made"), pair.new_image) << form << window;
            }
            ASSERT_TRUE(run("-e -f -W 16384 -S " + std::string(form) + " -s old new theirs"));
            EXPECT_EQ(apply_patch(pair.old_image, read("theirs")), pair.new_image) << form;
        }
    }
}

TEST_F(WithXdelta3, PatchesPackedOtherwiseAreRefused) {
    const Pair pair = two_builds(60000, 7);
    write("old", pair.old_image);
    write("new", pair.new_image);
    for (const char* form : {"djw", "fgk"}) {
        ASSERT_TRUE(run("-e -f -S " + std::string(form) + " -s old new theirs"));
        EXPECT_EQ(error_of(pair.old_image, read("theirs")), Error::unsupported);
    }
}

TEST(VcdiffFixtures, GiveTheNewImage) {
    const auto shared = test_support::shared_folder();
    if (!std::filesystem::exists(shared / "fixtures" / "vcdiff")) GTEST_SKIP() << "no fixtures in " << shared;
    int tried = 0;
    for (const auto& entry : std::filesystem::directory_iterator(shared / "fixtures" / "vcdiff")) {
        const std::string name = entry.path().filename().string();
        const auto pair = shared / "corpus" / name.substr(0, name.find('.'));
        const Buffer patch = read_file(entry.path()), old_image = read_file(pair / "old.bin");
        ++tried;
        if (name.find(".djw.") != std::string::npos || name.find(".fgk.") != std::string::npos) {
            EXPECT_EQ(error_of(old_image, patch), Error::unsupported) << name;
            continue;
        }
        EXPECT_EQ(apply_patch(old_image, patch), read_file(pair / "new.bin")) << name;
        EXPECT_GT(inspect_patch(patch)->covers.size(), 0U) << name;
    }
    EXPECT_GT(tried, 0);
}

}  // namespace
}  // namespace sb::diff
