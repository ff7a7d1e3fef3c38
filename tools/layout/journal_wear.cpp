#include "tools/layout/journal_wear.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/install/marks.hpp"
#include "core/journal/journal.hpp"
#include "core/plan/plan.hpp"
#include "sim/flash/nor_flash.hpp"
#include "tools/layout/boundaries.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/geometry_flash.hpp"

namespace sb::layout {
namespace {

constexpr std::uint32_t updates = 16;
/// How many records a download into `slot` leaves on its way.
std::uint32_t download_records(const Layout& l, const RegionSpec& slot, std::uint32_t image_bytes) {
    const bool inside = l.parts[slot.part].geometry.reprogram_same;
    const Boundaries ends = boundaries_of(l, slot);
    std::uint32_t records = 0;
    for (std::size_t i = 1; i < ends.size() && ends[i - 1] < image_bytes; ++i) {
        const std::uint32_t unit = std::min(ends[i], image_bytes) - ends[i - 1];
        records += inside ? (unit + record_distance_bytes - 1) / record_distance_bytes : 1;
    }
    return records;
}

/// How many steps bring the image to slot A.
std::uint32_t steps(const Layout& l, std::uint32_t image_bytes) {
    if (!moves_images(l.scheme) && l.scheme != Scheme::inplace) return 0;
    const GeometryMap geometry(l);
    if (l.scheme == Scheme::inplace) {
        const Region slot = geometry.map().slots[0].region;
        const std::uint32_t unit = slot.unit_at(0).bytes;  // moved by no more than that, and in segments as short
        return static_cast<std::uint32_t>(shift_steps(slot, unit, image_bytes) + image_bytes / unit);
    }
    const Plan plan = l.scheme == Scheme::swap ? Plan::exchange : Plan::copy;
    return steps_of(geometry.map(), plan, image_bytes);
}

const char* target(const Layout& l) {
    if (l.scheme == Scheme::inplace) return "patch";
    return l.scheme == Scheme::single ? "slot_a" : "slot_b";
}

/// Bytes that an update writes to its target, at most.
std::uint32_t received(const Findings& f) {
    return f.patch_room_bytes != 0 ? f.patch_room_bytes : f.image_room_bytes;
}

/// A journal in flash of its own that nothing else uses.
class Record {
public:
    Record(const Layout& l, const RegionSpec& spec) : flash_(geometry(l, spec), runs(l, spec)), spec_(spec) {}

    /// From one reset to the next, or to the next program that opens the journal.
    template <class Writes>
    void session(Writes writes) {
        Journal journal(Region(flash_, 0, spec_.bytes));
        [[maybe_unused]] const Result<void> opened = journal.open();  // empty the first time
        writes(journal);
    }
    /// A state that something leans on, and one that only tells how far it went: both differ from the one before.
    void commit(Journal& journal) { written(journal.commit(next(journal))); }
    void append(Journal& journal) { written(journal.append(next(journal))); }

    [[nodiscard]] std::uint32_t records() const { return records_; }
    [[nodiscard]] const std::vector<std::uint32_t>& erases() const { return flash_.content().erase_counts; }

private:
    static Geometry geometry(const Layout& l, const RegionSpec& spec) {
        Geometry g = l.parts[spec.part].geometry;
        g.bytes = spec.bytes;
        return g;
    }
    static std::vector<EraseRun> runs(const Layout& l, const RegionSpec& spec) {
        const Boundaries ends = boundaries_of(l, spec);
        std::vector<EraseRun> all;
        for (std::size_t i = 1; i < ends.size(); ++i) all.push_back({1, ends[i] - ends[i - 1]});
        return all;
    }
    State next(const Journal& journal) {
        State state = journal.state();
        state.install.output_bytes = ++records_;
        return state;
    }
    static void written(const Result<void>& result) {
        if (!result) throw std::logic_error("a journal that check() accepted cannot be written");
    }

    sim::NorFlash flash_;
    RegionSpec spec_;
    std::uint32_t records_ = 0;
};

/// Each step of a rewriting is marked beside the patch, too.
double mark_erases(const Layout& l, std::uint32_t moved) {
    if (l.scheme != Scheme::inplace) return 0;
    const RegionSpec& patch = *l.region("patch");
    const Part& part = l.parts[patch.part];
    sim::NorFlash flash(part.geometry, part.erase_map);
    FlashMap map;
    map.patch = Region(flash, patch.offset, patch.bytes);
    for (std::uint32_t i = 0; i < updates; ++i) {
        Marks marks(map);
        bool written = marks.begin({}).has_value();
        for (std::uint32_t k = 0; k < moved; ++k) written = written && marks.add({}).has_value();
        if (!written) throw std::logic_error("marks that check() accepted cannot be written");
    }
    return static_cast<double>(std::ranges::max(flash.content().erase_counts)) / updates;
}

}  // namespace

JournalWear journal_wear(const Layout& layout) {
    const auto found = check(layout);
    const RegionSpec& spec = *layout.region("journal");
    std::uint32_t downloaded = download_records(layout, *layout.region(target(layout)), received(*found));
    // The reverse patch is received before, and then the old image given up.
    if (layout.scheme == Scheme::single && found->reverse_room_bytes != 0)
        downloaded += download_records(layout, *layout.region("patch"), found->reverse_room_bytes) + 2;
    const std::uint32_t moved = steps(layout, found->image_room_bytes);
    Record record(layout, spec);
    for (std::uint32_t i = 0; i < updates; ++i) {
        if (layout.scheme == Scheme::single) record.session([&](Journal& j) { record.commit(j); });  // update mode
        record.session([&](Journal& j) {  // the running image, or update mode, takes the package
            record.commit(j);             // writing
            for (std::uint32_t k = 0; k < downloaded; ++k) record.append(j);
            record.commit(j);  // candidate
            record.commit(j);  // staged
        });
        record.session([&](Journal& j) {  // the bootloader
            if (moved != 0) {
                record.commit(j);  // the plan
                for (std::uint32_t k = 0; k < moved; ++k) record.append(j);
                record.commit(j);  // moved
            }
            record.commit(j);  // trial
        });
        record.session([&](Journal& j) { record.commit(j); });  // confirmed
    }
    const std::uint32_t most = std::ranges::max(record.erases());
    const std::uint32_t rated = layout.parts[spec.part].geometry.rated_cycles;
    return {.updates_measured = updates,
            .records_per_update = record.records() / updates,
            .erases_per_update = static_cast<double>(most) / updates,
            .rated_cycles = rated,
            .updates_to_rated = most == 0 ? 0 : std::uint64_t{rated} * updates / most,
            .mark_erases_per_update = mark_erases(layout, moved)};
}

}  // namespace sb::layout
