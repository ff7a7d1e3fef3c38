#include "tools/cli/power_cut.hpp"

#include <fmt/format.h>

#include <array>
#include <random>
#include <string_view>

#include "tools/cli/shell.hpp"

namespace sb::cli {
namespace {

struct Named {
    std::string_view name;
    sim::Torn outcome;
};
constexpr std::array<Named, sim::torn_kinds> outcomes = {{
    {"nothing", sim::Torn::nothing},
    {"partial", sim::Torn::partial},
    {"zeroed", sim::Torn::zeroed},
    {"blank-weak", sim::Torn::blank_weak},
    {"complete-weak", sim::Torn::complete_weak},
    {"complete", sim::Torn::complete},
}};

sim::PowerCut cut_of(const PowerCutOptions& options) {
    std::mt19937_64 random(options.seed * 0x9E3779B97F4A7C15U + options.at_operation);
    sim::PowerCut cut{.at_operation = options.at_operation,
                      .outcome = outcomes[random() % outcomes.size()].outcome,
                      .seed = random()};
    for (const Named& named : outcomes)
        if (named.name == options.torn) cut.outcome = named.outcome;
    return cut;
}

}  // namespace

void add_power_cut(CLI::App& verb, PowerCutOptions& options) {
    verb.add_option("--power-cut", options.at_operation,
                    "cut the power at this flash operation of the verb, counted from 1 (programs and erases)")
        ->transform(as_number(1));
    verb.add_option("--torn", options.torn, "what the cut leaves of that operation; without it the seed decides")
        ->check(CLI::IsMember({"nothing", "partial", "zeroed", "blank-weak", "complete-weak", "complete"}));
    verb.add_option("--low-battery", options.low_battery_at,
                    "from this flash operation of the verb on the battery is low: no further erase of a slot begins")
        ->transform(as_number(1));
    verb.add_option("--seed", options.seed, "of everything random")->transform(as_number())->capture_default_str();
}

void arm(sim::Device& device, const PowerCutOptions& options) {
    if (options.at_operation != 0) device.cut_power_at(cut_of(options));
    if (options.low_battery_at == 0) return;
    const std::uint32_t threshold = device.layout().low_battery_millivolts;
    if (threshold == 0)
        throw Failure(Exit::usage, "this layout takes no care of the battery", "--low-battery",
                      "add [supply] with low_millivolts to the layout");
    device.drop_supply_at(options.low_battery_at, threshold - 1);
}

void note_what_missed(const Shell& shell, const sim::Device& device, const PowerCutOptions& options,
                      std::uint64_t operations) {
    const std::string took = fmt::format("the verb took {} flash operations", operations);
    if (options.at_operation != 0 && !device.power_was_cut()) shell.note("the power was not cut: " + took);
    if (options.low_battery_at != 0 && !device.supply_has_dropped()) shell.note("the battery did not run low: " + took);
}

}  // namespace sb::cli
