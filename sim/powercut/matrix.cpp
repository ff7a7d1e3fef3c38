#include "sim/powercut/matrix.hpp"

#include <algorithm>

#include "core/delta/format_name.hpp"
#include "sim/powercut/geometries.hpp"

namespace sb::sim {

std::string Tale::title() const {
    std::string title = story_name(story);
    if (golden && story != Story::factory_reset) title += ", factory image";
    if (wipe_journal) title += ", journal wiped";
    return title;
}

std::string Tale::package_name() const {
    if (!sends_a_package(story)) return "none";
    const std::string name = package == PayloadFormat::sbd ? "sbd:4K" : format_name(package);
    return reverse ? name + ", reverse" : name;
}

namespace {

std::vector<Tale> whole_images() {
    return {{},
            {.package = PayloadFormat::lzma},
            {.golden = true},
            {.wipe_journal = true},
            {.golden = true, .wipe_journal = true},
            {.story = Story::revert},
            {.story = Story::revert, .golden = true},
            {.story = Story::revert, .wipe_journal = true},
            {.story = Story::factory_reset},
            {.story = Story::factory_reset, .wipe_journal = true},
            {.story = Story::update_mode},
            {.story = Story::update_mode, .wipe_journal = true}};
}

/// One slot that update mode receives into: only whole images, which need nothing of what stood there. The patch that
/// undoes one works in place.
std::vector<Tale> tales_of_single(const BoardSpec& board) {
    std::vector<Tale> tales = whole_images();
    if (!rewrites_in_place(board)) return tales;
    for (const Story story : {Story::update, Story::revert})
        for (const bool wipe : {false, true}) tales.push_back({.story = story, .wipe_journal = wipe, .reverse = true});
    return tales;
}

}  // namespace

std::vector<Tale> tales_of(const BoardSpec& board) {
    const Scheme scheme = board.scheme;
    std::vector<Tale> tales;
    if (scheme == Scheme::single) return tales_of_single(board);
    if (scheme == Scheme::inplace) {
        for (const Story story : {Story::update, Story::revert})
            for (const PayloadFormat package : {PayloadFormat::endsley_lzma, PayloadFormat::sbd})
                for (const bool wipe : {false, true})
                    tales.push_back({.story = story, .package = package, .wipe_journal = wipe});
        tales.push_back({.story = Story::factory_reset});
        return tales;
    }
    for (const PayloadFormat package : {PayloadFormat::raw, PayloadFormat::endsley_lzma, PayloadFormat::sbd})
        tales.push_back({.package = package});
    tales.push_back({.wipe_journal = true});
    tales.push_back({.package = PayloadFormat::endsley_lzma, .wipe_journal = true});
    tales.push_back({.story = Story::revert});
    tales.push_back({.story = Story::revert, .package = PayloadFormat::endsley_lzma});
    tales.push_back({.story = Story::revert, .wipe_journal = true});
    // Where the new image overwrites the old one the factory image is the way back.
    if (scheme == Scheme::copy) tales.push_back({.story = Story::revert, .golden = true});
    tales.push_back({.story = Story::factory_reset});
    tales.push_back({.story = Story::factory_reset, .wipe_journal = true});
    if (scheme != Scheme::copy) return tales;
    for (const PayloadFormat package : {PayloadFormat::endsley_lzma, PayloadFormat::sbd})
        for (const Story story : {Story::update, Story::revert})
            for (const bool wipe : {false, true})
                tales.push_back({.story = story, .package = package, .wipe_journal = wipe, .reverse = true});
    return tales;
}

namespace {

/// Memory that the packages of these tales ask for; decoders without memory of their own need none.
std::uint32_t memory_for(PayloadFormat format) {
    switch (format) {
        case PayloadFormat::lzma:
        case PayloadFormat::endsley_lzma:
            return decoder_ram_bytes(format, 4096);
        case PayloadFormat::sbd:
            return sbd::budget_bytes(sbd::Budget::k4);
        case PayloadFormat::hpatchlite:
        case PayloadFormat::vcdiff:
        case PayloadFormat::hdiffsf:
            return 4096;
        default:
            return 0;
    }
}

bool takes(std::span<const DecoderOffer> decoders, PayloadFormat format) {
    return std::ranges::any_of(decoders, [&](const DecoderOffer& offer) {
        return offer.format == format && offer.ram_bytes >= memory_for(format);
    });
}

/// The first of `formats` that the device takes.
std::optional<PayloadFormat> first_of(std::span<const DecoderOffer> decoders, std::span<const PayloadFormat> formats) {
    const auto found = std::ranges::find_if(formats, [&](PayloadFormat format) { return takes(decoders, format); });
    return found == formats.end() ? std::nullopt : std::optional(*found);
}

/// Whether the device decodes the patch that comes with a whole image: Workshop::add_reverse makes it.
bool takes_back(const Tale& tale, std::span<const DecoderOffer> decoders) {
    return takes(decoders, tale.package == PayloadFormat::raw ? PayloadFormat::sbd : PayloadFormat::endsley_lzma);
}

/// The format in place of the tale's, of the same kind: whole image, delta, or our own.
std::optional<PayloadFormat> format_for(const Tale& tale, std::span<const DecoderOffer> decoders) {
    static constexpr std::array whole = {PayloadFormat::raw, PayloadFormat::lzma};
    static constexpr std::array delta = {PayloadFormat::endsley_lzma, PayloadFormat::endsley, PayloadFormat::hpatchlite,
                                         PayloadFormat::vcdiff, PayloadFormat::hdiffsf};
    static constexpr std::array own = {PayloadFormat::sbd};
    if (!sends_a_package(tale.story)) return tale.package;
    if (tale.package == PayloadFormat::lzma) return first_of(decoders, {&tale.package, 1});
    if (tale.package == PayloadFormat::raw) return first_of(decoders, whole);
    return tale.package == PayloadFormat::sbd ? first_of(decoders, own) : first_of(decoders, delta);
}

}  // namespace

std::vector<Tale> tales_of(const BoardSpec& board, std::span<const DecoderOffer> decoders) {
    const bool has_golden = board.golden_units != 0;
    std::vector<Tale> tales;
    const bool has_patch = board.patch_units != 0;
    for (Tale tale : tales_of(board)) {
        // What would be kept there undoes the only slot in place.
        if (board.scheme == Scheme::single && tale.reverse && !(has_patch && takes_back(tale, decoders))) continue;
        if (tale.story == Story::factory_reset && !has_golden) continue;
        // Where there is one the way back is the same with and without being asked for it.
        if (tale.golden) continue;
        const std::optional<PayloadFormat> format = format_for(tale, decoders);
        if (!format) continue;
        tale.package = *format;
        tale.golden = has_golden;
        tales.push_back(tale);
    }
    return tales;
}

}  // namespace sb::sim
