#include "tools/diff/write_behind.hpp"

#include <algorithm>
#include <utility>

namespace sb::diff {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 17;
constexpr std::size_t most_rooms = 8;
constexpr std::size_t no_thread_bytes = std::size_t{1} << 19;

}  // namespace

void WriteBehind::drain(const std::stop_token& stop) {
    for (;;) {
        Bytes bytes;
        bool skip = false;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
            bytes = waiting_.front().bytes;
            skip = thrown_ != nullptr;
        }
        std::exception_ptr thrown;
        try {
            if (!skip) to_.write(bytes);
        } catch (...) {
            thrown = std::current_exception();
        }
        {
            const std::lock_guard lock(mutex_);
            if (!waiting_.front().room.empty()) empty_.push_back(std::move(waiting_.front().room));
            waiting_.pop_front();
            if (thrown) thrown_ = thrown;
        }
        changed_.notify_all();
    }
}

void WriteBehind::rethrow() {
    const std::lock_guard lock(mutex_);
    if (thrown_) std::rethrow_exception(thrown_);
}

void WriteBehind::hand_over(Piece piece) {
    {
        std::unique_lock lock(mutex_);
        if (!piece.room.empty()) changed_.wait(lock, [&] { return waiting_.size() < most_rooms; });
        waiting_.push_back(std::move(piece));
    }
    changed_.notify_all();
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { drain(stop); });
    rethrow();
}

void WriteBehind::hand_over_filled() {
    if (filling_.empty()) return;
    Piece piece{std::exchange(filling_, {}), {}};
    piece.bytes = piece.room;
    hand_over(std::move(piece));
}

/// Whether `bytes` were written here and now, as the first ones.
bool WriteBehind::at_once(Bytes bytes) {
    if (at_once_bytes_ + bytes.size() > no_thread_bytes) {
        at_once_bytes_ = no_thread_bytes + 1;  // and not again
        return false;
    }
    try {
        to_.write(bytes);
    } catch (...) {
        const std::lock_guard lock(mutex_);
        thrown_ = std::current_exception();
    }
    at_once_bytes_ += bytes.size();
    rethrow();
    return true;
}

void WriteBehind::write(Bytes bytes) {
    if (at_once(bytes)) return;
    while (!bytes.empty()) {
        if (filling_.empty()) {
            {
                const std::lock_guard lock(mutex_);
                if (!empty_.empty()) {
                    filling_ = std::move(empty_.back());
                    empty_.pop_back();
                }
            }
            filling_.clear();
            filling_.reserve(piece_bytes);
        }
        const std::size_t count = std::min(bytes.size(), piece_bytes - filling_.size());
        filling_.insert(filling_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
        bytes = bytes.subspan(count);
        if (filling_.size() == piece_bytes) hand_over_filled();
    }
}

void WriteBehind::lend(Bytes bytes) {
    if (bytes.empty() || at_once(bytes)) return;
    hand_over_filled();
    hand_over({{}, bytes});
}

void WriteBehind::settle() noexcept {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty(); });
}

void WriteBehind::finish() {
    settle();
    rethrow();
    to_.write(filling_);
    filling_.clear();
}

}  // namespace sb::diff
