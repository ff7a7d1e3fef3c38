#include "core/boot/boot.hpp"
#include "core/boot/steps.hpp"
#include "core/flash/region_reader.hpp"
#include "core/plan/arrangement.hpp"
#include "core/plan/plan.hpp"

namespace sb {

namespace {

using Image = Arrangement::Image;

SlotView judged(const BootDevice& device, Reader& reader) {
    SlotView view = steady_view(device, SlotId::a, reader);
    if (view.verdict == SlotView::Verdict::valid && view.security_counter < device.hardware_floor)
        view = {.verdict = SlotView::Verdict::invalid, .why = Error::below_floor};
    return view;
}

SlotView arranged(const BootDevice& device, Image image, std::uint16_t moved) {
    Arrangement reader(device.map, image, moved);
    return judged(device, reader);
}

bool valid(const SlotView& view) {
    return view.verdict == SlotView::Verdict::valid;
}

bool newer(const SlotView& a, const SlotView& b) {
    return a.security_counter != b.security_counter ? a.security_counter > b.security_counter : a.sequence > b.sequence;
}

BootState lost_state(const BootDevice& device) {
    BootState state;
    state.layout_crc = device.map.layout_crc;
    state.cause = Error::journal_lost;
    state.security_floor = device.hardware_floor;
    return state;
}

BootState to_be_tried(const BootDevice& device, const SlotView& image) {
    BootState state = lost_state(device);
    state.phase = Phase::staged;
    state.tries_left = device.tries;
    state.candidate = image.digest;
    return state;
}

std::uint16_t last_unit(const FlashMap& map, const SlotView& image) {
    return static_cast<std::uint16_t>((image.bytes - 1) / map.swap_unit);
}

/// Goes on with the exchange in which `moved` units of the image that came in have arrived. Where the old image's unit
/// of the same place reads right both in A and in B, one of the two may be weak: the erase of A was cut, or the last
/// program of B. B is believed if it reads steadily, since an erase takes far longer.
BootState go_on_from(const BootDevice& device, const SlotView& image, std::uint16_t moved) {
    BootState state = to_be_tried(device, image);
    state.plan = Plan::exchange;
    const SlotView saved = arranged(device, Image::ran, static_cast<std::uint16_t>(moved + 1));
    const SlotView ran = valid(saved) ? saved : arranged(device, Image::ran, moved);
    const std::uint32_t larger = valid(ran) && ran.bytes > image.bytes ? ran.bytes : image.bytes;
    state.step_count = steps_of(device.map, Plan::exchange, larger);
    // With neither the old image is lost, and nothing of B that the new one needs may be written.
    const bool to_be_saved = !valid(saved) && valid(ran);
    state.step = static_cast<std::uint16_t>(2 * moved + (to_be_saved ? 0 : 1));
    if (state.step > state.step_count) state.step = state.step_count;
    if (valid(ran)) state.active_digest = ran.digest;
    return state;
}

/// That A verifies now does not prove its last unit: a cut in the last step leaves cells that read as they like. Where
/// what they were written from still stands, they are written once more.
void repeat_last_step(const BootDevice& device, const SlotView& a, const SlotView& ran, BootState& state) {
    const std::uint16_t last = last_unit(device.map, a);
    const SlotView before = arranged(device, Image::came_in, last);
    RegionReader factory(device.map.golden);
    if (const SlotView golden = judged(device, factory); valid(golden) && same_image(golden, a)) {
        state.phase = Phase::reverting;
        state.active = SlotId::a;
        state.plan = Plan::restore;
        state.step_count = static_cast<std::uint16_t>(last + 1);
        state.step = last;
    } else if (valid(ran) && same_image(ran, a)) {
        state.phase = Phase::reverting;
        state.active = SlotId::a;
        state.plan = Plan::copy;
        state.step_count = static_cast<std::uint16_t>(last + 1);
        state.step = last;
    } else if (valid(before) && same_image(before, a)) {
        state.phase = state.phase == Phase::trial ? Phase::staged : Phase::reverting;
        state.active = SlotId::a;
        state.plan = Plan::exchange;
        state.step_count = static_cast<std::uint16_t>(2 * last + 2);
        state.step = static_cast<std::uint16_t>(2 * last + 1);
    }
}

/// How many units of the image that ran stand in B, where the one in A is whole: all of them, or fewer where it is the
/// larger one and the rest was still to come. `ran`: that image, if it verifies.
std::uint16_t saved_units(const BootDevice& device, const SlotView& a, SlotView& ran) {
    const std::uint16_t units = Arrangement::units_in(device.map);
    for (std::uint16_t saved = units; saved > last_unit(device.map, a); --saved) {
        ran = arranged(device, Image::ran, saved);
        if (valid(ran)) return saved;
    }
    return units;
}

/// The image in A is whole, the larger one that ran before not yet in B: the exchange goes on with what is left of it.
BootState save_the_rest(const BootDevice& device, const SlotView& a, const SlotView& ran, std::uint16_t saved) {
    BootState state = to_be_tried(device, a);
    state.active_digest = ran.digest;
    state.plan = Plan::exchange;
    state.step_count = steps_of(device.map, Plan::exchange, ran.bytes);
    // The last step that wrote the image in A once more, if its source still stands: see repeat_last_step.
    const std::uint16_t last = last_unit(device.map, a);
    const SlotView before = arranged(device, Image::came_in, last);
    const bool source_stands = valid(before) && same_image(before, a);
    state.step = static_cast<std::uint16_t>(source_stands ? 2 * last + 1 : 2 * saved);
    return state;
}

/// A verifies: nothing was under way, or nothing that cannot begin anew.
BootState with_a(const BootDevice& device, const SlotView& a) {
    const SlotView came_in = arranged(device, Image::came_in, 0);
    if (valid(came_in) && newer(came_in, a) && device.tries != 0) return go_on_from(device, came_in, 0);
    BootState state = lost_state(device);
    state.active_digest = a.digest;
    // An older image at the start of B is a way back: whether A ever ran well nobody knows any more.
    SlotView ran;
    const std::uint16_t saved = saved_units(device, a, ran);
    const bool is_way_back = valid(ran) && newer(a, ran) && ran.security_counter == a.security_counter;
    const bool whole = valid(ran) && saved > last_unit(device.map, ran);
    if (is_way_back && !whole && device.tries != 0) return save_the_rest(device, a, ran, saved);
    if (is_way_back && whole) {
        state.phase = Phase::trial;
        state.tries_left = device.tries;
        state.candidate = a.digest;
        state.active = SlotId::b;
        state.active_digest = ran.digest;
    }
    repeat_last_step(device, a, whole ? ran : SlotView{}, state);
    return state;
}

}  // namespace

Result<void> SwapMover::move(Journal& journal, const BootDevice& device, State& next, std::uint32_t image_bytes) const {
    const Result<void> done = carry_out_all(journal, device.map, device.scratch, next, image_bytes);
    BootState& boot = next.boot;
    // A step that could not write to A left neither image able to run there.
    const bool a_is_whole = boot.plan == Plan::exchange && boot.step % 2 == 0;
    if (done || goes_on_by_itself(done.error()) || !a_is_whole) return done;
    boot.phase = Phase::reverting;
    boot.cause = done.error();
    boot.plan = Plan::copy;
    boot.step_count = boot.step / 2;
    boot.step = 0;
    boot.confirmed_b = boot.confirmed_a;
    if (boot.step_count == 0) boot = after_plan(boot);
    return journal.commit(next);
}

/// Looks for an image that verifies: in A, and then in every arrangement that an exchange can leave. A runs; or the
/// exchange goes on where it stopped, to a trial; or what ran before comes back.
std::optional<State> SwapMover::recover(const BootDevice& device) const {
    RegionReader slot_a(device.map.slots[0].region);
    const SlotView a = judged(device, slot_a);
    if (valid(a)) return State{with_a(device, a), {}};
    const std::uint16_t units = Arrangement::units_in(device.map);
    for (std::uint16_t moved = 0; moved < units && device.tries != 0; ++moved) {
        const SlotView image = arranged(device, Image::came_in, moved);
        // All of it from A, which did not verify before: it reads as it likes.
        if (valid(image) && moved > last_unit(device.map, image)) return State{with_a(device, image), {}};
        if (valid(image)) return State{go_on_from(device, image, moved), {}};
    }
    // As many units from B as can be: the one that was being written to A may read right by chance.
    for (std::uint16_t moved = units; moved != 0; --moved) {
        const SlotView image = arranged(device, Image::ran, moved);
        if (!valid(image)) continue;
        BootState state = lost_state(device);
        state.phase = Phase::reverting;
        state.plan = Plan::copy;
        state.step_count = moved;
        state.active_digest = image.digest;
        return State{state, {}};
    }
    return std::nullopt;
}

}  // namespace sb
