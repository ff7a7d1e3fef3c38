#include "sim/device/part_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/pack/hex.hpp"

namespace sb::sim {
namespace {

using Json = nlohmann::ordered_json;
using Kind = pack::Problem::Kind;

constexpr int state_format = 1;

/// Flags as [first, count] of each run that is set.
Json runs_of(const Flags& flags) {
    Json runs = Json::array();
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (!flags[i]) continue;
        const std::size_t first = i;
        while (i < flags.size() && flags[i]) ++i;
        runs.push_back({first, i - first});
    }
    return runs;
}

Flags flags_of(const Json& runs, std::size_t size) {
    Flags flags(size, 0);
    for (const Json& run : runs) {
        const auto first = run.at(0).get<std::size_t>();
        const auto count = run.at(1).get<std::size_t>();
        if (first > size || count > size - first) throw std::out_of_range("a run of granules leaves the part");
        std::fill_n(flags.begin() + static_cast<std::ptrdiff_t>(first), count, 1);
    }
    return flags;
}

Json weak_json(const FlashContent& content) {
    Json all = Json::array();
    for (const auto& [offset, weak] : content.weak)
        all.push_back({{"offset", offset},
                       {"was", to_hex(weak.was)},
                       {"became", to_hex(weak.became)},
                       {"reads", static_cast<int>(weak.reads)},
                       {"flip", weak.flip}});
    return all;
}

void read_weak(const Json& all, FlashContent& content) {
    for (const Json& w : all) {
        const auto was = from_hex(w.at("was").get<std::string>());
        const auto became = from_hex(w.at("became").get<std::string>());
        const auto offset = w.at("offset").get<std::uint32_t>();
        const int reads = w.at("reads").get<int>();
        const bool fits = offset <= content.cells.size() && was && was->size() <= content.cells.size() - offset;
        if (!fits || !became || became->size() != was->size() || reads < 0 ||
            reads > static_cast<int>(WeakReads::fading))
            throw std::out_of_range("a weak range leaves the part");
        content.weak[offset] = {*was, *became, static_cast<WeakReads>(reads), w.at("flip").get<bool>()};
    }
}

void read_state(const std::string& text, FlashContent& content) {
    const Json state = Json::parse(text);
    if (state.at("format").get<int>() != state_format) throw std::out_of_range("unknown format of the state file");
    const auto counts = state.at("erase_counts").get<std::vector<std::uint32_t>>();
    if (counts.size() != content.erase_counts.size()) throw std::out_of_range("erase counts of another part");
    content.erase_counts = counts;
    content.erases = state.at("erases").get<std::uint64_t>();
    content.programs = state.at("programs").get<std::uint64_t>();
    content.programmed_bytes = state.at("programmed_bytes").get<std::uint64_t>();
    content.programmed = flags_of(state.at("programmed"), content.programmed.size());
    content.torn = flags_of(state.at("torn"), content.torn.size());
    content.unreadable = flags_of(state.at("unreadable"), content.unreadable.size());
    read_weak(state.at("weak"), content);
}

void notice_what_is_not_blank(const Geometry& geometry, FlashContent& content) {
    for (std::size_t g = 0; g < content.programmed.size(); ++g) {
        if (content.programmed[g] != 0) continue;
        const auto first = content.cells.begin() + static_cast<std::ptrdiff_t>(g * geometry.granule);
        const auto last = first + static_cast<std::ptrdiff_t>(geometry.granule);
        if (!std::all_of(first, last, [&](std::uint8_t b) { return b == geometry.erased; }))
            content.programmed[g] = true;
    }
}

}  // namespace

std::string part_state_text(const FlashContent& c) {
    const Json state = {{"format", state_format},
                        {"erases", c.erases},
                        {"programs", c.programs},
                        {"programmed_bytes", c.programmed_bytes},
                        {"erase_counts", c.erase_counts},
                        {"programmed", runs_of(c.programmed)},
                        {"torn", runs_of(c.torn)},
                        {"unreadable", runs_of(c.unreadable)},
                        {"weak", weak_json(c)}};
    return state.dump() + "\n";
}

pack::Outcome<void> restore_part(NorFlash& flash, std::vector<std::uint8_t> cells, const std::string& state,
                                 const std::string& where) {
    FlashContent content = flash.content();
    if (cells.size() != content.cells.size())
        return pack::problem(Kind::bad_input, where, "a flash file is not as large as the part of the layout",
                             "make the device again with 'switchback device new'");
    content.cells = std::move(cells);
    try {
        if (!state.empty()) read_state(state, content);
    } catch (const std::exception& e) {
        return pack::problem(Kind::bad_input, where, std::string("a state file is damaged: ") + e.what(),
                             "remove it to go on with the cells alone");
    }
    notice_what_is_not_blank(flash.geometry(), content);
    flash.set_content(std::move(content));
    return {};
}

}  // namespace sb::sim
