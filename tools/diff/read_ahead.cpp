#include "tools/diff/read_ahead.hpp"

namespace sb::diff {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 16;

}  // namespace

void ReadAhead::fill(const std::stop_token& stop) {
    for (std::size_t i = 0;; i = (i + 1) % pieces_.size()) {
        Piece& piece = pieces_[i];
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return !piece.ready; })) return;
        }
        if (piece.room == nullptr) piece.room = std::make_unique_for_overwrite<std::uint8_t[]>(piece_bytes);
        piece.bytes = piece.used = 0;
        while (piece.bytes < piece_bytes && !piece.last) {
            const auto count = from_.read(MutableBytes(piece.room.get(), piece_bytes).subspan(piece.bytes));
            if (!count) piece.error = count.error();
            piece.last = !count || *count == 0;
            if (count) piece.bytes += *count;
        }
        const bool last = piece.last;
        {
            const std::lock_guard lock(mutex_);
            piece.ready = true;
        }
        changed_.notify_all();
        if (last) return;
    }
}

Result<std::size_t> ReadAhead::read(MutableBytes to) {
    if (to.empty()) return std::size_t{0};
    for (;;) {
        Piece& piece = pieces_[present_];
        if (!holds_) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return piece.ready; });
            holds_ = true;
        }
        if (piece.used < piece.bytes) {
            const std::size_t count = std::min(to.size(), piece.bytes - piece.used);
            copy(to.first(count), {piece.room.get() + piece.used, count});
            piece.used += count;
            return count;
        }
        if (piece.error != Error::none) return fail(piece.error);
        if (piece.last) return std::size_t{0};
        {
            const std::lock_guard lock(mutex_);
            piece.ready = false;
            holds_ = false;
        }
        changed_.notify_all();
        present_ = (present_ + 1) % pieces_.size();
    }
}

}  // namespace sb::diff
