// Patches as `switchback diff` makes them, through C: at once, in pieces, and everything that is no patch.
#include <gtest/gtest.h>

#include <functional>

#include "capi/switchback.h"
#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb::capi_patch_test {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;

const Pair& builds() {
    static const Pair pair = delta_testing::two_builds(9000, 3);
    return pair;
}

struct Made {
    const char* what;
    switchback_format format;
    Buffer patch;
};

Buffer patch_of(const Pair& pair, const char* format, const char* compress, std::uint32_t ram = 0,
                std::uint32_t window = 0) {
    diff::DiffOptions options;
    options.format = format;
    options.compress = compress;
    options.ram_bytes = ram;
    options.window_bytes = window;
    return diff::make_patch(pair.old_image, pair.new_image, options).bytes;
}

/// One of each form that a device decodes.
std::vector<Made> all_patches(const Pair& pair) {
    return {{"sbd 16K", SWITCHBACK_FORMAT_SBD, patch_of(pair, "sbd", "")},
            {"sbd 4K", SWITCHBACK_FORMAT_SBD, patch_of(pair, "sbd", "", 4096)},
            {"sbd 32K", SWITCHBACK_FORMAT_SBD, patch_of(pair, "sbd", "", 32768)},
            {"endsley", SWITCHBACK_FORMAT_ENDSLEY, patch_of(pair, "endsley", "none")},
            {"endsley+lzma", SWITCHBACK_FORMAT_ENDSLEY_LZMA, patch_of(pair, "endsley", "lzma")},
            {"lzma", SWITCHBACK_FORMAT_LZMA, patch_of(pair, "lzma", "")},
            {"hpatchlite plain", SWITCHBACK_FORMAT_HPATCHLITE, patch_of(pair, "hpatchlite", "none")},
            {"hpatchlite tinyuz", SWITCHBACK_FORMAT_HPATCHLITE, patch_of(pair, "hpatchlite", "tuz")},
            {"hdiffsf", SWITCHBACK_FORMAT_HDIFFSF, patch_of(pair, "hdiffsf", "none")},
            {"vcdiff", SWITCHBACK_FORMAT_VCDIFF, patch_of(pair, "vcdiff", "none", 0, 4096)}};
}
const std::vector<Made>& patches() {
    static const std::vector<Made> all = all_patches(builds());
    return all;
}

switchback_result apply(const Buffer& old, const Buffer& patch, Buffer& room, std::size_t& made) {
    return switchback_patch_buffer(old.data(), old.size(), patch.data(), patch.size(), room.data(), room.size(), &made);
}

void expect_applies(const Pair& pair, const Made& m) {
    for (const std::size_t spare : {std::size_t{0}, std::size_t{1}, std::size_t{5000}}) {
        Buffer room(pair.new_image.size() + spare, 0x5a);
        std::size_t made = 1;
        ASSERT_EQ(apply(pair.old_image, m.patch, room, made), SWITCHBACK_OK) << m.what << ", spare " << spare;
        ASSERT_EQ(made, pair.new_image.size()) << m.what;
        ASSERT_TRUE(std::equal(pair.new_image.begin(), pair.new_image.end(), room.begin())) << m.what;
        ASSERT_TRUE(std::all_of(room.begin() + static_cast<std::ptrdiff_t>(made), room.end(),
                                [](std::uint8_t byte) { return byte == 0x5a; }));
    }
}

TEST(CapiPatch, MakesTheNewImageInOneCallFromEveryFormat) {
    for (const Made& m : patches()) expect_applies(builds(), m);
}

TEST(CapiPatch, MakesWhatIsEmptyAndWhatComesFromNothing) {
    const Pair& b = builds();
    for (const Pair& pair : {Pair{b.old_image, {}}, Pair{{}, b.new_image}, Pair{{}, {}}, Pair{b.old_image, {7}}})
        for (const Made& m : all_patches(pair)) expect_applies(pair, m);
}

TEST(CapiPatch, MakesNothingInARoomThatIsTooSmall) {
    const std::size_t bytes = builds().new_image.size();
    for (const Made& m : patches()) {
        for (const std::size_t room_bytes : {std::size_t{0}, std::size_t{1}, bytes / 2, bytes - 1}) {
            Buffer room(room_bytes);
            std::size_t made = 1;
            EXPECT_EQ(apply(builds().old_image, m.patch, room, made), SWITCHBACK_TOO_LARGE) << m.what;
            EXPECT_EQ(made, 0U);
        }
    }
}

TEST(CapiPatch, TakesNoPatchThatIsCutOrGoesOn) {
    for (const Made& m : patches()) {
        Buffer room(builds().new_image.size());
        std::size_t made = 1;
        for (std::size_t bytes = 0; bytes < m.patch.size(); bytes += bytes < 80 ? 1 : 97) {
            const Buffer cut(m.patch.begin(), m.patch.begin() + static_cast<std::ptrdiff_t>(bytes));
            const auto result = apply(builds().old_image, cut, room, made);
            // sbd makes some image of any bytes, and one that does not tell its size may end with any segment or
            // window: that it is another image says its digest.
            const bool may_make_another = m.format == SWITCHBACK_FORMAT_SBD || m.format == SWITCHBACK_FORMAT_LZMA ||
                                          m.format == SWITCHBACK_FORMAT_VCDIFF;
            const bool another = made != room.size() || room != builds().new_image;
            ASSERT_TRUE(result == SWITCHBACK_OK ? may_make_another && another : made == 0) << m.what << ", " << bytes;
        }
        Buffer longer = m.patch;
        longer.push_back(0);
        EXPECT_NE(apply(builds().old_image, longer, room, made), SWITCHBACK_OK) << m.what;
    }
}

TEST(CapiPatch, SaysWhatItDoesNotTake) {
    Buffer room(builds().new_image.size());
    std::size_t made = 0;
    const auto answer = [&](const Buffer& patch) { return apply(builds().old_image, patch, room, made); };
    EXPECT_EQ(answer({}), SWITCHBACK_TRUNCATED);
    EXPECT_EQ(answer(builds().old_image), SWITCHBACK_MALFORMED);
    EXPECT_EQ(answer(patch_of(builds(), "bsdiff", "")), SWITCHBACK_NO_DECODER);
    EXPECT_EQ(answer(patch_of(builds(), "hdiff13", "zlib")), SWITCHBACK_NO_DECODER);
    EXPECT_EQ(answer(patch_of(builds(), "hdiffsf", "zstd")), SWITCHBACK_NO_DECODER);
    Buffer packed_with_lzma = patch_of(builds(), "hpatchlite", "tuz");
    packed_with_lzma[2] = 3;
    EXPECT_EQ(answer(packed_with_lzma), SWITCHBACK_NO_DECODER);
    EXPECT_EQ(answer(patch_of(builds(), "endsley", "bzip2")), SWITCHBACK_NO_DECODER);
    Buffer shorter = builds().old_image;
    shorter.resize(shorter.size() / 2);
    for (const char* format : {"sbd", "hdiffsf"})
        EXPECT_EQ(
            apply(shorter, patch_of(builds(), format, std::string_view(format) == "sbd" ? "" : "none"), room, made),
            SWITCHBACK_WRONG_SOURCE);
}

TEST(CapiPatch, TellsFromTheStartWhatAPatchNeeds) {
    for (const Made& m : patches()) {
        switchback_patch_info info;
        const std::size_t head = std::min<std::size_t>(m.patch.size(), SWITCHBACK_PATCH_HEAD_BYTES);
        ASSERT_EQ(switchback_patch_inspect(m.patch.data(), head, m.patch.size(), &info), SWITCHBACK_OK) << m.what;
        EXPECT_EQ(info.format, m.format) << m.what;
        EXPECT_EQ(info.tells_new_bytes, m.format != SWITCHBACK_FORMAT_LZMA && m.format != SWITCHBACK_FORMAT_VCDIFF);
        if (info.tells_new_bytes) {
            EXPECT_EQ(info.new_bytes, builds().new_image.size()) << m.what;
        }
        if (info.tells_old_bytes) {
            EXPECT_EQ(info.old_bytes, builds().old_image.size()) << m.what;
        }
        EXPECT_EQ(info.tells_digests, m.format == SWITCHBACK_FORMAT_SBD);
        // with as much memory it works, with less it does not
        Buffer memory(info.memory_bytes + 8), room(builds().new_image.size());
        const Buffer& old = builds().old_image;
        std::size_t made = 0;
        const auto with = [&](std::size_t bytes) {
            auto* const at = reinterpret_cast<void*>((reinterpret_cast<std::uintptr_t>(memory.data()) + 7) / 8 * 8);
            return switchback_patch_buffer_with_memory(switchback_all_decoders, SWITCHBACK_ALL_DECODERS, at, bytes,
                                                       old.data(), old.size(), m.patch.data(), m.patch.size(),
                                                       room.data(), room.size(), &made);
        };
        if (!info.tells_memory) continue;
        EXPECT_EQ(with(info.memory_bytes), SWITCHBACK_OK) << m.what;
        EXPECT_EQ(made, room.size());
        if (info.memory_bytes != 0) {
            EXPECT_EQ(with(info.memory_bytes - 1), SWITCHBACK_NO_DECODER) << m.what;
        }
        EXPECT_EQ(made, info.memory_bytes == 0 ? room.size() : 0);
    }
}

TEST(CapiPatch, LinksWhatIsListedAndNothingElse) {
    const switchback_decoder* const only[] = {&switchback_decoder_endsley};
    for (const Made& m : patches()) {
        Buffer room(builds().new_image.size());
        std::size_t made = 0;
        EXPECT_EQ(switchback_patch_buffer_with_memory(only, 1, nullptr, 0, builds().old_image.data(),
                                                      builds().old_image.size(), m.patch.data(), m.patch.size(),
                                                      room.data(), room.size(), &made),
                  m.format == SWITCHBACK_FORMAT_ENDSLEY ? SWITCHBACK_OK : SWITCHBACK_NO_DECODER)
            << m.what;
    }
}

TEST(CapiPatch, RefusesArgumentsThatAreNone) {
    const Buffer& old = builds().old_image;
    const Buffer& patch = patches()[3].patch;
    Buffer room(builds().new_image.size());
    std::size_t made = 1;
    const auto call = [&](const void* o, std::size_t ob, const void* p, std::size_t pb, void* n, std::size_t nb,
                          std::size_t* m) { return switchback_patch_buffer(o, ob, p, pb, n, nb, m); };
    const auto bad = SWITCHBACK_BAD_ARGUMENT;
    EXPECT_EQ(call(nullptr, 1, patch.data(), patch.size(), room.data(), room.size(), &made), bad);
    EXPECT_EQ(call(old.data(), old.size(), nullptr, 1, room.data(), room.size(), &made), bad);
    EXPECT_EQ(call(old.data(), old.size(), patch.data(), patch.size(), nullptr, 1, &made), bad);
    EXPECT_EQ(call(old.data(), old.size(), patch.data(), patch.size(), room.data(), room.size(), nullptr), bad);
    EXPECT_EQ(call(old.data(), std::size_t{1} << 32, patch.data(), patch.size(), room.data(), room.size(), &made), bad);
    EXPECT_EQ(call(old.data(), SIZE_MAX, patch.data(), patch.size(), room.data(), room.size(), &made), bad);
    EXPECT_EQ(call(room.data() + 5, 10, patch.data(), patch.size(), room.data(), room.size(), &made), bad) << "overlap";
    EXPECT_EQ(call(old.data(), old.size(), room.data(), 1, room.data(), room.size(), &made), bad) << "overlap";
    EXPECT_EQ(made, 0U);
    switchback_patch_info info;
    EXPECT_EQ(switchback_patch_inspect(nullptr, 1, 1, &info), bad);
    EXPECT_EQ(switchback_patch_inspect(patch.data(), 10, 9, &info), bad);
    EXPECT_EQ(switchback_patch_inspect(patch.data(), 10, 10, nullptr), bad);
    alignas(8) std::array<unsigned char, 64> memory{};
    const switchback_decoder* const none[] = {nullptr};
    const auto with = [&](const switchback_decoder* const* d, std::size_t count, void* at, std::size_t bytes) {
        return switchback_patch_buffer_with_memory(d, count, at, bytes, old.data(), old.size(), patch.data(),
                                                   patch.size(), room.data(), room.size(), &made);
    };
    EXPECT_EQ(with(nullptr, 1, nullptr, 0), bad);
    EXPECT_EQ(with(switchback_all_decoders, 0, nullptr, 0), bad);
    EXPECT_EQ(with(switchback_all_decoders, SWITCHBACK_MAX_DECODERS + 1, nullptr, 0), bad);
    EXPECT_EQ(with(none, 1, nullptr, 0), bad);
    EXPECT_EQ(with(switchback_all_decoders, SWITCHBACK_ALL_DECODERS, memory.data() + 1, 32), bad) << "misaligned";
    EXPECT_EQ(with(switchback_all_decoders, SWITCHBACK_ALL_DECODERS, nullptr, 32), bad);
}

/// Flash behind callbacks, which fails at an access when told to.
struct Link {
    Bytes old_image;
    Buffer new_image{};
    int fails_with = 0;
    std::size_t fails_at = SIZE_MAX;
    std::size_t accesses = 0;
    bool odd_piece = false;  // a piece that was not the last, and not of the promised size

    [[nodiscard]] int access() { return ++accesses == fails_at ? fails_with : 0; }
    static int read_old(void* self, std::uint32_t offset, void* to, std::size_t bytes) {
        auto& link = *static_cast<Link*>(self);
        std::memcpy(to, link.old_image.subspan(offset, bytes).data(), bytes);
        return link.access();
    }
    static int write_new(void* self, std::uint32_t offset, const void* from, std::size_t bytes) {
        auto& link = *static_cast<Link*>(self);
        link.odd_piece |= offset != link.new_image.size() || offset % SWITCHBACK_PATCH_PIECE_BYTES != 0 || bytes == 0 ||
                          bytes > SWITCHBACK_PATCH_PIECE_BYTES;
        const auto* const first = static_cast<const std::uint8_t*>(from);
        link.new_image.insert(link.new_image.end(), first, first + bytes);
        return link.access();
    }
    static int read_new(void* self, std::uint32_t offset, void* to, std::size_t bytes) {
        auto& link = *static_cast<Link*>(self);
        std::memcpy(to, MutableBytes(link.new_image).subspan(offset, bytes).data(), bytes);
        return link.access();
    }
};

struct Stream {
    Stream() : link{builds().old_image} {}
    alignas(8) std::array<unsigned char, SWITCHBACK_PATCH_MEMORY_BYTES> memory;
    switchback_patch state{};
    Link link;

    [[nodiscard]] switchback_patch_setup setup(std::size_t patch_bytes) {
        return {.context = &link,
                .read_old = Link::read_old,
                .old_bytes = static_cast<std::uint32_t>(link.old_image.size()),
                .write_new = Link::write_new,
                .read_new = Link::read_new,
                .new_room = static_cast<std::uint32_t>(builds().new_image.size()),
                .patch_bytes = static_cast<std::uint32_t>(patch_bytes),
                .decoders = switchback_all_decoders,
                .decoder_count = SWITCHBACK_ALL_DECODERS,
                .memory = memory.data(),
                .memory_bytes = memory.size()};
    }
    switchback_result run(const Buffer& patch, std::size_t piece, std::uint32_t* made = nullptr) {
        const switchback_patch_setup told = setup(patch.size());
        if (const auto begun = switchback_patch_begin(&state, &told); begun != SWITCHBACK_OK) return begun;
        for (std::size_t at = 0; at < patch.size(); at += piece) {
            const auto fed = switchback_patch_feed(&state, patch.data() + at, std::min(piece, patch.size() - at));
            if (fed != SWITCHBACK_OK) return fed;
        }
        return switchback_patch_end(&state, made);
    }
};

TEST(CapiStream, MakesTheSameFromPiecesOfAnySize) {
    for (const Made& m : patches()) {
        for (const std::size_t piece : {1U, 2U, 7U, 64U, 255U, 4096U, 100000U}) {
            Stream stream;
            std::uint32_t made = 0;
            ASSERT_EQ(stream.run(m.patch, piece, &made), SWITCHBACK_OK) << m.what << " in " << piece;
            ASSERT_EQ(made, builds().new_image.size());
            ASSERT_TRUE(stream.link.new_image == builds().new_image) << m.what << " in " << piece;
            ASSERT_FALSE(stream.link.odd_piece);
        }
    }
}

TEST(CapiStream, PassesOnWhatACallbackAnswersAndStaysThere) {
    for (const Made& m : patches()) {
        for (const auto& [answer, told] :
             {std::pair{int{SWITCHBACK_UNREADABLE}, SWITCHBACK_UNREADABLE}, std::pair{-1, SWITCHBACK_IO},
              std::pair{1000, SWITCHBACK_IO}, std::pair{int{SWITCHBACK_BAD_ARGUMENT}, SWITCHBACK_IO}}) {
            for (const std::size_t at : {1U, 2U, 3U, 17U}) {
                Stream stream;
                stream.link.fails_with = answer;
                stream.link.fails_at = at;
                ASSERT_EQ(stream.run(m.patch, 50), told) << m.what << ", access " << at;
                const std::size_t before = stream.link.accesses;
                EXPECT_EQ(switchback_patch_feed(&stream.state, m.patch.data(), 1), told);
                EXPECT_EQ(switchback_patch_end(&stream.state, nullptr), told);
                EXPECT_EQ(stream.link.accesses, before) << "nothing is touched after an error";
            }
        }
    }
}

TEST(CapiStream, WritesNothingWhenTheRoomIsTooSmallAndTheFormatTellsIt) {
    for (const Made& m : patches()) {
        Stream stream;
        switchback_patch_setup told = stream.setup(m.patch.size());
        --told.new_room;
        ASSERT_EQ(switchback_patch_begin(&stream.state, &told), SWITCHBACK_OK);
        const auto fed = switchback_patch_feed(&stream.state, m.patch.data(), m.patch.size());
        const auto ended = switchback_patch_end(&stream.state, nullptr);
        EXPECT_EQ(fed == SWITCHBACK_OK ? ended : fed, SWITCHBACK_TOO_LARGE) << m.what;
        const bool tells = m.format != SWITCHBACK_FORMAT_LZMA && m.format != SWITCHBACK_FORMAT_VCDIFF;
        if (tells) {
            EXPECT_EQ(stream.link.accesses, 0U) << m.what;
        }
        EXPECT_LE(stream.link.new_image.size(), told.new_room);
    }
}

TEST(CapiStream, KeepsTheLastPieceUntilThePatchHasProvenWhole) {
    const Buffer& patch = patches()[3].patch;
    Stream stream;
    const switchback_patch_setup told = stream.setup(patch.size());
    ASSERT_EQ(switchback_patch_begin(&stream.state, &told), SWITCHBACK_OK);
    ASSERT_EQ(switchback_patch_feed(&stream.state, patch.data(), patch.size() - 1), SWITCHBACK_OK);
    EXPECT_LT(stream.link.new_image.size(), builds().new_image.size());
    EXPECT_EQ(switchback_patch_end(&stream.state, nullptr), SWITCHBACK_TRUNCATED);
    EXPECT_EQ(stream.link.new_image.size() % SWITCHBACK_PATCH_PIECE_BYTES, 0U);
    EXPECT_EQ(switchback_patch_end(&stream.state, nullptr), SWITCHBACK_BAD_ARGUMENT) << "it was ended";
}

TEST(CapiStream, TakesNoMoreThanWasAnnounced) {
    const Buffer& patch = patches()[3].patch;
    Stream stream;
    const switchback_patch_setup told = stream.setup(patch.size() - 1);
    ASSERT_EQ(switchback_patch_begin(&stream.state, &told), SWITCHBACK_OK);
    EXPECT_EQ(switchback_patch_feed(&stream.state, patch.data(), patch.size()), SWITCHBACK_TRAILING_DATA);
    EXPECT_EQ(stream.link.accesses, 0U);
}

TEST(CapiStream, SaysThatAPatchIsCutWhichAnnouncesMoreThanThereIs) {
    const Buffer patch = patch_of(builds(), "hdiffsf", "none");
    ASSERT_GT(patch.size(), std::size_t{2} * SWITCHBACK_PATCH_HEAD_BYTES);
    Stream stream;
    const switchback_patch_setup told = stream.setup(patch.size() - 1);
    ASSERT_EQ(switchback_patch_begin(&stream.state, &told), SWITCHBACK_OK);
    EXPECT_EQ(switchback_patch_feed(&stream.state, patch.data(), patch.size() - 1), SWITCHBACK_TRUNCATED);
    EXPECT_EQ(stream.link.accesses, 0U);
}

TEST(CapiStream, RefusesSbdWithoutAWayToReadTheNewImage) {
    Stream stream;
    switchback_patch_setup told = stream.setup(patches()[0].patch.size());
    told.read_new = nullptr;
    ASSERT_EQ(switchback_patch_begin(&stream.state, &told), SWITCHBACK_OK);
    EXPECT_EQ(switchback_patch_feed(&stream.state, patches()[0].patch.data(), patches()[0].patch.size()),
              SWITCHBACK_NO_DECODER);
}

TEST(CapiStream, RefusesASetupThatIsNone) {
    const Buffer& patch = patches()[3].patch;
    Stream stream;
    const switchback_patch_setup good = stream.setup(patch.size());
    const auto begin = [&](const std::function<void(switchback_patch_setup&)>& spoil) {
        switchback_patch_setup told = good;
        spoil(told);
        return switchback_patch_begin(&stream.state, &told);
    };
    const auto bad = SWITCHBACK_BAD_ARGUMENT;
    EXPECT_EQ(begin([](auto&) {}), SWITCHBACK_OK);
    EXPECT_EQ(begin([](auto& s) { s.read_old = nullptr; }), bad);
    EXPECT_EQ(switchback_patch_feed(&stream.state, patch.data(), 1), bad) << "what was begun before is gone";
    EXPECT_EQ(begin([](auto& s) { s.write_new = nullptr; }), bad);
    EXPECT_EQ(begin([](auto& s) { s.decoders = nullptr; }), bad);
    EXPECT_EQ(begin([](auto& s) { s.decoder_count = 0; }), bad);
    EXPECT_EQ(begin([](auto& s) { s.decoder_count = SWITCHBACK_MAX_DECODERS + 1; }), bad);
    EXPECT_EQ(begin([](auto& s) { s.memory = nullptr; }), bad);
    EXPECT_EQ(begin([&](auto& s) { s.memory = stream.memory.data() + 4; }), bad);
    EXPECT_EQ(begin([](auto& s) { s.old_bytes = 0, s.read_old = nullptr; }), SWITCHBACK_OK);
    EXPECT_EQ(switchback_patch_begin(nullptr, &good), bad);
    EXPECT_EQ(switchback_patch_begin(&stream.state, nullptr), bad);
    auto* const crooked = reinterpret_cast<switchback_patch*>(stream.memory.data() + 1);
    EXPECT_EQ(switchback_patch_begin(crooked, &good), bad);
    EXPECT_EQ(switchback_patch_feed(crooked, patch.data(), 1), bad);
    switchback_patch never_begun{};
    EXPECT_EQ(switchback_patch_feed(&never_begun, patch.data(), 1), bad);
    EXPECT_EQ(switchback_patch_end(&never_begun, nullptr), bad);
    EXPECT_EQ(switchback_patch_feed(nullptr, patch.data(), 1), bad);
    ASSERT_EQ(begin([](auto&) {}), SWITCHBACK_OK);
    EXPECT_EQ(switchback_patch_feed(&stream.state, nullptr, 1), bad);
    EXPECT_EQ(switchback_patch_feed(&stream.state, nullptr, 0), SWITCHBACK_OK);
}

}  // namespace
}  // namespace sb::capi_patch_test
