// sim/prove: the oracle. It knows nothing of pages, records or seals, only what was tried and what was answered.
// Every answer is an observation: what is read later may be the state that was answered or one tried after it, never
// an older one, never one that was dropped, never none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::prove {

class Observer {
public:
    /// The caller is about to write state `id` (ids rise; the same id may be tried again).
    void tries(std::uint32_t id) {
        if (std::find(allowed_.begin(), allowed_.end(), id) == allowed_.end()) allowed_.push_back(id);
    }

    /// A commit of `id` returned: whatever else was ever tried must not be seen again.
    void committed(std::uint32_t id) {
        allowed_.assign(1, id);
        answered_ = true;
    }

    /// An idle boot answered with `id`: what was tried before it must not be seen again, what was tried after it may.
    void idled(std::uint32_t id) {
        allowed_.erase(allowed_.begin(), std::find(allowed_.begin(), allowed_.end(), id));
        answered_ = true;
    }

    /// What a boot read: a state, or none. Returns what is wrong with that, empty if nothing is.
    [[nodiscard]] std::string read(std::optional<std::uint32_t> id) const {
        if (!id) return answered_ ? "everything is lost after a state was answered" : "";
        if (std::find(allowed_.begin(), allowed_.end(), *id) != allowed_.end()) return "";
        return "state " + std::to_string(*id) + " is read; an answer already told otherwise";
    }

private:
    std::vector<std::uint32_t> allowed_;
    bool answered_ = false;
};

}  // namespace sb::prove
