#include "tools/diff/write_behind.hpp"

#include <algorithm>
#include <utility>

namespace sb::diff {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 19;
constexpr std::size_t most_pieces = 16;

}  // namespace

void WriteBehind::drain(const std::stop_token& stop) {
    for (;;) {
        const Piece* piece = nullptr;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
            piece = &waiting_.front();  // stays where it is while others come
        }
        std::exception_ptr thrown;
        try {
            to_.write(*piece);
        } catch (...) {
            thrown = std::current_exception();
        }
        {
            const std::lock_guard lock(mutex_);
            empty_.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
            thrown_ = thrown;
        }
        changed_.notify_all();
        if (thrown) return;
    }
}

void WriteBehind::wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() <= count || thrown_; });
    if (thrown_) std::rethrow_exception(thrown_);
}

void WriteBehind::hand_over() {
    wait_for(most_waiting_ - 1);
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::exchange(filling_, {}));
        if (!empty_.empty()) {
            filling_ = std::move(empty_.back());
            empty_.pop_back();
        }
    }
    filling_.clear();
    changed_.notify_all();
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { drain(stop); });
}

void WriteBehind::write(Bytes bytes) {
    most_waiting_ = std::max(most_waiting_, std::min(bytes.size() / piece_bytes, most_pieces));
    while (!bytes.empty()) {
        const std::size_t count = std::min(bytes.size(), piece_bytes - filling_.size());
        filling_.reserve(piece_bytes);
        filling_.insert(filling_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
        bytes = bytes.subspan(count);
        if (filling_.size() == piece_bytes) hand_over();
    }
}

void WriteBehind::finish() {
    wait_for(0);
    to_.write(filling_);
    filling_.clear();
}

}  // namespace sb::diff
