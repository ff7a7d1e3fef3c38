#include <gtest/gtest.h>

#include "core/delta/hdiff_steps.hpp"
#include "core/delta/testing.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/diff/hdiff_covers.hpp"
#include "tools/diff/hdiff_patch.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Outcome;
using delta_testing::Pair;
using delta_testing::Random;
using delta_testing::two_builds;
using test_support::read_file;

constexpr const char* forms[] = {"hdiff", "hdiff13", "hdiffsf"};
constexpr const char* compressions[] = {"lzma2", "lzma", "zlib", "zstd", "bzip2", "none"};

Patch make(const Pair& pair, const char* format, const char* compress, std::uint32_t ram_bytes = 0,
           std::uint32_t segment_bytes = 0) {
    DiffOptions options;
    options.format = format;
    options.compress = compress;
    options.ram_bytes = ram_bytes;
    options.segment_bytes = segment_bytes;
    return make_patch(pair.old_image, pair.new_image, options);
}

Buffer noise(std::size_t bytes) {
    Random random(5);
    Buffer made(bytes);
    for (auto& b : made) b = static_cast<std::uint8_t>(random());
    return made;
}

TEST(Hdiff, GivesTheNewImageInEveryFormAndCompression) {
    const Pair builds = two_builds(8000, 21);
    const Pair pairs[] = {builds,
                          {builds.new_image, builds.old_image},
                          {builds.old_image, builds.old_image},
                          {noise(3000), builds.new_image},
                          {builds.old_image, noise(3000)},
                          {{}, noise(300)},
                          {noise(300), {}},
                          {{}, {}},
                          {{1}, {1}},
                          {{1}, {2}},
                          {Buffer(100), Buffer(30000)},
                          {Buffer(30000, 0xff), Buffer(100)}};
    for (const Pair& pair : pairs) {
        for (const char* form : forms) {
            for (const char* compress : compressions) {
                const bool once_is_enough = &pair != &pairs[0] && std::string_view(form) == "hdiff";
                if (once_is_enough) continue;
                const Patch patch = make(pair, form, compress);
                EXPECT_EQ(apply_patch(pair.old_image, patch.bytes), pair.new_image) << form << ' ' << compress;
                const auto info = inspect_patch(patch.bytes);
                ASSERT_TRUE(info.has_value());
                EXPECT_EQ(info->format, patch.format);
                EXPECT_EQ(info->payload, patch.payload);
                EXPECT_EQ(info->decoder_ram_bytes, patch.decoder_ram_bytes);
                EXPECT_EQ(info->old_bytes, pair.old_image.size());
                EXPECT_EQ(info->covered_bytes() + info->extra_bytes, pair.new_image.size());
            }
        }
    }
}

TEST(Hdiff, IsTheSmallerOfItsForms) {
    const Pair pair = two_builds(20000, 3);
    const std::size_t smaller =
        std::min(make(pair, "hdiff13", "lzma2").bytes.size(), make(pair, "hdiffsf", "lzma2").bytes.size());
    EXPECT_EQ(make(pair, "hdiff", "lzma2").bytes.size(), smaller);
}

TEST(Hdiff, RefusesAnotherOldImage) {
    const Pair pair = two_builds(2000, 3);
    for (const char* form : forms) {
        const Patch patch = make(pair, form, "none");
        try {
            (void)apply_patch(Bytes(pair.old_image).first(pair.old_image.size() - 1), patch.bytes);
            ADD_FAILURE() << form;
        } catch (const PatchError& e) {
            EXPECT_EQ(e.error, Error::wrong_source);
        }
    }
}

TEST(Hdiff, NamesACompressionThatItDoesNotRead) {
    const std::pair<std::string, std::size_t> heads[] = {{"HDIFF13&lz4", 11}, {"HDIFFSF20&lz4", 6}};
    for (const auto& [magic, numbers] : heads) {
        Buffer patch(magic.begin(), magic.end());
        patch.resize(patch.size() + 1 + numbers);
        try {
            (void)apply_patch({}, patch);
            ADD_FAILURE() << magic;
        } catch (const PatchError& e) {
            EXPECT_EQ(e.error, Error::unsupported);
            EXPECT_NE(std::string(e.what()).find("'lz4'"), std::string::npos);
        }
    }
}

/// What a patch does: its image, or nothing when it is refused.
std::optional<Buffer> outcome(const Buffer& old_image, const Buffer& patch) {
    try {
        (void)inspect_patch(patch);
    } catch (const PatchError& e) {
        EXPECT_NE(e.error, Error::none);
    }
    try {
        return apply_patch(old_image, patch);
    } catch (const PatchError& e) {
        EXPECT_NE(e.error, Error::none);
        return std::nullopt;
    }
}

TEST(Hdiff, RefusesEveryPatchThatIsCutOff) {
    const Pair pair = two_builds(600, 9);
    for (const char* form : {"hdiff13", "hdiffsf"}) {
        for (const char* compress : compressions) {
            const Buffer patch = make(pair, form, compress).bytes;
            for (std::size_t size = 0; size < patch.size(); ++size)
                EXPECT_FALSE(
                    outcome(pair.old_image, Buffer(patch.begin(), patch.begin() + static_cast<std::ptrdiff_t>(size))))
                    << form << ' ' << compress << ' ' << size;
            Buffer longer = patch;
            longer.push_back(0);
            EXPECT_FALSE(outcome(pair.old_image, longer)) << form << ' ' << compress;
        }
    }
}

TEST(Hdiff, NeverMakesMoreThanAnnouncedOfAPatchWithAByteChanged) {
    const Pair pair = two_builds(600, 9);
    for (const char* form : {"hdiff13", "hdiffsf"}) {
        for (const char* compress : compressions) {
            const Buffer patch = make(pair, form, compress).bytes;
            std::size_t refused = 0;
            for (std::size_t at = 0; at < patch.size(); ++at) {
                for (const unsigned change : {1U, 0x10U, 0x80U, 0xffU}) {
                    Buffer other = patch;
                    other[at] = static_cast<std::uint8_t>(other[at] ^ change);
                    const auto made = outcome(pair.old_image, other);
                    if (!made) ++refused;
                    // only the announced size itself can be changed, by a byte of it
                    if (made && at > 16) {
                        EXPECT_EQ(made->size(), pair.new_image.size()) << form << ' ' << compress << ' ' << at;
                    }
                }
            }
            EXPECT_GT(refused, patch.size() / 4) << form << ' ' << compress;
        }
    }
}

TEST(HdiffSteps, KeepToTheMemoryThatTheyMayUse) {
    const Pair pair = two_builds(20000, 4);
    for (const std::uint32_t ram : {256U, 300U, 1024U, 4096U}) {
        const Patch patch = make(pair, "hdiffsf", "none", ram);
        EXPECT_LE(patch.decoder_ram_bytes, ram);
        EXPECT_EQ(apply_patch(pair.old_image, patch.bytes), pair.new_image);
    }
    EXPECT_LE(make(pair, "hdiffsf", "none").decoder_ram_bytes, 16384U);
    EXPECT_THROW((void)make(pair, "hdiffsf", "none", 255), OptionError);
}

/// The decoder of a device, fed a byte at a time.
Buffer decode_on_device(const Pair& pair, const Patch& patch, std::size_t step) {
    MemoryReader old_image{pair.old_image};
    std::vector<std::uint32_t> work(patch.decoder_ram_bytes / 4 + 1);
    DecoderSetup setup;
    setup.format = patch.payload.value();
    setup.image_bytes = static_cast<std::uint32_t>(pair.new_image.size());
    setup.old_image = &old_image;
    setup.work = MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4);
    setup.decoder_ram_bytes = patch.decoder_ram_bytes;
    constexpr DecoderEntry known[] = {hdiff_steps_decoder};
    DecoderStorage storage;
    Decoder* const decoder = make_decoder(known, setup, storage).value();
    const Outcome made = delta_testing::feed(*decoder, patch.bytes, [&] { return step; }, [&] { return step; });
    EXPECT_TRUE(made.done);
    EXPECT_EQ(made.error, Error::none);
    return made.image;
}

TEST(HdiffSteps, AreDecodedOnADevice) {
    const Pair pair = two_builds(20000, 4);
    const Patch patch = make(pair, "hdiffsf", "none", 1024);
    EXPECT_EQ(patch.payload, PayloadFormat::hdiffsf);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{4096}})
        EXPECT_EQ(decode_on_device(pair, patch, step), pair.new_image);
    EXPECT_EQ(make(pair, "hdiffsf", "lzma2").payload, std::nullopt);
}

TEST(HdiffSteps, GoOnFromEveryCheckpoint) {
    const Pair pair = two_builds(20000, 4);
    const Patch patch = make(pair, "hdiffsf", "none", 512);
    MemoryReader old_image{pair.old_image};
    Buffer work(patch.decoder_ram_bytes);
    HdiffStepsDecoder first(static_cast<std::uint32_t>(pair.new_image.size()), old_image, work);
    std::size_t made = 0;
    std::size_t checkpoints = 0;
    Buffer room(1);
    for (std::size_t used = 0;;) {
        const auto p = first.decode(Bytes(patch.bytes).subspan(used), room);
        ASSERT_TRUE(p.has_value());
        used += p->consumed;
        made += p->produced;
        if (p->done) break;
        const auto ended = first.decode(Bytes(patch.bytes).subspan(used), {});
        ASSERT_TRUE(ended.has_value());
        used += ended->consumed;
        Checkpoint checkpoint;
        if (!first.checkpoint(checkpoint)) continue;
        ++checkpoints;
        Buffer other_work(patch.decoder_ram_bytes);
        HdiffStepsDecoder second(static_cast<std::uint32_t>(pair.new_image.size()), old_image, other_work);
        ASSERT_TRUE(second.restore(checkpoint, static_cast<std::uint32_t>(made)).has_value());
        const Outcome rest = delta_testing::feed_whole(second, Bytes(patch.bytes).subspan(checkpoint.payload_offset));
        EXPECT_TRUE(rest.done);
        EXPECT_TRUE(equal(rest.image, Bytes(pair.new_image).subspan(made)));
    }
    EXPECT_GT(checkpoints, 5U);
}

TEST(HdiffSteps, EndAtMultiplesOfTheSegmentInsideOfCovers) {
    const Buffer image = noise(5000);
    const Covers covers{{0, 0, 5000}};
    HdiffStepRule rule;
    rule.image_bytes = 1000;
    EXPECT_EQ(write_hdiff_steps(image, image, covers, rule).covers, 5U);
    EXPECT_GT(make({image, image}, "hdiffsf", "none", 0, 1000).bytes.size(),
              make({image, image}, "hdiffsf", "none").bytes.size());
}

TEST(HdiffCovers, AreTheCheapestWayThroughTheOldImage) {
    Pair pair{noise(400), {}};
    const Bytes old = pair.old_image;
    const auto append = [&](Bytes bytes) { pair.new_image.insert(pair.new_image.end(), bytes.begin(), bytes.end()); };
    append(old.subspan(200, 100));
    append(Buffer(10, 0xaa));
    append(old.first(100));
    pair.new_image[150] ^= 1;
    const SuffixIndex index(pair.old_image);
    MatchTable matches(index, pair.new_image);
    const HdiffCoverChooser chooser(pair.old_image, pair.new_image, matches);
    EXPECT_EQ(chooser.choose({}), (Covers{{0, 200, 100}, {110, 0, 100}}));
    HdiffPrices dear;
    dear.cover = 1000;
    EXPECT_TRUE(chooser.choose(dear).empty());
    HdiffPrices exact;
    exact.run = 50;
    EXPECT_EQ(chooser.choose(exact), (Covers{{0, 200, 100}, {110, 0, 40}, {151, 41, 59}}));
}

// ---- packing -------------------------------------------------------------------------------------------------------

Result<Buffer> unpack(const Buffer& packed, std::uint32_t plain_bytes, HdiffCodec codec) {
    MemoryReader source{packed};
    HdiffPartReader reader(source, 0, {plain_bytes, source.bytes()}, codec);
    Buffer plain;
    Buffer room(100);
    for (;;) {
        SB_TRY_ASSIGN(const std::size_t count, reader.read(room));
        if (count == 0) return plain;
        plain.insert(plain.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count));
    }
}

constexpr HdiffCodec codecs[] = {HdiffCodec::lzma2, HdiffCodec::lzma, HdiffCodec::zlib, HdiffCodec::zstd,
                                 HdiffCodec::bzip2};

TEST(HdiffCodec, GivesBackWhatItPacked) {
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{1000}, std::size_t{200000}}) {
        const Buffer plain = delta_testing::code_like(bytes, 7, 0);
        for (const HdiffCodec codec : codecs) {
            for (const Effort effort : {Effort::one_setting, Effort::all_settings}) {
                const Buffer packed = pack_hdiff(plain, codec, effort);
                if (bytes > 1) {
                    EXPECT_LT(packed.size(), plain.size());
                }
                EXPECT_EQ(unpack(packed, static_cast<std::uint32_t>(bytes), codec).value_or(Buffer{}), plain)
                    << name_on_command_line(codec);
            }
        }
    }
}

TEST(HdiffCodec, RefusesWhatIsCutOffOrTooLong) {
    const Buffer plain = delta_testing::code_like(300, 7, 0);
    for (const HdiffCodec codec : codecs) {
        const Buffer packed = pack_hdiff(plain, codec, Effort::one_setting);
        for (std::size_t size = 0; size < packed.size(); ++size)
            EXPECT_FALSE(unpack(Buffer(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size)), 300, codec)
                             .has_value())
                << name_on_command_line(codec) << ' ' << size << " of " << packed.size();
        Buffer longer = packed;
        longer.push_back(1);
        EXPECT_FALSE(unpack(longer, 300, codec).has_value()) << name_on_command_line(codec);
    }
}

TEST(HdiffCodec, ReadsZlibWithItsHeaderToo) {
    Buffer packed{15, 0x78, 0x9c, 0x4b, 0x4c, 0x4a, 0x06, 0x00, 0x02, 0x4d, 0x01, 0x27};
    EXPECT_EQ(unpack(packed, 3, HdiffCodec::zlib).value_or(Buffer{}), (Buffer{'a', 'b', 'c'}));
    packed.back() ^= 1;
    EXPECT_EQ(unpack(packed, 3, HdiffCodec::zlib).error(), Error::malformed);
    packed[0] = 40;
    EXPECT_EQ(unpack(packed, 3, HdiffCodec::zlib).error(), Error::unsupported);
}

TEST(HdiffCodec, RefusesPropertiesThatCannotBe) {
    const Buffer plain = delta_testing::code_like(300, 7, 0);
    Buffer lzma = pack_hdiff(plain, HdiffCodec::lzma, Effort::one_setting);
    lzma[0] = 4;
    EXPECT_EQ(unpack(lzma, 300, HdiffCodec::lzma).error(), Error::malformed);
    lzma[0] = 5;
    lzma[1] = 225;
    EXPECT_EQ(unpack(lzma, 300, HdiffCodec::lzma).error(), Error::malformed);
    Buffer lzma2 = pack_hdiff(plain, HdiffCodec::lzma2, Effort::one_setting);
    lzma2[0] = 41;
    EXPECT_EQ(unpack(lzma2, 300, HdiffCodec::lzma2).error(), Error::malformed);
    lzma2[0] = 40;
    EXPECT_EQ(unpack(lzma2, 300, HdiffCodec::lzma2).value_or(Buffer{}), plain)
        << "the dictionary is only what is needed";
    EXPECT_EQ(unpack(lzma2, 300U << 20, HdiffCodec::lzma2).error(), Error::too_large);
}

// ---- patches by hdiffz ---------------------------------------------------------------------------------------------

struct Fixture {
    std::string name;
    Buffer patch;
    Pair pair;
};

std::vector<Fixture> fixtures(const std::string& part_of_name) {
    const auto shared = test_support::shared_folder();
    std::vector<Fixture> all;
    if (!std::filesystem::exists(shared / "fixtures" / "hdiffpatch")) return all;
    for (const auto& entry : std::filesystem::directory_iterator(shared / "fixtures" / "hdiffpatch")) {
        const std::string name = entry.path().filename().string();
        if (name.find(part_of_name) == std::string::npos) continue;
        const auto pair = shared / "corpus" / name.substr(0, name.find('.'));
        all.push_back({name, read_file(entry.path()), {read_file(pair / "old.bin"), read_file(pair / "new.bin")}});
    }
    return all;
}

TEST(HdiffFixtures, GiveTheNewImage) {
    const auto all = fixtures("");
    if (all.empty()) GTEST_SKIP() << "no fixtures in " << test_support::shared_folder();
    for (const Fixture& f : all) {
        EXPECT_EQ(apply_patch(f.pair.old_image, f.patch), f.pair.new_image) << f.name;
        const auto info = inspect_patch(f.patch);
        ASSERT_TRUE(info.has_value()) << f.name;
        EXPECT_EQ(info->covered_bytes() + info->extra_bytes, info->new_bytes) << f.name;
        std::uint64_t unchanged = 0;
        for (const PatchCover& c : info->covers)
            for (std::uint64_t i = 0; i < c.bytes; ++i)
                unchanged += f.pair.new_image[c.new_at + i] == f.pair.old_image[c.old_at + i];
        EXPECT_EQ(info->unchanged_bytes(), unchanged) << f.name;
    }
}

Covers covers_of(const Buffer& patch) {
    Covers covers;
    const auto info = inspect_patch(patch);
    for (const PatchCover& c : info->covers) covers.push_back({c.new_at, c.old_at, c.bytes});
    return covers;
}

TEST(HdiffFixtures, ComeOutByteForByteFromTheirCovers) {
    const auto parts = fixtures(".hdiff13.none.");
    const auto steps = fixtures(".hdiffsf20.none.");
    if (parts.empty() || steps.empty()) GTEST_SKIP() << "no fixtures in " << test_support::shared_folder();
    for (const Fixture& f : parts)
        EXPECT_EQ(make_hdiff_parts(f.pair.old_image, f.pair.new_image, covers_of(f.patch), {}, HdiffCodec::none,
                                   Effort::one_setting),
                  f.patch)
            << f.name;
    for (const Fixture& f : steps)
        EXPECT_EQ(make_hdiff_steps(f.pair.old_image, f.pair.new_image, covers_of(f.patch), {}, HdiffCodec::none,
                                   Effort::one_setting)
                      .bytes,
                  f.patch)
            << f.name;
}

}  // namespace
}  // namespace sb::diff
