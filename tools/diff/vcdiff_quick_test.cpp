#include "tools/diff/vcdiff_quick.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"
#include "tools/diff/vcdiff_reader.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;
using delta_testing::Random;
using delta_testing::two_builds;

struct Made {
    Error error = Error::none;
    Buffer target;  ///< where there is no error
    bool operator==(const Made&) const = default;
};

/// A window, as it was loaded or with changed sections.
struct Window {
    const VcdiffWindow& numbers;
    bool interleaved;
    VcdiffSections sections;
};

Made by_the_core(const Window& window, Bytes old) {
    Buffer cache(vcdiff_large_cache_bytes), target(window.numbers.target_bytes);
    VcdiffInterpreter interpreter(cache);
    MemoryReader source(old);
    interpreter.begin(window.numbers, source, target.data());
    VcdiffSections left = window.sections;
    if (window.interleaved)
        while (!left[1].empty())
            if (const auto took = interpreter.take(left[1]); !took) return {took.error(), {}};
    if (const auto ran = run_vcdiff_sections(interpreter, left); !ran) return {ran.error(), {}};
    return {Error::none, target};
}

Made quickly(const Window& window, Bytes old, std::uint32_t piece) {
    Buffer target(window.numbers.target_bytes);
    VcdiffQuick quick;
    MemoryReader source(old);
    quick.begin(window.numbers, source, target.data(), window.sections, window.interleaved);
    do {
        const std::uint32_t before = quick.made();
        if (const auto made = quick.make(piece); !made) return {made.error(), {}};
        EXPECT_TRUE(quick.whole() || quick.made() >= before + piece);
    } while (!quick.whole());
    EXPECT_EQ(quick.made(), target.size());
    return {Error::none, target};
}

/// A first window whose sections are not packed.
VcdiffLoaded first_window(const Pair& pair, const char* form) {
    DiffOptions options;
    options.format = "vcdiff";
    options.compress = form;
    const Patch patch = make_patch(pair.old_image, pair.new_image, options);
    MemoryReader source(patch.bytes);
    return VcdiffFile(source).load().value();
}

Window window_of(const VcdiffLoaded& loaded) {
    return {loaded.header.window(), loaded.header.interleaved(), loaded.plain()};
}

TEST(VcdiffQuick, MakesInPiecesOfAnySizeWhatTheCoreMakes) {
    for (const char* form : {"none", "interleaved"})
        for (const Pair& pair : {two_builds(9000, 3), Pair{{}, Buffer(700)}, Pair{Buffer(90), {1, 2, 3}}}) {
            const VcdiffLoaded loaded = first_window(pair, form);
            const Made made = by_the_core(window_of(loaded), pair.old_image);
            EXPECT_EQ(made.target, pair.new_image);
            for (const std::uint32_t piece : {1U, 1000U, 1U << 17})
                EXPECT_EQ(quickly(window_of(loaded), pair.old_image, piece), made) << form << piece;
        }
}

TEST(VcdiffQuick, RefusesWhatTheCoreRefuses) {
    Random random(7);
    unsigned refused = 0, made = 0;
    const Pair pair = two_builds(1500, 5);
    for (const char* form : {"none", "interleaved"}) {
        const VcdiffLoaded loaded = first_window(pair, form);
        for (unsigned round = 0; round < 20000; ++round) {
            auto sections = loaded.sections;
            for (unsigned changes = random() % 3 + 1; changes != 0; --changes) {
                auto& section = sections[loaded.header.interleaved() ? 1 : random() % 3];
                if (section.empty()) continue;
                if (random() % 8 == 0)
                    section.resize(random() % section.size());
                else
                    section[random() % section.size()] = static_cast<std::uint8_t>(random());
            }
            const Window window{
                loaded.header.window(), loaded.header.interleaved(), {sections[0], sections[1], sections[2]}};
            const Made expected = by_the_core(window, pair.old_image);
            ++(expected.error == Error::none ? made : refused);
            ASSERT_EQ(quickly(window, pair.old_image, random() % 500 + 1), expected) << form << round;
        }
    }
    EXPECT_GT(refused, 1000U);
    EXPECT_GT(made, 1000U);
}

/// Numbers of any size, codes of any kind: what no encoder writes.
TEST(VcdiffQuick, AgreesWithTheCoreOnNoise) {
    Random random(11);
    const Buffer old(5000, 0x42);
    for (unsigned round = 0; round < 50000; ++round) {
        std::array<Buffer, vcdiff_sections> sections;
        for (Buffer& section : sections) {
            section.resize(random() % 12);
            for (auto& byte : section) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 32);
        }
        const bool interleaved = random() % 2 == 0;
        if (interleaved) sections[0] = sections[2] = {};
        VcdiffWindow numbers{};
        numbers.source_bytes = random() % 2 * 4000;
        numbers.source_at = random() % 1000;
        numbers.target_bytes = random() % 40;
        const Window window{numbers, interleaved, {sections[0], sections[1], sections[2]}};
        const Made expected = by_the_core(window, old);
        ASSERT_EQ(quickly(window, old, 1 + random() % 40), expected) << round;
    }
}

}  // namespace
}  // namespace sb::diff
