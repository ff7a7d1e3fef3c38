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

/// Writes to another sink on a thread of its own, behind by up to 1 MB, or by as much as the largest write, 8 MB at
/// most. What fits in half a megabyte needs no thread.
class WriteBehind final : public Sink {
public:
    /// Requires: `to` outlives this and is used by nobody else until finish() has returned.
    explicit WriteBehind(Sink& to) : to_(to) {}
    WriteBehind(const WriteBehind&) = delete;
    WriteBehind& operator=(const WriteBehind&) = delete;
    /// What was not finished may be written or not.
    ~WriteBehind() = default;

    /// Throws what the other sink threw, at this call or a later one.
    void write(Bytes bytes) override;
    /// Waits until all is written; throws what the other sink threw.
    void finish();

private:
    using Piece = std::vector<std::uint8_t>;

    void drain(const std::stop_token& stop);
    void hand_over();
    /// Until at most `count` pieces wait to be written.
    void wait_for(std::size_t count);

    Sink& to_;
    Piece filling_;
    std::size_t most_waiting_ = 1;

    std::mutex mutex_;  // for what follows
    std::condition_variable_any changed_;
    std::deque<Piece> waiting_;  // the first one is being written
    std::vector<Piece> empty_;   // to be filled again
    std::exception_ptr thrown_;
    std::jthread thread_;  // last: it ends before the rest
};

}  // namespace sb::diff
