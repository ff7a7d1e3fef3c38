#include "sim/powercut/matrix.hpp"

#include "core/delta/format_name.hpp"

namespace sb::sim {

std::string Tale::title() const {
    std::string title = story_name(story);
    if (golden && story != Story::factory_reset) title += ", factory image";
    if (wipe_journal) title += ", journal wiped";
    return title;
}

std::string Tale::package_name() const {
    if (story == Story::factory_reset) return "none";
    if (package == PayloadFormat::sbd) return "sbd:4K";
    return format_name(package);
}

std::vector<Tale> tales_of(Scheme scheme) {
    std::vector<Tale> tales;
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
    return tales;
}

}  // namespace sb::sim
