// A ring of N values: the newest pushes out the oldest when it is full. No interrupt safety of its own.
#pragma once

#include <array>
#include <cstddef>

namespace app {

template <class T, std::size_t N>
class Ring {
public:
    static_assert(N > 0);

    /// Appends `value`; overwrites the oldest one when full.
    void push(const T& value) {
        slots_[(first_ + count_) % N] = value;
        if (count_ < N) {
            ++count_;
        } else {
            first_ = (first_ + 1) % N;
        }
    }

    /// Takes the oldest value out. False when empty; `out` is then untouched.
    bool pop(T& out) {
        if (count_ == 0) return false;
        out = slots_[first_];
        first_ = (first_ + 1) % N;
        --count_;
        return true;
    }

    /// The i-th oldest value. Requires i < size().
    [[nodiscard]] const T& operator[](std::size_t i) const { return slots_[(first_ + i) % N]; }
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] bool full() const { return count_ == N; }
    [[nodiscard]] static constexpr std::size_t capacity() { return N; }
    void clear() { first_ = count_ = 0; }

private:
    std::array<T, N> slots_{};
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace app
