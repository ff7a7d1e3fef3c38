#include "sim/powercut/life.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <tuple>

#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/explorer.hpp"
#include "sim/powercut/geometries.hpp"
#include "sim/powercut/workshop.hpp"

namespace sb::sim {

namespace {

void raise_each(std::vector<std::uint32_t>& most, const std::vector<std::uint32_t>& other) {
    most.resize(std::max(most.size(), other.size()));
    for (std::size_t i = 0; i < other.size(); ++i) most[i] = std::max(most[i], other[i]);
}

/// Of this thread.
double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

const char* story_name(Story story) {
    switch (story) {
        case Story::update:
            return "update";
        case Story::revert:
            return "revert";
        case Story::factory_reset:
            return "factory reset";
        case Story::update_mode:
            return "update mode, left";
    }
    return "?";
}

const char* scheme_name(Scheme scheme) {
    switch (scheme) {
        case Scheme::xip:
            return "xip";
        case Scheme::swap:
            return "swap";
        case Scheme::copy:
            return "copy";
        case Scheme::single:
            return "single";
        case Scheme::ram_load:
            return "ram-load";
        case Scheme::inplace:
            return "inplace";
    }
    return "?";
}

void LifeReport::add(const LifeReport& other) {
    operations += other.operations;
    operations_hit += other.operations_hit;
    cuts += other.cuts;
    ended_new += other.ended_new;
    ended_old += other.ended_old;
    ended_golden += other.ended_golden;
    update_mode += other.update_mode;
    dead += other.dead;
    merged += other.merged;
    distinct_states += other.distinct_states;
    checked += other.checked;
    max_boots = std::max(max_boots, other.max_boots);
    max_steps = std::max(max_steps, other.max_steps);
    max_unit_erases = std::max(max_unit_erases, other.max_unit_erases);
    max_journal_erases = std::max(max_journal_erases, other.max_journal_erases);
    raise_each(wear, other.wear);
    raise_each(max_wear, other.max_wear);
    if (first_objection.empty()) first_objection = other.first_objection;
    seconds += other.seconds;
    processor_seconds += other.processor_seconds;
    exhaustive = exhaustive && other.exhaustive;
}

LifeReport check(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast, Crypto& crypto,
                 const LifeOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const double processor_start = processor_seconds();
    Explorer explorer(spec, identity, cast, crypto, options);
    LifeReport report = options.random_lives != 0 ? explorer.live_at_random() : explorer.cut_everywhere();
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    report.processor_seconds = processor_seconds() - processor_start;
    return report;
}

namespace {

/// Room for a patch and its way back that save nothing, and for the marks.
std::uint32_t patch_units_for(const BoardSpec& spec) {
    const std::uint32_t bytes = 2 * board_map(spec).slots[0].bytes + 4096;
    return bytes / spec.unit_bytes + 2;
}

}  // namespace

LifeReport check(Scheme scheme, BoardSpec spec, const LifeOptions& options) {
    spec.scheme = scheme;
    if (spec.golden_units == 0 && (options.golden || options.story == Story::factory_reset))
        spec.golden_units = board_map(spec).slots[0].bytes / spec.unit_bytes;
    static const Workshop shop;
    // To make a package takes longer than many a life.
    static std::map<std::tuple<PayloadFormat, std::uint32_t, std::optional<std::uint32_t>, std::uint32_t, bool>, Cast>
        casts;
    if (scheme == Scheme::inplace && spec.patch_units == 0 && spec.patch.empty())
        spec.patch_units = patch_units_for(spec);
    const std::uint32_t body = options.body_bytes != 0 ? options.body_bytes : suggested_body_bytes(spec);
    const std::optional<std::uint32_t> slot_b = bound_slot_b(spec);
    // What rewrites an image in place depends on the slot's room and units.
    const bool in_place = scheme == Scheme::inplace || (scheme == Scheme::single && options.reverse);
    const std::uint32_t slot_bytes = in_place ? board_map(spec).slots[0].bytes : 0;
    Cast& cast =
        casts[{options.package, body, slot_b, slot_bytes == 0 ? 0 : slot_bytes + spec.unit_bytes, options.reverse}];
    if (cast.package.empty()) {
        cast = shop.cast(options.package, body, 2048, slot_b);
        if (scheme == Scheme::inplace)
            cast.package =
                shop.in_place(cast.old_image, cast.new_image, slot_bytes, spec.unit_bytes, true, options.package);
    }
    if (options.reverse) shop.add_reverse(cast, spec, options.package);
    OpensslCrypto crypto;
    return check(spec, shop.identity(), cast, crypto, options);
}

}  // namespace sb::sim
