#include "tools/layout/swap_unit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/layout/boundaries.hpp"
#include "tools/layout/size.hpp"

namespace sb::layout {
namespace {

/// A record counts steps in 16 bits (core/journal/state.hpp), and an exchange takes two for each unit.
constexpr std::uint32_t most_units = UINT16_MAX / 2;

/// The smallest unit that tiles slot A whole and of slot B what `of_b` says for that unit; 0: none.
template <class OfB>
std::uint32_t smallest_unit(const Boundaries& a, const Boundaries& b, OfB of_b) {
    const std::uint32_t bytes = a.back();
    for (const std::uint32_t unit : a) {
        if (unit == 0 || bytes % unit != 0 || bytes / unit > most_units) continue;
        if (tiles(a, unit, bytes) && tiles(b, unit, of_b(unit))) return unit;
    }
    return 0;
}

Problem at_line_of(const Layout& l, const RegionSpec& slot, std::string what, std::string fix) {
    return {.file = l.file, .line = slot.line, .what = std::move(what), .fix = std::move(fix)};
}

/// Both slots divide, but slot B has no room for one unit more.
Problem too_small(const Layout& l, const RegionSpec& a, const RegionSpec& b, std::uint32_t unit) {
    const std::uint64_t wanted = std::uint64_t{a.bytes} + unit;
    std::string fix = fmt::format("make slot_b {}", show_size(wanted));
    if (b.bytes >= 2 * unit && b.bytes - unit < a.bytes)
        fix += fmt::format(" or slot_a {}", show_size((b.bytes - unit) / unit * unit));
    return at_line_of(l, b,
                      fmt::format("slot_b has {} bytes; scheme swap needs a unit of {} more than slot_a has, {}",
                                  b.bytes, show_size(unit), wanted),
                      std::move(fix));
}

/// Where in `slot` the most units of `unit` bytes begin, as a proposal.
std::string proposal(const Layout& l, const RegionSpec& slot, std::uint32_t unit) {
    const Boundaries all = boundaries_of(l, slot);
    const std::vector<std::uint32_t> runs = runs_of(all, unit);
    const auto best = static_cast<std::size_t>(std::ranges::max_element(runs) - runs.begin());
    return fmt::format("let {} begin and end with units of {}: offset 0x{:x}, size {}", slot.name, show_size(unit),
                       slot.offset + all[best], show_size(std::uint64_t{unit} * runs[best]));
}

Problem no_unit(const Layout& l, const RegionSpec& a, const RegionSpec& b, const Boundaries& in_a,
                const Boundaries& in_b) {
    const std::uint32_t largest = std::max(unit_sizes(in_a).back(), unit_sizes(in_b).back());
    const bool a_divides = tiles(in_a, largest, a.bytes);
    if (a_divides && tiles(in_b, largest, a.bytes)) return too_small(l, a, b, largest);
    const RegionSpec& wrong = a_divides ? b : a;
    const bool has_some = std::ranges::max(runs_of(a_divides ? in_b : in_a, largest)) != 0;
    return at_line_of(l, wrong,
                      fmt::format("no unit divides both slots: scheme swap exchanges equal units, and {} does not "
                                  "consist of units of {}",
                                  wrong.name, show_size(largest)),
                      has_some
                          ? proposal(l, wrong, largest)
                          : fmt::format("make {} at least {} (two of them in slot_b)", wrong.name, show_size(largest)));
}

}  // namespace

std::expected<std::uint32_t, Problem> swap_unit(const Layout& layout) {
    const RegionSpec& a = *layout.region("slot_a");
    const RegionSpec& b = *layout.region("slot_b");
    const Boundaries in_a = boundaries_of(layout, a);
    const Boundaries in_b = boundaries_of(layout, b);
    const auto one_more = [&](std::uint32_t unit) { return std::uint64_t{a.bytes} + unit; };
    if (const std::uint32_t found = smallest_unit(in_a, in_b, one_more); found != 0) return found;
    // Tell what is wrong with less to ask for: do both divide as far as slot B goes?
    const auto as_far = [&](std::uint32_t unit) { return std::uint64_t{std::min(a.bytes, b.bytes / unit * unit)}; };
    const std::uint32_t unit = smallest_unit(in_a, in_b, as_far);
    if (unit != 0 && b.bytes < one_more(unit) && unit <= std::max(unit_sizes(in_a).back(), unit_sizes(in_b).back()))
        return std::unexpected(too_small(layout, a, b, unit));
    return std::unexpected(no_unit(layout, a, b, in_a, in_b));
}

}  // namespace sb::layout
