// How the explorer tells a story: each step is done once more, from the state that it began with.
#include "sim/powercut/cuts.hpp"
#include "sim/prove/device_explorer.hpp"

namespace sb::prove {

std::string DeviceExplorer::where(std::uint32_t offset) const {
    const sim::BoardMap& map = board_.regions();
    const auto inside = [&](const EraseUnit& region, const char* name) -> std::string {
        if (offset < region.offset || offset - region.offset >= region.bytes) return "";
        return std::string(name) + " + " + std::to_string(offset - region.offset);
    };
    for (const auto& text :
         {inside(map.slots[0], "slot A"), inside(map.slots[1], "slot B"), inside(map.patch, "patch area"),
          inside(map.golden, "golden"), inside(map.journal, "journal")}) {
        if (!text.empty()) return text;
    }
    return std::to_string(offset);
}

std::string DeviceExplorer::tell_readings() const {
    static constexpr std::array how = {"as done", "as before", "as done and as before in turn",
                                       "as before and as done in turn"};
    std::string text;
    for (const Asked& asked : asked_)
        text +=
            (text.empty() ? "; weak cells at " : ", those at ") + where(asked.offset) + " read " + how[asked.choice];
    return text;
}

std::string DeviceExplorer::name_of_deed(Deed deed, const Promises& now) const {
    switch (deed) {
        case Deed::boot:
            return "boot";
        case Deed::install:
            return std::string("install ") + name_of(image_for(now));
        case Deed::install_whole:
            return std::string("install the whole of ") + name_of(image_for(now));
        case Deed::confirm:
            return std::string("confirm ") + name_of(now.runs);
        case Deed::ask_for_reset:
            return "ask for the factory image";
        case Deed::ask_to_wait:
            return "ask for update mode";
        case Deed::stop_waiting:
            return "leave update mode";
    }
    return "?";
}

std::string DeviceExplorer::tell_step(Id from, const Step& step) {
    begin_deed(from, step.choices);
    Promises now = store_.at(from).promises;
    std::string text = name_of_deed(step.deed, now);
    std::string cut;
    flash_.on_change = [&](std::uint32_t offset, Bytes data) {
        if (++operation_ != step.operation) return;
        cut = (data.empty() ? "erase" : "program of " + std::to_string(data.size()) + " bytes") + std::string(" at ") +
              where(offset);
        const Outcome& outcome = (data.empty() ? erase_outcomes_ : program_outcomes_)[step.outcome];
        const bool open = outcome.cut.weak_reads == as_it_likes && !outcome.wiped;
        std::string how = sim::describe(outcome.cut);
        if (open) how = how.substr(0, how.find(", reads"));
        cut += ": " + how + (outcome.wiped ? "; the journal is wiped" : "");
        flash_.power_off();
    };
    static_cast<void>(act(step.deed, now));
    flash_.on_change = nullptr;
    flash_.power_on();
    if (step.operation != 0) {
        text += ": cut in operation " + std::to_string(step.operation) + ", " + cut;
    } else if (step.deed == Deed::boot) {
        const bool runs = board_.running().has_value();
        const char* const slot = board_.running() == SlotId::b ? " in slot B" : " in slot A";
        text += std::string(": ") + (runs ? "runs " : "nothing runs, update mode");
        if (runs) text += name_of(look(*board_.running())) + std::string(slot);
    } else {
        text += ": done";
    }
    return text + tell_readings();
}

std::vector<std::string> DeviceExplorer::tell(const Objection& objection) {
    std::vector<std::pair<Id, Step>> steps = {{objection.from, objection.step}};
    for (Id at = objection.from; store_.at(at).parent != StateStore::none; at = store_.at(at).parent)
        steps.insert(steps.begin(), {store_.at(at).parent, store_.at(at).step});
    std::vector<std::string> story;
    story.reserve(steps.size() + 1);
    for (const auto& [from, step] : steps) story.push_back(tell_step(from, step));
    story.push_back(objection.what);
    return story;
}

}  // namespace sb::prove
