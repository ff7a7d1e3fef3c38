#include "core/boot/boot.hpp"

#include <algorithm>

#include "core/flash/region_reader.hpp"

namespace sb {

namespace {

bool holds_state(const Journal& journal, const FlashMap& map) {
    return journal.state().boot.layout_crc == map.layout_crc;
}

/// The journal's state, or the fact that none was left.
BootView open_view(const Journal& journal, const Result<void>& opened, const BootDevice& device) {
    BootView view{.hardware_floor = device.hardware_floor,
                  .tries = device.tries,
                  .layout_crc = device.map.layout_crc,
                  .scheme = device.map.scheme,
                  .has_golden = device.map.golden.valid(),
                  .undoes = device.mover != nullptr && device.mover->undoes(),
                  .low_battery = device.supply != nullptr && device.supply->low(),
                  .golden_below_floor = device.golden_below_floor};
    view.journal_lost = !opened || !holds_state(journal, device.map);
    if (!view.journal_lost) view.state = journal.state().boot;
    return view;
}

/// What must be written before anything runs: the decision's record, or the present state once more where a power
/// cut in the past could still take it away.
std::optional<State> wanted_record(const Action& action, const Journal& journal, bool lost) {
    State next = lost ? State{} : journal.state();
    if (action.record) {
        next.boot = *action.record;
        return next;
    }
    if (lost || journal.sealed()) return std::nullopt;
    return next;
}

/// Everything between reset and jump, with what is known so far.
class Boot {
public:
    Boot(Journal& journal, const Result<void>& opened, const BootDevice& device)
        : journal_(journal), device_(device), view_(open_view(journal, opened, device)) {}

    BootReport run() {
        if (view_.journal_lost && device_.mover != nullptr) recover();
        // At most: three looks, a move (or a record that fails) and a load, and that twice over.
        for (int i = 0; i < 14; ++i) {
            const Action action = decide(view_);
            if (action.kind == Action::Kind::verify || is_to_be_loaded(action)) {
                look(action.slot);
            } else if (action.kind == Action::Kind::move) {
                if (!told_) told_ = {action.decision, action.cause};
                if (const Error error = try_to_move(*action.record); error != Error::none) return stuck(error);
            } else if (record(action)) {
                return report(action);
            }
        }
        return {.cause = Error::nothing_bootable, .state = view_.state, .recorded = false};
    }

private:
    struct Told {
        Decision decision;
        Error cause;
    };

    void look(SlotId slot) {
        RegionReader stored(image_region(device_.map, slot, view_.state.phase));
        Reader* image = &stored;
        if (loads() && slot != SlotId::golden) {
            device_.ram->load(stored);
            in_ram_ = slot;
            image = device_.ram;
        }
        view_.slots[index_of(slot)] =
            view_.journal_lost
                ? steady_view(device_, slot, *image)
                : view_of(check_image(device_.map, slot, *image, device_.crypto, device_.keys, device_.scratch));
    }

    [[nodiscard]] bool loads() const { return device_.map.kind() == Scheme::ram_load && device_.ram != nullptr; }

    /// What runs from RAM is what was verified there: if another image was looked at since, it is loaded once more.
    [[nodiscard]] bool is_to_be_loaded(const Action& action) const {
        return loads() && action.kind == Action::Kind::run && in_ram_ != action.slot;
    }

    void recover() {
        const std::optional<State> found = device_.mover->recover(device_);
        if (!found) return;
        told_ = {Decision::recovered, Error::journal_lost};
        view_.journal_lost = false;
        view_.state = found->boot;
        view_.can_record = journal_.commit(*found).has_value();
    }

    /// False: it could not be written, and everything is to be decided anew without.
    bool record(const Action& action) {
        const std::optional<State> wanted = wanted_record(action, journal_, view_.journal_lost);
        if (!wanted || !view_.can_record) return true;
        if (journal_.commit(*wanted)) {
            view_.state = wanted->boot;
            return true;
        }
        view_.can_record = false;
        return false;
    }

    /// move(), or the decision to do without, where the journal took nothing: then nothing has moved either.
    Error try_to_move(const BootState& plan) {
        const bool begun = view_.state.plan != Plan::none;
        const Error error = move(plan);
        if (error == Error::none || goes_on_by_itself(error)) return error;
        if (begun || journal_.state().boot.plan != Plan::none) return error;
        view_.can_record = false;
        told_.reset();
        return Error::none;
    }

    /// Carries out what is left of a plan. Afterwards all is to be looked at anew. Error::none also where the plan was
    /// given up for a way back.
    Error move(const BootState& plan) {
        if (device_.mover == nullptr) return Error::bad_state;
        State next = view_.journal_lost ? State{} : journal_.state();
        next.boot = plan;
        if (const Result<void> moved = device_.mover->move(journal_, device_, next, bytes_to_move()); !moved)
            return moved.error();
        view_.state = next.boot;
        view_.journal_lost = false;
        view_.slots = {};
        return Error::none;
    }

    [[nodiscard]] std::uint32_t bytes_to_move() const {
        std::uint32_t most = 0;
        for (const SlotView& slot : view_.slots) {
            if (slot.verdict == SlotView::Verdict::valid && slot.bytes > most) most = slot.bytes;
        }
        return most;
    }

    /// Nothing runs; the next boot tries again.
    [[nodiscard]] BootReport stuck(Error cause) const {
        return {.cause = cause, .state = journal_.state().boot, .recorded = false};
    }

    [[nodiscard]] BootReport report(const Action& action) const {
        BootReport report{
            .decision = action.decision, .cause = action.cause, .state = view_.state, .recorded = view_.can_record};
        if (action.kind != Action::Kind::run) return report;
        report.slot = action.slot;
        // What made images move says more than what was found afterwards; but no trial came of a plan that was given
        // up.
        if (told_ && (action.decision == Decision::active || told_->decision == Decision::recovered))
            report.decision = told_->decision == Decision::trial ? Decision::switch_back : told_->decision;
        if (told_ && report.cause == Error::none) report.cause = told_->cause;
        return report;
    }

    Journal& journal_;
    const BootDevice& device_;
    BootView view_;
    std::optional<Told> told_;
    std::optional<SlotId> in_ram_;
};

}  // namespace

State state_of(const Journal& journal, const FlashMap& map) {
    return holds_state(journal, map) ? journal.state() : State{};
}

SlotView view_of(const Result<VerifiedImage>& image) {
    if (!image) return {.verdict = SlotView::Verdict::invalid, .why = image.error()};
    return {.verdict = SlotView::Verdict::valid,
            .digest = shorten(image->digest),
            .signed_part = shorten(image->signed_digest),
            .sequence = image->info.version.sequence(),
            .security_counter = image->info.security_counter.value_or(0),
            .bytes = image->info.total_bytes};
}

SlotView steady_view(const BootDevice& device, SlotId slot, Reader& reader) {
    constexpr int reads = 4;
    SlotView view;
    for (int i = 0; i < reads; ++i) {
        view = view_of(check_image(device.map, slot, reader, device.crypto, device.keys, device.scratch));
        if (view.verdict == SlotView::Verdict::invalid) break;
        // Cells may read one way and the other in turn, and verifying read them an even number of times: once more.
        for (std::size_t at = 0; i == 1 && at < view.bytes; at += device.scratch.size()) {
            const std::size_t bytes = std::min<std::size_t>(view.bytes - at, device.scratch.size());
            [[maybe_unused]] const auto seen = reader.read(static_cast<std::uint32_t>(at), device.scratch.first(bytes));
        }
    }
    return view;
}

BootReport boot(Journal& journal, const BootDevice& device) {
    return boot_opened(journal, journal.open(), device);
}

BootReport boot_opened(Journal& journal, const Result<void>& opened, const BootDevice& device) {
    return Boot(journal, opened, device).run();
}

}  // namespace sb
