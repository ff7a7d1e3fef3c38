// tools/diff: writing on a second core: while what was made is hashed and goes to the disk, the next bytes are made.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/diff/patch.hpp"

namespace sb::diff {

/// Writes to another sink on a thread of its own, behind by up to 1 MB, or by what was lent. The first half of a
/// megabyte, for which no thread pays, is written at once.
class WriteBehind final : public Sink {
public:
    /// Requires: `to` outlives this and is used by nobody else until finish() has returned.
    explicit WriteBehind(Sink& to) : to_(to) {}
    WriteBehind(const WriteBehind&) = delete;
    WriteBehind& operator=(const WriteBehind&) = delete;
    /// What was not finished may be written or not.
    ~WriteBehind() = default;

    /// All three throw what the other sink threw, at this call or a later one.
    void write(Bytes bytes) override;
    void lend(Bytes bytes) override;
    /// Waits until all is written.
    void finish();
    void settle() noexcept override;

private:
    /// What is to be written: in a room of ours, or lent.
    struct Piece {
        std::vector<std::uint8_t> room;
        Bytes bytes;
    };

    [[nodiscard]] bool at_once(Bytes bytes);
    void drain(const std::stop_token& stop);
    void hand_over(Piece piece);
    void hand_over_filled();
    void rethrow();

    Sink& to_;
    std::vector<std::uint8_t> filling_;
    std::size_t at_once_bytes_ = 0;

    std::mutex mutex_;  // for what follows
    std::condition_variable_any changed_;
    std::deque<Piece> waiting_;                     // the first one is being written
    std::vector<std::vector<std::uint8_t>> empty_;  // rooms to be filled again
    std::exception_ptr thrown_;
    std::jthread thread_;  // last: it ends before the rest
};

}  // namespace sb::diff
