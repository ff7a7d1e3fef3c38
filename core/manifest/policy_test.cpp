#include <gtest/gtest.h>

#include <functional>

#include "core/base/testing.hpp"
#include "core/manifest/package.hpp"

namespace sb {

namespace {

constexpr DecoderOffer offers[] = {{PayloadFormat::lzma, 8192}, {PayloadFormat::endsley_lzma, 8192}};
constexpr Digest running = {1, 2, 3};

// A device and a package that it takes; each case changes one thing or two.
struct Scene {
    Package package{
        .manifest = {.sequence = 100, .vendor = {1}, .device_class = {2}, .image_bytes = 5000, .security_counter = 3},
        .payload = {.source_digest = running,
                    .format = PayloadFormat::endsley_lzma,
                    .decoder_ram_bytes = 8192,
                    .block_bytes = 1024,
                    .payload_bytes = 700}};
    DeviceFacts device{.vendor = {1},
                       .device_class = {2},
                       .confirmed_sequence = 100,
                       .security_floor = 3,
                       .running_digest = running,
                       .slot_bytes = 5000,
                       .decoders = offers};

    /// A whole image in place of the delta, and a patch that undoes it in place.
    ReverseInPlace& bring_reverse() {
        package.payload.source_digest.reset();
        package.payload.format = PayloadFormat::lzma;
        Reverse& reverse = package.payload.reverse.emplace();
        return reverse.in_place.emplace(
            ReverseInPlace{.format = PayloadFormat::endsley_lzma, .decoder_ram_bytes = 8192, .source_digest = running});
    }
    [[nodiscard]] Error judge() const {
        const auto taken = check_policy(package, device);
        return taken ? Error::none : taken.error();
    }
};

struct PolicyCase {
    const char* name;
    Error expected;
    std::function<void(Scene&)> change;
};

TEST(Policy, JudgesEachFactByItself) {
    const PolicyCase cases[] = {
        {"as it is: a reinstall", Error::none, [](Scene&) {}},
        {"newer", Error::none, [](Scene& s) { s.package.manifest.sequence = 101; }},
        {"other vendor", Error::wrong_class, [](Scene& s) { s.package.manifest.vendor[15] = 9; }},
        {"other class", Error::wrong_class, [](Scene& s) { s.package.manifest.device_class[15] = 9; }},
        {"older", Error::older, [](Scene& s) { s.package.manifest.sequence = 99; }},
        {"older in the highest bits", Error::older, [](Scene& s) { s.device.confirmed_sequence = 1ULL << 56; }},
        {"older, allowed", Error::none,
         [](Scene& s) {
             s.package.manifest.sequence = 99;
             s.device.allow_downgrade = true;
         }},
        {"counter below the floor", Error::below_floor, [](Scene& s) { s.package.manifest.security_counter = 2; }},
        {"counter above the floor", Error::none, [](Scene& s) { s.package.manifest.security_counter = 4; }},
        {"downgrade never overrides the floor", Error::below_floor,
         [](Scene& s) {
             s.package.manifest.security_counter = 2;
             s.device.allow_downgrade = true;
         }},
        {"other source", Error::wrong_source, [](Scene& s) { s.device.running_digest = Digest{9}; }},
        {"no image to start from", Error::wrong_source, [](Scene& s) { s.device.running_digest.reset(); }},
        {"whole image needs no source", Error::none,
         [](Scene& s) {
             s.package.payload.source_digest.reset();
             s.package.payload.format = PayloadFormat::lzma;
             s.device.running_digest.reset();
         }},
        {"reverse patch to what runs", Error::none, [](Scene& s) { s.bring_reverse(); }},
        {"reverse patch to another image", Error::wrong_source,
         [](Scene& s) { s.bring_reverse().source_digest = Digest{9}; }},
        {"reverse patch, and nothing runs", Error::none,
         [](Scene& s) {
             s.bring_reverse();
             s.device.running_digest.reset();
         }},
        {"reverse patch without a decoder", Error::no_decoder,
         [](Scene& s) { s.bring_reverse().format = PayloadFormat::sbd; }},
        {"reverse patch whose decoder lacks memory", Error::no_decoder,
         [](Scene& s) { s.bring_reverse().decoder_ram_bytes = 8193; }},
        {"no such decoder", Error::no_decoder, [](Scene& s) { s.package.payload.format = PayloadFormat::endsley; }},
        {"a format of tomorrow", Error::no_decoder,
         [](Scene& s) { s.package.payload.format = static_cast<PayloadFormat>(77); }},
        {"decoder without the memory", Error::no_decoder, [](Scene& s) { s.package.payload.decoder_ram_bytes = 8193; }},
        {"no decoders at all", Error::no_decoder, [](Scene& s) { s.device.decoders = {}; }},
        {"raw needs no decoder", Error::none,
         [](Scene& s) {
             s.package.payload = {.source_digest = {}, .block_bytes = 256, .payload_bytes = 5000};
             s.device.decoders = {};
         }},
        {"raw that claims to need memory", Error::no_decoder,
         [](Scene& s) { s.package.payload.format = PayloadFormat::raw; }},
        {"image larger than the slot", Error::too_large, [](Scene& s) { s.package.manifest.image_bytes = 5001; }},
        {"image near 4 GiB", Error::too_large, [](Scene& s) { s.package.manifest.image_bytes = 0xFFFFFFFF; }},
        {"block larger than the buffer", Error::too_large, [](Scene& s) { s.package.payload.block_bytes = 1025; }},
    };
    for (const auto& [name, expected, change] : cases) {
        Scene scene;
        change(scene);
        EXPECT_EQ(scene.judge(), expected) << name;
    }
}

// Each of these refuses by itself; together the one that stands first is told.
TEST(Policy, TellsTheFirstReasonInItsFixedOrder) {
    const PolicyCase cases[] = {
        {"class", Error::wrong_class, [](Scene& s) { s.package.manifest.device_class[0] = 9; }},
        {"sequence", Error::older, [](Scene& s) { s.package.manifest.sequence = 1; }},
        {"counter", Error::below_floor, [](Scene& s) { s.package.manifest.security_counter = 0; }},
        {"source", Error::wrong_source, [](Scene& s) { s.device.running_digest.reset(); }},
        {"decoder", Error::no_decoder, [](Scene& s) { s.device.decoders = {}; }},
        {"size", Error::too_large, [](Scene& s) { s.device.slot_bytes = 10; }},
    };
    for (std::size_t first = 0; first < std::size(cases); ++first) {
        Scene scene;
        for (std::size_t i = first; i < std::size(cases); ++i) cases[i].change(scene);
        EXPECT_EQ(scene.judge(), cases[first].expected) << cases[first].name;
    }
}

}  // namespace
}  // namespace sb
