// sim/powercut: a map from fingerprints, which are as good as random already: one array, no pointers, nothing is ever
// taken out. Millions of look-ups go through it.
#pragma once

#include <vector>

#include "sim/flash/fingerprint.hpp"

namespace sb::sim {

template <class Value>
class FingerprintMap {
public:
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Value* find(const Fingerprint& key) const {
        if (slots_.empty()) return nullptr;
        const Slot& slot = slots_[place_of(key)];
        return slot.used ? &slot.value : nullptr;
    }
    /// Leaves what is there already.
    void add(const Fingerprint& key, const Value& value) {
        if (size_ * 2 >= slots_.size()) grow();
        Slot& slot = slots_[place_of(key)];
        if (slot.used) return;
        slot = {key, value, true};
        ++size_;
    }

private:
    struct Slot {
        Fingerprint key{};
        Value value{};
        bool used = false;
    };
    /// Where the key is, or would go: from its own place on the first that is its own or free.
    [[nodiscard]] std::size_t place_of(const Fingerprint& key) const {
        std::size_t at = key.low & (slots_.size() - 1);
        while (slots_[at].used && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
        return at;
    }
    void grow() {
        std::vector<Slot> old(slots_.empty() ? 1024 : slots_.size() * 2);
        old.swap(slots_);
        for (const Slot& slot : old)
            if (slot.used) slots_[place_of(slot.key)] = slot;
    }

    std::vector<Slot> slots_;  // a power of two of them, at most half are used
    std::size_t size_ = 0;
};

}  // namespace sb::sim
